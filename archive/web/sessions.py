"""Sessions: an agent's opened secret between two requests.

It is kept as an age file under a key made of the browser's cookie and the boot secret, which lives in the
runtime directory only. So several worker processes serve one session, and neither a copy of the database nor
a cookie opens anything once the server has stopped.
"""

import base64
import re
from dataclasses import dataclass, replace

from archive.access.parts import Archive
from archive.access.signin import Sitting, admit
from archive.digests import Digest
from archive.errors import CustodyError, KeysError
from archive.ids import Random
from archive.uses import Use
from keys.identities import Identity
from keys.keyfile import open_secret, seal_secret
from keys.wrapping import hkdf
from storage.catalogue.rows import SessionRow
from storage.locks import exclusive
from storage.runtime import Runtime

IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 12 * 60 * 60
TOUCH_SECONDS = 60
SECRET_BYTES = 32

_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of one archive, by cookie."""

    archive: Archive
    boot: bytes

    def __repr__(self) -> str:
        return "<Sessions: redacted>"

    def begin(self, sitting: Sitting) -> str:
        """Keep a sitting and return its cookie; sessions that are over are cleared away meanwhile."""
        now = self._now()
        self.archive.catalogue.sessions.expire(
            created_before=now - LONGEST_SECONDS, seen_before=now - IDLE_SECONDS
        )
        return self._put(sitting, now)

    def resume(self, cookie: str) -> Sitting | None:
        """Return the sitting of a cookie; None when it is over, or was begun under another boot secret."""
        row = self._row(cookie)
        if row is None:
            return None
        agent = self.archive.catalogue.agents.get(row.agent)
        try:
            if agent is None or self._is_over(row):
                raise KeysError("K10", "the session is over")
            secret = open_secret(row.header, row.content, self._identity(cookie))
            sitting = admit(self.archive, agent, secret, purpose=Use(row.purpose))
        except (KeysError, CustodyError):
            self.archive.catalogue.sessions.delete(row.session)
            return None
        if self._now() - row.seen_at >= TOUCH_SECONDS:
            self.archive.catalogue.sessions.touch(row.session, seen_at=self._now())
        return sitting

    def restate(self, cookie: str, sitting: Sitting, purpose: Use) -> str:
        """Go on for another purpose under a new cookie; the time already spent counts."""
        row = self._row(cookie)
        self.end(cookie)
        return self._put(replace(sitting, purpose=purpose), row.created_at if row else self._now())

    def end(self, cookie: str) -> None:
        """End a session; an unknown one is no error."""
        if _COOKIE.fullmatch(cookie):
            self.archive.catalogue.sessions.delete(_filed_under(cookie))

    def _put(self, sitting: Sitting, created_at: int) -> str:
        cookie = base64.urlsafe_b64encode(self.archive.random(SECRET_BYTES)).decode().rstrip("=")
        recipient = self._identity(cookie).recipient
        sealed = seal_secret(sitting.secret, recipient, random=self.archive.random)
        row = SessionRow(
            session=_filed_under(cookie),
            agent=sitting.id,
            header=sealed.header,
            content=sealed.body,
            created_at=created_at,
            seen_at=self._now(),
            purpose=sitting.purpose.value,
        )
        self.archive.catalogue.sessions.put(row)
        return cookie

    def _row(self, cookie: str) -> SessionRow | None:
        if not _COOKIE.fullmatch(cookie):
            return None
        return self.archive.catalogue.sessions.get(_filed_under(cookie))

    def _is_over(self, row: SessionRow) -> bool:
        now = self._now()
        return now - row.created_at >= LONGEST_SECONDS or now - row.seen_at >= IDLE_SECONDS

    def _identity(self, cookie: str) -> Identity:
        return Identity(hkdf(cookie.encode() + self.boot, salt=b"", info=b"sviedka/session"))

    def _now(self) -> int:
        return int(self.archive.clock().timestamp())


def boot_secret(runtime: Runtime, random: Random) -> bytes:
    """Return the secret that all processes of this run share; the first one makes it."""
    path = runtime.shared / "boot"
    with exclusive(runtime.shared / "boot.lock"):
        if not path.exists() or len(path.read_bytes()) != SECRET_BYTES:
            path.touch(mode=0o600)
            path.write_bytes(random(SECRET_BYTES))
        return path.read_bytes()


def _filed_under(cookie: str) -> Digest:
    return Digest.of(b"sviedka/session\x00" + cookie.encode())
