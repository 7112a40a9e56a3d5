"""What goes wrong, as a page: plain words and a code, never the text of an exception.

What nobody foresaw gets a number, which the page shows and which stands in the server's output beside the
type of the exception and nothing else of it.
"""

import re
import sys

from flask import Flask, g, render_template
from werkzeug.exceptions import HTTPException, InternalServerError

from archive.errors import (
    AccessError,
    CustodyError,
    FixityError,
    IntakeError,
    KeysError,
    SearchError,
    SviedkaError,
)
from archive.web.door import archive
from archive.web.languages import translate as _

#: Tells programs what became of their request; the page is for people.
OUTCOME_HEADER = "Sviedka-Outcome"

_COLUMN = re.compile(r"\bcolumn ([0-9]+)")
_NOT_FOUND = frozenset({"A02", "A04", "A19", "A20", "A21", "A22", "A59", "C30", "I01"})
_BUSY = frozenset({"A65", "A83", "I99", "S60"})
_STATUS: dict[type[SviedkaError], int] = {
    AccessError: 403,
    CustodyError: 409,
    FixityError: 500,
    IntakeError: 400,
    KeysError: 403,
    SearchError: 400,
}


def catch(app: Flask) -> None:
    """Answer every failure with a page of ours."""
    app.register_error_handler(SviedkaError, _refused)
    app.register_error_handler(HTTPException, _turned_away)
    app.register_error_handler(Exception, _broken)


def status_of(fault: SviedkaError) -> int:
    """Return the HTTP status that fits a fault."""
    if fault.code in _NOT_FOUND:
        return 404
    if fault.code in _BUSY:
        return 503
    return _STATUS.get(type(fault)) or next(
        (status for kind, status in _STATUS.items() if isinstance(fault, kind)), 500
    )


def column_of(fault: SviedkaError) -> int | None:
    """Return the column of the query at which a fault was found."""
    found = _COLUMN.search(str(fault))
    return int(found[1]) if found else None


def report(kind: str) -> str:
    """Write the type of an unforeseen failure to the server's output under a number; return the number."""
    incident = archive().random(4).hex()
    sys.stderr.write(f"incident {incident} {kind}\n")
    sys.stderr.flush()
    return incident


def words_for(fault: SviedkaError) -> str:
    """Say in the page's language what is wrong."""
    return _by_code().get(fault.code) or _by_family()[fault.family]


def _refused(fault: SviedkaError) -> tuple[str, int, dict[str, str]]:
    status = status_of(fault)
    incident = report(f"{type(fault).__name__} {fault.code}") if status == 500 else ""
    page = _page(status, words_for(fault), code=fault.code, incident=incident)
    return page, status, {OUTCOME_HEADER: fault.code}


def _turned_away(fault: HTTPException) -> tuple[str, int]:
    status = fault.code or 500
    words = {
        400: _("The browser sent something that cannot be understood."),
        404: _("There is no such page."),
        405: _("This page cannot be opened in this way. Go back and use its buttons."),
        413: _("The form holds more than it may."),
    }
    incident = report(type(fault).__name__) if status >= 500 else ""
    return _page(status, words.get(status) or _unforeseen(), code=str(status), incident=incident), status


def _broken(fault: Exception) -> tuple[str, int]:
    status = InternalServerError.code
    return _page(status, _unforeseen(), code=str(status), incident=report(type(fault).__name__)), status


def _page(status: int, words: str, *, code: str, incident: str) -> str:
    # The gate may be what failed: then nobody counts as signed in.
    g.setdefault("sitting", None)
    g.setdefault("visit", "")
    title = _("Not found") if status == 404 else _("This did not work")
    return render_template("fault.html", title=title, words=words, code=code, incident=incident)


def _unforeseen() -> str:
    return _("Something broke on our side. Nothing that was confirmed to you is lost.")


def _by_family() -> dict[str, str]:
    return {
        "A": _("You may not do this here."),
        "C": _("A check of the custody log failed. Tell the custodian or an auditor before going on."),
        "F": _("Stored data is damaged or missing. Tell whoever runs this archive."),
        "I": _("What was entered is not complete or not correct."),
        "K": _("A key or passphrase does not open this."),
        "S": _("The search cannot be understood."),
    }


