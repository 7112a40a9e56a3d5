"""A log of an archive, and cosigners of other organisations, for tests: real keys, small logs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from archive.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from archive.cosigner_settings import KnownCosigner
from archive.cosigners.answering import Cosigner, files_of
from archive.cosigners.line import Answer
from archive.errors import IntakeError
from archive.trust import log_verifiers
from archive.vkeys import ED25519, MLDSA44, VKey, format_vkey
from keys.cosigner_keys import CosignerKey
from keys.signing import LogKey, verify_ed25519, verify_mldsa44
from storage.log import Log, create_log

ORIGIN = "archive.example/log"
HARBOUR, LANTERN = "harbour.example/cosigner", "lantern.example/cosigner"
NOW = 1_790_000_000


def numbered(number: int):
    """Return a source of randomness that always gives the same."""
    return lambda size: bytes([number]) * size


def clock() -> datetime:
    return datetime.fromtimestamp(NOW, UTC)


@dataclass
class LogOwner:
    """Who has the log's keys, and can so write any history under them."""

    key: LogKey = field(default_factory=lambda: LogKey.generate(numbered(1)))
    origin: str = ORIGIN

    @property
    def vkeys(self) -> tuple[VKey, VKey]:
        return (
            VKey.of(self.origin, ED25519, self.key.ed25519_public),
            VKey.of(self.origin, MLDSA44, self.key.mldsa44_public),
        )

    @property
    def log_keys(self) -> tuple[str, ...]:
        return tuple(map(format_vkey, self.vkeys))

    @property
    def verifiers(self):
        return log_verifiers(self.log_keys, verify_ed25519, verify_mldsa44)

    def sign(self, checkpoint: Checkpoint) -> bytes:
        ed25519, mldsa44 = self.vkeys
        return sign_checkpoint(
            checkpoint,
            sign_ed25519=self.key.sign_ed25519,
            ed25519_vkey=ed25519,
            sign_mldsa44=self.key.sign_mldsa44,
            mldsa44_vkey=mldsa44,
            timestamp=NOW,
        )

    def verify(self, note: bytes) -> Checkpoint:
        return open_checkpoint(note, self.verifiers, self.origin)

    def log(self, root: Path, entries: int = 0, history: str = "entry") -> Log:
        """Make a log, or open the one that is there, and append to it."""
        if not (root / "checkpoint").exists():
            create_log(root, origin=self.origin, sign=self.sign)
        log = Log(root, origin=self.origin, sign=self.sign, verify=self.verify)
        if entries:
            first = log.checkpoint().size
            log.append([f"{history} {first + offset}".encode() for offset in range(entries)])
        return log


def cosigner(
    folder: Path, owner: LogOwner, name: str = HARBOUR, number: int = 7, *, log_keys=None
) -> Cosigner:
    """Return a cosigner who follows the log."""
    files = files_of(folder)
    files.follow(owner.origin, log_keys or owner.log_keys)
    return Cosigner(CosignerKey.generate(name, numbered(number)), files, clock)


def known(*cosigners: Cosigner) -> list[KnownCosigner]:
    """Return how an archive knows cosigners; their address is their name."""
    return [KnownCosigner(one.key.name, one.key.vkeys, one.key.name) for one in cosigners]


@dataclass
class Town:
    """Lines to cosigners by name. Who is `away` does not answer."""

    cosigners: list[Cosigner]
    away: set[str] = field(default_factory=set)
    asked: int = 0

    def send(self, url: str, body: bytes) -> Answer:
        """Answer as the server does, without a line."""
        from archive.add_checkpoint import SIZE_TYPE, Declined

        self.asked += 1
        if url in self.away:
            raise IntakeError("I42", "nobody answers there")
        [one] = [one for one in self.cosigners if one.key.name == url]
        try:
            return Answer(200, "text/plain", one.add_checkpoint(body))
        except Declined as declined:
            size = b"%d\n" % declined.size if declined.size is not None else b""
            return Answer(declined.status, SIZE_TYPE if size else "text/plain", size)
