"""The audit of the tree over logs of many sizes, held in memory: every damaged file is named, and no other."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archive.audit_tree import Tree
from archive.errors import FixityError
from archive.findings import Findings
from archive.merkle import Frontier, leaf_hash
from archive.tiles import TileRef, bundles, encode_bundle, hash_tiles, parse_tile_path
from storage.growth import grow


class Files:
    """The files of one log; as much of `Holdings` as the tree needs."""

    def __init__(self, entries: list[bytes], *cuts: int) -> None:
        """Write the log in one piece, or with stops after `cuts` entries, each leaving its partial tiles."""
        self.size = len(entries)
        self.files: dict[str, bytes] = {}
        for size in sorted({*cuts, self.size}):
            if size:
                grown = grow(0, Frontier().root(), [], entries=entries[:size], read=_nothing)
                self.root = grown.root
                self.files |= {ref.path: data for ref, data in grown.tiles.items()}

    def tiles(self):
        return list(self.files)

    def tile(self, path):
        if path not in self.files:
            raise FixityError("F50", "missing")
        return self.files[path]


def _nothing(level, index):
    raise AssertionError((level, index))


def entries_of(size):
    return [b"entry %d" % number for number in range(size)]


def audited(files, root=None):
    """Audit; return the objects with faults and the entries as they were read."""
    findings, taken = Findings(), []
    tree = Tree(files, findings, files.size)
    tree.walk(lambda index, data: taken.append((index, data)))
    tree.settle(files.root if root is None else root)
    return {fault.object.removeprefix("log/") for fault in findings.faults}, taken, tree


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 512, 700])
def test_an_untouched_log_is_read_whole_and_has_no_fault(size):
    entries = entries_of(size)
    faults, taken, tree = audited(Files(entries, 1, size // 2))
    assert faults == set()
    assert [data for _, data in taken] == entries
    frontier = Frontier()
    for index, entry in enumerate(entries, start=1):
        frontier.append(leaf_hash(entry))
        if index % 37 == 0 or index == size:
            assert tree.root_at(index) == frontier.root()
    assert tree.leaf(size - 1) == leaf_hash(entries[-1])


def test_three_levels_of_tiles_are_compared():
    files = Files(entries_of(65_536 + 300))
    assert {ref.level for ref in hash_tiles(files.size)} == {0, 1, 2}
    assert audited(files)[0] == set()
    for path in ("tile/2/000.p/1", "tile/1/000", "tile/1/001.p/1", "tile/0/001", "tile/entries/256"):
        kept = files.files[path]
        files.files[path] = kept[:-1] + bytes([kept[-1] ^ 1])
        assert audited(files)[0] == {path}
        files.files[path] = kept


@settings(max_examples=60, deadline=None)
@given(data=st.data(), size=st.integers(1, 600))
def test_every_file_that_was_touched_is_named_and_no_other(data, size):
    """Flipped, cut, emptied: one file of each kind, of as many blocks at once as there are."""
    files = Files(entries_of(size), size // 3, size // 2)
    touched = data.draw(st.sets(st.sampled_from(sorted(files.files)), min_size=1, max_size=3))
    refs = [parse_tile_path(path) for path in touched]
    # Both accounts of one block, or a block and the parent that tells its accounts apart: nothing is left then.
    assume(len({(ref.level in (None, 0), ref.index) for ref in refs}) == len(refs))
    assume(len({ref.level in (None, 0) for ref in refs}) == 1)
    for path in touched:
        content = files.files[path]
        place = data.draw(st.integers(0, len(content) - 1))
        flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        files.files[path] = data.draw(st.sampled_from([flipped, content[:-1], content + b"\0", b""]))
    assert audited(files)[0] == touched


def test_a_missing_file_that_the_tree_needs_is_named():
    size = 600
    for ref in [*bundles(size), *hash_tiles(size)]:
        files = Files(entries_of(size))
        del files.files[ref.path]
        faults, taken, _ = audited(files)
        assert faults == {ref.path}
        missing = [index for index, data in taken if data is None]
        assert len(missing) == (ref.width if ref.level is None else 0)


def test_a_partial_tile_may_be_gone_once_the_full_one_is_there():
    """The log grew while it was audited."""
    grown, files = Files(entries_of(300)), Files(entries_of(100))
    grown.size, grown.root = files.size, files.root
    faults, taken, _ = audited(grown)
    assert faults == set()
    assert len(taken) == 100


def test_tiles_beyond_the_checkpoint_are_no_fault():
    files = Files(entries_of(100), 50)
    files.size = 50
    files.root = Files(entries_of(50)).root
    assert audited(files)[0] == set()


@pytest.mark.parametrize("path", ["tile/0/1", "tile/0/000.p/0", "tile/x/000", "tile/0/000.p/7.bak"])
def test_a_file_that_no_tile_is_called_is_named(path):
    files = Files(entries_of(10))
    files.files[path] = b""
    assert audited(files)[0] == {path}


def test_entries_that_lead_elsewhere_than_the_signed_root_are_a_fault_of_the_checkpoint():
    """All tiles agree, and not with what was signed."""
    files = Files(entries_of(300))
    assert audited(files, root=bytes(32))[0] == {"checkpoint"}


def test_entries_changed_together_with_their_tiles_are_a_fault():
    """Whoever rewrites entry and tiles alike still lacks the log key."""
    genuine, forged = Files(entries_of(10)), Files([b"forged", *entries_of(10)[1:]])
    forged.root = genuine.root
    assert audited(forged)[0] == {"checkpoint"}


def test_a_bundle_written_otherwise_is_not_the_same():
    files = Files(entries_of(3))
    ref = TileRef(None, 0, 3)
    files.files[ref.path] = encode_bundle([*entries_of(2), b"entry 3"])
    assert audited(files)[0] == {ref.path}
