"""Every command, with arguments that name whatever it can name. A command that is not here fails the crawl."""

import json
from collections.abc import Callable
from pathlib import Path

from names import Names

from archive.cosigners.answering import format_public
from keys.cosigner_keys import CosignerKey

REASON = ("--reason", "because the work needs it")
FACETS = [
    word for facet in ("perpetrator", "institution", "place", "language") for word in ("--facet", facet)
]
#: Words that are in every statement, and the beginning of every marker.
EVERYWHERE = ("testimony", "zq*", "happened there", "NOT nothing", "language:en", "date:2020")


class Desk:
    """Files to hand in, and where what comes out goes."""

    def __init__(self, place: Path, sheets: list[Path]) -> None:
        self.place = place
        self.out = place / "out"
        self.sheets = [word for sheet in sheets for word in ("--share", sheet)]
        self._number = 0

    def new(self) -> Path:
        self.out.mkdir(exist_ok=True)
        self._number += 1
        return self.out / f"file{self._number}"

    def file(self, name: str, content: str) -> Path:
        path = self.place / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        return path

    def passphrase(self) -> Path:
        return self.file("new.passphrase", "quite another passphrase\n")

    def cosigner_key(self) -> Path:
        key = CosignerKey.generate("cosigner.example/crawl", bytes)
        return self.file("cosigner.pub", format_public(key).decode())


def _searches(v: Names, _desk: Desk):
    for query in (v.text, f'perpetrator:"{v.culprit}"', f"place:{v.town}", f'name:~"{v.culprit}"'):
        yield (query, *FACETS, "--purpose", "court", "--json")
    yield (v.text, *FACETS)
    yield ("testimony", "--in", v.label, *FACETS)
    for query in EVERYWHERE:
        yield (query, *FACETS, "--limit", 100, "--purpose", "court", "--json")
    yield (v.file,)
    yield (v.item,)
    yield (f"{v.text[:6]}*",)


def _describes(v: Names, desk: Desk):
    name = {"text": v.culprit, "language": "en", "kind": "official"}
    person = {"type": "person", "data": {"names": [name]}}
    consent = {"person": v.record, "given_by": "self", "uses": ["store"], "items": [v.item]}
    for number, records in enumerate(
        ([{**person, "id": v.record}], [{"type": "consent", "data": consent}], [{**person, "id": v.item}])
    ):
        yield (desk.file(f"records{number}.json", json.dumps(records)), "--into", v.label)


def _grants(v: Names, _desk: Desk):
    yield (v.handle, v.label, "--may", "read", "--for", "court", *REASON)
    yield (v.handle, v.label, "--may", "audit,manage", *REASON)


def _destroys(v: Names, _desk: Desk):
    yield (v.item, *REASON, "--yes")
    yield (v.item, *REASON, "--cancel", "--yes")
    yield (v.item, *REASON, "--proposal", v.proposal, "--yes")
    yield ("--due",)


def _receipts(v: Names, desk: Desk):
    for wanted in ((v.code,), (v.item,), tuple(v.code.split())):
        yield (*wanted, "-o", desk.new())


def _reads(v: Names, desk: Desk):
    yield (v.item, "--purpose", "court")
    yield (v.item, "--purpose", "court", "--json")
    yield (v.item, "--purpose", "analysis")
    yield (v.item, "--purpose", "court", "-o", desk.new())
    for kind in ("text", "redaction", "thumbnail", v.form):
        yield (v.item, "--rendition", kind, "--purpose", "court")


def _renditions(v: Names, desk: Desk):
    add = (v.item, desk.file("redacted.txt", "Something happened.\n"), "--kind", "redaction", *REASON)
    yield (*add, "--title", "mine")
    yield (*add, "--into", v.label)
    yield (*add, "--into", f"{v.label}.identities", "--uses", "publication")
    yield (*add, "--source", v.form, "--proposal", v.proposal)


def _deposits(v: Names, desk: Desk):
    described = desk.file("describe.json", json.dumps({"title": "mine", "rights_basis": "public"}))
    path = desk.file(f"{v.file}.txt", f"A statement of testimony: {v.text} happened there.\n")
    yield (path, "--into", v.label, "--describe", described, "--json")


def _audits(_v: Names, desk: Desk):
    yield ()
    yield ("--sample", 1, "--seed", "s", "--json")
    key = desk.file("no.key", "no key")
    yield ("--mirror", "http://127.0.0.1:1", "--keep", desk.new(), "--key", key, "--trust", key)
    yield ("--report", desk.new(), "--language", "en")


Arguments = Callable[[Names, Desk], object]

