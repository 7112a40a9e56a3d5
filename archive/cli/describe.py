"""`sviedka describe`: catalogue records in bulk."""

from pathlib import Path
from typing import Any

import click

from archive.cli.asking import Asked, command
from archive.cli.entering import entered
from archive.cli.input_files import load_csv, load_json, load_json_lines, rows_of
from archive.cli.showing import show
from archive.errors import IntakeError
from archive.nouns import Role
from archive.policy import agents
from ingest.describe import describe


@command("describe", rule=agents(Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN))
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--into", "label", required=True, metavar="LABEL", help="The compartment.")
@click.option(
    "--map", "mapping", type=click.Path(path_type=Path), metavar="FILE.json", help="What CSV columns mean."
)
def describe_command(asked: Asked, *, file: Path, label: str, mapping: Path | None) -> None:
    """Store the records in FILE. All are checked first.

    FILE is .json, .jsonl, or .csv with --map.

    A map says what the columns are: {"type": "place", "columns": {"Name": "names.0.text"}, "always":
    {"names.0.language": "be", "names.0.kind": "official"}}.
    """
    records = _load(file, mapping)
    with entered(asked) as (archive, sitting):
        stored = describe(archive, sitting, label, records)
    value = [{"record": one.record, "type": one.type, "version": one.version} for one in stored]
    show(asked, value, [f"{one.type:<18} {one.record} version {one.version}" for one in stored])


def _load(file: Path, mapping: Path | None) -> list[Any]:
    kind = file.suffix.casefold()
    if kind == ".csv":
        if mapping is None:
            raise IntakeError("I79", "what do the columns mean? Give --map FILE.json")
        return list(load_csv(file, load_json(mapping)))
    if kind in (".jsonl", ".ndjson"):
        return load_json_lines(file)
    return list(rows_of(load_json(file)))
