"""`sviedka cosigner`: which organisations cosign this archive's log, and asking them."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from archive.access.log_signing import checkpoint_verifier
from archive.access.receipts import short_keys
from archive.assemble import load_settings
from archive.cli.addresses import parse_address
from archive.cli.asking import Asked, Group, command
from archive.cli.failing import reason_of
from archive.cli.saving import save
from archive.cli.showing import note, show
from archive.cosigner_settings import (
    FILE_NAME,
    LARGEST_PUBLIC_BYTES,
    KnownCosigner,
    format_cosigners,
    parse_public,
)
from archive.cosigners.asking import Outcome, Round, load_cosigners, signed_up_to
from archive.cosigners.policies import policy_of
from archive.errors import IntakeError
from archive.notes import LARGEST_NOTE_BYTES
from archive.policy import OPERATOR
from archive.settings import Settings
from archive.tlog_policy import format_policy
from archive.trust import format_trust
from archive.verifying import fingerprint
from storage.cosignatures import Cosignatures
from storage.durable import replace
from storage.locks import exclusive
from storage.log_reader import LogReader

_REFUSED: Final = 1

cosigner_command = Group("cosigner", help="Other organisations that vouch for this archive's log.")


@command("add", rule=OPERATOR, into=cosigner_command)
@click.argument("public", metavar="FILE|VKEY")
@click.option("--url", metavar="URL", help="Where it is asked; without it, it brings what it signs.")
def add_command(asked: Asked, *, public: str, url: str | None) -> None:
    """Add the cosigner whose public keys are in FILE. It must follow this log: give it the trust file."""
    settings = load_settings(asked.folder)
    name, vkeys = parse_public(_public(public), settings.origin)
    if url is not None:
        parse_address(url, code="I38", what="a cosigner")
    with _changing(asked.folder) as known:
        if any(one.name == name for one in known):
            raise IntakeError("I39", "this archive has a cosigner of that name already")
        _store(asked.folder, [*known, KnownCosigner(name, vkeys, url)])
    show(asked, {"name": name, "url": url}, [f"added: {name}"])


@command("list", rule=OPERATOR, into=cosigner_command)
def list_command(asked: Asked) -> None:
    """Show the cosigners, and up to where each has signed."""
    log, kept = _log(asked.folder)
    known = load_cosigners(asked.folder)
    size, signed = log.checkpoint().size, signed_up_to(kept, known)
    value = [{"name": one.name, "url": one.url, "signed": signed[one.name].size} for one in known]
    lines = [f"{one.name}: signed {signed[one.name].size} of {size} entries" for one in known]
    show(asked, {"size": size, "cosigners": value}, lines or ["nobody cosigns this log"])


@command("remove", rule=OPERATOR, into=cosigner_command)
@click.argument("name", metavar="NAME")
def remove_command(asked: Asked, *, name: str) -> None:
    """Ask a cosigner no more. What it signed stays, and its keys in everybody's policies."""
    load_settings(asked.folder)
    with _changing(asked.folder) as known:
        if all(one.name != name for one in known):
            raise IntakeError("I40", "this archive has no such cosigner")
        _store(asked.folder, [one for one in known if one.name != name])
    show(asked, {"name": name}, [f"removed: {name}"])


@command("ask", rule=OPERATOR, into=cosigner_command)
@click.option("--every", type=click.IntRange(1), metavar="SECONDS", help="Go on asking, until told to end.")
def ask_command(asked: Asked, *, every: int | None) -> None:
    """Ask every cosigner for the checkpoint that is published now. A running server does so by itself."""
    log, kept = _log(asked.folder)
    while True:
        outcomes = Round(log, kept).ask(load_cosigners(asked.folder))
        show(asked, [one.as_data() for one in outcomes], _lines(outcomes))
        if every is None:
            break
        sys.stdout.flush()
        time.sleep(every)
    if any(one.word == "refused" for one in outcomes):
        raise click.exceptions.Exit(_REFUSED)


@command("take", rule=OPERATOR, into=cosigner_command)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def take_command(asked: Asked, *, file: Path) -> None:
    """Keep what is on a cosigned checkpoint that `sviedka cosign once` wrote elsewhere."""
    log, kept = _log(asked.folder)
    names = Round(log, kept).take(load_cosigners(asked.folder), _read(file, LARGEST_NOTE_BYTES))
    show(asked, {"cosigners": names}, [f"kept: signatures of {', '.join(names)}"])


@command("trust", rule=OPERATOR, into=cosigner_command)
@click.option("-o", "output", required=True, type=click.Path(path_type=Path), metavar="FILE")
def trust_command(asked: Asked, *, output: Path) -> None:
    """Write this log's trust file, by which a cosigner follows it: origin and keys, nothing secret."""
    settings = load_settings(asked.folder)
    save(output, format_trust(settings.trust))
    fingerprints = [fingerprint(key) for key in short_keys(settings.log_keys)]
    lines = [f"written: {output}", *(f"   log key {one}" for one in fingerprints)]
    show(asked, {"file": str(output), "origin": settings.origin, "fingerprints": fingerprints}, lines)
    note("Have the fingerprint compared, by telephone or face to face.")


@command("policy", rule=OPERATOR, into=cosigner_command)
@click.option("--need", type=click.IntRange(0), metavar="N", help="How many of them are enough [all].")
@click.option("--post-quantum", is_flag=True, help="ML-DSA-44 keys, which not every verifier checks.")
@click.option("-o", "output", required=True, type=click.Path(path_type=Path), metavar="FILE")
def policy_command(asked: Asked, *, need: int | None, post_quantum: bool, output: Path) -> None:
    """Write a policy of this archive's cosigners, for `sviedka verify --policy`.

    It is a proposal: whom to trust is for each reader to decide.
    """
    settings: Settings = load_settings(asked.folder)
    policy = policy_of(settings.log_keys, load_cosigners(asked.folder), need, post_quantum=post_quantum)
    save(output, format_policy(policy))
    show(asked, {"file": str(output), "quorum": policy.quorum}, [f"written: {output}"])


def _log(folder: Path) -> tuple[LogReader, Cosignatures]:
    settings = load_settings(folder)
    log = LogReader(folder / "log", origin=settings.origin, verify=checkpoint_verifier(settings))
    return log, Cosignatures(folder / "log")


@contextmanager
def _changing(folder: Path) -> Iterator[tuple[KnownCosigner, ...]]:
    """Hold off whoever else changes the list, and yield it."""
    with exclusive(folder / f"{FILE_NAME}.lock"):
        yield load_cosigners(folder)


def _store(folder: Path, cosigners: list[KnownCosigner]) -> None:
    replace(folder / FILE_NAME, format_cosigners(cosigners))


def _lines(outcomes: list[Outcome]) -> Iterator[str]:
    if not outcomes:
        yield "nobody to ask: sviedka cosigner add"
    for one in outcomes:
        reason = f": {one.reason}" if one.reason else ""
        yield f"{one.name}: {one.word}, signed up to {one.size} entries{reason}"


def _public(text: str) -> bytes:
    if "+" in text and not Path(text).exists():
        return text.encode()
    return _read(Path(text), LARGEST_PUBLIC_BYTES)


def _read(path: Path, largest_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(largest_bytes + 1)
    except OSError as fault:
        raise IntakeError("I79", "a file cannot be read", found=reason_of(fault)) from None
