"""Two organisations cosign an archive's log, one of them is away, and a court is told what that is worth."""

import json
import subprocess
import sys

import pytest
from backup_driver import run_backup, run_succession
from founded import audited, founded_house, opened_house, refusal
from two_organisations import HARBOUR, LANTERN, Town, clock, known

from archive.access.receipts import fetch_receipt, trust_of
from archive.cosigner_settings import format_cosigners
from archive.cosigners.answering import Cosigner, files_of
from archive.cosigners.asking import Round
from archive.cosigners.policies import policy_of
from archive.tlog_policy import format_policy
from archive.trust import format_trust
from archive.verifier.build import build
from archive.verifying import verify_file
from keys.cosigner_keys import CosignerKey
from keys.signing import verify_ed25519, verify_mldsa44
from storage.cosignatures import Cosignatures


class Partners:
    """Two organisations that follow the log of a house."""

    def __init__(self, house, place):
        self.house = house
        trust = trust_of(house.archive)
        self.trust = format_trust(trust)
        self.cosigners = []
        for name in (HARBOUR, LANTERN):
            files = files_of(place / name.partition(".")[0])
            files.follow(trust.origin, trust.log_keys)
            self.cosigners.append(Cosigner(CosignerKey.generate(name), files, clock))
        self.town = Town(self.cosigners)

    def ask(self):
        log = self.house.archive.log
        kept = Cosignatures(self.house.folder / "log")
        return {one.name: one.word for one in Round(log, kept, self.town.send).ask(known(*self.cosigners))}

    def policy(self, need, **kind):
        trust = trust_of(self.house.archive)
        kind.setdefault("post_quantum", False)
        return format_policy(policy_of(trust.log_keys, known(*self.cosigners), need, **kind))


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with founded_house(tmp_path_factory.mktemp("cosigned") / "archive") as house:
        house.documenter()
        yield house


@pytest.fixture(scope="module")
def partners(house, tmp_path_factory):
    return Partners(house, tmp_path_factory.mktemp("partners"))


def receipt_of(house, item):
    return fetch_receipt(house.archive, house.sign_in("vera"), item, b"")


def verified(receipt, **given):
    return verify_file(receipt, **given, check_ed25519=verify_ed25519, check_mldsa44=verify_mldsa44)


def test_a_receipt_is_first_logged_then_cosigned_and_the_archive_goes_on_whoever_is_away(house, partners):
    vera = house.sign_in("vera")
    first = house.deposit_one(vera, "Сведчанне: дубінка. ").item
    fresh = receipt_of(house, first)
    for need in (1, 2):
        told = verified(fresh, policy=partners.policy(need))
        assert told.coverage.enough is False
        assert any("logged, not yet cosigned" in line for line in told.lines())
    # One of the two is away.
    partners.town.away = {LANTERN}
    assert partners.ask() == {HARBOUR: "cosigned", LANTERN: "unreachable"}
    half = receipt_of(house, first)
    assert verified(half, policy=partners.policy(1)).coverage.enough
    assert not verified(half, policy=partners.policy(2)).coverage.enough
    # The archive takes in what comes meanwhile; its receipt is as good as the first was.
    second = house.deposit_one(vera, "Другое сведчанне: дубінка. ").item
    assert not verified(receipt_of(house, second), policy=partners.policy(1)).coverage.enough
    partners.town.away = set()
    assert partners.ask() == {HARBOUR: "cosigned", LANTERN: "cosigned"}
    for item in (first, second):
        told = verified(receipt_of(house, item), policy=partners.policy(2))
        assert [one.name for one in told.coverage.cosigned] == [HARBOUR, LANTERN]
        assert told.coverage.enough
        assert told.proven.trusted
    # The receipts from before still hold.
    assert verified(fresh, trust=partners.trust).proven.openings.name == "account.txt"


