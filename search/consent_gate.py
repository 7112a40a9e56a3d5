"""The gate of consent before search: which items a purpose shuts out, and of which of them one may be told.

Kept until any right changes.
"""

import threading
from collections.abc import Iterable
from typing import TypeAlias

from archive.ids import Id
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
        """Return, by compartment, the items whose rights do not allow the purpose."""
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
            shut = [item for item in tuple(ledger.items.values()) if purpose not in item.rights.uses]
            self._shut[purpose] = _by_compartment(shut)
            self._told[purpose] = _by_compartment([item for item in shut if item.rights.may_be_told])


def _by_compartment(items: Iterable[Item]) -> Items:
    found: dict[Id, set[str]] = {}
    for item in items:
        found.setdefault(item.compartment, set()).add(item.item)
    return {compartment: frozenset(names) for compartment, names in found.items()}
