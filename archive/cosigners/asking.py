"""Asking an archive's cosigners for the checkpoint that is published, and keeping what they sign.

Nothing waits for it: a deposit is in custody before anybody is asked. A cosigner that does not answer is
asked again at the next round; one that saw another history is told of, loudly, each time.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from archive.add_checkpoint import SIZE_TYPE, Declined, Request, format_request, parse_answer, parse_size
from archive.checkpoints import Checkpoint
from archive.cosignatures import (
    cosignatures_of,
    cosigner_verifiers,
    moment_of,
    only_of,
    with_cosignatures,
)
from archive.cosigner_settings import FILE_NAME, KnownCosigner, parse_cosigners
from archive.cosigners.line import Answer, Send, send
from archive.errors import CustodyError, FixityError, IntakeError, SviedkaError
from archive.notes import Verifier, parse_note
from keys.signing import verify_ed25519, verify_mldsa44
from storage.cosignatures import Cosignatures
from storage.log_reader import LogReader

_AT_ONCE: Final = 8
#: How far back it is looked for what a cosigner signed last; beyond, it says so itself (409).
_LOOKED_AT: Final = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking one cosigner: `cosigned`, `current`, `unreachable` or `refused`.

    `size` is up to which it has signed, as far as is known here; `reason` says why it did not, with a code.
    """

    name: str
    word: str
    size: int
    reason: str | None = None

    def as_data(self) -> dict[str, Any]:
        """Write it as JSON values."""
        return {"name": self.name, "outcome": self.word, "size": self.size, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Round:
    """One round of asking, of a log and what is kept beside it."""

    log: LogReader
    kept: Cosignatures
    send: Send = send

    def ask(self, cosigners: Sequence[KnownCosigner]) -> list[Outcome]:
        """Ask every cosigner that has an address; what they sign is durable when this returns."""
        asked = [one for one in cosigners if one.url is not None]
        if not asked or not self.log.checkpoint().size:
            return []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(self._ask_one, asked))

    def take(self, cosigners: Iterable[KnownCosigner], note: bytes) -> list[str]:
        """Keep what is on a cosigned checkpoint that was brought; return whose signatures are new to it.

        Raises C24 when one of them fails, C39 when the log does not continue it, C44 when it is beyond the
        log, I40 when none of these cosigners signed it.
        """
        checkpoint = self.log.opened(note)
        if checkpoint.origin != self.log.checkpoint().origin:
            raise IntakeError("I40", "it is of an earlier log of this archive")
        if self.log.root_at(checkpoint.size) != checkpoint.root:
            raise CustodyError("C39", "another history of the log was cosigned", found=checkpoint.size)
        verified = cosignatures_of(note, verifiers_of(cosigners))
        if not verified:
            raise IntakeError("I40", "none of this archive's cosigners signed it")
        self.kept.keep(checkpoint.size, note, only_of(parse_note(note), verified))
        return sorted({one.name for one in verified})

    def _ask_one(self, cosigner: KnownCosigner) -> Outcome:
        verifiers = verifiers_of([cosigner])
        note, checkpoint = self.log.published()
        before = self._signed_last(verifiers, checkpoint.origin)
        if before == checkpoint.size:
            return Outcome(cosigner.name, "current", before)
        try:
            self._keep(self._signatures(cosigner, before, note, checkpoint.size), verifiers, note, checkpoint)
        except (CustodyError, FixityError) as fault:
            if (
                isinstance(fault, Declined)
                and checkpoint.size < (fault.size or 0) <= self.log.checkpoint().size
            ):
                # Another process asked for what was published meanwhile.
                return Outcome(cosigner.name, "current", fault.size or 0)
            return Outcome(cosigner.name, "refused", before, f"{fault} [{fault.code}]")
        except SviedkaError as fault:
            return Outcome(cosigner.name, "unreachable", before, f"{fault} [{fault.code}]")
        return Outcome(cosigner.name, "cosigned", checkpoint.size)

    def _signed_last(self, verifiers: Sequence[Verifier], origin: str) -> int:
        for size, note in self.kept.newest(0, _LOOKED_AT):
            # A damaged one is for the audit to tell of; here it counts for nothing.
            with suppress(SviedkaError):
                # What it signed of an earlier log of this archive, it signed of another log.
                if _is_of(note, origin) and cosignatures_of(note, verifiers):
                    return size
        return 0

    def _signatures(self, cosigner: KnownCosigner, before: int, note: bytes, size: int) -> bytes:
        answer = self._post(cosigner, before, note, size)
        if answer.status == 409 and answer.kind.partition(";")[0] == SIZE_TYPE:
            last = parse_size(answer.body)
            if last > size:
                raise Declined(409, "it has cosigned a longer log than this one", size=last, found=last)
            answer = self._post(cosigner, last, note, size)
        if answer.status != 200:
            raise Declined(
                answer.status, _REASONS.get(answer.status, "it does not cosign"), found=answer.status
            )
        return answer.body

    def _post(self, cosigner: KnownCosigner, old: int, note: bytes, size: int) -> Answer:
        proof = tuple(self.log.prove_consistency(old, size)) if 0 < old < size else ()
        return self.send(cosigner.url or "", format_request(Request(old, proof, note)))

    def _keep(
        self, answer: bytes, verifiers: Sequence[Verifier], note: bytes, checkpoint: Checkpoint
    ) -> None:
        lines = parse_answer(answer)
        verified = cosignatures_of(with_cosignatures(note, lines), verifiers)
        if {one.key_id for one in verified} != {one.vkey.key_id for one in verifiers}:
            raise CustodyError("C39", "a cosigner answered without a signature of each of its keys")
        whole = parse_note(with_cosignatures(note, lines))
        self.kept.keep(checkpoint.size, note, only_of(whole, verified))


_REASONS: Final = {
    403: "it does not know the keys of this log",
    404: "it does not follow this log",
    409: "it has cosigned another size meanwhile",
    422: "it has cosigned another history of this log",
}


def load_cosigners(folder: Path) -> tuple[KnownCosigner, ...]:
    """Return the cosigners of the archive in a folder, none where none were ever added (F19)."""
    try:
        return parse_cosigners((folder / FILE_NAME).read_bytes())
    except FileNotFoundError:
        return ()


def _is_of(note: bytes, origin: str) -> bool:
    return parse_note(note).text.startswith(origin.encode() + b"\n")


def verifiers_of(cosigners: Iterable[KnownCosigner]) -> list[Verifier]:
    """Return what checks the signatures of cosigners, of both kinds."""
    vkeys = [vkey for one in cosigners for vkey in one.vkeys]
    return cosigner_verifiers(vkeys, verify_ed25519, verify_mldsa44)


@dataclass(frozen=True, slots=True)
class Signed:
    """Up to which size a cosigner has signed, as far as that is kept here, and when it says that was."""

    size: int = 0
    at: datetime | None = None


def signed_up_to(kept: Cosignatures, cosigners: Iterable[KnownCosigner]) -> dict[str, Signed]:
    """Return for each cosigner, by name, what it signed last."""
    verifiers = {one.name: verifiers_of([one]) for one in cosigners}
    found = dict.fromkeys(verifiers, Signed())
    for size, note in kept.newest(0, _LOOKED_AT):
        for name in [name for name, signed in found.items() if signed.at is None]:
            with suppress(SviedkaError):
                if verified := cosignatures_of(note, verifiers[name]):
                    found[name] = Signed(size, moment_of(verified[0].timestamp or 0))
    return found
