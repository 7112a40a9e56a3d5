"""Every address of the site, with what can be asked there. An address that is not here fails the crawl."""

import io
from collections.abc import Callable

from commands import EVERYWHERE
from names import Names

REASON = {"reason": "because the work needs it"}


def _searches(v: Names):
    for query in (v.text, f'perpetrator:"{v.culprit}"', f"place:{v.town}", *EVERYWHERE, v.file, v.item):
        yield {"query": query}
        yield {"query": query, "compartment": v.label}
    yield {"query": "testimony", "narrow": f'perpetrator:"{v.culprit}"', "offset": "0"}
    yield {"query": v.text, "offset": "5", "purpose": "analysis"}


def _files(v: Names):
    file = (io.BytesIO(f"A statement of testimony: {v.text} happened there.\n".encode()), f"{v.file}.txt")
    yield {"rights_basis": "public", "title": v.text, "compartment": v.label, "files": file}


def _redactions(v: Names):
    for label in ("", v.label):
        file = (io.BytesIO(b"Something happened.\n"), "redacted.txt")
        yield {"item": v.item, "title": "mine", "compartment": label, **REASON, "file": file}


def _packs(v: Names):
    yield {"pack": (io.BytesIO(v.text.encode()), f"{v.file}.pack")}


def _receipts(v: Names):
    yield {"receipt": (io.BytesIO(v.code.encode()), "receipt.txt")}


Asked = Callable[[Names], object]

