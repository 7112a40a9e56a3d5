"""The vocabularies are complete in three languages and agree with the code."""

import re

import pytest

from archive.errors import IntakeError
from archive.records import date_bounds
from archive.uses import RightsBasis, Use
from archive.vocabulary import (
    LANGUAGES,
    institution_names,
    institutions,
    label,
    vocabulary,
    vocabulary_names,
)

BELARUSIAN_ONLY = re.compile("[иИщЩъЪ]")
RUSSIAN_ONLY = re.compile("[іІўЎ]")


@pytest.mark.parametrize("name", vocabulary_names())
def test_every_code_has_a_label_of_its_own_in_three_languages(name):
    terms = vocabulary(name)
    assert terms
    for language in LANGUAGES:
        labels = [term.labels[language] for term in terms.values()]
        assert all(text and text == text.strip() for text in labels)
        repeated = {text for text in labels if labels.count(text) > 1}
        assert not repeated, f"{name} in {language}"


@pytest.mark.parametrize("name", vocabulary_names())
def test_codes_are_plain_and_broader_terms_exist(name):
    terms = vocabulary(name)
    for term in terms.values():
        assert re.fullmatch(r"[a-z0-9]+([-_][a-z0-9]+)*", term.code)
        assert term.within is None or (term.within in terms and term.within != term.code)


@pytest.mark.parametrize("name", vocabulary_names())
def test_no_label_holds_letters_of_the_other_language(name):
    for term in vocabulary(name).values():
        assert not BELARUSIAN_ONLY.search(term.labels["be"]), term.code
        assert not RUSSIAN_ONLY.search(term.labels["ru"]), term.code
        assert "'" not in term.labels["be"], term.code
        assert not re.search("[а-яА-Я]", term.labels["en"]), term.code


def test_broader_terms_never_go_in_circles():
    for name in vocabulary_names():
        terms = vocabulary(name)
        for term in terms.values():
            seen = set()
            code = term.code
            while code is not None:
                assert code not in seen
                seen.add(code)
                code = terms[code].within


def test_uses_and_rights_bases_are_those_of_the_code():
    assert list(vocabulary("uses")) == list(Use)
    assert list(vocabulary("rights-bases")) == list(RightsBasis)


def test_institutions_have_official_names_in_four_languages():
    for known in institutions():
        assert {n.language for n in known.names if n.kind == "official"} >= {"be", "ru", "en", "pl"}
        assert all(n.kind in vocabulary("name-kinds") for n in known.names)
        assert known.kind in vocabulary("institution-kinds")


def test_institutions_name_existing_predecessors_and_real_dates():
    codes = {known.code for known in institutions()}
    for known in institutions():
        assert set(known.predecessors) <= codes
        for date in (known.since, known.until):
            assert date is None or date_bounds(date)


def test_the_security_service_goes_back_to_the_thirties():
    by_code = {known.code: known for known in institutions()}
    chain = ["by-kgb"]
    while by_code[chain[-1]].predecessors:
        chain.append(by_code[chain[-1]].predecessors[0])
    assert chain == ["by-kgb", "by-kgb-bssr", "by-mgb-bssr", "by-nkvd-bssr"]


@pytest.mark.parametrize(
    ("code", "spellings"),
    [
        ("by-kgb", {"КДБ", "КГБ", "KGB"}),
        ("by-gubop", {"ГУБАЗіК", "ГУБОПиК", "GUBOPiK", "HUBAZiK"}),
        ("by-omon", {"АМАП", "ОМОН", "OMON"}),
        ("by-okrestina-ivs", {"Акрэсціна", "Окрестина", "ИВС"}),
        ("by-ik-17", {"ИК-17", "ПК-17", "IK-17"}),
    ],
)
def test_institutions_are_known_under_all_their_abbreviations(code, spellings):
    assert spellings <= set(institution_names(code))


def test_an_unknown_vocabulary_or_code_is_refused():
    for ask in (
        lambda: vocabulary("no-such"),
        lambda: label("uses", "no-such", "en"),
        lambda: institution_names("no-such"),
    ):
        with pytest.raises(IntakeError) as refused:
            ask()
        assert refused.value.code == "I15"


def test_a_language_without_labels_falls_back_to_english():
    assert label("uses", "court", "pl") == "Court"
