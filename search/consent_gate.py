"""The gate of consent before search: which items a purpose shuts out, kept until any right changes."""

import threading

from archive.ids import Id
from archive.ledger import Ledger
from archive.uses import Use


class ConsentGate:
    """Answers, for each compartment and purpose, which items may not be searched. Safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._as_of: tuple[Ledger, int] | None = None
        self._shut: dict[Use, dict[Id, frozenset[str]]] = {}

    def shut(self, ledger: Ledger, purpose: Use) -> dict[Id, frozenset[str]]:
        """Return, by compartment, the items whose rights do not allow the purpose."""
        with self._lock:
            # A ledger that is read afresh may count as many changes, and have seen others.
            known = self._as_of
            if known is None or known[0] is not ledger or known[1] != ledger.rights_changes:
                self._as_of, self._shut = (ledger, ledger.rights_changes), {}
            if purpose not in self._shut:
                self._shut[purpose] = _shut_by_compartment(ledger, purpose)
            return self._shut[purpose]


def _shut_by_compartment(ledger: Ledger, purpose: Use) -> dict[Id, frozenset[str]]:
    found: dict[Id, set[str]] = {}
    for item in tuple(ledger.items.values()):
        if purpose not in item.rights.uses:
            found.setdefault(item.compartment, set()).add(item.item)
    return {compartment: frozenset(items) for compartment, items in found.items()}
