"""Strict text codecs: every value has exactly one spelling, and any other is refused (I02)."""

import base64
import binascii
import re

from archive.errors import IntakeError

_DECIMAL = re.compile(r"\A(0|[1-9][0-9]{0,18})\Z", re.ASCII)


def b64(data: bytes) -> str:
    """Encode as padded standard base64."""
    return base64.b64encode(data).decode()


def unb64(text: str) -> bytes:
    """Decode padded standard base64; refuse any non-canonical spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise IntakeError("I02", "not canonical base64") from None
    if b64(data) != text:
        raise IntakeError("I02", "not canonical base64")
    return data


def unhex(text: str) -> bytes:
    """Decode lower-case hexadecimal."""
    try:
        data = bytes.fromhex(text)
    except ValueError:
        raise IntakeError("I02", "not lower-case hexadecimal") from None
    if data.hex() != text:
        raise IntakeError("I02", "not lower-case hexadecimal")
    return data


def undecimal(text: str) -> int:
    """Decode a non-negative decimal without leading zeros, below 10**19."""
    if not _DECIMAL.match(text):
        raise IntakeError("I02", "not a canonical decimal number")
    return int(text)
