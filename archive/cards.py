"""Recipient cards: a compartment's public recipient, and the proof that the log names it.

A card is text: a head of `name: value` lines, an empty line, and the C2SP tlog-proof of the log entry that
names the recipient, with that entry as its `extra`. Version 2 also carries the log's Ed25519 key and that of
the agent who signed the entry, so that a card can be checked without anything else; whose word those keys
are is in the answer. Nobody signs a card itself: its dates are its own words. Whoever holds an earlier epoch
of the log can therefore make a card of it that looks fresh; what gives it away is the fingerprint, read out
by the person whose card it is.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from archive import ed25519
from archive.checkpoints import parse_checkpoint
from archive.codec import b64, unb64, undecimal
from archive.errors import CustodyError, IntakeError
from archive.ids import Id
from archive.notes import parse_note
from archive.proofs import TlogProof, format_tlog_proof, parse_tlog_proof
from archive.shapes import moment
from archive.vkeys import ED25519, parse_vkey

LARGEST_CARD_BYTES: Final = 512 << 10
LONGEST_VALID: Final = timedelta(days=366)

_FINGERPRINT_BYTES: Final = 16
_TITLE: Final = "sviedka recipient card v"
_FIELDS: Final = ("origin", "compartment", "epoch", "issued", "expires", "fingerprint", "recipient")
_FURTHER: Final = {"1": (), "2": ("log_key", "agent_key")}
_ORIGIN: Final = re.compile(r"[!-~]{1,255}")
_RECIPIENT: Final = re.compile(r"age1pq1[02-9ac-hj-np-z]{1952}")
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{4}(?: [0-9a-f]{4}){7}")


@dataclass(frozen=True, slots=True)
class Card:
    """A card taken apart, unverified. The keys are its own claim; version 1 has none."""

    origin: str
    compartment: Id
    epoch: int
    issued: str
    expires: str
    fingerprint: str
    recipient: str
    proof: TlogProof
    log_key: str | None = None
    agent_key: bytes | None = None


def fingerprint(recipient: str) -> str:
    """Return what two people compare: the first half of SHA-256, in groups of four digits."""
    digits = hashlib.sha256(recipient.encode()).hexdigest()[: 2 * _FINGERPRINT_BYTES]
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def format_card(card: Card) -> bytes:
    """Write a card; refuse (I92) what `parse_card` would not read back as the same."""
    version = "1" if card.log_key is None else "2"
    values = [card.origin, card.compartment, card.epoch, card.issued, card.expires]
    values += [card.fingerprint, card.recipient]
    if card.log_key is not None:
        values += [card.log_key, b64(card.agent_key or b"")]
    named = zip((*_FIELDS, *_FURTHER[version]), values, strict=True)
    head = "".join(f"{name}: {value}\n" for name, value in named)
    data = f"{_TITLE}{version}\n{head}\n".encode() + format_tlog_proof(card.proof)
    if parse_card(data) != card:
        raise IntakeError("I92", "malformed recipient card")
    return data


def parse_card(data: bytes) -> Card:
    """Read a card: I90 over the limit, I91 letters that only look like ASCII, I92 malformed or cut short.

    Nothing is verified here.
    """
    if len(data) > LARGEST_CARD_BYTES:
        raise IntakeError("I90", "recipient card is too long", expected=LARGEST_CARD_BYTES, found=len(data))
    if b"\r" in data:
        raise IntakeError("I92", "malformed recipient card: its line ends were changed on the way")
    head, _, proof = data.partition(b"\n\n")
    # In the checkpoint behind the proof names of cosigners may hold other letters; nothing there is believed
    # before a known key vouches for it.
    if not (head.isascii() and proof.partition(b"\n\n")[0].isascii()):
        raise IntakeError("I91", "recipient card holds letters that are not ASCII, only look-alikes")
    lines = head.decode().split("\n")
    title, version = lines[0][: len(_TITLE)], lines[0][len(_TITLE) :]
    if title != _TITLE or version not in _FURTHER:
        raise IntakeError("I92", "not a recipient card", expected=f"{_TITLE}1 or 2")
    values = _values(lines[1:], (*_FIELDS, *_FURTHER[version]))
    try:
        return _card_of(values, parse_tlog_proof(proof))
    except (CustodyError, IntakeError, ValueError):
        raise IntakeError("I92", "malformed recipient card", expected="canonical values") from None


def _values(lines: list[str], names: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for name, line in zip(names, lines, strict=False):
        found, separator, value = line.partition(": ")
        if found != name or not separator:
            raise IntakeError("I92", "malformed recipient card", expected=f"a line with {name}")
        values[name] = value
    if len(lines) != len(names):
        raise IntakeError("I92", "malformed recipient card", expected=len(names), found=len(lines))
    return values


def _card_of(values: dict[str, str], proof: TlogProof) -> Card:
    epoch = undecimal(values["epoch"])
    agent_key = unb64(values["agent_key"]) if "agent_key" in values else None
    patterns = {"origin": _ORIGIN, "fingerprint": _FINGERPRINT, "recipient": _RECIPIENT}
    if (
        not all(pattern.fullmatch(values[name]) for name, pattern in patterns.items())
        or epoch < 1
        or proof.extra is None
        or (agent_key is not None and len(agent_key) != ed25519.PUBLIC_BYTES)
    ):
        raise ValueError
    _check_period(values["issued"], values["expires"])
    log_key = values.get("log_key")
    if log_key is not None and parse_vkey(log_key).type != ED25519:
        raise ValueError
    # What is cut short there is a cut card, not a bad proof.
    parse_checkpoint(parse_note(proof.checkpoint).text)
    given = {name: values[name] for name in (*patterns, "issued", "expires")}
    return Card(
        compartment=Id(values["compartment"]),
        epoch=epoch,
        proof=proof,
        log_key=log_key,
        agent_key=agent_key,
        **given,
    )


def _check_period(issued: str, expires: str) -> None:
    for text in (issued, expires):
        moment(text)
    period = datetime.fromisoformat(expires) - datetime.fromisoformat(issued)
    if not timedelta(0) < period <= LONGEST_VALID:
        raise ValueError
