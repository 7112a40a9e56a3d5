"""Logs that follow one another, and what is put on record of what was lost between them."""

from dataclasses import replace

import pytest
from ledger_builder import ORIGIN, Builder, reader

from archive.checkpoints import Checkpoint, sign_checkpoint
from archive.codec import b64
from archive.digests import Digest
from archive.errors import CustodyError
from archive.kinds import Kind
from archive.merkle import leaf_hash, prove_inclusion
from archive.proofs import TlogProof, format_tlog_proof
from archive.settings import Settings, as_of, format_settings, origin_of, parse_settings
from archive.succession import Predecessor, end_of, is_of_one_archive, keys_of, origins
from archive.trust import Trust, format_trust, parse_trust
from archive.vkeys import ED25519, MLDSA44, VKey, format_vkey
from keys.signing import LogKey

NEXT = LogKey(b"n" * 32, b"n" * 32)


class Successor(Builder):
    """A log of which the last entry, an accession, is lost, with what is needed to succeed it."""

    def __post_init__(self):
        super().__post_init__()
        self.kept = len(self.entries)
        other = Builder()
        assert other.entries == self.entries
        other.accession(other.anna, "main")
        self.lost = other

    def origin(self):
        return f"{origin_of(self.ledger.archive)}/next"

    def keys(self, origin):
        return [
            format_vkey(VKey.of(origin, ED25519, NEXT.ed25519_public)),
            format_vkey(VKey.of(origin, MLDSA44, NEXT.mldsa44_public)),
        ]

    def succession(self, who=None, **changes):
        origin = changes.get("origin", self.origin())
        before = {"origin": ORIGIN, "log_keys": list(self.log_keys), "size": self.kept}
        data = {
            "predecessor": before | changes.get("predecessor", {}),
            "log_keys": changes.get("keys", self.keys(origin)),
        }
        seen = changes.get("seen", self.seen())
        return self.write(who or self.archive, Kind.SUCCESSION, data, origin=origin, seen=seen)

    def proof(self, index=None):
        """Prove one of the lost log's entries, the last unless told otherwise."""
        leaves = list(map(leaf_hash, self.lost.entries))
        index = len(leaves) - 1 if index is None else index
        hashes = tuple(prove_inclusion(index, len(leaves), reader(leaves)))
        return TlogProof(index, hashes, self.lost.note())

    def readmission(self, who=None, **changes):
        entry = changes.get("entry", self.lost.entries[-1])
        proof = format_tlog_proof(changes.get("proof", self.proof())).decode()
        return self.write(
            who or self.archive, Kind.READMISSION, {"entry": b64(entry), "proof": proof}, origin=self.origin()
        )


@pytest.fixture
def builder():
    return Successor()


@pytest.fixture
def succeeded(builder):
    builder.add(builder.succession())
    return builder


def code_of(action, *arguments):
    with pytest.raises(CustodyError) as raised:
        action(*arguments)
    return raised.value.code


def test_a_successor_begins_with_all_of_the_log_before_it(builder):
    builder.add(builder.succession())
    ledger = builder.ledger
    assert (ledger.origin, list(ledger.log_keys)) == (builder.origin(), builder.keys(builder.origin()))
    assert ledger.earlier == [Predecessor(ORIGIN, builder.log_keys, builder.kept)]


def test_after_it_events_of_the_earlier_log_are_foreign(succeeded):
    assert code_of(succeeded.accession, succeeded.anna, "main") == "C61"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"predecessor": {"origin": "sviedka.invalid/other"}}, "C64"),
        ({"predecessor": {"size": 1}}, "C64"),
        ({"predecessor": {"log_keys": []}}, "C64"),
        ({"origin": ORIGIN}, "C64"),
        ({"origin": "sviedka.invalid/other/next"}, "C64"),
        ({"keys": []}, "C64"),
    ],
)
def test_a_successor_that_is_not_of_this_log_is_refused(builder, changes, code):
    assert code_of(builder.add, builder.succession(**changes)) == code
    assert builder.ledger.origin == ORIGIN


def test_the_keys_of_a_successor_bear_its_name(builder):
    assert code_of(builder.add, builder.succession(keys=builder.keys("sviedka.invalid/x"))) == "C64"


def test_a_successor_cites_the_very_end_of_the_log_before_it(builder):
    seen = builder.seen()
    assert code_of(builder.add, builder.succession(seen=replace(seen, size=seen.size - 1))) == "C64"


