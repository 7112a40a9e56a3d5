"""The story of one testimony, told by those it passes: documenter, lawyer, custodian, auditor."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from founded import FOR_COURT, RAM, audited, founded_house, opened_house

from archive.access import compartments
from archive.access.history import history
from archive.access.keyring import keyring
from archive.access.receipts import fetch_receipt, trust_of
from archive.errors import AccessError, CustodyError, FixityError, SviedkaError
from archive.kinds import RenditionKind
from archive.nouns import Action, Role
from archive.receipts import check_file, parse_receipt, verify_receipt
from archive.uses import Use
from ingest.accession import code_digest
from ingest.describe import describe
from keys.identities import Identity
from keys.recipients import Recipient
from keys.sealing import open_
from search.disclosure import read

ACCOUNT = "Мяне білі ў Акрэсціна дубінкамі. Мужчыну звалі Сяргей Пятроўскі."
FILES = {"witness Kazimir.txt": ACCOUNT}
DESCRIBED = {
    **FOR_COURT,
    "title": "Сведчанне пра ноч у ізалятары",
    "perpetrators": ["Сяргей Пятроўскі"],
    "institutions": ["ГУБАЗіК"],
    "places": ["Акрэсціна"],
}
BY_NAME = 'perpetrator:"Sergey Petrovsky"'


def test_the_whole_story_of_one_testimony(house):
    # A documenter hands a statement in and leaves with a receipt.
    vera = house.documenter()
    [handed_in] = house.deposit(vera, FILES, DESCRIBED)
    assert handed_in.status == "accessioned"
    item = handed_in.item

    # A lawyer without a grant finds nothing, not even a count, nor learns that there is such an item.
    lena = house.enrol("lena", Role.LAWYER)
    nothing = house.find(lena, BY_NAME, facets=("perpetrator", "institution"))
    assert (nothing.total, nothing.hits, nothing.facets) == (0, (), {})
    with pytest.raises(AccessError, match="no such item"):
        read(house.archive, lena, item)

    # The custodian gives her the right to read for the courts. She finds the name, in another alphabet.
    house.grant("lena", Action.READ)
    found = house.find(lena, BY_NAME, facets=("perpetrator",))
    assert [hit.item for hit in found.hits] == [item]
    assert found.hits[0].title == DESCRIBED["title"]
    assert found.facets == {"perpetrator": {"Сяргей Пятроўскі": 1}}

    # She reads the text, and the original, byte for byte.
    [(_, text)] = read(house.archive, lena, item).segments
    assert text == ACCOUNT
    assert house.read_original(lena, item) == ACCOUNT.encode()

    # The log tells it all: the deposit, the grant, the search, the readings, and who did each.
    told = [(one.event.kind.value, one.handle) for one in history(house.archive, house.anna, item)]
    assert told[0] == ("accession", "vera")
    assert told[-3:] == [("search", "lena"), ("reading", "lena"), ("reading", "lena")]
    reading = history(house.archive, house.anna, item)[-1].event.data
    assert reading["purpose"] == "court"
    grant = house.archive.ledger().grants[reading["grant"]]
    assert (grant.agent, grant.giver) == (lena.id, house.anna.id)

    # The auditor verifies everything, the depositor's receipt included, with no key to any of it.
    receipt = fetch_receipt(house.archive, vera, item, b"")
    report = audited(house.folder, [receipt])
    assert (report.outcome, report.faults) == ("verified", ())
    assert report.counts.bodies == 2
    assert report.counts.entries == house.archive.log.checkpoint().size

    # She sees the same history, and can neither find nor read.
    olga = house.enrol("olga", Role.AUDITOR)
    assert [(o.event.kind.value, o.handle) for o in history(house.archive, olga, item)] == told
    assert house.find(olga, BY_NAME).total == 0
    with pytest.raises(AccessError):
        read(house.archive, olga, item)
    with pytest.raises(AccessError, match="role"):
        house.grant("olga", Action.READ)


def test_a_receipt_proves_offline_what_was_handed_in(house):
    vera = house.documenter()
    [handed_in] = house.deposit(vera, FILES, DESCRIBED)
    code = handed_in.receipt_code
    data = fetch_receipt(house.archive, vera, code, code_digest(code))
    trust = trust_of(house.archive)
    # From here on there is only the receipt, the file, and keys obtained from elsewhere.
    proven = verify_receipt(parse_receipt(data), trust=trust)
    assert proven.trusted
    assert proven.openings.name == "witness Kazimir.txt"
    assert proven.index == handed_in.log_index
    assert check_file(proven.openings, io.BytesIO(ACCOUNT.encode()).read) == len(ACCOUNT.encode())
    with pytest.raises(CustodyError, match="not the one this receipt is for"):
        check_file(proven.openings, io.BytesIO(ACCOUNT.encode() + b" ").read)


def test_a_receipt_with_one_changed_byte_is_refused(house):
    vera = house.documenter()
    item = house.deposit_one(vera, ACCOUNT).item
    data, trust = fetch_receipt(house.archive, vera, item, b""), trust_of(house.archive)
    verify_receipt(parse_receipt(data), trust=trust)
    believed = []
    for place in range(0, len(data), 7):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        try:
            verify_receipt(parse_receipt(changed), trust=trust)
        except SviedkaError:
            continue
        believed.append(place)
    # What verifies all the same may only touch signatures and keys that trust does not rest on.
    lines = data.split(b"\n")
    for place in believed:
        line = lines[data[:place].count(b"\n")]
        assert b"log_keys" in line or line.startswith("\N{EM DASH} ".encode()) or line.startswith(b"extra"), (
            line
        )


def test_nobody_else_gets_the_receipt(house):
    vera, other = house.documenter(), house.documenter("nina")
    handed_in = house.deposit_one(vera, ACCOUNT)
    for sitting in (other, house.anna):
        for wanted in (handed_in.item, handed_in.receipt_code):
            with pytest.raises(AccessError, match="no receipt"):
                fetch_receipt(house.archive, sitting, wanted, code_digest(wanted))


def test_a_documenter_finds_and_reads_nothing_not_even_her_own(house):
    vera = house.documenter()
    item = house.deposit_one(vera, ACCOUNT).item
    assert house.find(vera, "дубінка").total == 0
    with pytest.raises(AccessError):
        read(house.archive, vera, item)
    assert all(not held.identities for held in keyring(house.archive, vera).values())


def test_storage_only_is_invisible_to_search_count_facet_and_reading(house):
    vera, lena = house.documenter(), house.lawyer()
    shown = house.deposit_one(vera, "Дубінка першая.", perpetrators=["Пятроўскі"]).item
    kept = house.deposit_one(
        vera, "Дубінка другая.", perpetrators=["Схаваны"], consent={"given_by": "self", "uses": ["store"]}
    ).item
    [unsaid] = house.deposit(vera, {"unsaid.txt": "Дубінка трэцяя."}, {})
    found = house.find(lena, "дубінка", facets=("perpetrator",))
    assert (found.total, [hit.item for hit in found.hits]) == (1, [shown])
    assert found.facets == {"perpetrator": {"Пятроўскі": 1}}
    for item in (kept, unsaid.item):
        for kind in (None, RenditionKind.ORIGINAL, RenditionKind.TEXT):
            with pytest.raises(AccessError, match="consent"):
                read(house.archive, lena, item, kind)


def test_another_purpose_than_granted_or_consented_is_refused(house):
    vera = house.documenter()
    house.lawyer()
    item = house.deposit_one(vera, ACCOUNT).item
    research = house.sign_in("lena", Use.RESEARCH)
    assert house.find(research, "дубінка").total == 0
    with pytest.raises(AccessError, match="purpose"):
        read(house.archive, research, item)
    house.grant("lena", Action.READ, purposes=(Use.RESEARCH,))
    assert house.find(research, "дубінка").total == 0
    with pytest.raises(AccessError, match="consent"):
        read(house.archive, research, item)


@pytest.mark.parametrize("repeats_items", [True, False])
def test_a_withdrawal_of_consent_shuts_search_and_reading_in_an_open_sitting(house, repeats_items):
    vera, lena = house.documenter(), house.lawyer()
    item = house.deposit_one(vera, ACCOUNT).item
    assert house.find(lena, "дубінка").total == 1
    house.read_original(lena, item)
    [(consent, _)] = house.archive.ledger().items[item].rights.consents
    withdrawn = {"given_by": "self", "uses": ["store", "court"], "withdrawn_on": "2026-12-01"}
    data = withdrawn | ({"items": [item]} if repeats_items else {})
    describe(house.archive, house.anna, "main", [{"type": "consent", "id": consent, "data": data}])
    found = house.find(lena, "дубінка", facets=("language",))
    assert (found.total, found.hits, found.facets) == (0, (), {"language": {}})
    with pytest.raises(AccessError, match="consent"):
        read(house.archive, lena, item)


def test_of_several_consents_the_strictest_wins(house):
    vera, lena = house.documenter(), house.lawyer()
    item = house.deposit_one(vera, ACCOUNT).item
    wide = {"given_by": "self", "uses": ["store", "court", "research"], "items": [item]}
    narrow = {"given_by": "relative", "uses": ["store", "research"], "items": [item]}
    describe(house.archive, house.anna, "main", [{"type": "consent", "data": wide}])
    assert house.find(lena, "дубінка").total == 1
    both = [{"type": "consent", "data": one} for one in (wide, narrow)]
    describe(house.archive, house.anna, "main", both)
    assert house.find(lena, "дубінка").total == 0


def test_a_nickname_leads_to_the_person_until_the_identification_is_withdrawn(house):
    vera, lena = house.documenter(), house.lawyer()
    item = house.deposit_one(vera, "Яго клікалі Бульдозер.").item
    by = {"asserted_by": {"name": "Група"}}
    identification = {
        "described": "#nick",
        "person": "#person",
        "basis": "called-by-others",
        "assertion": by,
    }
    known = describe(
        house.archive,
        house.anna,
        "main",
        [
            {"type": "person", "key": "#nick", "data": {"pseudonym": "Бульдозер"}},
            {
                "type": "person",
                "key": "#person",
                "data": {"names": [{"text": "Сяргей Пятроўскі", "language": "be", "kind": "official"}]},
            },
            {"type": "act", "key": "#act", "data": {"type": "mt4-020101"}},
            {
                "type": "involvement",
                "data": {
                    "act": "#act",
                    "perpetrator": "#nick",
                    "mode": "direct",
                    "assertion": {**by, "source_item": item},
                },
            },
        ],
    )
    assert house.found_items(lena, "perpetrator:Бульдозер") == {item}
    assert house.found_items(lena, BY_NAME) == set()
    identification |= {"described": known[0].record, "person": known[1].record}
    [made] = describe(house.archive, house.anna, "main", [{"type": "identification", "data": identification}])
    assert house.found_items(lena, BY_NAME) == {item}
    withdrawn = identification | {"withdrawn_on": "2026-12-01"}
    describe(
        house.archive,
        house.anna,
        "main",
        [{"type": "identification", "id": made.record, "data": withdrawn}],
    )
    assert house.found_items(lena, BY_NAME) == set()
    assert house.found_items(lena, "perpetrator:Бульдозер") == {item}


def test_revocation_refuses_at_once_in_an_open_sitting(house):
    vera, lena = house.documenter(), house.lawyer()
    item = house.deposit_one(vera, ACCOUNT).item
    assert house.find(lena, "дубінка").total == 1
    house.revoke("lena")
    assert house.find(lena, "дубінка").total == 0
    with pytest.raises(AccessError, match="no such item"):
        read(house.archive, lena, item)


def test_after_a_revocation_later_deposits_open_for_those_who_remain_and_not_with_what_was_kept(house):
    vera, lena, ivan = house.documenter(), house.lawyer(), house.lawyer("ivan")
    earlier = house.deposit_one(vera, "Дубінка раней.").item
    main = house.archive.ledger().items[earlier].compartment
    kept: dict[int, Identity] = keyring(house.archive, lena)[main].identities
    assert set(kept) == {1}
    house.revoke("lena")
    later = house.deposit_one(vera, "Дубінка пазней.").item
    assert house.found_items(ivan, "дубінка") == {earlier, later}
    assert house.read_original(ivan, later) == "Дубінка пазней.".encode()
    sealed = next(iter(house.archive.ledger().items[later].renditions.values())).sealed
    assert sealed.epoch == 2
    header = house.archive.headers.get(sealed.body)
    with house.archive.objects.open(sealed.body) as body, pytest.raises(SviedkaError):
        open_(header, body.read(), list(kept.values()), commitment=None)
    record = house.archive.catalogue.sealed.latest("record", later)
    with pytest.raises(SviedkaError):
        open_(record.header, record.content, list(kept.values()), commitment=None)


def test_an_expired_grant_refuses_and_gets_no_key_of_a_new_epoch(tmp_path):
    now = [datetime(2026, 11, 23, tzinfo=UTC)]
    with founded_house(tmp_path / "archive", clock=lambda: now[0]) as house:
        vera, ivan, lena = house.documenter(), house.lawyer("ivan"), house.enrol("lena", Role.LAWYER)
        house.grant("lena", Action.READ, ends="2026-11-30T00:00:00Z")
        item = house.deposit_one(vera, ACCOUNT).item
        assert house.find(lena, "дубінка").total == 1
        now[0] += timedelta(days=8)
        assert house.find(lena, "дубінка").total == 0
        with pytest.raises(AccessError, match="expired"):
            read(house.archive, lena, item)
        house.revoke("ivan")
        main = house.archive.ledger().items[item].compartment
        assert set(keyring(house.archive, lena)[main].identities) == {1}
        assert ivan.id != lena.id


def test_a_sealed_compartment_takes_deposits_that_nobody_reads(house):
    compartments.found(house.archive, house.anna, "never-open", sealed=True)
    vera, lena = house.documenter(), house.lawyer()
    house.grant("vera", Action.CONTRIBUTE, label="never-open", purposes=())
    handed_in = house.deposit_one(vera, ACCOUNT, label="never-open")
    with pytest.raises(AccessError, match="sealed"):
        house.grant("lena", Action.READ, label="never-open")
    with pytest.raises(AccessError, match="sealed"):
        compartments.disclose(house.archive, house.anna, "never-open")
    for sitting in (house.anna, lena):
        assert house.find(sitting, "дубінка").total == 0
        with pytest.raises(AccessError):
            read(house.archive, sitting, handed_in.item)
    kinds = [one.kind for one in house.archive.catalogue.renditions.of_item(handed_in.item)]
    assert kinds == [RenditionKind.ORIGINAL.value]
    compartment = house.archive.ledger().items[handed_in.item].compartment
    assert house.archive.catalogue.batches.of_compartment(compartment) == []
    data = fetch_receipt(house.archive, vera, handed_in.item, b"")
    assert verify_receipt(parse_receipt(data), trust=trust_of(house.archive)).openings.name == "account.txt"


def test_what_is_read_is_logged_before_the_first_byte_leaves(house):
    vera, lena = house.documenter(), house.lawyer()
    item = house.deposit_one(vera, ACCOUNT).item
    before = house.archive.log.checkpoint().size
    disclosed = read(house.archive, lena, item, RenditionKind.ORIGINAL)
    assert house.archive.log.checkpoint().size == before + 1
    assert b"".join(disclosed.chunks) == ACCOUNT.encode()


def test_a_recipient_replaced_in_the_log_or_catalogue_is_not_sealed_to(house):
    """Recipients come from the signed log only, so there is no row in which to replace one."""
    vera = house.documenter()
    handed_in = house.deposit_one(vera, ACCOUNT)
    held = house.archive.ledger().items[handed_in.item]
    recipient = house.archive.ledger().compartments[held.compartment].recipients[-1]
    assert Recipient.parse(recipient).text == recipient
    assert "recipient" not in {
        name for row in house.archive.catalogue.compartments.all() for name in row.__slots__
    }


def test_a_changed_body_is_named_when_it_is_read(house):
    vera, lena = house.documenter(), house.lawyer()
    handed_in = house.deposit_one(vera, ACCOUNT)
    digest = handed_in.sealed_digest
    path = house.folder / "objects" / digest[:2] / digest[2:4] / digest
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(FixityError, match=digest):
        house.read_original(lena, handed_in.item)


def test_everything_is_there_for_another_process_and_after_a_restart(tmp_path):
    with founded_house(tmp_path / "archive") as house:
        item = house.deposit_one(house.documenter(), ACCOUNT).item
        house.lawyer()
    with opened_house(tmp_path / "archive") as again:
        assert again.found_items(again.sign_in("lena"), "дубінка") == {item}
        assert again.read_original(again.sign_in("lena"), item) == ACCOUNT.encode()
    assert not list(RAM.glob(f"sviedka-{again.archive.archive}/process-*"))
