"""Multipart forms read as they arrive: fields first, then files, each handed straight to whoever takes it in.

No part of a file is spooled anywhere. The fields of a form must therefore stand before its files. We take
the parts apart ourselves (RFC 7578, RFC 2046 section 5.1.1, and strictly): Werkzeug's decoder adds a carriage
return to a part when the line happens to pause within the delimiter behind it, and evidence must arrive byte
for byte.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header

from archive.errors import IntakeError

CHUNK_BYTES = 256 << 10
MOST_PARTS = 2_000
LARGEST_FORM_BYTES = 512 << 10
_LARGEST_HEAD_BYTES = 16 << 10
#: A line that says nothing for so long is cut: else a few silent ones would keep all threads.
SILENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class _Head:
    """What a part says of itself; a field has no file name."""

    name: str
    filename: str | None


class Upload:
    """One file of a form. `read` returns nothing at its end, and raises I80 where the line is cut."""

    def __init__(self, parts: "Parts", field: str, name: str) -> None:
        self._parts = parts
        self.field = field
        self.name = name

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, waiting for them to arrive."""
        return self._parts.read(size)


class Parts:
    """The parts of one multipart body, in their order: `fields`, then `files`. For one pass only."""

    def __init__(self, stream: IO[bytes], boundary: bytes) -> None:
        self._stream = stream
        self._delimiter = b"\r\n--" + boundary
        # The first delimiter has no line end before it: with this one it is like the others.
        self._buffer = bytearray(b"\r\n")
        self._count = 0
        self._ended = False
        self._file: _Head | None = None

    def fields(self) -> MultiDict[str, str]:
        """Return the fields that stand before the first file (I81 for a malformed body)."""
        fields: MultiDict[str, str] = MultiDict()
        left = LARGEST_FORM_BYTES
        self._pass_over()
        while (head := self._next_part()) is not None and head.filename is None:
            value = self._value(left)
            left -= len(value)
            fields.add(head.name, value.decode("utf-8", "replace"))
        self._file = head
        return fields

    def files(self) -> Iterator[Upload]:
        """Yield each file; whatever is not read of one is passed over when the next is asked for."""
        while self._file is not None:
            upload = Upload(self, self._file.name, _plain_name(self._file.filename or ""))
            if upload.name:
                yield upload
            self._pass_over()
            self._file = self._next_part()
            if self._file is not None and self._file.filename is None:
                raise _malformed("fields before files")

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes of the current part; nothing at its end, which stays the end."""
        if self._ended:
            return b""
        keep = len(self._delimiter) - 1
        found = self._buffer.find(self._delimiter, 0, size + keep)
        while found < 0 and len(self._buffer) < size + keep:
            searched = max(0, len(self._buffer) - keep)
            self._receive()
            found = self._buffer.find(self._delimiter, searched, size + keep)
        end = size if found < 0 else min(found, size)
        data = bytes(self._buffer[:end])
        del self._buffer[:end]
        self._ended = not data
        return data

    def _pass_over(self) -> None:
        while self.read(CHUNK_BYTES):
            pass

    def _next_part(self) -> _Head | None:
        """Step over the delimiter at which a part ended; return the next head, or None at the end."""
        self._ended = False
        while len(self._buffer) < len(self._delimiter) + 2:
            self._receive()
        after = bytes(self._buffer[len(self._delimiter) : len(self._delimiter) + 2])
        del self._buffer[: len(self._delimiter) + 2]
        if after == b"--":
            self._ended = True
            return None
        self._count += 1
        if self._count > MOST_PARTS:
            raise RequestEntityTooLarge
        if after != b"\r\n":
            raise _malformed("a line end behind a delimiter")
        return self._head()

    def _head(self) -> _Head:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _LARGEST_HEAD_BYTES:
                raise _malformed("a short head")
            self._receive()
        lines = bytes(self._buffer[:end]).split(b"\r\n")
        del self._buffer[: end + 2]
        # A part without a body may leave the empty line out: what stands here is then the next delimiter.
        while len(self._buffer) < len(self._delimiter):
            self._receive()
        if not self._buffer.startswith(self._delimiter):
            del self._buffer[:2]
        for line in lines:
            name, _colon, value = line.partition(b":")
            if name.strip().lower() == b"content-disposition":
                return _disposed(value)
        raise _malformed("a disposition for each part")

    def _value(self, most: int) -> bytes:
        value = bytearray()
        while chunk := self.read(CHUNK_BYTES):
            value += chunk
            if len(value) > most:
                raise RequestEntityTooLarge
        return bytes(value)

    def _receive(self) -> None:
        try:
            chunk = self._stream.read(CHUNK_BYTES)
        except Exception:  # each server has its own way of saying that the line is gone
            chunk = b""
        if not chunk:
            raise IntakeError("I80", "the upload was cut off")
        self._buffer += chunk


class StreamingRequest(Request):
    """A request whose multipart body is never spooled; `parts` holds what follows its fields."""

    parts: Parts | None = None

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        line = self.environ.get("gunicorn.socket")
        if line is not None:
            line.settimeout(SILENCE_SECONDS)
        if self.mimetype != "multipart/form-data":
            self.max_content_length = LARGEST_FORM_BYTES
            super()._load_form_data()
            return
        boundary = self.mimetype_params.get("boundary", "").encode("ascii", "replace")
        if not 0 < len(boundary) <= 200:
            raise _malformed("a boundary")
        self.parts = Parts(self.stream, boundary)
        injected: dict[str, Any] = self.__dict__
        injected["files"] = ImmutableMultiDict[str, Any]()
        injected["form"] = ImmutableMultiDict(self.parts.fields())


def _plain_name(name: str) -> str:
    """Return a file name without its folders: some browsers send them."""
    return name.replace("\\", "/").rpartition("/")[2].strip()[:255]


def _disposed(value: bytes) -> _Head:
    try:
        kind, options = parse_options_header(value.decode("utf-8").strip())
    except UnicodeDecodeError:
        raise _malformed("UTF-8") from None
    if kind != "form-data" or "name" not in options:
        raise _malformed("form-data with a name")
    return _Head(options["name"], options.get("filename"))


def _malformed(expected: str) -> IntakeError:
    return IntakeError("I81", "malformed form", expected=expected)
