"""A second factor: time-based codes (RFC 6238: SHA-1, six digits, 30 seconds), and codes that work once.

Which code was accepted last is for the caller to remember: a code is good for one sign-in only.
"""

import base64
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from archive.errors import KeysError
from archive.ids import Random
from keys.secrecy import Secret

STEP_SECONDS = 30
CODES = 8
_SECRET_BYTES = 20
_CODE_BYTES = 5
_DIGITS = 6


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Factor(Secret):
    """What a telephone or a token holds, and the recovery codes that were not used yet."""

    secret: bytes
    codes: tuple[str, ...]

    @classmethod
    def generate(cls, random: Random = os.urandom) -> "Factor":
        """Make a new one, with eight recovery codes of 40 bits."""
        codes = (_in_letters(random(_CODE_BYTES)).lower() for _ in range(CODES))
        return cls(random(_SECRET_BYTES), tuple(codes))

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Factor":
        """Read what `as_data` wrote."""
        return cls(base64.b32decode(data["secret"]), tuple(data["codes"]))

    def as_data(self) -> dict[str, Any]:
        """Write it, to be sealed."""
        return {"secret": base64.b32encode(self.secret).decode(), "codes": list(self.codes)}

    @property
    def letters(self) -> str:
        """The secret as people type it into an application."""
        return _in_letters(self.secret, " ")

    @property
    def uri(self) -> str:
        """The secret as applications scan it. Its name says nothing: a telephone may be searched."""
        return _totp(self.secret).get_provisioning_uri("key", None)

    @property
    def memory(self) -> str:
        """The name under which to remember the last step: it tells neither whose it is nor the secret."""
        return "step-" + hmac.digest(self.secret, b"sviedka/last-step", "sha256").hex()[:32]

    def step_of(self, typed: str, now: int, *, after: int) -> int | None:
        """Return the step whose code was typed: the present one or a neighbour, and later than `after`."""
        code = "".join(typed.split()).encode("utf-8", "replace")
        present, found = now // STEP_SECONDS, None
        for step in (present - 1, present, present + 1):
            # All are compared, so that the time this takes tells nothing.
            expected = _totp(self.secret).generate(max(step, 0) * STEP_SECONDS)
            if hmac.compare_digest(expected, code) and step > after:
                found = step
        return found

    def without(self, typed: str) -> "Factor | None":
        """Return the same without the recovery code that was typed; None when it is none of them."""
        code = _bare(typed)
        left = tuple(one for one in self.codes if not hmac.compare_digest(_bare(one), code))
        return replace(self, codes=left) if len(left) < len(self.codes) else None

    def confirm(self, typed: str, now: int) -> int:
        """Return the step of the first code, which shows that the secret arrived (K33)."""
        step = self.step_of(typed, now, after=-1)
        if step is None:
            raise KeysError("K33", "this is not the code of this moment", expected=f"{_DIGITS} digits")
        return step


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, _DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - what every application understands


def _in_letters(secret: bytes, between: str = "-") -> str:
    letters = base64.b32encode(secret).decode()
    return between.join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _bare(typed: str) -> bytes:
    return "".join(typed.split()).replace("-", "").lower().encode("utf-8", "replace")
