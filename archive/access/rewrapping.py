"""Sealing again what a compartment holds: after a revocation, from earlier epochs to the one in force.

Each header opens for the new identity alone, the bodies stay as they are. New headers are staged, logged, and
then put in the place of the old ones; until they are there, readers find them where they wait. Whatever is
interrupted goes on at the next call.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from archive.access.grants import demand
from archive.access.keyring import Held, current_recipient, find_label, keyring
from archive.access.opening import header_in_force
from archive.access.parts import Archive
from archive.access.signin import Sitting, pen
from archive.author import Signed
from archive.digests import Digest
from archive.errors import AccessError, CustodyError, FixityError, KeysError
from archive.ids import Id
from archive.kinds import Kind
from archive.nouns import Action, SealedRef
from keys.recipients import Recipient
from keys.sealing import rewrap
from storage.catalogue.rows import PendingHeaderRow

#: As many headers as fit into one entry of the log, and into one append.
IN_AN_ENTRY: Final = 350
AT_ONCE: Final = 10 * IN_AN_ENTRY
_TRIES: Final = 5


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many headers were made for which epoch; `left` are bodies whose old header does not open."""

    epoch: int
    headers: int
    left: tuple[Digest, ...]


def earlier(archive: Archive, compartment: Id) -> list[SealedRef]:
    """Return what is sealed to an earlier epoch of a compartment than is in force."""
    ledger = archive.ledger()
    epoch = ledger.compartments[compartment].epoch
    return [ref for ref in tuple(ledger.bodies.values()) if ref.holder == compartment and ref.epoch < epoch]


def rewrap_compartment(
    archive: Archive,
    sitting: Sitting,
    label: str,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> Rewrapped:
    """Give everything of earlier epochs a header for the epoch in force; needs `manage` there.

    `tell` is told how many are done, of how many. Raises A06 for a sealed compartment.
    """
    held = find_label(keyring(archive, sitting), label)
    demand(archive, pen(archive, sitting), Action.MANAGE, held.compartment)
    if not held.identities:
        raise AccessError("A06", "this compartment is sealed: nobody holds its identity")
    todo = [ref.body for ref in earlier(archive, held.compartment)]
    work = _Work(archive, sitting, held)
    done = 0
    for bodies in _batches(todo, AT_ONCE):
        work.run(bodies)
        done += len(bodies)
        tell(done, len(todo))
    archive.catalogue.scrub()
    return Rewrapped(work.epoch, work.headers, tuple(work.left))


class _Work:
    """One run over one compartment."""

    def __init__(self, archive: Archive, sitting: Sitting, held: Held) -> None:
        self._archive = archive
        self._sitting = sitting
        self._held = held
        self._recipient = self._newest()
        self.headers = 0
        self.left: list[Digest] = []

    def run(self, bodies: Sequence[Digest]) -> None:
        """Make, log and place the headers of some bodies; again where the log moved on meanwhile."""
        for attempt in range(_TRIES):
            with self._archive.custody.writing():
                made = list(self._made(bodies))
                try:
                    self._record(made)
                except CustodyError:
                    # Something of it was destroyed meanwhile, or another revocation began an epoch.
                    if attempt + 1 == _TRIES:
                        raise
                    self._held = keyring(self._archive, self._sitting)[self._held.compartment]
                    self._recipient = self._newest()
                    continue
                self._archive.custody.place(self._archive.headers)
            self.headers += len(made)
            return

    def _newest(self) -> Recipient:
        known = self._archive.ledger().compartments[self._held.compartment]
        self.epoch = known.epoch
        return current_recipient(known)

    def _made(self, bodies: Sequence[Digest]) -> Iterator[tuple[Digest, bytes]]:
        """Yield a new header for each that has an earlier one; note those that do not open."""
        archive, ledger = self._archive, self._archive.ledger()
        rows = archive.catalogue.sealed.among(bodies)
        for body in bodies:
            ref = ledger.bodies.get(body)
            if ref is None or ref.epoch >= self.epoch:
                continue

            def stored(body: Digest = body) -> bytes:
                return rows[body].header if body in rows else archive.headers.get(body)

            try:
                ref, header = header_in_force(archive, ref, stored)
                if Digest.of(header) != ref.header:
                    raise FixityError("F36", "a header differs from the log", expected=ref.header)
                yield body, rewrap(header, self._held.identities[ref.epoch], self._recipient)
            except (FixityError, KeysError, KeyError):
                self.left.append(body)

    def _record(self, made: list[tuple[Digest, bytes]]) -> None:
        author = pen(self._archive, self._sitting)
        signed: list[Signed] = []
        rows: list[PendingHeaderRow] = []
        for some in _batches(made, IN_AN_ENTRY):
            named = [(body, Digest.of(header), header) for body, header in some]
            headers = [{"body": body, "header": digest} for body, digest, _ in named]
            data = {"compartment": self._held.compartment, "epoch": self.epoch, "headers": headers}
            signed.append(author.write(Kind.REWRAP, data))
            rows += [PendingHeaderRow(b, digest, self.epoch, h, signed[-1].event) for b, digest, h in named]
        if signed:
            self._archive.custody.record(signed, pending=rows)


def _batches(things: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    return (things[start : start + most] for start in range(0, len(things), most))
