"""A planted archive: two compartments and their companions, each full of words that occur nowhere else.

Of every word it is written down who may come to see it. `more` hides more material where none of the crawled
may look; the log is made equally long by other means, because its length is public.
"""

import io
import random
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from founded import House, found_house, opened_house, passphrase_of
from packing_people import card_of, packed
from town import Town

from archive.access import compartments, grants, proposals, rotation
from archive.access.keyring import keyring
from archive.access.signin import pen
from archive.codec import b64
from archive.kinds import Act, Kind
from archive.nouns import Action, Role
from archive.uses import Use
from ingest.describe import describe
from ingest.submission import submit

MOMENT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
COURT = frozenset({Use.COURT})

#: Who crawls, and as what. The others act in the story only.
CRAWLERS = {
    "verazqid": "documenter",
    "lenazqod": "lawyer",
    "olgazqud": "auditor",
    "boriszqyd": "custodian",
}
VERA, LENA, OLGA, BORIS = CRAWLERS
WANDA, LADA, CYRYL = "wandazqek", "ladazqak", "cyrylzqik"
OTHERS = {WANDA: Role.DOCUMENTER, LADA: Role.LAWYER, CYRYL: Role.CUSTODIAN}


@cache
def word(what: str) -> str:
    """Return the marker that stands for something: the same in every run, and in no language."""
    drawn = random.Random(what)
    return "zq" + "".join(drawn.choice("bdfgkmprstv") + drawn.choice("aeiou") for _ in range(5))


@dataclass
class Planted:
    """The archive, what is where in it, and who may see which word."""

    town: Town
    ids: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    seen_by: dict[str, set[str]] = field(default_factory=dict)
    handles: frozenset[str] = frozenset({*CRAWLERS, *OTHERS})

    def plant(self, what: str, *viewers: str) -> str:
        """Return a marker, and note who may come to see it."""
        self.seen_by[word(what)] = set(viewers)
        return word(what)

    def noted(self, name: str, value: str, *viewers: str) -> str:
        """Remember an id under a name, and who may see it. Auditors see every id: the log has them."""
        self.ids[name] = value
        self.seen_by[value] = {*viewers, OLGA}
        return value

    def forbidden_to(self, who: str) -> set[str]:
        return {marker for marker, viewers in self.seen_by.items() if who not in viewers}


NEAR, FAR = "near", "far"


@contextmanager
def planted(place, *, more: int):
    """Found and plant an archive in a folder of its own."""
    town = Town(place)
    found_house(town.archive, lambda: MOMENT)
    town.remember("anna")
    with opened_house(town.archive, clock=lambda: MOMENT) as house:
        world = Planted(town)
        _people(world, house)
        _places(world, house)
        _material(world, house)
        _hidden(world, house, more)
    yield world


def _people(world: Planted, house: House) -> None:
    for handle, role in {**{one: Role(role) for one, role in CRAWLERS.items()}, **OTHERS}.items():
        sitting = house.enrol(handle, role)
        # Who has keys of her own sees the pages.
        rotation.rotate(house.archive, sitting, passphrase_of(handle))
        world.town.remember(handle)
        # Custodians and auditors see the list of agents, each knows herself.
        world.seen_by[handle] = {handle, OLGA, BORIS}
    # A reader sees who handed in what she reads, and who gave her the right.
    world.seen_by[WANDA].add(LENA)
    world.seen_by[VERA].add(LENA)
    rotation.rotate(house.archive, house.anna, passphrase_of("anna"))


