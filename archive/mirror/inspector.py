"""An auditor at her own machine: her key file open in memory, and the inspection that she opens with it."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from archive.author import Author, Clock
from archive.codec import b64
from archive.digests import Digest
from archive.errors import CustodyError
from archive.events import Seen, format_moment
from archive.ids import Random
from archive.inspections import NONCE_BYTES, sign_request
from archive.kinds import Kind
from archive.mirror.line import Ended, Line
from archive.tiles import LARGEST_ENTRY_BYTES, TILE_WIDTH, parse_tile_path
from keys.keyfile import AgentSecret
from keys.signing import SigningKey

LARGEST_TILE_BYTES: Final = TILE_WIDTH * 32
LARGEST_BUNDLE_BYTES: Final = TILE_WIDTH * (LARGEST_ENTRY_BYTES + 2)
LARGEST_NOTE_BYTES: Final = 1 << 20
#: How long an inspection lasts before another one is opened, and how soon before its end that is.
_LENGTH: Final = timedelta(hours=12)
_SOON: Final = timedelta(minutes=5)


class Inspector:
    """Asks for what only auditors get, in any thread. `seen` is the newest checkpoint that she verified."""

    def __init__(
        self, line: Line, secret: AgentSecret, origin: str, *, seen: Seen, clock: Clock, random: Random
    ) -> None:
        self.seen = seen
        self._line = line
        self._secret = secret
        self._origin = origin
        self._clock = clock
        self._random = random
        # A key file may hold keys that were never logged, and does not say how manieth those in force are.
        most, pairs = len(secret.pairs), secret.pairs[:2]
        self._signers = [(one.signing, number) for number in (most, most - 1) if number for one in pairs]
        self._lock = threading.Lock()
        self._key: SigningKey | None = None
        self._until = ""

    def note(self) -> bytes:
        """Return the served checkpoint, which anyone may see."""
        return self._line.get("/log/checkpoint", most_bytes=LARGEST_NOTE_BYTES)

    def tile(self, path: str) -> bytes:
        """Return a file of the log: hash tiles are public, bundles are an auditor's."""
        ref = parse_tile_path(path)
        if ref.level is not None:
            return self._line.get(f"/log/{path}", most_bytes=LARGEST_TILE_BYTES)
        return self._line.get(f"/log/{path}", most_bytes=LARGEST_BUNDLE_BYTES, sign=self._sign)

    def holdings(self) -> Iterator[bytes]:
        """Yield everything but log and bodies, as it is at one moment."""
        return self._line.stream("/log/holdings", self._sign)

    def body(self, body: Digest, *, most_bytes: int) -> Iterator[bytes]:
        """Yield a sealed body; raise C38 when it is longer than it can be."""
        received = 0
        for chunk in self._line.stream(f"/log/body/{body}", self._sign, resumable=True):
            received += len(chunk)
            if received > most_bytes:
                raise CustodyError("C38", "the mirror sends too much", expected=f"at most {most_bytes} bytes")
            yield chunk

    def report(self, data: dict[str, Any]) -> None:
        """Have the outcome of the audit logged, signed here."""
        self._line.post("/log/audits", self._author().write(Kind.AUDIT, data).entry)

    def _sign(self, method: str, path: str) -> str:
        now = self._clock()
        with self._lock:
            if self._key is None or format_moment(now + _SOON) > self._until:
                self._open()
            key = self._key
        assert key is not None
        return sign_request(
            self._origin,
            method,
            path,
            key=key.public,
            sign=key.sign,
            time=int(now.timestamp()),
            nonce=self._random(NONCE_BYTES),
        )

    def _open(self) -> None:
        """Open an inspection with a key that exists in this memory only."""
        key, until = SigningKey.generate(self._random), format_moment(self._clock() + _LENGTH)
        data = {"key": b64(key.public), "until": until}
        while True:
            try:
                self._line.post("/log/inspections", self._author().write(Kind.INSPECTION, data).entry)
            except Ended as ended:
                if ended.fault.code != "C62" or len(self._signers) == 1:
                    raise
                del self._signers[0]
            else:
                self._key, self._until = key, until
                return

    def _author(self) -> Author:
        signing, number = self._signers[0]
        agent = self._secret.agent
        return Author(agent, signing.sign, self._origin, self.seen, self._clock, self._random, number)
