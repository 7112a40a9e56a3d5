"""The checks of `sviedka doctor`: each yields what it found and what mending it would prevent."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from archive.access.parts import KEY_FILE_LOG_N, Archive
from archive.access.recovering import drills_of_sealed, last_drill
from archive.assemble import AGENT_KEY, LOG_KEY, open_archive
from archive.cli.checkup_copies import check_copies, check_fixity
from archive.cli.checkup_cosigners import check_cosigners
from archive.cli.checkup_timestamps import check_timestamps
from archive.cli.findings import Finding, Severity
from archive.cli.process import runtime_candidates
from archive.cli.surroundings import circumstances_of, key_cost, tessdata_folder
from archive.errors import SviedkaError
from archive.events import format_moment
from archive.ledger import Ledger
from ingest.extraction import OCR_LANGUAGES, installed_languages
from ingest.sandbox.status import sandbox_status
from storage.backup.memory import remembered
from storage.cores import core_destination
from storage.runtime import is_in_memory
from storage.swap import has_unencrypted_swap

_PRIVATE: Final = 0o077
_DRILL_AFTER: Final = timedelta(days=365)
_OLD: Final = timedelta(days=7)
_RECENT: Final = timedelta(days=7)
_MANY_FAILURES: Final = 100


def check_machine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Look at memory, swap, core dumps, the parser's sandbox and the languages of text recognition."""
    yield _runtime(environ)
    yield _swap()
    yield _cores()
    yield from _sandbox()
    yield _languages(environ)
    yield _key_cost(environ)


