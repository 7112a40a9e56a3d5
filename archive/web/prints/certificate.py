"""The certificate of custody: what the log says of an item, and how a court checks it without us."""

from datetime import UTC, datetime
from typing import Final

from archive.access.certificate import Certified
from archive.receipts import Openings
from archive.web.languages import format_minute, language
from archive.web.languages import translate as _
from archive.web.prints.typesetting import Attached, Document, Fact, Listing, Part, Step, typeset
from archive.web.words import kind_words

_COMMAND: Final = "python3 sviedka-verify.pyz {receipt} --file {original} --trust {trust}"


def certificate(told: Certified) -> bytes:
    """Return the certificate as PDF, in the language that is spoken. The same log, the same bytes."""
    return typeset(certificate_document(told))


def certificate_document(told: Certified) -> Document:
    """Write the certificate, in the language that is spoken."""
    lead = _(
        "This page says what the archive “%(name)s” holds under the identifier below, since when, and what "
        "has happened to it since. It is no proof by itself. Its last part says how to check it on any "
        "computer, without the archive and without trusting it.",
        name=told.archive_name,
    )
    return Document(
        title=_("Certificate of custody"),
        author=told.archive_name,
        language=language(),
        at=_parsed(told.log.at),
        lead=(lead,),
        parts=(_held(told), _log(told), _happened(told), _checking(told)),
        foot=_(
            "%(item)s · log entry %(index)s · the log as of %(moment)s",
            item=told.item,
            index=told.index,
            moment=_minute(told.log.at),
        ),
        attached=_attached(told),
    )


def _held(told: Certified) -> Part:
    event = told.event
    facts = (
        Fact(_("Item"), told.item, code=True),
        Fact(_("Taken into custody"), _minute(event.at)),
        *((Fact(_("At the latest, by a timestamp"), _minute(told.existed_by)),) if told.existed_by else ()),
        Fact(_("By (pseudonym)"), _("the archive itself") if told.handle == "archive" else told.handle),
        Fact(_("Identifier of who did it"), event.agent, code=True),
        Fact(_("Log entry"), str(told.index)),
        Fact(_("Digest of the log entry"), told.entry, code=True),
        Fact(_("SHA-256 of the sealed file"), told.sealed.body, code=True),
    )
    claimed = _(
        "It came in a sealed pack, which anyone may hand in, and was taken in unopened. Whether it was "
        "compared later with what its pack says stands below."
    )
    hidden = _(
        "The digests of the original file stand in the log in a hidden form, so that nobody learns from it "
        "which files the archive holds. The receipt of the item reveals them to whoever is given it."
    )
    return Part(
        _("What is held"),
        paragraphs=(claimed,) if told.claimed else (),
        facts=(*facts, *(_of_original(told.openings) if told.openings else ())),
        after=() if told.openings else (hidden,),
    )


def _of_original(openings: Openings) -> tuple[Fact, ...]:
    return (
        Fact(_("SHA-256 of the original file"), openings.sha256, code=True),
        Fact(_("BLAKE3 of the original file"), openings.blake3, code=True),
        Fact(_("Name of the original file"), openings.name),
    )


def _log(told: Certified) -> Part:
    log = told.log
    return Part(
        _("The log of the archive"),
        paragraphs=(
            _(
                "Whatever is done in the archive becomes an entry of a log to which entries can only be "
                "added. All of them together have one root: any change to any entry changes it."
            ),
        ),
        facts=(
            Fact(_("Name of the log"), log.origin, code=True),
            Fact(_("Entries"), str(log.size)),
            Fact(_("Latest entry"), _minute(log.at)),
            Fact(_("Root of the tree"), log.root, code=True),
            Fact(_("Fingerprint of the checkpoint (SHA-256)"), log.fingerprint, code=True),
            Fact(_("Fingerprint of the log’s key"), log.log_key, code=True),
        ),
    )


def _happened(told: Certified) -> Part:
    listing = Listing(
        (_("What"), _("How often"), _("Last")),
        tuple((kind_words(one.kind), str(one.times), _minute(one.last)) for one in told.since),
        (5, 2, 4),
    )
    nothing = _("Nothing.")
    unseen = _(
        "Searches, readings and redactions are not counted here: whoever asked for this certificate is not "
        "told of them."
    )
    return Part(
        _("What has happened to it since"),
        paragraphs=() if told.since else (nothing,),
        listing=listing if told.since else None,
        after=() if told.looks else (unseen,),
    )


def _checking(told: Certified) -> Part:
    names = {"receipt": _("RECEIPT"), "original": _("ORIGINAL"), "trust": _("KEYS")}
    return Part(
        _("How to check this"),
        steps=(
            Step(_where_the_receipt_is(told)),
            Step(
                _(
                    "Obtain the program sviedka-verify.pyz and the file with the keys of the log from "
                    "somebody other than whoever presents the evidence. The log’s key must have the "
                    "fingerprint that stands above, and that the archive made known in another way."
                )
            ),
            Step(
                _("On a computer with Python 3.11 or newer, which needs no network, run:"),
                _COMMAND.format(**names),
            ),
            Step(
                _(
                    "The first word of the answer must be “verified”, and one line must say “the file is the "
                    "one handed in”. Item, moment, log entry and SHA-256 must be those of this page. If one "
                    "byte of the file or of the receipt was changed, the answer is “NOT VERIFIED”."
                )
            ),
        ),
        after=(
            _(
                "This shows that exactly these bytes were in the custody of the archive when the entry was "
                "made, and that the entry has stood in the log unchanged since. It does not show that what "
                "the file says is true, nor who made it. The moment is that of the archive’s own clock. The "
                "program says which independent organisations, if any, have countersigned the log."
            ),
        ),
    )


def _where_the_receipt_is(told: Certified) -> str:
    if told.receipt is not None:
        return _(
            "Take the original file and its receipt. The receipt is attached to this PDF file, as %(name)s: "
            "a program that shows PDF files lists it among the attachments and saves it.",
            name=_receipt_name(told),
        )
    return _(
        "Take the original file and its receipt, a small file whose name ends in .tlog-proof. Whoever "
        "handed the file in has it, or lets the archive hand it over."
    )


def _attached(told: Certified) -> Attached | None:
    if told.receipt is None:
        return None
    return Attached(_receipt_name(told), told.receipt.decode(), _("The receipt of the item"))


def _receipt_name(told: Certified) -> str:
    return f"{told.item}.tlog-proof"


def _minute(moment: str) -> str:
    return f"{format_minute(_parsed(moment))} UTC"


def _parsed(moment: str) -> datetime:
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
