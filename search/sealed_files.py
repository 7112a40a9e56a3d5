"""Index files at rest: each sealed to its compartment as one age file, listed in one sealed manifest.

They are derived and disposable; they live outside the write-once objects and outside backups.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.digests import Digest
from archive.errors import FixityError
from archive.ids import Random
from keys.identities import Identity
from keys.recipients import Recipient
from keys.sealing import Sealer, open_stream
from storage.durable import remove, write_once
from storage.locks import exclusive


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One index file: its name in the engine's folder, and the body, header and key it is sealed with."""

    name: str
    body: Digest
    header: Digest
    file_key: Digest
    plain: Digest

    def as_data(self) -> dict[str, Any]:
        """Write it for the manifest."""
        return {
            "name": self.name,
            "body": self.body,
            "header": self.header,
            "file_key": self.file_key,
            "plain": self.plain,
        }

    @classmethod
    def of(cls, value: dict[str, Any]) -> "SealedFile":
        """Read it from an opened manifest."""
        return cls(
            Path(value["name"]).name,
            Digest(value["body"]),
            Digest(value["header"]),
            Digest(value["file_key"]),
            Digest(value["plain"]),
        )


@dataclass(frozen=True, slots=True)
class SealedFiles:
    """The folder of one compartment's sealed index files: `<body digest>.body` and `.header` for each."""

    folder: Path

    def seal(self, path: Path, recipient: Recipient, random: Random) -> SealedFile:
        """Seal one index file durably; `locked` is held."""
        plain = path.read_bytes()
        sealer = Sealer([recipient], random=random)
        body = sealer.update(plain) + sealer.finish()
        digest = Digest.of(body)
        write_once(self._body(digest), body)
        write_once(self._header(digest), sealer.header)
        return SealedFile(path.name, digest, Digest.of(sealer.header), sealer.commitment, Digest.of(plain))

    def open(self, sealed: SealedFile, identities: list[Identity], into: Path) -> None:
        """Open one index file into the runtime folder `into`; F35 when it is missing or changed."""
        try:
            header, body = self._header(sealed.body).read_bytes(), self._body(sealed.body).read_bytes()
        except FileNotFoundError:
            raise FixityError("F35", "a sealed index file is missing", found=sealed.body) from None
        if Digest.of(header) != sealed.header or Digest.of(body) != sealed.body:
            raise FixityError("F35", "a sealed index file was changed", expected=sealed.body)
        descriptor = os.open(into / sealed.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file, self._body(sealed.body).open("rb") as source:
            for chunk in open_stream(header, source, identities, commitment=sealed.file_key):
                file.write(chunk)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from changing these files, or the manifest that names them, meanwhile."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with exclusive(self.folder / "lock"):
            yield

    def keep_only(self, bodies: set[Digest]) -> None:
        """Delete every file that the manifest no longer names, headers first; `locked` is held."""
        for suffix in (".header", ".body"):
            for path in sorted(self.folder.glob(f"*{suffix}")):
                if path.stem not in bodies:
                    remove(path)

    def _body(self, digest: Digest) -> Path:
        return self.folder / f"{digest}.body"

    def _header(self, digest: Digest) -> Path:
        return self.folder / f"{digest}.header"
