"""What came of verifying a log alone, for people and for machines."""

from dataclasses import asdict, dataclass
from typing import Any

from archive.coverage import Coverage
from archive.digests import Digest
from archive.findings import Fault
from archive.verifying import fingerprint, harmless
from archive.vkeys import ED25519, parse_vkey

_DAMAGED = 4
_FAILED = 1


@dataclass(frozen=True, slots=True)
class Contents:
    """What a log tells of: when its first and its last entry say they were made, and how many of what."""

    first: str
    last: str
    agents: int
    items: int
    destroyed: int
    readings: int


@dataclass(frozen=True, slots=True)
class LogReport:
    """What came of verifying a log: verified, failed, or nothing, if no entry was there to compare.

    `trusted` is False when only the log itself named its keys. `since` is the size of the earlier checkpoint
    that was given, None if none was or it does not hold.
    """

    outcome: str
    origin: str
    size: int
    root: str
    fingerprint: Digest | None
    entries: int
    signatures: int
    tiles: int
    receipts: int
    since: int | None
    contents: Contents | None
    trusted: bool
    log_keys: tuple[str, ...]
    post_quantum: bool
    coverage: Coverage | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    faults_found: int

    @property
    def exit_status(self) -> int:
        """0 verified, 4 where files are damaged or missing and nothing else is wrong, 1 otherwise."""
        if self.outcome == "verified":
            return 0
        kept_all = self.faults_found <= len(self.faults)
        damage = kept_all and all(one.code.startswith("F") for one in self.faults)
        return _DAMAGED if self.faults and damage else _FAILED

    def as_data(self) -> dict[str, Any]:
        """Write the report as JSON values."""
        keys = [{"key": key, "fingerprint": fingerprint(key)} for key in self.log_keys]
        told = {"what": "log", "verified": self.outcome == "verified", **asdict(self), "log_keys": keys}
        del told["coverage"]
        return told | (self.coverage.as_data() if self.coverage else {})

    def lines(self) -> list[str]:
        """Say what came of it, for people."""
        words = {
            "verified": f"verified: the log is whole; its {self.size} entries keep the rules of custody",
            "failed": f"NOT VERIFIED: faults found: {self.faults_found}",
            "nothing": "NOTHING WAS VERIFIED",
        }
        lines = [
            words[self.outcome],
            f"   log {harmless(self.origin)}, {self.size} entries, root {self.root}",
            f"   checkpoint {self.fingerprint}",
            *(f"   {line}" for line in (self.coverage.lines() if self.coverage else ())),
            f"   compared: entries {self.entries}, signatures {self.signatures}, tiles {self.tiles}",
            *self._contents(),
            *self._kept(),
            "NOT compared: what the archive holds. Only its log was here: no file, no header, no catalogue.",
        ]
        if not self.post_quantum:
            lines.append("of the log's two kinds of signature, Ed25519 was checked and ML-DSA-44 was not")
        lines += self._whose_word()
        lines += [_line("fault", one) for one in self.faults]
        return lines + [_line("warning", one) for one in self.warnings]

    def _contents(self) -> list[str]:
        told = self.contents
        if told is None:
            return []
        return [
            f"   the entries say they were made from {told.first} to {told.last}, and tell of",
            f"   agents {told.agents}, items taken in {told.items}, destroyed {told.destroyed}, "
            f"readings {told.readings}",
        ]

    def _kept(self) -> list[str]:
        lines = []
        if self.since is not None and self.outcome == "verified":
            lines.append(
                f"it continues the earlier checkpoint of {self.since} entries: nothing in them was changed"
            )
        elif self.since is None:
            lines.append(
                "no earlier checkpoint was compared: that nothing was cut off or rewritten shows only beside "
                "one that was kept (--since), or receipts (--with)"
            )
        if self.receipts and self.outcome == "verified":
            lines.append(f"it holds what the receipts say, where they say it: {self.receipts}")
        return lines

    def _whose_word(self) -> list[str]:
        if self.trusted:
            return ["the log's keys are those of your trust file or policy"]
        return [
            "BUT: the log's keys are its own first entry's claim. Anyone can write a log under his own keys.",
            "Compare this fingerprint with one that you had from the archive another way, or give --trust:",
            *(f"   log key {fingerprint(key)}" for key in self.log_keys if parse_vkey(key).type == ED25519),
        ]


def _line(word: str, one: Fault) -> str:
    expected = f"; expected {one.expected}" if one.expected is not None else ""
    found = f"; found {one.found}" if one.found is not None else ""
    return harmless(f"{word}: {one.object}: {one.message}{expected}{found} [{one.code}]")
