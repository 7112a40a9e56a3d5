"""Checking a receipt, for anyone: what it proves, and whether a file is the one it is for."""

from dataclasses import dataclass
from functools import partial

from flask import Response, make_response, render_template, request

from archive.access.receipts import trust_of
from archive.errors import SviedkaError
from archive.receipts import Proven, check_file, parse_receipt, verify_receipt
from archive.web.countersigned import signers_of
from archive.web.door import archive
from archive.web.faults import words_for
from archive.web.gate import public
from archive.web.languages import translate as _
from archive.web.uploads import CHUNK_BYTES, StreamingRequest
from keys.signing import verify_ed25519, verify_mldsa44

LARGEST_RECEIPT_BYTES = 256 << 10
_PLAIN = frozenset({"C80", "C83", "C84", "I80"})


@dataclass(frozen=True, slots=True)
class Checked:
    """What a receipt proved, and the size of the file that was held against it, if one was."""

    proven: Proven
    file_bytes: int | None
    signers: list[str]


@public
def ask_verify() -> str:
    """Show the form for a receipt and, if wished, the file."""
    return render_template("verify.html", checked=None, fault="", code="")


@public
def verify() -> str | Response:
    """Check a receipt against this archive's keys, and the file against the receipt. Nothing is kept."""
    try:
        checked = _check()
    except SviedkaError as fault:
        page = render_template("verify.html", checked=None, fault=_told(fault), code=fault.code)
        return make_response(page, 400)
    if checked is None:
        page = render_template("verify.html", checked=None, fault=_("Choose a receipt."), code="")
        return make_response(page, 400)
    return render_template("verify.html", checked=checked, fault="", code="")


def _told(fault: SviedkaError) -> str:
    if fault.code in _PLAIN:
        return words_for(fault)
    return _("This is not a receipt of this archive, or it was altered or cut short.")


def _check() -> Checked | None:
    asked = request
    parts = asked.parts if isinstance(asked, StreamingRequest) else None
    proven, file_bytes, signers = None, None, list[str]()
    for upload in parts.files() if parts else ():
        if upload.field == "receipt":
            receipt = parse_receipt(upload.read(LARGEST_RECEIPT_BYTES))
            signers = signers_of(receipt.proof.checkpoint)
            proven = verify_receipt(
                receipt,
                trust=trust_of(archive()),
                check_ed25519=verify_ed25519,
                check_mldsa44=verify_mldsa44,
            )
        elif proven is not None:
            file_bytes = check_file(proven.openings, partial(upload.read, CHUNK_BYTES))
    return Checked(proven, file_bytes, signers) if proven else None
