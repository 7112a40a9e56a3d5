"""Writes the log of a builder as a folder, as tlog-tiles lays it out."""

from pathlib import Path

from archive.merkle import Frontier
from storage.growth import grow


def write_log(builder, folder: Path, note: bytes = b"") -> Path:
    """Write checkpoint (the builder's, unless another is given) and tiles below `folder`; return it."""
    files = {"checkpoint": note or builder.note()}
    if builder.entries:
        grown = grow(0, Frontier().root(), [], entries=builder.entries, read=_nothing)
        files |= {ref.path: data for ref, data in grown.tiles.items()}
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def _nothing(level, index):
    raise AssertionError((level, index))
