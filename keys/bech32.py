"""Bech32 (BIP 173) without its limit of 90 characters, as age uses it for identities and recipients.

Not Bech32m. Errors never repeat the text: it may be a secret key.
"""

from collections.abc import Iterable

from archive.errors import KeysError

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_CHARS = 6


def encode(prefix: str, data: bytes) -> str:
    """Encode in lower case, or in upper case where `prefix` is upper case."""
    lower = prefix.lower()
    values = _regroup(data, 8, 5, pad=True)
    residue = _polymod([*_expanded(lower), *values, *bytes(_CHECKSUM_CHARS)]) ^ 1
    checksum = [residue >> 5 * (5 - i) & 31 for i in range(_CHECKSUM_CHARS)]
    text = lower + "1" + "".join(_ALPHABET[value] for value in [*values, *checksum])
    return text.upper() if prefix.isupper() else text


def decode(prefix: str, text: str) -> bytes:
    """Decode what `encode` gave for the same prefix; refuse any other spelling (K18)."""
    if text not in (text.lower(), text.upper()) or not text.isascii():
        raise KeysError("K18", "key mixes upper and lower case")
    found, separator, rest = text.lower().rpartition("1")
    if not separator or found != prefix.lower():
        raise KeysError("K18", "key is of another kind", expected=f"text that starts with {prefix}1")
    values = [_ALPHABET.find(char) for char in rest]
    if -1 in values or len(values) < _CHECKSUM_CHARS:
        raise KeysError("K18", "key holds characters that none may hold, or is cut short")
    if _polymod([*_expanded(found), *values]) != 1:
        raise KeysError("K18", "key is mistyped: its checksum does not fit")
    return bytes(_regroup(values[:-_CHECKSUM_CHARS], 5, 8, pad=False))


def _expanded(prefix: str) -> list[int]:
    codes = prefix.encode()
    return [code >> 5 for code in codes] + [0] + [code & 31 for code in codes]


def _polymod(values: Iterable[int]) -> int:
    # What each of the 32 values that leave at the top puts back: a post-quantum key has 2,000 characters.
    returned = [0]
    for generator in _GENERATOR:
        returned += [other ^ generator for other in returned]
    residue = 1
    for value in values:
        residue = (residue & 0x1FFFFFF) << 5 ^ value ^ returned[residue >> 25]
    return residue


def _regroup(values: Iterable[int], old: int, new: int, *, pad: bool) -> list[int]:
    """Cut a sequence of `old`-bit numbers into `new`-bit ones; the rest must be short and zero (BIP 173)."""
    accumulator, bits, result = 0, 0, []
    for value in values:
        accumulator, bits = accumulator << old | value, bits + old
        while bits >= new:
            bits -= new
            result.append(accumulator >> bits)
            accumulator &= (1 << bits) - 1
    if pad and bits:
        result.append(accumulator << (new - bits))
    elif not pad and (bits >= old or accumulator):
        raise KeysError("K18", "key has stray bits at its end")
    return result
