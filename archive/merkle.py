"""The Merkle tree of the custody log: RFC 6962 2.1 (the same hashes as RFC 9162 2.1), over SHA-256.

It checks and makes proofs and knows no storage: `Read` hands in hashes of complete subtrees. The subtree at
(level, index) covers the leaves from index * 2**level up to, not including, (index + 1) * 2**level.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from archive.errors import CustodyError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Read = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """Hash one log entry into a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbouring subtrees into their parent."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that `leaf`, a leaf hash, stands at `index` in the tree of `size` leaves under `root`.

    `proof` runs from the leaf's sibling upwards. The steps are those of RFC 9162 2.1.3.2. Raises C10 (no such
    leaf), C11 (wrong number of hashes), C12 (something is not a hash), C13 (another root).
    """
    _check_hashes(leaf, *proof, root)
    # Step 1: the index lies within the tree.
    if not 0 <= index < size:
        raise CustodyError("C10", "no such leaf in the tree", expected=f"index below {size}", found=index)
    # Steps 2 and 3: fn is our node's position on its level, sn the last position there, r our node's hash.
    fn, sn, r = index, size - 1, leaf
    # Step 4: join each hash of the proof on its side, one level at a time.
    for p in proof:
        if sn == 0:
            raise CustodyError("C11", "inclusion proof is too long", found=f"{len(proof)} hashes")
        on_the_right = bool(fn & 1) or fn == sn
        r = node_hash(p, r) if on_the_right else node_hash(r, p)
        fn, sn = _parent(fn, sn, on_the_right)
    # Step 5: the proof ends at the top, and the top is the root.
    if sn != 0:
        raise CustodyError("C11", "inclusion proof is too short", found=f"{len(proof)} hashes")
    if r != root:
        raise CustodyError("C13", "inclusion proof leads to another root", expected=root.hex(), found=r.hex())


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that the tree of `new_size` leaves begins with all the leaves of the tree of `old_size`.

    The steps are those of RFC 9162 2.1.4.2; equal sizes need equal roots and no proof. Nothing follows from
    an empty tree, so size 0 is refused. Raises C11 (wrong number of hashes), C12 (something is not a hash),
    C14 (sizes out of order), C15 (another old root), C16 (another new root).
    """
    _check_hashes(old_root, *proof, new_root)
    if not 0 < old_size <= new_size:
        raise CustodyError("C14", "no growth between sizes", expected="0 < old <= new", found=old_size)
    if old_size == new_size:
        _check_equal_sizes(proof, old_root, new_root)
        return
    # Steps 1 and 2: a proof is never empty; the root of a complete old tree is its own first hash.
    path = list(proof)
    if not path:
        raise CustodyError("C11", "consistency proof is too short", found="0 hashes")
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    # Steps 3 and 4: start at the largest complete subtree that ends where the old tree ends.
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    # Step 5: from there, fr grows into the old root and sr into the new one.
    fr = sr = path[0]
    # Step 6: hashes on the left belong to both trees, hashes on the right to the new one only.
    for c in path[1:]:
        if sn == 0:
            raise CustodyError("C11", "consistency proof is too long", found=f"{len(proof)} hashes")
        on_the_right = bool(fn & 1) or fn == sn
        if on_the_right:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
        else:
            sr = node_hash(sr, c)
        fn, sn = _parent(fn, sn, on_the_right)
    # Step 7: the proof ends at the top, and both roots come out.
    if sn != 0:
        raise CustodyError("C11", "consistency proof is too short", found=f"{len(proof)} hashes")
    if fr != old_root:
        raise CustodyError("C15", "another old root", expected=old_root.hex(), found=fr.hex())
    if sr != new_root:
        raise CustodyError("C16", "another new root", expected=new_root.hex(), found=sr.hex())


def tree_root(size: int, read: Read) -> bytes:
    """Return the root of the tree of the first `size` leaves."""
    return _range_root(0, size, read) if size else EMPTY_ROOT


def prove_inclusion(index: int, size: int, read: Read) -> list[bytes]:
    """Return the inclusion proof of one leaf: PATH(index, D[size]) of RFC 6962 2.1.1."""
    if not 0 <= index < size:
        raise CustodyError("C10", "no such leaf in the tree", expected=f"index below {size}", found=index)
    begin, end = 0, size
    path = []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_range_root(middle, end, read))
            end = middle
        else:
            path.append(_range_root(begin, middle, read))
            begin = middle
    return path[::-1]


def prove_consistency(old: int, new: int, read: Read) -> list[bytes]:
    """Return the consistency proof between two sizes: PROOF(old, D[new]) of RFC 6962 2.1.2."""
    if not 0 < old <= new:
        raise CustodyError("C14", "no growth between sizes", expected="0 < old <= new", found=old)
    begin, end = 0, new
    path = []
    while end != old:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_range_root(middle, end, read))
            end = middle
        else:
            path.append(_range_root(begin, middle, read))
            begin = middle
    if begin > 0:  # Otherwise the walk stopped at the old root itself, which the verifier has.
        path.append(_range_root(begin, end, read))
    return path[::-1]


def new_hashes(size: int, leaf_hashes: Iterable[bytes], read: Read) -> list[tuple[int, int, bytes]]:
    """Return (level, index, hash) of every complete subtree that appending to a tree of `size` creates.

    `read` serves the tree as it was. The leaves themselves are the subtrees of level 0. Children come before
    their parents.
    """
    made: dict[tuple[int, int], bytes] = {}
    for index, hashed in enumerate(leaf_hashes, start=size):
        level = 0
        made[level, index] = hashed
        while index & 1:
            left = made.get((level, index - 1)) or read(level, index - 1)
            hashed = node_hash(left, hashed)
            level, index = level + 1, index >> 1
            made[level, index] = hashed
    return [(level, index, hashed) for (level, index), hashed in made.items()]


class Frontier:
    """A growing tree of which only the roots of its complete subtrees are kept: O(log size) memory."""

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        position = self.size
        while position & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            position >>= 1
        self._peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of all the leaves so far."""
        return _fold(self._peaks) if self._peaks else EMPTY_ROOT


def _check_hashes(*hashes: bytes) -> None:
    for hashed in hashes:
        if len(hashed) != HASH_BYTES:
            raise CustodyError(
                "C12", "not a hash", expected=f"{HASH_BYTES} bytes", found=f"{len(hashed)} bytes"
            )


def _check_equal_sizes(proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    if proof:
        raise CustodyError(
            "C11", "consistency proof between equal sizes", expected="0 hashes", found=len(proof)
        )
    if old_root != new_root:
        raise CustodyError("C16", "two roots for one size", expected=old_root.hex(), found=new_root.hex())


def _parent(fn: int, sn: int, on_the_right: bool) -> tuple[int, int]:
    """Move to the parent's level, over levels on which a last node without a sibling is its own parent."""
    while on_the_right and fn and not fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return fn >> 1, sn >> 1


def _split(count: int) -> int:
    """Return the largest power of two below `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_root(begin: int, end: int, read: Read) -> bytes:
    """Return MTH(D[begin:end]) for a range that the recursion of RFC 6962 2.1 reaches."""
    peaks = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        peaks.append(read(level, begin >> level))
        begin += 1 << level
    return _fold(peaks)


def _fold(peaks: Sequence[bytes]) -> bytes:
    """Join complete subtrees, given from left to right, from the smallest upwards."""
    root = peaks[-1]
    for left in reversed(peaks[:-1]):
        root = node_hash(left, root)
    return root
