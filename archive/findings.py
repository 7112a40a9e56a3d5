"""What an audit finds: faults, each with a code and the object it is about, and what it compared."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from archive.digests import Digest
from archive.errors import SviedkaError

MOST_KEPT = 1000

#: Called with what is being compared, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be. `object` names it: a path, an entry, a row, a body."""

    code: str
    object: str
    message: str
    expected: str | None = None
    found: str | None = None


@dataclass(slots=True)
class Counts:
    """How much was compared. `bodies_held` is how many there are, sampled or not.

    `issued` are entries signed by keys that a custodian made for somebody, and may have kept.
    """

    entries: int = 0
    signatures: int = 0
    issued: int = 0
    tiles: int = 0
    bodies: int = 0
    bodies_held: int = 0
    body_bytes: int = 0
    headers: int = 0
    sealed: int = 0
    rows: int = 0
    receipts: int = 0
    timestamps: int = 0
    cosignatures: int = 0


@dataclass(frozen=True, slots=True)
class Covered:
    """Up to which size a cosigner has signed, and when it says that was (`…Z` text); 0 and None: never."""

    name: str
    size: int
    at: str | None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far cosignatures reach: `size` entries are covered, `uncovered` by nobody.

    `by_policy` says that the auditor's policy decided; else it was the archive's own list of cosigners.
    """

    size: int
    uncovered: int
    by_policy: bool
    cosigners: tuple[Covered, ...]


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The result of an audit. `outcome` is verified, failed, or nothing: no item was there to compare.

    `size` entries are covered by the checkpoint whose SHA-256 is `fingerprint`. At most `MOST_KEPT` faults
    and as many warnings are kept; `faults_found` counts them all. Timestamps cover the first `timestamped`.
    `sampled` says which bodies were to be read, where not all were.
    """

    outcome: str
    origin: str
    size: int
    root: str
    fingerprint: Digest | None
    counts: Counts
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    faults_found: int
    timestamped: int = 0
    sampled: str | None = None
    cosigned: Reach | None = None

    @property
    def read_percent(self) -> float | None:
        """How many of the bodies were read, in per cent; None where there are none."""
        counts = self.counts
        return round(100 * counts.bodies / counts.bodies_held, 2) if counts.bodies_held else None

    def as_data(self) -> dict[str, Any]:
        """Write the report as JSON values."""
        return {**asdict(self), "read_percent": self.read_percent}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "AuditReport":
        """Read a report that this release wrote as JSON values; whatever else stands beside is left out."""
        told = {one.name: value[one.name] for one in fields(cls)}
        told["fingerprint"] = Digest(value["fingerprint"]) if value["fingerprint"] else None
        told["counts"] = Counts(**value["counts"])
        for name in ("faults", "warnings"):
            told[name] = tuple(Fault(**one) for one in value[name])
        if (reach := value["cosigned"]) is not None:
            told["cosigned"] = Reach(
                **{**reach, "cosigners": tuple(Covered(**c) for c in reach["cosigners"])}
            )
        return cls(**told)


@dataclass(slots=True)
class Findings:
    """Collects faults and warnings while an audit goes on."""

    progress: Progress | None = None
    counts: Counts = field(default_factory=Counts)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    faults_found: int = 0

    def fault(
        self, code: str, object: str, message: str, *, expected: object = None, found: object = None
    ) -> None:
        """Note a fault."""
        self.note(Fault(code, object, message, _text(expected), _text(found)))

    def note(self, fault: Fault) -> None:
        """Note a fault that was found already."""
        self.faults_found += 1
        if len(self.faults) < MOST_KEPT:
            self.faults.append(fault)

    def error(self, object: str, error: SviedkaError) -> None:
        """Note as a fault what a check raised."""
        message = str(error).partition("; expected ")[0].partition("; found ")[0]
        self.fault(error.code, object, message, expected=error.expected, found=error.found)

    def warn(self, code: str, object: str, message: str) -> None:
        """Note what is no fault and yet worth knowing."""
        if len(self.warnings) < MOST_KEPT:
            self.warnings.append(Fault(code, object, message))

    def tell(self, what: str, done: int, total: int) -> None:
        """Report progress."""
        if self.progress is not None:
            self.progress(what, done, total)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
