"""The file that a pack is: what tar reads of it, and everything that a hostile one may try."""

import io
import tarfile

import pytest
from pack_builder import packed_for, taken_apart

from archive.errors import IntakeError
from archive.packs import MOST_ITEMS
from ingest.pack_files import BLOCK_BYTES, END, PackWriter, head_of, members
from keys.identities import Identity


@pytest.fixture(scope="module")
def pack():
    return packed_for(Identity.generate())[0]


def refused(data: bytes) -> str:
    with pytest.raises(IntakeError) as raised:
        taken_apart(data)
    return raised.value.code


def written(*parts: tuple[str, bytes]) -> bytes:
    """Write members as they come, without looking at their names."""
    file = io.BytesIO()
    writer = PackWriter(file)
    for name, data in parts:
        writer.add(name, data)
    writer.finish()
    return file.getvalue()


def small(*names: str) -> bytes:
    return written(*((name, b"x") for name in names))


ORDER = ("pack.json", "1.age", "1.description.age", "receipts.age", "manifest.json")


def test_any_tar_program_takes_a_pack_apart(pack):
    with tarfile.open(fileobj=io.BytesIO(pack)) as tar:
        found = {one.name: tar.extractfile(one).read() for one in tar.getmembers()}
        facts = {(one.mode, one.uid, one.gid, one.mtime, one.uname, one.type) for one in tar.getmembers()}
    assert found == taken_apart(pack)
    assert list(found) == [*ORDER[:3], "2.age", "2.description.age", *ORDER[3:]]
    assert facts == {(0o600, 0, 0, 0, "", tarfile.REGTYPE)}


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 8**11 - 1, 8**11, 1 << 43])
def test_a_head_is_what_tar_reads_whatever_the_size(size):
    info = tarfile.TarInfo.frombuf(head_of("1.age", size), "ascii", "strict")
    assert (info.name, info.size) == ("1.age", size)


def test_what_is_not_read_of_a_member_is_passed_over(pack):
    assert [one.name for one in members(io.BytesIO(pack).read)] == list(taken_apart(pack))


def test_the_reader_takes_what_arrives_in_whatever_pieces(pack):
    source = io.BytesIO(pack)
    assert [one.name for one in members(lambda size: source.read(min(size, 7)))] == list(taken_apart(pack))


@pytest.mark.parametrize(
    "name",
    [
        "../1.age",
        "/etc/passwd",
        "1.age/../../x",
        "..",
        "01.age",
        "0.age",
        "1.AGE",
        "1.age ",
        "x\\..\\1.age",
    ],
)
def test_zip_slip_and_other_names_are_refused(name):
    assert refused(written(("pack.json", b"x"), (name, b"x"))) == "I94"


@pytest.mark.parametrize(
    "names",
    [
        ("1.age",),
        ("pack.json", "pack.json"),
        ("pack.json", "2.age"),
        ("pack.json", "1.age", "1.age"),
        ("pack.json", "1.age", "2.description.age"),
        ("pack.json", "1.age", "1.description.age", "1.description.age"),
        ("pack.json", "1.age", "1.description.age", "1.age"),
        ("pack.json", "receipts.age"),
        ("pack.json", "1.age", "receipts.age"),
        ("pack.json", "1.age", "1.description.age", "manifest.json"),
        (*ORDER, "manifest.json"),
        (*ORDER, "signature.json", "signature.json"),
        (*ORDER, "2.age"),
        ORDER[:-1],
        ORDER[:3],
        ("pack.json",),
        (),
    ],
)
def test_members_twice_missing_or_out_of_order_are_refused(names):
    assert refused(small(*names)) == "I94"


def test_the_one_order_is_taken():
    assert tuple(taken_apart(small(*ORDER))) == ORDER
    assert tuple(taken_apart(small(*ORDER, "signature.json"))) == (*ORDER, "signature.json")


def test_a_truncated_pack_is_refused_wherever_it_is_cut(pack):
    cuts = {*range(0, len(pack), 509), *range(0, len(pack), BLOCK_BYTES), len(pack) - 1}
    assert {refused(pack[:at]) for at in cuts} == {"I94"}


def test_nothing_hides_between_members_or_behind_the_end(pack):
    assert refused(pack + b"\0") == "I94"
    assert refused(pack + END) == "I94"
    changed = bytearray(pack)
    # The last byte of the block in which pack.json ends is padding.
    changed[2 * BLOCK_BYTES - 1] = 1
    assert refused(bytes(changed)) == "I94"
    assert refused(pack[: -len(END)] + bytes(BLOCK_BYTES) + b"x" * BLOCK_BYTES) == "I94"


def test_a_head_has_one_spelling(pack):
    """No other owner, mode, time, kind of member, link, prefix or way to write its size."""
    for at in range(BLOCK_BYTES):
        changed = bytearray(pack)
        changed[at] ^= 1
        # Another size is a head of ours for another member: the order or the ends no longer fit.
        assert refused(bytes(changed)) == "I94", at
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, tarfile.GNUTYPE_SPARSE):
        info = tarfile.TarInfo("pack.json")
        info.type, info.linkname = kind, "/etc/passwd"
        assert refused(info.tobuf(tarfile.GNU_FORMAT) + pack[BLOCK_BYTES:]) == "I94"


def test_a_size_in_base_256_that_octal_would_hold_is_refused(pack):
    head = bytearray(pack[:BLOCK_BYTES])
    size = int(head[124:135], 8)
    head[124:136] = b"\x80" + size.to_bytes(11, "big")
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    assert tarfile.TarInfo.frombuf(bytes(head), "ascii", "strict").size == size
    assert refused(bytes(head) + pack[BLOCK_BYTES:]) == "I94"


def test_ten_thousand_members_are_refused_at_the_limit_before_any_more_is_read():
    def source():
        yield head_of("pack.json", 0)
        for number in range(1, 10_001):
            yield head_of(f"{number}.age", 0)
            yield head_of(f"{number}.description.age", 0)

    blocks, seen = source(), []
    reading = members(lambda size: next(blocks))
    with pytest.raises(IntakeError) as raised:
        seen.extend(one.number for one in reading)
    assert raised.value.code == "I93"
    assert (len(seen), seen[-1]) == (1 + 2 * MOST_ITEMS, MOST_ITEMS)
