"""The tamper matrix: everything stored and handed out, changed in every way we could think of.

Each class of mutations says which faults the audit must find and on which object, and finds no others (where what
follows from a change is not named too). New classes go into `FILES_AND_ROWS` or `ENTRIES`.
"""

import os
import shutil
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import pytest
from founded import RAM
from matrix_archive import build
from matrix_copies import Copy, on_disk, report_of
from matrix_dates import of_dates
from matrix_events import appended, as_mutations, of_entries, of_fields, of_unlawful
from matrix_files import in_store, object_of, of_log, of_stores
from matrix_log import entries_of, of_checkpoint, of_history, rewritten
from matrix_mutations import Mutation, by_class, missed, table, together, without_faults
from matrix_papers import flaws_of, of_cards, of_receipts, verify_card_of, verify_receipt_of
from matrix_rows import of_rows
from matrix_unlawful import unlawful

from archive.kinds import Kind
from storage.auditing import local_holdings

#: Classes of which a copy in memory and its earlier states are enough to make them.
FILES_AND_ROWS = (of_stores, of_log, of_rows)
AT_ONCE = 16


class Scene:
    """The archive, in memory and on disk, untouched between mutations."""

    def __init__(self, place):
        self.kept = build(place)
        self.whole = Copy.of(self.kept.folder)
        self.earlier = {name: Copy.of(folder) for name, folder in self.kept.earlier.items()}
        for name in Copy.every_file(self.kept.folder) - self.whole.files.keys():
            (self.kept.folder / name).unlink()

    def files_and_rows(self) -> list[Mutation]:
        return [one for generate in FILES_AND_ROWS for one in generate(self.whole, self.earlier)]

    def checkpoints(self) -> list[Mutation]:
        return list(of_checkpoint(self.kept, self.whole, self.earlier))

    def entries(self, most: int) -> list[list[Mutation]]:
        made = [*of_entries(self.kept, self.whole), *of_unlawful(self.kept, self.whole, unlawful)]
        return list(as_mutations(self.kept, self.whole, made, most=most))

    def tampered(self, batch: Iterable[Mutation]) -> Copy:
        copy = self.whole.copied()
        for one in batch:
            one.change(copy)
        return copy

    def judge(self, batches: Sequence[Sequence[Mutation]]) -> None:
        """Audit each batch in memory; fail with what was missed and the table of classes."""
        wrong = without_faults("before", report_of(self.whole))
        for batch in batches:
            said = missed(batch, report_of(self.tampered(batch), **batch[0].options))
            wrong += [f"{[(one.kind, one.what) for one in batch]}: {line}" for line in said]
        wrong += without_faults("after", report_of(self.whole))
        made = [one for batch in batches for one in batch]
        assert not wrong, "\n".join([*wrong[:40], f"{len(wrong)} wrong", table(made)])

    def judge_on_disk(self, mutations: Iterable[Mutation]) -> None:
        """Audit real files too."""
        wrong, made = [], list(mutations)
        for one in made:
            copy = self.tampered([one])
            with on_disk(self.kept.folder, self.whole, copy) as folder, local_holdings(folder) as held:
                report = report_of(held, **one.options)
            wrong += [f"{one.kind} {one.what}: {line}" for line in missed([one], report)]
        with local_holdings(self.kept.folder) as held:
            wrong += without_faults("after", report_of(held))
        assert not wrong, "\n".join([*wrong[:40], f"{len(wrong)} wrong", table(made)])


@pytest.fixture(scope="session")
def scene():
    place = RAM / f"matrix-{id(object())}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    try:
        yield Scene(place)
    finally:
        shutil.rmtree(place)


def to_an_endless_file(path: Path) -> None:
    path.symlink_to("/dev/zero")


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)


