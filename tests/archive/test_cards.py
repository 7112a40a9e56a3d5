"""Recipient cards: what a genuine one proves, and malicious ones, each refused with a code of its own."""

from dataclasses import replace

import pytest
from ledger_builder import ORIGIN, Builder, reader, recipient

from archive.cards import LARGEST_CARD_BYTES, Card, fingerprint, format_card, parse_card
from archive.errors import SviedkaError
from archive.events import parse_entry
from archive.kinds import Kind
from archive.merkle import leaf_hash, prove_inclusion
from archive.proofs import TlogProof
from archive.trust import Trust
from archive.verifying_cards import verify_card
from keys.identities import Identity
from keys.signing import LogKey, verify_ed25519, verify_mldsa44

ISSUED, EXPIRES = "2026-11-20T08:00:00Z", "2027-11-20T08:00:00Z"
NOW = "2026-12-01T00:00:00Z"


@pytest.fixture(scope="module")
def town():
    """A log with two compartments, of which `main` is in its second epoch."""
    builder = Builder()
    builder.found("minsk")
    main = builder.compartments["main"]
    builder.do(
        builder.anna,
        Kind.EPOCH,
        compartment=main,
        epoch=2,
        recipient=Identity.generate().recipient.text,
        recovery_recipient=recipient(),
        recovery=builder.sealed(builder.ledger.archive),
        keys=builder.epoch_keys(main),
    )
    return builder


def card_of(town, label="main", epoch=2, index=None, **changes):
    """Return the card that the archive would make, or with `changes` what somebody else makes of it."""
    index = entry_of(town, label, epoch) if index is None else index
    leaves = list(map(leaf_hash, town.entries))
    path = tuple(prove_inclusion(index, len(leaves), reader(leaves)))
    named = town.ledger.compartments[town.compartments[label]].recipients[epoch - 1]
    given = {
        "origin": ORIGIN,
        "compartment": town.compartments[label],
        "epoch": epoch,
        "issued": ISSUED,
        "expires": EXPIRES,
        "fingerprint": fingerprint(named),
        "recipient": named,
        "proof": TlogProof(index, path, town.note(), town.entries[index]),
        "log_key": town.log_keys[0],
        "agent_key": town.anna.key.public,
    }
    return Card(**given | changes)


def entry_of(town, label, epoch):
    for index, entry in enumerate(town.entries):
        event = parse_entry(entry).event
        found = event.data.get("epoch", 1) if event.kind in (Kind.COMPARTMENT, Kind.EPOCH) else 0
        if found == epoch and event.data["compartment"] == town.compartments[label]:
            return index
    raise AssertionError


def trust_in(town, agents=None):
    return Trust(ORIGIN, town.log_keys, agents or {})


def code_of(card, **options):
    """Return with which code a card, as it would arrive, is refused."""
    with pytest.raises(SviedkaError) as raised:
        verify_card(
            parse_card(format_card(card)),
            now=NOW,
            check_ed25519=verify_ed25519,
            check_mldsa44=verify_mldsa44,
            **options,
        )
    return raised.value.code


def refusal(data: bytes):
    with pytest.raises(SviedkaError) as raised:
        parse_card(data)
    return raised.value.code


def text_of(town, **changes) -> str:
    return format_card(card_of(town, **changes)).decode()


def test_a_card_is_read_as_it_was_written_and_proves_what_the_log_names(town):
    card = card_of(town)
    assert parse_card(format_card(card)) == card
    known = {town.anna.agent: (town.anna.key.public,)}
    proven = verify_card(
        card,
        now=NOW,
        trust=trust_in(town, known),
        told=card.fingerprint.upper(),
        check_mldsa44=verify_mldsa44,
    )
    assert (proven.trusted, proven.author_known, proven.compared) == (True, True, True)
    assert proven.checkpoint.size == len(town.entries)


def test_without_a_trust_file_it_says_whose_word_the_keys_are(town):
    proven = verify_card(card_of(town), now=NOW)
    assert (proven.trusted, proven.author_known, proven.compared) == (False, False, False)
    assert any("own claim" in line for line in proven.lines())
    assert any("COMPARE" in line for line in proven.lines())


def test_a_card_of_the_first_version_is_read_and_proven_by_a_trust_file(town):
    card = card_of(town, log_key=None, agent_key=None)
    data = format_card(card)
    assert data.startswith(b"sviedka recipient card v1\norigin: ")
    assert verify_card(parse_card(data), now=NOW, trust=trust_in(town)).trusted
    alone = verify_card(card, now=NOW)
    assert (alone.checkpoint, alone.author_known) == (None, None)
    assert any("its claim" in line for line in alone.lines())


def test_a_malicious_card_with_a_substituted_recipient_is_refused(town):
    thief = Identity.generate().recipient.text
    assert code_of(card_of(town, recipient=thief)) == "C74"
    assert code_of(card_of(town, recipient=thief, fingerprint=fingerprint(thief))) == "C78"


