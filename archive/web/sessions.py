"""Sessions: an agent's opened secret between two requests.

It is kept as an age file under a key made of the browser's cookie and the boot secret, which lives in the
runtime directory only. So several worker processes serve one session, and neither a copy of the database nor
a cookie opens anything once the server has stopped, or the archive was locked.
"""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from archive.access.parts import Archive
from archive.access.signin import Sitting, admit
from archive.digests import Digest
from archive.errors import AccessError, CustodyError, KeysError
from archive.uses import Use
from keys.identities import Identity
from keys.keyfile import open_secret, seal_secret
from keys.wrapping import hkdf
from storage.catalogue.rows import SessionRow

IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 12 * 60 * 60
TOUCH_SECONDS = 60
SECRET_BYTES = 32

_COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of one archive, by cookie. `boot` tells the boot secret of this moment."""

    archive: Archive
    boot: Callable[[], bytes]

    def begin(self, sitting: Sitting) -> str:
        """Keep a sitting and return its cookie; sessions that are over are cleared away meanwhile."""
        now = self._now()
        self.archive.catalogue.sessions.expire(
            created_before=now - LONGEST_SECONDS, seen_before=now - IDLE_SECONDS
        )
        row, cookie = self._sealed(sitting, created_at=now, boot=self.boot())
        self.archive.catalogue.sessions.put(row)
        return cookie

    def resume(self, cookie: str) -> Sitting | None:
        """Return the sitting of a cookie; None when it is over, or was begun under another boot secret."""
        row = self._row(cookie)
        if row is None:
            return None
        agent = self.archive.catalogue.agents.get(row.agent)
        try:
            if agent is None or self._is_over(row):
                raise KeysError("K10", "the session is over")
            secret = open_secret(row.header, row.content, _identity(cookie, self.boot()))
            sitting = admit(self.archive, agent, secret, purpose=Use(row.purpose))
        except (KeysError, CustodyError):
            self.archive.catalogue.sessions.delete(row.session)
            return None
        if self._now() - row.seen_at >= TOUCH_SECONDS:
            self.archive.catalogue.sessions.touch(row.session, seen_at=self._now())
        return sitting

    def restate(self, cookie: str, sitting: Sitting, purpose: Use) -> str:
        """Go on for another purpose under a new cookie; the time already spent counts.

        Raises A85 when the session was ended meanwhile: one that was locked out does not live on in its
        successor. The old one must open under the very boot secret that seals the new one.
        """
        boot, old = self.boot(), self._row(cookie)
        try:
            if old is None:
                raise KeysError("K10", "the session is over")
            open_secret(old.header, old.content, _identity(cookie, boot))
            row, successor = self._sealed(
                replace(sitting, purpose=purpose), created_at=old.created_at, boot=boot
            )
        except KeysError:
            raise AccessError("A85", "the session is over") from None
        if not self.archive.catalogue.sessions.supersede(old.session, row):
            raise AccessError("A85", "the session is over")
        return successor

    def listed(self, sitting: Sitting) -> list[SessionRow]:
        """Return the agent's sessions that are not over, the newest first."""
        rows = self.archive.catalogue.sessions.of_agent(sitting.id)
        return [row for row in reversed(rows) if not self._is_over(row)]

    def end(self, cookie: str) -> None:
        """End a session; an unknown one is no error."""
        if _COOKIE.fullmatch(cookie):
            self.archive.catalogue.sessions.delete(filed_under(cookie))

    def end_one(self, sitting: Sitting, session: str) -> None:
        """End one of the agent's own sessions; one that is over, or not hers, is left as it is."""
        for row in self.archive.catalogue.sessions.of_agent(sitting.id):
            if row.session == session:
                self.archive.catalogue.sessions.delete(row.session)

    def end_others(self, sitting: Sitting, cookie: str) -> int:
        """End all sessions of the agent but the one of this cookie; return how many."""
        return self.archive.catalogue.sessions.delete_others(sitting.id, filed_under(cookie))

    def end_all(self, sitting: Sitting) -> int:
        """End all sessions of the agent; return how many."""
        return self.archive.catalogue.sessions.delete_of_agent(sitting.id)

    def _sealed(self, sitting: Sitting, *, created_at: int, boot: bytes) -> tuple[SessionRow, str]:
        """Seal a sitting under a new cookie; return the row, and the cookie."""
        cookie = base64.urlsafe_b64encode(self.archive.random(SECRET_BYTES)).decode().rstrip("=")
        recipient = _identity(cookie, boot).recipient
        sealed = seal_secret(sitting.secret, recipient, random=self.archive.random)
        row = SessionRow(
            session=filed_under(cookie),
            agent=sitting.id,
            header=sealed.header,
            content=sealed.body,
            created_at=created_at,
            seen_at=self._now(),
            purpose=sitting.purpose.value,
        )
        return row, cookie

    def _row(self, cookie: str) -> SessionRow | None:
        if not _COOKIE.fullmatch(cookie):
            return None
        return self.archive.catalogue.sessions.get(filed_under(cookie))

    def _is_over(self, row: SessionRow) -> bool:
        now = self._now()
        return now - row.created_at >= LONGEST_SECONDS or now - row.seen_at >= IDLE_SECONDS

    def _now(self) -> int:
        return int(self.archive.clock().timestamp())


def filed_under(cookie: str) -> Digest:
    """Return what names a session in the catalogue: a digest, which does not lead back to its cookie."""
    return Digest.of(b"sviedka/session\x00" + cookie.encode())


def _identity(cookie: str, boot: bytes) -> Identity:
    return Identity(hkdf(cookie.encode() + boot, salt=b"", info=b"sviedka/session"))