COMMANDS: dict[tuple[str, ...], Arguments] = {
    ("init",): lambda v, d: [
        (d.new(), "--name", v.label, "--custodian", v.handle, "--new-passphrase-file", d.passphrase())
    ],
    ("doctor",): lambda v, d: [(), ("--json",)],
    ("agent", "add"): lambda v, d: [
        (v.handle, "--role", "lawyer", "--new-passphrase-file", d.passphrase()),
    ],
    ("agent", "list"): lambda v, d: [(), ("--json",)],
    ("agent", "me"): lambda v, d: [(), ("--json",)],
    ("agent", "export"): lambda v, d: [("-o", d.new())],
    ("compartment", "list"): lambda v, d: [(), ("--json",)],
    ("compartment", "card"): lambda v, d: [
        (v.label, "-o", d.new()),
        (f"{v.label}.identities", "-o", d.new()),
    ],
    ("compartment", "identity"): lambda v, d: [
        (f"{v.label}.identities", "-o", d.new()),
        (v.label, "-o", d.new()),
    ],
    ("compartment", "set"): lambda v, d: [
        (v.label, "--two-person", "on"),
        (v.label, "--two-person", "off", *REASON),
    ],
    ("compartment", "rewrap"): lambda v, d: [(v.label,)],
    ("grants",): lambda v, d: [(), (v.label,), ("--json",), (f"{v.label}.identities",)],
    ("grant",): _grants,
    ("propose", "identity"): lambda v, d: [(v.label, *REASON)],
    ("propose", "release"): lambda v, d: [(v.item, *REASON)],
    ("propose", "destroy"): lambda v, d: [(v.item, *REASON)],
    ("proposal", "list"): lambda v, d: [(), ("--json",)],
    ("proposal", "approve"): lambda v, d: [(v.proposal,)],
    ("proposal", "refuse"): lambda v, d: [(v.proposal,)],
    ("deposit",): _deposits,
    ("describe",): _describes,
    ("receipt",): _receipts,
    ("search",): _searches,
    ("read",): _reads,
    ("history",): lambda v, d: [
        (v.item,),
        (v.item, "--json"),
        (v.item, "--certificate", d.new(), "--language", "en"),
        (v.item, "--certificate", d.new(), "--language", "en", "--original", "--purpose", "court"),
    ],
    ("rendition", "add"): _renditions,
    ("rendition", "list"): lambda v, d: [(v.item,), (v.item, "--json")],
    ("unmask",): lambda v, d: [
        (one, *REASON, "--purpose", purpose, "--yes")
        for one in (v.item, v.record)
        for purpose in ("court", "research")
    ],
    ("sealed",): lambda v, d: [(v.item, "-o", d.new())],
    ("transfer", "offer"): lambda v, d: [
        (v.item, "--to", v.handle, "--medium", "paper", "--seal", "1", "--basis", "article 1", "--json"),
    ],
    ("transfer", "list"): lambda v, d: [(), ("--json",)],
    ("transfer", "accept"): lambda v, d: [(v.proposal,), (v.item,)],
    ("transfer", "refuse"): lambda v, d: [(v.proposal,), (v.item,)],
    ("hold", "add"): lambda v, d: [(v.item, *REASON)],
    ("hold", "lift"): lambda v, d: [(v.item, *REASON)],
    ("consent", "show"): lambda v, d: [(v.item,), (v.item, "--json")],
    ("consent", "asked"): lambda v, d: [(0,), (100,), (999_999,)],
    ("consent", "withdraw"): lambda v, d: [
        (v.record, "--yes"),
        (v.item, "--yes"),
        (v.item, *REASON, "--yes"),
    ],
    ("destroy",): _destroys,
    ("trustees", "init"): lambda v, d: [("--sheets", d.new())],
    ("trustees", "drill"): lambda v, d: [d.sheets],
    ("trustees", "recover"): lambda v, d: [
        (*d.sheets, "--to", v.handle, "--new-passphrase-file", d.passphrase()),
    ],
    ("trustees", "replace"): lambda v, d: [
        (*d.sheets, "--sheets", d.new(), "--yes"),
        ("--sheets", d.new(), "--yes"),
    ],
    ("anchor", "authority", "add"): lambda v, d: [
        ("clock", "--url", "http://127.0.0.1:1", "--certificate", d.file("no.certificate", v.text)),
    ],
    ("anchor", "authority", "list"): lambda v, d: [(), ("--json",)],
    ("anchor", "authority", "remove"): lambda v, d: [("clock",)],
    ("anchor", "now"): lambda v, d: [(), ("--authority", v.label)],
    ("anchor", "export"): lambda v, d: [("-o", d.new()), ("-o", d.new(), "--size", 1)],
    ("anchor", "status"): lambda v, d: [(), ("--json",)],
    ("audit",): _audits,
    ("pack",): lambda v, d: [
        (d.file("packed.txt", v.text), "--card", d.file("no.card", v.label), "-o", d.new())
    ],
    ("submit",): lambda v, d: [
        (d.file("no.pack", v.text),),
        (d.file("no.pack", v.text), "--to", "http://127.0.0.1:1"),
    ],
    ("confirm",): lambda v, d: [("--list",), ("--list", "--json"), (v.item,), (v.item, "--json"), ()],
    ("verify",): lambda v, d: [(d.file("no.receipt", f"{v.code}\n"),)],
    ("cosigner", "add"): lambda v, d: [
        (d.file("no.pub", v.label),),
        (d.cosigner_key(), "--url", "http://127.0.0.1:1"),
    ],
    ("cosigner", "list"): lambda v, d: [(), ("--json",)],
    ("cosigner", "ask"): lambda v, d: [(), ("--json",)],
    ("cosigner", "take"): lambda v, d: [(d.file("no.checkpoint", v.label),)],
    ("cosigner", "trust"): lambda v, d: [("-o", d.new())],
    ("cosigner", "policy"): lambda v, d: [("-o", d.new()), ("--need", 9, "-o", d.new())],
    ("cosigner", "remove"): lambda v, d: [(v.label,), ("cosigner.example/crawl",)],
    ("cosign", "new"): lambda v, d: [(d.new(), "--name", "cosigner.example/crawl")],
    ("cosign", "add-log"): lambda v, d: [(d.new(), "--trust", d.file("no.trust", v.label))],
    ("cosign", "logs"): lambda v, d: [(d.new(),)],
    ("cosign", "once"): lambda v, d: [(d.new(), "--mirror", d.new())],
    ("cosign", "serve"): lambda v, d: [(d.new(),)],
    ("index", "status"): lambda v, d: [(), ("--json",)],
    ("index", "run"): lambda v, d: [("--json",)],
    ("index", "rebuild"): lambda v, d: [("--json",)],
    ("copies", "add"): lambda v, d: [(d.new(),)],
    ("copies", "list"): lambda v, d: [(), ("--json",)],
    ("copies", "remove"): lambda v, d: [(d.new(),)],
    ("fixity",): lambda v, d: [(), ("--sample", 1, "--seed", "s", "--json"), ("--repair",)],
    ("backup",): lambda v, d: [(d.new(),)],
    ("restore",): lambda v, d: [(d.file("no.backup", "").parent, d.new())],
    ("readmit",): lambda v, d: [(d.file("no.receipt", f"{v.code}\n"),)],
    ("lock",): lambda v, d: [()],
    ("revoke",): lambda v, d: [(v.handle, v.label, *REASON, "--yes", "--rewrap")],
    ("agent", "factor", "add"): lambda v, d: [()],
    ("agent", "factor", "remove"): lambda v, d: [("--yes",), (v.handle, "--yes")],
    ("agent", "suspend"): lambda v, d: [(v.handle, "--yes")],
    ("agent", "rotate"): lambda v, d: [()],
    ("agent", "passphrase"): lambda v, d: [("--new-passphrase-file", d.place / "own.passphrase")],
    # Late: what was founded under a foreign label is hers from then on.
    ("compartment", "add"): lambda v, d: [(v.label,)],
    ("serve",): lambda v, d: [("--port", 0)],
    ("demo",): lambda v, d: [("--port", 0)],
}

#: Commands that tell of the whole archive to whoever has its folder, or to an auditor, and why they may: so
#: what they say differs with what is hidden, and only its words are looked for.
OF_THE_WHOLE = {
    "anchor status": "whoever has the folder sees how long the log is",
    "audit": "an auditor verifies everything, and says how much that was",
    "copies add": "whoever has the folder copies all of it, sealed as it is",
    "copies list": "whoever has the folder counts what is in it",
    "copies remove": "whoever has the folder says which copies there are",
    "fixity": "whoever has the folder hashes all of it, sealed as it is",
    "cosigner list": "how long the log is, which its public page says too",
    "backup": "whoever has the folder copies all of it, sealed as it is",
    "trustees replace": "a custodian seals everything to the new trustees, and is told by id what he cannot",
}
#: What names nothing but a handle: whoever sees the list of agents gets different answers, and may.
OF_HANDLES = {"agent add", "agent factor remove", "agent suspend", "trustees recover"}
#: Where what is answered is drawn anew each time, or counts what she did herself: nothing to compare.
HER_OWN = {
    "cosign new",
    "init",
    "index rebuild",
    "agent factor add",
    "agent passphrase",
    "agent rotate",
    "trustees init",
}
