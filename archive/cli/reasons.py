"""Reasons as they are given on the command line."""

from archive.errors import IntakeError


def reason_in(text: str) -> str:
    """Return a reason, which says something (I75)."""
    if not text.strip():
        raise IntakeError("I75", "--reason says nothing", expected="a reason")
    return text.strip()
