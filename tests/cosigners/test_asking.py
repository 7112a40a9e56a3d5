"""An archive asks its cosigners: what they sign is kept, who is away is asked again, who refuses is told of."""

import threading

import pytest
from founded import refusal
from two_organisations import HARBOUR, LANTERN, LogOwner, Town, cosigner, known

from archive.cosignatures import cosignatures_of
from archive.cosigner_settings import format_cosigners, parse_cosigners, parse_public
from archive.cosigners.answering import format_public
from archive.cosigners.asking import Round, load_cosigners, signed_up_to, verifiers_of
from archive.cosigners.background import ask_until
from archive.cosigners.following import look, source_at
from archive.vkeys import format_vkey
from storage.cosignatures import Cosignatures

OWNER = LogOwner()


class World:
    """A log, two cosigners, and lines to them."""

    def __init__(self, place):
        self.place = place
        self.harbour = cosigner(place / "harbour", OWNER)
        self.lantern = cosigner(place / "lantern", OWNER, LANTERN, 8)
        self.town = Town([self.harbour, self.lantern])
        self.kept = Cosignatures(place / "log")
        self.known = known(self.harbour, self.lantern)

    def grow(self, entries):
        return OWNER.log(self.place / "log", entries)

    def ask(self, log=None):
        log = log or OWNER.log(self.place / "log")
        outcomes = Round(log, self.kept, self.town.send).ask(self.known)
        return {one.name: (one.word, one.size) for one in outcomes}

    def names(self, size):
        return {one.name for one in cosignatures_of(self.kept.note(size), verifiers_of(self.known))}


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    world.grow(6)
    return world


def sizes(kept, cosigners):
    return {name: signed.size for name, signed in signed_up_to(kept, cosigners).items()}


def test_both_sign_and_are_not_asked_for_the_same_again(world):
    assert world.ask() == {HARBOUR: ("cosigned", 6), LANTERN: ("cosigned", 6)}
    assert world.names(6) == {HARBOUR, LANTERN}
    asked = world.town.asked
    assert world.ask() == {HARBOUR: ("current", 6), LANTERN: ("current", 6)}
    assert world.town.asked == asked
    world.grow(300)
    assert world.ask() == {HARBOUR: ("cosigned", 306), LANTERN: ("cosigned", 306)}
    assert world.kept.sizes() == [6, 306]


def test_one_is_away_and_the_other_signs_on(world):
    world.town.away = {LANTERN}
    assert world.ask() == {HARBOUR: ("cosigned", 6), LANTERN: ("unreachable", 0)}
    world.grow(4)
    assert world.ask() == {HARBOUR: ("cosigned", 10), LANTERN: ("unreachable", 0)}
    world.town.away = set()
    assert world.ask() == {HARBOUR: ("current", 10), LANTERN: ("cosigned", 10)}
    assert world.names(10) == {HARBOUR, LANTERN}
    assert sizes(world.kept, world.known) == {HARBOUR: 10, LANTERN: 10}


def test_what_was_forgotten_here_the_cosigner_tells(world):
    world.ask()
    for path in (world.place / "log" / "cosignatures").iterdir():
        path.unlink()
    world.grow(3)
    assert world.ask() == {HARBOUR: ("cosigned", 9), LANTERN: ("cosigned", 9)}


def test_a_log_that_was_set_back_or_rewritten_is_refused_and_nothing_kept(world, tmp_path):
    world.ask()
    for number, (entries, history) in enumerate([(4, "entry"), (6, "another"), (9, "another")]):
        log = OWNER.log(tmp_path / f"{number}", entries, history)
        outcomes = Round(log, Cosignatures(tmp_path / f"{number}"), world.town.send).ask(world.known)
        assert {(one.word, one.size) for one in outcomes} == {("refused", 0)}
        assert all("[C55]" in (one.reason or "") for one in outcomes)
        assert Cosignatures(tmp_path / f"{number}").sizes() == []


