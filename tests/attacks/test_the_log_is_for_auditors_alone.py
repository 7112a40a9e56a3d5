"""Entries, holdings and bodies over the network: for auditors, under an inspection of theirs, now, and once."""

import http.client
import shutil
from datetime import timedelta

import pytest
from defences import Defence, without
from founded import founded_house, refusal
from mirrored import Clock, app_of, key_of, serving

from archive.access.inspecting import take_entry
from archive.author import Author
from archive.cli.addresses import parse_address
from archive.codec import b64
from archive.events import Seen, format_moment
from archive.inspections import NONCE_BYTES, sign_request
from archive.kinds import Kind
from archive.nouns import Action, Role
from keys.signing import SigningKey

BUNDLE = "/log/tile/entries/000.p/5"
PATHS = [BUNDLE, "/log/holdings"]


class Scene:
    """An archive on the loopback, and what somebody with a key of hers can send there."""

    def __init__(self, house, clock, address):
        self.house, self.clock, self.to = house, clock, parse_address(address, code="I16", what="an archive")

    def author(self, handle, **changes):
        secret, archive = key_of(self.house, handle), self.house.archive
        seen = changes.get("seen", archive.seen())
        origin = changes.get("origin", archive.ledger().origin)
        signing = changes.get("signing", secret.signing)
        return Author(secret.agent, signing.sign, origin, seen, changes.get("clock", self.clock))

    def inspection(self, handle, key, *, hours=1, **changes):
        until = format_moment(self.clock() + timedelta(hours=hours))
        data = {"key": b64(key.public), "until": until}
        return self.author(handle, **changes).write(Kind.INSPECTION, data).entry

    def open(self, handle, **changes):
        key = SigningKey.generate()
        take_entry(self.house.archive, self.inspection(handle, key, **changes), Kind.INSPECTION)
        return key

    def signed(self, key, path, *, method="GET", seconds=0, origin=""):
        origin = origin or self.house.archive.ledger().origin
        time = int(self.clock().timestamp()) + seconds
        return sign_request(
            origin, method, path, key=key.public, sign=key.sign, time=time, nonce=b"n" * NONCE_BYTES
        )

    def ask(self, path, header="", method="GET", body=None):
        line = http.client.HTTPConnection(self.to.host, self.to.port, timeout=20)
        try:
            line.request(method, path, body, {"Authorization": header} if header else {})
            answer = line.getresponse()
            return answer.status, answer.headers.get("Sviedka-Outcome", ""), answer.read()
        finally:
            line.close()


@pytest.fixture
def scene(tmp_path):
    clock = Clock()
    with founded_house(tmp_path / "archive", clock=clock) as house:
        house.documenter()
        house.enrol("olga", Role.AUDITOR)
        house.enrol("boris", Role.CUSTODIAN)
        with serving(app_of(house)) as address:
            yield Scene(house, clock, address)
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_gets_entries_or_holdings_without_an_inspection(scene, path):
    assert scene.ask(path)[0] in (403, 404)
    stranger = SigningKey.generate()
    assert scene.ask(path, scene.signed(stranger, path))[:2] == (403, "A67")
    for header in ("Sviedka", "Bearer x", "Sviedka a b c d", "Sviedka " + "A" * 500, "Sviedka    "):
        assert scene.ask(path, header)[:2] == (403, "A67"), header
    key = scene.open("olga")
    assert scene.ask(path, scene.signed(key, path))[0] == 200


def test_only_who_may_audit_opens_an_inspection(scene):
    with refusal("A67"):
        scene.open("vera")
    with refusal("A67"):
        scene.open("boris")
    scene.house.grant("boris", Action.AUDIT)
    scene.open("boris")


def test_a_right_that_ended_opens_nothing_and_ends_what_was_open(scene):
    ends = format_moment(scene.clock() + timedelta(minutes=30))
    scene.house.grant("boris", Action.AUDIT, ends=ends)
    key = scene.open("boris")
    assert scene.ask(BUNDLE, scene.signed(key, BUNDLE))[0] == 200
    scene.clock.pass_by(minutes=31)
    assert scene.ask(BUNDLE, scene.signed(key, BUNDLE))[:2] == (403, "A67")
    with refusal("A67"):
        scene.open("boris")
    scene.house.grant("boris", Action.AUDIT)
    assert scene.ask(BUNDLE, scene.signed(key, BUNDLE))[0] == 200
    scene.house.revoke("boris")
    assert scene.ask(BUNDLE, scene.signed(key, BUNDLE, seconds=1))[:2] == (403, "A67")
    with refusal("A67"):
        scene.open("boris", clock=lambda: scene.clock() - timedelta(minutes=1))


