"""The whole table: every role, action, state of compartment and grant, consent, purpose and period.

What is expected is written here in words of the design, plainly and without calling anything that decides, so
that the policy and this file would have to be wrong in the same way.
"""

from dataclasses import replace
from itertools import product
from math import prod

import pytest

from archive.digests import Digest
from archive.ids import Id
from archive.ledger import Ledger
from archive.nouns import Action, Agent, Compartment, Grant, Item, Rendition, Rights, Role, SealedRef
from archive.policy import Allowed, Request, decide
from archive.uses import ConsentState, RightsBasis, Use

LONG_AGO = "2026-01-01T00:00:00Z"
BEFORE, FIRST, INSIDE, LAST, AFTER = (
    f"2026-11-{day}Z" for day in ("09T23:59:59", "10T00:00:00", "15T12:00:00", "20T23:59:59", "21T00:00:00")
)
PERIODS = {
    "before": (BEFORE, LAST),
    "its first moment": (FIRST, LAST),
    "inside": (INSIDE, LAST),
    "its last moment": (LAST, LAST),
    "after": (AFTER, LAST),
    "no end": (AFTER, None),
    "before, and no end": (BEFORE, None),
}
IN_FORCE = {"its first moment", "inside", "its last moment", "no end"}

#: DESIGN 1, 3 and 12: what somebody of each role can be given at most.
ROLES = {
    "documenter": {"contribute", "describe", "read"},
    "lawyer": {"contribute", "describe", "read", "release"},
    "auditor": {"audit"},
    "custodian": {"contribute", "describe", "read", "release", "destroy", "audit", "manage"},
    "nobody's": set(),
}
OPENS = {"read", "release", "manage"}
NEEDS_CONSENT = {"read", "release"}

#: States of a compartment and of what was granted there.
PLACES = (
    "open",
    "companion",
    "authority",
    "two persons",
    "sealed",
    "no grant",
    "revoked",
    "revoked and given again",
    "given to another agent",
    "given in another compartment",
    "given in its companion",
    "given for another purpose",
    "only handing in was given",
    "an older grant is over",
    "more given than the role can have",
    "given for storing too",
    "unknown compartment",
)
GIVEN = {
    "open",
    "companion",
    "authority",
    "two persons",
    "revoked and given again",
    "an older grant is over",
    "more given than the role can have",
    "given for storing too",
}

SINGLE = tuple(use.value for use in Use)
PURPOSES = (None, *SINGLE)


def consented(*uses, withdrawn=False):
    return ConsentState(frozenset(Use(use) for use in uses), withdrawn)


def by_consent(*states):
    return Rights(
        RightsBasis.CONSENT, frozenset(), tuple(zip(map(an_id, ("first", "second")), states, strict=False))
    )


def an_id(word):
    """Return an id that begins with the letters of a word."""
    return Id(f"{word:a<26}")


ANY = set(SINGLE) - {"store"}
#: Rights of an item, and for what it may then be read, said in words of DESIGN 9.
CONSENTS = {
    "none recorded": (Rights(), set()),
    **{f"given for {use}": (by_consent(consented("store", use)), {use} - {"store"}) for use in SINGLE},
    "given for everything": (by_consent(consented(*SINGLE)), ANY),
    "given for nothing": (by_consent(consented()), set()),
    "withdrawn": (by_consent(consented(*SINGLE, withdrawn=True)), set()),
    "two persons, different uses": (
        by_consent(consented("court", "analysis"), consented("court", "research")),
        {"court"},
    ),
    "two persons, nothing in common": (by_consent(consented("court"), consented("research")), set()),
    "two persons, one withdrew": (
        by_consent(consented(*SINGLE), consented(*SINGLE, withdrawn=True)),
        set(),
    ),
    "public": (Rights(RightsBasis.PUBLIC), ANY),
    "public, and one narrowed it": (
        Rights(RightsBasis.PUBLIC, frozenset(), ((an_id("c"), consented("court")),)),
        {"court"},
    ),
    "public, and one withdrew": (
        Rights(RightsBasis.PUBLIC, frozenset(), ((an_id("c"), consented(*SINGLE, withdrawn=True)),)),
        set(),
    ),
    "a statute for courts": (Rights(RightsBasis.STATUTE, frozenset({Use.COURT})), {"court"}),
    "a statute for nothing": (Rights(RightsBasis.STATUTE), set()),
    "a policy for analysis and research": (
        Rights(RightsBasis.POLICY, frozenset({Use.ANALYSIS, Use.RESEARCH})),
        {"analysis", "research"},
    ),
    "a policy, and one narrowed it": (
        Rights(
            RightsBasis.POLICY,
            frozenset({Use.ANALYSIS, Use.COURT}),
            ((an_id("c"), consented("court", "publication")),),
        ),
        {"court"},
    ),
}
#: What is asked for: an item by its rights, or no single item, or one that is not there.
ASKED_FOR = (*CONSENTS, "no item", "an unknown item", "an item elsewhere")


