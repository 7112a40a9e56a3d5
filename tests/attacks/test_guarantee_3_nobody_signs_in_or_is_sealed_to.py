"""Guarantee 3: whoever takes the server cannot sign in as anyone, or have new material sealed to himself.

Two ways in: a cookie stolen together with a copy of the archive, and a key file of his own put under another's
handle. Two ways to be sealed to: a new key for the compartment in a log whose key he has, and a recipient card
changed on its way to whoever packs.
"""

import secrets
import shutil
import sqlite3
import tarfile

import pytest
from defences import Defence
from founded import circumstances, found_house
from real_server import Visitor
from scenes import TEXT, hand_in, serving_program, steal

from archive.access.grants import new_epoch
from archive.access.keyring import Held, find_label, keyring
from archive.access.signin import sign_in
from archive.assemble import open_archive
from archive.author import Author
from archive.cards import fingerprint, format_card, parse_card
from archive.cli.cards import make_card
from archive.digests import Digest
from archive.errors import SviedkaError
from archive.nouns import OPENING
from keys.identities import Identity
from keys.keyfile import AgentSecret, format_key_file
from keys.sealing import open_, split
from keys.signing import SigningKey

CARELESS = "the passphrase of the thief"

BOOT_SECRET = Defence("archive.web.sessions:_identity", "cookie.encode() + boot", "cookie.encode()")
KEYS_OF_THE_LOG = Defence(
    "archive.access.signin:admit",
    "if (pair.identity.recipient.text, pair.signing.public) == (agent.recipient, agent.signing_key):",
    "if pair:",
)
SIGNED_EPOCHS = Defence("archive.rules:apply", "check_signatures(ledger, entry, verify, index=index)", "pass")
CARD_OF_ITS_ENTRY = Defence(
    "archive.verifying_cards:_check_entry", 'event.data["recipient"] != card.recipient', "False"
)
FINGERPRINT_TOLD = Defence(
    "archive.verifying_cards:_check_fingerprint",
    '"".join(told.casefold().split()) != expected.replace(" ", "")',
    "False",
)


def cookie_and_copy(village, place, serving, *lacking):
    """The attack: anna is signed in when the server is taken. Return what her cookie shows on a copy of it.

    A server clears the sessions of an earlier one away when it starts, so the thief puts hers back.
    """
    server = serving(village.place, program=serving_program(lacking))
    anna = Visitor(server.port).sign_in("anna", passphrase="the passphrase of anna")
    assert anna.is_in()
    place.mkdir()
    shutil.copytree(village.archive, place / "archive")
    server.kill()
    shutil.copytree(place / "archive", place / "copy")
    thief = Visitor(serving(place, program=serving_program(lacking)).port)
    with sqlite3.connect(place / "archive" / "catalogue.sqlite") as database:
        database.execute("ATTACH ? AS copy", (str(place / "copy" / "catalogue.sqlite"),))
        assert database.execute("INSERT INTO sessions SELECT * FROM copy.sessions").rowcount == 1
    database.close()
    thief.cookies |= anna.cookies
    answer, page = thief.ask("GET", "/people")
    return page.decode() if answer.status == 200 else ""


def test_a_stolen_cookie_and_a_copy_of_the_database_open_nothing(village, tmp_path, serving):
    assert cookie_and_copy(village, tmp_path / "thief", serving) == ""


def test_they_open_everything_without_the_boot_secret(village, tmp_path, serving):
    assert "vera" in cookie_and_copy(village, tmp_path / "thief", serving, BOOT_SECRET)


def put_a_key_file_under(village, handle):
    """Write a key file of the thief's own, true in everything but its keys, into somebody's row."""
    with open_archive(village.archive, circumstances()) as archive:
        row, seen = archive.catalogue.agents.by_handle(handle), archive.seen()
        secret = AgentSecret(
            Identity.generate(), SigningKey.generate(), row.agent, archive.archive,
            Digest.of(archive.log.entry(0)), seen.size, seen.root, False,
        )  # fmt: skip
    with sqlite3.connect(village.archive / "catalogue.sqlite") as database:
        key_file = format_key_file(secret, CARELESS, log_n=10)
        database.execute("UPDATE agents SET key_file = ? WHERE handle = ?", (key_file, handle))
    database.close()
    village.write(f"{handle}.passphrase", CARELESS)


@pytest.mark.parametrize("lacking", [(), (KEYS_OF_THE_LOG,)], ids=["as it is", "without the check"])
def test_keys_substituted_in_the_catalogue_sign_in_only_where_the_log_is_not_asked(village, lacking):
    put_a_key_file_under(village, "anna")
    told = village.lacking_only(*lacking).run("agent", "list", "--json", who="anna")
    assert (told.exit_code == 0, "vera" in told.stdout) == (bool(lacking), bool(lacking))
    assert lacking or "[C70]" in told.stderr


