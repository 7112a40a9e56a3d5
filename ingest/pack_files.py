"""The file that a pack is: members one after another, in a strict subset of tar (POSIX ustar).

Any tar program takes a pack apart, and a stock age opens its members. Reading is stricter: a member's head
must be byte for byte the one we would write for its name and size (mode 600, owner 0, the year 1970), names
and their order are fixed, padding is zeros, and nothing follows the end. So no path, link, second member of
a name or hidden byte can stand in a pack, and there is one spelling of each. Sizes of 8 GiB and more are
written in base 256, as GNU tar does.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final

from archive.errors import IntakeError
from archive.packs import MOST_ITEMS

BLOCK_BYTES: Final = 512
END: Final = bytes(2 * BLOCK_BYTES)
LARGEST_MEMBER_BYTES: Final = 1 << 43

_OCTAL: Final = 8**11
_SIZE: Final = re.compile(rb"[0-7]{11}\0")
_NUMBERED: Final = re.compile(r"([1-9][0-9]{0,3})(\.description)?\.age")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a pack as it is read: `number` is the item's place from 1, or None.

    `read` returns at most so many bytes, and nothing at the member's end.
    """

    name: str
    number: int | None
    size_bytes: int
    read: Callable[[int], bytes]


def members(source: Callable[[int], bytes]) -> Iterator[Member]:
    """Yield each member of the pack that `source` yields; what is not read of one is passed over.

    Raises I94 for whatever is not a pack or is cut short; the iterator's end is the pack's.
    """
    before: str | None = None
    while (name_and_size := _read_head(source)) is not None:
        name, size = name_and_size
        if not may_follow(before, name):
            raise _malformed("members in their order")
        before = name
        left = _Left(source, size)
        numbered = _NUMBERED.fullmatch(name)
        yield Member(name, int(numbered[1]) if numbered else None, size, left.read)
        while left.read(1 << 20):
            pass
        if _exactly(source, -size % BLOCK_BYTES).strip(b"\0"):
            raise _malformed("zeros between members")
    if before not in ("manifest.json", "signature.json"):
        raise _malformed("a manifest")
    if _exactly(source, BLOCK_BYTES).strip(b"\0") or source(1):
        raise _malformed("nothing behind the end")


def may_follow(before: str | None, name: str) -> bool:
    """Say whether a member may stand behind another, None being the beginning (I93 beyond the limit)."""
    numbered = _NUMBERED.fullmatch(before or "")
    if numbered is None:
        follow = {None: ("pack.json",), "pack.json": ("1.age",), "receipts.age": ("manifest.json",)}
        return name in {**follow, "manifest.json": ("signature.json",)}.get(before, ())
    number = int(numbered[1])
    if numbered[2] is None:
        return name == f"{number}.description.age"
    if name == f"{number + 1}.age" and number >= MOST_ITEMS:
        raise IntakeError("I93", "too many items in a pack", expected=f"at most {MOST_ITEMS}")
    return name in (f"{number + 1}.age", "receipts.age")


class PackWriter:
    """Writes a pack into a file that can be rewound, one member after the other."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    @contextmanager
    def member(self, name: str) -> Iterator[Callable[[bytes], object]]:
        """Write a member of a length not known before; yields what writes its bytes."""
        start = self._file.tell()
        self._file.write(bytes(BLOCK_BYTES))
        yield self._file.write
        end = self._file.tell()
        self._file.write(bytes((start - end) % BLOCK_BYTES))
        self._file.seek(start)
        self._file.write(head_of(name, end - start - BLOCK_BYTES))
        self._file.seek(0, 2)

    def add(self, name: str, data: bytes) -> None:
        """Write a member that is in memory."""
        with self.member(name) as write:
            write(data)

    def finish(self) -> None:
        """Write the end."""
        self._file.write(END)


def head_of(name: str, size_bytes: int) -> bytes:
    """Return the one head of a member of that name and size."""
    if size_bytes < _OCTAL:
        size = b"%011o\0" % size_bytes
    else:
        size = b"\x80" + size_bytes.to_bytes(11, "big")
    number = b"0000000\0"
    before = name.encode("ascii").ljust(100, b"\0") + b"0000600\0" + 2 * number + size + b"%011o\0" % 0
    after = b"0" + bytes(100) + b"ustar\x0000" + bytes(64) + 2 * number + bytes(167)
    total = sum(before) + 8 * ord(" ") + sum(after)
    return before + b"%06o\0 " % total + after


def _read_head(source: Callable[[int], bytes]) -> tuple[str, int] | None:
    """Return name and size of the next member, or None at the first of the two blocks of the end."""
    block = _exactly(source, BLOCK_BYTES)
    if not block.strip(b"\0"):
        return None
    name, field = block[:100].rstrip(b"\0"), block[124:136]
    if _SIZE.fullmatch(field):
        size = int(field[:-1], 8)
    elif field[0] == 0x80:
        size = int.from_bytes(field[1:], "big")
    else:
        raise _malformed("a head of ours")
    if size > LARGEST_MEMBER_BYTES or not name.isascii() or head_of(name.decode(), size) != block:
        raise _malformed("a head of ours")
    return name.decode(), size


class _Left:
    """What is left to be read of one member."""

    def __init__(self, source: Callable[[int], bytes], size: int) -> None:
        self._source = source
        self._size = size

    def read(self, most: int) -> bytes:
        if not self._size or not most:
            return b""
        data = self._source(min(most, self._size))
        if not data:
            raise _malformed("more: it is cut short")
        self._size -= len(data)
        return data


def _exactly(source: Callable[[int], bytes], count: int) -> bytes:
    left, parts = _Left(source, count), []
    while part := left.read(count):
        parts.append(part)
    return b"".join(parts)


def _malformed(expected: str) -> IntakeError:
    return IntakeError("I94", "not a pack, or a damaged one", expected=expected)
