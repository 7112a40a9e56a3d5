"""Watching for a lock: who locks the archive replaces the boot secret, perhaps in another process.

Whatever here asks for the boot secret notices that it is another one than before, and closes what is open.
"""

import hashlib
import threading

from archive.access.boot import BootSecret
from search.shelf import Shelf


class Vigil:
    """Tells the boot secret of this moment, and forgets what is open here once it was replaced."""

    def __init__(self, secret: BootSecret, shelf: Shelf) -> None:
        self._secret = secret
        self._shelf = shelf
        self._lock = threading.Lock()
        self._seen = hashlib.sha256(secret.read()).digest()

    def boot(self) -> bytes:
        """Return the boot secret; the shelf is closed first where it changed."""
        boot = self._secret.read()
        digest = hashlib.sha256(boot).digest()
        with self._lock:
            was_locked, self._seen = digest != self._seen, digest
        if was_locked:
            self._shelf.forget()
        return boot

    def settle(self, boot: bytes) -> None:
        """Close what a request opened that began under `boot`, if the archive was locked meanwhile."""
        if self.boot() != boot:
            self._shelf.forget()

    def lock(self) -> None:
        """Lock the archive, in every process of this server."""
        self._secret.replace()
        self.boot()
