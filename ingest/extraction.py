"""Text of deposited files, by way of the parser host. Nothing here opens a file's format itself.

One `Extractor` serves one deposit: its plain texts, chats, subtitles and mail share one host, which
starts in a tenth of a second, too long for each of thousands of small files; every PDF, Office file or
picture has a host of its own. A host that failed is never used again.
"""

import io
import os
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self, cast

from ingest.formats.parts import Segment
from ingest.identify import HEAD_BYTES, UNKNOWN, Identified, claim_of, judge
from ingest.sandbox.launcher import Budget, Host, HostEnded

Outcome = Literal["success", "failure", "timeout", "too-large", "not-text", "waiting"]
OCR_LANGUAGES = ("bel", "rus", "ukr", "pol", "eng")

_OUTCOMES = frozenset({"success", "failure", "timeout", "too-large", "not-text", "waiting"})
_TIERS = ("text", "documents", "ocr")
_DETAIL = re.compile(r"[a-z-]{1,40}")
_LOCATOR = re.compile(r"[a-z]{1,20}:[0-9:]{1,20}(?:/[a-z]{1,20}:[0-9:]{1,20}){0,4}")
_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[A-Za-z0-9.+_-]{1,100}")
_KEY = re.compile(r"[a-z_]{1,40}")
_VALUE_LETTERS = 2000
# Control characters and halves of surrogate pairs: neither may reach an index, a page or a strict encoder.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_REASONS: dict[str, tuple[Outcome, str]] = {
    "wall-clock": ("timeout", "wall-clock"),
    "cpu": ("timeout", "cpu"),
    "output": ("too-large", "output"),
    "crashed": ("failure", "crashed"),
    "malformed": ("failure", "malformed-reply"),
    "no-start": ("failure", "no-start"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. Recognising the text of pictures takes longer and has limits of its own."""

    input_bytes: int = 256 * 1024 * 1024
    output_bytes: int = 64 * 1024 * 1024
    memory_bytes: int = 1536 * 1024 * 1024
    wall_seconds: float = 60.0
    cpu_seconds: int = 60
    ocr_wall_seconds: float = 600.0
    ocr_cpu_seconds: int = 900


@dataclass(frozen=True, slots=True)
class Extraction:
    """What came of reading one file. `detail` is a closed word; segments are empty unless it succeeded."""

    outcome: Outcome
    detail: str
    segments: tuple[Segment, ...] = field(default=(), repr=False)
    metadata: dict[str, str] = field(default_factory=dict, repr=False)


def installed_languages(tessdata: Path | None) -> tuple[str, ...]:
    """Return those of our languages whose Tesseract files are in this folder."""
    if tessdata is None:
        return ()
    return tuple(code for code in OCR_LANGUAGES if (tessdata / f"{code}.traineddata").is_file())


class Extractor:
    """Extracts text in parser hosts. Use as a context, one per deposit; safe for several threads."""

    def __init__(self, *, limits: Limits, tessdata: Path | None) -> None:
        self._limits = limits
        self._tessdata = tessdata
        self._installed = installed_languages(tessdata)
        self._lock = threading.Lock()
        self._shared: Host | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the shared host, which may still hold what it read."""
        with self._lock:
            self._retire()

    def extract(
        self, source: int | bytes, *, media_type: str, languages: tuple[str, ...] = OCR_LANGUAGES
    ) -> Extraction:
        """Extract text and metadata from bytes, or from a readable, seekable descriptor, which stays open.

        `media_type` is what identification found. `languages` are wanted for OCR; those not installed are
        passed over. Never raises for anything in the file.
        """
        size_bytes = len(source) if isinstance(source, bytes) else os.fstat(source).st_size
        if size_bytes > self._limits.input_bytes:
            return Extraction("too-large", "input")
        head = {
            "media_type": media_type,
            "languages": [code for code in languages if code in self._installed],
            "size_bytes": size_bytes,
        }
        tier = _first_tier(media_type)
        while True:
            found = self._in_shared(head, source) if tier == "text" else self._alone(tier, head, source)
            wish = found.get("escalate")
            if wish not in _TIERS or _TIERS.index(wish) <= _TIERS.index(tier):
                return _checked(found)
            tier = wish

    def identify(self, head: bytes, *, name: str) -> Identified:
        """Identify a file as `ingest.identify.identify` does, with libmagic in the parser host.

        Where no host answers, the type is unknown, and only what the name claims is told.
        """
        request: dict[str, Any] = {"media_type": None, "languages": [], "size_bytes": len(head[:HEAD_BYTES])}
        seen = self._in_shared(request, head[:HEAD_BYTES]).get("seen")
        if not isinstance(seen, str) or not _MEDIA_TYPE.fullmatch(seen):
            return Identified(UNKNOWN, claim_of(name), False)
        return judge(seen, head, name=name)

    def _in_shared(self, head: dict[str, Any], source: int | bytes) -> dict[str, Any]:
        with self._lock:
            try:
                if self._shared is None:
                    self._shared = Host("text", budget=self._budget("text"))
                found = _ask(self._shared, head, source)
            except (HostEnded, OSError) as error:
                self._retire()
                return _ended(error)
            if _spent(found) > self._limits.cpu_seconds / 2:
                self._retire()
            return found

    def _alone(self, tier: str, head: dict[str, Any], source: int | bytes) -> dict[str, Any]:
        try:
            with Host(
                tier, budget=self._budget(tier), tessdata=self._tessdata, languages=head["languages"]
            ) as host:
                return _ask(host, head, source)
        except (HostEnded, OSError) as error:
            return _ended(error)

    def _retire(self) -> None:
        if self._shared is not None:
            self._shared.close()
            self._shared = None

    def _budget(self, tier: str) -> Budget:
        limits = self._limits
        ocr = tier == "ocr"
        return Budget(
            wall_seconds=limits.ocr_wall_seconds if ocr else limits.wall_seconds,
            cpu_seconds=limits.ocr_cpu_seconds if ocr else limits.cpu_seconds,
            memory_bytes=limits.memory_bytes,
            output_bytes=limits.output_bytes,
        )


def _first_tier(media_type: str) -> str:
    """A guess that saves a start; the host asks for another tier where it is wrong."""
    if media_type.startswith("application/") and re.search(
        r"pdf|rtf|officedoc|opendoc|ms-|msword", media_type
    ):
        return "documents"
    return "text"


def _ask(host: Host, head: dict[str, Any], source: int | bytes) -> dict[str, Any]:
    if not host.protection.seccomp:
        return {"outcome": "waiting", "detail": "no-system-call-filter"}
    body: IO[bytes]
    if isinstance(source, bytes):
        body = io.BytesIO(source)
    else:
        os.lseek(source, 0, os.SEEK_SET)
        body = open(source, "rb", buffering=0, closefd=False)  # noqa: SIM115  not ours to close
    return host.ask(head, body)


def _ended(error: HostEnded | OSError) -> dict[str, Any]:
    if isinstance(error, OSError):
        return {"outcome": "waiting", "detail": "no-host"}
    outcome, detail = _REASONS[error.reason]
    return {"outcome": outcome, "detail": detail}


def _spent(found: dict[str, Any]) -> float:
    spent = found.get("cpu_seconds")
    return float(spent) if isinstance(spent, (int, float)) else float("inf")


def _checked(found: dict[str, Any]) -> Extraction:
    """Take nothing from the host on trust: its reader may have been taken over by the file."""
    outcome, detail = found.get("outcome"), found.get("detail")
    if outcome not in _OUTCOMES or not isinstance(detail, str) or not _DETAIL.fullmatch(detail):
        return Extraction("failure", "malformed-reply")
    if outcome != "success":
        return Extraction(cast("Outcome", outcome), detail)
    try:
        segments = tuple(_segment(*row) for row in found["segments"])
        metadata = {k: _clean(v)[:_VALUE_LETTERS] for k, v in found["metadata"].items() if _KEY.fullmatch(k)}
    except (KeyError, TypeError, ValueError, AttributeError):
        return Extraction("failure", "malformed-reply")
    return Extraction("success", detail, segments, metadata)


def _segment(locator: str, text: str) -> Segment:
    if not _LOCATOR.fullmatch(locator):
        raise ValueError("not a locator")
    return Segment(locator, _clean(text))


def _clean(text: str) -> str:
    return _UNSAFE.sub(" ", text)
