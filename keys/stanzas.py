"""The grammar of an age v1 header (c2sp.org/age, "Header"), strict in both directions.

Our caps, where the specification sets none: a header has at most 64 KiB and 64 stanzas. One hybrid stanza
takes 1.6 kB, so 40 post-quantum recipients fit; an archive's own headers have one.
"""

import re
from dataclasses import dataclass
from typing import BinaryIO

from archive.codec import b64, unb64
from archive.errors import IntakeError
from keys.errors import HeaderError

MAX_HEADER_BYTES = 64 * 1024
MAX_STANZAS = 64
MAC_BYTES = 32
VERSION_LINE = b"age-encryption.org/v1"
LINE_CHARS = 64

_ARGUMENTS = re.compile(rb"->((?: [!-~]+)+)")
_BODY_LINE = re.compile(rb"[A-Za-z0-9+/]{0,64}")
_END = re.compile(rb"--- ([A-Za-z0-9+/]{43})")
_END_BYTES = len(b"--- \n") + 43


@dataclass(frozen=True, slots=True)
class Stanza:
    """One recipient's wrapping of the file key."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed header: its stanzas, its MAC, and the bytes the MAC covers."""

    stanzas: tuple[Stanza, ...]
    mac: bytes
    covered: bytes


def b64_unpadded(data: bytes) -> str:
    """Encode as base64 without padding, as age does."""
    return b64(data).rstrip("=")


def unb64_unpadded(text: str) -> bytes:
    """Decode canonical base64 without padding (raises K12)."""
    try:
        if "=" in text:
            raise HeaderError("K12", "header holds base64 with padding")
        return unb64(text + "=" * (-len(text) % 4))
    except IntakeError:
        raise HeaderError("K12", "header holds base64 that is not canonical") from None


def format_header(stanzas: tuple[Stanza, ...]) -> bytes:
    """Return the header up to and including `---`: what the MAC covers."""
    lines = [VERSION_LINE]
    for stanza in stanzas:
        lines.append(" ".join(("->", stanza.kind, *stanza.arguments)).encode("ascii"))
        text = b64_unpadded(stanza.body).encode()
        # A body ends with a line shorter than 64 characters, an empty one if need be.
        lines += [text[at : at + LINE_CHARS] for at in range(0, len(text) + 1, LINE_CHARS)]
    return b"\n".join([*lines, b"---"])


def end_line(mac: bytes) -> bytes:
    """Return what follows `---` in a complete header."""
    return f" {b64_unpadded(mac)}\n".encode()


def read_header(stream: BinaryIO) -> bytes:
    """Read the header off the front of an age file and leave the stream at the body (raises K12)."""
    lines: list[bytes] = []
    left = MAX_HEADER_BYTES
    while not lines or not lines[-1].startswith(b"---"):
        line = stream.readline(left)
        if not line.endswith(b"\n"):
            raise HeaderError("K12", "header is cut short or too long", expected=f"{MAX_HEADER_BYTES} bytes")
        if not lines and line != VERSION_LINE + b"\n":
            raise HeaderError("K12", "not an age v1 file")
        lines.append(line)
        left -= len(line)
    return b"".join(lines)


def parse_header(data: bytes) -> Header:
    """Parse a complete header and nothing but it (raises K12)."""
    if len(data) > MAX_HEADER_BYTES:
        raise HeaderError("K12", "header is too long", expected=MAX_HEADER_BYTES, found=len(data))
    lines = data.split(b"\n")
    if lines[0] != VERSION_LINE:
        raise HeaderError("K12", "not an age v1 file")
    end = _END.fullmatch(lines[-2]) if len(lines) > 3 and not lines[-1] else None
    if end is None:
        raise HeaderError("K12", "header does not end with its MAC line")
    stanzas = _parse_stanzas(lines[1:-2])
    return Header(stanzas, unb64_unpadded(end[1].decode()), data[: 3 - _END_BYTES])


def _parse_stanzas(lines: list[bytes]) -> tuple[Stanza, ...]:
    stanzas: list[Stanza] = []
    while lines:
        if len(stanzas) == MAX_STANZAS:
            raise HeaderError("K12", "header has too many stanzas", expected=f"at most {MAX_STANZAS}")
        stanza, lines = _parse_stanza(lines)
        stanzas.append(stanza)
    if len(stanzas) > 1 and any(stanza.kind == "scrypt" for stanza in stanzas):
        raise HeaderError("K12", "a scrypt stanza must be the only one")
    return tuple(stanzas)


def _parse_stanza(lines: list[bytes]) -> tuple[Stanza, list[bytes]]:
    opening = _ARGUMENTS.fullmatch(lines[0])
    if opening is None:
        raise HeaderError("K12", "stanza does not begin with its arguments")
    kind, *arguments = opening[1].decode().split(" ")[1:]
    for count, line in enumerate(lines[1:], 1):
        if not _BODY_LINE.fullmatch(line):
            raise HeaderError("K12", "stanza holds a line that is not base64 of at most 64 characters")
        if len(line) < LINE_CHARS:
            body = b"".join(lines[1 : count + 1]).decode()
            return Stanza(kind, tuple(arguments), unb64_unpadded(body)), lines[count + 1 :]
    raise HeaderError("K12", "stanza does not end with a short line")