def _places(world: Planted, house: House) -> None:
    for place, viewers in ((NEAR, (VERA, LENA, BORIS)), (FAR, ())):
        label = world.plant(place, *viewers)
        compartments.found(house.archive, house.anna, label)
        held = {one.label: one.compartment for one in keyring(house.archive, house.anna).values()}
        world.noted(place, held[label], *viewers)
        managers = (BORIS,) if place == NEAR else ()
        world.noted(f"{place}.identities", held[f"{label}.identities"], *managers)
    give = {
        (VERA, NEAR): {Action.CONTRIBUTE},
        (WANDA, NEAR): {Action.CONTRIBUTE},
        (LENA, NEAR): {Action.READ},
        (BORIS, NEAR): {Action.READ, Action.MANAGE},
        (WANDA, FAR): {Action.CONTRIBUTE},
        (LADA, FAR): {Action.READ},
        (CYRYL, FAR): {Action.READ, Action.MANAGE},
        ("anna", NEAR): {Action.RELEASE},
        ("anna", FAR): {Action.RELEASE},
        (LENA, FAR): {Action.READ},
        (CYRYL, f"{FAR}.identities"): {Action.MANAGE},
        (BORIS, f"{NEAR}.identities"): {Action.MANAGE},
    }
    for (handle, place), actions in give.items():
        # The reason of a right in a compartment is for who manages it, and for her whose right it is.
        near = place.startswith(NEAR)
        viewers = {BORIS, handle} if near and handle != VERA else {BORIS} if near else ()
        reason = world.plant(f"reason {handle} {place}", *viewers)
        terms = grants.Terms(
            frozenset(actions), COURT if Action.READ in actions else frozenset(), None, reason
        )
        grants.give(house.archive, house.anna, handle, _label(place), terms)
    over = world.plant("reason of the revocation")
    grants.revoke(house.archive, house.anna, LENA, word(FAR), over)
    proposals.set_two_person(house.archive, house.anna, word(FAR))
    wish = proposals.wish(Act.IDENTITY, world.plant("reason of the proposal"))
    proposal = proposals.propose(house.archive, house.anna, word(FAR), wish)
    world.noted("proposal", proposal)


def _material(world: Planted, house: House) -> None:
    readers = (LENA, BORIS)
    _deposit(world, house, "near, wanda's", WANDA, NEAR, readers)
    _deposit(world, house, "near, vera's", VERA, NEAR, readers)
    _deposit(world, house, "near, stored only", WANDA, NEAR, (), ids=readers, uses=["store"])
    _deposit(world, house, "near, for analysis", WANDA, NEAR, (), ids=readers, uses=["store", "analysis"])
    _deposit(world, house, "near, identity", "anna", f"{NEAR}.identities", ())
    _deposit(world, house, "far, wanda's", WANDA, FAR, ())
    _deposit(world, house, "far, another", WANDA, FAR, ())
    _deposit(world, house, "far, identity", "anna", f"{FAR}.identities", ())
    _deposit(world, house, "main", "anna", "main", ())
    # What is hidden has a redaction that they may read, and what they may read has one that is hidden.
    _redact(world, house, "far, another", "near, of another", NEAR, readers)
    world.seen_by[world.ids["far, another"]].update(readers)
    _redact(world, house, "far, wanda's", "far, wanda's, form", FAR, ())
    _redact(world, house, "near, wanda's", "near, wanda's, form", NEAR, readers)
    _redact(world, house, "near, vera's", "far, of vera's", f"{FAR}.identities", ())
    # Of what came in a pack, readers where it is know that it is there, and nothing else.
    _hand_in(world, house, "near, claimed", NEAR, readers)
    _hand_in(world, house, "far, claimed", FAR, ())
    for place, viewers in ((NEAR, readers), (FAR, ()), (f"{FAR}.identities", ())):
        name = world.plant(f"{place}, person", *viewers)
        records = [
            {"type": "person", "data": {"names": [_name(name)], "pseudonym": world.plant(f"{place}, nick", *viewers)}},
            {"type": "place", "data": {"names": [_name(world.plant(f"{place}, village", *viewers))]}},
        ]  # fmt: skip
        done = describe(house.archive, house.anna, _label(place), records)
        world.noted(f"{place}, person", done[0].record, *viewers)


