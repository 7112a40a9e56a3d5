"""The parts of one open archive, put together by `archive.assemble`."""

from dataclasses import dataclass
from pathlib import Path

from archive.author import Author, Clock
from archive.events import Seen
from archive.ids import Id, Random
from archive.ledger import Ledger
from storage.catalogue.catalogue import Catalogue
from storage.copies.stores import Stores
from storage.custody import Custody
from storage.headers import Headers
from storage.log import Log
from storage.objects import Objects
from storage.runtime import Runtime

#: log2 of the scrypt work factor of key files; a cheaper one is for tests that are not about keys.
KEY_FILE_LOG_N = 17


@dataclass(frozen=True, slots=True)
class Archive:
    """One open archive. Frozen: nothing in it is replaced while it is in use."""

    name: str
    archive: Id
    log_keys: tuple[str, ...]
    folder: Path
    runtime: Runtime
    objects: Objects
    headers: Headers
    stores: Stores
    log: Log
    catalogue: Catalogue
    custody: Custody
    archive_author: Author
    clock: Clock
    random: Random
    log_n: int = KEY_FILE_LOG_N

    def ledger(self) -> Ledger:
        """Return what the log says now."""
        return self.custody.follow()

    def seen(self) -> Seen:
        """Return the newest checkpoint, verified, as events cite it."""
        checkpoint = self.log.checkpoint()
        return Seen(checkpoint.size, checkpoint.root)
