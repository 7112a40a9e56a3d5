"""Choosing which form of an item to hand out: the one asked for, else the first that somebody may read.

Ids and rights only; nothing is opened here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from archive.access.keyring import Held, intact
from archive.access.knowing import known_forms
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.errors import AccessError
from archive.events import format_moment
from archive.ids import Id
from archive.kinds import RenditionKind
from archive.nouns import Action, Grant, Item, Rendition
from archive.policy import Allowed, Refused, Request, decide

_TEXT, _ORIGINAL = RenditionKind.TEXT.value, RenditionKind.ORIGINAL.value


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a kind, or one form by its id; by default its text comes, if it has one.

    `as_file` asks for the form as it was handed in. Nothing named: what tells most, which is an item's own
    text, its original, and then the newest redaction.
    """

    kind: RenditionKind | None = None
    form: Id | None = None
    as_file: bool = False


ANYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Choice:
    """The form chosen, the grant that lets it be read, and the redaction that it is of, if of one."""

    rendition: Rendition
    grant: Grant
    redaction: Rendition | None


def choose(archive: Archive, sitting: Sitting, item: Item, held: dict[Id, Held], wanted: Wanted) -> Choice:
    """Return the first form, in the order asked for, that she may read for her purpose.

    Raises A20 where she knows of no form, or may read none of them, naming the reason why not the first; A21
    where there is none such for her. Forms that she does not know of are as if they did not exist.
    """
    known = [one for one in known_forms(archive, sitting, item) if one.sealed.holder in held]
    if not known:
        raise AccessError("A20", "there is no such item for you to read")
    reason, now = "", format_moment(archive.clock())
    for one in _in_order(item, known, wanted):
        intact(held[one.sealed.holder])
        asked = Request(
            sitting.id, Action.READ, one.sealed.holder, now, sitting.purpose, item.item, one.rendition
        )
        decision = decide(archive.ledger(), asked)
        if isinstance(decision, Allowed):
            return Choice(one, decision.grant, item.redaction_behind(one.rendition))
        assert isinstance(decision, Refused)
        reason = reason or decision.reason.value
    if reason:
        raise AccessError("A20", "you may not read this item", found=reason)
    raise AccessError("A21", "the item has no such rendition for you to read")


def _in_order(item: Item, known: list[Rendition], wanted: Wanted) -> Iterator[Rendition]:
    """Yield what fits, best first, newest first."""
    newest = list(reversed(known))
    own = [one for one in newest if item.redaction_behind(one.rendition) is None]
    redacted = [one for one in newest if item.redaction_behind(one.rendition) is not None]
    if wanted.form is not None:
        yield from (one for one in newest if _is_of(one, wanted.form) and not wanted.as_file)
        yield from (one for one in newest if one.rendition == wanted.form)
    elif wanted.kind is None:
        yield from (one for kind in (_TEXT, _ORIGINAL) for one in own if one.kind == kind)
        yield from _redactions(redacted, wanted)
    elif wanted.kind is RenditionKind.REDACTION:
        yield from _redactions(redacted, wanted)
    else:
        yield from (one for one in (*own, *redacted) if one.kind == wanted.kind)


def _redactions(redacted: list[Rendition], wanted: Wanted) -> Iterator[Rendition]:
    """Yield the redactions, each after its text unless the file itself is wanted."""
    for one in redacted:
        if one.kind == RenditionKind.REDACTION:
            yield from (text for text in redacted if _is_of(text, one.rendition) and not wanted.as_file)
            yield one


def _is_of(text: Rendition, form: Id) -> bool:
    return text.kind == _TEXT and text.source == form