def some(mutations: Iterable[Mutation], most: int) -> list[Mutation]:
    """Return of each class so many, spread over it."""
    return [
        one
        for made in by_class(mutations).values()
        for number, one in enumerate(made)
        if number % max(1, len(made) // most) == 0
    ]


def one_by_one(mutations: Iterable[Mutation]) -> list[list[Mutation]]:
    return [[one] for one in mutations]


def test_the_untouched_archive_has_no_fault_in_memory_or_on_disk(scene):
    with local_holdings(scene.kept.folder) as held:
        for holdings in (scene.whole, held):
            report = report_of(holdings, since=scene.kept.note, receipts=scene.kept.receipts.values())
            assert (report.outcome, report.faults, report.warnings) == ("verified", (), ())


def test_files_and_rows_are_named_when_they_are_changed(scene):
    made = some(scene.files_and_rows(), 24)
    assert len(made) > 1000
    scene.judge(together(made, AT_ONCE))


@pytest.mark.parametrize(
    "what", [os.mkfifo, Path.mkdir, to_an_endless_file, huge], ids=lambda one: one.__name__
)
def test_what_is_no_ordinary_file_or_endless_holds_no_audit_up(scene, what):
    folder, whole = scene.kept.folder, scene.whole
    names = ["archive.json", "log/checkpoint", in_store(whole, "log/tile/0")[-1]]
    names += [in_store(whole, store)[0] for store in ("objects/", "headers/")]
    for name in names:
        path = folder / name
        kept = path.rename(folder.with_name("aside"))
        try:
            what(path)
            with local_holdings(folder) as held:
                report = report_of(held)
        finally:
            (Path.rmdir if path.is_dir() else Path.unlink)(path)
            kept.rename(path)
        assert object_of(name) in {fault.object for fault in report.faults}, name


@pytest.mark.slow
def test_each_class_is_named_on_disk_as_in_memory(scene):
    history = some(of_history(scene.kept, scene.whole), 1)
    scene.judge_on_disk(some([*scene.files_and_rows(), *scene.checkpoints(), *history], 1))


def test_a_checkpoint_that_is_not_of_these_entries_is_named(scene):
    scene.judge(one_by_one(some(scene.checkpoints(), 5)))


def test_new_entries_that_are_not_lawful_are_named_and_have_no_effect(scene):
    batches = scene.entries(150)
    assert sum(map(len, batches)) > 500
    scene.judge(batches)


def test_an_entry_with_one_changed_field_is_named(scene):
    scene.judge(one_by_one(list(of_fields(scene.kept, scene.whole))[::16]))


def test_a_rewritten_history_contradicts_its_events_and_whatever_was_kept_outside(scene):
    scene.judge(one_by_one(some(of_history(scene.kept, scene.whole), 4)))


def test_of_two_histories_told_to_two_auditors_each_shows_the_other_to_be_false(scene):
    """Each fork is whole in itself; compared with what the other auditor kept, it is not."""
    kept, author = scene.kept, scene.kept.authors["olga"]
    forks, data = [], {"size": 1, "root": "A" * 43 + "=", "faults": 0, "outcome": "success"}
    for outcome in ("success", "warning"):
        entry = author.write(Kind.AUDIT, {**data, "outcome": outcome}).entry
        copy = scene.whole.copied()
        appended(kept, entries_of(scene.whole), entry)(copy)
        forks.append(copy)
    for one, other in (forks, forks[::-1]):
        assert report_of(one, since=kept.note).outcome == "verified"
        assert report_of(one, since=one.checkpoint()).outcome == "verified"
        [fault] = report_of(one, since=other.checkpoint()).faults
        assert (fault.code, fault.object) == ("C90", "the checkpoint of an earlier audit")


def test_a_grant_that_was_invented_after_the_reading_does_not_cover_it(scene):
    """Inserted before the reading it contradicts what everybody saw; after it, it comes too late."""
    kept, whole = scene.kept, scene.whole
    entries = entries_of(whole)
    grant = next(e for e in entries if b'"kind":"grant"' in e and kept.agents["ivan"].encode() in e)
    before = entries.index(grant)
    readings = [n for n, e in enumerate(entries) if b'"kind":"reading"' in e]
    late = readings[-1]
    moved = [*entries[:before], *entries[before + 1 : late + 1], grant, *entries[late + 1 :]]
    copy = whole.copied()
    rewritten(kept, moved)(copy)
    report = report_of(copy, since=kept.note)
    assert (f"entry {late - 1}", "C67") in {(fault.object, fault.code) for fault in report.faults}
    assert ("the checkpoint of an earlier audit", "C90") in {(f.object, f.code) for f in report.faults}


def test_entries_dated_out_of_the_order_of_the_log_are_told_and_a_fault_where_a_term_is_evaded(scene):
    scene.judge(one_by_one(of_dates(scene.kept, scene.whole)))


def test_no_forged_or_changed_receipt_or_card_is_believed(scene):
    kept = scene.kept
    for made, verify in (
        (of_receipts(kept, scene.whole, step=41), partial(verify_receipt_of, kept)),
        (of_cards(kept, step=41), partial(verify_card_of, kept)),
    ):
        number, wrong = flaws_of(made, verify)
        assert not wrong, wrong
        assert number > 500
    assert verify_receipt_of(kept, kept.receipts["read"])
    assert verify_card_of(kept, kept.card)


def test_an_audit_names_which_of_the_receipts_it_was_given_is_forged(scene):
    kept, forged = scene.kept, []
    for one in some(of_receipts(kept, scene.whole, step=999), 2):
        forged += [kept.receipts["held"], one.data]
    report = report_of(scene.whole, receipts=forged)
    assert {fault.object for fault in report.faults} == {f"receipt {n}" for n in range(2, len(forged) + 1, 2)}


@pytest.mark.slow
def test_no_receipt_or_card_with_any_byte_changed_is_believed(scene):
    kept = scene.kept
    for made, verify in (
        (of_receipts(kept, scene.whole, step=1), partial(verify_receipt_of, kept)),
        (of_cards(kept, step=1), partial(verify_card_of, kept)),
    ):
        assert flaws_of(made, verify)[1] == []


@pytest.mark.slow
def test_every_file_and_every_column_of_every_row_is_named(scene):
    scene.judge(together(scene.files_and_rows(), 2))


@pytest.mark.slow
def test_every_checkpoint_every_field_and_every_history(scene):
    scene.judge(one_by_one(scene.checkpoints()))
    scene.judge(one_by_one(of_fields(scene.kept, scene.whole)))
    scene.judge(one_by_one(of_history(scene.kept, scene.whole)))