def check_archive(folder: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Look at one archive, as far as that needs no passphrase."""
    yield from _key_files(folder)
    try:
        with open_archive(folder, circumstances_of(environ)) as archive:
            yield from _inside(archive)
            yield _backup(archive)
            yield from check_cosigners(archive)
            yield from check_timestamps(archive)
            yield from check_copies(archive)
            yield check_fixity(archive)
    except SviedkaError as fault:
        yield Finding(Severity.BROKEN, "archive", f"{fault} [{fault.code}]", "any use of the archive")
    except OSError as fault:
        yield Finding(
            Severity.BROKEN, "archive", fault.strerror or "cannot be read", "any use of the archive"
        )


def _runtime(environ: Mapping[str, str]) -> Finding:
    for candidate in runtime_candidates(environ):
        if candidate.is_dir() and is_in_memory(candidate):
            return Finding(Severity.WELL, "runtime directory", f"in memory, at {candidate}")
    return Finding(
        Severity.BROKEN,
        "runtime directory",
        "no folder in memory (tmpfs) can be written",
        "opened testimonies on a disk; without it no archive opens",
    )


def _swap() -> Finding:
    if not has_unencrypted_swap():
        return Finding(Severity.WELL, "swap", "none, or encrypted")
    return Finding(Severity.SERIOUS, "swap", "not encrypted", "opened testimonies and keys on a seized disk")


def _cores() -> Finding:
    destination = core_destination()
    if destination is None:
        return Finding(Severity.WELL, "core dumps", "off")
    return Finding(
        Severity.SERIOUS,
        "core dumps",
        f"a crash would write memory {destination}",
        "opened testimonies and keys on a seized disk",
    )


def _sandbox() -> Iterator[Finding]:
    found = sandbox_status()
    if not found.seccomp:
        prevents = "a hostile file that takes over its parser; without it nothing is parsed and deposits wait"
        yield Finding(Severity.BROKEN, "parser sandbox", "no system call filter", prevents)
        return
    yield Finding(Severity.WELL, "parser sandbox", "system calls are filtered")
    for name, there in (("Landlock", found.landlock > 0), ("own network namespace", found.network_namespace)):
        if there:
            yield Finding(Severity.WELL, "parser sandbox", name)
        else:
            yield Finding(
                Severity.MISSING,
                "parser sandbox",
                f"no {name}",
                "a second wall, should the filter have a hole",
            )


def _languages(environ: Mapping[str, str]) -> Finding:
    there = installed_languages(tessdata_folder(environ))
    lacking = [code for code in OCR_LANGUAGES if code not in there]
    if not lacking:
        return Finding(Severity.WELL, "text recognition", "all five languages")
    return Finding(
        Severity.MISSING,
        "text recognition",
        f"Tesseract lacks {', '.join(lacking)}",
        "scans and photos of pages that no search finds",
    )


def _key_cost(environ: Mapping[str, str]) -> Finding:
    if key_cost(environ) < KEY_FILE_LOG_N:
        return Finding(
            Severity.SERIOUS, "key files", "SVIEDKA_KEY_COST makes them cheap", "guessing of passphrases"
        )
    return Finding(Severity.WELL, "key files", "opened at the proper cost")


def _key_files(folder: Path) -> Iterator[Finding]:
    for path in (folder, folder / LOG_KEY, folder / AGENT_KEY):
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if mode & _PRIVATE:
            name = "archive folder" if path == folder else path.name
            yield Finding(
                Severity.SERIOUS, name, f"open to other users (mode {mode & 0o777:o})", "forged log entries"
            )


def _inside(archive: Archive) -> Iterator[Finding]:
    checkpoint, ledger = archive.log.checkpoint(), archive.ledger()
    yield Finding(Severity.WELL, "log", f"{checkpoint.size} entries, its checkpoint is signed")
    issued = sum(agent.issued for agent in ledger.agents.values())
    if issued:
        yield Finding(
            Severity.MISSING,
            "agents' keys",
            f"{issued} agents still use keys that a custodian made",
            "doubt whether a custodian signed in an agent's name",
        )
    yield _trustees(archive)
    yield from _sealed(archive)
    yield _factors(ledger)
    yield _two_person(ledger)
    yield _guessing(archive)


def _guessing(archive: Archive) -> Finding:
    """Count the attempts to sign in that failed on the last days that are over."""
    since = format_moment(archive.clock() - _RECENT)[:10]
    failed = sum(count for day, count in archive.ledger().failures.items() if day >= since)
    found = f"{failed} failed in the {_RECENT.days} days before today"
    if failed < _MANY_FAILURES:
        return Finding(Severity.WELL, "attempts to sign in", found)
    return Finding(Severity.SERIOUS, "attempts to sign in", found, "guessing of passphrases")


def _factors(ledger: Ledger) -> Finding:
    """Count who signs in without a second factor."""
    people = [one for one in ledger.agents.values() if one.recipient and one.suspended is None]
    without = sum(one.factor is None for one in people)
    if not without:
        return Finding(Severity.WELL, "second factor", "everybody has one")
    found = f"{without} of {len(people)} agents have none: sviedka agent factor add"
    return Finding(Severity.MISSING, "second factor", found, "sign-in by whoever learned a passphrase")


def _sealed(archive: Archive) -> Iterator[Finding]:
    """Look whether the trustees of sealed compartments tried their shares within the year."""
    drills, since = drills_of_sealed(archive.ledger()), format_moment(archive.clock() - _DRILL_AFTER)
    if overdue := sum(tried is None or tried < since for tried in drills):
        found = f"{overdue} whose trustees did not try their shares this year: sviedka trustees drill"
        yield Finding(Severity.SERIOUS, "sealed compartments", found, "loss of what nobody else can open")


def _two_person(ledger: Ledger) -> Finding:
    """Count the compartments that one custodian alone can open to others."""
    without = sum(not one.two_person for one in ledger.compartments.values())
    if not without:
        return Finding(Severity.WELL, "two-person rule", "on in every compartment")
    found = f"off in {without} of {len(ledger.compartments)} compartments: sviedka compartment set"
    return Finding(Severity.MISSING, "two-person rule", found, "one custodian alone giving away everything")


def _trustees(archive: Archive) -> Finding:
    """Look when the trustees last showed that their shares still combine."""
    ledger = archive.ledger()
    prevents = "loss of everything, on the day nobody's passphrase opens it any more"
    if ledger.trustees is None:
        found = "of the first release, who cannot recover it: sviedka trustees replace"
        return Finding(Severity.SERIOUS, "trustees", found, prevents)
    tried = last_drill(ledger)
    if tried is None:
        return Finding(
            Severity.SERIOUS, "trustees", "never tried their shares: sviedka trustees drill", prevents
        )
    if tried < format_moment(archive.clock() - _DRILL_AFTER):
        return Finding(Severity.MISSING, "trustees", f"last tried their shares on {tried[:10]}", prevents)
    return Finding(Severity.WELL, "trustees", f"tried their shares on {tried[:10]}")


def _backup(archive: Archive) -> Finding:
    known, prevents = remembered(archive.catalogue.settings), "loss of everything with one disk"
    if not known:
        return Finding(Severity.SERIOUS, "backup", "there never was one", prevents)
    age = archive.clock() - known[0].made
    severity = Severity.SERIOUS if age > _OLD else Severity.WELL
    return Finding(
        severity,
        "backup",
        f"the last one was made on {known[0].moment[:10]}",
        "loss of what came since" if severity is Severity.SERIOUS else "",
    )
