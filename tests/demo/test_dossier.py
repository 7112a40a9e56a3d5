"""The demo dossier holds what its README promises, and every description and record of it is valid."""

import hashlib
import json
import random
import re
import zipfile
from collections import Counter
from email import policy
from email.parser import BytesParser

import pytest

from archive.demo.make_files import DOSSIER, make_files
from archive.demo.make_records import make_records
from archive.ids import new_id
from archive.records.description import load_description
from archive.records.registry import load_record, names_of, references
from archive.uses import Use

MIXED = re.compile(r"[а-яёіўА-ЯЁІЎ][a-zA-Z]|[a-zA-Z][а-яёіўА-ЯЁІЎ]")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return make_files(tmp_path_factory.mktemp("dossier"))


@pytest.fixture(scope="module")
def records(files):
    draw = random.Random(1).randbytes
    return make_records({file.key: new_id(draw) for file in files}, draw)


@pytest.fixture(scope="module")
def words():
    """Everything written in the dossier, as one text."""
    plain = [
        *DOSSIER.glob("texts/*"),
        *(p for p in DOSSIER.glob("files/*") if p.suffix in {".html", ".json"}),
    ]
    return "\n".join(p.read_text(encoding="utf-8") for p in [*plain, *DOSSIER.glob("items-*.json")])


def described(files):
    return {f.key: load_description(dict(f.description), [str(f.path)])[str(f.path)] for f in files}


def of_type(records, type):
    return [r for group in records.values() for r in group if r["type"] == type]


def test_the_dossier_holds_the_items_promised(files):
    assert len(files) >= 44
    assert len({f.path for f in files}) == len({f.key for f in files}) == len(files)
    compartments = Counter(f.compartment for f in files)
    assert compartments["sealed-2020"] == 2
    assert {"main", "prisons", "main.identities"} < set(compartments)


def test_every_kind_of_file_is_there(files):
    kinds = {f.path.suffix for f in files}
    documents = {".txt", ".docx", ".odt", ".rtf", ".html", ".pdf", ".eml", ".csv", ".xlsx", ".json"}
    assert kinds >= documents | {".png", ".jpg", ".ogg", ".mp4", ".srt"}


def test_the_languages_are_those_of_the_country_and_its_neighbours(files):
    languages = Counter(f.description.get("language", "") for f in files)
    assert min(languages[code] for code in ("be", "ru", "en")) >= 8
    assert all(languages[code] for code in ("be-tarask", "be-Latn", "uk", "pl"))


def test_no_file_is_large(files):
    sizes = [f.path.stat().st_size for f in files]
    assert min(sizes) > 0
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 3_000_000


def test_the_same_dossier_is_made_every_time(files, tmp_path):
    def digests(made):
        return {f.key: hashlib.sha256(f.path.read_bytes()).hexdigest() for f in made}

    assert digests(make_files(tmp_path)) == digests(files)


def test_every_description_is_valid(files):
    for description in described(files).values():
        assert Use.STORE in description.uses()


def test_consents_differ_so_that_the_gate_shows(files):
    uses = [d.uses() for d in described(files).values()]
    assert frozenset({Use.STORE}) in uses
    assert any(Use.ANALYSIS in u and Use.COURT not in u for u in uses)
    assert any(Use.COURT in u and Use.PUBLICATION not in u for u in uses)
    assert any(Use.PUBLICATION in u for u in uses)


def test_accounts_that_describe_torture_are_flagged(files):
    graphic = {f.key for f in files if f.description.get("graphic")}
    assert {"m02", "p02", "s02"} <= graphic


def test_every_record_is_valid(records):
    for group in records.values():
        for record in group:
            load_record(record["type"], record["data"])


def test_records_refer_only_to_what_exists(files, records):
    known = {r["id"] for group in records.values() for r in group}
    draw = random.Random(1).randbytes
    items = {new_id(draw) for _ in files}
    for group in records.values():
        for record in group:
            assert {i for _, i in references(record["type"], record["data"])} <= known | items


def test_every_alleged_perpetrator_occurs_in_at_least_two_spellings(records, words):
    alleged = [r for r in records["authority"] if r["type"] == "person"]
    assert len(alleged) >= 12
    for person in alleged:
        surnames = {name.split()[-1] for name in names_of("person", person["data"])}
        assert sum(surname in words for surname in surnames) >= 2, surnames


def test_some_names_contain_letters_of_the_other_alphabet(words):
    assert len(set(MIXED.findall(words))) >= 4


def test_the_nickname_is_identified_by_a_record_of_its_own(records):
    claims = [
        r["data"] for r in of_type(records, "identification") if r["data"].get("designation") == "Шаман"
    ]
    assert len(claims) == 2
    assert len({c["described"] for c in claims}) == 1
    assert [("withdrawn_on" in c) for c in claims] == [True, False]


def test_one_act_has_accounts_for_and_against(records):
    bearings = {}
    for record in of_type(records, "involvement"):
        part = (record["data"]["act"], record["data"].get("perpetrator"))
        bearings.setdefault(part, set()).add(record["data"]["assertion"]["bears"])
    assert sum({"for", "against"} <= found for found in bearings.values()) >= 3


def test_real_names_of_witnesses_stand_only_in_the_companion(records, words):
    real = [r["data"]["names"][0]["text"] for r in records["main.identities"] if r["type"] == "person"]
    elsewhere = json.dumps([records[c] for c in ("authority", "main", "prisons")], ensure_ascii=False)
    open_texts = "\n".join(p.read_text(encoding="utf-8") for p in DOSSIER.glob("texts/[mps]*"))
    assert len(real) >= 10
    for name in real:
        assert name in words
        assert name.split()[-1] not in elsewhere
        assert name.split()[-1] not in open_texts


def test_office_files_are_whole_archives(files):
    for file in files:
        if file.path.suffix in {".docx", ".odt", ".xlsx"}:
            with zipfile.ZipFile(file.path) as parts:
                assert parts.testzip() is None


def test_the_lawyers_mail_carries_its_attachment(files):
    mail = next(f.path for f in files if f.key == "m12")
    message = BytesParser(policy=policy.default).parsebytes(mail.read_bytes())
    assert [part.get_filename() for part in message.iter_attachments()] == ["Жалоба в прокуратуру.docx"]
