"""Tiles: their paths, which a tree has, what is in them, and a tree read back out of them."""

from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import merkle, tiles
from archive.errors import CustodyError
from archive.tiles import TileCache, TileRef


@contextmanager
def refused(code):
    with pytest.raises(CustodyError) as caught:
        yield
    assert caught.value.code == code


class Disk:
    """The hash tiles of a tree, by path, written from `new_hashes` as a tile writer would."""

    def __init__(self, size, step):
        self.rows, self.frontier, self.loads = {}, merkle.Frontier(), []
        self.read = lambda level, index: self.subtrees[level, index]
        self.subtrees = {}
        leaves = [merkle.leaf_hash(b"%d" % number) for number in range(size)]
        for begin in range(0, size, step):
            for level, index, hashed in merkle.new_hashes(begin, leaves[begin : begin + step], self.read):
                self.subtrees[level, index] = hashed
        for leaf in leaves:
            self.frontier.append(leaf)
        self.files = {ref.path: self.tile(ref) for ref in tiles.hash_tiles(size)}

    def tile(self, ref):
        start = ref.index * 256
        return tiles.encode_hashes([self.subtrees[ref.level * 8, start + n] for n in range(ref.width)])

    def load(self, ref):
        self.loads.append(ref)
        return self.files[ref.path]


# Paths.


@pytest.mark.parametrize(
    ("ref", "path"),
    [
        (TileRef(0, 0), "tile/0/000"),
        (TileRef(0, 1234067), "tile/0/x001/x234/067"),
        (TileRef(63, 999), "tile/63/999"),
        (TileRef(1, 1000, 17), "tile/1/x001/000.p/17"),
        (TileRef(None, 273, 112), "tile/entries/273.p/112"),
        (TileRef(None, 10**6), "tile/entries/x001/x000/000"),
    ],
)
def test_paths_are_those_of_the_specification(ref, path):
    assert ref.path == path
    assert tiles.parse_tile_path(path) == ref


@given(st.none() | st.integers(0, 63), st.integers(0, 2**63), st.integers(1, 256))
def test_every_path_survives_writing_and_reading(level, index, width):
    ref = TileRef(level, index, width)
    assert tiles.parse_tile_path(ref.path) == ref


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/x/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/x000/x001/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/x1/000",
        "tile/0/X001/000",
        "tile/0/../000",
        "tile/0/٠٠٠",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/1000",
        "tile/0/" + "x999/" * 2000 + "000",
        "tile/Entries/000",
        "checkpoint",
    ],
)
def test_a_malformed_path_is_refused(path):
    with refused("C30"):
        tiles.parse_tile_path(path)


@pytest.mark.parametrize("fields", [(-1, 0), (64, 0), (0, -1), (0, 0, 0), (0, 0, 257)])
def test_a_tile_that_cannot_be_is_refused(fields):
    with refused("C30"):
        TileRef(*fields)


# Which tiles a tree has.


def test_a_tree_of_70000_has_the_tiles_the_specification_lists():
    found = list(tiles.hash_tiles(70_000))
    assert [ref for ref in found if ref.width < 256] == [
        TileRef(0, 273, 112),
        TileRef(1, 1, 17),
        TileRef(2, 0, 1),
    ]
    assert [ref for ref in found if ref.width == 256] == [*(TileRef(0, n) for n in range(273)), TileRef(1, 0)]
    assert list(tiles.bundles(70_000))[-2:] == [TileRef(None, 272), TileRef(None, 273, 112)]


def test_a_tree_of_256_has_a_full_tile_and_a_partial_one_above():
    assert list(tiles.hash_tiles(256)) == [TileRef(0, 0), TileRef(1, 0, 1)]
    assert list(tiles.bundles(256)) == [TileRef(None, 0)]


def test_an_empty_tree_has_no_tiles():
    assert list(tiles.hash_tiles(0)) == list(tiles.bundles(0)) == []


@settings(deadline=None)
@given(st.integers(0, 200_000), st.integers(0, 70_000))
def test_growth_writes_exactly_the_tiles_that_were_not_there(since, added):
    size = since + added
    before = set(tiles.hash_tiles(since)) | set(tiles.bundles(since))
    after = [*tiles.hash_tiles(size), *tiles.bundles(size)]
    grown = [*tiles.hash_tiles(size, since), *tiles.bundles(size, since)]
    assert len(after) == len(set(after))
    assert set(grown) == set(after) - before
    assert len(grown) == len(set(grown))


@given(st.integers(1, 200_000))
def test_a_tile_is_found_by_its_place_in_the_width_it_has(size):
    for ref in [*list(tiles.hash_tiles(size))[-4:], *list(tiles.bundles(size))[-1:]]:
        assert tiles.tile_ref(ref.level, ref.index, size) == ref
    last = list(tiles.bundles(size))[-1]
    for level in (None, 0):
        with refused("C30"):
            tiles.tile_ref(level, last.index + 1, size)


# What is in them.


def test_a_hash_tile_of_another_length_is_refused():
    data = bytes(3 * 32)
    assert tiles.decode_hashes(data, 3) == (bytes(32),) * 3
    for width in (2, 4, 0):
        with refused("C31"):
            tiles.decode_hashes(data, width)
    for broken in (b"", data[:-1], data + b"\x00"):
        with refused("C31"):
            tiles.decode_hashes(broken, 3)
    for hashes in ([], [bytes(31)], [bytes(32)] * 257):
        with refused("C31"):
            tiles.encode_hashes(hashes)


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=256))
def test_every_bundle_survives_writing_and_reading(entries):
    data = tiles.encode_bundle(entries)
    assert tiles.decode_bundle(data, len(entries)) == entries
    assert data == b"".join(tiles.encode_entry(entry) for entry in entries)


