"""The whole road: a founded archive, hearings taken into custody, their index folded and sealed, a reader.

Only the parser host is left out: the texts of the hearings are known. Key files are cheap to open (scrypt
with log2 N = 10 instead of 17), which nothing measured here depends on: the reader is signed in already.
"""

import io
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.access import agents, grants, signin
from archive.access.keyring import Held, find_label, keyring
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.assemble import Circumstances, Founding, found_archive, open_archive
from archive.nouns import Action, Role
from archive.records import Description, load_description
from archive.uses import Use
from bench.searching.hearings import Hearing
from ingest.deposit import GROUP_FILES, Handed, Intake
from ingest.extraction import Extraction
from ingest.formats.parts import Segment
from ingest.identify import Identified
from search.disclosure import Library
from search.engines.port import Engine
from search.shelf import Shelf

PASSPHRASE = "a passphrase for measuring only"
SHUT_OUT = 10
COMMIT = 2_000
RAM = Path("/dev/shm")


class KnownText:
    """Stands where the parser host does: a hearing is handed in as JSON Lines, each line a passage."""

    def identify(self, _head: bytes, **_known: str) -> Identified:
        return Identified("application/x-ndjson", "application/x-ndjson", False)

    def extract(self, source: int, **_known: str) -> Extraction:
        with os.fdopen(os.dup(source), encoding="utf-8") as lines:
            segments = tuple(Segment(f"paragraph:{n}", json.loads(line)) for n, line in enumerate(lines, 1))
        return Extraction("success", "text", segments)


@dataclass(slots=True)
class Road:
    """An open archive with a reader signed in, and what filling it took."""

    archive: Archive
    library: Library
    lawyer: Sitting
    hearing_of: dict[str, str] = field(default_factory=dict)
    passages: int = 0
    commits: int = 0
    deposit_seconds: float = 0.0
    fold_seconds: float = 0.0
    fold_processor_seconds: float = 0.0

    @property
    def held(self) -> Held:
        return find_label(keyring(self.archive, self.lawyer), "main")

    def fill(self, documenter: Sitting, corpus: list[Hearing]) -> None:
        """Take the hearings into custody and fold them into the index, as soon as a commit's worth waits."""
        for chunk in commits_worth(corpus):
            started = time.perf_counter()
            self._deposit(documenter, chunk)
            self.deposit_seconds += time.perf_counter() - started
            held = self.held
            started, processor = time.perf_counter(), time.process_time()
            self.library.shelf.open(held)
            self.fold_seconds += time.perf_counter() - started
            self.fold_processor_seconds += time.process_time() - processor
            self.commits += 1
            self.passages += sum(len(hearing.passages) for hearing in chunk)

    def _deposit(self, documenter: Sitting, chunk: list[Hearing]) -> None:
        intake = Intake(self.archive, documenter, "main", KnownText())  # type: ignore[arg-type]
        first = len(self.hearing_of)
        handed = [_handed(hearing, number) for number, hearing in enumerate(chunk, first)]
        for result in intake.deposit(handed):
            assert result.item is not None, result.error
            self.hearing_of[result.item] = result.path


@contextmanager
def opened_road(folder: Path, engine: type[Engine], corpus: list[Hearing]) -> Iterator[Road]:
    """Found an archive in `folder`, fill it, and sign a lawyer in who may read it for court."""
    with TemporaryDirectory(dir=RAM) as runtime:
        circumstances = Circumstances(log_n=10, runtimes=(Path(runtime),))
        found_archive(folder, Founding("Measured", "custodian", PASSPHRASE), circumstances)
        with open_archive(folder, circumstances) as archive:
            yield from _filled(archive, engine, corpus)


def _filled(archive: Archive, engine: type[Engine], corpus: list[Hearing]) -> Iterator[Road]:
    documenter = _enrol(archive, "documenter", Role.DOCUMENTER, Action.CONTRIBUTE)
    lawyer = _enrol(archive, "lawyer", Role.LAWYER, Action.READ)
    shelf = Shelf(archive, engine)
    try:
        road = Road(archive, Library(archive, shelf), lawyer)
        road.fill(documenter, corpus)
        yield road
    finally:
        shelf.close()


def commits_worth(corpus: Iterable[Hearing]) -> Iterator[list[Hearing]]:
    """Cut into whole groups of a deposit that together hold enough passages for one commit."""
    chunk: list[Hearing] = []
    for hearing in corpus:
        chunk.append(hearing)
        whole = len(chunk) % GROUP_FILES == 0
        if whole and sum(len(one.passages) for one in chunk) >= COMMIT:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _enrol(archive: Archive, handle: str, role: Role, action: Action) -> Sitting:
    custodian = signin.sign_in(archive, "custodian", PASSPHRASE)
    agents.enrol(archive, custodian, handle, role, PASSPHRASE)
    purposes = frozenset({Use.COURT}) if action is Action.READ else frozenset[Use]()
    grants.give(
        archive,
        custodian,
        handle,
        "main",
        grants.Terms(frozenset({action}), purposes, None, "to measure"),
    )
    return signin.sign_in(archive, handle, PASSPHRASE)


def _handed(hearing: Hearing, number: int) -> Handed:
    lines = "".join(json.dumps(passage, ensure_ascii=False) + "\n" for passage in hearing.passages)
    name = f"{hearing.id}.jsonl"
    return Handed(name, partial(io.BytesIO, lines.encode()), _description(hearing, number, name), hearing.id)


def _description(hearing: Hearing, number: int, name: str) -> Description:
    """Every tenth hearing may only be stored, so the gate of consent shuts it out of every search."""
    rights: dict[str, object] = {"rights_basis": "public"}
    if number % SHUT_OUT == 0:
        consent = {"given_by": "self", "uses": ["store"], "given_on": "2026-11-20"}
        rights = {"rights_basis": "consent", "consent": consent}
    described = {
        "title": hearing.title,
        "language": "en",
        "date": {"edtf": hearing.day.isoformat()},
        "perpetrators": list(hearing.names),
        **rights,
    }
    return load_description(described, [name])[name]
