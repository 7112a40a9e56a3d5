"""Timestamps of others over checkpoints (RFC 3161), as the core sees them: what one says, once verified.

How one is verified is `keys.timestamps`; a timestamp over a checkpoint covers every entry below its size.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.events import format_moment


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a verified timestamp says: the subject of who signed it, when that was, and how exact that is."""

    signer: str
    made: datetime
    accuracy: timedelta

    @property
    def existed_by(self) -> str:
        """The moment, in whole seconds, by which what is stamped existed at the latest."""
        latest = self.made + self.accuracy
        return format_moment(latest + timedelta(seconds=1) if latest.microsecond else latest)


#: Verifies a timestamp, the second argument, over the bytes of the first; returns what it says or raises.
Verify = Callable[[bytes, bytes], Stamp]
