"""What goes wrong is told without telling anything else."""

import io
import re

import pytest
from browsing import Browser, words

from archive.errors import FixityError
from archive.web.gate import public


@pytest.fixture
def documenter(app):
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    return browser.sign_in("documenter")


def failing(site, fault):
    @public
    def broken():
        raise fault

    _archive, app = site.open()
    app.add_url_rule("/broken", "broken", broken)
    return app.test_client().get("/broken", headers={"Accept-Language": "en"})


@pytest.mark.parametrize("fault", [ValueError("the witness is called X"), FixityError("F36", "in drawer X")])
def test_the_unforeseen_gets_a_number_and_no_words_of_its_own(site, capsys, fault):
    answer = failing(site, fault)
    assert answer.status_code == 500
    incident = re.search(r"Incident: ([0-9a-f]{8})\.", words(answer))[1]
    told = capsys.readouterr()
    assert re.fullmatch(rf"incident {incident} {type(fault).__name__}( F36)?\n", told.err)
    for text in (answer.text, told.err, told.out):
        assert "Traceback" not in text
        assert "witness is" not in text
        assert "drawer" not in text


@pytest.mark.parametrize("item", ["x", "a" * 26, "%00", "0" * 26, "A" * 26])
def test_items_that_do_not_exist_are_all_alike(documenter, item):
    answer = documenter.get(f"/items/{item}")
    assert answer.status_code == 404
    assert "There is no such item" in words(answer)


def test_a_form_that_is_too_large_is_refused(documenter):
    answer = documenter.post("/search", {"query": "x" * 600_000})
    assert answer.status_code == 413


def test_a_query_that_is_too_long_is_told(documenter):
    answer = documenter.post("/search", {"query": "x" * 2_001})
    assert "The search is too long." in words(answer)


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"date": "yesterday"}, "date", "Date: Write a date as"),
        ({"given_by": "neighbour"}, "given_by", "Consent given by: Choose one of the answers."),
        ({"rights_basis": ""}, "rights_basis", "Rights basis: Choose one of the answers."),
        ({"perpetrators": "x" * 501}, "perpetrators", "Alleged perpetrators: Write one line for each"),
        ({"files": []}, "files", "Choose at least one file."),
    ],
)
def test_a_faulty_deposit_names_its_fields_and_keeps_the_rest(documenter, archive, changes, field, told):
    before = archive.log.checkpoint().size
    form = {"compartment": "main", "title": "Рабіна", "rights_basis": "consent", "given_by": "self"}
    form |= {"files": [(io.BytesIO(b"account"), "a.txt")]} | changes
    answer = documenter.client.post(
        "/deposit",
        data={"form": documenter.token("/deposit"), **form},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 400
    assert told in words(answer)
    assert f'<a href="#{field}">' in answer.text
    assert f'id="{field}"' in answer.text
    assert 'value="Рабіна"' in answer.text
    assert archive.log.checkpoint().size == before


def test_a_compartment_that_is_not_open_to_her_is_not_told_apart_from_none(documenter):
    for label in ("authority", "nowhere"):
        form = {"compartment": label, "rights_basis": "public", "files": [(io.BytesIO(b"x"), "a.txt")]}
        answer = documenter.post("/deposit", form)
        assert answer.status_code == 404
        assert "You know no compartment of this name." in words(answer)


def test_what_stands_behind_a_broken_part_is_not_passed_over_in_silence(documenter, archive):
    token = documenter.token("/deposit")
    fields = {"form": token, "compartment": "main", "rights_basis": "public"}
    part = '--edge\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    sent = "".join(part.format(name, "", value) for name, value in fields.items())
    sent += (
        part.format("files", '; filename="a.txt"', "the first account")
        + "--edge\r\nbroken\r\n\r\nlost\r\n--edge--"
    )
    answer = documenter.client.post("/deposit", data=sent, content_type="multipart/form-data; boundary=edge")
    assert "a.txt Taken into custody" in words(answer)
    assert "The rest of what was sent" in words(answer)
