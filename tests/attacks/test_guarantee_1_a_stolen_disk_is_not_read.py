"""Guarantee 1: whoever takes the powered-off server reads no testimony, name, file name, reason or index term.

The attacker copies the folder after everything was handed in, indexed, read and searched, looks for what he
wants to know in every byte, and opens every age file with whatever he finds lying there or can guess.
"""

import io
import re
import sqlite3

import pytest
from defences import Defence
from scenes import FILE_NAME, NAME, REASON, TEXT, TITLE, settle, steal, stolen_bytes

from archive.errors import SviedkaError
from keys.filekey import FileKey
from keys.identities import Identity
from keys.sealing import open_
from keys.stream import NONCE_BYTES, open_chunks

WANTED = {"testimony": TEXT.strip(), "name": NAME, "file name": FILE_NAME, "title": TITLE, "reason": REASON}
FRESH_KEYS = Defence(
    "keys.filekey:FileKey.generate",
    "cls(random(wrapping.FILE_KEY_BYTES))",
    "cls(bytes(wrapping.FILE_KEY_BYTES))",
)
SEALED_KEY_FILES = Defence(
    "keys.keyfile:format_key_file",
    "return sealed.header + sealed.body",
    "with open(os.environ['SVIEDKA_ARCHIVE'] + '/spool', 'ab') as spool:\n"
    "        spool.write(_format(secret))\n"
    "    return sealed.header + sealed.body",
)


def age_files(folder):
    """Return header and body of everything sealed in the folder."""
    found = [
        (path.read_bytes(), (folder / "objects" / path.name[:2] / path.name[2:4] / path.name).read_bytes())
        for path in folder.glob("headers/??/*")
    ]
    found += [
        (path.read_bytes(), path.with_suffix(".body").read_bytes()) for path in folder.rglob("*.header")
    ]
    database = sqlite3.connect(folder / "catalogue.sqlite")
    for table in ("sealed", "batches", "manifests", "sessions"):
        found += database.execute(f"SELECT header, content FROM {table}").fetchall()
    database.close()
    assert len(found) > 20
    return found


def opened_with_guessed_key(sealed):
    for _header, body in sealed:
        try:
            key = FileKey(bytes(16)).payload_key(body[:NONCE_BYTES])
            yield b"".join(open_chunks(key, io.BytesIO(body[NONCE_BYTES:])))
        except SviedkaError:
            continue


def opened_with_found_keys(sealed, known):
    """Open what opens; keys found inside open more, until nothing new is found."""
    tried, plain = set(), []
    while fresh := [text for text in identities_in(known) if text not in tried]:
        tried.update(fresh)
        opened = list(_opened(sealed, [Identity.parse(text) for text in fresh]))
        plain += opened
        known = opened
    return plain


def identities_in(texts):
    return {one.decode() for text in texts for one in re.findall(rb"AGE-SECRET-KEY-PQ-1[0-9A-Z]+", text)}


def _opened(sealed, identities):
    for header, body in sealed:
        try:
            yield open_(header, body, identities, commitment=None)
        except SviedkaError:
            continue


def attack(village, place):
    """Return which of the things wanted are learned from a copy of the disk."""
    stolen = steal(village, place)
    known, sealed = list(stolen_bytes(stolen).values()), age_files(stolen)
    known += opened_with_guessed_key(sealed)
    known += opened_with_found_keys(sealed, known)
    known += [str(path).encode() for path in stolen.rglob("*")]
    words = {what: [text.encode(code) for code in ("utf-8", "utf-16-le")] for what, text in WANTED.items()}
    # Reasons and titles are JSON inside, which may write letters as numbers.
    known += [data.decode("unicode-escape").encode("utf-8", "replace") for data in known if b"\\u04" in data]
    return {
        what for what, spellings in words.items() for one in spellings if any(one in data for data in known)
    }


def lived_in(village):
    """Somebody searched and read, so that everything derived is there too."""
    found = village.json("search", NAME, who="leu")
    assert found["total"] == 1
    assert village.run("read", village.items["planted"], who="leu").exit_code == 0
    return village


def test_whoever_takes_the_disk_reads_nothing(village, tmp_path):
    assert attack(lived_in(village), tmp_path / "stolen") == set()


@pytest.mark.parametrize("defence", [FRESH_KEYS, SEALED_KEY_FILES], ids=lambda one: one.where)
def test_he_reads_everything_once_a_defence_is_gone(defence, tmp_path):
    lacking = lived_in(settle(tmp_path / "village", ("vera", "leu"), (defence,)))
    assert attack(lacking, tmp_path / "stolen") == set(WANTED)