PAGES: dict[tuple[str, str], Asked] = {
    ("GET", "/"): lambda v: [{}],
    ("GET", "/home"): lambda v: [{}],
    ("GET", "/static/<name>"): lambda v: [
        {"name": "style.css"},
        {"name": v.file},
        {"name": "../archive.json"},
    ],
    ("GET", "/sign-in"): lambda v: [{}],
    ("POST", "/purpose"): lambda v: [{"purpose": one} for one in ("court", "publication", v.text)],
    ("POST", "/language"): lambda v: [{"language": "en", "back": f"/items/{v.item}"}],
    ("GET", "/sessions"): lambda v: [{}],
    ("POST", "/sessions/lock-archive"): lambda v: [{}],
    ("GET", "/keys"): lambda v: [{}],
    ("POST", "/keys/words"): lambda v: [{}],
    ("POST", "/keys/replace"): lambda v: [{"again": v.code, "passphrase": v.text}],
    ("POST", "/keys/passphrase"): lambda v: [{"again": v.code, "passphrase": v.text}],
    ("POST", "/keys/factor"): lambda v: [{}],
    ("POST", "/keys/factor/add"): lambda v: [{"passphrase": v.text, "code": "000000"}],
    ("POST", "/keys/factor/remove"): lambda v: [{"passphrase": v.text}],
    ("GET", "/deposit"): lambda v: [{}],
    ("GET", "/deposits"): lambda v: [{}],
    ("POST", "/deposit"): _files,
    ("POST", "/receipt"): lambda v: [{"wanted": v.code}, {"wanted": v.item}],
    ("GET", "/submit"): lambda v: [{}],
    ("POST", "/submit"): _packs,
    ("GET", "/submit/receipts"): lambda v: [{}],
    ("POST", "/submit/receipts"): lambda v: [{"words": v.code}],
    ("GET", "/claimed"): lambda v: [{}],
    ("POST", "/claimed/confirm"): lambda v: [{"item": v.item}, {}],
    ("GET", "/search"): lambda v: [{}],
    ("POST", "/search"): _searches,
    ("GET", "/items/<item>"): lambda v: [{"item": v.item}, {"item": v.record}, {"item": v.text}],
    ("GET", "/items/<item>/history"): lambda v: [{"item": v.item}, {"item": v.item, "page": "2"}],
    ("POST", "/items/<item>/certificate"): lambda v: [{"item": v.item}, {"item": v.item, "original": "1"}],
    ("POST", "/items/<item>/read"): lambda v: [
        {"item": v.item},
        {"item": v.item, "graphic": "1"},
        {"item": v.item, "rendition": v.form},
    ],
    ("POST", "/items/<item>/original"): lambda v: [{"item": v.item}],
    ("POST", "/items/<item>/sealed"): lambda v: [{"item": v.item}],
    ("POST", "/items/<item>/consents"): lambda v: [{"item": v.item}],
    ("POST", "/items/<item>/hold"): lambda v: [{"item": v.item}],
    ("POST", "/items/<item>/hold/now"): lambda v: [{"item": v.item, **REASON}, {"item": v.item}],
    ("POST", "/items/<item>/lift"): lambda v: [{"item": v.item}],
    ("POST", "/items/<item>/lift/now"): lambda v: [{"item": v.item, **REASON}],
    ("POST", "/items/<item>/destroy"): lambda v: [{"item": v.item}],
    ("POST", "/items/<item>/destroy/now"): lambda v: [
        {"item": v.item, "days": "0", **REASON},
        {"item": v.item, "days": "0", "record": v.record, **REASON},
    ],
    ("POST", "/items/<item>/cancel"): lambda v: [{"item": v.item}],
    ("POST", "/items/<item>/cancel/now"): lambda v: [{"item": v.item, **REASON}],
    ("GET", "/asked"): lambda v: [{}],
    ("POST", "/asked"): lambda v: [{"entry": one} for one in ("0", "100", "999999", v.text)],
    ("GET", "/items/<item>/redaction"): lambda v: [{"item": v.item}],
    ("POST", "/items/<item>/redaction"): _redactions,
    ("POST", "/items/<item>/form"): lambda v: [
        {"item": v.item, "rendition": one} for one in (v.form, v.record, v.text)
    ],
    ("POST", "/items/<item>/identity"): lambda v: [{"item": v.item}],
    ("POST", "/items/<item>/identity/now"): lambda v: [{"item": v.item, **REASON}, {"item": v.item}],
    ("GET", "/log"): lambda v: [{}],
    ("GET", "/log/checkpoint"): lambda v: [{}],
    ("GET", "/log/tile/<path:path>"): lambda v: [{"path": "0/000.p/9"}, {"path": "entries/000.p/9"}],
    ("GET", "/log/trust"): lambda v: [{}],
    ("GET", "/log/holdings"): lambda v: [{}],
    ("GET", "/log/body/<body>"): lambda v: [{"body": "0" * 64}, {"body": v.text}],
    ("POST", "/log/inspections"): lambda v: [{"entry": v.text}],
    ("POST", "/log/audits"): lambda v: [{"entry": v.text}],
    ("GET", "/verify"): lambda v: [{}],
    ("POST", "/verify"): _receipts,
    ("GET", "/people"): lambda v: [{}, {"done": v.label}],
    ("POST", "/people/give"): lambda v: [
        {"handle": v.handle, "compartment": v.label, "actions": "audit", **REASON},
        {"handle": v.handle, "compartment": v.label, "actions": "read", "purposes": "court", **REASON},
    ],
    ("POST", "/people/proposal"): lambda v: [
        {"proposal": v.proposal, "answer": "approve"},
        {"proposal": v.proposal, "answer": "refuse"},
    ],
    ("POST", "/people/withdraw"): lambda v: [{"handle": v.handle, "compartment": v.label}],
    ("POST", "/people/withdraw/now"): lambda v: [{"handle": v.handle, "compartment": v.label, **REASON}],
    ("POST", "/people/factor"): lambda v: [{"handle": v.handle}],
    ("POST", "/people/suspend"): lambda v: [{"handle": v.handle}],
    ("POST", "/people/suspend/now"): lambda v: [{"handle": v.handle}],
    ("POST", "/items/<item>/transfer"): lambda v: [{"item": v.item}],
    ("POST", "/items/<item>/transfer/now"): lambda v: [
        {"item": v.item, "handle": v.handle, "medium": "paper", "seal": "1", "basis": "article 1"},
    ],
    ("GET", "/transfers"): lambda v: [{}],
    ("POST", "/transfers/answer"): lambda v: [
        {"transfer": v.proposal, "answer": one} for one in ("accept", "differs", "refuse")
    ],
    ("GET", "/audit"): lambda v: [{}],
    ("POST", "/audit"): lambda v: [{}],
    ("POST", "/audit/report"): lambda v: [{}, {"printed": "1"}],
    ("POST", "/audit/key"): lambda v: [{"passphrase": v.text}, {"passphrase": v.code}],
    # Late: what was withdrawn is shown to nobody any more.
    ("POST", "/items/<item>/withdraw"): lambda v: [{"item": v.item}],
    ("POST", "/items/<item>/withdraw/now"): lambda v: [{"item": v.item, **REASON}],
    # Late: who was enrolled and what was founded is there from then on.
    ("POST", "/people/enrol"): lambda v: [{"new-handle": v.handle, "role": "lawyer"}],
    ("POST", "/people/compartment"): lambda v: [{"label": v.label[::-1]}],
    ("POST", "/sign-in"): lambda v: [{"handle": v.handle, "passphrase": v.text}],
    ("POST", "/sessions/end"): lambda v: [{"session": v.text}],
    ("POST", "/sessions/end-others"): lambda v: [{}],
    ("POST", "/sign-out"): lambda v: [{}],
    ("POST", "/sessions/lock"): lambda v: [{}],
    ("POST", "/sessions/lock-archive/now"): lambda v: [{}],
}

OF_THE_WHOLE = {
    "GET /audit": "the report of the last audit is an auditor's, and says how much that was",
    "POST /audit/report": "the report of the last audit is an auditor's, and says how much that was",
    "POST /audit/key": "refused, it is the page with the report of the last audit",
    "POST /audit": "an auditor verifies everything, and says how much that was",
    "GET /log/tile/<path:path>": "hash tiles are public, entries are the auditor's",
}
OF_HANDLES = {"POST /people/factor", "POST /people/suspend/now"}
HER_OWN = {
    "POST /keys/words",
    "POST /keys/replace",
    "POST /keys/passphrase",
    "POST /keys/factor",
    "POST /keys/factor/add",
    "POST /people/enrol",
}
