"""Mutations of the log by new entries: unlawful ones, of people who sign with keys of their own and of the log.

The log goes on from what everybody saw, so that no checkpoint contradicts it. What names such an entry is the
rules of custody alone; it is named, nothing else is, and what it says has no effect.
"""

import copy as copying
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from matrix_archive import Kept, stranger
from matrix_copies import Copy, checked_once
from matrix_log import entries_of, rewritten
from matrix_mutations import Mutation, codes

from archive.author import Author
from archive.canonical import format_json, parse_json
from archive.codec import b64
from archive.digests import Digest
from archive.events import CustodyEvent, Seen, parse_entry
from archive.ids import Id, new_id
from archive.kinds import Kind
from archive.ledger import Ledger
from archive.rules import apply

Data = dict[str, Any]


@dataclass
class Pens:
    """What somebody writes with who holds the log's key and has agents' keys: everything but their consent."""

    kept: Kept
    whole: Copy

    @cached_property
    def entries(self) -> list[bytes]:
        return entries_of(self.whole)

    @cached_property
    def events(self) -> list[CustodyEvent]:
        return [parse_entry(entry).event for entry in self.entries]

    @cached_property
    def ledger(self) -> Ledger:
        ledger = Ledger(self.kept.trust.origin)
        for entry in self.entries:
            apply(ledger, parse_entry(entry), checked_once, every_signature=True)
        return ledger

    def pen(self, who: str) -> Author:
        return stranger(self.kept) if who == "stranger" else self.kept.authors[who]

    def data(self, kind: Kind, /, **given: object) -> Data:
        """Return what the last event of a kind says, of those that say what is `given`."""
        for event in reversed(self.events):
            if event.kind is kind and all(event.data.get(name) == value for name, value in given.items()):
                return copying.deepcopy(event.data)
        raise AssertionError((kind, given))

    def grant_of(self, who: str, place: str) -> Id:
        agent, compartment = self.kept.agents[who], self.kept.places[place]
        return self.ledger.grants_of(agent, compartment)[-1].grant

    def original(self, item: str) -> Data:
        one = self.ledger.items[self.kept.items[item]]
        return {"item": one.item, "rendition": one.original.rendition}

    def reading(self, who: str, item: str, /, *, place: str = "main", **other: object) -> Data:
        return {**self.original(item), "grant": self.grant_of(who, place), "purpose": "court", **other}

    def sealed(self, place: str, **other: object) -> Data:
        """Return a reference to something new that is sealed to a compartment."""
        compartment = self.ledger.compartments[self.kept.places[place]]
        new = {name: Digest.of(os.urandom(9)) for name in ("body", "header", "file_key")}
        return {"holder": compartment.compartment, "epoch": compartment.epoch, **new, **other}

    def sealed_to(self, who: str) -> Data:
        agent = self.ledger.agents[self.kept.agents[who]]
        return self.sealed("main") | {"holder": agent.agent, "epoch": agent.key}


def appended(kept: Kept, entries: list[bytes], *new: bytes) -> Callable[[Copy], None]:
    """Return the change that appends entries, each behind what other changes appended already."""

    def change(copy: Copy) -> None:
        rewritten(kept, [*entries_of(copy), *new])(copy)

    return change


def of_entries(kept: Kept, whole: Copy) -> Iterator[tuple[str, str, bytes, str]]:
    """Yield the class, the name and the bytes of entries that are to be refused, and by which code."""
    pens = Pens(kept, whole)
    for index, entry in enumerate(pens.entries):
        yield "replayed", f"entry {index}", entry, "C60"
        yield "replayed under a new id", f"entry {index}", _renamed(entry), "C62" if index else "C64"
    yield from _signed_by_others(pens)
    yield from _of_elsewhere(pens)


def _renamed(entry: bytes) -> bytes:
    value = parse_json(entry)
    value["event"]["id"] = new_id()
    return format_json(value)


def _signed_by_others(pens: Pens) -> Iterator[tuple[str, str, bytes, str]]:
    """Events in the name of one, signed with the key of another, or with one that she no longer has."""
    kept = pens.kept
    for who, author in kept.authors.items():
        data = pens.data(Kind.AUDIT)
        for other, signing in {**kept.authors, "stranger": stranger(kept)}.items():
            if other != who:
                entry = replace(author, sign=signing.sign).write(Kind.AUDIT, data).entry
                yield "signed by another", f"{who} by {other}", entry, "C62"
        in_log = replace(author, sign=kept.log_key.sign_ed25519).write(Kind.AUDIT, data).entry
        yield "signed by the log", who, in_log, "C62"
        later = replace(author, key=author.key + 1).write(Kind.AUDIT, data).entry
        yield "signed by a key to come", who, later, "C62"
    for who in ("boris", "vera", "lena"):
        old = kept.old_keys[who]
        data = pens.data(Kind.AUDIT)
        yield "signed by an issued key", who, old.write(Kind.AUDIT, data).entry, "C62"
        now = replace(old, key=kept.authors[who].key)
        yield "signed by an issued key", f"{who}, as if new", now.write(Kind.AUDIT, data).entry, "C62"
    for kind in sorted({event.kind for event in pens.events}):
        entry = stranger(kept).write(kind, pens.data(kind), v=_version(pens, kind)).entry
        code = "C64" if kind is Kind.GENESIS else "C62"
        yield "signed by a stranger", kind.value, entry, code
        suspended = replace(kept.old_keys["dasha"], seen=kept.authors["anna"].seen)
        entry = suspended.write(kind, pens.data(kind), v=_version(pens, kind)).entry
        yield "of one who was suspended", kind.value, entry, code if code == "C64" else "C63"


