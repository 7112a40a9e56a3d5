"""The gate of consent before search: which items a purpose shuts out, and of which of them one may be told.

Kept until any right changes.
"""

import threading
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from archive.ids import Id
from archive.kinds import RenditionKind
from archive.ledger import Ledger
from archive.nouns import Item
from archive.uses import Use

#: Ids of items, by compartment.
Items: TypeAlias = dict[Id, frozenset[str]]


class ConsentGate:
    """Answers, for each compartment and purpose, which items may not be searched. Safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._as_of: tuple[Ledger, int] | None = None
        self._shut: dict[Use, Items] = {}
        self._told: dict[Use, Items] = {}

    def shut(self, ledger: Ledger, purpose: Use) -> Items:
        """Return, by compartment, the items and redactions whose rights do not allow the purpose."""
        with self._lock:
            self._look(ledger, purpose)
            return self._shut[purpose]

    def told(self, ledger: Ledger, purpose: Use) -> Items:
        """Return, by compartment, those of them whose people may be known of, and want to be asked first."""
        with self._lock:
            self._look(ledger, purpose)
            return self._told[purpose]

    def _look(self, ledger: Ledger, purpose: Use) -> None:
        # A ledger that is read afresh may count as many changes, and have seen others.
        known = self._as_of
        if known is None or known[0] is not ledger or known[1] != ledger.rights_changes:
            self._as_of, self._shut, self._told = (ledger, ledger.rights_changes), {}, {}
        if purpose not in self._shut:
            items = tuple(ledger.items.values())
            shut = [item for item in items if purpose not in item.rights.uses]
            redactions = [form for item in items for form in _shut_redactions(item, purpose)]
            self._shut[purpose] = _by_compartment([*_places(shut), *redactions])
            self._told[purpose] = _by_compartment(_places(item for item in shut if item.rights.may_be_told))


def _places(items: Iterable[Item]) -> Iterator[tuple[Id, Id]]:
    return ((item.compartment, item.item) for item in items)


def _shut_redactions(item: Item, purpose: Use) -> Iterator[tuple[Id, Id]]:
    """In the index a redaction stands for itself, and its own rights count."""
    for form in tuple(item.renditions.values()):
        if form.kind == RenditionKind.REDACTION and purpose not in item.uses_of(form.rendition):
            yield form.sealed.holder, form.rendition


def _by_compartment(found: Iterable[tuple[Id, Id]]) -> Items:
    places: dict[Id, set[str]] = {}
    for compartment, name in found:
        places.setdefault(compartment, set()).add(name)
    return {compartment: frozenset(names) for compartment, names in places.items()}
