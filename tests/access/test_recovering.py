"""Trustees: drills, recovery when nobody can sign in any more, and handing over to others."""

import itertools
import shutil

import pytest
from founded import audited, founded_house, leave_nothing, opened_house, refusal

from archive.access import compartments, recovering
from archive.access.keyring import Held, find_label, keyring
from archive.access.signin import pen
from archive.access.suspension import suspend
from archive.codec import b64
from archive.errors import AccessError, CustodyError, KeysError
from archive.events import Signer
from archive.ids import new_id
from archive.kinds import Kind
from archive.nouns import Action, Role
from archive.uses import Use
from keys.identities import Identity
from keys.signing import SigningKey
from keys.trustees import combine, split_identity, trustees_key, trustees_of

NEW = "the passphrase of zina"


@pytest.fixture
def house(tmp_path):
    with founded_house(tmp_path / "archive") as house:
        house.item = house.deposit_one(house.documenter(), "Яна бачыла дубінку.").item
        house.lawyer("olga")
        house.revoke("olga")
        house.later = house.deposit_one(house.sign_in("vera"), "Пасля новага ключа: дубінка.").item
        yield house


def sealed_rows(house):
    return {row.body: row.header + row.content for row in house.archive.catalogue.sealed.each()}


def nowhere(house, before):
    """Count the rows that are gone, after looking for their bytes in everything the archive has on disk."""
    gone = [content for body, content in before.items() if body not in sealed_rows(house)]
    pieces = [content[start : start + 48] for content in gone for start in range(0, len(content) - 48, 997)]
    for path in house.folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert not any(piece in data for piece in pieces), path.name
    return len(gone)


def test_any_two_of_three_recover_everything_when_all_passphrases_are_lost(house):
    for number, pair in enumerate(itertools.combinations(house.shares, 2)):
        handle = f"zina-{number}"
        recovering.recover(house.archive, combine(pair), handle, f"the passphrase of {handle}")
        zina = house.sign_in(handle, Use.COURT)
        assert house.found_items(zina, "дубінка") == {house.item, house.later}
        assert house.read_original(zina, house.item).decode() == "Яна бачыла дубінку."
        assert house.read_original(zina, house.later).decode() == "Пасля новага ключа: дубінка."
    report = audited(house.folder)
    assert (report.outcome, report.faults) == ("verified", ())


def test_who_was_recovered_gives_rights_again(house):
    recovering.recover(house.archive, combine(house.shares[:2]), "zina", NEW)
    zina = house.sign_in("zina")
    assert compartments.found(house.archive, zina, "after") == []
    assert zina.agent.role is Role.CUSTODIAN


def test_an_agent_who_is_there_keeps_her_passphrase(house):
    house.enrol("boris", Role.CUSTODIAN)
    recovering.recover(house.archive, combine(house.shares[1:]), "boris", NEW)
    assert house.read_original(house.sign_in("boris", Use.COURT), house.item)


def test_recovery_is_not_to_somebody_in_another_role(house):
    house.enrol("boris", Role.CUSTODIAN)
    suspend(house.archive, house.anna, "boris")
    for handle in ("vera", "boris"):
        with refusal("A51"):
            recovering.recover(house.archive, combine(house.shares[:2]), handle, NEW)


def test_one_share_gets_nothing(house):
    for share in house.shares:
        for padded in ([share], [share, share], [share, share, share.upper()]):
            with refusal("K26"):
                combine(padded)


def test_a_mistyped_word_is_named_by_its_place_and_never_corrected(house):
    words = house.shares[1].split()
    words[7] = "aaaaaa"
    with pytest.raises(KeysError, match="word 8 of share 2"):
        combine([house.shares[0], " ".join(words)])


def test_shares_of_another_archive_recover_nothing(house, tmp_path):
    with founded_house(tmp_path / "other") as other:
        stranger = combine(other.shares[:2])
    with pytest.raises(AccessError, match="trustees of this archive"):
        recovering.recover(house.archive, stranger, "zina", NEW)
    assert house.archive.catalogue.agents.by_handle("zina") is None


def test_whoever_has_the_servers_own_keys_and_no_shares_recovers_nothing(house):
    """A thief of log.key and archive-agent.key enrols nobody, and appoints nobody."""
    thief = Identity.generate()
    author = house.archive.archive_author
    enrolment = {
        "agent": new_id(),
        "role": "custodian",
        "recipient": thief.recipient.text,
        "signing_key": b64(SigningKey.generate().public),
        "handle": "0" * 64,
        "issued": True,
    }
    appointment = {
        "scope": None,
        "trustees": trustees_of(thief, new_id()),
        "recovery": thief.recipient.text,
    }
    for kind, data in ((Kind.ENROLMENT, enrolment), (Kind.TRUSTEES, appointment)):
        with pytest.raises(CustodyError):
            house.archive.custody.record([author.write(kind, data)])
    with pytest.raises(AccessError):
        recovering.recover(house.archive, thief, "zina", NEW)


def test_a_thief_who_signs_in_the_trustees_name_with_another_key_is_refused(house):
    trustees = house.archive.ledger().trustees
    forged = pen(house.archive, house.anna)
    forged = type(forged)(trustees, SigningKey.generate().sign, forged.origin, forged.seen)
    data = {
        "agent": new_id(),
        "role": "custodian",
        "recipient": Identity.generate().recipient.text,
        "signing_key": b64(SigningKey.generate().public),
        "handle": "0" * 64,
        "issued": True,
    }
    with pytest.raises(CustodyError) as raised:
        house.archive.custody.record([forged.write(Kind.ENROLMENT, data)])
    assert raised.value.code == "C62"


