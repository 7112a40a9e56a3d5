"""The audit of the entries: each read strictly, held against the rules of custody with every signature, and
turned into what the stores must then hold."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from archive.audit_cited import Cited
from archive.audit_dates import Dates, term_of
from archive.digests import Digest
from archive.errors import SviedkaError
from archive.events import CustodyEvent, Entry, parse_entry
from archive.findings import Findings
from archive.ids import Id
from archive.kinds import Kind
from archive.ledger import Ledger
from archive.notes import Check
from archive.nouns import SealedRef
from archive.rules import apply


@dataclass(frozen=True, slots=True)
class Expected:
    """One sealed thing that the log names and the catalogue must hold. `event` logged it, at `index`."""

    kind: str
    subject: Id
    version: int
    ref: SealedRef
    event: Id
    index: int


@dataclass(slots=True)
class ExpectedPack:
    """A pack that the log names: the entry of its first item, the digest of its manifest, and who signed."""

    index: int
    compartment: Id
    manifest: Digest
    signer: Id | None
    items: set[Id] = field(default_factory=set)


@dataclass(slots=True)
class Chronicle:
    """What the entries say, in order. `complete` is False when one of them could not be read.

    `kinds` counts them; `first` and `last` are when the first and the last say that they were made.
    Without `stores` it keeps nothing that only the audit of the catalogue and the stores asks for.
    """

    findings: Findings
    verify: Check
    stores: bool = True
    ledger: Ledger = field(default_factory=lambda: Ledger(""))
    genesis: bytes | None = None
    complete: bool = True
    sealed: dict[str, Expected] = field(default_factory=dict)
    deposits: dict[Id, Id] = field(default_factory=dict)
    packs: dict[Id, ExpectedPack] = field(default_factory=dict)
    concerns: set[tuple[Id, int]] = field(default_factory=set)
    cited: Cited = field(default_factory=Cited)
    dates: Dates = field(default_factory=Dates)
    kinds: Counter[Kind] = field(default_factory=Counter)
    first: str | None = None
    last: str | None = None
    _forgotten: int = 0

    def take(self, index: int, data: bytes | None) -> None:
        """Take in the next entry; note every fault and go on."""
        entry = self._parse(index, data)
        if entry is None:
            self.dates.skip()
            self.ledger.size = index + 1
            self.complete = False
            return
        event = entry.event
        if index == 0:
            self.genesis = data
            self.ledger.origin = event.origin
        self.findings.counts.entries += 1
        self.kinds[event.kind] += 1
        self.first, self.last = self.first or event.at, event.at
        if event.seen.size > index:
            message = "an event cites a checkpoint that came after it"
            self.findings.fault("C88", f"entry {index}", message, found=event.seen.size)
        else:
            self.cited.add(event.seen, index)
        term, issued = term_of(event, self.ledger), self._is_issued(event)
        try:
            apply(self.ledger, entry, self._verify, every_signature=True)
        except SviedkaError as fault:
            self.findings.error(f"entry {index}", fault)
            self.dates.skip()
            return
        self.findings.counts.issued += issued
        self.dates.add(event, term, self.findings)
        if self.stores:
            self._expect(event, index)

    def _is_issued(self, event: CustodyEvent) -> bool:
        """Say whether an event is signed by keys that a custodian made and may have kept."""
        known = self.ledger.agents.get(event.agent)
        return known is not None and known.issued and event.kind is not Kind.ROTATION

    def _parse(self, index: int, data: bytes | None) -> Entry | None:
        if data is None:
            return None
        try:
            return parse_entry(data)
        except SviedkaError as fault:
            self.findings.error(f"entry {index}", fault)
            return None

    def _verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        self.findings.counts.signatures += 1
        self.verify(public, message, signature)

    def _expect(self, event: CustodyEvent, index: int) -> None:
        for kind, subject, version, ref in sealed_by(event):
            if ref.body in self.sealed:
                self.findings.fault("C64", f"entry {index}", "a sealed body is logged once", found=ref.body)
                continue
            self.sealed[ref.body] = Expected(kind, subject, version, ref, event.id, index)
        for body in self.ledger.gone[self._forgotten :]:
            self.sealed.pop(body, None)
        self._forgotten = len(self.ledger.gone)
        if event.kind in (Kind.ACCESSION, Kind.SUBMISSION):
            self.deposits[Id(event.data["item"])] = Id(event.data["deposit"])
        if event.kind is Kind.SUBMISSION:
            self._expect_pack(event, index)
        self.concerns.update((item, index) for item in self.ledger.concerned(event))

    def _expect_pack(self, event: CustodyEvent, index: int) -> None:
        """Note the pack that an item came in; all its items tell the same of it (C64)."""
        data, signer = event.data, event.data["signer"]
        place, manifest = Id(data["sealed"]["holder"]), Digest(data["manifest"])
        pack = self.packs.setdefault(
            Id(data["deposit"]), ExpectedPack(index, place, manifest, Id(signer) if signer else None)
        )
        if (pack.compartment, pack.manifest, pack.signer) != (place, manifest, signer):
            message = "the items of a pack tell different things of it"
            self.findings.fault("C64", f"entry {index}", message, found=data["deposit"])
        pack.items.add(Id(data["item"]))


#: Events that always name the same sealed things: the kind of each, the fields that hold its subject and it.
_SEALED = {
    Kind.COMPARTMENT: (("recovery", "compartment", "recovery"),),
    Kind.GRANT: (("grant", "grant", "sealed"), ("reason", "grant", "reason")),
    Kind.REVOCATION: (("reason", "grant", "reason"),),
    Kind.PROPOSAL: (("reason", "proposal", "reason"),),
    Kind.HOLD: (("reason", "hold", "reason"),),
    Kind.LIFT: (("reason", "hold", "reason"),),
    Kind.ORDER: (("reason", "item", "reason"),),
    Kind.CANCELLATION: (("reason", "item", "reason"),),
    Kind.UNMASKING: (("reason", "record", "reason"),),
    Kind.SUBMISSION: (("claim", "item", "description"),),
    Kind.TRANSFER: (("transfer", "transfer", "details"), ("transfer-copy", "transfer", "copy")),
}


def sealed_by(event: CustodyEvent) -> Iterator[tuple[str, Id, int, SealedRef]]:
    """Yield kind, subject, version and reference of each sealed thing that an event puts in the catalogue.

    The bodies of renditions are not among them: they are objects.
    """
    data = event.data
    match event.kind:
        case kind if kind in _SEALED:
            for name, subject, sealed in _SEALED[kind]:
                yield name, Id(data[subject]), 1, SealedRef.of(data[sealed])
        case Kind.EPOCH:
            yield "recovery", Id(data["compartment"]), data["epoch"], SealedRef.of(data["recovery"])
            for key in data["keys"]:
                yield "grant-key", Id(key["grant"]), 1, SealedRef.of(key["sealed"])
        case Kind.RESEALING:
            for key in data["keys"]:
                yield "grant", Id(key["grant"]), 1, SealedRef.of(key["sealed"])
        case Kind.RECOVERY:
            for key in data["keys"]:
                yield "recovery", Id(data["compartment"]), key["epoch"], SealedRef.of(key["sealed"])
        case Kind.RECORD:
            yield "record", Id(data["record"]), data["version"], SealedRef.of(data["sealed"])
        case Kind.POLICY if data.get("reason") is not None:
            yield "reason", Id(data["item"]), 1, SealedRef.of(data["reason"])
        case Kind.RENDITION if data.get("reason") is not None:
            yield "reason", Id(data["rendition"]), 1, SealedRef.of(data["reason"])
        case Kind.CREDENTIAL if data["sealed"] is not None:
            yield "factor", Id(data["agent"]), 1, SealedRef.of(data["sealed"])
