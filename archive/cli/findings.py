"""What a checkup finds, and how bad that is."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is, worst first."""

    BROKEN = "broken"
    SERIOUS = "serious"
    MISSING = "missing"
    WELL = "well"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `prevents` says what the lack of it lets happen."""

    severity: Severity
    subject: str
    found: str
    prevents: str = ""