def test_a_malicious_card_with_the_recipient_of_another_compartment_is_refused(town):
    other = card_of(town, "minsk", 1)
    assert code_of(replace(other, compartment=town.compartments["main"])) == "C77"
    assert code_of(replace(other, epoch=2)) == "C77"


def test_a_malicious_card_with_the_proof_of_another_entry_is_refused(town):
    assert code_of(card_of(town, index=0)) == "C76"
    card = card_of(town)
    borrowed = card_of(town, "minsk", 1).proof
    assert code_of(replace(card, proof=replace(borrowed, extra=card.proof.extra))) == "C13"


def test_a_malicious_card_of_a_log_somebody_made_up_is_refused_by_the_trust_file(town):
    forged = Builder(log_key=LogKey(b"\1" * 32, b"\2" * 32))
    forged.epoch("main", 2)
    card = card_of(forged)
    assert verify_card(card, now=NOW).trusted is False
    assert code_of(card, trust=trust_in(town)) == "C82"
    assert code_of(replace(card, log_key=town.log_keys[0]), trust=trust_in(town)) == "C25"
    assert code_of(replace(card, log_key=None, agent_key=None), trust=trust_in(town)) == "C25"
    assert code_of(card_of(town), trust=Trust("sviedka.invalid/else", town.log_keys)) == "C82"


def test_a_malicious_card_with_an_entry_that_its_agent_did_not_sign_is_refused(town):
    assert code_of(card_of(town, agent_key=town.archive.key.public)) == "C81"
    known = {town.anna.agent: (town.archive.key.public,)}
    assert code_of(card_of(town), trust=trust_in(town, known)) == "C81"


def test_an_expired_card_is_refused(town):
    assert code_of(card_of(town, issued="2025-11-20T08:00:00Z", expires="2026-11-20T08:00:00Z")) == "C79"


def test_a_replayed_card_of_an_earlier_epoch_is_known_by_its_fingerprint_only(town):
    old, current = card_of(town, epoch=1), card_of(town)
    assert code_of(old, told=current.fingerprint) == "C75"
    # Nothing else gives it away before it expires, which is why the program says to compare.
    assert verify_card(old, now=NOW, trust=trust_in(town)).compared is False


def test_no_card_is_valid_for_longer_than_a_year(town):
    with pytest.raises(SviedkaError) as raised:
        format_card(card_of(town, expires="2036-11-20T08:00:00Z"))
    assert raised.value.code == "I92"


def test_a_truncated_card_is_refused_wherever_it_is_cut(town):
    data = format_card(card_of(town))
    ends = {at for at in range(len(data)) if data[at - 1 : at] == b"\n"}
    # Cut behind a whole signature line the card is one with fewer signatures.
    whole = {at for at in ends if at > data.rindex(b"\n\n") + 2}
    cuts = ({*range(0, len(data), 61)} | ends | {len(data) - 1}) - whole
    assert {refusal(data[:at]) for at in cuts} == {"I92"}


def test_an_oversize_card_is_refused_before_it_is_read(town):
    assert refusal(format_card(card_of(town)) + b" " * LARGEST_CARD_BYTES) == "I90"


@pytest.mark.parametrize(("plain", "alike"), [("age1pq1", "аge1pq1"), ("epoch", "еpoch"), ("2026", "२026")])
def test_look_alike_letters_are_refused_as_such(town, plain, alike):
    text = text_of(town)
    assert refusal(text.replace(plain, alike, 1).encode()) == "I91"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("epoch: 2", "epoch: 02"),
        ("epoch: 2", "epoch: 0"),
        ("epoch: 2", "epoch:  2"),
        ("epoch: 2\n", "epoch: 2\nepoch: 2\n"),
        ("issued: ", "Issued: "),
        ("\nrecipient: age1pq1", "\nrecipient: AGE1PQ1"),
        ("card v2", "card v3"),
        ("card v2", "card v1"),
        ("card v2", "card v2 "),
        ("T08:00:00Z", "T08:00:00+00:00"),
        ("2026-11-20", "2026-02-31"),
        ("\n", "\r\n"),
        ("log_key: sviedka.invalid", "log_key: Sviedka.invalid"),
    ],
)
def test_a_card_has_one_spelling(town, old, new):
    text = text_of(town)
    assert old in text
    assert refusal(text.replace(old, new).encode()) == "I92"


def test_every_flipped_byte_of_a_card_is_refused(town):
    """With a trust file, and the fingerprint told; apart from its dates, which are its own words."""
    card, trust = card_of(town), trust_in(town)
    data = format_card(card)
    dates = range(data.index(b"issued"), data.index(b"fingerprint"))
    places = [at for at in range(0, len(data), 37) if at not in dates]
    for at in places:
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(SviedkaError):
            verify_card(
                parse_card(bytes(changed)),
                now=NOW,
                trust=trust,
                told=card.fingerprint,
                check_ed25519=verify_ed25519,
                check_mldsa44=verify_mldsa44,
            )
