"""The one place that decides who may do what. Pure; empty means refused.

Cryptography comes first: a reader can read because a compartment's identity was sealed to her own key.
`decide` comes on top, at the doors (before anything is opened) and in the audit (after the fact). `admits`
comes before both: every page and every command has a `Rule`, and one without a rule stays shut.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from archive.ids import Id
from archive.kinds import Act
from archive.nouns import OPENING, Action, Agent, Compartment, Grant, Item, Role
from archive.uses import Use


class Reason(StrEnum):
    """Why something is refused."""

    UNKNOWN_AGENT = "unknown-agent"
    UNKNOWN_COMPARTMENT = "unknown-compartment"
    UNKNOWN_ITEM = "unknown-item"
    SUSPENDED = "suspended"
    ROLE = "role"
    NO_GRANT = "no-grant"
    NOT_YET = "not-yet"
    EXPIRED = "expired"
    PURPOSE_MISSING = "purpose-missing"
    PURPOSE = "purpose"
    CONSENT = "consent"
    CLAIMED = "claimed"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Permission, and the grant it rests on."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class Refused:
    """No permission, and why."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants to do what, where, for what purpose, at what moment (`…Z` text), to which item if to one.

    `rendition` names a form of the item that may have rights of its own, as a redaction has.
    """

    agent: Id
    action: Action
    compartment: Id
    at: str
    purpose: Use | None = None
    item: Id | None = None
    rendition: Id | None = None


class State(Protocol):
    """What the log says, as far as a decision needs it. The implementation is `archive.ledger.Ledger`."""

    @property
    def agents(self) -> dict[Id, Agent]: ...
    @property
    def compartments(self) -> dict[Id, Compartment]: ...
    @property
    def items(self) -> dict[Id, Item]: ...
    def grants_of(self, agent: Id, compartment: Id) -> tuple[Grant, ...]: ...


#: Actions that hand out or search plaintext: they need a purpose, and the item's consent to it.
_PURPOSEFUL = frozenset({Action.READ, Action.RELEASE})


#: What each role can be granted at most: an auditor never holds a key that opens anything.
ACTIONS_OF: Mapping[Role | None, frozenset[Action]] = {
    None: frozenset(),
    Role.DOCUMENTER: frozenset({Action.CONTRIBUTE, Action.DESCRIBE, Action.READ}),
    Role.LAWYER: frozenset({Action.CONTRIBUTE, Action.DESCRIBE, Action.READ, Action.RELEASE}),
    Role.AUDITOR: frozenset({Action.AUDIT}),
    Role.CUSTODIAN: frozenset(Action),
}


#: Rights that, where a compartment takes two persons, one alone cannot give: they open, or destroy.
TWO_PERSON = OPENING | {Action.DESTROY}

#: What it takes to propose an act that needs two.
MAY_PROPOSE: Mapping[Act, Action] = {
    Act.GRANT: Action.MANAGE,
    Act.IDENTITY: Action.MANAGE,
    Act.SETTING: Action.MANAGE,
    Act.RELEASE: Action.RELEASE,
    Act.DESTROY: Action.DESTROY,
}


class Entrance(StrEnum):
    """How one comes to a page or a command."""

    #: No archive is opened at all.
    OFFLINE = "offline"
    #: An archive is opened without anybody's passphrase: nothing of what is sealed in it can be.
    OPERATOR = "operator"
    #: Signed in or not.
    ANYONE = "anyone"
    #: Signed in.
    AGENTS = "agents"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may come to a page or a command, as one of which roles; what is done there `decide` decides.

    `own_keys` lets pages send away whoever still has keys that a custodian made.
    """

    entrance: Entrance
    roles: frozenset[Role] = frozenset(Role)
    own_keys: bool = True

    @property
    def session(self) -> bool:
        """Whether nobody comes in without signing in."""
        return self.entrance is Entrance.AGENTS

    @property
    def lets_sign_in(self) -> bool:
        """Whether anybody's secrets are opened there at all."""
        return self.entrance in (Entrance.ANYONE, Entrance.AGENTS)


OFFLINE = Rule(Entrance.OFFLINE)
OPERATOR = Rule(Entrance.OPERATOR)
ANYONE = Rule(Entrance.ANYONE)


