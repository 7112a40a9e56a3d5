"""What agents may not do, kind by kind, beginning with keys and rights: each case is truly signed by who does it, and breaks one rule."""

from collections.abc import Iterator

from matrix_events import Case, Data, Pens
from matrix_unlawful_items import unlawful_about_items

from archive.codec import b64
from archive.ids import new_id
from archive.kinds import Kind
from keys.identities import Identity
from keys.signing import SigningKey

LATER = "2099-01-01T00:00:00Z"


def unlawful(pens: Pens) -> Iterator[Case]:
    """Yield what is done, by whom, in which words, and with which code it is refused."""
    for cases in (_agents, _trustees, _places, _grants, _two):
        yield from cases(pens)
    yield from unlawful_about_items(pens)


def _agents(pens: Pens) -> Iterator[Case]:
    agents, enrolment = pens.kept.agents, pens.data(Kind.ENROLMENT)
    fresh = {**enrolment, "agent": new_id(), "signing_key": b64(SigningKey.generate().public)}
    yield "enrols", "vera", Kind.ENROLMENT, fresh, "C63"
    yield "enrols", "archive", Kind.ENROLMENT, fresh, "C63"
    yield "enrols again", "anna", Kind.ENROLMENT, enrolment, "C64"
    yield "rotates another", "vera", Kind.ROTATION, pens.data(Kind.ROTATION, agent=agents["boris"]), "C62"
    yield (
        "rotates, not countersigned",
        "lena",
        Kind.ROTATION,
        pens.data(Kind.ROTATION, agent=agents["lena"]),
        "C62",
    )
    resealing = pens.data(Kind.RESEALING)
    yield "reseals another's grants", "vera", Kind.RESEALING, resealing, "C63"
    hers = {
        "agent": agents["vera"],
        "keys": [{"grant": pens.grant_of("lena", "main"), "sealed": pens.sealed_to("vera")}],
    }
    yield "reseals a grant of another's to herself", "vera", Kind.RESEALING, hers, "C68"
    yield "suspends", "lena", Kind.SUSPENSION, {"agent": agents["vera"]}, "C63"
    yield "suspends again", "anna", Kind.SUSPENSION, {"agent": agents["dasha"]}, "C64"
    yield "suspends nobody", "anna", Kind.SUSPENSION, {"agent": new_id()}, "C64"
    passphrase = {"agent": agents["lena"], "change": "passphrase", "sealed": None}
    yield "changes another's passphrase", "vera", Kind.CREDENTIAL, passphrase, "C63"
    added = {"agent": agents["lena"], "change": "second-factor-added", "sealed": pens.sealed_to("vera")}
    yield "adds a factor sealed to another", "lena", Kind.CREDENTIAL, added, "C68"
    yield (
        "uses a code of no factor",
        "lena",
        Kind.CREDENTIAL,
        added | {"change": "recovery-code-used", "sealed": pens.sealed_to("lena")},
        "C64",
    )


def _trustees(pens: Pens) -> Iterator[Case]:
    own = {"agent": new_id(), "signing_key": b64(SigningKey.generate().public)}
    new = {"scope": None, "trustees": own, "recovery": Identity.generate().recipient.text}
    yield "appoints trustees, not countersigned", "anna", Kind.TRUSTEES, new, "C62"
    yield (
        "seals recovery to himself",
        "anna",
        Kind.RECOVERY,
        _recovery(pens, holder=pens.kept.agents["anna"]),
        "C68",
    )
    yield "seals recovery", "lena", Kind.RECOVERY, _recovery(pens), "C67"
    short = _recovery(pens)
    yield "seals recovery of some epochs", "anna", Kind.RECOVERY, short | {"keys": short["keys"][:-1]}, "C68"
    drill = {"trustees": pens.ledger.trustees}
    yield "drills, not countersigned", "anna", Kind.DRILL, drill, "C62"


def _recovery(pens: Pens, **other: object) -> Data:
    main = pens.ledger.compartments[pens.kept.places["main"]]
    sealed = pens.sealed("main") | {"holder": pens.ledger.archive, "epoch": 1} | other
    return {
        "compartment": main.compartment,
        "keys": [{"epoch": n + 1, "sealed": sealed} for n in range(main.epoch)],
    }


