"""Signatures, and the log key's stored form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import ed25519
from archive.errors import CustodyError, KeysError
from keys.errors import DamagedKey, SignatureError
from keys.signing import LogKey, SigningKey, format_log_key, parse_log_key, verify_ed25519, verify_mldsa44

SEED = bytes(range(32))
MESSAGE = "пратакол".encode()


def test_ed25519_gives_the_signature_of_rfc_8032():
    key = SigningKey(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    assert key.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a")


def test_a_signature_verifies_and_hands_back_the_message():
    key, log = SigningKey(SEED), LogKey(SEED, SEED)
    assert verify_ed25519(key.public, MESSAGE, key.sign(MESSAGE)) == MESSAGE
    assert verify_ed25519(log.ed25519_public, MESSAGE, log.sign_ed25519(MESSAGE)) == MESSAGE
    assert verify_mldsa44(log.mldsa44_public, MESSAGE, log.sign_mldsa44(MESSAGE)) == MESSAGE


def test_keys_and_signatures_have_the_sizes_the_log_expects():
    log = LogKey(SEED, SEED)
    assert (len(log.ed25519_public), len(log.sign_ed25519(MESSAGE))) == (32, 64)
    assert (len(log.mldsa44_public), len(log.sign_mldsa44(MESSAGE))) == (1312, 2420)


@pytest.mark.parametrize("verify", [verify_ed25519, verify_mldsa44])
def test_anything_altered_is_refused(verify):
    log = LogKey(SEED, SEED)
    ed25519 = (log.ed25519_public, MESSAGE, log.sign_ed25519(MESSAGE))
    genuine = (
        ed25519 if verify is verify_ed25519 else (log.mldsa44_public, MESSAGE, log.sign_mldsa44(MESSAGE))
    )
    for part in range(3):
        for change in (
            lambda b: b[:-1] + bytes([b[-1] ^ 1]),
            lambda b: b[:-1],
            lambda b: b + b"\0",
            lambda b: b"",
        ):
            altered = list(genuine)
            altered[part] = change(altered[part])
            with pytest.raises(SignatureError) as caught:
                verify(*altered)
            assert (caught.value.code, caught.value.exit_status) == ("K20", 1)


FIELD = 2**255 - 19
BIT = 1 << 255
ORDER_8 = [
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]
WEAK = [y + sign for y in (0, 1, FIELD - 1, FIELD, FIELD + 1) for sign in (0, BIT)]
WEAK += [int.from_bytes(bytes.fromhex(text), "little") + sign for text in ORDER_8 for sign in (0, BIT)]


@pytest.mark.parametrize("number", WEAK)
def test_a_key_under_which_one_signature_fits_many_messages_is_refused(number):
    public = number.to_bytes(32, "little")
    signature = (1).to_bytes(32, "little") + bytes(32)  # R neutral, S zero
    with pytest.raises(SignatureError):
        verify_ed25519(public, MESSAGE, signature)
    with pytest.raises(CustodyError):
        ed25519.verify(public, MESSAGE, signature)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 127), st.integers(0, 255))
def test_the_fast_verifier_and_the_plain_one_agree(seed, at, value):
    key = SigningKey(seed)
    forged = bytearray(key.public + MESSAGE[:32].ljust(32) + key.sign(MESSAGE[:32].ljust(32)))
    forged[at] = value
    public, message, signature = bytes(forged[:32]), bytes(forged[32:64]), bytes(forged[64:])
    verdicts = []
    for verify in (verify_ed25519, ed25519.verify):
        try:
            verify(public, message, signature)
            verdicts.append(True)
        except (SignatureError, CustodyError):
            verdicts.append(False)
    assert verdicts[0] == verdicts[1]


def test_a_log_key_is_stored_and_read_back():
    log = LogKey.generate()
    data = format_log_key(log)
    again = parse_log_key(data)
    assert again.ed25519_public == log.ed25519_public
    assert again.mldsa44_public == log.mldsa44_public
    assert format_log_key(again) == data


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: data.replace(b'"v":1', b'"v":2'),
        lambda data: data.replace(b'"v":1', b'"v":true'),
        lambda data: data.replace(b"log-key", b"agent-key"),
        lambda data: data.replace(b'"v":1', b'"v":1,"w":1'),
        lambda data: data.replace(b"AAEC", b"AAE", 1),
        lambda data: data.replace(b'"AAEC', b'"AAECAAEC', 1),
        lambda data: b'{"ed25519":1,"kind":"log-key","mldsa44":2,"v":1}',
        lambda data: b"[]",
        lambda data: b"",
    ],
)
def test_a_damaged_log_key_is_refused_without_repeating_it(change):
    data = change(format_log_key(LogKey(SEED, SEED)))
    with pytest.raises(DamagedKey) as caught:
        parse_log_key(data)
    assert (caught.value.code, caught.value.exit_status) == ("K22", 4)
    assert "AAEC" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_seeds_of_another_length_are_refused():
    with pytest.raises(KeysError):
        LogKey(SEED, SEED[:-1])
