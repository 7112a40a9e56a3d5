"""Makes the files of the demo dossier: invented people, real institutions (dossier/README.md tells more).

`dossier/items-<compartment>.json` lists the items with the description of each. What is in `dossier/files`
is taken as it is; everything else is written from `dossier/texts` in the format its path asks for.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.demo.office_files import write_docx, write_odt, write_xlsx
from archive.demo.text_files import write_eml, write_html, write_rtf

DOSSIER = Path(__file__).parent / "dossier"
COMPARTMENTS = ("main", "prisons", "sealed-2020", "main.identities")


@dataclass(frozen=True, slots=True)
class DemoFile:
    """One file to deposit: where it lies, into which compartment, and its `--describe` description.

    Records name the item by `key`.
    """

    path: Path
    compartment: str
    description: Mapping[str, Any]
    key: str


def make_files(folder: Path) -> list[DemoFile]:
    """Write the dossier below `folder`, one folder for each compartment; the same bytes every time."""
    return [
        _make_file(folder / compartment, compartment, entry)
        for compartment in COMPARTMENTS
        for entry in json.loads((DOSSIER / f"items-{compartment}.json").read_text(encoding="utf-8"))
    ]


def _make_file(folder: Path, compartment: str, entry: dict[str, Any]) -> DemoFile:
    description = dict(entry["description"])
    path = folder / description.pop("path")
    ready = DOSSIER / "files" / f"{entry['key']}{path.suffix}"
    content = ready.read_bytes() if ready.exists() else _written(entry, path.suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return DemoFile(path, compartment, description, entry["key"])


def _written(entry: dict[str, Any], suffix: str) -> bytes:
    text = _text(f"{entry['key']}.txt")
    if suffix == ".txt":
        return text.encode(entry.get("encoding", "utf-8"))
    return _writers()[suffix](text)


def _writers() -> dict[str, Callable[[str], bytes]]:
    return {
        ".docx": write_docx,
        ".odt": write_odt,
        ".rtf": write_rtf,
        ".html": write_html,
        ".xlsx": lambda text: write_xlsx([line.split("\t") for line in text.splitlines()]),
        ".eml": lambda text: write_eml(text, lambda source: write_docx(_text(source))),
    }


def _text(name: str) -> str:
    return (DOSSIER / "texts" / name).read_text(encoding="utf-8")
