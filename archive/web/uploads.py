"""Multipart forms read as they arrive: fields first, then files, each handed straight to whoever takes it in.

No part of a file is spooled anywhere. The fields of a form must therefore stand before its files.
"""

from collections.abc import Iterator
from typing import IO, Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import (
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    NeedData,
    State,
)

from archive.errors import IntakeError

CHUNK_BYTES = 256 << 10
MOST_PARTS = 2_000
LARGEST_FORM_BYTES = 512 << 10
_BUFFER_BYTES = 4 * CHUNK_BYTES


class Upload:
    """One file of a form. `read` returns nothing at its end, and raises I80 where the line is cut."""

    def __init__(self, parts: "Parts", field: str, name: str) -> None:
        self._parts = parts
        self._rest = b""
        self._more = True
        self.field = field
        self.name = name

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, waiting for them to arrive."""
        while self._more and len(self._rest) < size:
            self._rest, self._more = self._parts.gather(self._rest, size)
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def drain(self) -> None:
        """Read on to the end, keeping nothing."""
        while self.read(CHUNK_BYTES):
            pass


class Parts:
    """The parts of one multipart body, in their order: `fields`, then `files`. For one pass only."""

    def __init__(self, stream: IO[bytes], boundary: bytes) -> None:
        self._stream = stream
        self._decoder = MultipartDecoder(boundary, _BUFFER_BYTES, max_parts=MOST_PARTS)
        self._file: File | None = None

    def fields(self) -> MultiDict[str, str]:
        """Return the fields that stand before the first file (I81 for a malformed body)."""
        fields: MultiDict[str, str] = MultiDict()
        size = 0
        while not isinstance(event := self._next(), Epilogue):
            if isinstance(event, File):
                self._file = event
                break
            if isinstance(event, Field):
                value = self._value(LARGEST_FORM_BYTES - size)
                size += len(value)
                fields.add(event.name, value.decode("utf-8", "replace"))
        return fields

    def files(self) -> Iterator[Upload]:
        """Yield each file; whatever is not read of one is passed over when the next is asked for."""
        while self._file is not None:
            upload = Upload(self, self._file.name, _plain_name(self._file.filename))
            if upload.name:
                yield upload
            upload.drain()
            event = self._next()
            if isinstance(event, Field):
                raise IntakeError("I81", "malformed form", expected="fields before files")
            self._file = event if isinstance(event, File) else None

    def gather(self, begun: bytes, size: int) -> tuple[bytes, bool]:
        """Return what the current file has next, after what is `begun`; and whether there is more."""
        found = [begun]
        length, more = len(begun), True
        while more and length < size:
            event = self._next()
            if not isinstance(event, Data):
                raise IntakeError("I81", "malformed form", expected="data of a part")
            found.append(event.data)
            length, more = length + len(event.data), event.more_data
        return b"".join(found), more

    def _value(self, most: int) -> bytes:
        value, more = self.gather(b"", most + 1)
        if more or len(value) > most:
            raise RequestEntityTooLarge
        return value

    def _next(self) -> Event:
        try:
            while isinstance(event := self._decoder.next_event(), NeedData):
                self._receive()
        except (ValueError, AttributeError):
            raise IntakeError("I81", "malformed form", expected="multipart/form-data") from None
        return event

    def _receive(self) -> None:
        chunk = self._read()
        if chunk:
            self._decoder.receive_data(chunk)
        elif self._decoder.state is State.EPILOGUE:
            self._decoder.receive_data(None)
        else:
            raise IntakeError("I80", "the upload was cut off")

    def _read(self) -> bytes:
        try:
            return self._stream.read(CHUNK_BYTES)
        except Exception:  # each server has its own way of saying that the line is gone
            raise IntakeError("I80", "the upload was cut off") from None


class StreamingRequest(Request):
    """A request whose multipart body is never spooled; `parts` holds what follows its fields."""

    parts: Parts | None = None

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        if self.mimetype != "multipart/form-data":
            self.max_content_length = LARGEST_FORM_BYTES
            super()._load_form_data()
            return
        boundary = self.mimetype_params.get("boundary", "").encode("ascii", "replace")
        if not 0 < len(boundary) <= 200:
            raise IntakeError("I81", "malformed form", expected="a boundary")
        self.parts = Parts(self.stream, boundary)
        injected: dict[str, Any] = self.__dict__
        injected["files"] = ImmutableMultiDict[str, Any]()
        injected["form"] = ImmutableMultiDict(self.parts.fields())


def _plain_name(name: str) -> str:
    """Return a file name without its folders: some browsers send them."""
    return name.replace("\\", "/").rpartition("/")[2].strip()[:255]
