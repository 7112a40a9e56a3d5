"""Handing things in, and the receipts for it."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from archive.access.keyring import Held, keyring
from archive.access.receipts import fetch_receipt
from archive.errors import AccessError, IntakeError, SviedkaError
from archive.events import format_moment, parse_entry
from archive.ids import Id
from archive.nouns import Action, Role
from archive.policy import Allowed, Request, decide
from archive.records import Description, FaultyRecord, load_description
from archive.records.description import FLAGS
from archive.uses import RightsBasis, Use
from archive.vocabulary import label, vocabulary
from archive.web.door import archive, door, sitting
from archive.web.downloads import attach
from archive.web.faults import words_for
from archive.web.gate import signed_in
from archive.web.languages import CONTENT_NAMES, language
from archive.web.languages import translate as _
from archive.web.uploads import StreamingRequest, Upload
from archive.web.words import basis_explained, flag_explained, flag_words, use_explained
from ingest.accession import code_digest
from ingest.deposit import Handed, Intake, Result
from ingest.extraction import Extractor, Limits

LISTED = 100
_LISTS = ("perpetrators", "institutions", "places")
_EVERYTHING = "file"


@dataclass(frozen=True, slots=True)
class Deposited:
    """One of one's own deposits: no title, no name, no contents."""

    item: Id
    at: str
    index: int
    label: str


@signed_in(Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN)
def ask_deposit() -> str:
    """Show the form for handing in."""
    return _form(MultiDict({"rights_basis": "consent"}), [])


@signed_in(Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN)
def deposit() -> str | Response:
    """Take the files in as they arrive; show what became of each."""
    try:
        description = load_description(_stated(request.form), [_EVERYTHING])[_EVERYTHING]
    except FaultyRecord as fault:
        return make_response(_form(request.form, _explained(fault)), 400)
    label = request.form.get("compartment", "")
    if label not in _open_to_me():
        raise AccessError("A02", "no compartment of that label is open to deposits")
    with Extractor(limits=Limits(), tessdata=door().tessdata) as extractor:
        intake = Intake(archive(), sitting(), label, extractor, language=language())
        arriving = _Arriving(description)
        results = list(intake.deposit(arriving))
    if arriving.fault is not None:
        results.append(Result(_("The rest of what was sent"), "failed", error=arriving.fault))
    if not results:
        return make_response(_form(request.form, [("files", _("Choose at least one file."))]), 400)
    alone = description.minor_alone and any(one.item for one in results)
    return render_template("deposited.html", results=results, label=label, words=_outcome, minor_alone=alone)


@signed_in()
def my_deposits() -> str:
    """List what one handed in."""
    return _mine()


@signed_in()
def my_receipt() -> str | Response:
    """Hand out the receipt of an item or of a code of words, to its depositor."""
    wanted = request.form.get("wanted", "").strip().lower()[:300]
    try:
        receipt = fetch_receipt(archive(), sitting(), wanted, code_digest(wanted))
    except AccessError as fault:
        return make_response(_mine(words_for(fault), wanted), 404)
    return attach(receipt, "receipt.txt")


def _mine(fault: str = "", wanted: str = "") -> str:
    ledger = archive().ledger()
    labels = {one.compartment: one.label for one in keyring(archive(), sitting()).values()}
    mine = [item for item in tuple(ledger.items.values()) if item.depositor == sitting().id]
    newest = sorted(mine, key=lambda item: -item.index)[:LISTED]
    listed = [
        Deposited(item.item, _logged_at(item.index), item.index, labels.get(item.compartment, ""))
        for item in newest
    ]
    return render_template("my_deposits.html", listed=listed, total=len(mine), fault=fault, wanted=wanted)


def _logged_at(index: int) -> str:
    return parse_entry(archive().log.entry(index)).event.at


