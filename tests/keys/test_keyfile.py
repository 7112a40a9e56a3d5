"""An agent's key file: sign in, wrong passphrase, damage, planted files."""

from dataclasses import replace

import pytest

from archive.canonical import format_json, parse_json
from archive.digests import Digest
from archive.errors import KeysError
from archive.ids import Id
from keys.errors import DamagedKey
from keys.identities import Identity, PassphraseIdentity
from keys.keyfile import LOG_N, MOST_OTHERS, AgentSecret, KeyPair, format_key_file, open_key_file
from keys.recipients import PassphraseRecipient
from keys.sealing import open_, seal, split
from keys.signing import SigningKey

CHEAPEST = 1
PASSPHRASE = "academic acid acne acquire acrobat activity"
SECRET = AgentSecret(
    identity=Identity(bytes(range(32))),
    signing=SigningKey(bytes(range(1, 33))),
    agent=Id("a" * 26),
    archive=Id("b" * 25 + "a"),
    genesis=Digest.of(b"genesis"),
    size=7,
    root=bytes(range(32)),
    issued=True,
)


@pytest.fixture(scope="module")
def key_file():
    return format_key_file(SECRET, PASSPHRASE, log_n=CHEAPEST)


def plaintext_of(key_file):
    header, body = split(key_file)
    return open_(header, body, PassphraseIdentity(PASSPHRASE, CHEAPEST), commitment=None)


def planted(plaintext):
    sealed = seal(plaintext, [PassphraseRecipient(PASSPHRASE, CHEAPEST)])
    return sealed.header + sealed.body


def fields(secret):
    return (
        secret.identity.text,
        secret.signing.seed,
        *(getattr(secret, name) for name in ("agent", "archive", "genesis", "size", "root", "issued")),
    )


def test_a_key_file_opens_with_its_passphrase_however_it_is_typed(key_file):
    for typed in (PASSPHRASE, f"  {PASSPHRASE.upper()} "):
        assert fields(open_key_file(key_file, typed, log_n=CHEAPEST)) == fields(SECRET)


def test_a_key_file_is_an_age_file_with_the_documented_json_inside(key_file):
    value = parse_json(plaintext_of(key_file))
    assert set(value) == {
        "kind",
        "v",
        "archive",
        "agent",
        "identity",
        "signing",
        "genesis",
        "checkpoint",
        "issued",
        "others",
    }
    assert (value["kind"], value["v"], value["checkpoint"]["size"]) == ("agent-key", 2, 7)
    assert value["identity"].startswith("AGE-SECRET-KEY-PQ-1")


def test_a_wrong_passphrase_is_refused_and_not_called_damage(key_file):
    with pytest.raises(KeysError) as caught:
        open_key_file(key_file, "another passphrase altogether", log_n=CHEAPEST)
    assert (caught.value.code, caught.value.exit_status) == ("K10", 3)


def test_any_flipped_byte_fails_and_nothing_secret_is_said(key_file):
    codes = set()
    for at in range(len(key_file)):
        damaged = bytearray(key_file)
        damaged[at] ^= 0x01
        with pytest.raises(KeysError) as caught:
            open_key_file(bytes(damaged), PASSPHRASE, log_n=CHEAPEST)
        codes.add((caught.value.code, caught.value.exit_status))
        assert "academic" not in str(caught.value)
    assert codes == {("K10", 3), ("K21", 4)}


def test_a_truncated_or_continued_key_file_is_damaged(key_file):
    for damaged in (b"", key_file[:100], key_file[:-1], key_file + b"\0", b"\0" * 100_000):
        with pytest.raises(DamagedKey) as caught:
            open_key_file(damaged, PASSPHRASE, log_n=CHEAPEST)
        assert caught.value.code == "K21"


def test_any_other_work_factor_is_refused_without_trying_it(key_file):
    for log_n in (CHEAPEST + 1, LOG_N):
        with pytest.raises(DamagedKey, match="K19"):
            open_key_file(key_file, PASSPHRASE, log_n=log_n)
    dearer = format_key_file(SECRET, PASSPHRASE, log_n=CHEAPEST + 1)
    with pytest.raises(DamagedKey, match="K19"):
        open_key_file(dearer, PASSPHRASE, log_n=CHEAPEST)