def begin_an_epoch(village):
    """Log a new key for `main` in anna's name, with the stolen key of the log; return its identity."""
    drawn, mine = [], SigningKey.generate()

    def random(size):
        drawn.append(secrets.token_bytes(size))
        return drawn[-1]

    with open_archive(village.archive, circumstances()) as archive:
        anna = archive.catalogue.agents.by_handle("anna").agent
        item = archive.ledger().items[village.items["planted"]]
        compartment = archive.ledger().compartments[item.compartment]
        kept = [one for one in archive.ledger().open_grants(item.compartment) if one.actions & OPENING]
        author = Author(anna, mine.sign, archive.ledger().origin, archive.seen(), archive.clock, random)
        forged = new_epoch(archive, author, compartment, Held(item.compartment, "main", {}), kept)
        archive.log.append([forged.signed.entry])
    return Identity(drawn[0])


def opened_of(folder, identity):
    """Return every plaintext in the store that an identity opens."""
    found = []
    for path in folder.glob("headers/??/*"):
        body = folder / "objects" / path.name[:2] / path.name[2:4] / path.name
        try:
            found.append(open_(path.read_bytes(), body.read_bytes(), identity, commitment=None).decode())
        except SviedkaError:
            continue
    return found


@pytest.mark.parametrize("lacking", [(), (SIGNED_EPOCHS,)], ids=["as it is", "without the check"])
def test_nothing_is_sealed_to_a_key_that_only_the_logs_own_key_vouches_for(village, tmp_path, lacking):
    identity = begin_an_epoch(village)
    text = "Новае сведчанне, пасля крадзяжу.\n"
    told = hand_in(village.lacking_only(*lacking), "later", "vera", text)
    assert told["status"] == "accessioned"
    stolen = opened_of(steal(village, tmp_path / "stolen"), identity)
    assert (text in stolen) is bool(lacking)


def changed_card(genuine, _place):
    """Return the genuine card with another recipient, and what opens what is sealed to that."""
    mine, theirs = Identity.generate(), parse_card(genuine.encode()).recipient
    changed = genuine.replace(fingerprint(theirs), fingerprint(mine.recipient.text))
    return changed.replace(theirs, mine.recipient.text), mine


def card_of_another_archive(_genuine, place):
    """Return a card that proves itself, of an archive that the thief founded, and its identity."""
    found_house(place / "own")
    with open_archive(place / "own", circumstances()) as archive:
        thief = sign_in(archive, "anna", "the passphrase of anna")
        held = find_label(keyring(archive, thief), "main")
        return format_card(make_card(archive, held.compartment)).decode(), held.identities[1]


def pack_to_a_false_card(village, forge, place):
    """The attack: the card is changed on its way. Return what the thief reads of the pack made with it."""
    genuine = village.json("compartment", "card", "main", "-o", village.place / "card.txt", who="anna")
    card, identity = forge((village.place / "card.txt").read_text(), place)
    written = village.write("got.txt", card)
    file, pack = village.write("said.txt", TEXT), village.place / "pack"
    told = village.run("pack", file, "--card", written, "--fingerprint", genuine["fingerprint"], "-o", pack)
    if told.exit_code:
        assert not pack.exists()
        return told.stderr
    with tarfile.open(pack) as tar:
        return open_(*split(tar.extractfile("1.age").read()), identity, commitment=None).decode()


FORGERIES = [
    # The changed card is refused for what it was told, and for what it says itself.
    (changed_card, (CARD_OF_ITS_ENTRY, FINGERPRINT_TOLD), "[C75]"),
    (changed_card, (FINGERPRINT_TOLD,), "[C78]"),
    (card_of_another_archive, (FINGERPRINT_TOLD,), "[C75]"),
]


@pytest.mark.parametrize(("forge", "lacking", "refusal"), FORGERIES)
def test_nothing_is_packed_to_a_malicious_card(village, tmp_path, forge, lacking, refusal):
    first = village if refusal == "[C75]" else village.lacking_only(*lacking)
    assert refusal in pack_to_a_false_card(first, forge, tmp_path)


@pytest.mark.parametrize(("forge", "lacking"), [one[:2] for one in FORGERIES if one[2] == "[C75]"])
def test_it_would_be_without_what_tells_a_malicious_card(village, tmp_path, forge, lacking):
    assert pack_to_a_false_card(village.lacking_only(*lacking), forge, tmp_path) == TEXT
