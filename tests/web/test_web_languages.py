"""Every text of the pages in Belarusian, Russian and English.

After a change of texts, in `archive/web`: `pybabel extract -k _ -F MAPPING -o messages.pot .`, `pybabel update
-i messages.pot -d translations`, translate, `pybabel compile -d translations`; the mapping is METHODS below.
"""

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from browsing import Browser, words

import archive.web

WEB = Path(archive.web.__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}


@pytest.fixture(scope="module")
def texts():
    found = extract_from_dir(str(WEB), method_map=METHODS, options_map=OPTIONS, keywords={"_": None})
    return {message for _file, _line, message, _comments, _context in found}


@pytest.fixture(params=["be", "ru"])
def catalogue(request):
    with (WEB / "translations" / request.param / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=request.param)


def test_every_text_is_translated(texts, catalogue):
    assert len(texts) > 300
    assert not [text for text in texts if not (catalogue.get(text) and catalogue.get(text).string)]


def test_no_translation_is_left_over_or_doubtful(texts, catalogue):
    assert not [one.id for one in catalogue if one.id and (one.id not in texts or one.fuzzy)]


def test_translations_put_in_the_same_values(catalogue):
    for one in catalogue:
        assert sorted(re.findall(r"%\(\w+\)s", one.id)) == sorted(re.findall(r"%\(\w+\)s", one.string)), (
            one.id
        )


def test_what_is_compiled_is_what_is_written(catalogue):
    compiled = WEB / "translations" / str(catalogue.locale) / "LC_MESSAGES" / "messages.mo"
    read = read_mo(io.BytesIO(compiled.read_bytes()))
    assert {one.id: one.string for one in read if one.id} == {
        one.id: one.string for one in catalogue if one.id
    }


def test_each_language_is_written_with_its_own_letters(catalogue):
    foreign = {"be": "ищъ", "ru": "іў’"}[str(catalogue.locale)]
    assert not [one.string for one in catalogue if set(one.string.lower()) & set(foreign)]


def test_nobody_is_called_a_perpetrator_without_alleged(texts):
    for text in texts:
        if "erpetrator" in text and not text.startswith("Fields:"):
            assert "lleged perpetrator" in text


@pytest.mark.parametrize(
    ("asked", "language"),
    [("be", "be"), ("ru-RU,ru;q=0.9", "ru"), ("en-GB,en;q=0.8", "en"), ("fr", "be"), ("", "be")],
)
def test_the_browser_is_answered_in_its_language_or_in_belarusian(app, asked, language):
    page = app.test_client().get("/sign-in", headers={"Accept-Language": asked})
    assert f'<html lang="{language}">' in page.text


def test_a_chosen_language_stays(app):
    browser = Browser(app)
    browser.post("/language", {"language": "ru", "back": "/log"})
    assert "Журнал хранения" in words(browser.get("/log", headers={"Accept-Language": "en"}))


@pytest.mark.parametrize("language", ["be", "ru", "en"])
def test_faults_are_told_in_every_language(app, language):
    browser = Browser(app)
    browser.client.set_cookie("language", language)
    told = {"be": "Такой старонкі няма.", "ru": "Такой страницы нет.", "en": "There is no such page."}
    assert told[language] in words(browser.get("/nowhere"))
