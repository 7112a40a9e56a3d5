"""One item: its history, reading it, taking its original along. Reading is a POST, and is logged first."""

from flask import Response, render_template, request, url_for

from archive.access import sealed
from archive.access.deeds import holds, ordered, possible
from archive.access.history import history, tombstone
from archive.access.keyring import keyring
from archive.events import format_moment
from archive.ids import Id
from archive.kinds import RenditionKind
from archive.nouns import Action, Role
from archive.policy import Allowed, Reason, Refused, Request, decide
from archive.records import flags_of
from archive.uses import Use
from archive.web.door import archive, sitting
from archive.web.downloads import attach
from archive.web.gate import signed_in
from archive.web.languages import translate as _
from archive.web.pages.ending import done_words
from archive.web.showing import described
from search.disclosure import read
from search.warning import warnings_of

_READERS = (Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN)


@signed_in()
def item(item: str) -> str:
    """Show what happened to an item, and what may be done with it."""
    known = Id(item)
    happened = history(archive(), sitting(), known)
    found = archive().ledger().items.get(known)
    if found is None:
        gone = tombstone(archive(), sitting(), known)
        return render_template("item.html", item=known, happened=happened, gone=gone)
    held = keyring(archive(), sitting()).get(found.compartment)
    return render_template(
        "item.html",
        item=known,
        happened=happened,
        label=held.label if held else "",
        mine=found.depositor == sitting().id,
        flags=warnings_of(archive(), sitting(), known),
        uses=sorted(found.rights.uses, key=list(Use).index),
        told=found.rights.may_be_told,
        holds=holds(archive(), sitting(), known),
        ordered=ordered(archive(), sitting(), known),
        possible=possible(archive(), sitting(), known),
        done=done_words(request.args.get("done", "")),
        refused=_refusal(known, found.compartment) if held and held.identities else "",
        readable=bool(held and held.identities) and not _refusal(known, found.compartment),
    )


@signed_in(*_READERS)
def read_item(item: str) -> str:
    """Show an item's description and text; first, before anything is opened, what one is warned of."""
    known = Id(item)
    back = url_for("item", item=known)
    if not request.form.get("agreed") and (flags := warnings_of(archive(), sitting(), known)):
        return render_template("warning.html", item=known, back=back, flags=flags)
    shown = read(archive(), sitting(), known)
    return render_template(
        "read.html",
        back=back,
        item=known,
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


def _refusal(item: Id, compartment: Id) -> str:
    """Say why one may not read an item, or nothing where one may."""
    me = sitting()
    now = format_moment(archive().clock())
    decision = decide(archive().ledger(), Request(me.id, Action.READ, compartment, now, me.purpose, item))
    if isinstance(decision, Allowed):
        return ""
    return _reason(decision)


def _reason(refused: Refused) -> str:
    match refused.reason:
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
