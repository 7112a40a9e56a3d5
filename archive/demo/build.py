"""Builds the demo archive: real keys, real sealing, a real log, around the invented dossier.

Only its passphrases are not as they should be: they are kept in a file beside the archive, so that the demo
can be stopped and started. No real archive keeps them.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from archive.access.agents import enrol
from archive.access.compartments import found
from archive.access.grants import Terms, give
from archive.access.keyring import keyring
from archive.access.parts import Archive
from archive.access.rotation import rotate
from archive.access.signin import Sitting, sign_in
from archive.assemble import Circumstances, Founding, found_archive, open_archive
from archive.demo.make_files import DemoFile, make_files
from archive.demo.make_records import RECORD_COMPARTMENTS, make_records
from archive.errors import FixityError
from archive.ids import Id
from archive.nouns import Action, Role
from archive.records import load_description
from archive.uses import Use
from ingest.deposit import Handed, Intake
from ingest.describe import describe
from ingest.extraction import Extractor, Limits
from ingest.files import opened
from keys.passphrases import generate
from search.engines.tantivy_engine import TantivyEngine
from search.shelf import Shelf
from storage.durable import write_once

ACCOUNTS = "accounts.json"
ARCHIVE = "archive"
NAME = "Sviedka demo archive"

#: Called with what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]

_WORKING = frozenset({Use.ANALYSIS, Use.COURT, Use.COMMISSION, Use.UN_MECHANISM})


@dataclass(frozen=True, slots=True)
class DemoArchive:
    """Where the demo archive is, and the passphrase of each of its accounts."""

    folder: Path
    accounts: dict[str, str]


def build_demo(
    folder: Path, circumstances: Circumstances, tessdata: Path | None, progress: Progress
) -> DemoArchive:
    """Return the demo archive in `folder`, building it first if it is not there yet or only half."""
    accounts_file = folder / ACCOUNTS
    if accounts_file.is_file():
        return DemoArchive(folder / ARCHIVE, json.loads(accounts_file.read_text()))
    if folder.exists() and not _is_ours(folder):
        raise FixityError("F39", "the demo folder holds something else", expected="a new or empty folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    accounts = {role.value: generate(circumstances.random) for role in Role}
    progress("keys", 0, 1)
    found_archive(folder / ARCHIVE, Founding(NAME, "custodian", accounts["custodian"]), circumstances)
    with open_archive(folder / ARCHIVE, circumstances) as archive:
        _fill(archive, accounts, tessdata, progress)
    write_once(accounts_file, json.dumps(accounts).encode())
    return DemoArchive(folder / ARCHIVE, accounts)


def _is_ours(folder: Path) -> bool:
    return all(one.name in (ACCOUNTS, ARCHIVE) for one in folder.iterdir())


def _fill(archive: Archive, accounts: dict[str, str], tessdata: Path | None, progress: Progress) -> None:
    custodian = sign_in(archive, "custodian", accounts["custodian"])
    found(archive, custodian, "prisons")
    found(archive, custodian, "sealed-2020", sealed=True)
    for role in (Role.DOCUMENTER, Role.LAWYER, Role.AUDITOR):
        enrol(archive, custodian, role.value, role, accounts[role.value])
        # A visitor of the demo is not asked to replace them.
        rotate(archive, sign_in(archive, role.value, accounts[role.value]), accounts[role.value])
    _give(archive, custodian)
    progress("keys", 1, 1)
    documenter = sign_in(archive, "documenter", accounts["documenter"])
    with tempfile.TemporaryDirectory(dir=archive.runtime.path) as scratch:
        files = make_files(Path(scratch))
        items = _deposit(archive, documenter, files, tessdata, progress)
    records = make_records(items, archive.random)
    for done, label in enumerate(RECORD_COMPARTMENTS):
        progress("records", done, len(RECORD_COMPARTMENTS))
        describe(archive, documenter, label, records[label])
    progress("records", len(RECORD_COMPARTMENTS), len(RECORD_COMPARTMENTS))
    _index(archive, sign_in(archive, "lawyer", accounts["lawyer"]), progress)


def _give(archive: Archive, custodian: Sitting) -> None:
    writing = frozenset({Action.CONTRIBUTE, Action.DESCRIBE})
    for label in ("main", "main.identities", "authority", "prisons", "sealed-2020"):
        give(
            archive,
            custodian,
            "documenter",
            label,
            Terms(writing, frozenset(), None, "hands in and describes"),
        )
    for label in ("main", "authority", "prisons"):
        terms = Terms(frozenset({Action.READ, Action.DESCRIBE}), _WORKING, None, "prepares a case")
        give(archive, custodian, "lawyer", label, terms)


def _deposit(
    archive: Archive, sitting: Sitting, files: list[DemoFile], tessdata: Path | None, progress: Progress
) -> dict[str, Id]:
    items: dict[str, Id] = {}
    by_path = {str(one.path): one.key for one in files}
    for label in dict.fromkeys(one.compartment for one in files):
        mine = [one for one in files if one.compartment == label]
        with Extractor(limits=Limits(), tessdata=tessdata) as extractor:
            for result in Intake(archive, sitting, label, extractor).deposit(_handed(mine)):
                if result.error is not None or result.item is None:
                    raise result.error or FixityError("F39", "a file of the demo was not taken in")
                items[by_path[result.path]] = result.item
                progress("files", len(items), len(files))
    return items


def _handed(files: list[DemoFile]) -> Iterable[Handed]:
    for one in files:
        path = str(one.path)
        description = load_description(dict(one.description), [path])[path]
        yield Handed(one.path.name, partial(opened, one.path), description, path)


def _index(archive: Archive, lawyer: Sitting, progress: Progress) -> None:
    """Open each index once as the lawyer, so that her first search is quick."""
    shelf = Shelf(archive, TantivyEngine)
    held = [one for one in keyring(archive, lawyer).values() if one.identities]
    for done, one in enumerate(held):
        progress("index", done, len(held))
        shelf.open(one)
    progress("index", len(held), len(held))
    shelf.close()
