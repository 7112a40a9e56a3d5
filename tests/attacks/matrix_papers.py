"""Mutations of what is handed out: receipts and recipient cards, changed, mixed, forged, of another archive.

Whoever has one holds it against a trust file that she got another way, with nothing of the archive's.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from matrix_archive import Kept
from matrix_copies import Copy, checked_once
from matrix_events import change_at, leaves_of
from matrix_log import entries_of, root_of, signed
from matrix_mutations import codes

from archive.canonical import format_json, parse_json
from archive.cards import parse_card
from archive.checkpoints import Checkpoint
from archive.codec import b64, unb64
from archive.errors import SviedkaError
from archive.merkle import Frontier, leaf_hash, prove_inclusion
from archive.proofs import TlogProof, format_tlog_proof, parse_tlog_proof
from archive.receipts import parse_receipt
from archive.trust import format_trust
from archive.verifying import verify_file
from archive.verifying_cards import verify_card
from keys.signing import LogKey, SigningKey, verify_mldsa44

sys.path.append(str(Path(__file__).resolve().parent.parent / "archive"))

#: The proof itself does not lead anywhere, or is no proof.
PROOF = codes("C10", "C11", "C12", "C13", "C34", "C80")
#: The checkpoint is not one that the log's keys signed.
NOTE = codes("C20", "C21", "C22", "C23", "C24", "C25", "C26", "C27", "C28", "C29")
#: What is in it contradicts the entry, or the entry is no entry, or of somebody else.
INSIDE = codes("C50", "C51", "C53", "C54", "C80", "C81", "C82", "C83", "C35")
ANY = PROOF | NOTE | INSIDE


@dataclass(frozen=True, slots=True)
class Forged:
    """A paper that must be refused, and with one of which codes."""

    kind: str
    what: str
    data: bytes
    expected: frozenset[str]


def flaws_of(papers: Iterator[Forged], verify: Callable[[bytes], object]) -> tuple[int, list[str]]:
    """Return how many papers there were, and which were not refused as they should be."""
    wrong, made = [], list(papers)
    for one in made:
        try:
            verify(one.data)
        except SviedkaError as fault:
            if fault.code not in one.expected:
                wrong.append(f"{one.kind} {one.what}: {fault.code} {fault}")
        else:
            wrong.append(f"{one.kind} {one.what}: believed")
    return len(made), wrong


def verify_receipt_of(kept: Kept, data: bytes) -> object:
    return verify_file(
        data, trust=format_trust(kept.trust), check_ed25519=checked_once, check_mldsa44=verify_mldsa44
    )


def verify_card_of(kept: Kept, data: bytes) -> object:
    card, now = parse_card(data), "2027-01-01T00:00:00Z"
    return verify_card(
        card, now=now, trust=kept.trust, check_ed25519=checked_once, check_mldsa44=verify_mldsa44
    )


def of_receipts(kept: Kept, whole: Copy, *, step: int) -> Iterator[Forged]:
    """Every way but one to change a receipt: a byte of it, a field of its proof, of its entry, of its openings."""
    data = kept.receipts["read"]
    for name, receipt in kept.receipts.items():
        proof = parse_tlog_proof(receipt)
        yield from _of_proof(name, proof, partial(format_tlog_proof))
        yield from _of_checkpoint(kept, name, proof)
    yield from _of_bytes("receipt", data, step)
    yield from _of_extra(data)
    yield from _mixed(kept)
    yield from _forged_by_the_log(kept, whole)
    yield from _of_elsewhere()


def of_cards(kept: Kept, *, step: int) -> Iterator[Forged]:
    head, _, tail = kept.card.partition(b"\n\n")
    proof = parse_tlog_proof(tail)
    for one in _of_proof("card", proof, format_tlog_proof):
        yield replace(one, data=head + b"\n\n" + one.data, expected=one.expected | codes("I92"))
    said = ANY | codes("I90", "I91", "I92", "I01", "I02", "C74", "C76", "C77", "C78", "C79")
    lines = head.split(b"\n")
    for number, line in enumerate(lines):
        # A card's dates are its own words: nobody signs them.
        if line.startswith((b"issued", b"expires")):
            continue
        flipped = line[:-3] + bytes([line[-3] ^ 1]) + line[-2:]
        for kind, new in (("changed", [flipped]), ("dropped", []), ("doubled", [line, line])):
            forged = b"\n".join([*lines[:number], *new, *lines[number + 1 :]]) + b"\n\n" + tail
            yield Forged(f"card: line {kind}", line[:12].decode(), forged, said)
    for one in _of_bytes("card", kept.card, step):
        if not _in_dates(kept.card, int(one.what)):
            yield replace(one, expected=said)


def _in_dates(card: bytes, at: int) -> bool:
    start, end = card.index(b"\nissued"), card.index(b"\nfingerprint")
    return start <= at < end


def _of_bytes(kind: str, data: bytes, step: int) -> Iterator[Forged]:
    for at in range(0, len(data), step):
        yield Forged(f"{kind}: flipped", str(at), data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], ANY)
    for at in range(1, len(data), step):
        yield Forged(f"{kind}: cut", str(at), data[:at], ANY)


def _of_proof(name: str, proof: TlogProof, write: Callable[[TlogProof], bytes]) -> Iterator[Forged]:
    hashes = proof.hashes
    made = {
        **{
            f"index {index}": {"index": index}
            for index in (0, proof.index + 1, proof.index - 1, proof.index + 256, 2**40)
        },
        **{
            f"hash {n} flipped": {"hashes": _with(hashes, n, [bytes([h[0] ^ 1]) + h[1:]])}
            for n, h in enumerate(hashes)
        },
        **{f"hash {n} dropped": {"hashes": _with(hashes, n, [])} for n in range(len(hashes))},
        **{f"hash {n} doubled": {"hashes": _with(hashes, n, [h, h])} for n, h in enumerate(hashes)},
        "hashes turned round": {"hashes": hashes[::-1]},
        "no hashes": {"hashes": ()},
        "a hash more": {"hashes": (*hashes, bytes(32))},
    }
    for what, change in made.items():
        if change.get("index") != proof.index and change.get("hashes") != hashes:
            yield Forged("proof: changed", f"{name} {what}", write(replace(proof, **change)), PROOF)


def _with(hashes: tuple[bytes, ...], at: int, new: list[bytes]) -> tuple[bytes, ...]:
    return (*hashes[:at], *new, *hashes[at + 1 :])


def _of_checkpoint(kept: Kept, name: str, proof: TlogProof) -> Iterator[Forged]:
    lines = proof.checkpoint.split(b"\n")
    for number in range(len(lines) - 1):
        without = b"\n".join([*lines[:number], *lines[number + 1 :]])
        # Without the ML-DSA-44 line it is not one of this log; the archive always writes both.
        yield Forged(
            "checkpoint of a receipt: line dropped", f"{name} {number}", _noted(proof, without), NOTE | PROOF
        )
    size = int(lines[1])
    thief = LogKey(b"\2" * 32, b"\2" * 32)
    root = unb64(lines[2].decode())
    note = signed(kept, Checkpoint(kept.trust.origin, size, root), thief)
    yield Forged("checkpoint of a receipt: signed by others", name, _noted(proof, note), NOTE)
    other = signed(kept, Checkpoint(kept.trust.origin, size, bytes(32)))
    yield Forged("checkpoint of a receipt: another root", name, _noted(proof, other), PROOF)
    smaller = signed(kept, Checkpoint(kept.trust.origin, max(1, proof.index), root))
    yield Forged("checkpoint of a receipt: too small", name, _noted(proof, smaller), PROOF)


def _noted(proof: TlogProof, note: bytes) -> bytes:
    lines = format_tlog_proof(proof).partition(b"\n\n")[0]
    return lines + b"\n\n" + note


def _of_extra(data: bytes) -> Iterator[Forged]:
    """Each field that the receipt says beside the proof, and each field of the entry."""
    proof = parse_tlog_proof(data)
    extra = parse_json(proof.extra or b"")
    for path in leaves_of(extra):
        forged = parse_json(proof.extra or b"")
        change_at(forged, path)
        made = format_tlog_proof(replace(proof, extra=format_json(forged)))
        yield Forged("receipt: field changed", "/".join(map(str, path)), made, ANY)
    entry = parse_json(unb64(extra["entry"]))
    for path in leaves_of(entry):
        forged = parse_json(unb64(extra["entry"]))
        change_at(forged, path)
        made = {**extra, "entry": b64(format_json(forged))}
        data = format_tlog_proof(replace(proof, extra=format_json(made)))
        yield Forged("receipt: field of its entry changed", "/".join(map(str, path)), data, ANY)


def _mixed(kept: Kept) -> Iterator[Forged]:
    """Parts of one receipt in another: its proof, its entry, what opens its commitments, its keys."""
    parts = {
        name: (parse_tlog_proof(data), parse_json(parse_tlog_proof(data).extra or b""))
        for name, data in kept.receipts.items()
    }
    for one, (proof, extra) in parts.items():
        for other, (their_proof, theirs) in parts.items():
            if one == other:
                continue
            for field in ("entry", "openings"):
                made = format_tlog_proof(replace(proof, extra=format_json({**extra, field: theirs[field]})))
                yield Forged(f"receipt: {field} of another", f"{one} {other}", made, PROOF | codes("C83"))
            made = format_tlog_proof(replace(their_proof, extra=format_json(extra)))
            yield Forged("receipt: proof of another", f"{one} {other}", made, PROOF)
        stranger = b64(SigningKey.generate().public)
        made = format_tlog_proof(replace(proof, extra=format_json({**extra, "agent_key": stranger})))
        yield Forged("receipt: another agent's key", one, made, codes("C81"))
        foreign = extra["log_keys"][0].replace("A", "B")
        made = format_tlog_proof(replace(proof, extra=format_json({**extra, "log_keys": [foreign]})))
        yield Forged("receipt: another key of the log", one, made, codes("C82"))


def _forged_by_the_log(kept: Kept, whole: Copy) -> Iterator[Forged]:
    """The thief of the log's key writes a log in which the entry says something else, and proves that."""
    entries = entries_of(whole)
    for name, data in kept.receipts.items():
        receipt = parse_receipt(data)
        index, entry = receipt.proof.index, parse_json(receipt.entry)
        for path in leaves_of(entry):
            forged = parse_json(receipt.entry)
            change_at(forged, path)
            made = [*entries[:index], format_json(forged), *entries[index + 1 :]]
            yield Forged(
                "receipt: forged with the log's key",
                f"{name} {'/'.join(map(str, path))}",
                _proven(kept, made, receipt, index),
                INSIDE,
            )
        for kind in (b'"kind":"reading"', b'"kind":"submission"'):
            other = next(n for n, one in enumerate(entries) if kind in one)
            yield Forged(
                "receipt: of another entry", f"{name} {other}", _proven(kept, entries, receipt, other), INSIDE
            )


def _proven(kept: Kept, entries: list[bytes], receipt, index: int) -> bytes:
    leaves = list(map(leaf_hash, entries))

    def read(level: int, at: int) -> bytes:
        frontier = Frontier()
        for leaf in leaves[at << level : (at + 1) << level]:
            frontier.append(leaf)
        return frontier.root()

    note = signed(kept, Checkpoint(kept.trust.origin, len(entries), root_of(entries)))
    proof = TlogProof(index, tuple(prove_inclusion(index, len(entries), read)), note)
    extra = parse_json(receipt.proof.extra)
    return format_tlog_proof(replace(proof, extra=format_json({**extra, "entry": b64(entries[index])})))


def _of_elsewhere() -> Iterator[Forged]:
    from ledger_builder import Builder, receipt_for

    builder = Builder()
    for number in range(3):
        data = receipt_for(builder, builder.anna, "main", f"{number}.txt", b"an account")
        yield Forged("receipt: of another archive", str(number), data, codes("C82"))
