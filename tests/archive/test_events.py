"""Custody events and their one encoding."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from every_kind import every_kind
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_builder import ORIGIN, Builder

from archive.audit_entries import sealed_by
from archive.canonical import format_json
from archive.errors import CustodyError, SviedkaError
from archive.event_shapes import SEALED, SHAPES
from archive.events import (
    LARGEST_ENTRY_BYTES,
    SIGNED_PREFIX,
    Signer,
    entry_of,
    format_event,
    format_moment,
    parse_entry,
    sign_event,
    signed_message,
)
from archive.kinds import Kind
from archive.rules import RULES
from keys.signing import verify_ed25519


@pytest.fixture(scope="module")
def builder():
    return Builder()


def edited(entry, change):
    """Change the JSON of an entry and write it canonically again."""
    value = json.loads(entry)
    change(value)
    return format_json(value)


def test_an_entry_says_what_was_written_and_its_signature_covers_it(builder):
    entry = parse_entry(builder.genesis)
    assert entry.event.origin == ORIGIN
    assert [one.agent for one in entry.signatures] == [
        builder.anna.agent,
        builder.archive.agent,
        builder.trustees.agent,
    ]
    message = signed_message(entry.event)
    assert message == SIGNED_PREFIX + format_event(entry.event)
    verify_ed25519(builder.anna.key.public, message, entry.signatures[0].value)


def test_what_is_signed_is_taken_from_the_entry_as_it_stands(builder):
    for written in builder.entries:
        entry = parse_entry(written)
        assert entry.message == signed_message(entry.event)
        assert entry_of(json.loads(written)).message == entry.message


@pytest.mark.parametrize(
    "spoil", [lambda d: d + b"\n", lambda d: b" " + d, lambda d: d.replace(b":", b": ", 1)]
)
def test_an_entry_has_one_spelling(builder, spoil):
    with pytest.raises(CustodyError) as raised:
        parse_entry(spoil(builder.genesis))
    assert raised.value.code == "C53"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda v: v.pop("signatures"), "C50"),
        (lambda v: v.update(more=1), "C50"),
        (lambda v: v.update(signatures=[]), "C53"),
        (lambda v: v.update(signatures=v["signatures"] * 3), "C53"),
        (lambda v: v["signatures"].reverse(), "C51"),
        (lambda v: v["signatures"][0].update(signature="AAAA"), "C50"),
        (lambda v: v["event"].update(kind="birthday"), "C50"),
        (lambda v: v["event"].update(v=3), "C54"),
        (lambda v: v["event"].update(v=True), "C50"),
        (lambda v: v["event"].update(salt="AAAA"), "C50"),
        (lambda v: v["event"].update(origin="two words"), "C50"),
        (lambda v: v["event"]["data"].update(name="a name"), "C50"),
        (lambda v: v["event"]["data"].pop("recovery"), "C50"),
        (lambda v: v["event"]["seen"].update(size=-1), "C50"),
    ],
)
def test_a_malformed_entry_is_refused_with_its_code(builder, change, code):
    with pytest.raises(CustodyError) as raised:
        parse_entry(edited(builder.genesis, change))
    assert raised.value.code == code


@settings(max_examples=300)
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_any_other_byte_is_another_entry_or_none(builder, place, byte):
    data = bytearray(builder.genesis)
    index = int(place * len(data))
    if data[index] == byte:
        return
    data[index] = byte
    try:
        other, original = parse_entry(bytes(data)), parse_entry(builder.genesis)
    except SviedkaError:
        return
    assert other != original


def test_an_event_is_signed_by_its_agent_first(builder):
    event = parse_entry(builder.genesis).event
    with pytest.raises(CustodyError) as raised:
        sign_event(event, [Signer(builder.archive.agent, 1, builder.archive.key.sign)])
    assert raised.value.code == "C51"


def test_an_entry_too_large_for_a_bundle_is_not_signed(builder):
    shown = sorted(builder.id() for _ in range(LARGEST_ENTRY_BYTES // 29))
    data = {"compartments": [], "purpose": "court", "query": "0" * 64, "shown": shown, "count": 1}
    with pytest.raises(CustodyError) as raised:
        builder.write(builder.anna, Kind.SEARCH, data)
    assert raised.value.code == "C52"


def test_moments_are_seconds_in_utc():
    minsk = timezone(timedelta(hours=3))
    assert format_moment(datetime(2026, 11, 20, 11, 5, 0, 999, minsk)) == "2026-11-20T08:05:00Z"
    assert format_moment(datetime(2026, 11, 20, 8, 5, tzinfo=UTC)) == "2026-11-20T08:05:00Z"


def test_every_kind_has_a_shape_and_a_rule():
    assert set(SHAPES) == set(RULES) == set(Kind)


def test_the_audit_knows_everything_sealed_that_an_event_names():
    """A new kind of event with a sealed thing in it fails here until the audit looks for that thing."""
    builder = every_kind()
    objects = {Kind.ACCESSION, Kind.RENDITION, Kind.CONFIRMATION, Kind.SUBMISSION}
    without = {Kind.GENESIS, Kind.ENROLMENT, Kind.IDENTITY, Kind.POLICY, Kind.EXTRACTION}
    without |= {Kind.SEARCH, Kind.READING, Kind.AUDIT, Kind.INDEXING, Kind.SUCCESSION}
    without |= {Kind.READMISSION, Kind.FIXITY, Kind.INSPECTION, Kind.FAILURES}
    events = [parse_entry(entry).event for entry in builder.entries]
    assert {event.kind for event in events} >= set(Kind) - objects - without
    for event in events:
        if event.kind not in objects:
            assert {ref.body for _, _, _, ref in sealed_by(event)} == set(_bodies(event.data))


def _bodies(value):
    """Find every sealed thing in an event's data."""
    if isinstance(value, dict):
        if value.keys() == SEALED.keys():
            yield value["body"]
        for part in value.values():
            yield from _bodies(part)
    elif isinstance(value, list):
        for part in value:
            yield from _bodies(part)
