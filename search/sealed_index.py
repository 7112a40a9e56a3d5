"""The index of one compartment: sealed at rest, opened into the runtime directory, one writer at a time.

Committing: fold batches into the engine → commit → seal each new file → swap the manifest (a compare-and-swap
on its version) → drop the batches folded. A crash before the swap leaves the old manifest whole and sealed
files that nobody names; after it, batches that the manifest lists as folded. Whoever loses the swap throws
his copy away and opens again.
"""

import shutil
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archive.access.keyring import Held, current_recipient
from archive.access.opening import Binding, seal_structure, unwrap_structure
from archive.access.parts import Archive
from archive.errors import SearchError
from archive.ids import Id
from archive.index_batches import IndexEntry, parse_batch
from keys.identities import Identity
from keys.sealing import open_
from search.engines.port import Analysis, Engine
from search.folding import documents, holder, newest
from search.sealed_files import SealedFile, SealedFiles
from storage.catalogue.rows import ManifestRow

FOLDED_AT_ONCE = 20_000


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
    lock: threading.RLock = field(default_factory=threading.RLock)
    users: int = 0
    superseded: bool = False

    def fold(self, held: Held) -> int:
        """Fold waiting batches into the index and seal what changed; return how many entries came in.

        Raises S60 when another process folded first; the caller opens the index again.
        """
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
            self._seal(taken)
            fresh = fresh[len(taken) :]
            total += len(entries)
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
            entries += open_batch(self.archive, batch, held)
            if sum(len(entry.segments) for entry in entries) >= FOLDED_AT_ONCE:
                break
        return taken, entries

    def _seal(self, folded: list[Id]) -> None:
        store = sealed_files(self.archive, self.compartment)
        with store.locked():
            self._seal_into(store, folded)

    def _seal_into(self, store: SealedFiles, folded: list[Id]) -> None:
        recipient = current_recipient(self.archive.ledger().compartments[self.compartment])
        current = self.engine.files()
        fresh = {
            path.name: store.seal(path, recipient, self.archive.random)
            for path in current
            if path.name not in self.files or is_rewritten(path)
        }
        files = {path.name: fresh.get(path.name) or self.files[path.name] for path in current}
        version = self.version + 1
        row = seal_manifest(self.archive, self.compartment, version, files=files.values(), folded=folded)
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
                archive, held.compartment, folder, engine.create(folder, analysis), 0, {}, set()
            )
        manifest = open_manifest(archive, held, row)
        files = [SealedFile.of(value) for value in manifest["files"]]
        for one in files:
            store.open(one, identities(held), folder)
    return SealedIndex(
        archive,
        held.compartment,
        folder,
        engine.open(folder, analysis) if files else engine.create(folder, analysis),
        row.version,
        {one.name: one for one in files},
        {Id(batch) for batch in manifest["folded"]},
    )


def open_batch(archive: Archive, batch: Id, held: Held) -> list[IndexEntry]:
    """Open one waiting batch; it is empty when another process has just folded it in."""
    row = archive.catalogue.batches.get(batch)
    if row is None:
        return []
    opened = parse_batch(open_(row.header, row.content, identities(held), commitment=None))
    return [replace(entry, order=row.log_index or 0) for entry in opened]


def seal_manifest(
    archive: Archive, compartment: Id, version: int, *, files: Iterable[SealedFile], folded: Iterable[Id]
) -> ManifestRow:
    """Seal the manifest of an index to its compartment."""
    known = archive.ledger().compartments[compartment]
    sealed = seal_structure(
        manifest_binding(archive, compartment, version, known.epoch),
        {"files": [one.as_data() for one in files], "folded": sorted(folded)},
        current_recipient(known),
        holder=compartment,
        random=archive.random,
        holder_epoch=known.epoch,
    )
    return ManifestRow(compartment, version, known.epoch, sealed.header, sealed.content)


def open_manifest(archive: Archive, held: Held, row: ManifestRow) -> dict[str, Any]:
    """Open the manifest of a compartment's index."""
    plain = open_(row.header, row.content, identities(held), commitment=None)
    return unwrap_structure(plain, manifest_binding(archive, held.compartment, row.version, row.epoch))


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
