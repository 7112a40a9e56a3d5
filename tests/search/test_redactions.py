"""Redactions: found and read by their own words, for their own uses, and telling nothing of the original."""

import json

import pytest
from founded import FOR_COURT, audited, founded_house, refusal

from archive.access import compartments
from archive.access.certificate import certify
from archive.access.forms import forms
from archive.access.history import history
from archive.access.keyring import keyring
from archive.access.preserving import carry_out, order
from archive.ids import Id
from archive.kinds import Kind, RenditionKind
from archive.nouns import Action
from archive.uses import Use
from ingest.withdrawal import withdraw
from search.certifying import certify_original
from search.choosing import Wanted
from search.disclosure import read
from search.rebuilding import rebuild

WITNESS = "Ганна Лапіцкая"
STATEMENT = f"Сведка {WITNESS} бачыла дубінкі на Акрэсціна."
REDACTED = "Сведка Н. бачыла дубінкі ў ізалятары."
TITLE, FILE = "Сведчанне Ганны Лапіцкай", "lapickaja.txt"
BOTH = (Use.COURT, Use.PUBLICATION)


@pytest.fixture
def house(tmp_path):
    """`anna` may release from `main`; `lena` reads there, `press` only in `abroad`, for publication."""
    with founded_house(tmp_path / "archive") as opened:
        compartments.found(opened.archive, opened.anna, "abroad")
        opened.grant("anna", Action.RELEASE, purposes=BOTH)
        opened.lawyer()
        opened.lawyer("press", label="abroad")
        opened.grant("press", Action.READ, label="abroad", purposes=BOTH)
        yield opened


@pytest.fixture
def item(house):
    [result] = house.deposit(house.anna, {FILE: STATEMENT}, {**FOR_COURT, "title": TITLE})
    return Id(result.item)


@pytest.fixture
def redaction(house, item):
    return house.redact(
        house.anna,
        item,
        REDACTED,
        label="abroad",
        uses=frozenset({Use.PUBLICATION}),
        title="Адно сведчанне",
        handling="Without the name of the witness and the place.",
    )


def press(house, purpose=Use.PUBLICATION):
    return house.sign_in("press", purpose)


def last_event(house):
    return house.archive.custody.checked(house.archive.log.checkpoint().size - 1)


def test_a_redaction_is_found_by_its_own_words_in_its_compartment(house, item, redaction):
    [hit] = house.find(press(house), "дубінкі").hits
    assert (hit.item, hit.redaction, hit.compartment) == (item, redaction.rendition, "abroad")
    assert hit.title == "Адно сведчанне"
    assert "ізалятары" in "".join(text for text, _ in hit.snippet.parts)
    for word in ("Лапіцкая", "Акрэсціна", "lapickaja", f'title:"{TITLE}"', f"item:{item}"):
        assert house.find(press(house), word).total == 0
    assert house.find(press(house), "дубінкі", labels=["abroad"]).total == 1


def test_a_redaction_is_read_for_its_own_uses_and_the_original_for_the_items(house, item, redaction):
    shown = read(house.archive, press(house), item)
    assert shown.redaction.rendition == redaction.rendition
    assert [text for _, text in shown.segments] == [REDACTED]
    assert (shown.name, shown.description["title"]) == ("redacted.txt", "Адно сведчанне")
    assert last_event(house).data["rendition"] == shown.rendition.rendition
    with refusal("A20"):
        read(house.archive, press(house, Use.COURT), item)
    lena = house.sign_in("lena")
    assert [text for _, text in read(house.archive, lena, item).segments] == [STATEMENT]
    assert house.find(press(house, Use.COURT), "дубінкі").total == 0


def test_the_file_itself_is_handed_out_as_it_was_made(house, item, redaction):
    wanted = Wanted(RenditionKind.REDACTION, as_file=True)
    shown = read(house.archive, press(house), item, wanted=wanted)
    assert shown.rendition.rendition == redaction.rendition
    assert b"".join(shown.chunks) == REDACTED.encode()


def test_whoever_may_read_both_chooses(house, item):
    made = house.redact(house.anna, item, REDACTED)
    lena = house.sign_in("lena")
    assert read(house.archive, lena, item).redaction is None
    chosen = read(house.archive, lena, item, RenditionKind.REDACTION)
    assert [text for _, text in chosen.segments] == [REDACTED]
    assert read(house.archive, lena, item, wanted=Wanted(form=made.rendition)).segments == chosen.segments
    hits = {hit.redaction for hit in house.find(lena, "дубінкі").hits}
    assert hits == {None, made.rendition}


