"""Which reader reads which type. Runs only inside the parser host.

The media type is what the bytes look like, not what the sender says; a text is looked at again, because chat
exports and subtitles are plain text to everyone else.
"""

import codecs
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Protocol

from ingest.formats.chats import (
    looks_like_chat,
    looks_like_telegram_page,
    read_chat_text,
    read_json,
    read_json_lines,
    read_telegram_page,
)
from ingest.formats.encodings import decode
from ingest.formats.mail import read_mail, read_mailbox
from ingest.formats.markup import decode_html, read_html
from ingest.formats.parts import Escalate, Parsed, Unreadable
from ingest.formats.plain import read_table, read_text
from ingest.formats.subtitles import looks_like_subtitles, read_subtitles

_TEXT = frozenset(
    {
        "application/json",
        "application/x-ndjson",
        "application/x-subrip",
        "application/csv",
        "application/yaml",
    }
    | {"application/x-yaml", "application/javascript"}
)
_PAGES = frozenset({"text/html", "application/xhtml+xml", "text/xml", "application/xml", "image/svg+xml"})
_DOCUMENTS = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")
_DOCUMENT_TYPES = frozenset(
    {"application/pdf", "application/rtf", "text/rtf", "application/msword", "application/vnd.ms-excel"}
    | {"application/vnd.ms-powerpoint", "application/vnd.ms-outlook", "application/epub+zip"}
    | {"application/x-fictionbook+xml", "application/vnd.ms-word.document.macroenabled.12"}
    | {
        "application/vnd.ms-excel.sheet.macroenabled.12",
        "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    }
    | {"image/png", "image/jpeg", "image/tiff", "image/bmp", "image/gif", "image/webp", "image/jp2"}
)
_BY_SUFFIX = {
    ".pdf": "application/pdf",
    ".rtf": "application/rtf",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".msg": "application/vnd.ms-outlook",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".eml": "message/rfc822",
    ".htm": "text/html",
    ".html": "text/html",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".json": "application/json",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}
_CODECS = (
    *("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp437", "cp852", "cp855", "cp866"),
    *("cp1250", "cp1251", "cp1252", "cp1257", "koi8_r", "koi8_u", "mac_cyrillic"),
    *("iso8859_1", "iso8859_2", "iso8859_5", "iso8859_13", "iso8859_15"),
    *("iso2022_jp", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
)


_MAIL = b"""Subject: =?utf-8?B?YQ==?= =?koi8-r?Q?=C1?=
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: message/rfc822

Content-Type: text/html
Content-Transfer-Encoding: quoted-printable

<p>=41
--b
Content-Type: application/x
Content-Disposition: attachment; filename*=utf-8''a
Content-Transfer-Encoding: x-uuencode

begin 644 a
#84)#
end
--b
Content-Transfer-Encoding: base64

YQ==
--b--
"""


class DocumentReader(Protocol):
    """What documents.py gives where the host has loaded kreuzberg."""

    def read(self, data: bytes, *, media_type: str, languages: Sequence[str]) -> Parsed: ...


def preload() -> None:
    """Load what Python would load on first use: after lock-down no file can be opened."""
    for name in _CODECS:
        codecs.lookup(name)
    unicodedata.lookup("LATIN SMALL LETTER A")
    read_mail(_MAIL, attachment=lambda inner, _kind, _name: read_mail(inner, attachment=None))
    read_json('{"messages": [{"date_unixtime": "1", "text": "a"}]}', "utf-8")
    read_table("a,b\n1,2\n", "utf-8")


def read_document(
    data: bytes, *, media_type: str, languages: Sequence[str], documents: DocumentReader | None
) -> Parsed:
    """Read one file; Unreadable says why not, Escalate that this host lacks the library."""

    def attachment(inner: bytes, declared: str, name: str) -> Parsed:
        known = _BY_SUFFIX.get(PurePosixPath(name.lower()).suffix)
        kind = known if known and not _is_readable(declared) else declared
        return _read(inner, kind, languages, documents)

    if media_type == "message/rfc822":
        return read_mail(data, attachment=attachment)
    if media_type == "application/mbox":
        return read_mailbox(data, attachment=attachment)
    return _read(data, media_type, languages, documents)


def _is_readable(media_type: str) -> bool:
    return (
        media_type in _DOCUMENT_TYPES
        or media_type in _TEXT
        or media_type.startswith(("text/", "message/", *_DOCUMENTS))
    )


def _read(data: bytes, media_type: str, languages: Sequence[str], documents: DocumentReader | None) -> Parsed:
    if media_type in _PAGES:
        markup, encoding = decode_html(data)
        return (read_telegram_page if looks_like_telegram_page(markup) else read_html)(markup, encoding)
    if media_type == "message/rfc822":
        return read_mail(data, attachment=None)
    if media_type in _DOCUMENT_TYPES or media_type.startswith(_DOCUMENTS):
        if media_type.startswith("image/") and not languages:
            raise Unreadable("not-text", "no-ocr-languages")
        if documents is None:
            raise Escalate("ocr" if media_type.startswith("image/") else "documents")
        return documents.read(data, media_type=media_type, languages=languages)
    if media_type in _TEXT or media_type.startswith("text/"):
        return _read_text(*decode(data), media_type)
    raise Unreadable("not-text", "no-reader")


def _read_text(text: str, encoding: str, media_type: str) -> Parsed:
    if media_type == "application/json" or text[:1] in "{[":
        try:
            return read_json(text, encoding)
        except ValueError:
            if media_type == "application/x-ndjson" or text.startswith("{"):
                return read_json_lines(text, encoding)
    if looks_like_subtitles(text):
        return read_subtitles(text, encoding)
    if looks_like_chat(text):
        return read_chat_text(text, encoding)
    if media_type in ("text/csv", "application/csv", "text/tab-separated-values"):
        return read_table(text, encoding)
    return read_text(text, encoding)
