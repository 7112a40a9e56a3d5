"""Redactions of an item: adding one, and saving one. Reading one is the item's page's work."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from archive.access.keyring import keyring
from archive.access.knowing import known_item
from archive.access.signin import pen
from archive.errors import AccessError, IntakeError, SviedkaError
from archive.ids import Id
from archive.nouns import Action, Role
from archive.policy import Allowed, Request, decide
from archive.records import load_description
from archive.uses import STORE_ONLY, Use
from archive.web.door import archive, door, sitting
from archive.web.downloads import attach
from archive.web.faults import status_of, words_for
from archive.web.gate import signed_in
from archive.web.languages import CONTENT_NAMES
from archive.web.languages import translate as _
from archive.web.uploads import StreamingRequest, Upload
from archive.web.words import use_explained, use_words
from ingest.deposit import Handed
from ingest.extraction import Extractor, Limits
from ingest.renditions import Terms, add_redaction, may_redact, uses_open_to
from search.choosing import Wanted
from search.disclosure import read

_READERS = (Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN)
_RELEASING = (Role.LAWYER, Role.CUSTODIAN)
#: What is wrong with the form itself, and shown on it.
_ON_THE_FORM = frozenset({"A61", "C59", "I62", "I80", "I96"})
_TEXTS = ("title", "language", "handling")


@dataclass(frozen=True, slots=True)
class _Place:
    """What the form offers for one item: where a redaction of it may go, and for which uses."""

    item: Id
    labels: list[str]
    home: str
    uses: frozenset[Use]


@signed_in(*_RELEASING)
def ask_redaction(item: str) -> str:
    """Show the form for adding a redaction."""
    place = _place(Id(item))
    return _form(place, {"compartment": place.home}, [])


@signed_in(*_RELEASING)
def redact(item: str) -> str | Response:
    """Take in a redaction as it arrives; show what was found in it."""
    place, form = _place(Id(item)), request.form
    faults = [] if form.get("reason", "").strip() else [("reason", _("Say why."))]
    upload = None if faults else _upload()
    if not faults and upload is None:
        faults = [("file", _("Choose the redacted file."))]
    if upload is None:
        return make_response(_form(place, form, faults), 400)
    try:
        handed = Handed(upload.name, partial(nullcontext[Upload], upload), _described(form))
        with Extractor(limits=Limits(), tessdata=door().tessdata) as extractor:
            added = add_redaction(archive(), sitting(), extractor, handed, _terms(place, form))
    except SviedkaError as fault:
        if fault.code not in _ON_THE_FORM and not isinstance(fault, IntakeError):
            raise
        return make_response(_form(place, form, [("", words_for(fault))]), status_of(fault))
    return render_template("redacted.html", item=place.item, added=added)


@signed_in(*_READERS)
def save_form(item: str) -> Response:
    """Hand out a form of an item as it was handed in, as a file to be saved."""
    wanted = Wanted(form=Id(request.form.get("rendition", "")), as_file=True)
    shown = read(archive(), sitting(), Id(item), wanted=wanted)
    return attach(shown.chunks, shown.name)


def _place(item: Id) -> _Place:
    """Return what may be offered (as `add_redaction` refuses)."""
    found, author = known_item(archive(), sitting(), item), pen(archive(), sitting())
    held = keyring(archive(), sitting())
    if found.compartment not in held:
        raise AccessError("A20", "there is no such item for you to read")
    may_redact(archive(), author, found)
    labels = [
        one.label
        for one in held.values()
        if any(
            isinstance(
                decide(archive().ledger(), Request(author.agent, action, one.compartment, author.now())),
                Allowed,
            )
            for action in (Action.CONTRIBUTE, Action.DESCRIBE)
        )
    ]
    uses = uses_open_to(archive(), author, found) - STORE_ONLY
    return _Place(item, sorted(labels), held[found.compartment].label, uses)


def _form(place: _Place, entered: Mapping[str, str], faults: list[tuple[str, str]]) -> str:
    return render_template(
        "redact.html",
        item=place.item,
        labels=[(one, one) for one in place.labels],
        entered=entered,
        chosen_uses=entered.getlist("uses") if isinstance(entered, MultiDict) else [],
        uses=[(one, use_words(one), use_explained(one)) for one in Use if one in place.uses],
        languages=CONTENT_NAMES,
        faults=faults,
    )


def _described(form: Mapping[str, str]) -> Any:
    stated: dict[str, Any] = {name: form[name].strip() for name in _TEXTS if form.get(name, "").strip()}
    if form.get("graphic"):
        stated["graphic"] = True
    return load_description(stated, ["file"])["file"]


def _terms(place: _Place, form: MultiDict[str, str]) -> Terms:
    uses = frozenset(one for one in Use if one.value in form.getlist("uses"))
    proposal = form.get("proposal", "").strip()
    return Terms(
        place.item,
        form["reason"].strip(),
        form.get("compartment") or place.home,
        uses or None,
        proposal=Id(proposal) if proposal else None,
    )


def _upload() -> Upload | None:
    asked = request
    parts = asked.parts if isinstance(asked, StreamingRequest) else None
    return next(parts.files(), None) if parts else None
