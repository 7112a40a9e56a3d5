"""One item: its history, reading it, taking its original along. Reading is a POST, and is logged first."""

from typing import Any

from flask import Response, render_template, request, url_for

from archive.access import sealed
from archive.access.claimed import may_confirm
from archive.access.deeds import holds, ordered, possible
from archive.access.forms import forms
from archive.access.history import history, tombstone
from archive.access.keyring import keyring
from archive.access.knowing import knows_original
from archive.access.transfers import holder_of, may_offer, transfers_of
from archive.events import format_moment
from archive.ids import Id
from archive.kinds import RenditionKind
from archive.nouns import Action, Item, Role
from archive.policy import Allowed, Reason, Refused, Request, decide, may_release
from archive.records import flags_of
from archive.uses import Use
from archive.web.door import archive, sitting
from archive.web.downloads import attach
from archive.web.gate import signed_in
from archive.web.languages import translate as _
from archive.web.pages.ending import done_words
from archive.web.showing import described
from search.choosing import ANYTHING, Wanted
from search.disclosure import read
from search.unmasking import may_unmask
from search.warning import warnings_of

#: Events shown here; the page of its history has them all.
SHOWN = 20
_READERS = (Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN)


@signed_in()
def item(item: str) -> str:
    """Show what happened to an item, and what may be done with it."""
    known = Id(item)
    happened = history(archive(), sitting(), known)[-SHOWN:]
    found = archive().ledger().items.get(known)
    if found is None:
        gone = tombstone(archive(), sitting(), known)
        return render_template("item.html", item=known, happened=happened, gone=gone)
    held = keyring(archive(), sitting()).get(found.compartment)
    at_home = knows_original(archive(), sitting(), found)
    listed = forms(archive(), sitting(), known)
    return render_template(
        "item.html",
        item=known,
        happened=happened,
        claim=_claim(found),
        confirmable=may_confirm(archive(), sitting(), found.compartment),
        label=held.label if held else "",
        mine=found.depositor == sitting().id,
        flags=warnings_of(archive(), sitting(), known),
        at_home=at_home,
        **(_of_original(found) if at_home else {}),
        done=done_words(request.args.get("done", "")),
        refused=_refusal(known, found.compartment) if held and held.identities else "",
        readable=bool(held and held.identities) and not _refusal(known, found.compartment),
        redactions=[one for one in listed if one.rendition.kind == RenditionKind.REDACTION],
        redactable=bool(held) and may_release(archive().ledger(), sitting().id, found.compartment, _now()),
        unmaskable=sitting().agent.role in _READERS and may_unmask(archive(), sitting(), found.compartment),
    )


def _claim(found: Item) -> str:
    """Say what is known of an item that came in a pack; nothing of others."""
    if found.mismatched is not None:
        return "mismatch"
    if found.claimed:
        return "claimed"
    return "confirmed" if found.depositor == archive().ledger().archive_agent else ""


def _of_original(found: Item) -> dict[str, Any]:
    """What is said of an item to whoever knows of it where it lies."""
    about = (archive(), sitting(), found.item)
    return {
        "uses": sorted(found.rights.uses, key=list(Use).index),
        "told": found.rights.may_be_told,
        "holds": holds(*about),
        "ordered": ordered(*about),
        "possible": possible(*about),
        "holder": holder_of(archive(), found),
        "offered": transfers_of(*about),
        "handable": sitting().agent.role in _READERS and may_offer(archive(), sitting(), found),
    }


@signed_in(*_READERS)
def read_item(item: str) -> str:
    """Show an item's description and text; first, before anything is opened, what one is warned of."""
    known, form = Id(item), request.form.get("rendition", "")
    back, wanted = url_for("item", item=known), Wanted(form=Id(form)) if form else ANYTHING
    if not request.form.get("agreed") and (flags := warnings_of(archive(), sitting(), known, wanted)):
        return render_template("warning.html", item=known, back=back, form=form, flags=flags)
    shown = read(archive(), sitting(), known, wanted=wanted)
    return render_template(
        "read.html",
        back=back,
        item=known,
        redaction=shown.redaction,
        title=str(shown.description.get("title", "")),
        described=list(described(shown.description)),
        language_of_text=str(shown.description.get("language", "")),
        flags=flags_of(shown.description),
        file=shown.file,
        name=shown.name,
        segments=shown.segments,
    )


@signed_in(*_READERS)
def original(item: str) -> Response:
    """Hand out the original as it was handed in, as a file to be saved."""
    shown = read(archive(), sitting(), Id(item), RenditionKind.ORIGINAL)
    return attach(shown.chunks, shown.name)


@signed_in()
def sealed_original(item: str) -> Response:
    """Hand out the sealed original as one age file, to its depositor and whoever has rights there."""
    known = Id(item)
    return attach(sealed.sealed_original(archive(), sitting(), known), f"{known}.age")


def _now() -> str:
    return format_moment(archive().clock())


def _refusal(item: Id, compartment: Id) -> str:
    """Say why one may not read an item, or nothing where one may."""
    me = sitting()
    decision = decide(archive().ledger(), Request(me.id, Action.READ, compartment, _now(), me.purpose, item))
    if isinstance(decision, Allowed):
        return ""
    return _reason(decision)


def _reason(refused: Refused) -> str:
    match refused.reason:
        case Reason.CLAIMED:
            return _("It came in a pack, and is not confirmed: nobody can read it.")
        case Reason.CONSENT:
            return _("What was consented to does not include the purpose for which you are here.")
        case Reason.PURPOSE | Reason.PURPOSE_MISSING:
            return _("Your right to read is for another purpose. Choose it on your first page.")
        case Reason.EXPIRED:
            return _("Your right to read has ended.")
        case Reason.NOT_YET:
            return _("Your right to read has not begun yet.")
        case _:
            return _("You have no right to read here.")
