"""The entrance: how many may wait to sign in, who is next, and how guessing gets slow without a lockout.

One key file is opened at a time, in all processes together, for it takes 128 MiB. Two queues lead there,
strangers and browsers that signed in before, and they take turns; each has few places, so that neither
memory nor the server's threads go to those who wait. After failed attempts strangers are delayed within
their place, by handle, existing or not. No attempt is ever answered without opening a key file, so the right
passphrase always gets in: nobody locks anybody out.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Self

from archive.access.parts import Archive
from archive.access.signin import Sitting, sign_in
from archive.errors import AccessError, KeysError
from archive.web.acquaintance import Acquaintance, Acquaintances
from archive.web.tries import MOST_COUNTED, Tries
from storage.locks import exclusive, one_of

STRANGERS: Final = 3
KNOWN: Final = 2
#: One place is left to strangers whom nobody's guessing delays.
DELAYED_STRANGERS: Final = STRANGERS - 1


@dataclass(frozen=True, slots=True)
class Queue:
    """Where an attempt waits: how many places it may take, its delay, and what its failure counts against."""

    name: str
    places: int
    delay_seconds: int
    subject: bytes


@dataclass(frozen=True, slots=True)
class Entrance:
    """The entrance of one archive, the same in every process."""

    archive: Archive
    acquaintances: Acquaintances
    tries: Tries
    pause: Callable[[float], None] = time.sleep

    @classmethod
    def of(cls, archive: Archive) -> Self:
        """Return the entrance of an open archive."""
        return cls(archive, Acquaintances.of(archive), Tries(archive.runtime.shared))

    def sign_in(self, handle: str, passphrase: str, kept: str, *, code: str = "") -> Sitting:
        """Wait for one's turn and sign in; `kept` is what the browser keeps if it is known here.

        `code` is that of a second factor, looked at only where there is one.

        Raises A83 where too many wait already, before anything is known of handle and passphrase.
        """
        queue = self._queue(handle, self.acquaintances.recognise(kept, handle))
        shared = self.archive.runtime.shared
        with one_of(shared / f"{queue.name}-{place}" for place in range(queue.places)) as admitted:
            if not admitted:
                raise AccessError("A83", "too many are signing in at once")
            self.pause(queue.delay_seconds)
            # Of each queue only the first reaches for the opening, so the two take turns there.
            with exclusive(shared / f"{queue.name}-first"), opening(self.archive):
                return self._open(queue, handle, passphrase, code)

    def _queue(self, handle: str, browser: Acquaintance | None) -> Queue:
        if browser is not None:
            subject = self.acquaintances.digest(b"browser\0" + browser.nonce)
            # In the hands of somebody who guesses, a known browser is a stranger.
            if self.tries.failures(subject) < MOST_COUNTED:
                return Queue("known", KNOWN, 0, subject)
        subject = self.acquaintances.digest(b"handle\0" + handle.encode("utf-8", "replace"))
        delay = self.tries.delay_seconds(subject)
        return Queue("strangers", DELAYED_STRANGERS if delay else STRANGERS, delay, subject)

    def _open(self, queue: Queue, handle: str, passphrase: str, code: str) -> Sitting:
        try:
            return sign_in(self.archive, handle, passphrase, code=lambda: code)
        except KeysError:
            self.tries.failed(queue.subject)
            raise


@contextmanager
def opening(archive: Archive) -> Iterator[None]:
    """Be the only one to open or make a key file, in all processes of the server."""
    with exclusive(archive.runtime.shared / "opening.lock"):
        yield
