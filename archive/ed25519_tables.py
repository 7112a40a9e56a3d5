"""Ed25519 verification as in `archive.ed25519`, about three times as fast for keys that sign often.

The equation and the refusals are the same; only the two products are summed from tables of multiples, made
once for the base point and once for each of the last keys seen. A log has few keys and many signatures.
"""

import hashlib

from archive.ed25519 import BASE, IDENTITY, ORDER, Point, add, decode_key, encode, negated, split
from archive.errors import CustodyError

#: A table takes about 300 kB.
MOST_KEYS = 64
_DIGITS = 64
_RADIX = 16

# Row i holds the multiples 0 to 15 of 16**i times a point.
Table = tuple[tuple[Point, ...], ...]


class Tables:
    """Verifies signatures. What it remembers are tables of the keys seen last, no signatures."""

    __slots__ = ("_base", "_keys")

    def __init__(self) -> None:
        self._base = table(BASE)
        self._keys: dict[bytes, Table] = {}

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Check a signature; what is refused, and with which code, is what `ed25519.verify` refuses."""
        r, s = split(signature)
        key = self._table_of(public)
        k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % ORDER
        # R = S*B - k*A; the table is of -A.
        if encode(add(product(self._base, s), product(key, k))) != r:
            raise CustodyError("C19", "Ed25519 signature does not verify")

    def _table_of(self, public: bytes) -> Table:
        found = self._keys.pop(public, None) or table(negated(decode_key(public)))
        self._keys[public] = found
        if len(self._keys) > MOST_KEYS:
            del self._keys[next(iter(self._keys))]
        return found


def table(point: Point) -> Table:
    """Return the multiples of a point that `product` sums up."""
    rows = []
    for _ in range(_DIGITS):
        row = [IDENTITY]
        for _ in range(_RADIX - 1):
            row.append(add(row[-1], point))
        rows.append(tuple(row))
        point = add(row[-1], point)
    return tuple(rows)


def product(multiples: Table, scalar: int) -> Point:
    """Return `scalar`, below 2**256, times the point that a table is of."""
    total = IDENTITY
    for row in multiples:
        digit = scalar % _RADIX
        if digit:
            total = add(total, row[digit])
        scalar //= _RADIX
    return total
