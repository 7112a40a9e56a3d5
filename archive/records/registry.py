"""All record types, and what the rest of the archive asks of a record without knowing its type."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from marshmallow import ValidationError, fields

from archive.errors import IntakeError
from archive.ids import Id
from archive.records import accounts, acts, people
from archive.records.faults import FaultyRecord, faults_in
from archive.records.fields import Code, Line, Text
from archive.records.links import Mention, Ref
from archive.records.parts import RecordSchema
from archive.records.walk import field_names, leaves
from archive.vocabulary import institution_names, label, vocabulary

SCHEMAS: tuple[type[RecordSchema], ...] = (
    accounts.Testimony,
    accounts.Event,
    people.Person,
    people.Institution,
    people.Place,
    people.Post,
    acts.Act,
    acts.Involvement,
    acts.Identification,
    acts.MedicalFinding,
    acts.Measure,
    people.Status,
    people.Relation,
    acts.Intervention,
    accounts.Consent,
    accounts.Item,
)


@dataclass(frozen=True, slots=True)
class FieldLabel:
    """What a form needs to know of one field. `parts` are the fields of an object or of a list of objects."""

    name: str
    label: str
    kind: str
    required: bool
    repeatable: bool
    choices: tuple[tuple[str, str], ...] = ()
    parts: tuple["FieldLabel", ...] = ()


def record_types() -> tuple[str, ...]:
    """List the record types."""
    return tuple(schema.type_name for schema in SCHEMAS)


def load_record(type: str, data: object) -> dict[str, Any]:
    """Return `data` validated, in canonical spelling; report every fault at once.

    Raises I10 (a `FaultyRecord` with `.faults`) and I13 for an unknown type.
    """
    schema = schema_of(type)
    try:
        return dict(schema.load(cast(dict[str, Any], data)))
    except ValidationError as error:
        faults = list(faults_in(error.messages, data, field_names(schema)))
    raise FaultyRecord("I10", f"a record of type {type}", faults)


def references(type: str, data: dict[str, Any]) -> tuple[tuple[str, Id], ...]:
    """Return the records this one refers to, each with its role: the field's path without list positions."""
    return tuple(_references(type, data))


def names_of(type: str, data: dict[str, Any]) -> tuple[str, ...]:
    """Return every spelling under which the thing itself is known, without repetition."""
    spellings = [name["text"] for name in data.get("names", ())]
    spellings += [data[part] for part in ("pseudonym", "designation") if part in data]
    if type == "institution" and "code" in data:
        spellings += institution_names(data["code"])
    return tuple(dict.fromkeys(spellings))


def mentions_of(type: str, data: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the names this record mentions, each with its role; a code stands for all its names."""
    found: dict[tuple[str, str], None] = {}
    for role, field, value in leaves(schema_of(type), data):
        if isinstance(field, Mention):
            found.update({(role, name): None for name in _spellings(field, value)})
    return tuple(found)


def title_of(type: str, data: dict[str, Any], language: str = "en") -> str:
    """Return a short title: the record's own, else a name, else its type and what its codes say."""
    if "title" in data:
        return str(data["title"])
    names = sorted(data.get("names", ()), key=lambda n: (n["kind"] != "official", n["language"] != language))
    if names:
        return str(names[0]["text"])
    if type == "institution":
        return label("institutions", data["code"], language)
    if spellings := names_of(type, data):
        return spellings[0]
    title = label("record-types", type, language)
    coded = [
        label(field.vocabulary_name, data[name], language)
        for name, field in schema_of(type).fields.items()
        if isinstance(field, Code) and field.required and name in data
    ]
    return f"{title}: {', '.join(coded)}" if coded else title


def describe_fields(type: str, language: str) -> tuple[FieldLabel, ...]:
    """Return the fields of a record type with their labels and choices, for forms and pages."""
    return tuple(_described(schema_of(type).fields, language))


@cache
def schema_of(type: str) -> RecordSchema:
    """Return the one schema of a record type (raises I13)."""
    for schema in SCHEMAS:
        if schema.type_name == type:
            return schema()
    raise IntakeError("I13", "unknown record type", expected=f"one of {', '.join(record_types())}")


def _references(type: str, data: dict[str, Any]) -> Iterator[tuple[str, Id]]:
    for role, field, value in leaves(schema_of(type), data):
        if isinstance(field, Ref):
            yield role, Id(value)
        elif isinstance(field, Mention) and "record" in value:
            yield role, Id(value["record"])


def _spellings(field: Mention, value: dict[str, str]) -> Iterator[str]:
    if "name" in value:
        yield value["name"]
    if "code" not in value:
        return
    if "institutions" in field.vocabularies:
        yield from institution_names(value["code"])
    else:
        terms = (vocabulary(name).get(value["code"]) for name in field.vocabularies)
        yield from (text for term in terms if term for text in term.labels.values())


def _described(shape: dict[str, fields.Field[Any]], language: str) -> Iterator[FieldLabel]:
    for name, field in shape.items():
        inner = field.inner if isinstance(field, fields.List) else field
        parts = inner.schema.fields if isinstance(inner, fields.Nested) else {}
        yield FieldLabel(
            name=name,
            label=label("fields", name, language),
            kind=_kind(inner),
            required=field.required,
            repeatable=inner is not field,
            choices=_choices(inner, language),
            parts=tuple(_described(parts, language)),
        )


def _kind(field: fields.Field[Any]) -> str:
    if isinstance(field, fields.Nested):
        return "object"
    if isinstance(field, Line):
        return "line"
    return "text" if isinstance(field, Text) else type(field).__name__.lower()


def _choices(field: fields.Field[Any], language: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(field, Code):
        return ()
    terms = vocabulary(field.vocabulary_name)
    return tuple((code, label(field.vocabulary_name, code, language)) for code in terms)
