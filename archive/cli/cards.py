"""Making recipient cards: a compartment's public recipient, with the proof that the log names it."""

from datetime import timedelta
from typing import Final

from archive.access.parts import Archive
from archive.access.receipts import short_keys
from archive.cards import Card, fingerprint
from archive.events import format_moment, parse_entry
from archive.ids import Id
from archive.kinds import Kind
from archive.proofs import TlogProof

_VALID: Final = timedelta(days=365)


def make_card(archive: Archive, compartment: Id) -> Card:
    """Return the card of a compartment's newest epoch. It names no label."""
    ledger, now = archive.ledger(), archive.clock()
    known = ledger.compartments[compartment]
    recipient, index = known.recipients[-1], _announced(archive, compartment, known.epoch)
    entry = archive.log.entry(index)
    signature = parse_entry(entry).signatures[0]
    proof = TlogProof(index, tuple(archive.log.prove_inclusion(index)), archive.log.note(), entry)
    return Card(
        origin=ledger.origin,
        compartment=compartment,
        epoch=known.epoch,
        issued=format_moment(now),
        expires=format_moment(now + _VALID),
        fingerprint=fingerprint(recipient),
        recipient=recipient,
        proof=proof,
        log_key=short_keys(archive.log_keys)[0],
        agent_key=ledger.agents[signature.agent].signing_keys[signature.key - 1],
    )


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
