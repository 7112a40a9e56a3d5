"""Cosignatures beside the log: whole checkpoints, of which no signature is lost or replaced."""

import pytest
from founded import refusal
from two_organisations import HARBOUR, LANTERN, NOW, LogOwner, numbered

from archive.checkpoints import Checkpoint
from archive.cosignatures import cosign
from archive.notes import parse_note
from keys.cosigner_keys import CosignerKey
from storage.cosignatures import Cosignatures

OWNER = LogOwner()


def note(size, root=b"\x01"):
    return OWNER.sign(Checkpoint(OWNER.origin, size, root * 32))


def signed(name, data):
    return cosign(parse_note(data).text, CosignerKey.generate(name, numbered(9)).signer(), NOW)


@pytest.fixture
def kept(tmp_path):
    (tmp_path / "log").mkdir()
    return Cosignatures(tmp_path / "log")


def names(kept, size):
    return {line.name for line in parse_note(kept.note(size)).signatures}


def test_nothing_is_kept_at_first(kept):
    assert kept.sizes() == []
    assert list(kept.newest(0, 10)) == []
    with refusal("F50"):
        kept.note(5)


def test_signatures_of_one_checkpoint_come_together(kept):
    first, second = note(5), note(5)
    kept.keep(5, first, signed(HARBOUR, first))
    kept.keep(5, second, signed(LANTERN, second))
    assert names(kept, 5) == {OWNER.origin, HARBOUR, LANTERN}
    assert OWNER.verify(kept.note(5)).size == 5


def test_the_newest_come_first_and_none_that_is_too_short(kept):
    for size in (5, 40, 300):
        kept.keep(size, note(size), signed(HARBOUR, note(size)))
    assert kept.sizes() == [5, 40, 300]
    assert [size for size, _ in kept.newest(6, 10)] == [300, 40]
    assert [size for size, _ in kept.newest(0, 1)] == [300]


def test_two_checkpoints_of_one_size_are_not_mixed(kept):
    kept.keep(5, note(5), signed(HARBOUR, note(5)))
    other = note(5, b"\x02")
    with refusal("C39"):
        kept.keep(5, other, signed(LANTERN, other))


def test_what_a_crash_left_half_written_is_removed(kept, tmp_path):
    kept.tidy()
    kept.keep(5, note(5), signed(HARBOUR, note(5)))
    (tmp_path / "log" / "cosignatures" / ".9.cosigned.new").write_bytes(b"half")
    kept.tidy()
    assert {path.name for path in (tmp_path / "log" / "cosignatures").iterdir()} == {"5", "lock"}
