"""Builds `sviedka-verify.pyz`: `python -m archive.verifier.build OUT [GUIDE]`. Same sources, same bytes.

In it are the modules that the verifier imports, found by following imports, and nothing else; stored and not
compressed, so that a court's expert unpacks and reads what runs. GUIDE is a document that names the SHA-256
of the zipapp, and is brought up to date.
"""

import ast
import hashlib
import io
import re
import sys
import zipfile
from collections.abc import Container, Iterator, Mapping
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_ENTRANCE = "archive.verifier.main"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_DIGEST = re.compile(r"(sviedka-verify\.pyz`? has the SHA-256\s+`?)[0-9a-f]{64}")
_SHEBANG = b"#!/usr/bin/env python3\n"
_MAIN = b"""\
import sys

if sys.version_info < (3, 11):
    sys.exit("This needs Python 3.11 or newer.")

from archive.verifier.main import main

sys.exit(main())
"""


def build() -> bytes:
    """Return the bytes of the zipapp."""
    files = {f"{path.relative_to(_ROOT)}": path.read_bytes() for path in closure(_ENTRANCE, ("archive",))}
    return zipped({**files, "__main__.py": _MAIN})


def noted(guide: str, zipapp: bytes) -> str:
    """Return a guide with the SHA-256 of the zipapp in the place of the one it named."""
    return _DIGEST.sub(rf"\g<1>{hashlib.sha256(zipapp).hexdigest()}", guide)


def zipped(files: Mapping[str, bytes], compressed: Container[str] = ()) -> bytes:
    """Return a zipapp of files by their names, all of them stored but those to be compressed."""
    made = io.BytesIO()
    made.write(_SHEBANG)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(files.items()):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.create_system, member.external_attr = 3, 0o644 << 16
            kind = zipfile.ZIP_DEFLATED if name in compressed else zipfile.ZIP_STORED
            archive.writestr(member, data, kind, 9)
    return made.getvalue()


def closure(entrance: str, packages: Container[str]) -> set[Path]:
    """Return the files of a module, of all that it imports of `packages`, and of the packages they are in."""
    found: set[Path] = set()
    waiting = [entrance]
    while waiting:
        for path in _files(waiting.pop(), packages):
            if path not in found:
                found.add(path)
                waiting.extend(_imports(path))
    return found


def _files(module: str, packages: Container[str]) -> Iterator[Path]:
    """Yield the file of a module, if it is in one of the packages, and those of its own packages."""
    parts = module.split(".")
    if parts[0] not in packages:
        return
    for depth in range(1, len(parts) + 1):
        place = _ROOT.joinpath(*parts[:depth])
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path.is_file():
                yield path


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _main(out: Path, *guides: Path) -> None:
    made = build()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(made)
    for guide in guides:
        guide.write_text(noted(guide.read_text(encoding="utf-8"), made), encoding="utf-8")


if __name__ == "__main__":
    _main(*map(Path, sys.argv[1:]))
