"""A small log with every kind of event that has something to do with keys, rights or destruction."""

from ledger_builder import ALL_PURPOSES, FOUNDER, Builder, Person, recipient

from archive.codec import b64
from archive.events import Signer
from archive.ids import Id
from archive.kinds import Kind
from keys.identities import Identity
from keys.signing import SigningKey

MANAGER = [*FOUNDER, "destroy"]
LATER = "2026-12-24T08:00:00Z"
APPROVED_UNTIL = "2026-12-20T08:00:00Z"


def two_managers() -> tuple[Builder, Person]:
    """A log in which `anna` and another manage `main`; the other may destroy there."""
    builder = Builder()
    boris = builder.enrol("boris", "custodian")
    builder.grant(boris, "main", sorted(MANAGER), ALL_PURPOSES)
    return builder, boris


def set_two(
    builder: Builder, *, on: bool = True, by: Person | None = None, proposal: Id | None = None
) -> int:
    main = builder.compartments["main"]
    return builder.do(by or builder.anna, Kind.SETTING, compartment=main, two_person=on, proposal=proposal)


def propose(builder: Builder, who: Person, act: str, **changes) -> Id:
    """Propose an act in `main`; return the proposal."""
    proposal, main = builder.id(), builder.compartments["main"]
    data = {"agent": None, "item": None, "actions": [], "purposes": [], "ends": None, "until": APPROVED_UNTIL}
    data |= {"proposal": proposal, "compartment": main, "act": act, "reason": builder.sealed(main)} | changes
    builder.do(who, Kind.PROPOSAL, **data)
    return proposal


def approve(builder: Builder, who: Person, proposal: Id, *, approved: bool = True) -> int:
    return builder.do(who, Kind.APPROVAL, proposal=proposal, approved=approved)


def rotate(builder: Builder, who: Person, *, cosigned: bool = True) -> Person:
    """Give somebody her next key; return her with it."""
    new = SigningKey(builder.random(32))
    data = {"agent": who.agent, "recipient": another_recipient(), "signing_key": b64(new.public)}
    author = builder.author(who)
    also = [Signer(who.agent, author.key + 1, new.sign)] if cosigned else []
    builder.add(author.write(Kind.ROTATION, data, also=also).entry)
    return Person(who.agent, new)


def reseal(builder: Builder, who: Person) -> int:
    keys = [
        {"grant": one.grant, "sealed": builder.sealed(who.agent, builder.ledger.agents[who.agent].key)}
        for one in builder.ledger.grants_to(who.agent)
    ]
    return builder.do(who, Kind.RESEALING, agent=who.agent, keys=keys)


def another_recipient() -> str:
    return Identity.generate().recipient.text


def appoint(builder: Builder, who: Person, *, cosigned: bool = True) -> Person:
    """Appoint new trustees of the archive."""
    new = builder.person()
    data = {
        "scope": None,
        "trustees": {"agent": new.agent, "signing_key": b64(new.key.public)},
        "recovery": recipient(),
    }
    builder.add(builder.write(who, Kind.TRUSTEES, data, also=[new] if cosigned else []))
    return new


def reseal_recovery(builder: Builder, who: Person, label: str) -> int:
    compartment = builder.compartments[label]
    epochs = range(1, builder.ledger.compartments[compartment].epoch + 1)
    keys = [{"epoch": epoch, "sealed": builder.sealed(builder.ledger.archive)} for epoch in epochs]
    return builder.do(who, Kind.RECOVERY, compartment=compartment, keys=keys)


def hold(builder: Builder, who: Person, item: Id) -> Id:
    given = builder.id()
    reason = builder.sealed(builder.ledger.items[item].compartment)
    builder.do(who, Kind.HOLD, hold=given, item=item, reason=reason)
    return given


def lift(builder: Builder, who: Person, given: Id, item: Id) -> int:
    reason = builder.sealed(builder.ledger.items[item].compartment)
    return builder.do(who, Kind.LIFT, hold=given, item=item, reason=reason)


def order(builder: Builder, who: Person, item: Id, *, records=(), proposal=None, due=LATER) -> int:
    reason = builder.sealed(builder.ledger.items[item].compartment)
    data = {"item": item, "due": due, "records": sorted(records), "reason": reason, "proposal": proposal}
    return builder.do(who, Kind.ORDER, **data)


def cancel(builder: Builder, who: Person, item: Id) -> int:
    reason = builder.sealed(builder.ledger.items[item].compartment)
    return builder.do(who, Kind.CANCELLATION, item=item, reason=reason)


def submit(builder: Builder, **changes) -> tuple[Id, Id]:
    """Take a claimed item into `main`; return it and its original."""
    item, rendition, main = builder.id(), builder.id(), builder.compartments["main"]
    digests = {name: builder.digest() for name in ("sha256", "blake3", "name", "manifest")}
    data = {"item": item, "deposit": builder.id(), "rendition": rendition, "signer": None, **digests}
    data |= {"sealed": builder.sealed(main), "description": builder.sealed(main)} | changes
    builder.do(builder.archive, Kind.SUBMISSION, **data)
    return item, rendition