def test_the_policy_decides_and_not_the_receipt(house, partners):
    item = house.deposit_one(house.sign_in("vera"), "Трэцяе сведчанне. ").item
    partners.ask()
    receipt = receipt_of(house, item)
    without = verified(receipt, trust=partners.trust)
    assert (without.coverage.enough, without.coverage.others) == (None, 4)
    assert verified(receipt, policy=partners.policy(2, post_quantum=True)).coverage.enough
    strangers = policy_of(
        (), known(*Partners(house, house.folder / "strangers").cosigners), 1, post_quantum=False
    )
    told = verified(receipt, policy=format_policy(strangers), trust=partners.trust)
    assert (told.coverage.enough, told.coverage.cosigned, told.coverage.others) == (False, (), 4)
    # A policy of another log says nothing of this one.
    other = partners.policy(1).replace(b"sviedka.invalid", b"sviedka.example")
    with refusal("C42"):
        verified(receipt, policy=other)


def test_a_forged_line_of_a_cosigner_condemns_the_receipt(house, partners):
    item = house.deposit_one(house.sign_in("vera"), "Чацвёртае сведчанне. ").item
    partners.ask()
    receipt = receipt_of(house, item)
    lines = receipt.split(b"\n")
    [place] = [n for n, line in enumerate(lines) if HARBOUR.encode() in line and len(line) < 300]
    head, _, text = lines[place].rpartition(b" ")
    lines[place] = head + b" " + text[:40] + (b"A" if text[40:41] != b"A" else b"B") + text[41:]
    with refusal("C24"):
        verified(b"\n".join(lines), policy=partners.policy(1))


def test_the_verifier_of_a_court_says_the_same_with_nothing_installed(house, partners, tmp_path):
    item = house.deposit_one(house.sign_in("vera"), "Пятае сведчанне. ").item
    partners.ask()
    files = {
        "verify.pyz": build(),
        "receipt": receipt_of(house, item),
        "policy": partners.policy(2),
        "quantum": partners.policy(2, post_quantum=True),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    def told(policy):
        words = [sys.executable, "-I", "verify.pyz", "receipt", "--policy", policy, "--plain", "--json"]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    assert told("policy")["cosigned_enough"] is True
    assert [one["name"] for one in told("policy")["cosigned"]] == [HARBOUR, LANTERN]
    # Plain Python cannot check ML-DSA-44, and says whose signatures it passed over.
    assert told("quantum")["cosigned_enough"] is False
    assert told("quantum")["cosigners_unchecked"] == [HARBOUR, LANTERN]


def test_a_receipt_does_without_kept_cosignatures_that_are_damaged(house, partners):
    item = house.deposit_one(house.sign_in("vera"), "Шостае сведчанне. ").item
    partners.ask()
    kept = house.folder / "log" / "cosignatures"
    path = max((one for one in kept.iterdir() if one.name.isdecimal()), key=lambda one: int(one.name))
    good = path.read_bytes()
    path.write_bytes(good.replace(b"\n", b"\n\n", 1))
    assert not verified(receipt_of(house, item), policy=partners.policy(1)).coverage.enough
    path.write_bytes(good)
    assert verified(receipt_of(house, item), policy=partners.policy(1)).coverage.enough


def test_what_was_cosigned_is_in_a_backup_and_holds_after_a_restore_under_a_successor(
    house, partners, tmp_path
):
    house.deposit_one(house.sign_in("vera"), "Сёмае сведчанне. ")
    partners.ask()
    (house.folder / "cosigners.json").write_bytes(format_cosigners(known(*partners.cosigners)))
    size = house.archive.log.checkpoint().size
    run_backup(house.archive, tmp_path / "disk")
    run_succession(tmp_path / "disk", tmp_path / "restored")
    report = audited(tmp_path / "restored")
    assert (report.outcome, report.faults) == ("verified", ())
    # The entries that are left stand under what was signed of the log before; the successor's own do not yet.
    assert report.cosigned.size == size
    assert report.cosigned.uncovered == report.size - size > 0
    # To the cosigners the successor is another log, which they are to follow first.
    with opened_house(tmp_path / "restored") as restored:
        kept = Cosignatures(tmp_path / "restored" / "log")
        asked = Round(restored.archive.log, kept, partners.town.send).ask(known(*partners.cosigners))
        assert {(one.word, "404" in one.reason) for one in asked} == {("refused", True)}
        trust = trust_of(restored.archive)
        for one in partners.cosigners:
            one.files.follow(trust.origin, trust.log_keys)
        asked = Round(restored.archive.log, kept, partners.town.send).ask(known(*partners.cosigners))
        assert {one.word for one in asked} == {"cosigned"}
    assert audited(tmp_path / "restored").cosigned.uncovered == 0