def test_a_drill_opens_every_recovery_copy_and_is_logged(house):
    assert recovering.last_drill(house.archive.ledger()) is None
    assert recovering.drill(house.archive, house.anna, combine(house.shares[:2])) == 3
    assert recovering.last_drill(house.archive.ledger()) is not None
    assert audited(house.folder).outcome == "verified"


def test_a_drill_needs_a_custodian(house):
    with pytest.raises(AccessError):
        recovering.drill(house.archive, house.sign_in("vera"), combine(house.shares[:2]))


def test_a_sealed_compartment_is_opened_by_its_own_quorum_and_by_nobody_else(house):
    shares = compartments.found(house.archive, house.anna, "sealed-2020", sealed=True)
    assert recovering.recover(house.archive, combine(house.shares[:2]), "anna", NEW)
    assert not [one for one in _held(house).values() if one.label == "sealed-2020" and one.identities]
    recovering.recover(house.archive, combine(shares[:2]), "anna", NEW)
    assert [one for one in _held(house).values() if one.label == "sealed-2020" and one.identities]
    assert audited(house.folder).outcome == "verified"


def test_the_quorum_of_one_compartment_enrols_nobody(house):
    shares = compartments.found(house.archive, house.anna, "sealed-2020", sealed=True)
    with pytest.raises(AccessError, match="enrol nobody"):
        recovering.recover(house.archive, combine(shares[1:]), "zina", NEW)


def _held(house):
    return keyring(house.archive, house.anna)


@pytest.mark.parametrize("with_old_shares", [True, False])
def test_after_a_replacement_only_the_new_shares_open_what_is_stored(house, with_old_shares):
    old, new = combine(house.shares[:2]), Identity.generate()
    shares = split_identity(new, 2, 3)
    rows = sealed_rows(house)
    before = {ref.body for one in house.archive.ledger().compartments.values() for ref in one.recovery}
    assert recovering.replace_trustees(house.archive, house.anna, old if with_old_shares else None, new) == (
        3,
        [],
    )
    assert not before & sealed_rows(house).keys()
    assert nowhere(house, rows) == len(before)
    with pytest.raises(AccessError):
        recovering.recover(house.archive, old, "zina", NEW)
    recovering.recover(house.archive, combine(shares[1:]), "zina", NEW)
    assert house.read_original(house.sign_in("zina", Use.COURT), house.later)
    assert recovering.last_drill(house.archive.ledger()) is None
    assert audited(house.folder).outcome == "verified"


def test_what_a_custodian_cannot_open_stays_with_the_trustees_before_until_they_help(house):
    boris = house.enrol("boris", Role.CUSTODIAN)
    new = Identity.generate()
    sealed, left = recovering.replace_trustees(house.archive, boris, None, new)
    assert (sealed, len(left)) == (0, 3)
    recovering.recover(house.archive, combine(house.shares[:2]), "boris", NEW)
    newer = Identity.generate()
    assert recovering.replace_trustees(house.archive, house.sign_in("boris"), None, newer) == (3, [])
    assert audited(house.folder).outcome == "verified"


def test_recovery_works_on_another_machine_from_a_copy_of_the_folder(house, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(house.folder, copy)
    leave_nothing(copy)
    with opened_house(copy) as elsewhere:
        recovering.recover(elsewhere.archive, combine(house.shares[::2]), "zina", NEW)
        assert elsewhere.read_original(elsewhere.sign_in("zina", Use.COURT), house.item)
    assert audited(copy).outcome == "verified"


def test_the_trustees_of_a_sealed_compartment_hand_over_to_others_and_the_old_shares_open_nothing(house):
    old = combine(compartments.found(house.archive, house.anna, "vault", sealed=True)[1:])
    before, new = sealed_rows(house), Identity.generate()
    assert recovering.replace_trustees(house.archive, house.anna, old, new) == (2, [])
    with refusal("A50"):
        recovering.recover(house.archive, old, "anna", NEW)
    assert nowhere(house, before) == 2
    recovering.drill(house.archive, house.anna, new)
    assert all(recovering.drills_of_sealed(house.archive.ledger()))
    recovering.drill(house.archive, house.anna, combine(house.shares[:2]))
    assert audited(house.folder).outcome == "verified"


def test_a_sealed_compartment_is_read_once_its_quorum_has_opened_it(house):
    shares = compartments.found(house.archive, house.anna, "vault", sealed=True)
    house.grant("vera", Action.CONTRIBUTE, label="vault", purposes=())
    item = house.deposit_one(house.sign_in("vera"), "Запячатаная дубінка.", label="vault").item
    house.enrol("boris", Role.CUSTODIAN)
    with refusal("A20"):
        house.read_original(house.sign_in("anna", Use.COURT), item)
    recovering.recover(house.archive, combine(shares[:2]), "boris", NEW)
    told = house.read_original(house.sign_in("boris", Use.COURT), item)
    assert told.decode() == "Запячатаная дубінка."


def test_a_recovery_copy_of_another_identity_is_named_by_a_drill(house):
    """A custodian keeps the true identity to himself, and seals something else to the trustees."""
    ledger, author = house.archive.ledger(), pen(house.archive, house.anna)
    main = find_label(keyring(house.archive, house.anna), "main").compartment
    known = ledger.compartments[main]
    false = Held(main, "main", {epoch: Identity.generate() for epoch in range(1, known.epoch + 1)})
    new = Identity.generate()
    agent = new_id()
    data = {"scope": None, "trustees": trustees_of(new, agent), "recovery": new.recipient.text}
    signed = author.write(Kind.TRUSTEES, data, also=[Signer(agent, 1, trustees_key(new).sign)])
    sealed = recovering._resealed(house.archive, author, known, false, new)
    house.archive.custody.record([signed, sealed.signed], sealed=sealed.rows)
    with refusal("A54"):
        recovering.drill(house.archive, house.anna, new)
