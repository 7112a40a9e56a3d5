"""Founding an archive, enrolling agents, signing in."""

import json

import pytest
from founded import circumstances, found_house, founded_house, opened_house, passphrase_of

from archive.access import agents, signin
from archive.access.keyring import keyring
from archive.assemble import Founding, found_archive, open_archive
from archive.errors import AccessError, CustodyError, FixityError, IntakeError, KeysError
from archive.kinds import Kind
from archive.nouns import Role
from keys.trustees import combine


def test_an_archive_begins_with_its_custodian_three_compartments_and_a_recovery_identity(house):
    ledger = house.archive.ledger()
    assert {held.label for held in keyring(house.archive, house.anna).values()} == {
        "main",
        "main.identities",
        "authority",
    }
    assert len(house.shares) == 3
    assert combine(house.shares[:2]).recipient.text == ledger.recovery
    companion = [one for one in ledger.compartments.values() if one.companion_of]
    assert len(companion) == 1
    assert [one.authority for one in ledger.compartments.values()] == [False, False, True]


def test_an_archive_is_not_founded_where_something_is(tmp_path):
    (tmp_path / "something").write_text("x")
    with pytest.raises(IntakeError, match="not empty"):
        found_archive(tmp_path, Founding("name", "anna", passphrase_of("anna")), circumstances())
    assert [path.name for path in tmp_path.iterdir()] == ["something"]


def test_no_archive_is_opened_where_there_is_none(tmp_path):
    with pytest.raises(FixityError, match="no archive"), open_archive(tmp_path, circumstances()):
        pass
    assert list(tmp_path.iterdir()) == []


def test_files_of_the_archive_are_the_owners_alone(house):
    for path in house.folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0 or path.parent != house.folder, path


@pytest.mark.parametrize("handle", ["anna", "ANNA", "nobody", "", "anna ", "a" * 1000])
def test_a_wrong_passphrase_and_an_unknown_handle_are_refused_in_the_same_words(house, handle):
    with pytest.raises(KeysError) as refused:
        signin.sign_in(house.archive, handle, "a wrong passphrase, long enough")
    assert refused.value.code == "K10"
    assert str(refused.value) == signin.WRONG


def test_only_a_custodian_enrols_and_a_handle_is_taken_once(house):
    vera = house.enrol("vera", Role.DOCUMENTER)
    with pytest.raises(AccessError, match="only a custodian"):
        agents.enrol(house.archive, vera, "eve", Role.CUSTODIAN, passphrase_of("eve"))
    with pytest.raises(AccessError, match="taken"):
        agents.enrol(house.archive, house.anna, "vera", Role.LAWYER, passphrase_of("vera"))
    for handle in ("", "Vera", "-vera", "ve ra", "вера", "v" * 33):
        with pytest.raises(IntakeError, match="not a handle"):
            agents.enrol(house.archive, house.anna, handle, Role.LAWYER, passphrase_of("x"))
    assert house.archive.ledger().agents[vera.id].issued


def test_the_log_names_nobody(house):
    house.documenter("vera-of-vilnius")
    for entry in house.archive.log.entries(0):
        text = entry.decode()
        assert "vera-of" not in text
        assert "anna" not in json.loads(text).get("event", {})
        assert "main" not in text.replace("domain", "")


def swapped(house, whose, **changes):
    """Change a row of the catalogue as somebody who can write to the database could."""
    table = house.archive.catalogue.agents._table
    with house.archive.catalogue.agents._database.writing() as connection:
        connection.execute(table.update().where(table.c.handle == whose).values(**changes))


def test_an_agents_row_that_was_changed_is_refused(house):
    house.documenter()
    house.lawyer()
    vera = house.archive.catalogue.agents.by_handle("vera")
    lena = house.archive.catalogue.agents.by_handle("lena")
    swapped(house, "vera", role="custodian")
    with pytest.raises(CustodyError, match="does not match the log"):
        house.sign_in("vera")
    swapped(house, "vera", role="documenter", handle_salt=lena.handle_salt)
    with pytest.raises(CustodyError, match="does not match the log"):
        house.sign_in("vera")
    swapped(house, "vera", handle_salt=vera.handle_salt, key_file=lena.key_file)
    with pytest.raises(CustodyError, match="another agent"):
        signin.sign_in(house.archive, "vera", passphrase_of("lena"))
    swapped(house, "vera", key_file=vera.key_file)
    assert house.sign_in("vera").handle == "vera"


def test_a_grant_goes_to_the_agent_the_log_knows_not_to_one_who_took_the_handle(house):
    house.documenter()
    house.enrol("eve", Role.LAWYER)
    swapped(house, "vera", handle="vera-before")
    swapped(house, "eve", handle="vera")
    with pytest.raises(CustodyError, match="does not match the log"):
        house.grant("vera")


def test_a_key_file_remembers_the_log_it_was_made_for(tmp_path):
    found_house(tmp_path / "one")
    found_house(tmp_path / "other")
    with opened_house(tmp_path / "one") as one, opened_house(tmp_path / "other") as other:
        key_file = other.archive.catalogue.agents.by_handle("anna").key_file
        swapped(one, "anna", key_file=key_file)
        with pytest.raises(CustodyError, match="does not begin as the key file remembers"):
            one.anna  # noqa: B018


def test_a_log_cut_back_is_noticed_at_sign_in(tmp_path):
    with founded_house(tmp_path / "archive") as house:
        before = {path: path.read_bytes() for path in (house.folder / "log").rglob("*") if path.is_file()}
        house.documenter()
    for path, data in before.items():
        path.chmod(0o600)
        path.write_bytes(data)
    with opened_house(tmp_path / "archive") as house, pytest.raises(CustodyError):
        house.sign_in("vera")


def test_every_event_of_keys_is_signed_and_cites_a_checkpoint(house):
    house.documenter()
    kinds = [json.loads(entry)["event"]["kind"] for entry in house.archive.log.entries(0)]
    assert kinds[0] == Kind.GENESIS.value
    assert kinds[-2:] == [Kind.ENROLMENT.value, Kind.GRANT.value]
