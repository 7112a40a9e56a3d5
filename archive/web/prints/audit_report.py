"""The report of an audit: what was compared, what is not as it was logged, and what that means."""

from datetime import datetime
from typing import Final

from archive.findings import AuditReport, Fault, Reach
from archive.web.languages import format_minute, language
from archive.web.languages import translate as _
from archive.web.prints.typesetting import Document, Fact, Listing, Part, Step, typeset

#: Faults and warnings set out one by one; whoever wants more reads the JSON report.
MOST_SHOWN: Final = 200
_LONGEST: Final = 400


def audit_report(report: AuditReport, at: datetime) -> bytes:
    """Return a report as PDF, in the language that is spoken. `at` is when the audit was made."""
    return typeset(report_document(report, at))


def report_document(report: AuditReport, at: datetime) -> Document:
    """Write a report, in the language that is spoken."""
    parts = [_compared(report), _log(report), _meaning(report)]
    if report.faults:
        parts.append(_found(_("Faults"), report.faults, report.faults_found))
    if report.warnings:
        parts.append(_found(_("Worth knowing"), report.warnings, len(report.warnings)))
    moment = f"{format_minute(at)} UTC"
    return Document(
        title=_("Report of an audit"),
        author=report.origin or "–",
        language=language(),
        at=at,
        lead=(_("Made on %(moment)s.", moment=moment), _outcome(report)),
        parts=tuple(parts),
        foot=_("audit of %(moment)s · %(size)s entries", moment=moment, size=report.size),
    )


def _outcome(report: AuditReport) -> str:
    words = {
        "verified": _("Everything that was compared is as it was logged."),
        "failed": _(
            "Not everything is as it was logged. Faults found: %(count)s.", count=report.faults_found
        ),
        "nothing": _("Nothing was verified: the archive holds no item."),
    }
    return words[report.outcome]


def _compared(report: AuditReport) -> Part:
    counts = report.counts
    rows = (
        (_("Log entries"), str(counts.entries)),
        (_("Signatures"), str(counts.signatures)),
        (_("Signed by keys that a custodian issued"), str(counts.issued)),
        (_("Tiles of the tree"), str(counts.tiles)),
        (
            _("Sealed files"),
            _("%(compared)s of %(held)s", compared=counts.bodies, held=counts.bodies_held),
        ),
        (_("Bytes of sealed files"), str(counts.body_bytes)),
        (_("Headers"), str(counts.headers)),
        (_("Sealed records and keys"), str(counts.sealed)),
        (_("Rows of the catalogue"), str(counts.rows)),
        (_("Receipts"), str(counts.receipts)),
        (_("Timestamps"), str(counts.timestamps)),
    )
    sampled = _(
        "Not every sealed file was read: only a sample was asked for, or some are missing. Of those nothing "
        "is known."
    )
    return Part(
        _("What was compared"),
        listing=Listing((_("What"), _("How many")), rows, (3, 2)),
        after=(sampled,) if counts.bodies < counts.bodies_held else (),
    )


def _log(report: AuditReport) -> Part:
    return Part(
        _("The log of the archive"),
        facts=(
            Fact(_("Name of the log"), report.origin or "–", code=True),
            Fact(_("Entries"), str(report.size)),
            Fact(_("Root of the tree"), report.root, code=True),
            Fact(_("Fingerprint of the checkpoint (SHA-256)"), report.fingerprint or "–", code=True),
            Fact(
                _("Covered by timestamps"),
                _("the first %(count)s entries", count=report.timestamped),
            ),
            *_cosigned(report.cosigned),
        ),
    )


def _cosigned(reach: Reach | None) -> list[Fact]:
    """Say how far other organisations vouch for the log."""
    if reach is None:
        return []
    facts = [
        Fact(
            _("Countersigned by others"),
            _("the first %(count)s entries", count=reach.size)
            + "; "
            + _("on the archive’s own word alone: %(count)s", count=reach.uncovered),
        )
    ]
    for one in reach.cosigners:
        at = f", {format_minute(datetime.fromisoformat(one.at))} UTC" if one.at else ""
        facts.append(Fact(_short(one.name), _("the first %(count)s entries", count=one.size) + at))
    return facts


