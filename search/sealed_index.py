"""The index of one compartment: sealed at rest, opened into the runtime directory, one writer at a time.

What is at rest is authenticated: a batch counts when the log announced it or the manifest queued it, and the
manifest carries a code that only holders of the compartment's identity can make. It names every batch of the
log that the index covers, so that one withheld, an older manifest put back, or a forged one is noticed.

Committing: fold batches into the engine → commit → seal each new file → swap the manifest (a compare-and-swap
on its version) → drop the batches folded. A crash before the swap leaves the old manifest whole and sealed
files that nobody names; after it, batches that the manifest lists as folded. Whoever loses the swap throws
his copy away and opens again.
"""

import hmac
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archive.access.keyring import Held, current_recipient
from archive.access.opening import Binding, seal_structure, unwrap_structure
from archive.access.parts import Archive
from archive.canonical import format_json
from archive.digests import Digest
from archive.errors import FixityError, SearchError
from archive.ids import Id
from archive.index_batches import IndexEntry, parse_batch
from keys.identities import Identity
from keys.sealing import open_
from search.engines.port import Analysis, Engine
from search.folding import documents, holder, newest
from search.sealed_files import SealedFile, SealedFiles
from storage.catalogue.rows import ManifestRow

FOLDED_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Contents:
    """What a manifest names: index files, the batches last folded, the batches of the log that the index
    covers, and those a rebuild queued that are still to be folded."""

    files: tuple[SealedFile, ...] = ()
    folded: frozenset[Id] = frozenset()
    covers: frozenset[Digest] = frozenset()
    queued: frozenset[Digest] = frozenset()

    def as_data(self) -> dict[str, Any]:
        """Write it for sealing."""
        return {
            "files": [one.as_data() for one in self.files],
            "folded": sorted(self.folded),
            "covers": sorted(self.covers),
            "queued": sorted(self.queued),
        }

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Contents":
        """Read it back."""
        return cls(
            tuple(SealedFile.of(value) for value in data["files"]),
            frozenset(map(Id, data["folded"])),
            frozenset(map(Digest, data["covers"])),
            frozenset(map(Digest, data["queued"])),
        )


@dataclass(slots=True)
class SealedIndex:
    """An open index. `lock` is held by whoever searches or folds; the engine is not to be used without it.

    `users` counts those who still hold it; the shelf closes it when it is `superseded` and nobody does.
    """

    archive: Archive
    compartment: Id
    folder: Path
    engine: Engine
    version: int
    files: dict[str, SealedFile]
    folded: set[Id]
    covers: set[Digest]
    queued: set[Digest]
    lock: threading.RLock = field(default_factory=threading.RLock)
    users: int = 0
    superseded: bool = False

    def fold(self, held: Held) -> int:
        """Fold waiting batches into the index and seal what changed; return how many entries came in.

        Raises S60 when another process folded first (the caller opens the index again), F60 when a batch that
        the log announced is neither folded nor waiting (the caller rebuilds).
        """
        expected = set(announced(self.archive, self.compartment))
        waiting = self.archive.catalogue.batches.of_compartment(self.compartment)
        done = [batch for batch in waiting if batch in self.folded]
        if done:
            self.archive.catalogue.batches.delete(done)
        fresh = [batch for batch in waiting if batch not in self.folded]
        total = 0
        while fresh:
            taken, entries = self._open_batches(fresh, held)
            for entry in entries:
                self.engine.delete_item(holder(entry))
            self.engine.add(documents(newest(entries)))
            self.engine.commit()
            self._seal(taken, held)
            fresh = fresh[len(taken) :]
            total += len(entries)
        if expected - self.covers or self.queued:
            raise FixityError("F60", "an index lacks what the log announced", found=self.compartment)
        return total

    def close(self) -> None:
        """Drop the engine and its files in the runtime directory."""
        self.engine.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _open_batches(self, waiting: Sequence[Id], held: Held) -> tuple[list[Id], list[IndexEntry]]:
        taken: list[Id] = []
        entries: list[IndexEntry] = []
        for batch in waiting:
            taken.append(batch)
            opened, digest = open_batch(self.archive, batch, held)
            if digest in self.queued or digest in announced(self.archive, self.compartment):
                entries += opened
                self.covers.add(digest)
                self.queued.discard(digest)
            if sum(len(entry.segments) for entry in entries) >= FOLDED_AT_ONCE:
                break
        return taken, entries

    def _seal(self, folded: list[Id], held: Held) -> None:
        store = sealed_files(self.archive, self.compartment)
        with store.locked():
            self._seal_into(store, folded, held)

    def _seal_into(self, store: SealedFiles, folded: list[Id], held: Held) -> None:
        recipient = current_recipient(self.archive.ledger().compartments[self.compartment])
        current = self.engine.files()
        fresh = {
            path.name: store.seal(path, recipient, self.archive.random)
            for path in current
            if path.name not in self.files or is_rewritten(path)
        }
        files = {path.name: fresh.get(path.name) or self.files[path.name] for path in current}
        version = self.version + 1
        contents = Contents(
            tuple(files.values()), frozenset(folded), frozenset(self.covers), frozenset(self.queued)
        )
        row = seal_manifest(self.archive, held, version, contents)
        if not self.archive.catalogue.manifests.swap(row, replaces=self.version or None):
            raise SearchError("S60", "the index was changed by another process meanwhile")
        self.version, self.files, self.folded = version, files, set(folded)
        self.archive.catalogue.batches.delete(folded)
        store.keep_only({one.body for one in files.values()})