def expected(role, action, place, asked_for, purpose, period, suspended):
    """Say whether it is allowed, as a person would who reads the design with a finger on the line."""
    if suspended or action not in ROLES[role]:
        return False
    if place == "sealed":
        if action in OPENS:
            return False
    elif place == "given for another purpose":
        if action in NEEDS_CONSENT and purpose != "publication":
            return False
    elif place == "only handing in was given":
        if action != "contribute":
            return False
    elif place not in GIVEN:
        return False
    if period not in IN_FORCE:
        return False
    if asked_for in ("an unknown item", "an item elsewhere"):
        return False
    if action not in NEEDS_CONSENT:
        return True
    if purpose is None or purpose == "store":
        return False
    return asked_for == "no item" or purpose in CONSENTS[asked_for][1]


ZERO = Digest("0" * 64)
HERE, ELSEWHERE, COMPANION = an_id("here"), an_id("elsewhere"), an_id("companion")
WHO, OTHER = an_id("who"), an_id("other")


def ref(holder):
    return SealedRef(holder, 1, ZERO, ZERO, ZERO)


def compartment(name, **state):
    usual = {"companion_of": None, "authority": False, "sealed": False}
    return Compartment(name, **{**usual, **state}, founder=OTHER, recipients=("r",), recovery_recipient="r",
                       recovery=(), index=2)  # fmt: skip


def form_of(item):
    return Id("form" + item[4:])


def item(name, place, rights):
    rendition = form_of(name)
    original = Rendition(rendition, name, "original", ref(place), 5)
    return Item(name, place, OTHER, 5, renditions={rendition: original}, rights=rights)


def ledger_with(role, place, period, suspended):
    """Return what a log would say: an agent, compartments, the grants of the case, and items of all rights."""
    ledger = Ledger("sviedka.invalid/table")
    found = Role(role) if role != "nobody's" else None
    agent = Agent(WHO, found, "r", (b"",), None, False, 1, suspended=9 if suspended else None)
    ledger.agents |= {WHO: agent, OTHER: replace(agent, agent=OTHER, suspended=None)}
    state = {
        "companion": {"companion_of": COMPANION},
        "authority": {"authority": True},
        "sealed": {"sealed": True},
        "two persons": {"two_person": True},
    }
    if place != "unknown compartment":
        ledger.compartments[HERE] = compartment(HERE, **state.get(place, {}))
    ledger.compartments[ELSEWHERE] = compartment(ELSEWHERE)
    ledger.compartments[COMPANION] = compartment(COMPANION, companion_of=HERE)
    for number, grant in enumerate(grants(role, place, PERIODS[period][1])):
        ledger.put_grant(replace(grant, grant=an_id("grant" + "bcd"[number]), index=number))
    for name, (rights, _) in CONSENTS.items():
        ledger.items[items[name]] = item(items[name], HERE, rights)
    ledger.items[items["an item elsewhere"]] = item(items["an item elsewhere"], ELSEWHERE, everything)
    return ledger


items = {name: an_id("item" + chr(97 + number)) for number, name in enumerate(ASKED_FOR)}
everything = CONSENTS["given for everything"][0]


