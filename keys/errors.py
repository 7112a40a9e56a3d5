"""What can go wrong with keys and sealed things, told apart by class, code and exit status.

K10 wrong passphrase, K11 armour, K12 header, K13 no stanza for these identities, K14 header MAC,
K15 payload, K16 file-key commitment, K17 recipients that may not stand together, K18 malformed key,
K19 scrypt work factor, K20 signature, K21 key file, K22 log key, K23 passphrase too short,
K24 a secret was about to be copied, K25 word of a share, K26 shares do not combine, K27 k of n,
K28 sealing after its end, K29 passphrase too long, K30 passphrase is not text, K31 what an agent's key file
cannot hold, K32 no list of words in this language, K33 code of a second factor. Of timestamps: K34 what is to
be pinned, K35 not one, K36 refused, K37 not under what is pinned, K38 over something else, K39 answer to
another request, K40 clocks. Of cosigners: K41 key, K42 it is sealed, K43 wrong passphrase for it, K44 name.
"""

from archive.errors import KeysError


class ArmourError(KeysError):
    """The ASCII armour is malformed (K11)."""

    exit_status = 4


class HeaderError(KeysError):
    """The header of an age file, or a stanza meant for us, is malformed (K12, K19)."""

    exit_status = 4


class NoMatch(KeysError):
    """The header is well-formed, but nothing in it opens with the given identities (K13)."""


class MacError(KeysError):
    """The file key is right and the header was altered (K14)."""

    exit_status = 4


class PayloadError(KeysError):
    """The body is damaged, truncated or continued (K15)."""

    exit_status = 4


class CommitmentError(KeysError):
    """The header opens, but to another file key than the one that was logged (K16)."""

    exit_status = 4


class SignatureError(KeysError):
    """A signature does not verify (K20)."""

    exit_status = 1


class DamagedKey(KeysError):
    """A key file or log key is not what it should be, whatever the passphrase (K21, K22)."""

    exit_status = 4


class PinsError(KeysError):
    """The certificates to be pinned for an authority are malformed or not all there (K34)."""

    exit_status = 2


class TimestampError(KeysError):
    """A timestamp cannot be read or does not hold (K35 to K40)."""

    exit_status = 1
