"""The second factor: the vectors of RFC 6238, neighbours in time, and codes that count once."""

import pytest

from archive.errors import KeysError
from keys.otp import CODES, STEP_SECONDS, Factor

RFC = Factor(b"12345678901234567890", ())
#: RFC 6238, appendix B, SHA-1: the last six of eight digits.
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}


@pytest.mark.parametrize(("moment", "code"), VECTORS.items())
def test_the_codes_are_those_of_rfc_6238(moment, code):
    assert RFC.step_of(code, moment, after=-1) == moment // STEP_SECONDS
    assert RFC.step_of(f" {code[:3]} {code[3:]} ", moment, after=-1) == moment // STEP_SECONDS


def test_a_code_of_a_neighbouring_step_is_accepted_and_no_other():
    steps = {
        seconds: RFC.step_of("081804", 1111111109 + seconds, after=-1) is not None
        for seconds in (-60, -30, 0, 30, 60)
    }
    assert steps == {-60: False, -30: True, 0: True, 30: True, 60: False}


def test_no_code_is_accepted_at_or_before_the_last_step():
    step = 1111111109 // STEP_SECONDS
    assert RFC.step_of("081804", 1111111109, after=step - 1) == step
    assert RFC.step_of("081804", 1111111109, after=step) is None


@pytest.mark.parametrize(
    "typed", ["", "81804", "0818040", "кодкод", "\ud800", "\u0660\u0668\u0661\u0668\u0660\u0664"]
)
def test_anything_else_is_no_code(typed):
    assert RFC.step_of(typed, 1111111109, after=-1) is None
    with pytest.raises(KeysError) as caught:
        RFC.confirm(typed, 1111111109)
    assert caught.value.code == "K33"


def test_a_recovery_code_counts_once_however_it_is_typed():
    factor = Factor.generate()
    assert len(set(factor.codes)) == CODES
    for typed in (factor.codes[3].upper(), factor.codes[3].replace("-", " "), f" {factor.codes[3]} "):
        left = factor.without(typed)
        assert left.codes == factor.codes[:3] + factor.codes[4:]
        assert left.without(typed) is None
    assert factor.without("") is None


def test_what_is_sealed_is_read_back_and_shown_in_letters():
    factor = Factor.generate()
    again = Factor.of(factor.as_data())
    assert (again.secret, again.codes) == (factor.secret, factor.codes)
    assert (
        factor.uri
        == f"otpauth://totp/key?digits=6&secret={factor.letters.replace(' ', '')}&algorithm=SHA1&period=30"
    )
    assert factor.letters not in repr(factor)
    assert factor.letters.replace(" ", "")[:8] not in factor.memory.upper()
