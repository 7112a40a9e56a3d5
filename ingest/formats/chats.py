"""Exports of conversations: WhatsApp and Signal text, Telegram and Instagram JSON, Telegram HTML.

Times and senders stay as the export writes them: 01/02/20 means two days, and which is not ours to decide.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from ingest.formats.parts import Parsed, Segment, grouped, paragraphs, tidy

_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[ \u202f\xa0]?(?:[AaPp]\.?[ \u202f\xa0]?[Mm]\.?))?"
_HEAD = re.compile(
    rf"^[\u200e\u200f\ufeff]*(?:\[({_DATE}),?[ \u202f]({_TIME})\][ \u200e]*"
    rf"|({_DATE}),?[ \u202f]({_TIME})[ ]-[ ])",
    re.MULTILINE,
)
_SENDER = re.compile(r"^([^:\n]{1,80}):(?:[ \t]|$|(?=\S))")
_JSON_DEPTH = 64


@dataclass(frozen=True, slots=True)
class _Message:
    sent_at: str
    sender: str
    text: str


def looks_like_chat(text: str) -> bool:
    """Whether the first line of the text opens a message and another follows."""
    heads = [mark.start() for mark in _HEAD.finditer(text[:20_000])]
    return len(heads) > 1 and not text[: heads[0]].strip()


def read_chat_text(text: str, encoding: str) -> Parsed:
    """Read an export of WhatsApp or Signal as messages."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    return _conversation(_lines(unix), {"encoding": encoding})


def _lines(text: str) -> Iterator[_Message]:
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        date, time = head.group(1) or head.group(3), head.group(2) or head.group(4)
        body = text[head.end() : end].strip()
        sender = _SENDER.match(body)
        name = sender.group(1).strip() if sender else ""
        yield _Message(f"{date} {time}", name, body[sender.end() :].strip() if sender else body)


def _conversation(messages: Iterator[_Message], metadata: dict[str, str]) -> Parsed:
    segments: list[Segment] = []
    for number, message in enumerate(messages, start=1):
        said = tidy(message.text)
        head = f"[{message.sent_at}] {message.sender}".rstrip()
        segments.append(Segment(f"message:{number}", f"{head}: {said}"))
    return Parsed(tuple(segments), metadata | {"messages": str(len(segments))})


def read_json(text: str, encoding: str) -> Parsed:
    """Read a Telegram or Instagram export as messages, and any other JSON as its strings."""
    lone = json.loads(text)
    chats = _chats(lone)
    if chats:
        title = "; ".join(name for chat in chats if isinstance(name := chat.get("name"), str))
        metadata = {"encoding": encoding} | ({"title": title} if title else {})
        return _conversation((m for chat in chats for m in _messages(chat)), metadata)
    return Parsed(tuple(grouped(_strings(lone, 0), unit="value")), {"encoding": encoding})


def read_json_lines(text: str, encoding: str) -> Parsed:
    """Read JSON Lines as the strings in them; a line that is no JSON stays as it is."""
    pieces: list[str] = []
    for line in text.splitlines():
        try:
            pieces.append("\n".join(_strings(json.loads(line), 0)))
        except ValueError:
            pieces.append(line)
    return Parsed(tuple(grouped((piece for piece in pieces if piece), unit="line")), {"encoding": encoding})


def _chats(value: Any) -> list[dict[str, Any]]:
    """The conversations in an export: one, or the list of a whole account's."""
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("messages"), list):
        return [value]
    lists = [value.get(key) for key in ("chats", "left_chats")]
    rows = [row for part in lists if isinstance(part, dict) for row in part.get("list") or ()]
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("messages"), list)]


def _messages(chat: dict[str, Any]) -> Iterator[_Message]:
    for raw in chat["messages"]:
        if isinstance(raw, dict):
            sender = raw.get("from") or raw.get("actor") or raw.get("sender_name") or ""
            yield _Message(_sent_at(raw), _unmangled(str(sender)), _said(raw))


def _sent_at(raw: dict[str, Any]) -> str:
    for key in ("date", "date_unixtime", "timestamp_ms"):
        value = raw.get(key)
        if key == "date" and isinstance(value, str):
            return value.replace("T", " ")
        try:
            seconds = int(str(value)) / (1000 if key == "timestamp_ms" else 1)
            return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        except (ValueError, OverflowError, OSError):
            continue
    return ""


def _said(raw: dict[str, Any]) -> str:
    text = raw.get("text") or raw.get("content") or ""
    if isinstance(text, list):
        text = "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in text if part)
    extra = [
        f"[{raw[key]}]"
        for key in ("action", "title", "forwarded_from", "file_name", "photo", "sticker_emoji")
        if isinstance(raw.get(key), str)
    ]
    return " ".join([_unmangled(str(text)), *extra]) if "content" in raw else " ".join([str(text), *extra])


def _unmangled(text: str) -> str:
    """Instagram writes each byte of UTF-8 as a character of its own."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except ValueError:
        return text


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield from paragraphs(value)
    elif depth < _JSON_DEPTH:
        if isinstance(value, dict):
            for key, part in value.items():
                inner = list(_strings(part, depth + 1))
                yield from [f"{key}: {inner[0]}", *inner[1:]] if inner else []
        elif isinstance(value, list):
            for part in value:
                yield from _strings(part, depth + 1)
    elif value is not None:
        yield str(value)[:200]


class _TelegramPage(HTMLParser):
    """Telegram's messages.html: divisions with the classes message, from_name, date, text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.messages: list[_Message] = []
        self._open: list[str] = []
        self._parts: dict[str, str] = {}
        self._sender = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._add("\n")
        if tag != "div":
            return
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        kind = next(
            (k for k in ("message", "from_name", "date", "text", "title", "details") if k in classes), ""
        )
        if kind == "message":
            self.finish()
            if "joined" not in classes:
                self._sender = ""
        elif kind == "date" and given.get("title"):
            self._parts["date"] = str(given["title"])
            kind = ""
        self._open.append(kind)

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self._open:
            self._add("\n")
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._add(re.sub(r"\s+", " ", data))

    def _add(self, data: str) -> None:
        kind = next((k for k in reversed(self._open) if k), "")
        if kind in ("from_name", "text", "title", "details"):
            key = "text" if kind in ("title", "details") else kind
            self._parts[key] = self._parts.get(key, "") + data

    def finish(self) -> None:
        self._sender = tidy(self._parts.get("from_name", "")).strip() or self._sender
        text = tidy(self._parts.get("text", ""))
        if text:
            self.messages.append(_Message(self._parts.get("date", ""), self._sender, text))
        self._parts = {}


def looks_like_telegram_page(markup: str) -> bool:
    """Whether a page is one of Telegram Desktop's."""
    return ('class="from_name"' in markup and "tgme" in markup) or 'class="message default' in markup


def read_telegram_page(markup: str, encoding: str) -> Parsed:
    """Read one page of a Telegram HTML export as messages."""
    page = _TelegramPage()
    page.feed(markup)
    page.close()
    page.finish()
    return _conversation(iter(page.messages), {"encoding": encoding})
