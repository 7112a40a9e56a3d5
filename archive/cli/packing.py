"""`sviedka pack`: sealing files offline to a recipient card."""

import os
from pathlib import Path
from typing import Any

import click

from archive.cli.asking import Asked, command
from archive.cli.entering import passphrase_of
from archive.cli.input_files import load_json
from archive.cli.showing import byte_progress, note, show
from archive.cli.surroundings import key_cost
from archive.packer.work import Wanted, list_files, load_signer, read_card, run
from archive.policy import OFFLINE
from archive.records import load_description
from ingest.described_paths import align, path_key
from keys.passphrases import LANGUAGES


@command("pack", rule=OFFLINE)
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option("--card", required=True, type=click.Path(path_type=Path), metavar="FILE")
@click.option("-o", "output", required=True, type=click.Path(path_type=Path), metavar="FILE")
@click.option("--describe", "describe", type=click.Path(path_type=Path), metavar="FILE.json")
@click.option("--claimed-at", metavar="TIME", help="When it was, if not now: 2026-11-20T08:05:00Z.")
@click.option("--fingerprint", "told", metavar="TEXT", help="What the card's owner told you.")
@click.option("--trust", type=click.Path(path_type=Path), metavar="F", help="The log's keys.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", help="Of the code's words.")
@click.option(
    "--key-file", type=click.Path(path_type=Path), metavar="F", help="Sign with this exported key file."
)
def pack_command(asked: Asked, *, describe: Path | None, key_file: Path | None, **given: Any) -> None:
    """Seal files to a recipient card, offline: without an archive and without an account.

    Anyone can hand the pack in later. It is taken as claimed until somebody who may read there opens it.
    """
    log_n = key_cost(os.environ)
    signer = load_signer(key_file, passphrase_of(asked), log_n=log_n) if key_file is not None else None
    wanted = Wanted(**given, signer=signer)
    files = list_files(wanted)
    keys = [path_key(one) for one in files]
    value = load_json(describe) if describe is not None else {}
    if describe is not None:
        value = align(value, given=wanted.paths, files=files, file=describe)
    descriptions = {key: one.data for key, one in load_description(value, keys).items()}
    proven = read_card(wanted)
    for line in proven.lines():
        note(line)
    with byte_progress("packing", sum(file.stat().st_size for file in files)) as on_bytes:
        done = run(wanted, proven, descriptions, on_bytes=on_bytes, log_n=log_n)
    show(asked, done.as_data(), done.lines())
    for line in done.warnings():
        note(line)
