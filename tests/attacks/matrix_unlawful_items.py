"""What agents may not do to items, forms, records and packs, nor in looking at them: each breaks one rule."""

from collections.abc import Iterator
from typing import Any

from matrix_events import Case, Pens

from archive.ids import new_id
from archive.kinds import Kind

LATER = "2099-01-01T00:00:00Z"
AGO = "2026-11-01T00:00:00Z"


def unlawful_about_items(pens: Pens) -> Iterator[Case]:
    """Yield what is done, by whom, in which words, and with which code it is refused."""
    for cases in (_items, _forms, _records, _looks, _readings, _ends, _packs):
        yield from cases(pens)


def _items(pens: Pens) -> Iterator[Case]:
    new = pens.data(Kind.ACCESSION) | {"item": new_id(), "rendition": new_id(), "sealed": pens.sealed("main")}
    held = pens.original("held")
    yield "accessions an item twice", "vera", Kind.ACCESSION, new | {"item": held["item"]}, "C64"
    yield "accessions a form twice", "vera", Kind.ACCESSION, new | {"rendition": held["rendition"]}, "C64"
    yield (
        "accessions what was destroyed",
        "vera",
        Kind.ACCESSION,
        new | {"item": pens.kept.items["gone"]},
        "C64",
    )
    body = pens.ledger.items[pens.kept.items["held"]].original.sealed.body
    copied = new | {"sealed": new["sealed"] | {"body": body}}
    yield "accessions another's body", "vera", Kind.ACCESSION, copied, "C64"
    described = next(iter(pens.ledger.records.values())).sealed.body
    yield (
        "accessions a record",
        "vera",
        Kind.ACCESSION,
        new | {"sealed": new["sealed"] | {"body": described}},
        "C64",
    )
    later = new | {"sealed": new["sealed"] | {"epoch": 99}}
    yield "accessions into an epoch to come", "vera", Kind.ACCESSION, later, "C64"
    yield (
        "accessions nowhere",
        "vera",
        Kind.ACCESSION,
        new | {"sealed": new["sealed"] | {"holder": new_id()}},
        "C64",
    )
    for who in ("lena", "olga", "ivan"):
        yield "accessions", who, Kind.ACCESSION, new, "C67"
    yield "accessions", "archive", Kind.ACCESSION, new, "C63"
    yield "records extraction", "lena", Kind.EXTRACTION, pens.data(Kind.EXTRACTION), "C63"
    yield "queues a batch", "lena", Kind.INDEXING, pens.data(Kind.INDEXING), "C63"


def _forms(pens: Pens) -> Iterator[Case]:
    text = pens.data(Kind.RENDITION, kind="text")
    yield "adds a form twice", "archive", Kind.RENDITION, text, "C64"
    new = text | {
        "item": pens.kept.items["held"],
        "rendition": new_id(),
        "sealed": pens.sealed("main"),
        "source": None,
    }
    yield "adds a text", "vera", Kind.RENDITION, new, "C63"
    yield "adds a transcript", "archive", Kind.RENDITION, new | {"kind": "transcript"}, "C63"
    yield "adds a transcript", "lena", Kind.RENDITION, new | {"kind": "transcript"}, "C67"
    yield "adds a text elsewhere", "archive", Kind.RENDITION, new | {"sealed": pens.sealed("minsk")}, "C63"
    yield (
        "adds a text of another's form",
        "archive",
        Kind.RENDITION,
        new | {"source": text["rendition"]},
        "C64",
    )
    body = pens.ledger.items[pens.kept.items["last"]].original.sealed.body
    yield (
        "adds another's body",
        "archive",
        Kind.RENDITION,
        new | {"sealed": pens.sealed("main", body=body)},
        "C64",
    )
    redaction = new | {
        "kind": "redaction",
        "uses": None,
        "reason": pens.sealed("main"),
        "rendition": new_id(),
    }
    yield "adds a redaction", "vera", Kind.RENDITION, redaction, "C67"
    stored = redaction | {"item": pens.kept.items["claimed"], "sealed": pens.sealed("main")}
    yield "adds a redaction of what is stored only", "anna", Kind.RENDITION, stored, "C66"


