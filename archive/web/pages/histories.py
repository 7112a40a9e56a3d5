"""The history of one item, page by page, and its certificate to print."""

from flask import Response, render_template, request

from archive.access.anchors import Anchors
from archive.access.certificate import certify
from archive.access.history import history
from archive.events import format_moment
from archive.ids import Id
from archive.nouns import Action
from archive.policy import Allowed, Request, decide
from archive.web.door import archive, sitting
from archive.web.downloads import attach
from archive.web.gate import signed_in
from archive.web.prints.certificate import certificate
from search.certifying import certify_original

#: Events on one page.
SHOWN = 50


@signed_in()
def item_history(item: str) -> str:
    """Show what happened to an item, oldest first, and offer the certificate."""
    known = Id(item)
    happened = history(archive(), sitting(), known)
    last = max(1, -(-len(happened) // SHOWN))
    page = _page(last)
    found = archive().ledger().items.get(known)
    shown = happened[(page - 1) * SHOWN : page * SHOWN]
    return render_template(
        "history.html",
        item=known,
        happened=shown,
        stamped=Anchors(archive()).latest_of(one.index for one in shown),
        total=len(happened),
        page=page,
        last=last,
        mine=found is not None and found.depositor == sitting().id,
        readable=found is not None and _may_read(known, found.compartment),
    )


@signed_in()
def item_certificate(item: str) -> Response:
    """Hand out the certificate of an item; with the digests of the original, which is a reading of it."""
    known = Id(item)
    told = (certify_original if request.form.get("original") else certify)(archive(), sitting(), known)
    return attach(certificate(told), f"{known}.pdf")


def _page(last: int) -> int:
    """Return the page asked for; the first where that is none."""
    asked = request.args.get("page", "")
    return max(1, min(int(asked), last)) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 9 else 1


def _may_read(item: Id, compartment: Id) -> bool:
    me, now = sitting(), format_moment(archive().clock())
    wanted = Request(me.id, Action.READ, compartment, now, me.purpose, item)
    return isinstance(decide(archive().ledger(), wanted), Allowed)
