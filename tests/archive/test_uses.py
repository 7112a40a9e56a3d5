"""Rights bases and consents combine to the strictest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.uses import STORE_ONLY, ConsentState, RightsBasis, Use, effective_uses

USES = st.frozensets(st.sampled_from(Use))
CONSENT = st.builds(ConsentState, USES, st.booleans())
COURT = frozenset({Use.COURT})
EVERY = frozenset(Use)


def test_nothing_recorded_means_storage_only():
    assert effective_uses(None, EVERY, []) == STORE_ONLY
    assert effective_uses(None, EVERY, [ConsentState(EVERY)]) == STORE_ONLY


def test_consent_as_basis_without_any_consent_means_storage_only():
    assert effective_uses(RightsBasis.CONSENT, EVERY, []) == STORE_ONLY


def test_what_is_public_may_be_used_for_everything():
    assert effective_uses(RightsBasis.PUBLIC, frozenset(), []) == EVERY


@pytest.mark.parametrize("basis", [RightsBasis.STATUTE, RightsBasis.POLICY])
def test_statute_and_policy_allow_what_they_name(basis):
    assert effective_uses(basis, COURT, []) == COURT | STORE_ONLY
    assert effective_uses(basis, COURT, [ConsentState(frozenset({Use.RESEARCH}))]) == STORE_ONLY


def test_declared_uses_widen_neither_consent_nor_public_material():
    assert effective_uses(RightsBasis.CONSENT, EVERY, [ConsentState(COURT)]) == COURT | STORE_ONLY
    assert effective_uses(RightsBasis.PUBLIC, COURT, []) == EVERY


def test_of_several_consents_only_what_all_allow_remains():
    both = [ConsentState(COURT | {Use.PUBLICATION}), ConsentState(COURT | {Use.RESEARCH})]
    assert effective_uses(RightsBasis.CONSENT, frozenset(), both) == COURT | STORE_ONLY


@given(st.sampled_from(RightsBasis), USES, st.lists(CONSENT, max_size=3))
def test_a_withdrawn_consent_leaves_storage_only(basis, declared, consents):
    withdrawn = ConsentState(EVERY, withdrawn=True)
    assert effective_uses(basis, declared, [*consents, withdrawn]) == STORE_ONLY


@given(st.none() | st.sampled_from(RightsBasis), USES, st.lists(CONSENT, max_size=3), CONSENT)
def test_a_further_consent_never_widens(basis, declared, consents, further):
    if basis is RightsBasis.CONSENT and not consents:
        return  # the first consent is what this basis rests on
    before = effective_uses(basis, declared, consents)
    assert effective_uses(basis, declared, [*consents, further]) <= before


@given(st.none() | st.sampled_from(RightsBasis), USES, st.lists(CONSENT, max_size=3))
def test_storage_is_always_allowed_and_order_does_not_matter(basis, declared, consents):
    allowed = effective_uses(basis, declared, consents)
    assert Use.STORE in allowed
    assert effective_uses(basis, declared, reversed(consents)) == allowed