def agents(*roles: Role, own_keys: bool = True) -> Rule:
    """Return the rule that lets in whoever is signed in, as one of the roles if any are named."""
    return Rule(Entrance.AGENTS, frozenset(roles or Role), own_keys)


def admits(rule: Rule, role: Role | None) -> bool:
    """Say whether somebody signed in as `role`, or nobody (None), may come in."""
    if role is None:
        return not rule.session
    return rule.lets_sign_in and role in rule.roles


def decide(state: State, request: Request) -> Allowed | Refused:
    """Decide one request: agent and role, compartment, grant in force, purpose, then the item's consent.

    What came in a pack and nobody confirmed is read by nobody.
    """
    agent = state.agents.get(request.agent)
    if agent is None:
        return Refused(Reason.UNKNOWN_AGENT)
    if agent.suspended is not None:
        return Refused(Reason.SUSPENDED)
    if request.action not in ACTIONS_OF[agent.role]:
        return Refused(Reason.ROLE)
    if request.compartment not in state.compartments:
        return Refused(Reason.UNKNOWN_COMPARTMENT)
    decision = _by_grant(state.grants_of(request.agent, request.compartment), request)
    if isinstance(decision, Refused) or request.item is None:
        return decision
    item = state.items.get(request.item)
    if item is None or not _lies_in(item, request):
        return Refused(Reason.UNKNOWN_ITEM)
    if request.action in _PURPOSEFUL and item.claimed:
        return Refused(Reason.CLAIMED)
    if request.action in _PURPOSEFUL and request.purpose not in item.uses_of(request.rendition):
        return Refused(Reason.CONSENT)
    return decision


def _lies_in(item: Item, request: Request) -> bool:
    """Say whether what is asked for is in the compartment asked about: rights elsewhere do not count."""
    forms = {one.rendition: one.sealed.holder for one in item.renditions.values()}
    if request.rendition is not None:
        return forms.get(request.rendition) == request.compartment
    return request.compartment in (item.compartment, *forms.values())


def _by_grant(grants: tuple[Grant, ...], request: Request) -> Allowed | Refused:
    """Return the first grant that allows the request, else the reason why the last one does not."""
    purposeful = request.action in _PURPOSEFUL
    if purposeful and request.purpose in (None, Use.STORE):
        return Refused(Reason.PURPOSE_MISSING)
    reason = Reason.NO_GRANT
    for grant in grants:
        if grant.revoked is not None or request.action not in grant.actions:
            continue
        if request.at < grant.starts:
            reason = Reason.NOT_YET
        elif grant.ends is not None and request.at > grant.ends:
            reason = Reason.EXPIRED
        elif purposeful and request.purpose not in grant.purposes:
            reason = Reason.PURPOSE
        else:
            return Allowed(grant)
    return Refused(reason)


def may_release(state: State, agent: Id, compartment: Id, at: str) -> bool:
    """Say whether somebody may release from a compartment, for whatever purpose."""
    return any(True for _grant in _releasing(state, agent, compartment, at))


def released_for(state: State, agent: Id, compartment: Id, at: str) -> frozenset[Use]:
    """Return the purposes for which somebody may release from a compartment at a moment."""
    return frozenset(use for grant in _releasing(state, agent, compartment, at) for use in grant.purposes)


def _releasing(state: State, agent: Id, compartment: Id, at: str) -> Iterator[Grant]:
    known = state.agents.get(agent)
    if known is None or known.suspended is not None or Action.RELEASE not in ACTIONS_OF[known.role]:
        return
    for grant in state.grants_of(agent, compartment):
        in_force = grant.revoked is None and grant.starts <= at and (grant.ends is None or at <= grant.ends)
        if in_force and Action.RELEASE in grant.actions:
            yield grant


def may_enrol(state: State, agent: Id) -> bool:
    """Custodians enrol agents and found compartments."""
    known = state.agents.get(agent)
    return known is not None and known.role is Role.CUSTODIAN and known.suspended is None


def may_audit(state: State, agent: Id) -> bool:
    """Auditors, by their role, see all entries of the log; they hold no key that opens anything."""
    known = state.agents.get(agent)
    return known is not None and known.role is Role.AUDITOR and known.suspended is None


def default_purpose(role: Role | None) -> Use:
    """The purpose of a sitting that names none: lawyers work for courts, everybody else analyses."""
    return Use.COURT if role is Role.LAWYER else Use.ANALYSIS