def _form(entered: Mapping[str, str], faults: list[tuple[str, str]]) -> str:
    return render_template(
        "deposit.html",
        entered=entered,
        chosen_uses=entered.getlist("uses") if isinstance(entered, MultiDict) else [],
        faults=faults,
        labels=[(one, one) for one in _open_to_me()],
        languages=CONTENT_NAMES,
        bases=[(one, label("rights-bases", one, language()), basis_explained(one)) for one in RightsBasis],
        givers=[(code, label("consent-givers", code, language())) for code in vocabulary("consent-givers")],
        flags=[(one, flag_words(one), flag_explained(one)) for one in FLAGS],
        uses=[(one, label("uses", one, language()), use_explained(one)) for one in Use],
    )


def _open_to_me() -> list[str]:
    """Return the labels of the compartments one may hand in to now; the ordinary ones come first."""
    now, ledger = format_moment(archive().clock()), archive().ledger()

    def order(held: Held) -> tuple[bool, bool, str]:
        compartment = ledger.compartments[held.compartment]
        return compartment.authority, compartment.companion_of is not None, held.label

    return [
        held.label
        for held in sorted(keyring(archive(), sitting()).values(), key=order)
        if isinstance(
            decide(ledger, Request(sitting().id, Action.CONTRIBUTE, held.compartment, now)), Allowed
        )
    ]


def _stated(form: MultiDict[str, str]) -> dict[str, Any]:
    """Read the fields of the form as a description."""
    texts = ("title", "language", "date", "rights_basis")
    stated: dict[str, Any] = {name: form[name].strip() for name in texts if form.get(name, "").strip()}
    stated |= {
        name: [{"name": line.strip()} for line in form[name].splitlines() if line.strip()]
        for name in _LISTS
        if form.get(name, "").strip()
    }
    stated |= {flag: True for flag in FLAGS if form.get(flag)}
    uses = sorted({*form.getlist("uses"), Use.STORE.value})
    match stated.get("rights_basis"):
        case RightsBasis.CONSENT:
            given_on = form.get("given_on", "").strip()
            stated["consent"] = {
                "given_by": form.get("given_by", ""),
                "uses": uses,
                **({"given_on": given_on} if given_on else {}),
                **({"contact_first": True} if form.get("contact_first") else {}),
            }
        case RightsBasis.STATUTE | RightsBasis.POLICY:
            stated["uses"] = uses
        case None:
            stated["rights_basis"] = ""
    return stated


def _explained(fault: FaultyRecord) -> list[tuple[str, str]]:
    """Say of each faulty field what to enter, by the field's name."""
    found: dict[str, str] = {}
    for one in fault.faults:
        parts = one.path.split(".")
        name = parts[1] if parts[0] == "consent" and len(parts) > 1 else parts[0].partition("[")[0]
        found[name] = f"{label('fields', name, language())}: {_hint(name)}"
    return list(found.items())


def _hint(name: str) -> str:
    match name:
        case "date" | "given_on":
            return _("Write a date as 2020-08-09, 2020-08 or 2020.")
        case "rights_basis" | "given_by" | "language":
            return _("Choose one of the answers.")
        case _:
            return _("Write one line for each, of at most 500 characters.")


class _Arriving:
    """The files of the form as they arrive. Where the line is cut, what came whole is kept."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self.fault: IntakeError | None = None

    def __iter__(self) -> Iterator[Handed]:
        asked = request
        parts = asked.parts if isinstance(asked, StreamingRequest) else None
        try:
            for upload in parts.files() if parts else ():
                yield Handed(upload.name, partial(nullcontext[Upload], upload), self._description)
        except IntakeError as fault:
            self.fault = fault


def _outcome(result: Result) -> str:
    match result.status:
        case "accessioned":
            return _("Taken into custody")
        case "duplicate":
            return _("You handed in the same file before; it is kept once")
        case _:
            fault = result.error
            return (
                words_for(fault) if isinstance(fault, SviedkaError) else _("The file could not be received.")
            )
