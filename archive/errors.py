"""The one error tree. Codes are stable; the doors turn them into words and exit statuses.

Families: A access, C custody, F fixity, I intake, K keys, S search. A message says what was expected and
what was found, never what a testimony says, a person's name or key material.
"""

from typing import ClassVar


class SviedkaError(Exception):
    """Something the archive refuses or cannot do.

    `code` is a family letter and two digits, one per cause. `exit_status` is the command line's:
    1 verification failed, 2 usage, 3 refused or locked, 4 damaged or missing data.
    """

    family: ClassVar[str] = ""
    exit_status: ClassVar[int] = 2

    def __init__(self, code: str, message: str, *, expected: object = None, found: object = None) -> None:
        if code[:1] != self.family or not code[1:].isdigit():
            raise ValueError(f"{type(self).__name__} takes codes {self.family}NN, not {code}")
        evidence = "".join(
            f"; {word} {value}"
            for word, value in (("expected", expected), ("found", found))
            if value is not None
        )
        super().__init__(message + evidence)
        self.code = code
        self.expected = expected
        self.found = found


class AccessError(SviedkaError):
    """The policy refuses, or the archive is locked."""

    family = "A"
    exit_status = 3


class CustodyError(SviedkaError):
    """A proof, signature, event or rule of custody does not hold."""

    family = "C"
    exit_status = 1


class FixityError(SviedkaError):
    """Stored bytes are damaged or missing."""

    family = "F"
    exit_status = 4


class IntakeError(SviedkaError):
    """What was handed in, or asked for, is malformed."""

    family = "I"
    exit_status = 2


class KeysError(SviedkaError):
    """A key, passphrase or sealed thing does not open, or is not what it should be."""

    family = "K"
    exit_status = 3


class SearchError(SviedkaError):
    """A query cannot be understood or would cost too much."""

    family = "S"
    exit_status = 2
