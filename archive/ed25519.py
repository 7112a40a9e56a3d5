"""Ed25519 signature verification in plain Python: RFC 8032 5.1.7. It verifies only and never holds a secret.

Where RFC 8032 leaves a choice we take the strict one: the equation is checked without the cofactor and R is
compared byte by byte (as OpenSSL does), and a public key of small order is refused, because under it one
signature fits many messages. No key that an honest generator makes is touched by that.
"""

import hashlib

from archive.errors import CustodyError

PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64

_P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_SQRT_MINUS_1 = pow(2, (_P - 1) // 4, _P)

# A point (x, y) in extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, x*y = T/Z (RFC 8032 5.1.4).
Point = tuple[int, int, int, int]

IDENTITY: Point = (0, 1, 1, 0)
_BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960
BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Check `signature` over `message` under the key `public` (RFC 8032 5.1.7, PureEdDSA without context).

    Raises C18 when the key or the signature is malformed, C19 when the signature is of something else.
    """
    # Step 1: take the signature apart into R and S, refuse S >= L, and decode the public key A.
    r, s = split(signature)
    a = decode_key(public)
    # Step 2: the challenge k = SHA-512(R || A || message).
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % ORDER
    # Step 3: S*B = R + k*A, checked as R = S*B - k*A.
    if encode(_sum_of_products(s, BASE, k, negated(a))) != r:
        raise CustodyError("C19", "Ed25519 signature does not verify")


def split(signature: bytes) -> tuple[bytes, int]:
    """Take a signature apart into R, as it is encoded, and S; refuse (C18) an S of another spelling."""
    if len(signature) != SIGNATURE_BYTES:
        raise CustodyError("C18", "not an Ed25519 signature", expected=SIGNATURE_BYTES, found=len(signature))
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        raise CustodyError("C18", "Ed25519 signature is not canonical", expected="S below the group order")
    return r, s


def decode_key(public: bytes) -> Point:
    """Decode a public key; refuse (C18) what is none, or of small order."""
    point = _decode(public)
    if _has_small_order(point):
        raise CustodyError("C18", "Ed25519 public key has small order")
    return point


def _decode(public: bytes) -> Point:
    """Decode a point (RFC 8032 5.1.3); refuse every spelling but the canonical one."""
    if len(public) != PUBLIC_BYTES:
        raise CustodyError("C18", "not an Ed25519 public key", expected=PUBLIC_BYTES, found=len(public))
    bits = int.from_bytes(public, "little")
    sign, y = bits >> 255, bits & (2**255 - 1)
    if y >= _P:
        raise CustodyError("C18", "Ed25519 public key is not canonical", expected="y below 2**255 - 19")
    # The curve: x**2 = (y**2 - 1) / (d*y**2 + 1).
    u, v = y * y - 1, _D * y * y + 1
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if (v * x * x - u) % _P:
        x = x * _SQRT_MINUS_1 % _P
    if (v * x * x - u) % _P or (x == 0 and sign):
        raise CustodyError("C18", "Ed25519 public key is not a point of the curve")
    if x & 1 != sign:
        x = _P - x
    return (x, y, 1, x * y % _P)


def encode(point: Point) -> bytes:
    """Encode a point (RFC 8032 5.1.2)."""
    x, y, z, _ = point
    inverse = pow(z, -1, _P)
    x, y = x * inverse % _P, y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def add(p: Point, q: Point) -> Point:
    """Add two points (RFC 8032 5.1.4; complete, so it needs no special cases)."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % _P
    b = (p[1] + p[0]) * (q[1] + q[0]) % _P
    c = 2 * p[3] * q[3] * _D % _P
    d = 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _double(p: Point) -> Point:
    """Add a point to itself (RFC 8032 5.1.4)."""
    a, b = p[0] * p[0] % _P, p[1] * p[1] % _P
    h = a + b
    e = h - (p[0] + p[1]) ** 2 % _P
    g = a - b
    f = 2 * p[2] * p[2] + g
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def negated(p: Point) -> Point:
    """Return the point that added to this one gives the identity."""
    return (_P - p[0], p[1], p[2], _P - p[3])


def _sum_of_products(m: int, p: Point, n: int, q: Point) -> Point:
    """Return m*p + n*q, bit by bit of both numbers at once; not constant-time, as nothing here is secret."""
    both = add(p, q)
    total = IDENTITY
    for bit in reversed(range(max(m.bit_length(), n.bit_length()))):
        total = _double(total)
        in_m, in_n = m >> bit & 1, n >> bit & 1
        if in_m or in_n:
            total = add(total, both if in_m and in_n else p if in_m else q)
    return total


def _has_small_order(p: Point) -> bool:
    # Eight times a point lies in the subgroup of prime order, where only the identity has x = 0.
    return _double(_double(_double(p)))[0] == 0
