"""What is said of files to be packed, where no schema is at hand: read, and its closed words checked.

The archive checks the rest when somebody confirms what came in the pack.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from archive.errors import IntakeError
from archive.uses import RightsBasis, Use
from ingest.described_paths import align, path_key

_LARGEST_BYTES: Final = 16 << 20


def describe_plainly(file: Path | None, given: Sequence[Path], files: Sequence[Path]) -> dict[str, Any]:
    """Return the description of each file, by the key of its path: the nearest that a describe file has."""
    keys = [path_key(one) for one in files]
    if file is None:
        return {key: {} for key in keys}
    value = align(_load(file), given=given, files=files, file=file)
    if not isinstance(value, list):
        return dict.fromkeys(keys, _checked(value))
    by_path = _by_path(value, keys)
    return {key: _nearest(by_path, key) for key in keys}


def _by_path(entries: Sequence[Any], keys: Sequence[str]) -> dict[str, Any]:
    reachable = {str(above) for key in keys for above in (Path(key), *Path(key).parents)}
    by_path: dict[str, Any] = {}
    for number, entry in enumerate(entries):
        path = entry.get("path") if isinstance(entry, dict) else None
        if path not in reachable or path in by_path:
            raise IntakeError("I14", f"entry [{number}] names no packed file, or one named before")
        by_path[path] = _checked({name: value for name, value in entry.items() if name != "path"})
    return by_path


def _nearest(by_path: Mapping[str, Any], key: str) -> Any:
    return next((by_path[str(p)] for p in (Path(key), *Path(key).parents) if str(p) in by_path), {})


def _checked(said: Any) -> Mapping[str, Any]:
    """Check the words whose lists are closed (I14): misspelled, a consent would count for nothing."""
    if not isinstance(said, dict):
        raise IntakeError("I14", "a description is an object", found=type(said).__name__)
    consent = said.get("consent", {})
    uses = [said.get("uses", [])] + ([consent.get("uses", [])] if isinstance(consent, dict) else [None])
    if not all(isinstance(words, list) and set(map(str, words)) <= set(Use) for words in uses):
        raise IntakeError("I14", "an unknown use in a description", expected=", ".join(Use))
    if "rights_basis" in said and said["rights_basis"] not in set(RightsBasis):
        raise IntakeError("I14", "an unknown rights basis in a description", expected=", ".join(RightsBasis))
    return said


def _load(file: Path) -> Any:
    try:
        data = file.read_bytes()[: _LARGEST_BYTES + 1]
        if len(data) > _LARGEST_BYTES:
            raise IntakeError("I79", "the file is too large", expected=f"at most {_LARGEST_BYTES} bytes")
        return json.loads(data.decode("utf-8-sig"))
    except OSError:
        raise IntakeError("I79", "the describe file cannot be read") from None
    except (ValueError, RecursionError):
        raise IntakeError("I79", "the describe file is not JSON") from None
