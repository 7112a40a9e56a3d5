"""Fetching receipts: kept by the archive, sealed to the depositor, made afresh under the newest checkpoint,
or the newest that others cosigned.
"""

from contextlib import suppress
from typing import Final

from archive.access.opening import Binding, unwrap_structure
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.errors import AccessError, CustodyError, FixityError, IntakeError, SviedkaError
from archive.events import parse_entry
from archive.ids import Id
from archive.notes import parse_note
from archive.proofs import TlogProof
from archive.receipts import Openings, Receipt, format_receipt
from archive.trust import Trust
from archive.vkeys import ED25519, parse_vkey
from keys.sealing import open_
from storage.catalogue.rows import ItemRow
from storage.cosignatures import Cosignatures

#: Among how many of the newest cosigned checkpoints the best is looked for.
_LOOKED_AT: Final = 50


def fetch_receipt(archive: Archive, sitting: Sitting, wanted: str, code_digest: bytes) -> bytes:
    """Return the receipt of an item, named by its id or by the receipt's code of words, to its depositor.

    `code_digest` is `wanted` as codes are filed. Raises A22 for anyone else, and for what does not exist.
    """
    row = _find(archive, wanted, code_digest)
    if row is None or row.depositor != sitting.id:
        raise AccessError("A22", "there is no receipt of that code or item for you")
    return receipt_of(archive, archive.ledger().items[row.item].index, _open(archive, sitting, row))


def own_openings(archive: Archive, sitting: Sitting, item: Id) -> Openings | None:
    """Return what opens the commitments of an item, to its depositor; None to anyone else."""
    row = archive.catalogue.items.get(item)
    return _open(archive, sitting, row) if row is not None and row.depositor == sitting.id else None


def receipt_of(archive: Archive, index: int, openings: Openings) -> bytes:
    """Write a receipt for the entry at `index`, with what opens its commitments."""
    entry = archive.log.entry(index)
    note, size = _covering(archive, index)
    hashes = tuple(archive.log.prove_inclusion(index, size))
    signature = parse_entry(entry).signatures[0]
    agent_key = archive.ledger().agents[signature.agent].signing_keys[signature.key - 1]
    proof = TlogProof(index, hashes, note)
    return format_receipt(Receipt(proof, entry, openings, short_keys(archive.log_keys), agent_key))


def _covering(archive: Archive, index: int) -> tuple[bytes, int]:
    """Return a checkpoint that covers an entry, and its size: the newest of those that most cosigned.

    Where nobody has cosigned one yet it is the published one.
    """
    kept = Cosignatures(archive.folder / "log")
    found = [(_cosigners(note), size, note) for size, note in kept.newest(index + 1, _LOOKED_AT)]
    published, newest = archive.log.published()
    for _count, size, note in sorted(found, reverse=True):
        # What somebody has changed on the disk is for the audit to tell of; a receipt does without.
        with suppress(SviedkaError):
            checkpoint = archive.log.opened(note)
            same = (checkpoint.origin, checkpoint.size) == (newest.origin, size)
            if same and archive.log.root_at(size) == checkpoint.root:
                return note, size
    return published, newest.size


def _cosigners(note: bytes) -> int:
    with suppress(CustodyError):
        return len({line.name for line in parse_note(note).signatures})
    return 0


def trust_of(archive: Archive, sitting: Sitting | None = None) -> Trust:
    """Return what to hand out for checking receipts: the log's origin and keys, and the agent's own."""
    own = {sitting.id: sitting.agent.signing_keys} if sitting else {}
    ledger = archive.ledger()
    return Trust(ledger.origin, archive.log_keys, own, tuple(ledger.earlier))


def short_keys(log_keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the Ed25519 keys only: a receipt names them for reading; trust comes from a trust file."""
    return tuple(key for key in log_keys if parse_vkey(key).type == ED25519)


def _find(archive: Archive, wanted: str, code_digest: bytes) -> ItemRow | None:
    try:
        return archive.catalogue.items.get(Id(wanted))
    except IntakeError:
        return archive.catalogue.items.by_receipt_code(code_digest)


def _open(archive: Archive, sitting: Sitting, row: ItemRow) -> Openings:
    sealed = archive.catalogue.sealed.latest("receipt", row.item)
    if sealed is None:
        raise FixityError("F30", "a sealed receipt is missing", found=row.item)
    plain = open_(sealed.header, sealed.content, sitting.secret.identities, commitment=None)
    original = next(iter(archive.ledger().items[row.item].renditions.values()))
    binding = Binding(archive.archive, "receipt", row.item, 1, row.compartment, original.sealed.epoch)
    return Openings.of(unwrap_structure(plain, binding)["openings"])
