"""Telling that there is something, where nothing of it may be shown: whose people want to be asked first.

Said is where, and whom to ask; no title, no text, no id, no number. What is asked of such items is reduced
to words and names, joined by AND, OR and NOT: phrases, beginnings of words and periods would let somebody who
asks often enough put a testimony together without ever reading it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from whoosh import query as whoosh

from archive.access.keyring import Held
from archive.access.parts import Archive
from archive.access.signin import Sitting, check_row
from archive.events import format_moment
from archive.ids import Id
from search.engines.fields import DEFAULT
from search.engines.port import Node

Words: TypeAlias = Callable[[str], list[str]]

#: Fields in which names may be asked for, whose words stand in no order, and those in which single words may.
_NAMES = frozenset({"perpetrator", "victim", "name"})
_WORDS = frozenset({DEFAULT, "text", "institution", "under", "place", "act"})


@dataclass(frozen=True, slots=True)
class Told:
    """There is something in a compartment: these custodians are to be asked first.

    `entry` is the log entry of the search; with it they see what it was.
    """

    compartment: str
    ask: tuple[str, ...]
    entry: int


def worded(node: Node, words: Words) -> Node | None:
    """Return what a query asks in plain words and names, or None where it asks nothing of that kind.

    `words` cuts a text as the index does: what it takes for several words is a phrase, however it is written.
    """
    match node:
        case whoosh.And() | whoosh.Or():
            parts = [part for one in node if (part := worded(one, words)) is not None]
            return type(node)(parts) if parts else None
        case whoosh.Not():
            inside = worded(node.query, words)
            return None if inside is None else whoosh.Not(inside)
        case whoosh.AndMaybe():
            return worded(node.a, words)
        case whoosh.Term() | whoosh.Phrase() if node.fieldname in _NAMES:
            return node
        case whoosh.Term() if node.fieldname in _WORDS:
            return _apart(node.fieldname, [node.text], words)
        case whoosh.Phrase() if node.fieldname in _WORDS:
            return _apart(node.fieldname, node.words, words)
        case _:
            return None


def _apart(field: str, texts: Iterable[str], words: Words) -> Node:
    """Ask for each word by itself. One that is whole stays as it was written: names have capitals."""
    found = (parts if len(parts := words(text)) > 1 else [text] for text in texts)
    return whoosh.And([whoosh.Term(field, word) for parts in found for word in parts])


def to_ask(
    archive: Archive, sitting: Sitting, readable: Mapping[Id, Held], places: Iterable[Id], *, entry: int
) -> tuple[Told, ...]:
    """Say whom to ask in each of the places: who gave the asker her right there, if he still manages it.

    His name she knows already; only where he does not any more, all who manage the compartment are named.
    """
    ledger, now = archive.ledger(), format_moment(archive.clock())
    handles = {row.agent: row.handle for row in archive.catalogue.agents.all() if check_row(ledger, row)}

    def asked(place: Id) -> tuple[str, ...]:
        managers = ledger.managers(place, now)
        givers = {grant.giver for grant in ledger.grants_to(sitting.id) if grant.compartment == place}
        return tuple(sorted(handles[one] for one in givers & managers or managers if one in handles))

    return tuple(Told(readable[place].label, asked(place), entry) for place in sorted(set(places)))
