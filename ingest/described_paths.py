"""Which deposited file each `path` in a describe file stands for, in any way people write it."""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class _Known:
    """What may be meant: the keys of deposited files and of the folders above, and of each file name."""

    reachable: frozenset[str]
    by_name: dict[str, list[str]]


def path_key(path: Path) -> str:
    """Return the one spelling of a path under which descriptions are looked up: absolute and NFC."""
    return unicodedata.normalize("NFC", os.path.abspath(path))


def align(value: object, *, given: Sequence[Path], files: Sequence[Path], file: Path) -> object:
    """Return the content of a describe file with each `path` replaced by the key of what it stands for.

    A path may be as given on the command line, relative to the describe file or to a deposited folder, or a
    file name that only one deposited file has. What stands for none is left for `load_description` to refuse.
    """
    if not isinstance(value, list):
        return value
    keys = [path_key(one) for one in files]
    above = {str(parent) for key in keys for parent in Path(key).parents}
    by_name: dict[str, list[str]] = {}
    for key in keys:
        by_name.setdefault(Path(key).name, []).append(key)
    known = _Known(frozenset(above.union(keys)), by_name)
    bases = [file.parent, *(one for one in given if one.is_dir())]
    return [_with_key(entry, known, bases) for entry in value]


def _with_key(entry: Any, known: _Known, bases: Sequence[Path]) -> Any:
    path = entry.get("path") if isinstance(entry, dict) else None
    if not isinstance(path, str) or not path or "\0" in path:
        return entry
    meant = next((key for key in _readings(path, known, bases) if key in known.reachable), None)
    return entry if meant is None else {**entry, "path": meant}


def _readings(path: str, known: _Known, bases: Sequence[Path]) -> Iterator[str]:
    yield path_key(Path(path))
    yield from (path_key(base / path) for base in bases)
    named = known.by_name.get(unicodedata.normalize("NFC", path), [])
    if len(named) == 1:
        yield named[0]
