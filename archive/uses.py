"""Uses to which consent is given and purposes under which one reads: one closed list, and how rights combine.

The strictest applicable wins. Storing is the floor: what may not even be stored is destroyed, which is
another act, so `Use.STORE` is in every answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Use(StrEnum):
    """What material may be used for; also the purpose stated when reading."""

    STORE = "store"
    ANALYSIS = "analysis"
    COURT = "court"
    COMMISSION = "commission"
    UN_MECHANISM = "un-mechanism"
    PUBLICATION = "publication"
    RESEARCH = "research"
    SUCCESSOR_ARCHIVE = "successor-archive"


class RightsBasis(StrEnum):
    """Why the archive may hold and use something at all."""

    CONSENT = "consent"
    PUBLIC = "public"
    STATUTE = "statute"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class ConsentState:
    """One person's consent as it stands now.

    `contact_first`: for other uses she may be told to exist, and wants to be asked.
    """

    uses: frozenset[Use]
    withdrawn: bool = False
    contact_first: bool = False


STORE_ONLY = frozenset({Use.STORE})


def effective_uses(
    basis: RightsBasis | None, declared: frozenset[Use], consents: Iterable[ConsentState]
) -> frozenset[Use]:
    """Return the uses now allowed: what the basis allows, cut down by every consent.

    `declared` are the uses which a statute or policy names; other bases ignore them. A consent once
    withdrawn leaves storage only, whatever the others say. Without a basis nothing but storage is allowed.
    """
    given = tuple(consents)
    if basis is None or any(consent.withdrawn for consent in given):
        return STORE_ONLY
    allowed = _allowed_by(basis, declared, consented=bool(given))
    for consent in given:
        allowed &= consent.uses
    return allowed | STORE_ONLY


def _allowed_by(basis: RightsBasis, declared: frozenset[Use], *, consented: bool) -> frozenset[Use]:
    if basis in (RightsBasis.STATUTE, RightsBasis.POLICY):
        return declared
    if basis is RightsBasis.PUBLIC or consented:
        return frozenset(Use)
    return STORE_ONLY
