"""Writing events: an agent, what it signs with, and what it saw of the log."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from archive.event_shapes import newest_version
from archive.events import SALT_BYTES, CustodyEvent, Seen, Signer, format_moment, sign_event
from archive.ids import Id, Random, new_id
from archive.kinds import Kind

Clock = Callable[[], datetime]
Sign = Callable[[bytes], bytes]


def system_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Signed:
    """A finished log entry, and its event's id."""

    event: Id
    entry: bytes


@dataclass(frozen=True, slots=True)
class Author:
    """One agent who writes events into the log of `origin`. It holds a signing function, never a key.

    `key` is the number of the agent's key that the function signs with.
    """

    agent: Id
    sign: Sign
    origin: str
    seen: Seen
    clock: Clock = system_clock
    random: Random = os.urandom
    key: int = 1

    def now(self) -> str:
        """Return the present moment as events write it."""
        return format_moment(self.clock())

    def write(
        self,
        kind: Kind,
        data: dict[str, Any],
        *,
        also: Sequence[Signer] = (),
        v: int | None = None,
    ) -> Signed:
        """Return a signed entry of `kind`; `also` are further signers.

        It is of the newest version of its kind unless `v` says otherwise.
        """
        event = CustodyEvent(
            origin=self.origin,
            id=new_id(self.random),
            salt=self.random(SALT_BYTES),
            kind=kind,
            agent=self.agent,
            at=self.now(),
            seen=self.seen,
            data=data,
            v=newest_version(kind) if v is None else v,
        )
        return Signed(event.id, sign_event(event, [Signer(self.agent, self.key, self.sign), *also]))
