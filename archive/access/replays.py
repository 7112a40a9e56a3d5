"""Requests that came already: so that whoever overhears one cannot send it again while its time lasts.

A table of fixed size in the runtime directory, which all processes share: one place for each signature, which
a later one may take. Only an auditor's own requests get in, so nobody else can push one out.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.locks import exclusive

SLOTS: Final = 1 << 16
_SLOT_BYTES: Final = 16
_FILE: Final = "replays"


@dataclass(frozen=True, slots=True)
class Replays:
    """The table in the folder `shared`."""

    shared: Path

    def is_new(self, signature: bytes) -> bool:
        """Say whether a signature is seen for the first time, and remember it."""
        mark = hashlib.sha256(signature).digest()[:_SLOT_BYTES]
        place = int.from_bytes(mark[:4]) % SLOTS * _SLOT_BYTES
        with exclusive(self.shared / f"{_FILE}.lock"):
            table = os.open(self.shared / _FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                if os.pread(table, _SLOT_BYTES, place) == mark:
                    return False
                os.pwrite(table, mark, place)
            finally:
                os.close(table)
        return True
