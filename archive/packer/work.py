"""Packing as `sviedka pack` and the standalone tool both do it: what is read, checked, made and said."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from archive.cards import LARGEST_CARD_BYTES, parse_card
from archive.errors import IntakeError
from archive.events import format_moment
from archive.trust import parse_trust
from archive.verifying_cards import ProvenCard, verify_card
from ingest.described_paths import path_key
from ingest.files import files_under, opened
from ingest.packing import Packable, Packed, Terms, pack
from keys.keyfile import LONGEST_BYTES, AgentSecret, open_key_file
from keys.signing import verify_ed25519, verify_mldsa44
from storage.new_files import new_file

_LARGEST_TRUST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be packed, for whom and how; `told` is the fingerprint had from the card's owner."""

    paths: Sequence[Path]
    card: Path
    output: Path
    told: str | None = None
    trust: Path | None = None
    claimed_at: str | None = None
    language: str = "en"
    signer: AgentSecret | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A finished pack, the card it is for, and how many of its files nobody may use for anything yet."""

    packed: Packed
    card: ProvenCard
    size_bytes: int
    stored_only: int

    def as_data(self) -> dict[str, Any]:
        """Write what was done as JSON values."""
        head = self.packed.head
        return {
            "deposit": head.deposit,
            "items": list(self.packed.items),
            "compartment": head.compartment,
            "epoch": head.epoch,
            "fingerprint": head.fingerprint,
            "compared": self.card.compared,
            "trusted": self.card.trusted,
            "signed": self.packed.signed,
            "stored_only": self.stored_only,
            "size_bytes": self.size_bytes,
            "receipt_code": self.packed.code,
        }

    def lines(self) -> list[str]:
        """Say what was done, for people."""
        count = len(self.packed.items)
        lines = [f"packed: {count} {'file' if count == 1 else 'files'}, {self.size_bytes} bytes"]
        if self.stored_only:
            lines.append(
                f"for {self.stored_only} of them no consent or other basis for any use is said: "
                "they will be stored only, until it is"
            )
        return [*lines, f"code of words: {self.packed.code}"]

    def warnings(self) -> list[str]:
        """Say what the packer must know before she closes the laptop."""
        return [
            "The code is shown once and kept nowhere. Once the pack was handed in it fetches the receipts; "
            "it does not open the files. Learn it by heart.",
            "The originals are untouched and STILL ON THIS COMPUTER. Whoever takes it has them.",
            "Whoever takes the pack reads nothing in it, and neither can you: it shows for which archive it "
            "is, how many files it holds and how large they are.",
        ]


def read_card(wanted: Wanted) -> ProvenCard:
    """Read and verify the card of what is wanted."""
    trust = parse_trust(_read(wanted.trust, _LARGEST_TRUST_BYTES)) if wanted.trust else None
    return verify_card(
        parse_card(_read(wanted.card, LARGEST_CARD_BYTES)),
        now=format_moment(datetime.now(UTC)),
        trust=trust,
        told=wanted.told,
        check_ed25519=verify_ed25519,
        check_mldsa44=verify_mldsa44,
    )


def run(
    wanted: Wanted,
    proven: ProvenCard,
    descriptions: Mapping[str, Mapping[str, Any]],
    *,
    on_bytes: Callable[[int], None] | None = None,
    log_n: int,
) -> Done:
    """Pack what is wanted for a card that was verified. `descriptions` are by the keys of their paths."""
    files = list_files(wanted)
    terms = Terms(_claimed(wanted.claimed_at), wanted.language, wanted.signer, log_n=log_n)
    described = [descriptions[path_key(file)] for file in files]
    packables = (_packable(file, said) for file, said in zip(files, described, strict=True))
    with new_file(wanted.output) as file:
        packed = pack(file, proven.card, packables, terms, on_bytes=on_bytes)
        size = file.tell()
    return Done(packed, proven, size, sum(not _may_be_used(said) for said in described))


def list_files(wanted: Wanted) -> list[Path]:
    """Return the files to be packed, each once; refuse (I64) paths that do not exist."""
    return list(dict.fromkeys(files_under(wanted.paths)))


def load_signer(key_file: Path, passphrase: str, *, log_n: int) -> AgentSecret:
    """Open an exported key file to sign with (K10 where the passphrase is another one)."""
    return open_key_file(_read(key_file, LONGEST_BYTES), passphrase, log_n=log_n)


def _packable(file: Path, description: Mapping[str, Any]) -> Packable:
    # A name that is not text in this system's encoding is kept as far as it is.
    return Packable(os.fsencode(file.name).decode("utf-8", "replace"), lambda: opened(file), description)


def _claimed(text: str | None) -> str:
    """Return the moment that is claimed, now if none is."""
    if text is None:
        return format_moment(datetime.now(UTC))
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        when = None
    if when is None or when.tzinfo is None:
        raise IntakeError("I84", "not a moment", expected="2026-11-20T08:05:00Z or with an offset, +03:00")
    return format_moment(when)


def _may_be_used(said: Mapping[str, Any]) -> bool:
    match said.get("rights_basis"):
        case "public":
            return True
        case "consent":
            return "consent" in said
        case "statute" | "policy":
            return bool(said.get("uses"))
    return False


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as fault:
        reason = os.strerror(fault.errno).casefold() if fault.errno else None
        raise IntakeError("I79", "a file cannot be read", found=reason) from None
