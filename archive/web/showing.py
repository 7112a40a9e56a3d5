"""How values look on a page: moments, sizes, ids, descriptions."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from markupsafe import Markup

from archive.errors import SviedkaError
from archive.kinds import RenditionKind
from archive.records import describe_fields
from archive.vocabulary import institutions, label
from archive.web import words
from archive.web.door import archive, guest
from archive.web.languages import CONTENT_NAMES, format_day, format_minute, language


def show(app: Flask) -> None:
    """Teach the templates how our values look."""
    app.jinja_env.filters.update(
        moment=moment,
        day=day,
        size=size,
        role=words.role_words,
        action=words.action_words,
        use=words.use_words,
        where=words.place_words,
        event=words.kind_words,
        event_detail=words.event_detail,
        medium=words.medium_words,
        offer_state=words.offer_state_words,
        facet=words.facet_words,
        flag=words.flag_words,
        form=lambda kind: words.form_words(RenditionKind(kind)),
        record_type=lambda code: label("record-types", code, language()),
    )
    app.context_processor(lambda: {"archive_name": archive().name, "guest": guest()})


def moment(text: str) -> Markup:
    """Show a moment of an event: date and time in UTC, in the page's language."""
    return Markup('<time datetime="{}">{} UTC</time>').format(text, format_minute(_parsed(text)))


def day(text: str) -> Markup:
    """Show the day of a moment."""
    return Markup('<time datetime="{}" class="day">{}</time>').format(text, format_day(_parsed(text)))


def _parsed(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def size(count: int) -> str:
    """Show a number of bytes."""
    if count < 1000:
        return f"{count} B"
    steps = min(3, len(str(count)) // 3 - (len(str(count)) % 3 == 0))
    return f"{count / 1000**steps:.1f} {('', 'kB', 'MB', 'GB')[steps]}"


def described(data: Mapping[str, Any], type: str = "item") -> Iterator[tuple[str, list[str]]]:
    """Yield the fields of a description that hold something, in the words of the vocabularies."""
    for one in describe_fields(type, language()):
        if one.name in data and one.name not in ("title", "consent"):
            values = data[one.name] if one.repeatable else [data[one.name]]
            yield one.label, [_value(one.name, dict(one.choices), value) for value in values]


def _value(name: str, choices: dict[str, str], value: Any) -> str:
    if value is True:
        return "✓"
    if isinstance(value, dict):
        return _named(value)
    if name == "language":
        return CONTENT_NAMES.get(str(value), str(value))
    return choices.get(str(value), str(value))


def _named(value: Mapping[str, Any]) -> str:
    """Show a date, a name, or a mention: its name, else what its code says."""
    if "edtf" in value:
        written = value.get("as_written")
        return f"{value['edtf']} ({written})" if written else str(value["edtf"])
    for word in ("name", "text"):
        if word in value:
            return str(value[word])
    if "code" in value:
        return _code(str(value["code"]))
    return ", ".join(str(part) for part in value.values())


def _code(code: str) -> str:
    for known in institutions():
        if known.code == code:
            return known.label(language())
    for name in ("acts", "methods"):
        try:
            return label(name, code, language())
        except SviedkaError:
            continue
    return code
