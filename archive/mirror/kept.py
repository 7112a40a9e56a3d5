"""What an auditor keeps of an archive's log from visit to visit: a folder of `checkpoint`, `tile/…`, `trust`.

It is laid out as c2sp.org/tlog-tiles says, so that other tools read it too. Only what was held against a
signed checkpoint is put into it; an audit that was stopped goes on with what is there.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from archive.digests import Digest
from archive.errors import FixityError, IntakeError
from archive.tiles import TileRef
from storage.durable import replace, writing
from storage.locks import one_of


@dataclass(frozen=True, slots=True)
class Kept:
    """The folder. For one audit at a time."""

    folder: Path

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Self]:
        """Make the folder where there is none, and keep other audits out of it (I19)."""
        with writing("the folder of an audit"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with one_of([folder / "lock"]) as alone:
            if not alone:
                raise IntakeError("I19", "another audit is using this folder")
            yield cls(folder)

    def checkpoint(self) -> bytes | None:
        """Return the newest checkpoint that was seen and verified, or None at the first visit."""
        return self._load(self.folder / "checkpoint")

    def adopt(self, note: bytes) -> None:
        """Keep a checkpoint that was verified, and that continues the one kept."""
        replace(self.folder / "checkpoint", note)

    def trust(self) -> bytes | None:
        """Return the trust file of the first visit."""
        return self._load(self.folder / "trust")

    def keep_trust(self, data: bytes) -> None:
        """Keep the trust file for the next visits."""
        replace(self.folder / "trust", data)

    def keep_evidence(self, note: bytes) -> None:
        """Keep a signed checkpoint that contradicts the one kept: together they prove that the log lied."""
        replace(self.folder / f"contradicting-{Digest.of(note)[:16]}", note)

    def tile(self, ref: TileRef) -> bytes | None:
        """Return a file of the log."""
        return self._load(self.folder / ref.path)

    def keep(self, ref: TileRef, data: bytes) -> None:
        """Keep a file of the log that was verified, in the place of its narrower forms."""
        path = self.folder / ref.path
        with writing("the folder of an audit"):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(path, data)
        partials = self.folder / f"{TileRef(ref.level, ref.index).path}.p"
        for other in partials.glob("*") if partials.is_dir() else ():
            if other != path:
                other.unlink(missing_ok=True)
        with suppress(OSError):
            partials.rmdir()

    def _load(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            raise FixityError(
                "F59", "what was kept of an earlier audit cannot be read", found=path.name
            ) from None