def _by_code() -> dict[str, str]:
    return {
        "A02": _("You know no compartment of this name."),
        "A03": _("This handle is taken."),
        "A04": _("Nobody here has this handle."),
        "A05": _("Somebody in this role cannot be given these rights."),
        "A06": _("This compartment is sealed: nobody holds its key."),
        "A08": _("This person has no rights there."),
        "A09": _("Nobody withdraws her own rights; another custodian does it."),
        "A10": _("A compartment of this name exists."),
        "A13": _("Another person has to approve this."),
        "A14": _("This proposal was answered already, or its time is over."),
        "A15": _("Two people must manage a compartment in which it takes two."),
        "A16": _("There is no such proposal for you."),
        "A17": _("You know a redaction of it only. A certificate is about the item itself."),
        "A18": _("The original is not in your hands."),
        "A19": _("There is no such offer for you to answer."),
        "A20": _("There is no such item for you to read."),
        "A21": _("The item has no such form for you to read."),
        "A22": _("There is no receipt of that code or item for you."),
        "A23": _("Nobody of this handle can take it over."),
        "A24": _("It is offered to somebody already."),
        "A40": _("Your keys or rights changed meanwhile. Sign in again."),
        "A41": _("Nobody suspends himself; another custodian does it."),
        "A42": _("This person is suspended already."),
        "A43": _("There are codes already. Remove them first."),
        "A44": _("There are no codes."),
        "A55": _("Nothing is left to withdraw: it is stored only."),
        "A56": _("Nothing holds it."),
        "A57": _("Others put it under a hold too. Only who manages the compartment lifts all of them."),
        "A58": _("Some of these items are not yours to withdraw, so nothing was withdrawn."),
        "A59": _("There is no such search for you."),
        "A60": _("What is stored only has no redactions: nobody agreed to any other use."),
        "A61": _("You may not release it for all of these uses."),
        "A62": _("It is not recorded who is behind this."),
        "A63": _("It came in a pack, and nobody confirmed yet that it is what its pack says."),
        "A64": _("There is nothing to confirm here: it was confirmed already, or never came in a pack."),
        "A65": _("Several people are handing in or fetching receipts at once. Wait a little and try again."),
        "A67": _("This is for auditors, under an inspection that is not over."),
        "A81": _("This page is for people in another role."),
        "A82": _("This form is too old or was opened elsewhere. Go back, reload the page and try again."),
        "A83": _("Several people are signing in at once. Wait a little and try again."),
        "A84": _("This cannot be done with it now, or not by you."),
        "A85": _("Your session is over. Sign in again to go on."),
        "A88": _("This was signed at another time, or was sent before. Compare the clocks."),
        "I01": _("There is no such item."),
        "I47": _("Say on which legal basis, in at most 2000 signs."),
        "I48": _("The number of the seal is too long."),
        "I49": _("Choose what it is."),
        "I60": _("A handle is 1 to 32 letters a to z, digits, dots, hyphens or underscores."),
        "I61": _(
            "A name of a compartment is letters, digits, dots, hyphens and underscores, without spaces."
        ),
        "I62": _("The file is empty."),
        "I63": _("The file could not be received."),
        "I75": _("Say why."),
        "I80": _("The upload was cut off. Hand the same files in again: what arrived is not taken twice."),
        "I82": _("Choose one of the answers."),
        "I83": _("Write the day as 2027-12-31, or leave it empty."),
        "I98": _("Write a number of days from 0 to 3650."),
        "I86": _("The pack holds something else than it says. It was damaged or altered on its way."),
        "I89": _("Another pack with the same number was handed in before. Nothing was taken in."),
        "I93": _("The pack is too large, or something in it is."),
        "I94": _("This is not a pack, or it was damaged or cut short on its way."),
        "I95": _("The pack was made for another archive, or with a card that is not of this one."),
        "I99": _("This pack was broken off earlier and is being tidied up. Try again later."),
        "F02": _("There is too little room here at the moment. Try again later."),
        "F62": _("Too few copies of the archive can be reached at the moment. Try again later."),
        "I85": _("Write the number of the log entry."),
        "I96": _("This is the original itself, and nothing is left out of it. Choose the redacted file."),
        "I87": _("These are not the six words that were shown. Look at them and type them again."),
        "K10": _("This handle and passphrase do not open anything here."),
        "K33": _(
            "This is not the code of this moment. Check the clock of your telephone and try the next code."
        ),
        "S01": _("Enter at least one word."),
        "S02": _("The search is too long."),
        "S03": _("The search has too many words."),
        "S04": _("Brackets are nested too deeply."),
        "S05": _("A word is too long."),
        "S06": _("A quotation mark has no pair."),
        "S07": _("A bracket has no pair."),
        "S08": _("There is no such field. A colon inside words needs quotation marks around them."),
        "S09": _("AND, OR or NOT has nothing to join."),
        "S10": _("This sign is not understood here."),
        "S11": _("This date cannot be read. Write 2020-08 or [2020-08 TO 2020-09]."),
        "S12": _("This weight cannot be read. Write ^2 or ^0.5."),
        "S13": _("This distance cannot be read. Write ~1 to ~16."),
        "S14": _("An asterisk stands inside or after a word, once."),
        "S15": _("Something is missing after a field name, or inside brackets or quotation marks."),
        "S16": _("This phrase is too loose. Make the distance shorter."),
        "S17": _("A name has too many words."),
        "S18": _("The asterisk stands for too many words. Write more letters before it."),
        "S19": _("This search would take too long. Make it more exact."),
        "S21": _("This field does not take an asterisk."),
        "S60": _("The index is being updated. Try again in a moment."),
        "C36": _("You saw another log than this one. Keep what you have, and tell the others."),
        "C80": _("This file is not a receipt."),
        "C83": _("The receipt was altered: what it says of the file is not what was logged."),
        "C84": _("The file is not the one this receipt is for. It was altered, or it is another file."),
    }
