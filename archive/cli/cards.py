"""Recipient cards: a compartment's public recipient, with the proof that the log names it."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from archive.access.parts import Archive
from archive.events import format_moment, parse_entry
from archive.ids import Id
from archive.kinds import Kind
from archive.proofs import TlogProof, format_tlog_proof

_VALID: Final = timedelta(days=365)
_FINGERPRINT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Card:
    """A card as text, and what its holder compares."""

    text: str
    fingerprint: str
    expires: str


def make_card(archive: Archive, compartment: Id) -> Card:
    """Write the card of a compartment's newest epoch. It names no label."""
    known = archive.ledger().compartments[compartment]
    now = archive.clock()
    print_, expires = fingerprint(known.recipients[-1]), format_moment(now + _VALID)
    index = _announced(archive, compartment, known.epoch)
    proof = TlogProof(
        index, tuple(archive.log.prove_inclusion(index)), archive.log.note(), archive.log.entry(index)
    )
    head = {
        "origin": archive.ledger().origin,
        "compartment": compartment,
        "epoch": known.epoch,
        "issued": format_moment(now),
        "expires": expires,
        "fingerprint": print_,
        "recipient": known.recipients[-1],
    }
    lines = "".join(f"{name}: {value}\n" for name, value in head.items())
    text = f"sviedka recipient card v1\n{lines}\n{format_tlog_proof(proof).decode()}"
    return Card(text, print_, expires)


def fingerprint(recipient: str) -> str:
    """Return what two people compare: the first half of SHA-256, in groups of four digits."""
    digits = hashlib.sha256(recipient.encode()).hexdigest()[: 2 * _FINGERPRINT_BYTES]
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def _announced(archive: Archive, compartment: Id, epoch: int) -> int:
    """Return the index of the entry that names the recipient of an epoch."""
    founded = archive.ledger().compartments[compartment].index
    if epoch == 1:
        return founded
    for index, data in enumerate(archive.log.entries(founded), founded):
        event = parse_entry(data).event
        if event.kind is Kind.EPOCH and (event.data["compartment"], event.data["epoch"]) == (
            compartment,
            epoch,
        ):
            return index
    raise AssertionError("the ledger knows an epoch that the log does not hold")
