"""Who is behind an item: asked with a reason, recorded, and only then shown."""

from flask import Response, make_response, render_template, request

from archive.access.knowing import known_item
from archive.errors import AccessError
from archive.ids import Id
from archive.nouns import Role
from archive.vocabulary import label
from archive.web.door import archive, sitting
from archive.web.gate import signed_in
from archive.web.languages import language
from archive.web.languages import translate as _
from archive.web.showing import described
from search.unmasking import may_unmask, unmask

_READERS = (Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN)


@signed_in(*_READERS)
def ask_identity(item: str) -> str:
    """Ask for the reason, and say what is going to be recorded."""
    found = known_item(archive(), sitting(), Id(item))
    if not may_unmask(archive(), sitting(), found.compartment):
        raise AccessError("A20", "there is no such item for you to read")
    return _ask(Id(item), [])


@signed_in(*_READERS)
def show_identity(item: str) -> str | Response:
    """Record the unmasking, then show who it is."""
    reason = request.form.get("reason", "").strip()[:2000]
    if not reason:
        ask_identity(item)
        return make_response(_ask(Id(item), [("reason", _("Say why."))]), 400)
    found = unmask(archive(), sitting(), Id(item), reason)
    shown = [
        (label("record-types", one.type, language()), one.record, list(described(one.data, one.type)))
        for one in found
    ]
    return render_template("identity.html", item=Id(item), shown=shown)


def _ask(item: Id, faults: list[tuple[str, str]]) -> str:
    return render_template("unmask.html", item=item, faults=faults)