def test_an_inspection_ends(scene):
    key = scene.open("olga", hours=1)
    scene.clock.pass_by(minutes=61)
    assert scene.ask(BUNDLE, scene.signed(key, BUNDLE))[:2] == (403, "A67")


def test_what_was_overheard_cannot_be_sent_again(scene):
    key = scene.open("olga")
    header = scene.signed(key, BUNDLE)
    assert scene.ask(BUNDLE, header)[0] == 200
    assert scene.ask(BUNDLE, header)[:2] == (403, "A88")
    assert scene.ask("/log/holdings", header)[:2] == (403, "A67")
    with without(Defence("archive.access.replays:Replays.is_new", "== mark", "== b''")):
        assert scene.ask(BUNDLE, header)[0] == 200
    for seconds in (-121, 121):
        header = scene.signed(key, BUNDLE, seconds=seconds)
        assert scene.ask(BUNDLE, header)[:2] == (403, "A88")
    assert scene.ask(BUNDLE, scene.signed(key, BUNDLE, origin="another"))[:2] == (403, "A67")


def test_an_entry_is_taken_once_in_its_time_under_her_own_key_of_this_log(scene):
    key, archive = SigningKey.generate(), scene.house.archive
    entry = scene.inspection("olga", key)
    status = [scene.ask("/log/inspections", method="POST", body=entry)[:2] for _ in range(2)]
    assert status == [(201, ""), (409, "C60")]
    with refusal("C99"):
        take_entry(archive, scene.inspection("olga", key), Kind.INSPECTION)
    for hours in (0, 25):
        with refusal("C99"):
            scene.open("olga", hours=hours)
    for minutes in (-3, 3):
        with refusal("A88"):
            scene.open("olga", clock=lambda: scene.clock() + timedelta(minutes=minutes))  # noqa: B023
    with refusal("C62"):
        scene.open("olga", signing=SigningKey.generate())
    with refusal("C61"):
        scene.open("olga", origin="sviedka.invalid/another")
    with refusal("C36"):
        scene.open("olga", seen=Seen(3, b"x" * 32))
    with refusal("C36"):
        scene.open("olga", seen=Seen(10**6, b"x" * 32))
    size = archive.log.checkpoint().size
    for data in (b"", b"x" * 70_000, entry[:-1], scene.inspection("olga", SigningKey.generate()) + b"\n"):
        assert scene.ask("/log/inspections", method="POST", body=data)[:2] == (409, "C53")
    # An audit's outcome does not open anything, nor the other way round.
    assert scene.ask("/log/audits", method="POST", body=scene.inspection("olga", key))[:2] == (409, "C53")
    assert archive.log.checkpoint().size == size


@pytest.mark.parametrize(
    "path",
    [
        "/log/body/..%2f..%2farchive.json",
        "/log/body/%2e%2e",
        "/log/body/" + "A" * 64,
        "/log/body/" + "0" * 64,
        "/log/tile/entries/../../archive.json",
        "/log/tile/entries/..%2f..%2f..%2flog.key",
        "/log/tile/0/000/../../../log.key",
        "/log/tile/..%2f..%2flog.key",
        "/log/tile/%2fetc%2fpasswd",
    ],
)
def test_a_path_leads_nowhere_else(scene, path):
    key = scene.open("olga")
    status, _outcome, body = scene.ask(path, scene.signed(key, path))
    assert status in (308, 403, 404, 500)
    assert b"log_keys" not in body
    assert b"ed25519" not in body


def test_without_the_question_who_may_audit_a_documenter_would_get_the_log(scene):
    asked = Defence(
        "archive.access.inspecting:take_entry",
        "if not audits(ledger, event.agent, format_moment(now)):",
        "if False:",
    )
    ruled = Defence(
        "archive.rules_of_audits:inspection", "if not audits(ledger, event.agent, event.at):", "if False:"
    )
    admitted = Defence(
        "archive.access.inspecting:admit",
        "if not audits(ledger, found.agent, format_moment(now)):",
        "if False:",
    )
    with without(asked, admitted), refusal("C63"):
        scene.open("vera")
    with without(asked, ruled):
        key = scene.open("vera")
        assert scene.ask(BUNDLE, scene.signed(key, BUNDLE))[:2] == (403, "A67")
        with without(admitted):
            assert scene.ask(BUNDLE, scene.signed(key, BUNDLE))[0] == 200
