"""Records of accounts and material: testimonies, events, items, and the consent they rest on."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, validates_schema

from archive.records.fields import Code, Codes, Edtf, Flag, Language, Line, Listing, Text
from archive.records.links import Mention, Ref
from archive.records.parts import ConsentGiven, Part, PriorAccount, RecordSchema

_INSTITUTION = ("institutions",)
_ACT = ("acts", "methods")


class Testimony(RecordSchema):
    """One account by one source, dated; never merged with another."""

    type_name = "testimony"

    title = Line()
    source = Ref("person")
    role = Code("source-roles", required=True)
    knowledge = Code("knowledge")
    event = Ref("event")
    items = Listing(Ref("item"))
    date = Edtf()
    place = Ref("place")
    language = Language()
    method = Code("account-methods")
    interviewer = Mention("person")
    interpreter = Mention("person")
    present = Listing(Mention("person"))
    read_back = Flag()
    signed = Flag()
    reliability = Code("reliability")
    prior_accounts = Listing(Part(PriorAccount))
    summary = Text()


class Event(RecordSchema):
    """The container that groups what belongs together: an interview, photos, a chat; a raid, a transport."""

    type_name = "event"

    title = Line(required=True)
    date = Edtf()
    place = Ref("place")
    part_of = Ref("event")
    items = Listing(Ref("item"))
    description = Text()


class Consent(RecordSchema):
    """What one person allows, use by use; a withdrawal is a new version with its date."""

    type_name = "consent"

    person = Mention("person")
    given_by = Code("consent-givers", required=True)
    uses = Codes("uses", required=True)
    given_on = Edtf()
    form = Code("consent-forms")
    language = Language()
    explained_by = Mention("person", "institution")
    items = Listing(Ref("item", "testimony"))
    conditions = Text()
    contact_first = Flag()
    withdrawn_on = Edtf()


class Item(RecordSchema):
    """The description of one deposited item, as its source tells it: nothing in it is required.

    Names are kept as the source wrote them; they may also be records of ours, or codes.
    """

    type_name = "item"
    plural_of: ClassVar[Mapping[str, str]] = {
        "place": "places",
        "institution": "institutions",
        "perpetrator": "perpetrators",
        "victim": "victims",
        "act": "acts",
    }

    title = Line()
    language = Language()
    rights_basis = Code("rights-bases")
    uses = Codes("uses")
    consent = Part(ConsentGiven)
    role = Code("source-roles")
    date = Edtf()
    places = Listing(Mention("place"))
    institutions = Listing(Mention("institution", vocabularies=_INSTITUTION))
    perpetrators = Listing(Mention("person"))
    victims = Listing(Mention("person"))
    acts = Listing(Mention("act", vocabularies=_ACT))
    event = Ref("event")
    source = Line()
    how_obtained = Text()
    obtained_from = Line()
    handling = Text()
    graphic = Flag()
    minors = Flag()
    sexual_violence = Flag()
    closed_until = Edtf()

    @validates_schema(skip_on_field_errors=False)
    def _declare_uses_only_where_law_does(self, data: dict[str, Any], **_: Any) -> None:
        """Consent states its own uses; what is public needs none."""
        if data.get("uses") and data.get("rights_basis") not in ("statute", "policy"):
            raise ValidationError({"uses": ["no uses unless rights_basis is statute or policy"]})
