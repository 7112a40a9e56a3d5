"""Packs: handing one in and fetching its receipts without an account; and confirming what came in them."""

import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Final

from flask import Response, make_response, render_template, request

from archive.access.claimed import waiting
from archive.access.pack_receipts import receipts_by_code
from archive.access.receipts import trust_of
from archive.errors import AccessError, IntakeError, SviedkaError
from archive.ids import Id
from archive.nouns import Role
from archive.trust import format_trust
from archive.web.door import archive, door, sitting
from archive.web.downloads import attach
from archive.web.entrance import opening
from archive.web.faults import OUTCOME_HEADER, status_of, words_for
from archive.web.gate import public, signed_in
from archive.web.languages import translate as _
from archive.web.uploads import CHUNK_BYTES, StreamingRequest, Upload
from ingest.arriving import take_arriving
from ingest.confirmation import Confirmed, confirm
from ingest.extraction import Extractor, Limits
from ingest.submission import Submitted
from storage.locks import exclusive, one_of

#: So many packs arrive, and so many codes are looked at or wait to be, at once in all processes together.
PACKS: Final = 3
CODES: Final = 2
#: What one click confirms at most; the rest waits for the next.
AT_ONCE: Final = 50
_DRAINED_BYTES: Final = 32 << 20
_DRAINED_SECONDS: Final = 10
_READERS = (Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN)


@public
def ask_submit() -> str:
    """Show the form for a pack."""
    return render_template("submit.html", done=None, fault="", code="")


@public
def submit() -> Response:
    """Take a pack in as it arrives. The answer is the same whether or not it was here before."""
    try:
        done = _take_in()
    except SviedkaError as fault:
        page = render_template("submit.html", done=None, fault=words_for(fault), code=fault.code)
        return _answer(page, 507 if fault.code == "F02" else status_of(fault), fault.code)
    if done is None:
        page = render_template("submit.html", done=None, fault=_("Choose a pack."), code="")
        return _answer(page, 400, "")
    return _answer(render_template("submit.html", done=done, fault="", code=""), 201, "taken")


def _answer(page: str, status: int, outcome: str) -> Response:
    response = make_response(page, status)
    # For `sviedka submit`, which does not read what is written for people.
    response.headers[OUTCOME_HEADER] = outcome
    return response


def _take_in() -> Submitted | None:
    asked = request
    parts = asked.parts if isinstance(asked, StreamingRequest) else None
    with _place("packs", PACKS):
        for upload in parts.files() if parts else ():
            try:
                return take_arriving(archive(), upload.read)
            except SviedkaError:
                _drain(upload)
                raise
    return None


def _drain(upload: Upload) -> None:
    """Read some of what is still sent, for a while, so that whoever sends it gets to see the answer."""
    left, ends = _DRAINED_BYTES, time.monotonic() + _DRAINED_SECONDS
    with suppress(SviedkaError):
        while left > 0 and time.monotonic() < ends and (chunk := upload.read(CHUNK_BYTES)):
            left -= len(chunk)


@public
def ask_pack_receipt() -> str:
    """Show the form for the code of words of a pack."""
    return render_template("pack_receipt.html", fault="", code="")


@public
def pack_receipt() -> Response:
    """Hand out the receipts of a pack to whoever knows its code of words."""
    words = request.form.get("words", "")
    try:
        if not words.strip():
            raise IntakeError("I82", "no code of words")
        # As for signing in: one at a time needs the memory, and few may wait for it.
        with _place("codes", CODES), exclusive(_shared("codes-first")), opening(archive()):
            found = receipts_by_code(archive(), words)
    except (AccessError, IntakeError) as fault:
        told = _("Enter the code of words.") if fault.code == "I82" else words_for(fault)
        page = render_template("pack_receipt.html", fault=told, code=fault.code)
        return make_response(page, status_of(fault))
    return attach(_zipped(found), "receipts.zip")


def _zipped(receipts: dict[Id, bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        # With a fixed date: when it was fetched is nobody's business.
        for item, receipt in receipts.items():
            target.writestr(zipfile.ZipInfo(f"{item}.tlog-proof"), receipt)
        target.writestr(zipfile.ZipInfo("archive.trust"), format_trust(trust_of(archive())))
    return file.getvalue()


@contextmanager
def _place(name: str, places: int) -> Iterator[None]:
    """Take one of few places, or refuse (A65) at once."""
    with one_of(_shared(f"{name}-{place}") for place in range(places)) as admitted:
        if not admitted:
            raise AccessError("A65", "too many are handing in or fetching receipts at once")
        yield


def _shared(name: str) -> Path:
    return door().archive.runtime.shared / name


@signed_in(*_READERS)
def claimed() -> str:
    """List what came in packs where one holds the key, and was never confirmed."""
    return _claimed([])


@signed_in(*_READERS)
def confirm_claimed() -> str:
    """Compare one item, or all that wait, with what their packs say; show what came of it."""
    wanted = request.form.get("item", "")
    listed = [one.item for one in waiting(archive(), sitting()) if one.confirmable]
    with Extractor(limits=Limits(), tessdata=door().tessdata) as extractor:
        items = [Id(wanted)] if wanted else listed[:AT_ONCE]
        return _claimed([_confirm(extractor, item) for item in items])


def _confirm(extractor: Extractor, item: Id) -> tuple[Id, Confirmed | None, str]:
    try:
        return item, confirm(archive(), sitting(), extractor, item), ""
    except SviedkaError as fault:
        return item, None, f"{words_for(fault)} ({fault.code})"


def _claimed(done: list[tuple[Id, Confirmed | None, str]]) -> str:
    listed = waiting(archive(), sitting())
    return render_template(
        "claimed.html",
        done=done,
        waiting=[one for one in listed if one.mismatched_at is None],
        mismatched=[one for one in listed if one.mismatched_at is not None],
        what={
            "description": _("what is said of it"),
            "original": _("the sealed file"),
            "name": _("the file name"),
            "size_bytes": _("the size in bytes"),
            "sha256": "SHA-256",
            "blake3": "BLAKE3",
        },
        said={
            "what was committed to when it was packed": _("what was committed to when it was packed"),
            "what the pack was committed to": _("what the pack was committed to"),
            "something that does not open": _("something that does not open"),
            "a sealed file that opens": _("a sealed file that opens"),
            "one that does not": _("one that does not open"),
        },
    )
