"""Recovery identities split among trustees: k of n SLIP-39 mnemonics of the identity's seed.

One group, empty SLIP-39 passphrase, extendable. The trustees' words never appear in an error, save a word
that is in no share because it is in no word list: that one is named, with its place.
"""

from collections.abc import Iterator, Sequence

from shamir_mnemonic import MnemonicError, Share, decode_mnemonics, generate_mnemonics, recover_ems
from shamir_mnemonic.rs1024 import verify_checksum
from shamir_mnemonic.wordlist import WORD_INDEX_MAP

from archive.codec import b64
from archive.errors import KeysError
from archive.ids import Id
from keys.identities import SEED_BYTES, Identity
from keys.signing import SigningKey
from keys.wrapping import hkdf

MOST_SHARES = 16
SHARE_WORDS = 33  # of a secret of 32 bytes
LONGEST_SHARE_WORDS = 64
WORD_CHARS = 16


def split_identity(identity: Identity, threshold: int, count: int) -> list[str]:
    """Return `count` mnemonics, of which any `threshold` give the identity back (K27).

    The library draws its own randomness, from the operating system.
    """
    if not (1 <= threshold <= count <= MOST_SHARES) or (threshold == 1 and count > 1):
        raise KeysError(
            "K27",
            "trustees' threshold",
            expected=f"2 of 2 to {MOST_SHARES} of {MOST_SHARES}, or 1 of 1",
            found=f"{threshold} of {count}",
        )
    shares: list[list[str]] = generate_mnemonics(1, [(threshold, count)], identity.seed)
    return shares[0]


def trustees_key(identity: Identity) -> SigningKey:
    """Return the key with which trustees sign: whoever combines their shares has it, and nobody else."""
    return SigningKey(hkdf(identity.seed, salt=b"", info=b"sviedka/trustees"))


def trustees_of(identity: Identity, agent: Id) -> dict[str, str]:
    """Return what the log says of the trustees who share an identity: under which id, with which key."""
    return {"agent": agent, "signing_key": b64(trustees_key(identity).public)}


def combine(shares: Sequence[str]) -> Identity:
    """Return the identity that was split; more shares than needed are checked too (K25, K26)."""
    secret = combine_secret(shares)
    if len(secret) != SEED_BYTES:
        raise KeysError("K26", "shares are not of an identity", expected=SEED_BYTES, found=len(secret))
    return Identity(secret)


def needed_beside(share: str, number: int) -> int:
    """Return how many shares of its split a share takes, itself counted (K25, K26 where it is mistyped)."""
    needed: int = Share.from_mnemonic(_checked(share, number)).member_threshold
    return needed


def combine_secret(shares: Sequence[str], passphrase: bytes = b"") -> bytes:
    """Return any SLIP-39 secret, groups included. Ours have no passphrase; other wallets' may."""
    if not 1 <= len(shares) <= MOST_SHARES * MOST_SHARES:
        raise KeysError("K26", "number of shares", expected="at least one", found=len(shares))
    checked = [_checked(share, number) for number, share in enumerate(shares, 1)]
    # The same sheet typed twice is one share.
    distinct = list(dict.fromkeys(checked))
    try:
        secrets: set[bytes] = {
            recover_ems(decode_mnemonics(part)).decrypt(passphrase) for part in _parts(distinct)
        }
    except MnemonicError:
        raise _misfit(distinct) from None
    if len(secrets) != 1:
        raise _misfit(distinct)
    return secrets.pop()


def _parts(shares: list[str]) -> list[list[str]]:
    """Cut surplus shares of one group into overlapping sets of the number needed; all must agree."""
    first = Share.from_mnemonic(shares[0])
    needed = first.member_threshold if first.group_count == 1 else len(shares)
    return [shares[at : at + needed] for at in range(max(1, len(shares) - needed + 1))]


def _checked(share: str, number: int) -> str:
    """Return one share in its normal form: known words, and a checksum that fits."""
    words = share.lower().split()
    if len(words) > LONGEST_SHARE_WORDS:
        raise KeysError("K26", f"share {number} is too long", expected=LONGEST_SHARE_WORDS, found=len(words))
    for place, word in enumerate(words, 1):
        if word not in WORD_INDEX_MAP:
            raise KeysError(
                "K25", f"word {place} of share {number} is in no share", found=repr(word[:WORD_CHARS])
            )
    normal = " ".join(words)
    try:
        Share.from_mnemonic(normal)
    except MnemonicError:
        raise _misread([WORD_INDEX_MAP[word] for word in words], number) from None
    return normal


def _misread(indices: list[int], number: int) -> KeysError:
    """Say which word of a share is wrong where one wrong word explains it.

    The place only, never the right word: SLIP-39 forbids to suggest a correction.
    """
    if len(indices) != SHARE_WORDS:
        return KeysError(
            "K26", f"share {number} is incomplete", expected=f"{SHARE_WORDS} words", found=len(indices)
        )
    if place := next(_single_errors(indices), 0):
        return KeysError("K25", f"word {place} of share {number} is probably mistyped")
    return KeysError("K26", f"share {number} is mistyped in more than one word")


def _single_errors(indices: list[int]) -> Iterator[int]:
    """Yield the places at which another word would make the checksum fit."""
    for place in range(len(indices)):
        for other in range(len(WORD_INDEX_MAP)):
            candidate = [*indices[:place], other, *indices[place + 1 :]]
            if other != indices[place] and verify_checksum(candidate, _customization(candidate)):
                yield place + 1


def _customization(indices: list[int]) -> bytes:
    """Return the checksum's context, which a bit in the second word chooses."""
    return b"shamir_extendable" if len(indices) > 1 and indices[1] >> 4 & 1 else b"shamir"


def _misfit(shares: list[str]) -> KeysError:
    """Say why well-formed shares do not combine, in numbers only."""
    parsed = [Share.from_mnemonic(share) for share in shares]
    if len({share.common_parameters() for share in parsed}) > 1:
        return KeysError("K26", "shares are of different splits")
    needed = parsed[0].member_threshold
    return KeysError("K26", "shares do not combine", expected=f"{needed} of one split", found=len(parsed))