def _label(place: str) -> str:
    if place == "main":
        return place
    first, dot, companion = place.partition(".")
    return word(first) + dot + companion


def _name(text: str) -> dict:
    return {"text": text, "language": "en", "kind": "official"}


def _deposit(world, house, what, who, place, viewers, *, ids=None, uses=("store", "court")) -> None:
    own = [who] if who in CRAWLERS else []
    described = {
        "title": world.plant(f"{what}, title", *viewers),
        "language": "en",
        "rights_basis": "consent",
        "consent": {"given_by": "self", "uses": list(uses), "given_on": "2026-11-20"},
        "perpetrators": [{"name": world.plant(f"{what}, culprit", *viewers)}],
        "institutions": [{"name": world.plant(f"{what}, office", *viewers)}],
        "places": [{"name": world.plant(f"{what}, town", *viewers)}],
    }
    # The receipt, which the depositor has, tells the file's name.
    name = f"{world.plant(f'{what}, file', *viewers, *own)}.txt"
    text = f"A statement of testimony: {world.plant(f'{what}, text', *viewers)} happened there.\n"
    [result] = house.deposit(house.sign_in(who), {name: text}, described, label=_label(place))
    assert result.status == "accessioned", result.error
    world.noted(what, result.item, *(ids if ids is not None else viewers), *own)
    world.codes[what] = result.receipt_code
    world.seen_by[result.receipt_code] = set()


def _hand_in(world, house, what, place, ids) -> None:
    name = f"{world.plant(f'{what}, file')}.txt"
    text = f"A statement of testimony: {world.plant(f'{what}, text')} happened there.\n"
    said = {"title": world.plant(f"{what}, title"), "rights_basis": "public"}
    data, made = packed(card_of(house.archive, world.ids[place]), {name: text.encode()}, said)
    submit(house.archive, io.BytesIO(data))
    world.noted(what, made.items[0], *ids)
    world.codes[what] = made.code
    world.seen_by[made.code] = set()


def _redact(world, house, what, name, place, viewers) -> None:
    """Add a redaction; from where it takes two persons, by a proposal."""
    item, proposal = world.ids[what], None
    if what.startswith(FAR) and place != FAR:
        wish = proposals.wish(Act.RELEASE, world.plant(f"{name}, proposal"), item=item)
        proposal = proposals.propose(house.archive, house.anna, word(FAR), wish)
        proposals.approve(house.archive, house.sign_in(CYRYL), proposal)
    text = f"A statement of testimony: {world.plant(f'{name}, text', *viewers)} happened there.\n"
    added = house.redact(
        house.anna,
        item,
        text,
        f"{world.plant(f'{name}, file', *viewers)}.txt",
        title=world.plant(f"{name}, title", *viewers),
        handling=world.plant(f"{name}, note", *viewers),
        reason=world.plant(f"{name}, reason"),
        label=_label(place),
        proposal=proposal,
    )
    world.noted(name, added.rendition, *viewers)


def _hidden(world: Planted, house: House, more: int) -> None:
    """Hide `more` items where no crawler may look; the log of each archive grows by as much."""
    before = house.archive.log.checkpoint().size
    for number in range(more):
        place = (FAR, f"{FAR}.identities", "main")[number % 3]
        who = WANDA if place == FAR else "anna"
        _deposit(world, house, f"hidden {number}", who, place, ())
    grown = house.archive.log.checkpoint().size - before
    anna = house.anna
    for _ in range(HIDDEN_ENTRIES - grown):
        checkpoint = house.archive.log.checkpoint()
        data = {"size": checkpoint.size, "root": b64(checkpoint.root), "faults": 0, "outcome": "success"}
        house.archive.custody.record([pen(house.archive, anna).write(Kind.AUDIT, data)])


#: By how many entries the hidden part makes the log longer, whatever it consists of.
HIDDEN_ENTRIES = 90
