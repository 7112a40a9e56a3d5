"""Builds small logs of signed events for the tests of the core: real signatures, made-up digests."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from archive.author import Author
from archive.checkpoints import Checkpoint, sign_checkpoint
from archive.codec import b64
from archive.digests import Digest
from archive.events import Seen, Signer, parse_entry
from archive.ids import Id, new_id
from archive.kinds import Kind
from archive.ledger import Ledger
from archive.merkle import Frontier, leaf_hash, prove_inclusion
from archive.nouns import OPENING, Role, SealedRef
from archive.proofs import TlogProof
from archive.receipts import Openings, Receipt, format_receipt
from archive.rules import apply
from archive.uses import Use
from archive.vkeys import ED25519, MLDSA44, VKey, format_vkey
from keys.identities import Identity
from keys.signing import LogKey, SigningKey, verify_ed25519

ORIGIN = "sviedka.invalid/tests"
SALT = bytes(range(32))
ALL_PURPOSES = sorted(set(Use) - {Use.STORE})
FOUNDER = ["audit", "contribute", "describe", "manage", "read"]
#: What later versions of a kind say in the ordinary case.
_USUAL = {
    Kind.IDENTITY: {"proposal": None},
    Kind.RENDITION: {"uses": None, "source": None, "reason": None, "proposal": None},
    Kind.SEARCH: {"told": []},
    Kind.UNMASKING: {"item": None},
}


@cache
def recipient() -> str:
    """Return one recipient for all: what the rules care about is that it is well-formed."""
    return Identity.generate().recipient.text


@dataclass
class Person:
    """An agent of the tests: who, and the key she signs with."""

    agent: Id
    key: SigningKey


@dataclass
class Builder:
    """A log that grows event by event, each held against the rules as it is added.

    It begins with a genesis by `anna` and the compartment `main` with her grant in it. `at` is the moment of
    the next event.
    """

    log_key: LogKey = field(default_factory=lambda: LogKey(bytes(32), bytes(32)))
    at: str = "2026-11-20T08:00:00Z"
    entries: list[bytes] = field(default_factory=list)
    ledger: Ledger = field(default_factory=lambda: Ledger(ORIGIN))
    compartments: dict[str, Id] = field(default_factory=dict)
    frontier: Frontier = field(default_factory=Frontier)
    _numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.anna, self.archive, self.trustees = self.person(), self.person(), self.person()
        also = [self.archive, self.trustees]
        self.genesis = self.write(self.anna, Kind.GENESIS, self.genesis_data(), also=also)
        self.add(self.genesis)
        self.found("main")

    @property
    def log_keys(self) -> tuple[str, ...]:
        ed25519, mldsa44 = self._vkeys()
        return format_vkey(ed25519), format_vkey(mldsa44)

    def person(self) -> Person:
        return Person(self.id(), SigningKey(self.random(32)))

    def id(self) -> Id:
        return new_id(self.random)

    def random(self, size: int) -> bytes:
        """Return bytes that differ each time and are the same in each run."""
        return bytes.fromhex(Digest.of(b"%d" % next(self._numbers)))[:size]

    def digest(self) -> Digest:
        return Digest(self.random(32).hex())

    def sealed(self, holder: str, epoch: int = 1) -> dict:
        return SealedRef(Id(holder), epoch, self.digest(), self.digest(), self.digest()).as_data()

    def write(self, who: Person, kind: Kind, data: dict, also=(), **changes) -> bytes:
        """Return a signed entry; `changes` replace fields of the author, such as `origin` or `seen`."""
        author = self.author(who, **changes)
        signers = [Signer(one.agent, 1, one.key.sign) for one in also]
        return author.write(kind, {**_USUAL.get(kind, {}), **data}, also=signers).entry

    def author(self, who: Person, **changes) -> Author:
        """Return the pen of somebody, signing with her key in force."""
        known = self.ledger.agents.get(who.agent)
        return Author(
            who.agent,
            who.key.sign,
            changes.get("origin", ORIGIN),
            changes.get("seen", self.seen()),
            lambda: datetime.fromisoformat(changes.get("at", self.at)),
            changes.get("random", self.random),
            changes.get("key", known.key if known else 1),
        )

    def seen(self) -> Seen:
        return Seen(self.frontier.size, self.frontier.root())

    def add(self, entry: bytes) -> int:
        """Add an entry, lawful or not; return its index, or raise what the rules say."""
        self.entries.append(entry)
        self.frontier.append(leaf_hash(entry))
        apply(self.ledger, parse_entry(entry), verify_ed25519, every_signature=True)
        return len(self.entries) - 1

    def do(self, who: Person, kind: Kind, /, **data) -> int:
        return self.add(self.write(who, kind, data))

    def genesis_data(self) -> dict:
        return {
            "archive": self.id(),
            "log_keys": list(self.log_keys),
            "archive_agent": {"agent": self.archive.agent, "signing_key": b64(self.archive.key.public)},
            "custodian": self.enrolment(self.anna, "custodian"),
            "recovery": recipient(),
            "trustees": {"agent": self.trustees.agent, "signing_key": b64(self.trustees.key.public)},
        }

    def enrolment(self, who: Person, role: str) -> dict:
        return {
            "agent": who.agent,
            "role": Role(role).value,
            "recipient": recipient(),
            "signing_key": b64(who.key.public),
            "handle": self.digest(),
            "issued": False,
        }

    def enrol(self, _name: str, role: str, by: Person | None = None) -> Person:
        who = self.person()
        self.do(by or self.anna, Kind.ENROLMENT, **self.enrolment(who, role))
        return who

    def found(self, label: str, by: Person | None = None) -> Id:
        by, compartment = by or self.anna, self.id()
        self.do(
            by,
            Kind.COMPARTMENT,
            compartment=compartment,
            companion_of=None,
            authority=False,
            sealed=False,
            recipient=recipient(),
            recovery_recipient=recipient(),
            recovery=self.sealed(self.ledger.archive),
            trustees=None,
        )
        self.compartments[label] = compartment
        self.grant(by, label, FOUNDER, ALL_PURPOSES, by=by)
        return compartment

    def grant(
        self, to: Person, label: str, actions, purposes, *, by: Person | None = None, ends=None, proposal=None
    ) -> Id:
        grant, compartment = self.id(), self.compartments[label]
        self.do(
            by or self.anna,
            Kind.GRANT,
            grant=grant,
            agent=to.agent,
            compartment=compartment,
            epoch=self.ledger.compartments[compartment].epoch,
            actions=sorted(actions),
            purposes=sorted(purposes),
            starts=self.at,
            ends=ends,
            reason=self.sealed(compartment),
            sealed=self.sealed(to.agent, self.ledger.agents[to.agent].key),
            proposal=proposal,
        )
        return grant

    def revoke(self, grant: Id, by: Person | None = None) -> int:
        holder = self.ledger.grants[grant].compartment if grant in self.ledger.grants else grant
        return self.do(by or self.anna, Kind.REVOCATION, grant=grant, reason=self.sealed(holder))

    def epoch(self, label: str, number: int, by: Person | None = None, keys: list[dict] | None = None) -> int:
        """Begin an epoch; its key goes to all who may open the compartment unless `keys` says otherwise."""
        compartment = self.compartments[label]
        return self.do(
            by or self.anna,
            Kind.EPOCH,
            compartment=compartment,
            epoch=number,
            recipient=recipient(),
            recovery_recipient=recipient(),
            recovery=self.sealed(self.ledger.archive),
            keys=self.epoch_keys(compartment) if keys is None else keys,
        )

    def epoch_keys(self, compartment: Id) -> list[dict]:
        opening = [one for one in self.ledger.open_grants(compartment) if one.actions & OPENING]
        return [{"grant": one.grant, "sealed": self.sealed(one.agent)} for one in opening]

    def accession(self, who: Person, label: str, **changes) -> tuple[Id, Id]:
        """Accession an item; return its id and that of its original."""
        item, rendition = changes.get("item", self.id()), self.id()
        sealed = self.sealed(self.compartments[label], changes.get("epoch", 1))
        digests = {name: self.digest() for name in ("sha256", "blake3", "name")}
        data = {"item": item, "deposit": self.id(), "rendition": rendition, "sealed": sealed, **digests}
        self.do(who, Kind.ACCESSION, **data | changes.get("commitments", {}))
        return item, rendition

    def rights(self, who: Person, item: Id, uses, *, withdrawn=False, record: Id | None = None) -> Id:
        """Record that one person consented to some uses; return the id of the consent's record."""
        if record is None:
            record = self.id()
            label = next(n for n, c in self.compartments.items() if c == self.ledger.items[item].compartment)
            self.record(who, label, record, item=item)
        consent = {"record": record, "version": 1, "uses": sorted(uses), "withdrawn": withdrawn}
        consent["contact_first"] = False
        self.do(who, Kind.POLICY, item=item, basis="consent", uses=[], consents=[consent], reason=None)
        return record

    def read(self, who: Person, item: Id, rendition: Id, grant: Id, purpose: str = "court") -> int:
        return self.do(who, Kind.READING, item=item, rendition=rendition, grant=grant, purpose=purpose)

    def record(self, who: Person, label: str, record: Id, version=1, predecessor=None, item=None) -> Digest:
        sealed = self.sealed(self.compartments[label])
        data = {"record": record, "version": version, "predecessor": predecessor, "item": item}
        self.do(who, Kind.RECORD, **data, sealed=sealed)
        return sealed["body"]

    def note(self) -> bytes:
        """Return the checkpoint of all entries so far, signed with the log's two keys."""
        ed25519, mldsa44 = self._vkeys()
        return sign_checkpoint(
            Checkpoint(ORIGIN, self.frontier.size, self.frontier.root()),
            sign_ed25519=self.log_key.sign_ed25519,
            ed25519_vkey=ed25519,
            sign_mldsa44=self.log_key.sign_mldsa44,
            mldsa44_vkey=mldsa44,
            timestamp=1_800_000_000,
        )

    def _vkeys(self) -> tuple[VKey, VKey]:
        return (
            VKey.of(ORIGIN, ED25519, self.log_key.ed25519_public),
            VKey.of(ORIGIN, MLDSA44, self.log_key.mldsa44_public),
        )


def receipt_for(builder: Builder, who: Person, label: str, name: str, data: bytes) -> bytes:
    """Accession some bytes and return the receipt of that, under the checkpoint of now."""
    openings = Openings(SALT, Digest.of(data), Digest.of(b"as if by BLAKE3: " + data), name)
    builder.accession(who, label, commitments=openings.commitments())
    index = len(builder.entries) - 1
    leaves = list(map(leaf_hash, builder.entries))
    proof = TlogProof(index, tuple(prove_inclusion(index, len(leaves), reader(leaves))), builder.note())
    keys = builder.log_keys[:1]
    return format_receipt(Receipt(proof, builder.entries[index], openings, keys, who.key.public))


def reader(leaves: list[bytes]):
    """Read complete subtrees from a list of leaf hashes."""

    def read(level: int, index: int) -> bytes:
        frontier = Frontier()
        for leaf in leaves[index << level : (index + 1) << level]:
            frontier.append(leaf)
        return frontier.root()

    return read