def test_a_bundle_holds_up_to_256_entries():
    entries = [b"%d" % number for number in range(256)]
    assert tiles.decode_bundle(tiles.encode_bundle(entries), 256) == entries


def test_a_bundle_is_lengths_and_entries():
    assert tiles.encode_bundle([b"ab", b"", b"c"]) == b"\x00\x02ab\x00\x00\x00\x01c"


def test_a_bundle_that_is_cut_or_has_more_is_refused():
    data = tiles.encode_bundle([b"ab", b"", b"c"])
    for length in range(len(data)):
        with refused("C32"):
            tiles.decode_bundle(data[:length], 3)
    for broken, width in (
        (data + b"\x00", 3),
        (data, 2),
        (data, 4),
        (b"", 1),
        (b"\x00", 1),
        (b"\x00\x05abcd", 1),
    ):
        with refused("C32"):
            tiles.decode_bundle(broken, width)


@pytest.mark.parametrize("count", [0, 257])
def test_a_bundle_of_no_or_too_many_entries_is_not_written(count):
    with refused("C32"):
        tiles.encode_bundle([b"entry"] * count)


def test_the_longest_entry_fits_and_no_longer():
    longest = bytes(tiles.LARGEST_ENTRY_BYTES)
    assert tiles.decode_bundle(tiles.encode_bundle([longest, b"x"]), 2) == [longest, b"x"]
    with refused("C33"):
        tiles.encode_bundle([longest + b"\x00"])


# A tree read back.


@pytest.mark.parametrize(
    ("size", "step"), [(1, 1), (255, 7), (256, 256), (257, 100), (1000, 999), (66_000, 5000)]
)
def test_root_and_proofs_come_out_of_the_tiles(size, step):
    disk = Disk(size, step)
    root = disk.frontier.root()
    read = tiles.hash_reader(size, disk.load, TileCache())
    assert merkle.tree_root(size, read) == root
    for index in {0, size // 3, size - 1}:
        proof = merkle.prove_inclusion(index, size, read)
        assert proof == merkle.prove_inclusion(index, size, disk.read)
        merkle.verify_inclusion(index, size, read(0, index), proof, root)
    for old in {1, size // 2 + 1, size}:
        proof = merkle.prove_consistency(old, size, read)
        merkle.verify_consistency(old, size, proof, merkle.tree_root(old, read), root)


def test_the_reader_serves_every_complete_subtree_and_nothing_else():
    disk = Disk(1000, 1000)
    read = tiles.hash_reader(1000, disk.load, TileCache())
    for (level, index), hashed in disk.subtrees.items():
        assert read(level, index) == hashed
    for level, index in ((0, 1000), (0, -1), (3, 125), (8, 3), (10, 0), (-1, 0), (600, 0)):
        with refused("C17"):
            read(level, index)


def test_a_full_tile_serves_where_the_partial_one_is_gone():
    disk = Disk(600, 600)
    cache = TileCache()
    read = tiles.hash_reader(300, lambda ref: disk.tile(tiles.tile_ref(ref.level, ref.index, 600)), cache)
    frontier = merkle.Frontier()
    for index in range(300):
        frontier.append(disk.subtrees[0, index])
    assert merkle.tree_root(300, read) == frontier.root()


def test_a_tile_that_is_too_short_is_refused():
    disk = Disk(300, 300)
    read = tiles.hash_reader(300, lambda ref: disk.load(ref)[:-1], TileCache())
    with refused("C31"):
        read(0, 0)


def test_a_flipped_bit_in_a_tile_shows_in_the_root_or_in_a_proof():
    disk = Disk(300, 300)
    for path, data in disk.files.items():
        changed = dict(disk.files)
        changed[path] = data[:-1] + bytes([data[-1] ^ 1])
        read = tiles.hash_reader(300, lambda ref, files=changed: files[ref.path], TileCache())
        root = disk.frontier.root()
        if merkle.tree_root(300, read) == root:
            with refused("C13"):
                merkle.verify_inclusion(
                    0, 300, disk.subtrees[0, 0], merkle.prove_inclusion(0, 300, read), root
                )


def test_what_the_loader_raises_passes_through():
    def missing(ref):
        raise FileNotFoundError

    with pytest.raises(FileNotFoundError):
        tiles.hash_reader(10, missing, TileCache())(0, 0)


def test_the_cache_keeps_the_tiles_used_last_and_no_more():
    disk = Disk(1000, 1000)
    read = tiles.hash_reader(1000, disk.load, TileCache(2))
    for index in (0, 1, 300, 2, 600, 3, 300):
        read(0, index)
    assert [ref.index for ref in disk.loads] == [0, 1, 2, 1]


def test_one_cache_serves_two_sizes_of_a_log():
    disk, cache = Disk(1000, 1000), TileCache()
    for size in (300, 1000, 300):
        read = tiles.hash_reader(size, disk.tile, cache)
        frontier = merkle.Frontier()
        for index in range(size):
            frontier.append(disk.subtrees[0, index])
        assert merkle.tree_root(size, read) == frontier.root()