def _records(pens: Pens) -> Iterator[Case]:
    record = pens.data(Kind.RECORD, item=pens.kept.items["held"])
    body = record["sealed"]["body"]
    fresh = record | {"sealed": pens.sealed("main")}
    yield "writes a first version again", "vera", Kind.RECORD, fresh, "C65"
    following = fresh | {"version": record["version"] + 1, "predecessor": body}
    yield "skips a version", "vera", Kind.RECORD, following | {"version": 9}, "C65"
    yield "follows another record", "vera", Kind.RECORD, following | {"predecessor": "0" * 64}, "C65"
    yield "writes a record", "lena", Kind.RECORD, following, "C67"
    yield "writes a record", "olga", Kind.RECORD, following, "C67"
    yield (
        "writes a record elsewhere",
        "vera",
        Kind.RECORD,
        following | {"sealed": pens.sealed("minsk")},
        "C65",
    )
    about = following | {"item": pens.kept.items["read"]}
    yield "makes a record one of another item", "vera", Kind.RECORD, about, "C65"
    again = following | {"sealed": pens.sealed("main", body=body)}
    yield "gives two versions one body", "vera", Kind.RECORD, again, "C64"
    destroyed = following | {"record": pens.kept.items["gone"], "item": None}
    yield "writes a record that was destroyed", "vera", Kind.RECORD, destroyed, "C65"
    policy = pens.data(Kind.POLICY, item=pens.kept.items["held"])
    yield "lets a consent vanish", "vera", Kind.POLICY, policy | {"consents": []}, "C66"
    unknown = [{**policy["consents"][0], "record": new_id()}]
    yield (
        "rests on no consent",
        "vera",
        Kind.POLICY,
        policy | {"consents": policy["consents"] + unknown},
        "C66",
    )
    wider = [{**policy["consents"][0], "uses": ["court", "publication", "store"]}]
    yield "widens a consent", "olga", Kind.POLICY, policy | {"consents": wider}, "C67"
    taken_back = pens.data(Kind.POLICY, item=pens.kept.items["other"])
    taken_back["consents"][0] |= {"withdrawn": False}
    yield "takes a withdrawal back", "vera", Kind.POLICY, taken_back | {"reason": None}, "C67"


def _looks(pens: Pens) -> Iterator[Case]:
    search, main = pens.data(Kind.SEARCH), pens.kept.places["main"]
    yield "searches in nothing", "lena", Kind.SEARCH, search | {"compartments": []}, "C67"
    yield "searches", "vera", Kind.SEARCH, search | {"compartments": [main], "shown": []}, "C67"
    minsk = search | {"compartments": [pens.kept.places["minsk"]], "shown": []}
    yield "searches elsewhere", "lena", Kind.SEARCH, minsk, "C67"
    shown = search | {"compartments": [main], "shown": [pens.kept.items["other"]]}
    yield "is shown what is elsewhere", "lena", Kind.SEARCH, shown, "C67"
    told = search | {"compartments": [main], "shown": [], "told": [pens.kept.items["held"]]}
    yield "is told of what asks for no telling", "lena", Kind.SEARCH, told, "C67"
    yield "records an audit", "vera", Kind.AUDIT, pens.data(Kind.AUDIT), "C63"
    unmasking = pens.data(Kind.UNMASKING) | {"reason": pens.sealed("main.identities")}
    yield "unmasks", "ivan", Kind.UNMASKING, unmasking, "C67"
    yield (
        "unmasks by another grant",
        "lena",
        Kind.UNMASKING,
        unmasking | {"grant": pens.grant_of("lena", "main")},
        "C67",
    )
    open_record = next(
        one.record for one in pens.ledger.records.values() if one.item == pens.kept.items["held"]
    )
    yield "unmasks what hides nobody", "lena", Kind.UNMASKING, unmasking | {"record": open_record}, "C64"


def _readings(pens: Pens) -> Iterator[Case]:
    read: list[tuple[str, str, dict[str, Any], str]] = [
        ("reads after the revocation", "ivan", pens.reading("ivan", "held"), "C67"),
        ("reads after the end", "dina", pens.reading("dina", "held"), "C67"),
        ("reads by the grant of another", "lena", pens.reading("ivan", "held"), "C67"),
        ("reads for what was not granted", "lena", pens.reading("lena", "held", purpose="research"), "C67"),
        ("reads for storage", "lena", pens.reading("lena", "held", purpose="store"), "C67"),
        ("reads what is claimed", "lena", pens.reading("lena", "claimed"), "C67"),
        ("reads what is elsewhere", "lena", pens.reading("lena", "other"), "C67"),
        ("reads what consent was withdrawn for", "anna", pens.reading("anna", "other", place="minsk"), "C67"),
        ("reads", "vera", pens.reading("vera", "held"), "C67"),
        ("reads", "olga", pens.reading("lena", "held"), "C67"),
        ("reads", "archive", pens.reading("lena", "held"), "C63"),
        ("reads by a grant to come", "lena", pens.reading("lena", "held", grant=new_id()), "C67"),
        (
            "reads a form of another item",
            "lena",
            pens.reading("lena", "held", item=pens.kept.items["read"]),
            "C64",
        ),
        (
            "reads what was destroyed",
            "lena",
            pens.reading("lena", "held", item=pens.kept.items["gone"]),
            "C64",
        ),
    ]
    for what, who, data, code in read:
        yield what, who, Kind.READING, data, code


