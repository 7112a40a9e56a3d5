"""Answers of a crawl: everything that came back, taken apart as far as it can be, and what may differ masked."""

import base64
import binascii
import re
from html import unescape
from urllib.parse import unquote

from kreuzberg import extract_bytes_sync

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_DEPTH = 3

#: What is drawn anew, or follows from what is: ids, digests, keys, moments, times taken.
_ANEW = [
    (re.compile(r"age1pq1[a-z0-9]+|AGE-SECRET-KEY-PQ-1[A-Z0-9]+"), "‹key›"),
    (re.compile(r"\b[a-z2-7]{25}[aeimquy4]\b"), "‹id›"),
    (re.compile(r"[A-Za-z0-9+/_=-]{40,}"), "‹base64›"),
    (re.compile(r"(?:\b[0-9a-f]{4} ){7}[0-9a-f]{4}\b|\b[0-9a-f]{8,}\b"), "‹digest›"),
    (re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?"), "‹moment›"),
    (re.compile(r"\d{1,2}(:\d\d){1,2}(\s*[AP]M)?"), "‹time›"),
    (re.compile(r'"took_ms": [0-9.]+|in [0-9.]+ ms|\b\d+(\.\d+)?\s*ms\b'), "‹ms›"),
    (re.compile(r"\bfile\d+"), "‹file›"),
    (re.compile(r'"log_index": \d+|entry \d+|log</dt><dd>\d+|^Entries \d+', re.M), "‹index›"),
    (re.compile(r'(?<="receipt_code": ")[a-z ]+|(?<=aria-labelledby="code-1">)[a-z ]+'), "‹code›"),
]


def printed(data: bytes) -> bytes:
    """Return an answer with what a person reads in the PDF file that is in it, if one is, for the file."""
    before, mark, rest = data.partition(b"%PDF-")
    return before + extract_bytes_sync(mark + rest, "application/pdf").content.encode() if mark else data


def unfolded(data: bytes, depth: int = _DEPTH) -> str:
    """Return all text that is in some bytes, however it is wrapped: HTML, URL, JSON, base64 of base64."""
    text = data.decode("utf-8", "replace")
    found = [text, unescape(text), unquote(text), _unescaped(text)]
    if depth:
        for run in _BASE64.findall(data):
            for altered in (None, b"-_"):
                try:
                    inner = base64.b64decode(run.rstrip(b"=") + b"==", altchars=altered)
                except binascii.Error:
                    continue
                found.append(unfolded(inner, depth - 1))
    return "\n".join(found).casefold()


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)


def normalised(text: str) -> str:
    """Return an answer without what differs between two archives that hold the same for who asks."""
    for pattern, mask in _ANEW:
        text = pattern.sub(mask, text)
    return text