def grants(role, place, ends):
    """Yield the grants of a case: of all that the role can have, unless the case says otherwise."""
    actions = frozenset(Action(one) for one in ROLES[role])
    purposes = frozenset(Use(one) for one in ANY)
    usual = Grant(HERE, WHO, HERE, actions, purposes, FIRST, ends, OTHER, ref(HERE), ref(WHO), 3)
    match place:
        case "sealed":
            yield replace(usual, actions=actions - {Action(one) for one in OPENS})
        case "no grant":
            return
        case "revoked":
            yield replace(usual, revoked=4)
        case "revoked and given again":
            yield replace(usual, revoked=4)
            yield usual
        case "given to another agent":
            yield replace(usual, agent=OTHER)
        case "given in another compartment":
            yield replace(usual, compartment=ELSEWHERE)
        case "given in its companion":
            yield replace(usual, compartment=COMPANION)
        case "given for another purpose":
            yield replace(usual, purposes=frozenset({Use.PUBLICATION}))
        case "more given than the role can have":
            yield replace(usual, actions=frozenset(Action))
        case "given for storing too":
            yield replace(usual, purposes=frozenset(Use))
        case "only handing in was given":
            yield replace(usual, actions=actions & {Action.CONTRIBUTE})
        case "an older grant is over":
            yield replace(usual, starts=LONG_AGO, ends=LONG_AGO, actions=frozenset({Action.CONTRIBUTE}))
            yield usual
        case _:
            yield usual


def test_the_words_of_this_table_are_those_of_the_archive():
    assert set(ROLES) - {"nobody's"} == {role.value for role in Role}
    assert {one for of_role in ROLES.values() for one in of_role} == {action.value for action in Action}
    assert len(set(items.values())) == len(ASKED_FOR)
    assert len(ASKED_FOR) < 26
    rows = [ROLES, PLACES, PERIODS, (False, True), Action, ASKED_FOR, PURPOSES]
    assert prod(map(len, rows)) == 1_874_250
    assert {"consent", "public", "statute", "policy"} == {basis.value for basis in RightsBasis}


@pytest.mark.parametrize("role", ROLES)
def test_every_case_is_decided_as_the_design_says(role, record_property):
    rows = 0
    for place, period, suspended in product(PLACES, PERIODS, (False, True)):
        ledger = ledger_with(role, place, period, suspended)
        for action, asked_for, purpose in product(Action, ASKED_FOR, PURPOSES):
            request = Request(
                WHO,
                action,
                HERE,
                PERIODS[period][0],
                Use(purpose) if purpose else None,
                None if asked_for == "no item" else items[asked_for],
            )
            allowed = isinstance(decide(ledger, request), Allowed)
            case = (role, action.value, place, asked_for, purpose, period, suspended)
            assert allowed is expected(*case), case
            rows += 1
    record_property("rows", rows)
    assert rows == len(PLACES) * len(PERIODS) * 2 * len(Action) * len(ASKED_FOR) * len(PURPOSES)


#: Forms of an item, where they lie, and for what each may be read when the item may be read for courts.
FORMS = {
    "the original": (None, HERE, {"court"}),
    "a redaction for publication": ({"publication"}, HERE, {"publication"}),
    "a redaction for nothing": (set(), HERE, set()),
    "a text of the redaction": ("from", HERE, {"publication"}),
    "a redaction elsewhere": ({"publication"}, ELSEWHERE, set()),
    "an unknown form": (None, None, set()),
}


def test_a_redaction_is_read_for_its_own_uses_until_somebody_withdraws():
    forms = {name: an_id("form" + letter) for name, letter in zip(FORMS, "bcdefg", strict=True)}
    rows = 0
    for withdrawn, form, purpose in product((False, True), FORMS, PURPOSES):
        ledger = ledger_with("lawyer", "open", "inside", False)
        found = item(an_id("itemz"), HERE, by_consent(consented("court", withdrawn=withdrawn)))
        ledger.items[found.item] = found
        for name, (uses, place, _) in FORMS.items():
            if place is not None:
                source = forms["a redaction for publication"] if uses == "from" else None
                own = None if uses in (None, "from") else frozenset(Use(use) for use in uses)
                kind = "original" if uses is None else "redaction"
                found.renditions[forms[name]] = Rendition(
                    forms[name], found.item, kind, ref(place), 6, own, source
                )
        request = Request(
            WHO, Action.READ, HERE, INSIDE, Use(purpose) if purpose else None, found.item, forms[form]
        )
        allowed = isinstance(decide(ledger, request), Allowed)
        assert allowed is (not withdrawn and purpose in FORMS[form][2]), (withdrawn, form, purpose)
        rows += 1
    assert rows == 2 * len(FORMS) * len(PURPOSES)
