"""The first step of the standalone tool: libraries in C and Rust, which no zip file can be run from.

Those of this Python are taken where they are new enough. Else what lies in the tool under `lib/` is unpacked
into a private folder, in RAM if that can be, and removed at the end. It is code only, nothing secret. This
module is imported before anything else of ours and needs the standard library alone.
"""

import importlib
import importlib.util
import shutil
import signal
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

LIBRARIES: Final = "lib/"
PLATFORM: Final = "platform.txt"
#: The newest part of each library that we need.
NEEDED: Final = (
    "blake3",
    "cryptography.hazmat.primitives.hpke",
    "cryptography.hazmat.primitives.asymmetric.mldsa",
)
_PLACES: Final = ("/dev/shm", tempfile.gettempdir())  # noqa: S108


def run(tool: str) -> int:
    """Run the tool in the zip file `tool`; return its exit status."""
    sys.dont_write_bytecode = True
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    with zipfile.ZipFile(tool) as archive:
        platform = archive.read(PLATFORM).decode().strip()
        with _libraries(archive) as found:
            if not found:
                sys.stderr.write(
                    f"This copy of the pack tool is for {platform}. On this computer take another copy, or "
                    "install for this Python: cryptography 50 or newer, and blake3.\n"
                )
                return 2
            main = importlib.import_module("archive.packer.main")
            return int(main.main(platform=platform))


@contextmanager
def _libraries(archive: zipfile.ZipFile) -> Iterator[bool]:
    """Make the libraries importable while the block runs; yields whether they are."""
    if all(map(_is_there, NEEDED)):
        yield True
        return
    for place in _PLACES:
        try:
            folder = Path(tempfile.mkdtemp(prefix="sviedka-pack-", dir=place))
        except OSError:
            continue
        try:
            if _unpack(archive, folder):
                yield True
                return
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    yield False


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


def _unpack(archive: zipfile.ZipFile, folder: Path) -> bool:
    """Unpack and import the libraries; a folder that nothing may be run from is no use."""
    names = [name for name in archive.namelist() if name.startswith(LIBRARIES)]
    try:
        archive.extractall(folder, names)
    except OSError:
        return False
    for name in [one for one in sys.modules if one.partition(".")[0] in ("cryptography", "blake3")]:
        del sys.modules[name]
    sys.path.insert(0, str(folder / LIBRARIES))
    importlib.invalidate_caches()
    try:
        for name in NEEDED:
            importlib.import_module(name)
    except ImportError:
        sys.path.pop(0)
        return False
    return True


def _end(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)
