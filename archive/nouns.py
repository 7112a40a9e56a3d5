"""The nouns of the archive as the custody log knows them: agents, compartments, grants, items, renditions.

They hold what the log says and nothing else: no name, no text, no secret.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from archive.digests import Digest
from archive.ids import Id
from archive.uses import ConsentState, RightsBasis, Use, effective_uses


class Role(StrEnum):
    """What an agent is enrolled as."""

    DOCUMENTER = "documenter"
    LAWYER = "lawyer"
    AUDITOR = "auditor"
    CUSTODIAN = "custodian"


class Action(StrEnum):
    """What a grant can allow in a compartment."""

    CONTRIBUTE = "contribute"
    READ = "read"
    DESCRIBE = "describe"
    RELEASE = "release"
    DESTROY = "destroy"
    AUDIT = "audit"
    MANAGE = "manage"


#: Actions that need the compartment's identity, which the grant then carries.
OPENING = frozenset({Action.READ, Action.RELEASE, Action.MANAGE})


@dataclass(frozen=True, slots=True)
class SealedRef:
    """What the log says of one sealed thing; whoever opens it holds the bytes against this."""

    holder: Id
    epoch: int
    body: Digest
    header: Digest
    file_key: Digest

    @classmethod
    def of(cls, value: dict[str, Any]) -> "SealedRef":
        """Read the `SEALED` shape of an event."""
        return cls(
            Id(value["holder"]),
            value["epoch"],
            Digest(value["body"]),
            Digest(value["header"]),
            Digest(value["file_key"]),
        )

    def as_data(self) -> dict[str, Any]:
        """Write the `SEALED` shape of an event."""
        return {
            "holder": self.holder,
            "epoch": self.epoch,
            "body": self.body,
            "header": self.header,
            "file_key": self.file_key,
        }


@dataclass(frozen=True, slots=True)
class Agent:
    """A person or program that acts; `recipient` is None for the archive's own agent, which reads nothing."""

    agent: Id
    role: Role | None
    recipient: str | None
    signing_keys: tuple[bytes, ...]
    handle: Digest | None
    issued: bool
    index: int

    @property
    def signing_key(self) -> bytes:
        """The key in force: 32 bytes of Ed25519. `signing_keys[n - 1]` is her nth."""
        return self.signing_keys[-1]


@dataclass(frozen=True, slots=True)
class Compartment:
    """The boundary of access; `recipients[n - 1]` is the public recipient of epoch n."""

    compartment: Id
    companion_of: Id | None
    authority: bool
    sealed: bool
    founder: Id
    recipients: tuple[str, ...]
    recovery_recipient: str
    recovery: tuple[SealedRef, ...]
    index: int

    @property
    def epoch(self) -> int:
        """The epoch in force."""
        return len(self.recipients)


@dataclass(frozen=True, slots=True)
class Grant:
    """Agent + compartment + actions + purposes + period, and who gave it. Moments are `…Z` texts.

    `keys` are the identities of later epochs sealed to the agent since, each with its epoch.
    """

    grant: Id
    agent: Id
    compartment: Id
    actions: frozenset[Action]
    purposes: frozenset[Use]
    starts: str
    ends: str | None
    giver: Id
    reason: SealedRef
    sealed: SealedRef
    index: int
    revoked: int | None = None
    keys: tuple[tuple[int, SealedRef], ...] = ()


@dataclass(frozen=True, slots=True)
class Rendition:
    """One form of an item, as logged; `index` is its log entry."""

    rendition: Id
    item: Id
    kind: str
    sealed: SealedRef
    index: int


@dataclass(frozen=True, slots=True)
class Rights:
    """Why and for what an item may be used: its basis, declared uses, and consents by record id."""

    basis: RightsBasis = RightsBasis.CONSENT
    declared: frozenset[Use] = frozenset()
    consents: tuple[tuple[Id, ConsentState], ...] = ()

    @property
    def uses(self) -> frozenset[Use]:
        """The uses that are allowed now: the strictest of all that applies."""
        return effective_uses(self.basis, self.declared, self.states())

    def states(self) -> Iterable[ConsentState]:
        """The consents without the ids of their records."""
        return [state for _, state in self.consents]


@dataclass(slots=True)
class Item:
    """One testimony or piece of evidence: who accessioned it where, its forms and its rights.

    `extracted` says that its text was looked for, with whatever outcome.
    """

    item: Id
    compartment: Id
    depositor: Id
    index: int
    extracted: bool = False
    renditions: dict[Id, Rendition] = field(default_factory=dict)
    rights: Rights = field(default_factory=Rights)


@dataclass(frozen=True, slots=True)
class RecordHead:
    """The newest version of a record; an older one is not to be taken for it."""

    record: Id
    version: int
    item: Id | None
    sealed: SealedRef
    index: int
