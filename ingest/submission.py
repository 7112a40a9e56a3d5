"""Taking packs in: from anyone, unopened, as claimed.

A pack is read twice. First it is held against its own manifest and against the log; nothing of it is stored
before that, so that what is no pack costs no room. Then, one pack at a time, its bodies go where all bodies
are, and one append of the archive's own agent takes its items into custody. The same pack again changes
nothing and is answered as the first time, so that the answer does not tell whether it was here before.
"""

import shutil
from dataclasses import dataclass
from typing import BinaryIO, Final

from archive.access.parts import Archive
from archive.author import Signed
from archive.cards import fingerprint
from archive.digests import Digest
from archive.errors import FixityError, IntakeError, SviedkaError
from archive.ids import Id, new_id
from archive.kinds import Kind, RenditionKind
from archive.ledger import Ledger
from archive.nouns import SealedRef
from archive.packs import Head, Manifest, PackedItem, PackSignature, Parts, signed_manifest
from archive.succession import origins
from ingest.accession import rendition_row
from ingest.pack_files import members
from ingest.reading_packs import Part, ReadPack, items_of, open_part, plain_bytes, read_pack
from keys.signing import verify_ed25519
from storage.catalogue.rows import ItemRow, PackRow, RenditionRow, SealedRow
from storage.locks import exclusive

#: Room on the disk that packs leave to everybody else: this much, or a twentieth where that is more.
KEPT_FREE_BYTES: Final = 1 << 30
_KEPT_FREE_PART: Final = 20
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Submitted:
    """A pack in custody: the id of its deposit, and its items in order."""

    deposit: Id
    items: tuple[Id, ...]


def check_head(ledger: Ledger, head: Head) -> None:
    """Refuse (I95) a pack for another archive, or for a recipient that this one never had.

    One of an earlier epoch is taken: whoever may read the compartment holds that key too.
    """
    compartment = ledger.compartments.get(head.compartment)
    if head.origin not in origins(ledger) or compartment is None:
        raise IntakeError("I95", "the pack was made for another archive")
    if head.epoch > compartment.epoch:
        raise IntakeError("I95", "the pack was made with a card of a key that this archive does not have")
    if fingerprint(compartment.recipients[head.epoch - 1]) != head.fingerprint:
        raise IntakeError("I95", "the pack was made with a card that is not of this archive")


