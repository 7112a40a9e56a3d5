"""`sviedka deposit`: handing files in."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from archive.access.receipts import fetch_receipt, trust_of
from archive.cli.asking import Asked, command
from archive.cli.entering import entered
from archive.cli.input_files import load_json
from archive.cli.saving import new_folder
from archive.cli.showing import byte_progress, note, plain, show
from archive.cli.surroundings import tessdata_folder
from archive.errors import SviedkaError
from archive.nouns import Role
from archive.policy import agents
from archive.records import Description, load_description
from archive.trust import format_trust
from archive.uses import STORE_ONLY
from ingest.deposit import Handed, Intake, Result
from ingest.described_paths import align, path_key
from ingest.extraction import Extractor, Limits
from ingest.files import files_under, opened
from storage.durable import replace

_FAILED = 2


@command("deposit", rule=agents(Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN))
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option("--into", "label", required=True, metavar="LABEL", help="The compartment.")
@click.option("--describe", "describe", type=click.Path(path_type=Path), metavar="FILE.json")
@click.option("--receipts", type=click.Path(path_type=Path), metavar="DIR", help="Save the receipts there.")
def deposit_command(
    asked: Asked, *, paths: tuple[Path, ...], label: str, describe: Path | None, receipts: Path | None
) -> None:
    """Hand in files, and folders with all files in them. Repeating a broken-off deposit completes it."""
    files = list(dict.fromkeys(files_under(paths)))
    descriptions = _descriptions(describe, paths, files)
    _warn_of_storage_only(descriptions)
    _warn_of_minors(descriptions)
    if receipts is not None:
        note(
            "warning: a receipt that is found on you says that you handed this in; keep it where nobody looks"
        )
        new_folder(receipts)
    results: list[Result] = []
    try:
        with entered(asked) as (archive, sitting):
            with _extractor() as extractor, byte_progress("depositing", _size_of(files)) as on_bytes:
                intake = Intake(archive, sitting, label, extractor)
                handed = (_hand(file, descriptions[path_key(file)]) for file in files)
                for one in intake.deposit(handed, on_bytes=on_bytes):
                    results.append(one)
                    _tell(asked, one)
            if receipts is not None:
                replace(receipts / "archive.trust", format_trust(trust_of(archive, sitting)))
                for item in dict.fromkeys(result.item for result in results if result.item is not None):
                    replace(receipts / f"{item}.tlog-proof", fetch_receipt(archive, sitting, item, b""))
    finally:
        # What was taken into custody is told even when something ends the deposit half-way.
        if results and asked.json:
            show(asked, [as_data(one) for one in results], ())
    _tell_end(results)


def as_data(result: Result) -> dict[str, Any]:
    """Write a result as JSON values."""
    error = result.error
    return {
        "path": result.path,
        "item": result.item,
        "status": result.status,
        "sha256": result.sha256,
        "blake3": result.blake3,
        "sealed_digest": result.sealed_digest,
        "media_type": result.media_type,
        "size_bytes": result.size_bytes,
        "log_index": result.log_index,
        "receipt_code": result.receipt_code,
        **({"error": {"code": error.code, "message": str(error)}} if error else {}),
    }


def _descriptions(file: Path | None, given: Sequence[Path], files: Sequence[Path]) -> dict[str, Description]:
    keys = [path_key(one) for one in files]
    if file is None:
        return dict.fromkeys(keys, Description({}))
    return load_description(align(load_json(file), given=given, files=files, file=file), keys)


def _warn_of_storage_only(descriptions: dict[str, Description]) -> None:
    stored = sum(one.uses() == STORE_ONLY for one in descriptions.values())
    if stored:
        note(
            f"warning: for {stored} of {len(descriptions)} files no consent or other basis for any use is "
            "recorded: they are stored only, and nobody can search or read them until it is"
        )


def _warn_of_minors(descriptions: dict[str, Description]) -> None:
    alone = sum(one.minor_alone for one in descriptions.values())
    if alone:
        note(
            f"warning: {alone} of {len(descriptions)} files concern minors, and the consent was given by the "
            "person alone: ask a parent or guardian too, and record that consent"
        )


def _extractor() -> Extractor:
    return Extractor(limits=Limits(), tessdata=tessdata_folder(os.environ))


def _size_of(files: Sequence[Path]) -> int:
    return sum(file.stat().st_size for file in files if file.is_file())


def _hand(file: Path, description: Description) -> Handed:
    # A name that is not text in this system's encoding is kept as far as it is.
    name = os.fsencode(file.name).decode("utf-8", "replace")
    shown = os.fsencode(file).decode("utf-8", "replace")
    return Handed(name, lambda: opened(file), description, shown)


def _tell(asked: Asked, result: Result) -> None:
    """Tell people of a file as soon as it is in custody; JSON is one value, at the end."""
    if not asked.json:
        click.echo(_line(result))


def _line(result: Result) -> str:
    path = plain(result.path)
    if isinstance(result.error, SviedkaError):
        return f"failed       {path}: {result.error} [{result.error.code}]"
    mismatch = f"  (named otherwise, is {result.media_type})" if result.mismatch else ""
    code = f"\n             receipt code: {result.receipt_code}" if result.receipt_code else ""
    return f"{result.status:<12} {path}  {result.item}  entry {result.log_index}{mismatch}{code}"


def _tell_end(results: Sequence[Result]) -> None:
    failed = sum(one.status == "failed" for one in results)
    codes = any(one.receipt_code for one in results)
    if codes:
        note("The receipt codes are shown once. Each fetches its receipt: sviedka receipt CODE -o FILE")
    if failed:
        note(f"{failed} of {len(results)} files failed")
        raise click.exceptions.Exit(_FAILED)
