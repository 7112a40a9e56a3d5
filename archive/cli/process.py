"""What this process does before it may hold a secret. Imports nothing heavy, so that it comes first."""

import os
import signal
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import NoReturn

from archive.errors import FixityError
from archive.ids import new_id
from keys.secrecy import forbid_cores
from storage.runtime import USUAL, Runtime, open_runtime


def harden() -> None:
    """Switch core dumps and debugging by others off, and end tidily when told to."""
    forbid_cores()
    os.umask(0o077)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)


def runtime_candidates(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Return where opened secrets may be, best first. Who names a place means it: then only that one."""
    if named := environ.get("SVIEDKA_RUNTIME"):
        return (Path(named),)
    own = [Path(environ["XDG_RUNTIME_DIR"])] if environ.get("XDG_RUNTIME_DIR") else []
    return (*own, USUAL, Path(f"/run/user/{os.geteuid()}"))


def move_into_memory(environ: MutableMapping[str, str]) -> Runtime | None:
    """Point TMPDIR, HOME and the XDG folders into RAM, whatever a library may want to keep there.

    Without such a place nothing changes, and what opens an archive refuses later, with F15. Raises F16 where
    somebody else took the place.
    """
    # Named for the user instead of an archive: which one will be opened is not known yet.
    user = new_id(lambda size: os.geteuid().to_bytes(size, "big"))
    try:
        place = open_runtime(runtime_candidates(environ), user)
    except FixityError as fault:
        if fault.code != "F15":
            raise
        return None
    for name in ("TMPDIR", "TEMP", "TMP"):
        environ[name] = str(place.path)
    environ["HOME"] = str(place.path)
    for name in ("CACHE", "CONFIG", "DATA", "STATE"):
        environ[f"XDG_{name}_HOME"] = str(place.path / name.lower())
    return place


def _end(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)