def test_an_answer_without_a_good_signature_of_each_key_is_not_kept(world):
    truth = world.town.send

    def cut(url, body):
        answer = truth(url, body)
        first, _, _ = answer.body.partition(b"\n")
        return type(answer)(answer.status, answer.kind, first + b"\n")

    def swapped(url, body):
        other = {HARBOUR: LANTERN, LANTERN: HARBOUR}[url]
        return truth(other, body)

    def empty(url, body):
        answer = truth(url, body)
        return type(answer)(answer.status, answer.kind, b"")

    for send in (cut, swapped, empty):
        log = OWNER.log(world.place / "log")
        outcomes = Round(log, world.kept, send).ask(world.known)
        assert {one.word for one in outcomes} <= {"refused", "unreachable"}
        assert world.kept.sizes() == []


def test_a_cosigner_that_does_not_follow_the_log_says_so(world):
    for path in (world.place / "lantern" / "logs").glob("*.log"):
        path.unlink()
    assert world.ask() == {HARBOUR: ("cosigned", 6), LANTERN: ("refused", 0)}


def test_who_goes_and_looks_brings_what_it_signed(world, tmp_path):
    without = [type(one)(one.name, one.vkeys, None) for one in world.known]
    round_ = Round(OWNER.log(world.place / "log"), world.kept, world.town.send)
    assert round_.ask(without) == []
    looked = look(world.harbour, source_at(str(world.place / "log")))
    assert round_.take(without, looked.note) == [HARBOUR]
    assert world.names(6) == {HARBOUR}
    world.grow(700)
    looked = look(world.harbour, source_at(str(world.place / "log")))
    assert looked.checkpoint.size == 706
    Round(OWNER.log(world.place / "log"), world.kept).take(without, looked.note)
    assert sizes(world.kept, without) == {HARBOUR: 706, LANTERN: 0}
    # Of a log that is not followed, or was set back, or has no such signatures, nothing is taken.
    with refusal("C55"):
        look(world.harbour, source_at(str(_older(tmp_path))))
    with refusal("I40"):
        round_.take(without, OWNER.log(world.place / "log").note())
    other = cosigner(tmp_path / "third", OWNER, HARBOUR, 7)
    rewritten = OWNER.log(tmp_path / "rewritten", 6, "another")
    note = look(other, source_at(str(tmp_path / "rewritten"))).note
    assert rewritten.checkpoint().size == 6
    with refusal("C39"):
        round_.take(without, note)


def _older(place):
    OWNER.log(place / "older", 2)
    return place / "older"


def test_tiles_that_lead_elsewhere_are_not_signed(world):
    [tile] = (world.place / "log" / "tile" / "0").rglob("6")
    tile.write_bytes(tile.read_bytes()[:-1] + b"x")
    with refusal("C40"):
        look(world.harbour, source_at(str(world.place / "log")))
    assert world.harbour.files.followed(OWNER.origin).last.size == 0


def test_a_server_asks_beside_its_work_until_it_ends(world):
    (world.place / "cosigners.json").write_bytes(format_cosigners([]))
    ended = threading.Event()
    log = OWNER.log(world.place / "log")
    arguments = {"args": (ended, world.place, log), "kwargs": {"every_seconds": 0.01}}
    thread = threading.Thread(target=ask_until, **arguments)
    thread.start()
    (world.place / "cosigners.json").write_bytes(b"damaged")
    ended.wait(0.1)
    ended.set()
    thread.join(10)
    assert not thread.is_alive()


def test_the_list_of_cosigners_is_read_as_it_was_written(world, tmp_path):
    assert load_cosigners(tmp_path / "nowhere") == ()
    data = format_cosigners(world.known)
    assert parse_cosigners(data) == tuple(world.known)
    twice = format_cosigners([*world.known, world.known[0]])
    for damaged in (data[:-1], data.replace(b'"v":1', b'"v":2'), data.replace(b"url", b"uri"), b"", twice):
        with refusal("F19"):
            parse_cosigners(damaged)


def test_only_the_keys_of_one_cosigner_are_taken(world):
    public = format_public(world.harbour.key)
    assert parse_public(public, OWNER.origin)[0] == HARBOUR
    first = public.splitlines(keepends=True)[0]
    log_key = OWNER.log_keys[0].encode()
    for other in (
        b"",
        b"x",
        public + first,
        public + format_public(world.lantern.key),
        log_key,
        public + b"\xff",
    ):
        with refusal("I41"):
            parse_public(other, OWNER.origin)
    with refusal("I41"):
        parse_public(format_vkey(world.harbour.key.vkeys[0]).encode(), HARBOUR)