def confirm(builder: Builder, who: Person, item: Id, outcome: str = "success") -> int:
    true = outcome == "success"
    sealed = builder.sealed(builder.ledger.items[item].compartment) if true else None
    data = {"item": item, "outcome": outcome, "sealed": sealed}
    data |= {"rendition": builder.id() if true else None, "sha256": builder.digest() if true else None}
    return builder.do(who, Kind.CONFIRMATION, **data)


def companion(builder: Builder) -> Id:
    """Found the companion of `main`, with a record in it; return the record."""
    compartment, record = builder.id(), builder.id()
    builder.do(
        builder.anna,
        Kind.COMPARTMENT,
        compartment=compartment,
        companion_of=builder.compartments["main"],
        authority=False,
        sealed=False,
        recipient=recipient(),
        recovery_recipient=recipient(),
        recovery=builder.sealed(builder.ledger.archive),
        trustees=None,
    )
    builder.compartments["main.identities"] = compartment
    builder.grant(builder.anna, "main.identities", FOUNDER, ALL_PURPOSES)
    builder.record(builder.anna, "main.identities", record)
    return record


def unmask(builder: Builder, who: Person, record: Id, grant: Id | None = None, **changes) -> int:
    place = builder.ledger.records[record].sealed.holder
    grants = builder.ledger.grants_of(who.agent, place)
    data = {"record": record, "purpose": "court", "reason": builder.sealed(place)}
    return builder.do(who, Kind.UNMASKING, grant=grant or grants[-1].grant, **data | changes)


def rewrap(builder: Builder, who: Person, bodies, **changes) -> int:
    main = builder.compartments["main"]
    headers = [{"body": body, "header": builder.digest()} for body in bodies]
    epoch = builder.ledger.compartments[main].epoch
    return builder.do(who, Kind.REWRAP, **{"compartment": main, "epoch": epoch, "headers": headers} | changes)


def offer(builder: Builder, who: Person, item: Id, taker: Person, **changes) -> Id:
    """Offer the original of an item to somebody; return the transfer."""
    known, place = builder.ledger.agents[taker.agent], builder.ledger.items[item].compartment
    data = {"transfer": builder.id(), "item": item, "to": taker.agent, "medium": "usb-stick"}
    data |= {"seal": builder.digest(), "basis": builder.digest(), "details": builder.sealed(place)}
    data |= {"copy": builder.sealed(taker.agent, known.key)} | changes
    builder.do(who, Kind.TRANSFER, **data)
    return data["transfer"]


def take(builder: Builder, who: Person, transfer: Id, item: Id, outcome: str = "success") -> int:
    return builder.do(who, Kind.ACCEPTANCE, transfer=transfer, item=item, outcome=outcome)


def retract(builder: Builder, who: Person, transfer: Id, item: Id) -> int:
    return builder.do(who, Kind.RETRACTION, transfer=transfer, item=item)


def every_kind() -> Builder:
    """Return a log in which every kind of event that names a sealed thing occurs."""
    builder, boris = two_managers()
    vera = builder.enrol("vera", "documenter")
    grant = builder.grant(vera, "main", ["contribute"], [])
    item, rendition = builder.accession(vera, "main")
    builder.record(vera, "main", item, item=item)
    builder.epoch("main", 2)
    builder.revoke(grant)
    rewrap(builder, builder.anna, [builder.ledger.renditions[rendition].sealed.body])
    lift(builder, boris, hold(builder, boris, item), item)
    order(builder, boris, item)
    cancel(builder, boris, item)
    take(builder, boris, offer(builder, vera, item, boris), item)
    retract(builder, boris, offer(builder, boris, item, vera), item)
    claimed, _ = submit(builder)
    confirm(builder, builder.anna, claimed)
    unmask(builder, builder.anna, companion(builder))
    builder.do(
        boris,
        Kind.CREDENTIAL,
        agent=boris.agent,
        change="second-factor-added",
        sealed=builder.sealed(boris.agent),
    )
    boris = rotate(builder, boris)
    reseal(builder, boris)
    set_two(builder)
    approve(builder, boris, propose(builder, builder.anna, "identity"))
    builder.do(builder.anna, Kind.SUSPENSION, agent=vera.agent)
    trustees = appoint(builder, builder.anna)
    reseal_recovery(builder, builder.anna, "main")
    drill = {"trustees": trustees.agent}
    builder.add(builder.write(builder.anna, Kind.DRILL, drill, also=[trustees]))
    order(builder, boris, item, proposal=approved(builder, boris, builder.anna, "destroy", item=item))
    builder.at = LATER
    builder.do(builder.archive, Kind.DESTRUCTION, item=item)
    return builder


def approved(builder: Builder, proposer: Person, approver: Person, act: str, **changes) -> Id:
    """Have one propose and another approve an act in `main`; return the proposal."""
    proposal = propose(builder, proposer, act, **changes)
    approve(builder, approver, proposal)
    return proposal
