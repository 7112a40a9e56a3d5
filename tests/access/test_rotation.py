"""An agent's own keys: replaced, with everything sealed to her, and no crash that locks her out."""

from threading import Thread

import pytest
from founded import audited, passphrase_of, refusal

from archive.access import rotation
from archive.access.keyring import keyring
from archive.access.receipts import fetch_receipt
from archive.access.signin import pen, sign_in
from archive.errors import KeysError, SviedkaError
from archive.kinds import Kind
from archive.nouns import Action, Role
from ingest.accession import code_digest
from keys.keyfile import open_key_file
from keys.sealing import open_

NEW = "six new words that nobody else knows"


def key_file_of(house, handle):
    return house.archive.catalogue.agents.by_handle(handle).key_file


def labels(house, sitting):
    return sorted(one.label for one in keyring(house.archive, sitting).values() if one.fault is None)


def test_new_keys_read_what_the_old_ones_did_and_the_old_ones_open_nothing(house):
    vera, lena = house.documenter(), house.lawyer()
    item = house.deposit_one(vera, "У пратаколе напісана, што я супраціўляўся.").item
    renewed = rotation.rotate(house.archive, lena, NEW)
    agent = house.archive.ledger().agents[lena.id]
    assert (agent.key, agent.issued, len(agent.since)) == (2, False, 1)
    assert house.read_original(renewed, item) == house.read_original(
        sign_in(house.archive, "lena", NEW), item
    )
    with refusal("K10"):
        house.sign_in("lena")
    [grant] = house.archive.ledger().grants_to(lena.id)
    row = house.archive.catalogue.sealed.get(grant.sealed.body)
    with pytest.raises(KeysError):
        open_(row.header, row.content, lena.secret.identity, commitment=None)
    assert audited(house.folder).faults == ()


def test_an_act_with_the_old_key_is_refused_once_it_was_replaced(house):
    vera = house.documenter()
    rotation.rotate(house.archive, vera, NEW)
    with refusal("C62"):
        data = {"agent": vera.id, "change": "passphrase", "sealed": None}
        house.archive.custody.record([pen(house.archive, vera).write(Kind.CREDENTIAL, data)])
    with refusal("A40"):
        rotation.rotate(house.archive, vera, NEW)
    with refusal("A40"):
        rotation.change_passphrase(house.archive, vera, NEW)
    sign_in(house.archive, "vera", NEW)


def test_receipts_are_sealed_to_the_new_key_and_duplicates_still_known(house):
    vera = house.documenter()
    result = house.deposit_one(vera, "Мяне зваць ніяк.")
    renewed = rotation.rotate(house.archive, vera, NEW)
    row = house.archive.catalogue.sealed.latest("receipt", result.item)
    assert row.epoch == 2
    with pytest.raises(KeysError):
        open_(row.header, row.content, vera.secret.identity, commitment=None)
    assert fetch_receipt(house.archive, renewed, result.item, code_digest("x"))
    [again] = house.deposit(renewed, {"account.txt": "Мяне зваць ніяк."})
    assert (again.status, again.item) == ("duplicate", result.item)
    later = house.deposit_one(renewed, "Яшчэ адно сведчанне.")
    assert fetch_receipt(house.archive, renewed, later.item, code_digest("x"))
    assert audited(house.folder).faults == ()


def test_keys_are_replaced_again_and_again_and_epochs_follow(house):
    lena = house.lawyer()
    house.enrol("ivan", Role.LAWYER)
    house.grant("ivan", Action.READ)
    for _round in range(3):
        lena = rotation.rotate(house.archive, lena, NEW)
    house.revoke("ivan")
    house.grant("lena", Action.READ, label="authority")
    lena = rotation.rotate(house.archive, sign_in(house.archive, "lena", NEW), NEW)
    assert lena.agent.key == 5
    assert labels(house, lena) == ["authority", "main"]
    assert {2, 1} == set(
        next(one for one in keyring(house.archive, lena).values() if one.label == "main").identities
    )
    assert audited(house.folder).faults == ()


class Crash(BaseException):
    """The process ends here."""


def crash(*_args, **_rows):
    raise Crash


def test_a_crash_between_the_key_file_and_the_log_locks_nobody_out(house, monkeypatch):
    lena = house.lawyer()
    with monkeypatch.context() as patched:
        patched.setattr(type(house.archive.custody), "record", crash)
        with pytest.raises(Crash):
            rotation.rotate(house.archive, lena, NEW)
    again = sign_in(house.archive, "lena", NEW)
    assert (again.agent.key, again.secret.signing.public) == (1, lena.secret.signing.public)
    assert labels(house, again) == ["main"]
    assert rotation.rotate(house.archive, again, NEW).agent.key == 2


def test_a_crash_after_the_log_leaves_receipts_that_still_open(house, monkeypatch):
    vera = house.documenter()
    item = house.deposit_one(vera, "Гэта было ў жніўні.").item
    with monkeypatch.context() as patched:
        patched.setattr(rotation, "rewrap", crash)
        with pytest.raises(Crash):
            rotation.rotate(house.archive, vera, NEW)
    again = sign_in(house.archive, "vera", NEW)
    assert again.agent.key == 2
    assert fetch_receipt(house.archive, again, item, code_digest("x"))
    [same] = house.deposit(again, {"account.txt": "Гэта было ў жніўні."})
    assert same.status == "duplicate"


def test_an_old_key_file_put_back_into_the_catalogue_opens_nothing(house):
    lena = house.lawyer()
    old = key_file_of(house, "lena")
    rotation.rotate(house.archive, lena, NEW)
    house.archive.catalogue.agents.set_key_file(lena.id, old)
    with refusal("C70"):
        house.sign_in("lena")


def test_a_new_passphrase_over_the_same_keys_is_logged(house):
    lena = house.lawyer()
    size = house.archive.ledger().size
    rotation.change_passphrase(house.archive, lena, NEW)
    assert house.archive.ledger().size == size + 1
    assert sign_in(house.archive, "lena", NEW).agent.key == 1
    with refusal("K10"):
        house.sign_in("lena")
    assert audited(house.folder).faults == ()


@pytest.mark.parametrize("change", [rotation.rotate, rotation.change_passphrase])
def test_a_short_passphrase_is_refused_before_anything_changes(house, change):
    lena, before = house.lawyer(), key_file_of(house, "lena")
    with refusal("K23"):
        change(house.archive, lena, "short")
    assert key_file_of(house, "lena") == before


def test_whoever_sits_at_an_open_session_must_know_the_passphrase(house):
    rotation.check_passphrase(house.archive, house.anna, passphrase_of("anna"))
    with refusal("K10"):
        rotation.check_passphrase(house.archive, house.anna, "a guess of somebody else's")


def test_a_replaced_key_file_says_that_its_keys_are_her_own(house):
    lena = house.lawyer()
    assert lena.secret.issued
    rotation.rotate(house.archive, lena, NEW)
    assert not open_key_file(key_file_of(house, "lena"), NEW, log_n=10).issued


def test_of_two_who_replace_the_same_keys_at_once_one_does_and_neither_locks_her_out(house):
    house.lawyer()
    sittings = [house.sign_in("lena") for _ in range(4)]
    outcomes = []

    def replace(number):
        try:
            rotation.rotate(house.archive, sittings[number], f"the words of round {number}")
            outcomes.append(number)
        except SviedkaError as fault:
            outcomes.append(fault.code)

    threads = [Thread(target=replace, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [first] = [one for one in outcomes if one != "A40"]
    assert len(outcomes) == 4
    assert sign_in(house.archive, "lena", f"the words of round {first}").agent.key == 2
