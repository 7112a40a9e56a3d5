"""Sealing again what a compartment holds: after a revocation, from earlier epochs to the one in force.

Each header opens for the new identity alone, the bodies stay as they are. New headers are staged, logged, and
then put in the place of the old ones; until they are there, readers find them where they wait. Whatever is
interrupted goes on at the next call.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, TypeVar

from archive.access.grants import demand
from archive.access.keyring import Held, current_recipient, find_label, keyring
from archive.access.opening import header_in_force
from archive.access.parts import Archive
from archive.access.signin import Sitting, pen
from archive.author import Signed
from archive.digests import Digest
from archive.errors import AccessError, CustodyError, FixityError
from archive.ids import Id
from archive.kinds import Kind
from archive.nouns import Action, SealedRef
from keys.rewrapping import Job, Makers
from storage.catalogue.rows import PendingHeaderRow

#: As many headers as fit into one entry of the log, and into one append.
IN_AN_ENTRY: Final = 350
AT_ONCE: Final = 4 * IN_AN_ENTRY
_TRIES: Final = 3


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

    `tell` is told how many are done, of how many. Where a right is withdrawn meanwhile, which begins another
    epoch, this begins again for that. Raises A06 for a sealed compartment.
    """
    headers = 0
    while True:
        held = find_label(keyring(archive, sitting), label)
        demand(archive, pen(archive, sitting), Action.MANAGE, held.compartment)
        if not held.identities:
            raise AccessError("A06", "this compartment is sealed: nobody holds its identity")
        work = _Work(archive, sitting, held)
        finished = _run(work, held, tell)
        headers += work.headers
        if finished:
            archive.catalogue.scrub()
            return Rewrapped(work.epoch, headers, tuple(work.left))


def _run(work: "_Work", held: Held, tell: Callable[[int, int], None]) -> bool:
    """Seal everything again for the epoch of this work; False where another one began before the end."""
    todo = work.todo()
    with Makers(held.identities, work.recipient, expected=len(todo)) as makers:
        # While some are logged and put in their place, the next are made.
        ahead = work.begin(todo[:AT_ONCE], makers)
        for start in range(0, len(todo), AT_ONCE):
            begun, ahead = ahead, work.begin(todo[start + AT_ONCE :][:AT_ONCE], makers)
            if not work.end(begun):
                return False
            tell(min(start + AT_ONCE, len(todo)), len(todo))
    return not work.overtaken()


#: Bodies, and their new headers that are being made.
_Begun = tuple[list[Digest], "Future[list[bytes | None]]"]


class _Work:
    """One run over one compartment, for the epoch that was in force at its beginning."""

    def __init__(self, archive: Archive, sitting: Sitting, held: Held) -> None:
        self._archive = archive
        self._sitting = sitting
        self._compartment = held.compartment
        known = archive.ledger().compartments[held.compartment]
        self.epoch = known.epoch
        self.recipient = current_recipient(known)
        self.headers = 0
        self.left: list[Digest] = []

    def todo(self) -> list[Digest]:
        """Return the bodies that are sealed to an earlier epoch."""
        return [ref.body for ref in earlier(self._archive, self._compartment)]

    def overtaken(self) -> bool:
        """Say whether another epoch began since."""
        return self._archive.ledger().compartments[self._compartment].epoch != self.epoch

    def begin(self, bodies: Sequence[Digest], makers: Makers) -> _Begun:
        """Fetch the headers of some bodies and have new ones made; note those that are not as logged."""
        archive, jobs = self._archive, dict[Digest, Job]()
        known = archive.ledger().bodies
        rows = archive.catalogue.sealed.among(bodies)
        for body in bodies:
            ref = known.get(body)
            if ref is None or ref.epoch >= self.epoch:
                continue

            def stored(body: Digest = body) -> bytes:
                return rows[body].header if body in rows else archive.headers.get(body)

            try:
                header = stored()
                if Digest.of(header) != ref.header:
                    ref, header = header_in_force(archive, ref, stored)
            except FixityError:
                self.left.append(body)
                continue
            if Digest.of(header) == ref.header:
                jobs[body] = (ref.epoch, header)
            else:
                self.left.append(body)
        return list(jobs), makers.make(list(jobs.values()))

    def end(self, begun: _Begun) -> bool:
        """Log the headers that were made and put them in their place; False, and nothing, once overtaken."""
        bodies, making = begun
        pairs = list(zip(bodies, making.result(), strict=True))
        made = [(body, header) for body, header in pairs if header is not None]
        for attempt in range(_TRIES):
            if self.overtaken():
                return False
            # What was destroyed meanwhile is left out.
            there = self._archive.ledger().bodies
            made = [(body, header) for body, header in made if body in there]
            with self._archive.custody.writing():
                try:
                    self._record(made)
                except CustodyError:
                    if attempt + 1 == _TRIES:
                        raise
                    continue
                self._archive.custody.place(self._archive.headers)
            break
        self.left += [body for body, header in pairs if header is None]
        self.headers += len(made)
        return True

    def _record(self, made: list[tuple[Digest, bytes]]) -> None:
        author = pen(self._archive, self._sitting)
        signed: list[Signed] = []
        rows: list[PendingHeaderRow] = []
        for some in _batches(made, IN_AN_ENTRY):
            named = [(body, Digest.of(header), header) for body, header in some]
            headers = [{"body": body, "header": digest} for body, digest, _ in named]
            data = {"compartment": self._compartment, "epoch": self.epoch, "headers": headers}
            signed.append(author.write(Kind.REWRAP, data))
            rows += [PendingHeaderRow(b, digest, self.epoch, h, signed[-1].event) for b, digest, h in named]
        if signed:
            self._archive.custody.record(signed, pending=rows)


def _batches(things: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    return (things[start : start + most] for start in range(0, len(things), most))