def check_room(archive: Archive, size_bytes: int, *, kept_free_bytes: int = KEPT_FREE_BYTES) -> None:
    """Refuse (F02) what would leave less room on the disk than is kept free of packs."""
    disk = shutil.disk_usage(archive.folder)
    if disk.free - size_bytes < max(kept_free_bytes, disk.total // _KEPT_FREE_PART):
        raise FixityError("F02", "there is too little room for this pack")


def submit(archive: Archive, file: BinaryIO, *, read: ReadPack | None = None) -> Submitted:
    """Take the pack in `file`, which can be rewound, into custody; durable and logged when this returns.

    `read` is what was read of it as it arrived. Raises IntakeError for what is no pack (I93, I94, I86), not
    for this archive (I95) or contradicts one that is here (I89), and F02 where there is no room; I99 while an
    earlier attempt at the same pack cannot be tidied up.
    """
    if read is None:
        file.seek(0)
        read = read_pack(file.read, lambda head: check_head(archive.ledger(), head))
    check_room(archive, sum(part.size_bytes for part in (*read.originals, *read.descriptions, read.receipts)))
    # One at a time: bodies are written before they are logged, and only what nobody else is about to log
    # may be taken away again.
    with exclusive(archive.folder / "packs.lock"):
        if archive.catalogue.packs.is_waiting(read.manifest.head.deposit):
            archive.custody.recover(archive.objects, archive.headers)
            if archive.catalogue.packs.is_waiting(read.manifest.head.deposit):
                raise IntakeError("I99", "this pack was broken off earlier and is tidied up; try again later")
        if not _is_here(archive, read):
            with archive.custody.writing():
                _take_in(archive, file, read)
    return Submitted(read.manifest.head.deposit, tuple(one.item for one in read.manifest.items))


def signer_of(ledger: Ledger, signature: PackSignature | None, manifest: bytes) -> Id | None:
    """Return the agent whose signature on a manifest holds, with any key of hers that the log knows."""
    known = ledger.agents.get(signature.agent) if signature else None
    if signature is None or known is None or known.recipient is None or known.suspended is not None:
        return None
    for key in known.signing_keys:
        try:
            verify_ed25519(key, signed_manifest(manifest), signature.signature)
        except SviedkaError:
            continue
        return known.agent
    return None


def _is_here(archive: Archive, pack: ReadPack) -> bool:
    """Say whether this very pack is here; refuse (I89) one that contradicts another."""
    known = archive.catalogue.packs.get(pack.manifest.head.deposit)
    if known is not None and known.manifest == pack.written:
        return True
    _check_new(archive.ledger(), pack.manifest)
    return False


def _take_in(archive: Archive, file: BinaryIO, pack: ReadPack) -> None:
    try:
        _store(archive, file, pack)
        prepared = _Prepared(archive, pack)
        archive.custody.record(
            prepared.signed,
            items=prepared.items,
            renditions=prepared.renditions,
            sealed=prepared.sealed,
            packs=[prepared.row()],
        )
    except BaseException:
        _forget(archive, pack)
        raise


def _check_new(ledger: Ledger, manifest: Manifest) -> None:
    """Refuse (I89) what has an id or a sealed body that is here: it would be another's, or be there twice.

    An id of which something was destroyed does not come back either.
    """
    taken = manifest.head.deposit in ledger.packs
    for one in manifest.items:
        taken = taken or one.item in ledger.items or one.item in ledger.destroyed
        if taken or {one.sealed.body, one.description.body} & ledger.bodies.keys():
            raise IntakeError("I89", "another pack with one of these ids was handed in before")


def _store(archive: Archive, file: BinaryIO, pack: ReadPack) -> None:
    """Write the originals' bodies and headers where all are."""
    file.seek(0)
    for member in members(file.read):
        if member.number is None or member.name.endswith(".description.age"):
            continue
        part = pack.originals[member.number - 1]
        _header, body = open_part(member.read)
        with archive.objects.writer() as writer:
            while chunk := body.read(_CHUNK_BYTES):
                writer.write(chunk)
            if writer.commit() != part.digest:
                raise IntakeError("I86", "a pack was changed while it was taken in")
        archive.headers.put(part.digest, part.header)


def _forget(archive: Archive, pack: ReadPack) -> None:
    """Remove what was written for a pack that could not be logged."""
    known = archive.ledger().bodies
    for part in pack.originals:
        if part.digest not in known:
            archive.headers.delete(part.digest)
            archive.objects.delete(part.digest)


class _Prepared:
    """The events and rows of one pack, not logged yet."""

    def __init__(self, archive: Archive, pack: ReadPack) -> None:
        self._archive = archive
        self._pack = pack
        self._signer = signer_of(archive.ledger(), pack.signature, pack.written)
        self.signed: list[Signed] = []
        self.items: list[ItemRow] = []
        self.renditions: list[RenditionRow] = []
        self.sealed: list[SealedRow] = []
        for one, original, description in items_of(pack):
            self._add(one, original, description)

    def _add(self, one: PackedItem, original: Part, description: Part) -> None:
        archive, head = self._archive, self._pack.manifest.head
        sealed, described = self._ref(one.sealed), self._ref(one.description)
        rendition = new_id(archive.random)
        signed = archive.archive_author.write(
            Kind.SUBMISSION,
            {
                "item": one.item,
                "deposit": head.deposit,
                "rendition": rendition,
                "sealed": sealed.as_data(),
                "sha256": one.sha256,
                "blake3": one.blake3,
                "name": one.name,
                "description": described.as_data(),
                "manifest": self._digest,
                "signer": self._signer,
            },
        )
        self.signed.append(signed)
        agent, event = archive.archive_author.agent, signed.event
        self.items.append(ItemRow(one.item, head.compartment, head.deposit, agent, None, None, event))
        size, kind = plain_bytes(original.size_bytes), RenditionKind.ORIGINAL
        self.renditions.append(
            rendition_row(rendition, one.item, kind, sealed=sealed, size_bytes=size, event=event)
        )
        self.sealed.append(
            SealedRow(
                described.body,
                "claim",
                one.item,
                1,
                described.holder,
                described.epoch,
                description.header,
                description.body,
                event,
            )
        )

    def row(self) -> PackRow:
        """Return the row of the pack itself, staged with its first item."""
        pack, head = self._pack, self._pack.manifest.head
        receipts = pack.receipts
        return PackRow(
            head.deposit,
            head.compartment,
            pack.written,
            pack.signed,
            receipts.header,
            receipts.body,
            pack.manifest.receipts.code,
            self.signed[0].event,
        )

    @property
    def _digest(self) -> str:
        return Digest.of(self._pack.written)

    def _ref(self, parts: Parts) -> SealedRef:
        head = self._pack.manifest.head
        return SealedRef(head.compartment, head.epoch, parts.body, parts.header, parts.file_key)
