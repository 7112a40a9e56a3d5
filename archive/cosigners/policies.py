"""The policy that an archive proposes: its log, its cosigners, and how many of them are enough."""

from collections.abc import Sequence
from typing import Final

from archive.cosigner_settings import KnownCosigner
from archive.errors import IntakeError
from archive.tlog_policy import NONE, Group, KnownLog, Policy
from archive.tlog_policy import KnownCosigner as Line
from archive.vkeys import ED25519_COSIGNATURE, MLDSA44, parse_vkey

_QUORUM: Final = "cosigners"


def policy_of(
    log_keys: Sequence[str], cosigners: Sequence[KnownCosigner], need: int | None, *, post_quantum: bool
) -> Policy:
    """Return the policy by which `need` of the cosigners (None: all) are enough; I40 if there are fewer."""
    wanted = MLDSA44 if post_quantum else ED25519_COSIGNATURE
    lines = tuple(
        Line(one.name, vkey, one.url) for one in cosigners for vkey in one.vkeys if vkey.type == wanted
    )
    need = len(lines) if need is None else need
    if need > len(lines):
        raise IntakeError("I40", "this archive has fewer cosigners with such a key", found=len(lines))
    logs = tuple(KnownLog(parse_vkey(key)) for key in log_keys)
    if not need:
        return Policy(logs, lines, (), NONE)
    group = Group(_QUORUM, need, tuple(one.name for one in lines))
    return Policy(logs, lines, (group,), group.name)
