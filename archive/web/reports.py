"""The report of the last audit that was run from a page, for all processes of the server, as long as it runs.

It lies in the runtime directory: what an audit proves is its moment's, and in the log is how it ended.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from storage.durable import replace

_FILE: Final = "audit-report"


@dataclass(frozen=True, slots=True)
class LastReport:
    """The report in the folder `shared`: an audit's JSON values, when it ended and who ran it."""

    shared: Path

    def save(self, report: dict[str, Any], *, at: str, handle: str) -> None:
        """Keep a report in the place of the one before."""
        replace(self.shared / _FILE, json.dumps({"at": at, "handle": handle, **report}).encode())

    def load(self) -> dict[str, Any] | None:
        """Return the report, or None where none was made since the server was started."""
        try:
            found: dict[str, Any] = json.loads((self.shared / _FILE).read_bytes())
        except FileNotFoundError:
            return None
        return found
