"""What passes between the caller and the parser host: length, JSON, and for a request the file's bytes.

The caller trusts nothing it reads here: a length over its cap is refused before a byte of it is read.
"""

import json
import struct
from typing import IO, Any

_LENGTH = struct.Struct(">Q")


class FrameTooLarge(Exception):
    """The other side announces more bytes than this side takes."""


def send(stream: IO[bytes], value: dict[str, Any]) -> None:
    """Write one JSON object."""
    body = json.dumps(value).encode()
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def receive(stream: IO[bytes], *, cap_bytes: int) -> dict[str, Any]:
    """Read one JSON object; EOFError at the stream's end, FrameTooLarge over the cap, else ValueError."""
    (length,) = _LENGTH.unpack(exactly(stream, _LENGTH.size))
    if length > cap_bytes:
        raise FrameTooLarge
    try:
        value = json.loads(exactly(stream, length))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def exactly(stream: IO[bytes], count: int) -> bytes:
    """Read so many bytes; EOFError where the stream ends before."""
    data = stream.read(count)
    if len(data) != count:
        raise EOFError
    return data