def test_the_work_factor_is_seventeen_unless_told_otherwise():
    data = format_key_file(SECRET, PASSPHRASE)
    assert b" 17\n" in data.partition(b"---")[0]
    assert fields(open_key_file(data, PASSPHRASE)) == fields(SECRET)


def test_a_key_file_sealed_to_a_key_instead_of_a_passphrase_is_refused():
    sealed = seal(b"{}", [SECRET.identity.recipient])
    with pytest.raises(KeysError):
        open_key_file(sealed.header + sealed.body, PASSPHRASE, log_n=CHEAPEST)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "log-key"),
        ("v", 1),
        ("v", 3),
        ("v", True),
        ("others", None),
        ("others", [1]),
        ("others", [{"identity": "AGE-SECRET-KEY-PQ-1QQQQ", "signing": "AAAA"}]),
        ("others", [{"identity": "AGE-SECRET-KEY-PQ-1QQQQ"}]),
        ("archive", "short"),
        ("archive", ["a"] * 26),
        ("agent", None),
        ("identity", "AGE-SECRET-KEY-PQ-1QQQQ"),
        ("identity", 5),
        ("signing", "AAAA"),
        ("signing", "%%%%"),
        ("genesis", "00"),
        ("checkpoint", None),
        ("checkpoint", {"size": 1}),
        ("checkpoint", {"size": -1, "root": "A" * 43 + "="}),
        ("checkpoint", {"size": True, "root": "A" * 43 + "="}),
        ("checkpoint", {"size": 1, "root": "AAAA"}),
        ("checkpoint", {"size": 1, "root": 5}),
        ("issued", 1),
        ("surplus", 1),
    ],
)
def test_contents_that_are_no_agent_key_are_refused(key_file, name, value):
    contents = {**parse_json(plaintext_of(key_file)), name: value}
    with pytest.raises(DamagedKey) as caught:
        open_key_file(planted(format_json(contents)), PASSPHRASE, log_n=CHEAPEST)
    assert (caught.value.code, caught.value.exit_status) == ("K21", 4)


@pytest.mark.parametrize("plaintext", [b"", b"[]", b"null", b"{}", b"not json", b'{"v": 1}', b"\xff"])
def test_contents_that_are_no_canonical_object_are_refused(plaintext):
    with pytest.raises(DamagedKey):
        open_key_file(planted(plaintext), PASSPHRASE, log_n=CHEAPEST)


def test_a_secret_that_could_not_be_read_back_is_refused_before_it_is_stored():
    for size, root in ((-1, bytes(32)), (0, bytes(31))):
        with pytest.raises(KeysError) as caught:
            AgentSecret(
                SECRET.identity,
                SECRET.signing,
                SECRET.agent,
                SECRET.archive,
                SECRET.genesis,
                size,
                root,
                False,
            )
        assert caught.value.code == "K31"


def test_a_key_file_of_version_1_still_opens(key_file):
    contents = {**parse_json(plaintext_of(key_file)), "v": 1}
    del contents["others"]
    secret = open_key_file(planted(format_json(contents)), PASSPHRASE, log_n=CHEAPEST)
    assert (fields(secret), secret.others) == (fields(SECRET), ())


def test_other_keys_are_kept_newest_first_and_never_so_many_that_the_file_would_not_open():
    secret = SECRET
    for number in range(MOST_OTHERS + 2):
        secret = secret.using(KeyPair(Identity(number.to_bytes(32)), SigningKey(number.to_bytes(32))))
    opened = open_key_file(format_key_file(secret, PASSPHRASE, log_n=CHEAPEST), PASSPHRASE, log_n=CHEAPEST)
    seeds = [int.from_bytes(pair.signing.seed) for pair in opened.pairs]
    assert seeds == list(range(MOST_OTHERS + 1, -1, -1))[: MOST_OTHERS + 1]
    with pytest.raises(KeysError, match="too many keys"):
        replace(secret, others=secret.others + secret.others[:1])
