"""Mutations of the log as whoever stole its key makes them: every file of it consistent, and signed anew.

What remains against him: what agents signed, the checkpoints that their events cite, and what is outside, which
is a checkpoint that an auditor kept and the receipts of depositors.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from matrix_archive import Kept
from matrix_copies import Copy
from matrix_mutations import ANYTHING, Mutation, codes

from archive.canonical import format_json, parse_json
from archive.checkpoints import Checkpoint, parse_checkpoint, sign_checkpoint
from archive.events import parse_entry
from archive.merkle import Frontier, leaf_hash
from archive.notes import parse_note
from archive.tiles import decode_bundle, tile_ref
from archive.vkeys import parse_vkey
from keys.signing import LogKey
from storage.growth import grow

NOTE = "log/checkpoint"
SINCE = "the checkpoint of an earlier audit"
Change = Callable[[Copy], None]


def entries_of(copy: Copy) -> list[bytes]:
    size = parse_checkpoint(parse_note(copy.files[NOTE]).text).size
    ref = tile_ref(None, 0, size)
    return list(decode_bundle(copy.tile(ref.path), ref.width))


def signed(kept: Kept, checkpoint: Checkpoint, key: LogKey | None = None) -> bytes:
    """Sign a checkpoint in the log's name, with its stolen key or another."""
    key = key or kept.log_key
    ed25519, mldsa44 = map(parse_vkey, kept.trust.log_keys)
    return sign_checkpoint(
        checkpoint,
        sign_ed25519=key.sign_ed25519,
        ed25519_vkey=ed25519,
        sign_mldsa44=key.sign_mldsa44,
        mldsa44_vkey=mldsa44,
        timestamp=1_800_000_000,
    )


def root_of(entries: Sequence[bytes]) -> bytes:
    frontier = Frontier()
    for entry in entries:
        frontier.append(leaf_hash(entry))
    return frontier.root()


def rewritten(kept: Kept, entries: Sequence[bytes]) -> Change:
    """Return the change that makes the log one of other entries, under its stolen key."""

    def change(copy: Copy) -> None:
        for name in [name for name in copy.files if name.startswith("log/")]:
            del copy.files[name]
        grown = grow(0, Frontier().root(), [], entries=entries, read=_nothing)
        copy.files |= {f"log/{ref.path}": data for ref, data in grown.tiles.items()}
        copy.files[NOTE] = signed(kept, Checkpoint(kept.trust.origin, grown.size, grown.root))

    return change


def _nothing(_level: int, _index: int) -> bytes:
    raise AssertionError