def _ends(pens: Pens) -> Iterator[Case]:
    held, ordered, last = (pens.kept.items[name] for name in ("held", "ordered", "last"))
    reason = pens.sealed("main")
    hold = {"hold": new_id(), "item": last, "reason": reason}
    yield "holds", "vera", Kind.HOLD, hold, "C67"
    known = next(iter(pens.ledger.holds))
    yield "holds again", "anna", Kind.HOLD, hold | {"hold": known}, "C64"
    yield "lifts a hold", "lena", Kind.LIFT, hold | {"hold": known, "item": held}, "C67"
    yield "lifts no hold", "anna", Kind.LIFT, hold, "C64"
    order = {"item": last, "due": LATER, "records": [], "reason": reason, "proposal": None}
    yield "orders what is held destroyed", "anna", Kind.ORDER, order | {"item": held}, "C58"
    yield "orders a destruction again", "anna", Kind.ORDER, order | {"item": ordered}, "C64"
    yield "orders a destruction", "lena", Kind.ORDER, order, "C67"
    yield "orders a destruction", "vera", Kind.ORDER, order, "C67"
    yield "orders a destruction for before", "anna", Kind.ORDER, order | {"due": AGO}, "C64"
    another = next(one.record for one in pens.ledger.records.values() if one.item == held)
    yield (
        "orders a record of another item destroyed",
        "anna",
        Kind.ORDER,
        order | {"records": [another]},
        "C64",
    )
    yield "cancels no order", "anna", Kind.CANCELLATION, {"item": last, "reason": reason}, "C64"
    yield "cancels an order", "lena", Kind.CANCELLATION, {"item": ordered, "reason": reason}, "C67"
    yield "destroys what nobody ordered", "archive", Kind.DESTRUCTION, {"item": last}, "C58"
    yield "destroys too early", "archive", Kind.DESTRUCTION, {"item": ordered}, "C58"
    yield "destroys what is held", "archive", Kind.DESTRUCTION, {"item": held}, "C58"
    yield "destroys again", "archive", Kind.DESTRUCTION, {"item": pens.kept.items["gone"]}, "C64"
    yield "destroys", "anna", Kind.DESTRUCTION, {"item": ordered}, "C58"


def _packs(pens: Pens) -> Iterator[Case]:
    known = pens.data(Kind.SUBMISSION)
    new = known | {"item": new_id(), "deposit": new_id(), "rendition": new_id()}
    new |= {"sealed": pens.sealed("main"), "description": pens.sealed("main")}
    yield "takes a pack in", "vera", Kind.SUBMISSION, new, "C63"
    yield "takes an item in twice", "archive", Kind.SUBMISSION, new | {"item": known["item"]}, "C64"
    two = new | {"deposit": known["deposit"], "manifest": "0" * 64}
    yield "takes two packs of one id in", "archive", Kind.SUBMISSION, two, "C64"
    yield "takes a copy in", "archive", Kind.SUBMISSION, new | {"sealed": known["sealed"]}, "C64"
    confirmation = pens.data(Kind.CONFIRMATION)
    yield "confirms again", "anna", Kind.CONFIRMATION, confirmation | {"sealed": pens.sealed("main")}, "C64"
    first = confirmation | {
        "item": pens.kept.items["claimed"],
        "sealed": pens.sealed("main"),
        "rendition": new_id(),
    }
    yield "confirms", "vera", Kind.CONFIRMATION, first, "C67"
    yield "confirms without an original", "anna", Kind.CONFIRMATION, first | {"sealed": None}, "C64"
    yield "confirms elsewhere", "anna", Kind.CONFIRMATION, first | {"sealed": pens.sealed("minsk")}, "C64"
