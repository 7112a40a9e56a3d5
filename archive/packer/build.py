"""Builds `sviedka-pack.pyz`: `python -m archive.packer.build OUT`. The same sources give the same bytes.

In it are the modules that packing imports, the lists of words, and under `lib/` the wheels of `cryptography`,
`cffi` and `blake3` as they are installed here: so it is for this version of Python on this kind of computer,
which it says. Ours are stored to be read; the libraries are compressed.
"""

import importlib.metadata
import platform
import re
import sys
from pathlib import Path
from typing import Final

from archive.packer.unpacking import LIBRARIES, PLATFORM
from archive.verifier.build import closure, zipped

_ROOT: Final = Path(__file__).resolve().parents[2]
_OURS: Final = ("archive", "ingest", "keys", "storage")
_ENTRANCES: Final = ("archive.packer.unpacking", "archive.packer.main")
_WHEELS: Final = ("cryptography", "cffi", "blake3")
_MAIN: Final = b"""\
import sys

if sys.version_info < (3, 11):
    sys.exit("This needs Python 3.11 or newer.")

from archive.packer.unpacking import run

sys.exit(run(sys.path[0]))
"""


def build() -> bytes:
    """Return the bytes of the zipapp."""
    paths = {path for entrance in _ENTRANCES for path in closure(entrance, _OURS)}
    paths.update((_ROOT / "keys" / "words").glob("*.txt"))
    files = {f"{path.relative_to(_ROOT)}": path.read_bytes() for path in paths}
    libraries = {f"{LIBRARIES}{name}": data for wheel in _WHEELS for name, data in _installed(wheel).items()}
    main = {"__main__.py": _MAIN, PLATFORM: f"{platform_name()}\n".encode()}
    return zipped({**files, **libraries, **main}, compressed=libraries.keys())


def platform_name() -> str:
    """Say for which Python on which computers what is installed here works, as its wheels say."""
    tags = " ".join(importlib.metadata.distribution(wheel).read_text("WHEEL") or "" for wheel in _WHEELS)
    libcs = [tuple(map(int, one)) for one in re.findall(r"manylinux_(\d+)_(\d+)", tags)]
    on = f"Python {sys.version_info[0]}.{sys.version_info[1]}, {platform.system()} on {platform.machine()}"
    return on + (f", glibc {'.'.join(map(str, max(libcs)))} or newer" if libcs else "")


def _installed(wheel: str) -> dict[str, bytes]:
    """Return what runs of an installed wheel, and its licences."""
    found = {}
    for file in importlib.metadata.files(wheel) or ():
        name = file.as_posix()
        about = file.parts[0].endswith(".dist-info")
        if "__pycache__" in file.parts or name.startswith("../") or (about and "licenses" not in file.parts):
            continue
        found[name] = Path(str(file.locate())).read_bytes()
    return found


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(build())
