"""Guarantee 2: whoever takes the server cannot tell, beyond what its size suggests, whether it holds his file.

The attacker has the very file that vera handed in. He has infiltrated the archive as wanda, who may hand in to
the same compartment, and hands it in himself to see whether it is called a duplicate; then he takes the disk,
and looks there for everything that can be made of the file with what he knows.
"""

import hashlib
import hmac
import sqlite3

import blake3
import pytest
from defences import Defence
from scenes import TEXT, hand_in, settle, steal, stolen_bytes

from archive.digests import commit, field_salt

OTHER = TEXT.replace("тры", "два")
COMMITTED = ("sha256", "blake3")

KEYED_DUPLICATES = Defence("ingest.accession:duplicate_tags", "pair.signing.seed", 'b"known to everybody"')
OWN_ROWS = Defence("storage.catalogue.items:Items.by_duplicate", "depositor=depositor, ", "")
OWN_ITEMS = Defence("ingest.groups:_known", "or item.depositor != desk.sitting.id", "")
SALTED = Defence("ingest.accession:prepare", "Openings(random(SALT_BYTES), ", "Openings(bytes(SALT_BYTES), ")


def made_of(text, compartments):
    """Return everything that somebody with a file can make of it: digests, and keyed ones under known keys."""
    data = text.encode()
    digests = {"sha256": hashlib.sha256(data).digest(), "blake3": blake3.blake3(data).digest()}
    found = set(digests.values())
    for label in COMMITTED:
        salt = field_salt(bytes(32), label)
        found |= {commit(one, label, digests[label]).raw for one in (salt, bytes(32))}
    for key in (b"", bytes(32), b"known to everybody"):
        tag = hmac.digest(key, b"sviedka/duplicate", "sha256")
        found |= {hmac.digest(tag, one + digests["sha256"], "sha256") for one in (b"", *compartments)}
    return {spelling for one in found for spelling in (one, one.hex().encode())}


def compartments_of(folder):
    database = sqlite3.connect(folder / "catalogue.sqlite")
    found = [one.encode() for (one,) in database.execute("SELECT compartment FROM compartments")]
    database.close()
    return found


def attack(village, place):
    """Return the signs by which a file that is held differs from one of equal size that is not."""
    stolen = steal(village, place)
    data, compartments = list(stolen_bytes(stolen).values()), compartments_of(stolen)

    def traces(text):
        return sum(any(one in each for each in data) for one in made_of(text, compartments))

    signs = {"traces on the disk"} if traces(TEXT) != traces(OTHER) else set()
    told = [hand_in(village, f"probe-{number}", "wanda", text) for number, text in enumerate((TEXT, OTHER))]
    if told[0]["status"] != told[1]["status"]:
        signs.add("called a duplicate")
    if told[0].keys() != told[1].keys():
        signs.add("another answer")
    return signs


def test_whoever_has_a_file_and_an_account_and_the_disk_does_not_learn_that_it_is_held(village, tmp_path):
    assert attack(village, tmp_path / "stolen") == set()


@pytest.mark.parametrize("defence", [KEYED_DUPLICATES, SALTED], ids=lambda one: one.where)
def test_he_learns_it_from_the_disk_once_what_hides_digests_is_gone(defence, tmp_path):
    lacking = settle(tmp_path / "village", ("vera", "wanda"), (defence,))
    assert attack(lacking, tmp_path / "stolen") == {"traces on the disk"}


def test_he_is_called_a_duplicate_only_once_three_defences_are_gone(tmp_path):
    """The key, the row and the log each know whose deposit it was; any one of them is enough."""
    lines = (KEYED_DUPLICATES, OWN_ROWS, OWN_ITEMS)
    lacking = settle(tmp_path / "village", ("vera", "wanda"), lines)
    for number, one in enumerate(lines):
        some = lacking.copied_to(tmp_path / f"{number}", *(line for line in lines if line is not one))
        assert attack(some, tmp_path / f"stolen-{number}") <= {"traces on the disk"}
    assert "called a duplicate" in attack(lacking, tmp_path / "stolen")