def _version(pens: Pens, kind: Kind) -> int:
    return next(event.v for event in reversed(pens.events) if event.kind is kind)


def _of_elsewhere(pens: Pens) -> Iterator[tuple[str, str, bytes, str]]:
    for who, author in pens.kept.authors.items():
        data = pens.data(Kind.AUDIT)
        foreign = replace(author, origin="sviedka.invalid/elsewhere")
        yield "of another log", who, foreign.write(Kind.AUDIT, data).entry, "C61"
    olga, size = pens.kept.authors["olga"], len(pens.entries)
    for number in range(8):
        seen = Seen(size - number * 9, os.urandom(32))
        yield "an unknown root", str(seen.size), replace(olga, seen=seen).write(Kind.AUDIT, data).entry, "C88"
    for ahead in (1000, 5000):
        seen = Seen(size + ahead, olga.seen.root)
        yield "a root to come", str(ahead), replace(olga, seen=seen).write(Kind.AUDIT, data).entry, "C88"


Case = tuple[str, str, Kind, Data, str]


def of_unlawful(
    kept: Kept, whole: Copy, cases: Callable[[Pens], Iterator[Case]]
) -> Iterator[tuple[str, str, bytes, str]]:
    """Yield entries that are truly signed, by agents who may not do what they say."""
    pens = Pens(kept, whole)
    for what, who, kind, data, code in cases(pens):
        entry = pens.pen(who).write(kind, data, v=_version(pens, kind)).entry
        yield f"unlawful: {kind.value}", f"{what}, by {who}", entry, code


def as_mutations(
    kept: Kept, whole: Copy, made: list[tuple[str, str, bytes, str]], *, most: int
) -> Iterator[list[Mutation]]:
    """Yield batches of entries that are appended together, each named where it comes to stand."""
    size = len(entries_of(whole))
    for start in range(0, len(made), most):
        batch = made[start : start + most]
        entries = [entry for _kind, _what, entry, _code in batch]
        change = appended(kept, entries_of(whole), *entries)
        yield [
            Mutation(
                f"entries: {kind}", what, change if not at else _done, {f"entry {size + at}": codes(code)}
            )
            for at, (kind, what, _entry, code) in enumerate(batch)
        ]


def _done(_copy: Copy) -> None:
    """All of a batch are appended by its first."""


def of_fields(kept: Kept, whole: Copy) -> Iterator[Mutation]:
    """Each field of an event of each kind changed where it stands, under its old signature and a new checkpoint."""
    entries, seen = entries_of(whole), set[tuple[str, tuple[object, ...]]]()
    for index, entry in enumerate(entries):
        value = parse_json(entry)
        for path in leaves_of(value):
            key = (value["event"]["kind"], tuple("#" if isinstance(one, int) else one for one in path))
            if key in seen:
                continue
            seen.add(key)
            forged = copying.deepcopy(value)
            change_at(forged, path)
            new = [*entries[:index], format_json(forged), *entries[index + 1 :]]
            said = {f"entry {index}": _CODES}
            what = f"entry {index} {'/'.join(map(str, path))}"
            yield Mutation(
                "entries: field changed", what, rewritten(kept, new), said, frozenset({""}), alone=True
            )


#: What a changed field is refused with: its shape, the order of signatures, its version, or the signature.
_CODES = codes("C50", "C51", "C53", "C54", "C61", "C62", "C64", "C88")


def leaves_of(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from leaves_of(part, (*path, name))
    elif isinstance(value, list) and value:
        for number, part in enumerate(value):
            yield from leaves_of(part, (*path, number))
    else:
        yield path


def change_at(value: Any, path: tuple[object, ...]) -> None:
    for step in path[:-1]:
        value = value[step]
    old = value[path[-1]]
    if isinstance(old, bool):
        new: object = not old
    elif isinstance(old, int):
        new = old + 1
    elif isinstance(old, str):
        new = old[:-2] + ("b" if old[-2] == "a" else "a") + old[-1:] if len(old) > 1 else old + "a"
    else:
        new = b64(os.urandom(32))
    value[path[-1]] = new