def open_index(
    archive: Archive, held: Held, engine: type[Engine], analysis: Analysis, folder: Path
) -> SealedIndex:
    """Open a compartment's index into `folder`, an empty folder of the runtime directory.

    Raises F35 or KeysError when what is at rest was changed; the index then has to be rebuilt.
    """
    store = sealed_files(archive, held.compartment)
    with store.locked():
        row = archive.catalogue.manifests.get(held.compartment)
        if row is None:
            return SealedIndex(
                archive, held.compartment, folder, engine.create(folder, analysis), 0, {}, set(), set(), set()
            )
        manifest = open_manifest(archive, held, row)
        for one in manifest.files:
            store.open(one, identities(held), folder)
    return SealedIndex(
        archive,
        held.compartment,
        folder,
        engine.open(folder, analysis) if manifest.files else engine.create(folder, analysis),
        row.version,
        {one.name: one for one in manifest.files},
        set(manifest.folded),
        set(manifest.covers),
        set(manifest.queued),
    )


def open_batch(archive: Archive, batch: Id, held: Held) -> tuple[list[IndexEntry], Digest]:
    """Open one waiting batch, and digest it; it is empty when another process has just folded it in."""
    row = archive.catalogue.batches.get(batch)
    if row is None:
        return [], Digest.of(b"")
    opened = parse_batch(open_(row.header, row.content, identities(held), commitment=None))
    return [replace(entry, order=row.log_index or 0) for entry in opened], Digest.of(row.content)


def announced(archive: Archive, compartment: Id) -> set[Digest]:
    """Return the batches that the log announced for a compartment."""
    return archive.ledger().batches.get(compartment, set())


def seal_manifest(archive: Archive, held: Held, version: int, contents: Contents) -> ManifestRow:
    """Seal the manifest of an index to its compartment, with a code that needs the compartment's identity."""
    known = archive.ledger().compartments[held.compartment]
    binding = manifest_binding(archive, held.compartment, version, known.epoch)
    sealed = seal_structure(
        binding,
        {**contents.as_data(), "code": _code(binding, contents, _newest(held, known.epoch))},
        current_recipient(known),
        holder=held.compartment,
        random=archive.random,
        holder_epoch=known.epoch,
    )
    return ManifestRow(held.compartment, version, known.epoch, sealed.header, sealed.content)


def open_manifest(archive: Archive, held: Held, row: ManifestRow) -> Contents:
    """Open the manifest of a compartment's index; F61 when nobody who may open the compartment made it."""
    plain = open_(row.header, row.content, identities(held), commitment=None)
    binding = manifest_binding(archive, held.compartment, row.version, row.epoch)
    data = unwrap_structure(plain, binding)
    contents = Contents.of(data)
    identity = held.identities.get(row.epoch)
    if identity is None or not hmac.compare_digest(_code(binding, contents, identity), str(data["code"])):
        raise FixityError("F61", "an index manifest was made by somebody else", found=held.compartment)
    return contents


def _newest(held: Held, epoch: int) -> Identity:
    if epoch not in held.identities:
        raise SearchError(
            "S61", "the identity of the epoch in force was not given to you", found=f"epoch {epoch}"
        )
    return held.identities[epoch]


def _code(binding: Binding, contents: Contents, identity: Identity) -> str:
    key = hmac.digest(identity.seed, b"sviedka/index", "sha256")
    message = format_json({"binding": binding.as_data(), "contents": contents.as_data()})
    return hmac.digest(key, message, "sha256").hex()


def manifest_binding(archive: Archive, compartment: Id, version: int, epoch: int) -> Binding:
    """Return what a manifest says of itself."""
    return Binding(archive.archive, "manifest", compartment, version, compartment, epoch)


def sealed_files(archive: Archive, compartment: Id) -> SealedFiles:
    """Return where a compartment's index is at rest."""
    return SealedFiles(archive.folder / "index" / compartment)


def identities(held: Held) -> list[Identity]:
    """Return the identities of a compartment, newest first."""
    return [identity for _, identity in sorted(held.identities.items(), reverse=True)]


def is_rewritten(path: Path) -> bool:
    """Say whether an engine rewrites a file of this name; all its other files never change."""
    return path.suffix == ".json"