def test_nobody_but_the_archive_itself_starts_a_successor_or_readmits(builder):
    assert code_of(builder.add, builder.succession(builder.anna)) == "C63"
    builder = Successor()
    builder.add(builder.succession())
    assert code_of(builder.add, builder.readmission(builder.anna)) == "C63"


def test_what_was_lost_is_readmitted_once(succeeded):
    succeeded.add(succeeded.readmission())
    [lost] = succeeded.ledger.readmitted.values()
    assert (lost.entry, lost.index) == (Digest.of(succeeded.lost.entries[-1]), succeeded.kept + 1)
    assert code_of(succeeded.add, succeeded.readmission()) == "C64"


def test_what_was_not_lost_is_not_readmitted(succeeded):
    entry, proof = succeeded.lost.entries[0], succeeded.proof(0)
    assert code_of(succeeded.add, succeeded.readmission(entry=entry, proof=proof)) == "C64"


def test_nothing_is_readmitted_without_a_predecessor(builder):
    write = builder.write
    builder.write = lambda *given, **changed: write(*given, **{**changed, "origin": ORIGIN})
    assert code_of(builder.add, builder.readmission()) == "C64"


@pytest.mark.parametrize("what", ["hash", "index", "note", "entry"])
def test_what_the_earlier_log_does_not_prove_is_not_readmitted(succeeded, what):
    proof = succeeded.proof()
    forged = {
        "hash": {"proof": replace(proof, hashes=(bytes(32), *proof.hashes[1:]))},
        "index": {"proof": replace(proof, index=proof.index + 1)},
        "note": {"proof": replace(proof, checkpoint=signed_by(NEXT, succeeded.lost))},
        "entry": {
            "entry": succeeded.lost.write(succeeded.lost.anna, Kind.SUSPENSION, {"agent": succeeded.id()})
        },
    }[what]
    assert code_of(succeeded.add, succeeded.readmission(**forged)) == "C64"


def signed_by(key, builder):
    """Sign the checkpoint of a log with keys that are not its own."""
    return sign_checkpoint(
        Checkpoint(ORIGIN, builder.frontier.size, builder.frontier.root()),
        sign_ed25519=key.sign_ed25519,
        ed25519_vkey=VKey.of(ORIGIN, ED25519, key.ed25519_public),
        sign_mldsa44=key.sign_mldsa44,
        mldsa44_vkey=VKey.of(ORIGIN, MLDSA44, key.mldsa44_public),
        timestamp=1_800_000_000,
    )


LINE = Trust("a/b/3", ("k3",), earlier=(Predecessor("a/b", ("k1",), 5), Predecessor("a/b/2", ("k2",), 9)))


def test_a_line_of_logs_tells_keys_and_ends():
    assert list(origins(LINE)) == ["a/b", "a/b/2", "a/b/3"]
    assert [keys_of(LINE, origin) for origin in (*origins(LINE), "a/c")] == [("k1",), ("k2",), ("k3",), ()]
    assert [end_of(LINE, origin) for origin in origins(LINE)] == [5, 9, None]


def test_an_archive_is_told_by_its_id_in_the_origin():
    assert is_of_one_archive("a/b", "a/b/2")
    assert not is_of_one_archive("a/b", "a/bb")


def test_a_trust_file_with_earlier_logs_is_read_as_written_and_is_of_version_2():
    assert parse_trust(format_trust(LINE)) == LINE
    assert b'"v":2' in format_trust(LINE)
    assert code_of(parse_trust, format_trust(LINE).replace(b'"v":2', b'"v":1')) == "C85"
    assert code_of(parse_trust, format_trust(Trust("a", ("k",))).replace(b'"v":1', b'"v":true')) == "C85"


def test_settings_of_an_earlier_log_are_those_of_then(builder):
    now = Settings(
        "Proba", builder.ledger.archive, "a/b/3", ("k3",), Digest.of(b""), LINE.earlier, (b"one", b"two")
    )
    assert parse_settings(format_settings(now)) == now
    then = as_of(now, "a/b/2")
    assert (then.origin, then.log_keys, then.earlier, then.notes) == (
        "a/b/2",
        ("k2",),
        LINE.earlier[:1],
        (b"one",),
    )
    assert as_of(now, "a/b").earlier == ()
    assert b"sviedka/1" in format_settings(as_of(now, "a/b"))
    assert as_of(now, "somewhere else") == now