def _meaning(report: AuditReport) -> Part:
    if report.outcome == "failed":
        return Part(_("What this means"), (_a_fault_is(),), steps=_what_to_do())
    holds = _(
        "Every entry, signature, sealed file, header and row that was compared is the one that the log "
        "names. Nobody changed, dropped, added or reordered anything of it since it was logged."
    )
    beyond = _(
        "An audit reads no testimony: it does not show that what they say is true. A log that was replaced "
        "as a whole looks whole too. So compare the fingerprint above with those that receipts, other "
        "organisations and earlier audits keep, and keep it for the next one."
    )
    nothing = _("There was nothing to compare. This says nothing about what the archive held or will hold.")
    return Part(_("What this means"), (nothing,) if report.outcome == "nothing" else (holds, beyond))


def _a_fault_is() -> str:
    return _(
        "Each fault below names what it is about, what the log says and what was found. A fault is not yet a "
        "forgery: a disk that fails, a copy that was cut short and a hand that altered something look alike. "
        "What was compared and is not named here holds."
    )


def _what_to_do() -> tuple[Step, ...]:
    return (
        Step(_("Change nothing. Copy the whole archive as it is, and note who did so and when.")),
        Step(
            _(
                "Compare the fingerprint above with those that others keep. If the log differs from theirs, "
                "it was rewritten, and what follows from it cannot be relied on."
            )
        ),
        Step(
            _("If the log holds, restore what is damaged or missing from a copy or backup, and audit again.")
        ),
    )


def _found(heading: str, found: tuple[Fault, ...], total: int) -> Part:
    shown = found[:MOST_SHOWN]
    more = _("%(count)s more are in the report for machines (--json).", count=total - len(shown))
    facts = [fact for number, one in enumerate(shown, 1) for fact in _facts(number, one)]
    return Part(heading, facts=tuple(facts), after=(more,) if total > len(shown) else ())


def _facts(number: int, one: Fault) -> list[Fact]:
    facts = [Fact(f"{number}. {one.code}", _short(one.object), code=True, apart=True)]
    facts += [Fact(_("What it is"), _kind_of(one.code)), Fact(_("In the words of the audit"), one.message)]
    if one.expected is not None:
        facts.append(Fact(_("Expected"), _short(one.expected), code=True))
    if one.found is not None:
        facts.append(Fact(_("Found"), _short(one.found), code=True))
    return facts


def _kind_of(code: str) -> str:
    """Say in plain words what kind of thing a code stands for."""
    words = {
        "C56": _("a timestamp that does not hold"),
        "C57": _("a timestamp that does not hold"),
        "C90": _("the log is not the one that was seen before"),
        "C91": _("the log does not hold what a receipt proves"),
        "C92": _("something that could not be checked here"),
        "C93": _("something that could not be checked here"),
        "F40": _("a sealed file is missing"),
        "F41": _("a sealed file was altered or is damaged"),
        "F42": _("a header is missing, so a sealed file does not open"),
        "F43": _("a header was altered or is damaged, so a sealed file does not open"),
        "F44": _("a sealed record or key is missing"),
        "F45": _("a sealed record or key was altered or is damaged"),
        "F46": _("the catalogue lacks what the log says"),
        "F47": _("the catalogue says something else than the log"),
        "F48": _("the catalogue holds what the log knows nothing of"),
        "F49": _("a file of which the log knows nothing"),
        "F50": _("a part of the log cannot be read"),
        "F51": _("a file that is not the archive’s"),
        "F52": _("a trace of an interrupted act, which harms nothing"),
        "F53": _("the catalogue itself is damaged"),
        "F56": _("something that was destroyed is there again"),
    }
    general = _("an entry, signature or rule of the log does not hold")
    return words.get(code) or (general if code.startswith("C") else _("stored data is damaged or missing"))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
