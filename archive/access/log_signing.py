"""The keys of a log: what signs its checkpoints, and what opens them."""

from collections.abc import Callable

from archive.author import Clock
from archive.checkpoints import Checkpoint, sign_checkpoint
from archive.settings import Settings
from archive.trust import open_known
from archive.vkeys import ED25519, MLDSA44, VKey
from keys.signing import LogKey, verify_ed25519, verify_mldsa44


def checkpoint_verifier(settings: Settings) -> Callable[[bytes], Checkpoint]:
    """Return what opens a checkpoint of the archive's log or an earlier one, both signatures checked."""
    return lambda note: open_known(note, settings.trust, verify_ed25519, verify_mldsa44)


def log_vkeys(origin: str, key: LogKey) -> tuple[VKey, VKey]:
    """Return the public keys of a log by the name of its origin."""
    return VKey.of(origin, ED25519, key.ed25519_public), VKey.of(origin, MLDSA44, key.mldsa44_public)


def checkpoint_signer(key: LogKey, origin: str, clock: Clock) -> Callable[[Checkpoint], bytes]:
    """Return what signs the checkpoints of the log of that origin."""
    ed25519, mldsa44 = log_vkeys(origin, key)

    def sign(checkpoint: Checkpoint) -> bytes:
        return sign_checkpoint(
            checkpoint,
            sign_ed25519=key.sign_ed25519,
            ed25519_vkey=ed25519,
            sign_mldsa44=key.sign_mldsa44,
            mldsa44_vkey=mldsa44,
            timestamp=int(clock().timestamp()),
        )

    return sign
