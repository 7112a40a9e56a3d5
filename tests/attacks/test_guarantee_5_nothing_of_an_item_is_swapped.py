"""Guarantee 5: whoever writes to stores and catalogue swaps, rolls back or removes nothing of an item unnoticed.

The thief has the disk and no key. Each attack is held against the audit, which has no key either; and at the
doors, where nobody must ever be shown one account for another.
"""

import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from defences import Defence, without
from founded import audited, founded_house, opened_house
from matrix_copies import body_file, header_file

from archive.errors import SviedkaError
from archive.kinds import RenditionKind
from search.disclosure import read

FIRST, SECOND = "Яе білі дубінкамі.", "Іх білі дубінкамі."

BODY = Defence("archive.audit_bodies:BodyAudit._body", "if found != body:", "if False:")
HEADER = Defence(
    "archive.audit_bodies:BodyAudit._header",
    "if found != expected and (body, expected) not in self.waiting:",
    "if False:",
)
MISSING = Defence("archive.audit_rows:RowAudit._compare", "for missing in wanted:", "for missing in ():")
UNKNOWN = Defence(
    "archive.audit_rows:RowAudit._sealed", "for body, missing in wanted.items():", "for body, missing in ():"
)
OF_THE_LOG = Defence("archive.access.opening:check_sealed_bytes", "if found != expected:", "if False:")
OF_ITS_KEY = Defence(
    "keys.sealing:_check_commitment",
    "if commitment is not None and not hmac.compare_digest(file_key.commitment, commitment):",
    "if False:",
)
OF_ITSELF = Defence(
    "archive.access.opening:unwrap_structure",
    'if not isinstance(value, dict) or value.get("v") != 1 or value.get("binding") != binding.as_data():',
    "if False:",
)
IN_FORCE = Defence("search.renditions:open_body", "if Digest.of(header) != sealed.header:", "if False:")
ITS_BODY = Defence("search.renditions:open_body", "if running.hexdigest() != sealed.body:", "if False:")
AS_HANDED_IN = Defence(
    "search.disclosure:_checked",
    'if commit(salt, "sha256", Digest(running.hexdigest()).raw) != logged:',
    "if False:",
)
AT_THE_DOORS = (OF_THE_LOG, OF_ITS_KEY, OF_ITSELF, IN_FORCE, ITS_BODY, AS_HANDED_IN)


@dataclass
class Taken:
    """An archive on a disk that the thief has: two items, and of the first the body and its header."""

    folder: Path
    items: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    taken = Taken(tmp_path_factory.mktemp("taken") / "archive")
    with founded_house(taken.folder) as house:
        vera = house.documenter()
        house.lawyer()
        for text in (FIRST, SECOND):
            taken.items.append(house.deposit_one(vera, text, title=text).item)
        ledger = house.archive.ledger()
        for item in taken.items:
            taken.bodies.append(ledger.items[item].original.sealed.body)
            taken.records.append(ledger.records[item].sealed.body)
    return taken


@pytest.fixture
def taken(built, tmp_path):
    shutil.copytree(built.folder, tmp_path / "archive")
    return Taken(tmp_path / "archive", built.items, built.bodies, built.records)


def exchange(folder, one, other):
    data = (folder / one).read_bytes()
    (folder / one).write_bytes((folder / other).read_bytes())
    (folder / other).write_bytes(data)


def change_rows(taken, *statements):
    with closing(sqlite3.connect(taken.folder / "catalogue.sqlite")) as database, database:
        for statement in statements:
            database.execute(*statement)


def swap_bodies(taken):
    exchange(taken.folder, *map(body_file, taken.bodies))


def swap_headers(taken):
    exchange(taken.folder, *map(header_file, taken.bodies))


def remove_an_item(taken):
    """The catalogue no longer says that the first item is there."""
    for table in ("items", "renditions"):
        change_rows(taken, (f"DELETE FROM {table} WHERE item = ?", (taken.items[0],)))


def remove_a_record(taken):
    change_rows(taken, ("DELETE FROM sealed WHERE body = ?", (taken.records[0],)))


AUDITED = {swap_bodies: BODY, swap_headers: HEADER, remove_an_item: MISSING, remove_a_record: UNKNOWN}


@pytest.mark.parametrize("attack", AUDITED, ids=lambda one: one.__name__)
def test_the_audit_names_it_and_would_not_without_what_compares(taken, attack):
    attack(taken)
    assert audited(taken.folder).outcome == "failed"
    with without(AUDITED[attack]):
        assert audited(taken.folder).outcome == "verified"


def shown(taken):
    """Return what lena is shown as the first account and its title; nothing, where she is refused."""
    with opened_house(taken.folder) as house, suppress(SviedkaError):
        disclosed = read(house.archive, house.sign_in("lena"), taken.items[0], RenditionKind.ORIGINAL)
        return disclosed.description["title"], b"".join(disclosed.chunks).decode()
    return None


def swap_everything(taken):
    """Where the first account was, is now the second: its bytes, its header, and what describes it."""
    swap_bodies(taken)
    swap_headers(taken)
    columns = ("header", "content")
    with closing(sqlite3.connect(taken.folder / "catalogue.sqlite")) as database, database:
        query = f"SELECT {', '.join(columns)} FROM sealed WHERE body = ?"
        rows = [database.execute(query, (body,)).fetchone() for body in taken.records]
        for body, row in zip(taken.records, reversed(rows), strict=True):
            database.execute("UPDATE sealed SET header = ?, content = ? WHERE body = ?", (*row, body))


def test_nobody_is_shown_one_account_for_another(taken):
    assert shown(taken) == (FIRST, FIRST)
    swap_everything(taken)
    assert shown(taken) is None


def test_she_would_be_without_all_that_holds_bytes_and_meanings_together(taken):
    swap_everything(taken)
    with without(*AT_THE_DOORS):
        assert shown(taken) == (SECOND, SECOND)


@pytest.mark.parametrize("kept", AT_THE_DOORS[:5], ids=lambda one: one.where)
def test_each_of_these_is_enough(taken, kept):
    swap_everything(taken)
    with without(*(one for one in AT_THE_DOORS if one is not kept)):
        assert shown(taken) is None
