"""The second factor: demanded at every sign-in, good once, and not to be got rid of in the catalogue."""

import json
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from founded import audited, founded_house, passphrase_of, refusal

from archive.access import factors, rotation, suspension
from archive.access.second_factor import MOST_MISSES
from archive.access.signin import pen, sign_in
from archive.errors import SviedkaError
from archive.kinds import Kind
from archive.nouns import Role
from keys.otp import CODES, Factor
from keys.sealing import open_

NEW = "six new words that nobody else knows"


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def later(self, seconds=30):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def house(tmp_path, clock):
    with founded_house(tmp_path / "archive", clock=clock) as opened:
        yield opened


def code_of(factor, clock, steps=0):
    moment = int(clock().timestamp()) + 30 * steps
    return TOTP(factor.secret, 6, SHA1(), 30).generate(moment).decode()


def enter(house, handle, code, passphrase=None):
    return sign_in(house.archive, handle, passphrase or passphrase_of(handle), code=lambda: code)


@pytest.fixture
def guarded(house, clock):
    """Lena, with a second factor that was confirmed a step ago."""
    lena = house.lawyer()
    factor = Factor.generate()
    factors.add(house.archive, lena, factor, code_of(factor, clock))
    clock.later()
    return factor


def rows_of_factor(house):
    return [row for row in house.archive.catalogue.sealed.each() if row.kind == "factor"]


def test_a_passphrase_alone_no_longer_signs_in(house, guarded, clock):
    for wrong in ("", "000000", code_of(guarded, clock, 5), "aaaa-aaaa"):
        with refusal("K10"):
            enter(house, "lena", wrong)
    with refusal("K10"):
        house.sign_in("lena")
    with refusal("K10"):
        enter(house, "lena", code_of(guarded, clock), "a wrong passphrase of hers")
    assert enter(house, "lena", code_of(guarded, clock)).agent.factor is not None
    assert audited(house.folder).faults == ()


def test_nobody_else_is_asked_for_a_code(house, guarded):
    def asked():
        raise AssertionError

    assert sign_in(house.archive, "anna", passphrase_of("anna"), code=asked)
    with refusal("K10"):
        sign_in(house.archive, "lena", "a wrong passphrase of hers", code=asked)


def test_no_code_signs_in_twice_nor_does_an_earlier_one(house, guarded, clock):
    early, now = code_of(guarded, clock, -1), code_of(guarded, clock)
    with refusal("K10"):
        enter(house, "lena", early)
    enter(house, "lena", now)
    for used in (now, early):
        with refusal("K10"):
            enter(house, "lena", used)
    clock.later()
    enter(house, "lena", code_of(guarded, clock))


