"""The timestamps of one archive, verified: under the pinned authorities, and against its own log."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path

from archive.access.parts import Archive
from archive.access.receipts import short_keys, trust_of
from archive.errors import CustodyError, IntakeError, SviedkaError
from archive.proofs import TlogProof, claimed_origin
from archive.receipts import format_receipt, parse_receipt, verify_receipt
from archive.succession import end_of, keys_of
from archive.timestamps import Kept, Name, Stamp, Timekeeping
from archive.trust import Trust
from keys.pins import Pins, parse_pins
from keys.signing import verify_ed25519, verify_mldsa44
from keys.timestamps import is_of, verify_under_any
from storage.timestamps import Authorities, Timestamps


@dataclass(frozen=True, slots=True)
class Anchor:
    """A timestamp that holds: the entries below `size` existed by then."""

    name: Name
    size: int
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Broken:
    """A timestamp that does not hold, or is not over this log."""

    name: Name
    fault: SviedkaError


@dataclass(frozen=True, slots=True)
class Lost:
    """A timestamp over more entries of an earlier log than are left: nothing can be compared with it."""

    name: Name


@dataclass(frozen=True, slots=True)
class Covered:
    """The entries from `start` up to, not including, `end`, and the earliest timestamp over them."""

    start: int
    end: int
    anchor: Anchor


@dataclass(slots=True)
class Anchors:
    """The timestamps of an archive. Each is verified once, when it is first asked for."""

    archive: Archive
    names: list[Name] = field(init=False)
    _pins: Mapping[str, Pins] = field(init=False)
    _trust: Trust = field(init=False)
    _known: dict[Name, Anchor | Broken | Lost] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = self._kept.names()
        self._trust = trust_of(self.archive)
        self._pins = pinned(Authorities(self.archive.folder))

    def all(self) -> Iterator[Anchor | Broken | Lost]:
        """Yield every timestamp, the smallest tree first."""
        return map(self.one, self.names)

    def one(self, name: Name) -> Anchor | Broken | Lost:
        """Return one timestamp, verified."""
        if name not in self._known:
            try:
                self._known[name] = self._verified(name)
            except SviedkaError as fault:
                self._known[name] = Broken(name, fault)
        return self._known[name]

    def kept(self, name: Name) -> Kept:
        """Return one as it is kept."""
        return self._kept.load(name)

    def newest(self, authority: str) -> Anchor | None:
        """Return the one over the largest tree that an authority gave."""
        theirs = (self.one(name) for name in reversed(self.names) if name.authority == authority)
        return next((one for one in theirs if isinstance(one, Anchor)), None)

    def over(self, index: int) -> Anchor | None:
        """Return the earliest timestamp over an entry, None where there is none.

        By their names the earliest come first, so few are verified, however many there are.
        """
        for name in sorted((n for n in self.names if n.size > index), key=lambda n: (n.moment, n.size)):
            found = self.one(name)
            if isinstance(found, Anchor) and found.size > index:
                return found
        return None

    def existed_by(self, index: int) -> str | None:
        """Return the moment by which an entry existed at the latest, if a timestamp says so."""
        found = self.over(index)
        return found.stamp.existed_by if found else None

    def latest_of(self, indexes: Iterable[int]) -> dict[str, int]:
        """Return by which moments some of these entries existed, and the last of them for each."""
        found = ((self.existed_by(index), index) for index in sorted(indexes))
        return {moment: index for moment, index in found if moment is not None}

    def covered(self) -> list[Covered]:
        """Return which entries are covered, in stretches that have the same earliest timestamp."""
        found = sorted((one for one in self.all() if isinstance(one, Anchor)), key=lambda one: one.size)
        earliest = list(accumulate(reversed(found), _earlier))[::-1]
        start, stretches = 0, list[Covered]()
        for one, best in zip(found, earliest, strict=True):
            if one.size > start:
                stretches.append(Covered(start, best.size, best))
                start = best.size
        return stretches

    @property
    def _kept(self) -> Timestamps:
        return Timestamps(self.archive.folder)

    def _verified(self, name: Name) -> Anchor | Lost:
        kept, log = self._kept.load(name), self.archive.log
        checkpoint = log.opened(kept.note)
        end = end_of(self._trust, checkpoint.origin)
        if end is not None and checkpoint.size > end:
            return Lost(name)
        if checkpoint.size > log.checkpoint().size or log.root_at(checkpoint.size) != checkpoint.root:
            raise CustodyError("C57", "the timestamp is over a checkpoint that this log does not continue")
        return Anchor(name, checkpoint.size, verify_under_any(self._pins.values(), kept.note, kept.token))


def _earlier(one: Anchor, other: Anchor) -> Anchor:
    """Return the earlier of two timestamps; of one moment, that over more entries, which comes first."""
    return min(one, other, key=lambda anchor: anchor.stamp.existed_by)


def anchored_receipt(archive: Archive, receipt: bytes, anchor: Anchor, note: bytes) -> bytes:
    """Return a receipt made anew for the checkpoint of a timestamp, which is over just that note.

    Raises what is wrong with a receipt that does not hold, C91 for one whose entry the log does not have
    there, I34 where the timestamp does not cover it.
    """
    parsed, trust = parse_receipt(receipt), trust_of(archive)
    verify_receipt(parsed, trust=trust, check_ed25519=verify_ed25519, check_mldsa44=verify_mldsa44)
    index = parsed.proof.index
    if index >= anchor.size:
        raise IntakeError(
            "I34", "the timestamp does not cover the receipt", expected=f"more than {index} entries"
        )
    if archive.log.entry(index) != parsed.entry:
        raise CustodyError("C91", "the log holds another entry than a receipt", found=index)
    proof = TlogProof(index, tuple(archive.log.prove_inclusion(index, anchor.size)), note)
    log_keys = short_keys(keys_of(trust, claimed_origin(proof)))
    return format_receipt(replace(parsed, proof=proof, log_keys=log_keys))


def pinned(authorities: Authorities) -> dict[str, Pins]:
    """Return what is pinned for each authority; what is damaged counts as nothing (`doctor` names it)."""
    found: dict[str, Pins] = {}
    for name in authorities.names():
        try:
            found[name] = parse_pins(authorities.pins(name))
        except SviedkaError:
            continue
    return found


def timekeeping(
    folder: Path, believed: Sequence[Pins] | None = None, kept: Path | None = None
) -> Timekeeping:
    """Return the timestamps in an archive's folder for an audit, or those that an auditor has in `kept`.

    Who is believed is what the archive pinned, or only `believed`, whatever the archive says. Raises I79
    where there is no folder `kept`.
    """
    if kept is not None and not kept.is_dir():
        raise IntakeError("I79", "a folder cannot be read", expected="a copy of the archive's timestamps")
    held = Timestamps(folder) if kept is None else Timestamps(kept.parent, kept.name)
    pins = believed if believed is not None else tuple(pinned(Authorities(folder)).values())

    def verify(note: bytes, token: bytes) -> Stamp | None:
        if believed is not None and not any(is_of(one, token) for one in pins):
            return None
        return verify_under_any(pins, note, token)

    return Timekeeping(tuple(held.names()), held, verify)
