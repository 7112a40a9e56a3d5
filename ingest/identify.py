"""What a file is by its first bytes, beside what its name claims. Neither is trusted.

libmagic is C and reads hostile bytes; `Extractor.identify` runs this inside the parser host.
"""

import mimetypes
from dataclasses import dataclass

import magic

HEAD_BYTES = 256 * 1024
UNKNOWN = "application/octet-stream"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OFFICE = "application/vnd.openxmlformats-officedocument."
# Extensions that the standard library does not know, or knows differently from system to system.
_CLAIMS = {
    "docx": _OFFICE + "wordprocessingml.document",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    "pptx": _OFFICE + "presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "epub": "application/epub+zip",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
    "rtf": "application/rtf",
    "eml": "message/rfc822",
    "mbox": "application/mbox",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "heic": "image/heic",
    "webp": "image/webp",
    "m4a": "audio/mp4",
}
_SAME = {
    "text/rtf": "application/rtf",
    "text/xml": "application/xml",
    "application/x-ole-storage": UNKNOWN,
    "application/CDFV2": UNKNOWN,
    "application/x-empty": UNKNOWN,
    "inode/x-empty": UNKNOWN,
    "audio/x-wav": "audio/wav",
    "audio/x-m4a": "audio/mp4",
    "video/x-m4v": "video/mp4",
    "image/x-ms-bmp": "image/bmp",
    "application/ndjson": "application/x-ndjson",
}
_CONTAINERS = {
    "application/zip": ("application/vnd.", "application/epub+zip"),
    UNKNOWN: ("application/msword", "application/vnd.ms-"),
}
_ALIKE = (
    {"audio/mp4", "video/mp4"},
    {"audio/ogg", "video/ogg"},
    {"text/html", "application/xhtml+xml"},
)
# What is text to libmagic may be any of these; the name then says which.
_TEXTS = ("text/", "application/json", "application/x-ndjson", "application/x-subrip", "message/rfc822")
_TEXTS_MORE = ("application/mbox", "application/xml", "application/xhtml+xml", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class Identified:
    """The type the bytes show, the type the name claims (None: nothing), and whether they disagree."""

    media_type: str
    claimed_media_type: str | None
    mismatch: bool


def identify(head: bytes, *, name: str) -> Identified:
    """Identify a file by its first 256 KiB (or all of it, where it is shorter) and its name, right here."""
    return judge(Recogniser().seen(head), head, name=name)


def judge(seen: str, head: bytes, *, name: str) -> Identified:
    """Weigh what libmagic saw against what the name claims."""
    claimed = claim_of(name)
    refined = _refined(seen, head, claimed)
    return Identified(refined, claimed, claimed is not None and not _agree(refined, claimed))


def claim_of(name: str) -> str | None:
    """Return the type that the extension of a file name claims."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    guess = _CLAIMS.get(extension) or mimetypes.MimeTypes().guess_type(f"x.{extension}")[0]
    return _SAME.get(guess, guess) if guess else None


class Recogniser:
    """libmagic with its database loaded; not for two threads at once."""

    def __init__(self) -> None:
        self._magic = magic.Magic(mime=True)

    def seen(self, head: bytes) -> str:
        """Return the type that the bytes show."""
        if not head:
            return UNKNOWN
        try:
            seen = str(self._magic.from_buffer(head[:HEAD_BYTES]))
        except (magic.MagicException, UnicodeDecodeError):
            return UNKNOWN
        return _SAME.get(seen, seen)


def _refined(seen: str, head: bytes, claimed: str | None) -> str:
    """Believe the name only where the bytes leave it open: which kind of text, or of container."""
    if claimed is None:
        return seen
    if _is_text(seen) and _is_text(claimed):
        return claimed if seen.startswith("text/") or claimed == "message/rfc822" else seen
    holds_ole = seen == UNKNOWN and head.startswith(_OLE)
    holds_zip = head.startswith(b"PK\x03\x04") and seen in (UNKNOWN, "application/zip")
    if (holds_ole and claimed.startswith(_CONTAINERS[UNKNOWN])) or (
        holds_zip and claimed.startswith(_CONTAINERS["application/zip"])
    ):
        return claimed
    return seen


def _is_text(media_type: str) -> bool:
    return media_type.startswith(_TEXTS) or media_type in _TEXTS_MORE


def _agree(seen: str, claimed: str) -> bool:
    return seen == claimed or {seen, claimed} in _ALIKE