def _places(pens: Pens) -> Iterator[Case]:
    founded = pens.data(Kind.COMPARTMENT, companion_of=None)
    yield "founds a compartment", "lena", Kind.COMPARTMENT, founded | {"compartment": new_id()}, "C63"
    yield "founds a compartment again", "anna", Kind.COMPARTMENT, founded, "C64"
    epoch = pens.data(Kind.EPOCH)
    yield "begins an epoch again", "anna", Kind.EPOCH, epoch, "C64"
    yield "begins an epoch", "lena", Kind.EPOCH, epoch | {"epoch": epoch["epoch"] + 1}, "C67"
    yield "skips an epoch", "anna", Kind.EPOCH, epoch | {"epoch": epoch["epoch"] + 5}, "C64"
    left_out = epoch | {"epoch": epoch["epoch"] + 1, "keys": []}
    yield "leaves out whoever may open it", "anna", Kind.EPOCH, left_out, "C68"
    identity = pens.data(Kind.IDENTITY, compartment=pens.kept.places["main"])
    yield "hands out the key", "lena", Kind.IDENTITY, identity, "C67"
    minsk = pens.data(Kind.IDENTITY, compartment=pens.kept.places["minsk"])
    yield (
        "hands out the key alone, where it takes two",
        "anna",
        Kind.IDENTITY,
        minsk | {"proposal": None},
        "C59",
    )
    yield "hands out the key again by one proposal", "anna", Kind.IDENTITY, minsk, "C59"
    yield "names another grant", "anna", Kind.IDENTITY, minsk | {"grant": identity["grant"]}, "C67"
    rewrap = pens.data(Kind.REWRAP)
    yield "rewraps", "lena", Kind.REWRAP, rewrap, "C67"
    yield "rewraps to an old epoch", "anna", Kind.REWRAP, rewrap | {"epoch": 1}, "C64"
    header = [{"body": "0" * 64, "header": "1" * 64}]
    yield "rewraps what is not there", "anna", Kind.REWRAP, rewrap | {"headers": header}, "C64"
    elsewhere = [
        {"body": pens.ledger.items[pens.kept.items["other"]].original.sealed.body, "header": "1" * 64}
    ]
    yield "rewraps what is elsewhere", "anna", Kind.REWRAP, rewrap | {"headers": elsewhere}, "C64"


def _grants(pens: Pens) -> Iterator[Case]:
    ivan, main = pens.kept.agents["ivan"], pens.kept.places["main"]
    old = pens.data(Kind.GRANT, agent=ivan)
    yield "gives a revoked grant again", "anna", Kind.GRANT, old, "C64"
    new = old | {"grant": new_id(), "sealed": pens.sealed_to("ivan"), "reason": pens.sealed("main")}
    yield "gives a grant of an old epoch", "anna", Kind.GRANT, new, "C68"
    new |= {"epoch": pens.ledger.compartments[main].epoch}
    yield "gives a grant", "lena", Kind.GRANT, new, "C67"
    yield "gives himself a grant", "ivan", Kind.GRANT, new, "C67"
    yield (
        "gives a grant sealed to another",
        "anna",
        Kind.GRANT,
        new | {"sealed": pens.sealed_to("lena")},
        "C68",
    )
    suspended = new | {"agent": pens.kept.agents["dasha"]}
    yield "gives a grant to one suspended", "anna", Kind.GRANT, suspended, "C64"
    nobody = new | {"agent": new_id()}
    yield "gives a grant to nobody", "anna", Kind.GRANT, nobody, "C64"
    auditor = new | {"agent": pens.kept.agents["olga"], "sealed": pens.sealed_to("olga")}
    yield "gives an auditor a key", "anna", Kind.GRANT, auditor, "C63"
    two = new | {
        "compartment": pens.kept.places["minsk"],
        "epoch": 1,
        "reason": pens.sealed("minsk"),
        "proposal": None,
    }
    yield "gives a grant alone, where it takes two", "anna", Kind.GRANT, two, "C59"
    revocation = pens.data(Kind.REVOCATION)
    yield "revokes again", "anna", Kind.REVOCATION, revocation, "C64"
    hers = {"grant": pens.grant_of("vera", "main"), "reason": pens.sealed("main")}
    yield "revokes", "lena", Kind.REVOCATION, hers, "C67"
    yield "revokes nothing", "anna", Kind.REVOCATION, hers | {"grant": new_id()}, "C64"


def _two(pens: Pens) -> Iterator[Case]:
    minsk = pens.kept.places["minsk"]
    setting = {"compartment": minsk, "two_person": False, "proposal": None}
    yield "ends it alone that it takes two", "anna", Kind.SETTING, setting, "C59"
    waiting = next(one for one in pens.ledger.proposals.values() if one.approver is None and one.used is None)
    yield (
        "ends it by what nobody approved",
        "anna",
        Kind.SETTING,
        setting | {"proposal": waiting.proposal},
        "C59",
    )
    alone = {"compartment": pens.kept.places["main"], "two_person": True, "proposal": None}
    yield "begins it where one manages", "anna", Kind.SETTING, alone, "C63"
    proposal = pens.data(Kind.PROPOSAL) | {"reason": pens.sealed("minsk")}
    yield "proposes again", "boris", Kind.PROPOSAL, proposal, "C64"
    fresh = proposal | {"proposal": new_id()}
    yield "proposes for ever", "boris", Kind.PROPOSAL, fresh | {"until": LATER}, "C64"
    yield "proposes", "lena", Kind.PROPOSAL, fresh, "C67"
    yield "proposes what is about nobody", "boris", Kind.PROPOSAL, fresh | {"act": "grant"}, "C64"
    answer = {"proposal": waiting.proposal, "approved": True}
    yield "approves his own", "boris", Kind.APPROVAL, answer, "C63"
    yield "approves too late", "anna", Kind.APPROVAL, answer, "C63"
    yield "approves", "lena", Kind.APPROVAL, answer, "C67"
    yield "approves nothing", "anna", Kind.APPROVAL, answer | {"proposal": new_id()}, "C64"
    used = pens.data(Kind.APPROVAL)
    yield "approves again", "boris", Kind.APPROVAL, used, "C64"
