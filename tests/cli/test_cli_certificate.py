"""`sviedka history --certificate`: a page for a court, and the receipt inside it."""

import hashlib
import re
import zlib

import pytest
from kreuzberg import extract_bytes_sync

from archive.proofs import parse_tlog_proof

LANGUAGES = {
    "be": "Пасведчанне аб захаванні",
    "ru": "Свидетельство о хранении",
    "en": "Certificate of custody",
}


def streams(pdf):
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            yield zlib.decompress(found[1])
        except zlib.error:
            yield found[1]


def receipt_in(pdf):
    """Return the receipt that is attached to a certificate."""
    [found] = [one for one in streams(pdf) if one.startswith(b"c2sp.org/tlog-proof@v1")]
    return found


def words(pdf):
    return " ".join(extract_bytes_sync(pdf, "application/pdf").content.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_certificate_says_what_the_log_says(town, language):
    item, file = town.items["statement"], town.place / "certificate.pdf"
    town.json("read", item, "--purpose", "court", "-o", town.place / "read", who="lena")
    events = town.json("history", item, "--certificate", file, "--language", language, who="olga")
    text = words(file.read_bytes())
    assert LANGUAGES[language] in text
    assert item in text
    assert events[0]["data"]["sealed"]["body"] in text
    assert events[0]["agent"] in text
    assert "?" not in text
    with pytest.raises(ValueError, match="not enough values"):
        receipt_in(file.read_bytes())


def test_the_same_log_makes_the_same_bytes(town):
    first, second = town.place / "1.pdf", town.place / "2.pdf"
    for file in (first, second):
        town.json("history", town.items["statement"], "--certificate", file, who="olga")
    assert first.read_bytes() == second.read_bytes()
    # Reading it makes the log grow, and the certificate another one.
    town.json("read", town.items["statement"], "--purpose", "court", "-o", town.place / "read", who="lena")
    third = town.place / "3.pdf"
    town.json("history", town.items["statement"], "--certificate", third, who="olga")
    assert third.read_bytes() != first.read_bytes()


def test_a_reader_gets_the_receipt_inside_and_that_is_logged(town):
    item, file = town.items["statement"], town.place / "certificate.pdf"
    town.json("history", item, "--certificate", file, "--original", "--purpose", "court", who="lena")
    receipt = town.write("from-pdf.tlog-proof", receipt_in(file.read_bytes()))
    parse_tlog_proof(receipt.read_bytes())
    original = town.write("read", (town.place / "statement.txt").read_bytes())
    verified = town.json("verify", receipt, "--file", original)
    assert verified["item"] == item
    text = words(file.read_bytes())
    assert verified["sha256"] == hashlib.sha256(original.read_bytes()).hexdigest()
    assert verified["sha256"] in text
    assert town.json("history", item, who="lena")[-1]["kind"] == "reading"


def test_a_depositor_needs_no_reading_and_learns_of_none(town):
    item, file = town.items["statement"], town.place / "certificate.pdf"
    town.json("read", item, "--purpose", "court", "-o", town.place / "read", who="lena")
    done = town.run(
        "history", item, "--certificate", file, "--original", "--language", "en", "--json", who="vera"
    )
    assert done.exit_code == 0, done.output
    assert "found on the depositor" in done.stderr
    text = words(file.read_bytes())
    assert "not told of them" in text
    assert "opened for reading" not in text
    town.json("verify", town.write("r.tlog-proof", receipt_in(file.read_bytes())))
    assert [one["kind"] for one in town.json("history", item, who="olga")].count("reading") == 1


def test_who_may_not_read_gets_no_digest_of_the_original(town):
    item, file = town.items["statement"], town.place / "certificate.pdf"
    refused = town.run("history", item, "--certificate", file, "--original", who="olga")
    assert refused.exit_code == 3
    assert not file.exists()
    refused = town.run("history", item, "--original", who="olga")
    assert refused.exit_code == 2
    for who in ("anna", "lena"):
        unknown = town.run("history", "a" * 26, "--certificate", file, who=who)
        assert unknown.exit_code == 3
    assert not file.exists()
