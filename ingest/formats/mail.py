"""E-mail (RFC 5322, MIME) and mailboxes: headers, bodies in any charset, and one level of attachments."""

import re
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message

from ingest.formats.encodings import decode
from ingest.formats.markup import blocks_of
from ingest.formats.parts import Parsed, Segment, Unreadable, grouped, paragraphs, tidy

ReadAttachment = Callable[[bytes, str, str], Parsed]
_HEADERS = ("From", "To", "Cc", "Subject", "Date")
_PARTS = 500
_FROM_LINE = re.compile(rb"(?:\A|\r?\n)From [^\r\n]{1,200}\r?\n(?=[A-Za-z-]{1,60}:)")


def read_mail(data: bytes, *, attachment: ReadAttachment | None) -> Parsed:
    """Read one message; without `attachment`, attachments are named and not read."""
    message = message_from_bytes(data)
    headers = {name.lower(): _header(message, name) for name in _HEADERS}
    metadata = {name: value for name, value in headers.items() if value}
    lines = [f"{name}: {headers[name.lower()]}" for name in _HEADERS if headers[name.lower()]]
    segments = [Segment("header:1", "\n".join(lines))] if lines else []
    bodies, attached = _split(message)
    segments += grouped((piece for body in bodies for piece in _body(body)), unit="paragraph")
    for number, part in enumerate(attached, start=1):
        segments += _attachment(part, number, attachment)
    return Parsed(tuple(segments), metadata)


def read_mailbox(data: bytes, *, attachment: ReadAttachment | None) -> Parsed:
    """Read the messages of an mbox file one after another."""
    starts = list(_FROM_LINE.finditer(data))
    if not starts:
        return read_mail(data, attachment=attachment)
    ends = [mark.start() for mark in starts[1:]] + [len(data)]
    segments: list[Segment] = []
    for number, (mark, end) in enumerate(zip(starts, ends, strict=True), start=1):
        one = read_mail(data[mark.end() : end], attachment=attachment)
        segments += [Segment(f"message:{number}/{s.locator}", s.text) for s in one.segments]
    return Parsed(tuple(segments), {"messages": str(len(starts))})


def _header(message: Message, name: str) -> str:
    raw = message.get(name)
    if raw is None:
        return ""
    try:
        return _line(str(make_header(decode_header(raw))))
    except (ValueError, LookupError):
        return _line(str(raw))


def _line(text: str) -> str:
    """Raw bytes outside ASCII arrive as surrogates; guess their encoding."""
    if any("\udc80" <= character <= "\udcff" for character in text):
        text = decode(text.encode("utf-8", "surrogateescape"))[0]
    return " ".join(text.split())


def _split(message: Message) -> tuple[list[Message], list[Message]]:
    """Sort the leaves into bodies and attachments; of alternatives, plain text wins where it says a word."""
    bodies: list[Message] = []
    attached: list[Message] = []
    for part in _leaves(message):
        named = part.get_filename() is not None or part.get_content_disposition() == "attachment"
        if part.get_content_maintype() == "text" and not named:
            bodies.append(part)
        else:
            attached.append(part)
    plain = [part for part in bodies if part.get_content_subtype() != "html" and _payload(part).strip()]
    return plain or bodies, attached


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold no others, a forwarded message counting as one; bounded in number."""
    waiting, seen = [message], 0
    while waiting and seen < _PARTS:
        part, seen = waiting.pop(0), seen + 1
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting[:0] = [one for one in inner if isinstance(one, Message)]
        else:
            yield part


def _payload(part: Message) -> bytes:
    inner = part.get_payload()
    if isinstance(inner, list):
        return b"".join(one.as_bytes() for one in inner if isinstance(one, Message))
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _body(part: Message) -> list[str]:
    data = _payload(part)
    if not data.strip():
        return []
    try:
        text, _ = decode(data, declared=part.get_content_charset())
    except Unreadable:
        return []
    return blocks_of(text)[0] if part.get_content_subtype() == "html" else paragraphs(text)


def _attachment(part: Message, number: int, read: ReadAttachment | None) -> list[Segment]:
    name = _file_name(part)
    segments = [Segment(f"attachment:{number}", name)] if name else []
    if read is None:
        return segments
    try:
        inner = read(_payload(part), part.get_content_type(), name)
    except (Unreadable, ValueError, RecursionError):
        return segments
    return segments + [Segment(f"attachment:{number}/{s.locator}", tidy(s.text)) for s in inner.segments]


def _file_name(part: Message) -> str:
    raw = part.get_filename() or ""
    try:
        return _line(str(make_header(decode_header(raw))))
    except (ValueError, LookupError):
        return _line(raw)
