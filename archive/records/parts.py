"""What all records are made of: the schema they derive from, the envelope of an assertion, names, sources.

A schema may state two rules beyond its fields: `one_of` (of each group at least one must be there) and
`plural_of` (a singular spelling that a documenter may use for a list of one).
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validates_schema

from archive.records.faults import UNKNOWN
from archive.records.fields import (
    Code,
    Codes,
    Degrees,
    Edtf,
    Flag,
    Language,
    Line,
    Listing,
    Script,
    Text,
    Whole,
)
from archive.records.links import Mention, Ref


class Shape(Schema):
    """A strict schema: unknown fields are refused, empty lists are left out."""

    error_messages = {"unknown": UNKNOWN, "type": "an object"}  # noqa: RUF012  (marshmallow's way)
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    plural_of: ClassVar[Mapping[str, str]] = {}

    @pre_load
    def _take_singular(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, dict):
            return data
        renamed = {k: p for k, p in self.plural_of.items() if k in data and p not in data}
        return {renamed.get(k, k): [v] if k in renamed else v for k, v in data.items()}

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _need_one_of(self, _data: Any, original: Any, **_: Any) -> None:
        if not isinstance(original, dict):
            return
        missing = [group for group in self.one_of if not any(name in original for name in group)]
        if missing:
            raise ValidationError([f"at least one of {', '.join(group)}" for group in missing])

    @post_load
    def _leave_out_empty(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: data[name] for name in sorted(data) if data[name] not in ([], {})}


class Part(fields.Nested):
    """An object within a record."""

    def __init__(self, shape: type[Shape], **options: Any) -> None:
        super().__init__(shape, error_messages={"required": "an object", "null": "an object"}, **options)


class Name(Shape):
    """One name in one spelling."""

    text = Line(required=True)
    language = Language(required=True)
    script = Script()
    kind = Code("name-kinds", required=True)


class ExternalId(Shape):
    """How another register names the same thing."""

    scheme = Line(required=True)
    value = Line(required=True)


class Locator(Shape):
    """The place within a source: a page or a time code."""

    one_of = (("page", "paragraph", "from_seconds", "to_seconds", "message"),)

    page = Whole()
    paragraph = Whole()
    from_seconds = Whole()
    to_seconds = Whole()
    message = Line()


class Assertion(Shape):
    """The envelope of a claim: who says so, of whom, as of when, from where, how surely, for or against."""

    subject = Ref()
    asserted_by = Mention("person", "institution", required=True)
    as_of = Edtf()
    source_item = Ref("item", "testimony")
    locator = Part(Locator)
    citation = Line()
    certainty = Code("certainty")
    bears = Code("bears")
    remarks = Text()


class Coordinates(Shape):
    """A point on the map (WGS 84)."""

    latitude = Degrees(required=True)
    longitude = Degrees(required=True)


class PersonStatus(Shape):
    """What is said of a person's guilt, by whom and when: never without a source."""

    status = Code("person-statuses", required=True)
    date = Edtf()
    court = Mention("institution", vocabularies=("institutions",))
    articles = Listing(Line())
    assertion = Part(Assertion, required=True)


class Link(Shape):
    """A tie between two institutions for a time."""

    institution = Ref("institution", required=True)
    since = Edtf()
    until = Edtf()


class Article(Shape):
    """A provision of law in one edition; superscript articles are written 361-4."""

    law = Code("laws", required=True)
    article = Line(required=True)
    part = Line()
    edition = Edtf()


class Criterion(Shape):
    """One criterion of a scheme, and why it is met."""

    code = Line(required=True)
    reason = Text(required=True)


class PriorAccount(Shape):
    """Where else the same person has already told it."""

    to_whom = Mention("person", "institution", required=True)
    date = Edtf()
    reference = Line()
    remarks = Text()


class ConsentGiven(Shape):
    """Consent as a deposit's description states it."""

    given_by = Code("consent-givers", required=True)
    uses = Codes("uses", required=True)
    given_on = Edtf()
    person = Mention("person")
    conditions = Text()
    contact_first = Flag()


class RecordSchema(Shape):
    """What every record may hold beside its own fields. `type_name` is the record type."""

    type_name: ClassVar[str]

    assertion = Part(Assertion)
    external_ids = Listing(Part(ExternalId))
    notes = Text()
