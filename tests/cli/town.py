"""A folder with an archive in it, and its people at the command line."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from archive.cli.program import program

FOR_COURT = {
    "language": "be",
    "rights_basis": "consent",
    "consent": {"given_by": "self", "uses": ["store", "court"], "given_on": "2026-11-20"},
}
ENVIRONMENT = {"SVIEDKA_KEY_COST": "10", "SVIEDKA_RUNTIME": "/dev/shm", "SVIEDKA_ALLOW_SWAP": "1"}
PEOPLE = {"vera": "documenter", "lena": "lawyer", "olga": "auditor"}


@dataclass
class Town:
    """A folder with an archive in it and a passphrase file for each of its people."""

    place: Path
    items: dict[str, str] = field(default_factory=dict)

    @property
    def archive(self) -> Path:
        return self.place / "archive"

    def passphrase_file(self, handle: str) -> Path:
        return self.place / f"{handle}.passphrase"

    def run(self, *words: object, who: str | None = None, env: dict[str, str] | None = None) -> Result:
        variables = {**ENVIRONMENT, "SVIEDKA_ARCHIVE": str(self.archive), **(env or {})}
        if who is not None:
            variables |= {"SVIEDKA_AGENT": who, "SVIEDKA_PASSPHRASE_FILE": str(self.passphrase_file(who))}
        return CliRunner().invoke(program, [str(word) for word in words], env=variables)

    def json(self, *words: object, who: str | None = None, exit_code: int = 0) -> Any:
        result = self.run(*words, "--json", who=who)
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)

    def copied_to(self, place: Path) -> "Town":
        shutil.copytree(self.place, place)
        return Town(place, dict(self.items))

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def remember(self, handle: str) -> Path:
        """Write the file of a passphrase that somebody made up."""
        return self.write(f"{handle}.passphrase", f"the passphrase of {handle}\n")
