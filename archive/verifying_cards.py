"""Verifying a recipient card offline: what it proves, what it does not, and whose word that is."""

from dataclasses import dataclass
from typing import Final

from archive import ed25519
from archive.cards import Card, fingerprint
from archive.checkpoints import Checkpoint, parse_checkpoint
from archive.errors import CustodyError
from archive.events import Entry, parse_entry
from archive.kinds import Kind
from archive.merkle import leaf_hash, verify_inclusion
from archive.notes import Check, parse_note
from archive.proofs import verify_tlog_proof
from archive.receipts import check_author
from archive.succession import is_of_one_archive, keys_of, origins
from archive.trust import Trust, log_verifiers

_NAMING: Final = frozenset({Kind.COMPARTMENT, Kind.EPOCH})


@dataclass(frozen=True, slots=True)
class ProvenCard:
    """A card that holds.

    `checkpoint` is None where nobody named a key of the log, `trusted` says that a trust file named it.
    `author_known` is None where nobody named the key of the agent who signed, False where only the card did.
    `compared` says that the fingerprint was held against one had from elsewhere.
    """

    card: Card
    entry: Entry
    checkpoint: Checkpoint | None
    trusted: bool
    author_known: bool | None
    compared: bool

    def lines(self) -> list[str]:
        """Say what was proven, for people."""
        card = self.card
        lines = [
            f"recipient card of compartment {card.compartment}, epoch {card.epoch}",
            f"   valid until {card.expires}",
            f"   fingerprint {card.fingerprint}",
            f"   named by entry {card.proof.index} of the log {card.origin}",
        ]
        if self.trusted:
            lines.append("   the log's keys are those of the trust file")
        elif self.checkpoint is not None:
            lines.append("   the log's keys are the card's own claim")
        else:
            lines.append("   the card names no key of the log: that the log names the recipient is its claim")
        if not self.compared:
            lines.append(
                "COMPARE the fingerprint, by voice or face to face, with the person whose card it is:"
            )
            lines.append("a false or outdated card looks like a genuine one, only its fingerprint differs")
        return lines


def verify_card(
    card: Card,
    *,
    now: str,
    trust: Trust | None = None,
    told: str | None = None,
    check_ed25519: Check = ed25519.verify,
    check_mldsa44: Check | None = None,
) -> ProvenCard:
    """Verify a card offline at the moment `now`; `told` is the fingerprint had from the person herself.

    1. It has not expired (C79). 2. Its fingerprint is its recipient's (C74), and the one told (C75). 3. Its
    entry, of the same log, founds a compartment or begins an epoch (C76): this compartment in this epoch
    (C77), with this recipient (C78). 4. The log's checkpoint holds the entry (C10 to C13) and is signed (C22
    to C28) by keys trusted beforehand, or else by the card's own. 5. The agent's key signed the entry, and is
    hers where the trust file knows her (C81).
    Left to the caller: comparing the fingerprint, without which a card of an earlier epoch may pass.
    """
    if now > card.expires:
        raise CustodyError("C79", "the recipient card has expired", expected=card.expires, found=now)
    compared = _check_fingerprint(card, told)
    entry = _check_entry(card, trust)
    checkpoint = _check_proof(card, trust, check_ed25519, check_mldsa44)
    author_known = _check_author(card, entry, trust, check_ed25519)
    return ProvenCard(card, entry, checkpoint, trust is not None, author_known, compared)


def _check_fingerprint(card: Card, told: str | None) -> bool:
    expected = fingerprint(card.recipient)
    if card.fingerprint != expected:
        raise CustodyError("C74", "the card's fingerprint is not that of its recipient", expected=expected)
    if told is None:
        return False
    if "".join(told.casefold().split()) != expected.replace(" ", ""):
        raise CustodyError("C75", "the card's fingerprint is not the one you were told", found=expected)
    return True


def _check_entry(card: Card, trust: Trust | None) -> Entry:
    entry = parse_entry(card.proof.extra or b"")
    event = entry.event
    if trust is not None and card.origin not in origins(trust):
        raise CustodyError("C82", "the card belongs to another log", expected=trust.origin, found=card.origin)
    # What an earlier log took in stands in its successors, which a newer card is of.
    if not is_of_one_archive(event.origin, card.origin) or event.kind not in _NAMING:
        raise CustodyError("C76", "the card proves another entry", found=event.kind.value)
    epoch = event.data["epoch"] if event.kind is Kind.EPOCH else 1
    if (event.data["compartment"], epoch) != (card.compartment, card.epoch):
        raise CustodyError("C77", "the card's entry is about another compartment or epoch")
    if event.data["recipient"] != card.recipient:
        raise CustodyError("C78", "the log names another recipient than the card")
    return entry


def _check_proof(
    card: Card, trust: Trust | None, check_ed25519: Check, check_mldsa44: Check | None
) -> Checkpoint | None:
    leaf = leaf_hash(card.proof.extra or b"")
    if trust is not None and card.log_key is not None and card.log_key not in keys_of(trust, card.origin):
        raise CustodyError("C82", "the card names a key of its log that is not one of those trusted")
    keys = keys_of(trust, card.origin) if trust else (card.log_key,) if card.log_key is not None else ()
    if keys:
        verifiers = log_verifiers(keys, check_ed25519, check_mldsa44)
        return verify_tlog_proof(card.proof, leaf, verifiers, card.origin)
    # Nobody named a key, so nothing is proven; but what contradicts itself is refused all the same.
    claimed = parse_checkpoint(parse_note(card.proof.checkpoint).text)
    verify_inclusion(card.proof.index, claimed.size, leaf, card.proof.hashes, claimed.root)
    return None


def _check_author(card: Card, entry: Entry, trust: Trust | None, check: Check) -> bool | None:
    signature = entry.signatures[0]
    known = trust.agents.get(signature.agent) if trust else None
    if known is not None and card.agent_key is not None and card.agent_key not in known:
        raise CustodyError("C81", "the card names another key of the agent than the trust file")
    if known is not None and signature.key > len(known):
        raise CustodyError("C81", "the entry is signed by a key of the agent that the trust file lacks")
    key = known[signature.key - 1] if known is not None else card.agent_key
    if key is None:
        return None
    check_author(entry, key, check)
    return known is not None
