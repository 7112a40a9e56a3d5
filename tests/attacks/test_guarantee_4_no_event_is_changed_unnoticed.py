"""Guarantee 4: whoever holds the log's key changes, drops, replays, backdates or invents no event unnoticed.

A thief has the disk, the log's key and all the time he wants: he makes every file and row of the archive agree
with the history that he tells, and signs it. What he does not have are the keys of agents, and what was kept
elsewhere: a checkpoint of an auditor's, a receipt of vera's. Each attack returns whether nobody notices.
"""

import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from defences import Defence, without
from founded import founded_house
from matrix_archive import Kept, Ticking
from matrix_copies import Copy, report_of
from matrix_log import entries_of, rewritten, root_of, signed

from archive.access.receipts import fetch_receipt, trust_of
from archive.access.signin import pen
from archive.canonical import format_json, parse_json
from archive.checkpoints import Checkpoint
from archive.codec import b64
from archive.errors import SviedkaError
from archive.events import parse_entry
from archive.kinds import Kind
from archive.merkle import Frontier, leaf_hash, prove_inclusion
from archive.nouns import Action, Role
from archive.proofs import TlogProof, format_tlog_proof, parse_tlog_proof
from archive.trust import format_trust
from archive.verifying import verify_file
from keys.signing import LogKey, parse_log_key, verify_ed25519, verify_mldsa44
from storage.auditing import local_holdings

SHORTER = Defence(
    "archive.audit_outside:Outside._check_continues",
    "if kept.size > self.tree.size:",
    "if kept.size > self.tree.size:\n        return\n    if False:",
)
CITED = Defence(
    "archive.audit_cited:Cited.check", "if found != root and (cited, root) not in wrong:", "if False:"
)
NOT_YET = Defence("archive.audit_entries:Chronicle.take", "if event.seen.size > index:", "if False:")
ONCE = Defence("archive.rules:apply", "if event.id in ledger.events:", "if False:")
SIGNED = Defence("archive.rules:check_signatures", "verify(key, message, signature.value)", "pass")
DATES = Defence(
    "archive.audit_dates:Dates.check", "for index, line in self._misdated(limit):", "for index, line in ():"
)
AUTHOR = Defence(
    "archive.receipts:verify_receipt", "check_author(entry, receipt.agent_key, check_ed25519)", "pass"
)
OPENED = Defence("archive.receipts:verify_receipt", "if entry.event.data[label] != expected:", "if False:")
INCLUDED = Defence(
    "archive.proofs:verify_tlog_proof",
    "verify_inclusion(proof.index, checkpoint.size, leaf, proof.hashes, checkpoint.root)",
    "pass",
)

ROWS = ("agents", "compartments", "items", "renditions", "sealed", "batches")


@dataclass
class Taken(Kept):
    """What the thief has, and beside it what others kept. `reading` is the entry that he wants gone."""

    reading: int = 0


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    kept, clock = Taken(tmp_path_factory.mktemp("taken") / "archive"), Ticking()
    with founded_house(kept.folder, clock=clock) as house:
        vera, lena = house.documenter(), house.lawyer()
        house.enrol("dina", Role.LAWYER)
        ends = clock.now + timedelta(days=5)
        house.grant("dina", Action.READ, ends=ends.strftime("%Y-%m-%dT%H:%M:%SZ"))
        for name in ("first", "second"):
            kept.items[name] = house.deposit_one(vera, f"a statement, the {name}").item
        house.read_original(lena, kept.items["first"])
        kept.reading = house.archive.log.checkpoint().size - 1
        house.read_original(house.sign_in("dina"), kept.items["first"])
        kept.receipts["first"] = fetch_receipt(house.archive, vera, kept.items["first"], b"")
        clock.now += timedelta(days=30)
        house.deposit_one(vera, "a statement, the third")
        house.read_original(lena, kept.items["second"])
        kept.trust, kept.note = trust_of(house.archive, vera), house.archive.log.note()
        kept.authors = {who: pen(house.archive, house.sign_in(who)) for who in ("dina", "vera")}
    kept.log_key = parse_log_key((kept.folder / "log.key").read_bytes())
    return kept


@pytest.fixture
def taken(built, tmp_path):
    shutil.copytree(built.folder, tmp_path / "archive")
    return replace(built, folder=tmp_path / "archive")


def rewrite(taken, entries):
    """Put another log in the place of the archive's, signed with its key."""
    copy = Copy.of(taken.folder)
    rewritten(taken, entries)(copy)
    shutil.rmtree(taken.folder / "log" / "tile")
    for name, data in copy.files.items():
        if name.startswith("log/"):
            (taken.folder / name).parent.mkdir(exist_ok=True, parents=True)
            (taken.folder / name).write_bytes(data)


def change_rows(taken, *statements):
    with closing(sqlite3.connect(taken.folder / "catalogue.sqlite")) as database, database:
        for statement in statements:
            database.execute(*statement)


def is_unnoticed(taken, **options):
    with local_holdings(taken.folder) as held:
        return report_of(held, **options).outcome == "verified"


def cut_off(taken):
    """The last look at the second statement never was."""
    entries = entries_of(Copy.of(taken.folder))
    rewrite(taken, entries[:-1])
    change_rows(taken, ("DELETE FROM item_events WHERE log_index = ?", (len(entries) - 1,)))
    return is_unnoticed(taken, since=taken.note)


