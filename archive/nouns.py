"""The nouns of the archive as the custody log knows them: agents, compartments, grants, items, renditions.

They hold what the log says and nothing else: no name, no text, no secret.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from archive.digests import Digest
from archive.ids import Id
from archive.uses import STORE_ONLY, ConsentState, RightsBasis, Use, effective_uses


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
    """A person or program that acts.

    `recipient` is None for the archive's own agent, and for trustees, who sign and are granted nothing.
    `since` are the log indexes from which each further signing key is in force. `suspended` is the index of
    the entry that ended her rights; `factor` is the second factor with which she signs in.
    """

    agent: Id
    role: Role | None
    recipient: str | None
    signing_keys: tuple[bytes, ...]
    handle: Digest | None
    issued: bool
    index: int
    since: tuple[int, ...] = ()
    suspended: int | None = None
    factor: SealedRef | None = None

    @property
    def signing_key(self) -> bytes:
        """The key in force: 32 bytes of Ed25519. `signing_keys[n - 1]` is her nth."""
        return self.signing_keys[-1]

    @property
    def key(self) -> int:
        """The number of the key in force."""
        return len(self.signing_keys)

    def key_at(self, index: int) -> int:
        """Return the number of the key with which she signs the entry at `index`."""
        return 1 + sum(rotated < index for rotated in self.since)


@dataclass(frozen=True, slots=True)
class Compartment:
    """The boundary of access; `recipients[n - 1]` is the public recipient of epoch n.

    `trustees` can always open it. `two_person` says that opening and destroying take two who manage it.
    """

    compartment: Id
    companion_of: Id | None
    authority: bool
    sealed: bool
    founder: Id
    recipients: tuple[str, ...]
    recovery_recipient: str
    recovery: tuple[SealedRef, ...]
    index: int
    trustees: Id | None = None
    two_person: bool = False

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
    """One form of an item, as logged; `index` is its log entry.

    A redaction has `uses` of its own. `source` is the form from which a text was derived.
    """

    rendition: Id
    item: Id
    kind: str
    sealed: SealedRef
    index: int
    uses: frozenset[Use] | None = None
    source: Id | None = None


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

    @property
    def may_be_told(self) -> bool:
        """Whether all whose consent it takes want to be known of, and asked first."""
        states = tuple(self.states())
        return bool(states) and all(one.contact_first and not one.withdrawn for one in states)

    def states(self) -> Iterable[ConsentState]:
        """The consents without the ids of their records."""
        return [state for _, state in self.consents]


@dataclass(slots=True)
class Item:
    """One testimony or piece of evidence: who accessioned it where, its forms and its rights.

    `extracted` says that its text was looked for, with whatever outcome. `claimed` says that it came in a
    pack and nobody found it to be what the pack says; `mismatched` is the entry by which it is not.
    """

    item: Id
    compartment: Id
    depositor: Id
    index: int
    extracted: bool = False
    claimed: bool = False
    mismatched: int | None = None
    renditions: dict[Id, Rendition] = field(default_factory=dict)
    rights: Rights = field(default_factory=Rights)

    @property
    def original(self) -> Rendition:
        """What was handed in, in its newest sealing."""
        return [one for one in self.renditions.values() if one.kind == "original"][-1]

    def redaction_behind(self, form: Id) -> Rendition | None:
        """Return the redaction that a form is, or that its text was taken from."""
        found = self.renditions.get(form)
        if found is not None and found.kind == "text" and found.source is not None:
            found = self.renditions.get(found.source)
        return found if found is not None and found.kind == "redaction" else None

    def uses_of(self, rendition: Id | None) -> frozenset[Use]:
        """Return for what a form of the item may be used now; None stands for the item itself.

        A redaction's own uses count instead of the item's, and those of the text taken from it; but whoever
        withdraws her consent withdraws it from redactions too.
        """
        found = self.renditions.get(rendition) if rendition else None
        if found is not None and found.source is not None and found.uses is None:
            found = self.renditions.get(found.source)
        if found is None or found.uses is None:
            return self.rights.uses
        withdrawn = any(one.withdrawn for one in self.rights.states())
        return STORE_ONLY if withdrawn else found.uses | STORE_ONLY


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one person who manages a compartment wants to do there, and another has to approve.

    `used` is the index of the entry that did it; a refused one counts as used.
    """

    proposal: Id
    compartment: Id
    proposer: Id
    act: str
    agent: Id | None
    item: Id | None
    actions: frozenset[Action]
    purposes: frozenset[Use]
    ends: str | None
    until: str
    reason: SealedRef
    index: int
    approver: Id | None = None
    used: int | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A preservation order: what is held cannot be destroyed."""

    hold: Id
    item: Id
    giver: Id
    at: str
    reason: SealedRef


@dataclass(frozen=True, slots=True)
class Order:
    """A destruction that is to come: of an item, and of the records that tell of it alone."""

    item: Id
    giver: Id
    at: str
    due: str
    records: frozenset[Id]
    reason: SealedRef


@dataclass(frozen=True, slots=True)
class Transfer:
    """An offer to hand the original of an item on. `taken` is the entry that accepted it, `over` ended it.

    `outcome` is the acceptance's: a warning says that what came is not as it was offered.
    """

    transfer: Id
    item: Id
    giver: Id
    taker: Id
    medium: str
    seal: Digest | None
    basis: Digest
    details: SealedRef
    copy: SealedRef
    at: str
    index: int
    taken: int | None = None
    over: int | None = None
    outcome: str | None = None

    @property
    def open(self) -> bool:
        """Whether it waits for an answer."""
        return self.taken is None and self.over is None


@dataclass(frozen=True, slots=True)
class RecordHead:
    """The newest version of a record; an older one is not to be taken for it."""

    record: Id
    version: int
    item: Id | None
    sealed: SealedRef
    index: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """An auditor reading the archive from her own machine, with a signing key made for it, until a moment."""

    agent: Id
    key: bytes
    until: str
    index: int
