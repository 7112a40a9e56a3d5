"""`sviedka audit --report`: what was compared and what is wrong, as a page to print."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from kreuzberg import extract_bytes_sync

from archive.digests import Digest
from archive.findings import AuditReport, Counts, Covered, Fault, Reach
from archive.web.languages import speaking
from archive.web.prints.audit_report import audit_report

HOLDS = {
    "be": "Усё, што параўнана, адпавядае журналу.",
    "ru": "Всё, что сравнили, соответствует журналу.",
    "en": "Everything that was compared is as it was logged.",
}
AT = datetime(2026, 11, 20, 8, tzinfo=UTC)


def words(pdf):
    return " ".join(extract_bytes_sync(pdf, "application/pdf").content.split())


@pytest.mark.parametrize("language", HOLDS)
def test_a_report_says_what_was_compared(town, language):
    file = town.place / "report.pdf"
    report = town.json("audit", "--report", file, "--language", language)
    text = words(file.read_bytes())
    assert HOLDS[language] in text
    assert report["root"] in text
    assert report["fingerprint"] in text
    assert str(report["counts"]["body_bytes"]) in text


@pytest.mark.parametrize("language", HOLDS)
def test_a_report_names_each_fault_with_what_was_expected_and_found(town, language):
    file = town.place / "report.pdf"
    bodies = [path for path in (town.archive / "objects").rglob("*") if path.is_file()]
    bodies[0].chmod(0o600)
    bodies[0].write_bytes(bytes([bodies[0].read_bytes()[0] ^ 1]) + bodies[0].read_bytes()[1:])
    bodies[1].unlink()
    report = town.json("audit", "--report", file, "--language", language, exit_code=1)
    assert len(report["faults"]) >= 2
    text = words(file.read_bytes())
    for fault in report["faults"]:
        for said in (fault["code"], fault["object"], fault["expected"], fault["found"]):
            assert said is None or str(said) in text
    assert HOLDS[language] not in text


def test_a_sample_says_that_it_is_one(town):
    file = town.place / "report.pdf"
    town.json("audit", "--report", file, "--language", "en", "--sample", "1", "--seed", "s")
    assert "only a sample was asked for" in words(file.read_bytes())


def test_a_report_is_never_written_over_another_file(town):
    file = town.write("report.pdf", "mine")
    assert town.run("audit", "--report", file).exit_code == 2
    assert file.read_bytes() == b"mine"


def made(*faults, found=None):
    found = len(faults) if found is None else found
    return AuditReport("failed", "o", 9, "00" * 32, Digest("0" * 64), Counts(), faults, (), found)


def test_the_same_report_of_the_same_moment_is_the_same_file():
    report = made(Fault("F41", "body " + "0" * 64, "altered", "0" * 64, "1" * 64))
    with speaking("ru"):
        assert audit_report(report, AT) == audit_report(report, AT)


def test_a_flood_of_faults_is_cut_and_says_so():
    faults = tuple(Fault("F40", f"body {number:064x}", "a body is missing") for number in range(500))
    with speaking("en"):
        text = words(audit_report(made(*faults, found=7000), AT))
    assert "6800 more are in the report for machines" in text
    assert f"{199:064x}" in text
    assert f"{200:064x}" not in text


def test_what_is_found_can_be_of_any_length():
    fault = Fault(
        "C89", "archive.json", "the settings are not of this log", "k" * 5000, "漢" * 300 + " x" * 90
    )
    with speaking("be"):
        assert audit_report(made(fault), AT).startswith(b"%PDF-1.7")


def test_a_report_is_read_back_as_it_was_written():
    reach = Reach(
        5, 4, True, (Covered("ngo.example", 5, "2026-11-19T08:00:00Z"), Covered("none.example", 0, None))
    )
    report = replace(made(Fault("F40", "body", "a body is missing")), cosigned=reach, timestamped=3)
    assert AuditReport.of({**json.loads(json.dumps(report.as_data())), "handle": "olga"}) == report
    with speaking("en"):
        text = words(audit_report(report, AT))
    assert "the first 5 entries; on the archive’s own word alone: 4" in text
    assert "ngo.example the first 5 entries, 19 November 2026, 08:00 UTC" in text
