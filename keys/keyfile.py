"""An agent's key file: an age file to a passphrase, and inside it everything the agent signs in with.

Opening it is signing in; there is no other password hash. The work factor is 2**17 (128 MiB) and any other
is refused, so a planted file can make sign-in neither cheap to guess nor dear to serve. The archive's id,
the genesis digest and the last verified checkpoint are pinned inside, for the caller to compare. Version 2
also holds keys that are not in force: earlier ones, and while keys are replaced, those that are about to be.
"""

import os
from dataclasses import dataclass, replace
from typing import Any

from archive.canonical import format_json, parse_json
from archive.codec import b64, unb64
from archive.digests import Digest
from archive.errors import IntakeError, KeysError
from archive.ids import Id, Random
from keys.errors import DamagedKey, NoMatch
from keys.identities import Identity, PassphraseIdentity
from keys.passphrases import normalise
from keys.recipients import PassphraseRecipient, Recipient
from keys.sealing import Sealed, open_, seal, split
from keys.secrecy import Secret
from keys.signing import SigningKey

LOG_N = 17
LONGEST_BYTES = 64 * 1024
ROOT_BYTES = 32
#: How many pairs of keys a file holds beside those in force, so that it never grows too long to be opened.
MOST_OTHERS = 100

_TEXTS = frozenset({"archive", "agent", "identity", "signing", "genesis"})
_FIELDS = {
    1: _TEXTS | {"kind", "v", "checkpoint", "issued"},
    2: _TEXTS | {"kind", "v", "checkpoint", "issued", "others"},
}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class KeyPair(Secret):
    """What an agent opens with and what she signs with."""

    identity: Identity
    signing: SigningKey


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class AgentSecret(Secret):
    """What an agent's key file holds (K31). `issued` until the agent replaced keys that a custodian made.

    `size` and `root` are those of the last checkpoint the agent verified. `others` are keys of hers that are
    not in force, newest first.
    """

    identity: Identity
    signing: SigningKey
    agent: Id
    archive: Id
    genesis: Digest
    size: int
    root: bytes
    issued: bool
    others: tuple[KeyPair, ...] = ()

    def __post_init__(self) -> None:
        # Caught here, since a key file that does not open again would lock its owner out.
        if self.size < 0 or len(self.root) != ROOT_BYTES:
            raise KeysError("K31", "not a checkpoint's size and root")
        if len(self.others) > MOST_OTHERS:
            raise KeysError("K31", "too many keys for a key file", expected=f"at most {MOST_OTHERS}")

    @property
    def pairs(self) -> tuple[KeyPair, ...]:
        """Every pair of keys in it, those in force first."""
        return (KeyPair(self.identity, self.signing), *self.others)

    @property
    def identities(self) -> list[Identity]:
        """Everything she opens with, what is in force first."""
        return [pair.identity for pair in self.pairs]

    def using(self, pair: KeyPair) -> "AgentSecret":
        """Return the same with `pair` in force, and what was in force first among the others."""
        others = tuple(one for one in self.pairs if one.signing.public != pair.signing.public)
        return replace(self, identity=pair.identity, signing=pair.signing, others=others[:MOST_OTHERS])


def format_key_file(
    secret: AgentSecret, passphrase: str, *, log_n: int = LOG_N, random: Random = os.urandom
) -> bytes:
    """Return the key file, under the normal form of the passphrase."""
    sealed = seal(_format(secret), [PassphraseRecipient(normalise(passphrase), log_n)], random=random)
    return sealed.header + sealed.body


def open_key_file(data: bytes, passphrase: str, *, log_n: int = LOG_N) -> AgentSecret:
    """Open a key file: K10 where the passphrase is another one, K21 where the file is damaged.

    Scrypt cannot tell a wrong passphrase from a damaged salt or wrapped key: both are K10.
    """
    if len(data) > LONGEST_BYTES:
        raise DamagedKey("K21", "not a key file", expected=f"at most {LONGEST_BYTES} bytes", found=len(data))
    identity = PassphraseIdentity(normalise(passphrase), most_log_n=log_n, least_log_n=log_n)
    try:
        header, body = split(data)
        plaintext = open_(header, body, identity, commitment=None)
    except NoMatch:
        raise KeysError("K10", "this passphrase does not open the key file") from None
    except KeysError as error:
        raise DamagedKey("K21", f"key file is damaged ({error.code})") from None
    return _parse(plaintext)


def seal_secret(secret: AgentSecret, recipient: Recipient, *, random: Random = os.urandom) -> Sealed:
    """Seal what a key file holds to a recipient, for a session."""
    return seal(_format(secret), [recipient], random=random)


def open_secret(header: bytes, body: bytes, identity: Identity) -> AgentSecret:
    """Open what `seal_secret` sealed: K13 for another identity, K12, K14, K15 or K21 for damage."""
    return _parse(open_(header, body, identity, commitment=None))


def _format(secret: AgentSecret) -> bytes:
    return format_json(
        {
            "kind": "agent-key",
            "v": 2,
            "archive": secret.archive,
            "agent": secret.agent,
            "identity": secret.identity.text,
            "signing": b64(secret.signing.seed),
            "genesis": secret.genesis,
            "checkpoint": {"size": secret.size, "root": b64(secret.root)},
            "issued": secret.issued,
            "others": [
                {"identity": pair.identity.text, "signing": b64(pair.signing.seed)} for pair in secret.others
            ],
        }
    )


def _parse(plaintext: bytes) -> AgentSecret:
    try:
        value: Any = parse_json(plaintext)
        _check_shape(value)
        return AgentSecret(
            identity=Identity.parse(value["identity"]),
            signing=SigningKey(unb64(value["signing"])),
            agent=Id(value["agent"]),
            archive=Id(value["archive"]),
            genesis=Digest(value["genesis"]),
            size=value["checkpoint"]["size"],
            root=unb64(value["checkpoint"]["root"]),
            issued=value["issued"],
            others=tuple(_pair(one) for one in value.get("others", ())),
        )
    except DamagedKey:
        raise
    except (IntakeError, KeysError, TypeError):
        raise DamagedKey("K21", "key file holds something else than an agent's key") from None


def _pair(value: dict[str, str]) -> KeyPair:
    return KeyPair(Identity.parse(value["identity"]), SigningKey(unb64(value["signing"])))


def _check_shape(value: Any) -> None:
    shaped = (
        isinstance(value, dict)
        and type(value.get("v")) is int
        and value.keys() == _FIELDS.get(value["v"])
        and value["kind"] == "agent-key"
        and all(isinstance(value[name], str) for name in _TEXTS)
        and isinstance(value["issued"], bool)
        and isinstance(value["checkpoint"], dict)
        and value["checkpoint"].keys() == {"size", "root"}
        and type(value["checkpoint"]["size"]) is int
        and isinstance(value.get("others", []), list)
        and all(_is_pair(one) for one in value.get("others", []))
    )
    if not shaped:
        raise DamagedKey("K21", "key file holds something else than an agent's key of version 1 or 2")


def _is_pair(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"identity", "signing"}
        and all(isinstance(one, str) for one in value.values())
    )
