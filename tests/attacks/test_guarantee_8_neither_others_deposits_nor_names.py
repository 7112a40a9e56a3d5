"""Guarantee 8: a documenter cannot learn what others deposited; an auditor cannot learn a name or a text.

wanda hands in to the same compartment as vera and came upon the ids of vera's items. olga audits: she has the
whole log, and lists of names, file names and words that she expects in it.
"""

import re

import pytest
from defences import Defence
from founded import circumstances
from scenes import FILE_NAME, NAME, REASON, TEXT, TITLE, settle

from archive.assemble import open_archive
from archive.codec import unb64
from archive.digests import Digest, commit, field_salt

OWN_HISTORY = Defence(
    "archive.access.history:_View.is_blind",
    "return not (self.everything or self.mine or",
    "return False and (",
)
OWN_RECEIPTS = Defence("archive.access.receipts:fetch_receipt", "row.depositor != sitting.id", "False")
SALTED = Defence(
    "archive.receipts:Openings.commitments",
    "label: commit(field_salt(self.salt, label), label, value)",
    "label: Digest.of(value)",
)


def pry(village, *lacking):
    """Return what wanda is told of vera's item, door by door, that she is not told of an item that is not."""
    village, item = village.lacking_only(*lacking), village.items["planted"]
    found = set()
    for door, words in {
        "read": ("read", "ITEM"),
        "history": ("history", "ITEM"),
        "sealed": ("sealed", "ITEM", "-o", village.place / "taken.age"),
        "receipt": ("receipt", "ITEM", "-o", village.place / "taken"),
        "hold": ("hold", "add", "ITEM", "--reason", "why"),
        "destroy": ("destroy", "ITEM", "--reason", "why"),
        "withdraw": ("consent", "withdraw", "ITEM"),
        "search": ("search", f"{NAME} OR ITEM"),
    }.items():
        told = [
            village.run(*(str(word).replace("ITEM", one) for word in words), "--json", who="wanda")
            for one in (item, "a" * 26)
        ]
        answers = [(one.exit_code, plain(one.output, item)) for one in told]
        if answers[0] != answers[1]:
            found.add(door)
    return found


def plain(output, item):
    return re.sub(r'"took_ms": [\d.]+|in [\d.]+ ms', "", output.replace(item, "a" * 26))


@pytest.mark.slow
def test_a_documenter_is_told_of_others_items_what_she_is_told_of_none(village):
    assert pry(village) == set()


@pytest.mark.parametrize(("lacking", "door"), [(OWN_HISTORY, "history"), (OWN_RECEIPTS, "receipt")])
def test_she_would_be_told_more_without_the_line_that_knows_whose_it_is(village, lacking, door):
    assert pry(village, lacking) == {door}


def guess(village):
    """The attack: olga holds what she expects against everything in the log. Return what she confirmed."""
    with open_archive(village.archive, circumstances()) as archive:
        log = b"\n".join(archive.log.entries(0))
    salts = {bytes(32), *(unb64(one.decode()) for one in re.findall(rb'"salt":"([^"]{44})"', log))}
    expected = {"text": TEXT, "name": NAME, "file name": FILE_NAME, "title": TITLE, "reason": REASON}
    confirmed = set()
    for what, text in expected.items():
        data = text.encode()
        marks = [data, Digest.of(data).encode(), Digest.of(Digest.of(data).raw).encode()]
        for salt in salts:
            for label in ("sha256", "name", "handle", "query"):
                for value in (data, Digest.of(data).raw):
                    marks += [commit(one, label, value).encode() for one in (salt, field_salt(salt, label))]
        if any(mark in log for mark in marks):
            confirmed.add(what)
    return confirmed | opened_by(village, "olga")


def opened_by(village, who):
    """Return which doors show the words themselves to somebody."""
    found = set()
    item = village.items["planted"]
    for words in (
        ("read", item),
        ("search", NAME),
        ("history", item),
        ("audit",),
        ("agent", "list"),
        ("grants",),
    ):
        told = village.run(*words, "--json", who=who)
        if any(word in told.output for word in (NAME, TITLE, FILE_NAME, REASON)):
            found.add(words[0])
    return found


def test_an_auditor_confirms_no_name_and_no_text_that_she_expects(village):
    assert guess(village) == set()


def test_she_would_confirm_it_if_the_log_held_plain_digests(tmp_path):
    lacking = settle(tmp_path / "village", ("vera", "olga"), (SALTED,))
    assert guess(lacking) == {"text", "file name"}