def test_a_reader_of_the_redaction_is_told_of_nothing_else(house, item, redaction):
    who = press(house)
    [form, text] = forms(house.archive, who, item)
    assert (form.rendition.rendition, form.source, form.label) == (redaction.rendition, None, "abroad")
    assert text.source == redaction.rendition
    for kind in (RenditionKind.ORIGINAL, RenditionKind.TRANSCRIPT, RenditionKind.THUMBNAIL):
        with refusal("A21"):
            read(house.archive, who, item, kind)
    original = house.archive.ledger().items[item].original
    for other in (original.rendition, Id("a" * 26)):
        with refusal("A21"):
            read(house.archive, who, item, wanted=Wanted(form=other))
    happened = history(house.archive, who, item)
    assert {one.event.kind for one in happened} == {Kind.RENDITION, Kind.RECORD}
    told = json.dumps([one.event.data for one in happened])
    for secret in (original.rendition, original.sealed.body, original.sealed.holder):
        assert secret not in told


def test_a_reader_of_the_redaction_gets_no_certificate_of_the_original(house, item, redaction):
    size = house.archive.log.checkpoint().size
    with refusal("A17"):
        certify(house.archive, press(house), item)
    with refusal("A21"):
        certify_original(house.archive, press(house), item)
    assert house.archive.log.checkpoint().size == size


def test_the_history_of_the_original_tells_readers_nothing_of_a_redaction_elsewhere(house, item, redaction):
    read(house.archive, press(house), item)
    for who in (house.sign_in("lena"), press(house), house.anna):
        kinds = [one.event.data.get("kind") for one in history(house.archive, who, item)]
        assert ("redaction" in kinds) is (who.handle != "lena")
    readings = [one for one in history(house.archive, house.sign_in("lena"), item)
                if one.event.kind is Kind.READING]  # fmt: skip
    assert not readings


def test_whoever_oversees_the_original_learns_that_a_redaction_was_made_elsewhere(house, item):
    boris = house.documenter("boris")
    made = house.redact(house.anna, item, REDACTED, label="abroad")
    house.grant("lena", Action.RELEASE, purposes=BOTH)
    [seen] = [one.event.data for one in history(house.archive, house.sign_in("lena"), item)
              if one.event.data.get("kind") == "redaction"]  # fmt: skip
    assert seen == {"item": item, "kind": "redaction"}
    assert made.rendition not in json.dumps(seen)
    with refusal("A20"):
        history(house.archive, boris, item)


def test_withdrawal_shuts_redactions_at_once(house, item, redaction):
    who = press(house)
    assert house.find(who, "дубінкі").total == 1
    withdraw(house.archive, house.anna, item)
    assert house.find(who, "дубінкі").total == 0
    with refusal("A20"):
        read(house.archive, who, item)
    with refusal("A60"):
        house.redact(house.anna, item, REDACTED + ".", label="abroad")


def test_an_index_made_again_holds_a_redaction_and_the_original_apart(house, item, redaction):
    near = house.redact(house.anna, item, REDACTED + " Тут.", title="Бліжэй")
    for held in keyring(house.archive, house.anna).values():
        rebuild(house.archive, held)
    [hit] = house.find(press(house), "дубінкі").hits
    assert (hit.title, hit.redaction) == ("Адно сведчанне", redaction.rendition)
    hits = {hit.redaction: hit.title for hit in house.find(house.sign_in("lena"), "дубінкі").hits}
    assert hits == {None: TITLE, near.rendition: "Бліжэй"}


def test_the_audit_knows_redactions_and_destruction_takes_them_along(house, item, redaction):
    assert not audited(house.folder).faults
    house.grant("anna", Action.DESTROY, purposes=())
    order(house.archive, house.anna, item, "asked for", delay_days=0)
    carry_out(house.archive)
    assert house.find(press(house), "дубінкі").total == 0
    with refusal("A20"):
        read(house.archive, press(house), item)
    assert not house.archive.catalogue.renditions.of_item(item)
    assert not audited(house.folder).faults