def left_out(taken):
    """Lena's look at the first statement never was; every row behind it moves up by one."""
    entries, index = entries_of(Copy.of(taken.folder)), taken.reading
    rewrite(taken, [*entries[:index], *entries[index + 1 :]])
    change_rows(
        taken,
        ("DELETE FROM item_events WHERE log_index = ?", (index,)),
        *(
            (f"UPDATE {table} SET log_index = 1 - log_index WHERE log_index > ?", (index,))
            for table in (*ROWS, "item_events")
        ),
        *(
            (f"UPDATE {table} SET log_index = -log_index WHERE log_index < 0",)
            for table in (*ROWS, "item_events")
        ),
    )
    return is_unnoticed(taken)


def replayed(taken):
    """Lena looked twice, as her own true signature says."""
    entries = entries_of(Copy.of(taken.folder))
    rewrite(taken, [*entries, entries[-1]])
    change_rows(taken, ("INSERT INTO item_events VALUES (?, ?)", (taken.items["second"], len(entries))))
    return is_unnoticed(taken)


def changed(taken):
    """The last look has another salt, which nothing but its signature covers."""
    entries = entries_of(Copy.of(taken.folder))
    value = parse_json(entries[-1])
    value["event"]["salt"] = "A" * 22 + "=="
    rewrite(taken, [*entries[:-1], format_json(value)])
    return is_unnoticed(taken)


def dated_back(taken):
    """Dina, who helps him, reads after her right has ended, and dates it back."""
    entries = entries_of(Copy.of(taken.folder))
    her = next(parse_entry(e).event for e in entries[taken.reading + 1 :] if b'"kind":"reading"' in e)
    author = replace(taken.authors["dina"], clock=lambda: Ticking().now + timedelta(days=2))
    rewrite(taken, [*entries, author.write(Kind.READING, her.data).entry])
    change_rows(taken, ("INSERT INTO item_events VALUES (?, ?)", (taken.items["first"], len(entries))))
    return is_unnoticed(taken)


ATTACKS = {
    cut_off: (SHORTER,),
    left_out: (CITED, NOT_YET),
    replayed: (ONCE,),
    changed: (SIGNED,),
    dated_back: (DATES,),
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.__name__)
def test_a_history_told_otherwise_is_noticed(taken, attack):
    assert not attack(taken)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.__name__)
def test_it_would_not_be_without_what_notices_it(taken, attack):
    with without(*ATTACKS[attack]):
        assert attack(taken)


def is_believed(taken, data):
    with suppress(SviedkaError):
        return bool(
            verify_file(
                data,
                trust=format_trust(taken.trust),
                check_ed25519=verify_ed25519,
                check_mldsa44=verify_mldsa44,
            )
        )
    return False


def receipt_of(taken, entries, index, key=None, **other):
    """Write a receipt for an entry of a log that the thief writes, under its stolen key or another."""
    leaves = list(map(leaf_hash, entries))

    def read(level, at):
        frontier = Frontier()
        for leaf in leaves[at << level : (at + 1) << level]:
            frontier.append(leaf)
        return frontier.root()

    note = signed(taken, Checkpoint(taken.trust.origin, len(entries), root_of(entries)), key)
    proof = TlogProof(index, tuple(prove_inclusion(index, len(entries), read)), note)
    extra = parse_json(parse_tlog_proof(taken.receipts["first"]).extra)
    extra |= {"entry": b64(entries[index])} | other
    return format_tlog_proof(replace(proof, extra=format_json(extra)))


def of_what_nobody_signed(taken):
    """An accession in vera's name that she never made, proven by the log."""
    entries = entries_of(Copy.of(taken.folder))
    index = parse_tlog_proof(taken.receipts["first"]).index
    value = parse_json(entries[index])
    value["event"]["at"] = "2020-08-09T08:00:00Z"
    return receipt_of(taken, [*entries[:index], format_json(value), *entries[index + 1 :]], index)


def of_another_file(taken):
    """Vera's own receipt, and another file than she handed in."""
    proof = parse_tlog_proof(taken.receipts["first"])
    extra = parse_json(proof.extra)
    extra["openings"]["sha256"] = "0" * 64
    return format_tlog_proof(replace(proof, extra=format_json(extra)))


def of_an_entry_that_is_elsewhere(taken):
    """A true entry and a true checkpoint of this log, in which it is another."""
    proof = parse_tlog_proof(taken.receipts["first"])
    return format_tlog_proof(replace(proof, index=proof.index - 1))


def of_a_log_of_his_own(taken):
    """The whole true log, signed by keys that he made."""
    key = LogKey(b"\3" * 32, b"\3" * 32)
    entries = entries_of(Copy.of(taken.folder))
    index = parse_tlog_proof(taken.receipts["first"]).index
    return receipt_of(taken, entries, index, key)


FORGED = {of_what_nobody_signed: AUTHOR, of_another_file: OPENED, of_an_entry_that_is_elsewhere: INCLUDED}


@pytest.mark.parametrize("forge", FORGED, ids=lambda one: one.__name__)
def test_a_forged_receipt_is_not_believed_and_would_be_without_what_refuses_it(taken, forge):
    data = forge(taken)
    assert not is_believed(taken, data)
    with without(FORGED[forge]):
        assert is_believed(taken, data)


def test_a_receipt_under_keys_of_his_own_is_not_believed(taken):
    assert is_believed(taken, taken.receipts["first"])
    assert not is_believed(taken, of_a_log_of_his_own(taken))