def test_one_code_at_two_doors_at_once_opens_one(house, guarded, clock):
    code, entered = code_of(guarded, clock), []

    def try_it():
        try:
            entered.append(enter(house, "lena", code).id)
        except SviedkaError as fault:
            entered.append(fault.code)

    threads = [Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(entered) == 4
    assert entered.count("K10") == 3


def test_a_recovery_code_works_once_and_is_logged(house, guarded):
    size = house.archive.ledger().size
    lena = enter(house, "lena", guarded.codes[0].upper())
    assert house.archive.ledger().size == size + 1
    assert lena.agent == house.archive.ledger().agents[lena.id]
    [row] = rows_of_factor(house)
    assert len(Factor.of(factor_data(row, lena)).codes) == CODES - 1
    with refusal("K10"):
        enter(house, "lena", guarded.codes[0])
    enter(house, "lena", guarded.codes[1])
    assert len(rows_of_factor(house)) == 1
    assert audited(house.folder).faults == ()


def factor_data(row, sitting):
    return json.loads(open_(row.header, row.content, sitting.secret.identity, commitment=None))["data"]


def test_a_row_put_back_from_before_or_taken_away_refuses_the_sign_in(house, guarded, clock):
    [before] = rows_of_factor(house)
    enter(house, "lena", guarded.codes[0])
    [after] = rows_of_factor(house)
    catalogue = house.archive.catalogue
    catalogue.forget([], [after.body])
    with refusal("F30"):
        enter(house, "lena", code_of(guarded, clock))
    catalogue.stage(sealed=[before])
    with refusal("F30"):
        enter(house, "lena", guarded.codes[0])
    assert {fault.code for fault in audited(house.folder).faults} >= {"F44", "F48"}


def test_whoever_knows_the_passphrase_cannot_go_on_guessing_codes(house, guarded, clock):
    for _guess in range(MOST_MISSES):
        with refusal("K10"):
            enter(house, "lena", code_of(guarded, clock, 7))
    with refusal("K10"):
        enter(house, "lena", code_of(guarded, clock))
    enter(house, "lena", guarded.codes[7])
    enter(house, "lena", code_of(guarded, clock))


def test_forgetting_the_code_or_the_passphrase_is_no_guess_at_it(house, guarded, clock):
    for _time in range(MOST_MISSES):
        with refusal("K10"):
            enter(house, "lena", " ")
        with refusal("K10"):
            enter(house, "lena", "000000", "a wrong passphrase of hers")
    enter(house, "lena", code_of(guarded, clock))


def test_a_factor_counts_only_once_its_first_code_was_typed(house, clock):
    lena, factor = house.lawyer(), Factor.generate()
    with refusal("K33"):
        factors.add(house.archive, lena, factor, "123")
    assert house.sign_in("lena").agent.factor is None
    first = code_of(factor, clock)
    factors.add(house.archive, lena, factor, first)
    with refusal("K10"):
        enter(house, "lena", first)
    with refusal("A43"):
        clock.later()
        factors.add(house.archive, enter(house, "lena", code_of(factor, clock)), factor, first)


def test_new_keys_keep_the_factor_and_seal_it_anew(house, guarded, clock):
    lena = enter(house, "lena", code_of(guarded, clock))
    renewed = rotation.rotate(house.archive, lena, NEW)
    assert renewed.agent.factor.epoch == 2
    [row] = rows_of_factor(house)
    with pytest.raises(SviedkaError):
        open_(row.header, row.content, lena.secret.identity, commitment=None)
    clock.later()
    with refusal("K10"):
        enter(house, "lena", "", NEW)
    enter(house, "lena", code_of(guarded, clock), NEW)
    assert audited(house.folder).faults == ()


def test_she_removes_it_herself_and_a_custodian_for_whoever_lost_it(house, guarded, clock):
    lena = enter(house, "lena", code_of(guarded, clock))
    factors.remove(house.archive, lena, "lena")
    assert rows_of_factor(house) == []
    lena, again = house.sign_in("lena"), Factor.generate()
    factors.add(house.archive, lena, again, code_of(again, clock))
    factors.remove(house.archive, house.anna, "lena")
    assert house.sign_in("lena").agent.factor is None
    with refusal("A44"):
        factors.remove(house.archive, house.anna, "lena")
    with refusal("A04"):
        factors.remove(house.archive, house.anna, "nobody")
    assert audited(house.folder).faults == ()


def test_nobody_but_a_custodian_removes_the_factor_of_another(house, guarded):
    vera = house.documenter()
    with refusal("A01"):
        factors.remove(house.archive, vera, "lena")
    lena = house.archive.catalogue.agents.by_handle("lena").agent
    data = {"agent": lena, "change": "second-factor-removed", "sealed": None}
    with refusal("C63"):
        house.archive.custody.record([pen(house.archive, vera).write(Kind.CREDENTIAL, data)])


def test_the_suspended_with_a_factor_are_answered_like_strangers(house, guarded, clock):
    suspension.suspend(house.archive, house.anna, "lena")
    with refusal("K10"):
        enter(house, "lena", code_of(guarded, clock))


def test_the_catalogue_does_not_say_whose_code_was_last(house, guarded):
    house.enrol("ivan", Role.LAWYER)
    name = guarded.memory
    assert house.archive.catalogue.settings.get(name)
    assert not any(str(row.agent) in name for row in house.archive.catalogue.agents.all())