def of_checkpoint(kept: Kept, whole: Copy, earlier: dict[str, Copy]) -> Iterator[Mutation]:
    """Another checkpoint, and the same entries."""
    note = whole.files[NOTE]
    point = parse_checkpoint(parse_note(note).text)

    def put(kind: str, what: str, data: bytes | None, words: str, **more: object) -> Mutation:
        def change(copy: Copy) -> None:
            copy.files.pop(NOTE)
            if data is not None:
                copy.files[NOTE] = data

        return Mutation(
            f"checkpoint: {kind}", what, change, {NOTE: codes(*words.split())}, alone=True, **more
        )

    lines = note.split(b"\n")
    yield put("dropped", "", None, "F50", also=ANYTHING)
    yield put("a line dropped", "Ed25519", b"\n".join([*lines[:4], *lines[5:]]), "C28")
    yield put("a line dropped", "ML-DSA-44", b"\n".join([*lines[:5], *lines[6:]]), "C28")
    for number in range(3):
        without = b"\n".join([*lines[:number], *lines[number + 1 :]])
        yield put("a line dropped", str(number), without, "C20 C22 C24 C26 C27", also=ANYTHING)
    other = LogKey(b"\1" * 32, b"\1" * 32)
    yield put("signed by others", "", signed(kept, point, other), "C22 C23 C24 C25")
    for size in (0, 1, point.size - 1, point.size // 2):
        yield put(
            "a size that it is not",
            str(size),
            signed(kept, replace(point, size=max(size, 1))),
            "C86",
            also=ANYTHING,
        )
    yield put("a larger size", "", signed(kept, replace(point, size=point.size + 1)), "C86", also=ANYTHING)
    for at in range(0, 32, 5):
        root = bytes(byte ^ (number == at) for number, byte in enumerate(point.root))
        yield put("another root", str(at), signed(kept, replace(point, root=root)), "C86")
    for at in range(0, len(note), 97):
        flipped = note[:at] + bytes([note[at] ^ 1]) + note[at + 1 :]
        words = "C20 C21 C22 C23 C24 C25 C26 C27 C28 C29 C86"
        yield put("flipped", str(at), flipped, words, also=ANYTHING)
    for at in range(1, len(note), 211):
        yield put("cut", str(at), note[:at], "C20 C22 C26 C28", also=ANYTHING)
    for then, copy in earlier.items():
        yield Mutation(
            "checkpoint: replayed",
            then,
            _only(NOTE, copy),
            {SINCE: codes("C90")},
            ANYTHING,
            options=_outside(kept),
        )
        yield Mutation(
            "log: replayed",
            then,
            _log_of(copy),
            {SINCE: codes("C90")},
            ANYTHING,
            options=_outside(kept),
            alone=True,
        )


def _only(name: str, then: Copy) -> Change:
    def change(copy: Copy) -> None:
        copy.files[name] = then.files[name]

    return change


def _log_of(then: Copy) -> Change:
    def change(copy: Copy) -> None:
        for name in [name for name in copy.files if name.startswith("log/")]:
            del copy.files[name]
        copy.files |= {name: data for name, data in then.files.items() if name.startswith("log/")}

    return change


def _outside(kept: Kept) -> dict[str, object]:
    return {"since": kept.note, "receipts": list(kept.receipts.values())}


def of_history(kept: Kept, whole: Copy) -> Iterator[Mutation]:
    """A rewritten history: each entry dropped, doubled, moved, replaced, changed; and the end cut off."""
    entries = entries_of(whole)
    for index in range(1, len(entries)):
        entry, before, after = entries[index], entries[:index], entries[index + 1 :]
        yield _history(kept, "dropped", index, [*before, *after], entries)
        # The last one doubled or moved behind itself is no other history: the log only goes on.
        if index + 1 < len(entries):
            doubled = [*before, entry, entry, *after]
            yield _history(kept, "doubled", index, doubled, entries, {index + 1: "C60"})
            later = [*before, *after, entry]
            yield _history(kept, "moved to the end", index, later, entries)
            swapped = [*before, after[0], entry, *after[1:]]
            yield _history(kept, "swapped with the next", index, swapped, entries)
        yield _history(kept, "cut off from here", index, before, entries)
        resalted = _resalted(entry)
        yield _history(kept, "changed", index, [*before, resalted, *after], entries, {index: "C62"})


def _history(
    kept: Kept,
    kind: str,
    index: int,
    forged: list[bytes],
    entries: list[bytes],
    named: dict[int, str] | None = None,
) -> Mutation:
    """Whoever kept anything from outside sees that the log was rewritten; the events themselves see most of it."""
    said = {SINCE: codes("C90")} if forged != entries else {}
    said |= {f"entry {at}": codes(code, "C88") for at, code in (named or {}).items()}
    for at in _contradicted(forged, index):
        said[f"entry {at}"] = said.get(f"entry {at}", codes()) | codes("C88")
    for number in range(1, len(kept.receipts) + 1):
        said[f"receipt {number}"] = codes("C90")
    return Mutation(
        f"history: {kind}",
        f"entry {index}",
        rewritten(kept, forged),
        said,
        ANYTHING,
        options=_outside(kept),
        alone=True,
    )


def _contradicted(forged: Sequence[bytes], index: int) -> Iterator[int]:
    """Yield the first entry that cites more of the old log than is left of it, if any does."""
    for at, entry in enumerate(forged):
        seen = parse_entry(entry).event.seen
        if seen.size > index and (seen.size > at or seen.root != root_of(forged[: seen.size])):
            yield at
            return


def _resalted(entry: bytes) -> bytes:
    """Return an entry with another salt, which changes nothing but what was signed."""
    value = parse_json(entry)
    value["event"]["salt"] = "A" * 22 + "=="
    return format_json(value)
