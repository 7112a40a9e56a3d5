"""Entering an archive: which one, as whom, with which passphrase."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from archive.access.failures import keep_failures
from archive.access.parts import KEY_FILE_LOG_N, Archive
from archive.access.signin import Sitting, sign_in
from archive.assemble import Circumstances, load_settings, open_archive
from archive.cli.asking import Asked
from archive.cli.failing import reason_of
from archive.cli.showing import note
from archive.cli.surroundings import circumstances_of, refuse_swap
from archive.errors import AccessError, IntakeError, KeysError
from archive.ids import Random
from archive.nouns import Role
from archive.policy import Rule, admits
from keys.passphrases import check_own, generate

_LONGEST_BYTES: Final = 4096


@contextmanager
def entered(asked: Asked) -> Iterator[tuple[Archive, Sitting]]:
    """Open the archive and sign in."""
    with entered_knowing(asked) as (archive, sitting, _passphrase):
        yield archive, sitting


@contextmanager
def entered_knowing(asked: Asked) -> Iterator[tuple[Archive, Sitting, str]]:
    """Open the archive and sign in; tell the passphrase too, for whoever seals a key file anew.

    Holds whoever signs in against the command's rule: raises A80 where nobody is to sign in, A01 for a role
    that the command is not for.
    """
    if not asked.rule.lets_sign_in:
        raise AccessError("A80", "by its rule this command opens nobody's secrets")
    if asked.handle is None:
        raise IntakeError("I71", "as whom? Give your handle with --as or SVIEDKA_AGENT")
    load_settings(asked.folder)
    circumstances = prepared()
    passphrase = passphrase_of(asked)
    with open_archive(asked.folder, circumstances) as archive:
        try:
            sitting = sign_in(archive, asked.handle, passphrase, code=_code, purpose=asked.purpose)
        except KeysError:
            keep_failures(archive)
            raise
        _admit(asked.rule, sitting.agent.role)
        yield archive, sitting, passphrase


def _admit(rule: Rule, role: Role | None) -> None:
    if not admits(rule, role):
        raise AccessError("A01", f"only a {' or '.join(sorted(rule.roles))} may do this", found=str(role))


def prepared() -> Circumstances:
    """Return the circumstances for opening secrets; refuse unencrypted swap, warn of cheap key files."""
    refuse_swap(os.environ)
    circumstances = circumstances_of(os.environ)
    if circumstances.log_n < KEY_FILE_LOG_N:
        note("warning: SVIEDKA_KEY_COST makes passphrases cheap to guess; it is for tests and the demo only")
    return circumstances


def new_passphrase(file: Path | None, random: Random) -> tuple[str, bool]:
    """Return a new passphrase, from a file or generated, and whether it was generated."""
    return (generate(random), True) if file is None else (check_own(read_passphrase(file)), False)


def read_passphrase(file: Path) -> str:
    """Read a passphrase file of one line (I72 otherwise)."""
    try:
        with file.open("rb") as source:
            data = source.read(_LONGEST_BYTES + 1)
    except OSError as fault:
        raise IntakeError("I72", "the passphrase file cannot be read", found=reason_of(fault)) from None
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise IntakeError("I72", "the passphrase file is not text", expected="UTF-8") from None
    if len(data) > _LONGEST_BYTES or len(lines) != 1 or not lines[0].strip():
        raise IntakeError("I72", "the passphrase file does not hold a passphrase", expected="one line")
    return lines[0]


def passphrase_of(asked: Asked) -> str:
    """Return the passphrase: from the file that was named, else from a prompt (I73 where nobody is)."""
    if asked.passphrase_file is not None:
        return read_passphrase(asked.passphrase_file)
    if not sys.stdin.isatty():
        raise IntakeError("I73", "no passphrase: give --passphrase-file or SVIEDKA_PASSPHRASE_FILE")
    return str(click.prompt("Passphrase", hide_input=True, err=True))


def _code() -> str:
    """Return the code of a second factor, which is asked for only where there is one (I73)."""
    code = os.environ.get("SVIEDKA_CODE")
    if code is None and not sys.stdin.isatty():
        raise IntakeError("I73", "no code of your second factor: give SVIEDKA_CODE")
    return code if code is not None else str(click.prompt("Code", err=True))


def confirmed(question: str, *, yes: bool) -> None:
    """Ask on a terminal before going on (I78 when the answer is no); elsewhere nobody can be asked."""
    if not yes and sys.stdin.isatty() and not click.confirm(question, err=True):
        raise IntakeError("I78", "not confirmed")
