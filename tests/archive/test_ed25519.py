"""Ed25519 verification: RFC 8032's vectors, OpenSSL's verdicts, and the places where we are stricter."""

import hashlib
from contextlib import contextmanager

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import ed25519
from archive.ed25519_tables import MOST_KEYS, Tables, product, table
from archive.errors import CustodyError

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()

# RFC 8032 7.1: TEST 1, TEST 2, TEST 3, TEST SHA(abc).
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        b"",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        b"\x72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        b"\xaf\x82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").digest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]

# All points whose order divides 8.
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]


TABLES = Tables()


@contextmanager
def refused(code):
    with pytest.raises(CustodyError) as caught:
        yield
    assert caught.value.code == code


def verify(public, message, signature):
    """Verify plainly and by tables, which say the same."""
    codes = []
    for check in (ed25519.verify, TABLES.verify):
        try:
            check(public, message, signature)
        except CustodyError as fault:
            codes.append(fault)
    if codes:
        plain, by_tables = codes
        assert (plain.code, str(plain)) == (by_tables.code, str(by_tables))
        raise plain


def ours(public, message, signature):
    try:
        verify(public, message, signature)
    except CustodyError:
        return False
    return True


def openssl(public, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def flipped(data, bit):
    return (int.from_bytes(data, "little") ^ 1 << bit % (8 * len(data))).to_bytes(len(data), "little")


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_rfc_8032_verify_and_no_bit_of_them_is_idle(public, message, signature):
    public, signature = bytes.fromhex(public), bytes.fromhex(signature)
    verify(public, message, signature)
    for bit in range(3, 512, 37):
        assert not ours(public, message, flipped(signature, bit))
        assert not ours(flipped(public, bit), message, signature)
    assert not ours(public, message + b"\x00", signature)


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300))
def test_what_openssl_signs_verifies(seed, message):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    verify(key.public_key().public_bytes_raw(), message, key.sign(message))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["public", "R", "S", "message"]),
    st.integers(0, 2**16),
    st.binary(min_size=1, max_size=40),
)
def test_openssl_and_we_agree_on_mangled_signatures(part, bit, message):
    signature, public, signed = KEY.sign(message), PUBLIC, message
    if part == "public":
        public = flipped(public, bit)
    elif part == "message":
        signed = flipped(message, bit)
    elif part == "R":
        signature = flipped(signature[:32], bit) + signature[32:]
    else:
        signature = signature[:32] + flipped(signature[32:], bit)
    assert ours(public, signed, signature) == openssl(public, signed, signature) is False


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
def test_openssl_and_we_agree_on_noise(public, signature):
    assert not ours(public, b"", signature)
    assert not openssl(public, b"", signature)


def test_a_signature_that_does_not_hold_is_told_from_a_malformed_one():
    signature = KEY.sign(b"one")
    with refused("C19"):
        verify(PUBLIC, b"two", signature)
    for malformed in (b"", signature[:-1], signature + b"\x00"):
        with refused("C18"):
            verify(PUBLIC, b"one", malformed)
    for public in (b"", PUBLIC[:-1], PUBLIC + b"\x00"):
        with refused("C18"):
            verify(public, b"one", signature)


@pytest.mark.parametrize("times", [1, 2, 7])
def test_a_second_spelling_of_s_is_refused(times):
    signature = KEY.sign(b"message")
    s = int.from_bytes(signature[32:], "little") + times * L
    with refused("C18"):
        verify(PUBLIC, b"message", signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("s", [L, L + 1, 2**256 - 1])
def test_an_s_from_the_group_order_on_is_refused(s):
    with refused("C18"):
        verify(PUBLIC, b"message", KEY.sign(b"message")[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("y", [*range(P, 2**255, 6), 2**255 - 1])
def test_a_public_key_above_the_prime_is_refused(y):
    for sign in (0, 1 << 255):
        with refused("C18"):
            verify((y | sign).to_bytes(32, "little"), b"", KEY.sign(b""))


def test_a_public_key_off_the_curve_is_refused():
    off_curve = 0
    for y in range(2, 40):
        try:
            verify(y.to_bytes(32, "little"), b"", KEY.sign(b""))
        except CustodyError as error:
            off_curve += error.code == "C18"
    assert 10 < off_curve < 30


@pytest.mark.parametrize("x_zero", ["01" + "00" * 30 + "80", "ec" + "ff" * 31])
def test_zero_with_a_sign_is_refused(x_zero):
    with refused("C18"):
        verify(bytes.fromhex(x_zero), b"", KEY.sign(b""))


@pytest.mark.parametrize("public", SMALL_ORDER)
def test_a_public_key_of_small_order_is_refused(public):
    # Under the identity this signature fits every message; OpenSSL accepts it.
    fits_all = bytes.fromhex(SMALL_ORDER[0]) + bytes(32)
    assert openssl(bytes.fromhex(SMALL_ORDER[0]), b"anything", fits_all)
    with refused("C18"):
        verify(bytes.fromhex(public), b"anything", fits_all)


# A slow affine reference, to make keys and signatures that no honest signer makes.

D = -121665 * pow(121666, -1, P) % P
BASE_Y = 4 * pow(5, -1, P) % P
BASE = (15112221349535400772501151409588531511454012693041857206046113283949847762202, BASE_Y)
ORDER_TWO = (0, P - 1)
TABLE_OF_BASE = table(ed25519.BASE)


def add(p, q):
    product = D * p[0] * q[0] * p[1] * q[1] % P
    x = (p[0] * q[1] + q[0] * p[1]) * pow(1 + product, -1, P)
    y = (p[1] * q[1] + p[0] * q[0]) * pow(1 - product, -1, P)
    return x % P, y % P


def multiply(scalar, point):
    total = (0, 1)
    for bit in bin(scalar)[2:]:
        total = add(total, total)
        total = add(total, point) if bit == "1" else total
    return total


def encode(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def test_a_key_of_mixed_order_gets_openssls_verdicts():
    # With the cofactor every one of these would verify; without it only those with an even challenge.
    secret, nonce = 987654321, 123456789
    public, r = encode(add(multiply(secret, BASE), ORDER_TWO)), encode(multiply(nonce, BASE))
    verdicts = set()
    for number in range(12):
        message = b"message %d" % number
        k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L
        signature = r + ((nonce + k * secret) % L).to_bytes(32, "little")
        verdict = ours(public, message, signature)
        assert verdict == openssl(public, message, signature) == (k % 2 == 0)
        verdicts.add(verdict)
    assert verdicts == {True, False}


@settings(max_examples=40)
@given(scalar=st.integers(0, 2**256 - 1))
def test_a_table_gives_every_multiple(scalar):
    assert ed25519.encode(product(TABLE_OF_BASE, scalar)) == encode(multiply(scalar, BASE))


def test_tables_of_keys_are_few():
    tables = Tables()
    for number in range(MOST_KEYS + 3):
        key = Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))
        tables.verify(key.public_key().public_bytes_raw(), b"one", key.sign(b"one"))
    assert len(tables._keys) == MOST_KEYS
    tables.verify(PUBLIC, b"two", KEY.sign(b"two"))
    assert next(reversed(tables._keys)) == PUBLIC
