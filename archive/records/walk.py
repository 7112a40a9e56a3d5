"""Walking a record along its schema: reading its leaves, rewriting its references.

Works on records not yet validated too: what does not fit the schema is left alone.
"""

from collections.abc import Callable, Iterator
from typing import Any

from marshmallow import Schema, fields

from archive.records.faults import join
from archive.records.links import Mention, Ref
from archive.records.parts import Shape

Replace = Callable[[str, str, tuple[str, ...]], str]


def leaves(
    schema: Schema, data: dict[str, Any], role: str = ""
) -> Iterator[tuple[str, fields.Field[Any], Any]]:
    """Yield (role, field, value) for every value of a valid record that is neither object nor list."""
    for name, field in schema.fields.items():
        if name in data:
            yield from _leaves_of(field, data[name], join(role, name))


def field_names(schema: Schema) -> frozenset[str]:
    """Return the names of all fields of a schema, its parts' included."""
    below = (field_names(part) for part in map(_part, schema.fields.values()) if part)
    return frozenset(schema.fields).union(*below)


def rewrite(schema: Schema, data: Any, replace: Replace, path: str) -> Any:
    """Return a copy of `data` where every local key `#…` in a place for references went through `replace`.

    `replace` is given the path, the key and the record types that may stand there.
    """
    if not isinstance(data, dict):
        return data
    return {
        name: _rewritten(_field_for(schema, name), value, replace, join(path, name))
        for name, value in data.items()
    }


def _field_for(schema: Schema, name: str) -> fields.Field[Any] | None:
    """Find a field under its own name or its singular spelling, which stands for one member of the list."""
    plural = schema.plural_of.get(name) if isinstance(schema, Shape) else None
    listing = schema.fields.get(plural) if plural else None
    return listing.inner if isinstance(listing, fields.List) else schema.fields.get(name)


def _part(field: fields.Field[Any]) -> Schema | None:
    inner = field.inner if isinstance(field, fields.List) else field
    return inner.schema if isinstance(inner, fields.Nested) else None


def _leaves_of(
    field: fields.Field[Any], value: Any, role: str
) -> Iterator[tuple[str, fields.Field[Any], Any]]:
    if isinstance(field, fields.List):
        for member in value:
            yield from _leaves_of(field.inner, member, role)
    elif isinstance(field, fields.Nested):
        yield from leaves(field.schema, value, role)
    else:
        yield role, field, value


def _rewritten(field: fields.Field[Any] | None, value: Any, replace: Replace, path: str) -> Any:
    if isinstance(field, fields.List) and isinstance(value, list):
        return [_rewritten(field.inner, v, replace, join(path, i)) for i, v in enumerate(value)]
    if isinstance(field, fields.Nested):
        return rewrite(field.schema, value, replace, path)
    if isinstance(field, Ref | Mention):
        if isinstance(value, str) and value.startswith("#"):
            return replace(path, value, field.to)
        if (
            isinstance(field, Mention)
            and isinstance(value, dict)
            and str(value.get("record")).startswith("#")
        ):
            return {**value, "record": replace(join(path, "record"), value["record"], field.to)}
    return value
