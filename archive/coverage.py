"""By whom a checkpoint is covered: who cosigned it, when, and whether that is enough for a reader's policy.

Without a policy nothing is said of cosigners: whose signatures the other lines are, the receipt itself would
have to claim.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archive.checkpoints import parse_checkpoint
from archive.cosignatures import cosignatures_of, cosigner_verifiers, moment_of
from archive.errors import CustodyError
from archive.events import format_moment
from archive.notes import Check, parse_note
from archive.succession import origins
from archive.tlog_policy import Policy
from archive.trust import Trust


@dataclass(frozen=True, slots=True)
class Cosigned:
    """Who cosigned, by the name that the policy gives, and when it says that was (`…Z` text)."""

    name: str
    at: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the cosignatures of one checkpoint come to.

    `enough` is None without a policy. `others` counts the lines of keys that the reader does not know;
    `unchecked` names cosigners of the policy whose kind of key nothing here can check.
    """

    cosigned: tuple[Cosigned, ...]
    enough: bool | None
    others: int
    unchecked: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Write it as JSON values."""
        return {
            "cosigned": [{"name": one.name, "at": one.at} for one in self.cosigned],
            "cosigned_enough": self.enough,
            "cosigned_by_others": self.others,
            "cosigners_unchecked": list(self.unchecked),
        }

    def lines(self) -> Iterator[str]:
        """Say it, for people."""
        if self.enough is None:
            yield "logged; whether independent organisations cosigned it is not known: give --policy"
        elif not self.enough:
            yield "logged, not yet cosigned: these cosigners are not enough for your policy"
        elif self.cosigned:
            yield "logged and cosigned: enough for your policy"
        else:
            yield "logged; your policy asks for no cosigner"
        yield from (f"   cosigned by {ascii_only(one.name)} at {one.at}" for one in self.cosigned)
        if self.others:
            yield f"   signature lines of keys that you did not name: {self.others}"
        for name in self.unchecked:
            yield f"   {ascii_only(name)} has an ML-DSA-44 key in your policy, which nothing here can check"


def trust_by(policy: Policy, origin: str, written: str, trust: Trust | None) -> Trust | None:
    """Return the keys of a log to trust: those of the trust file, else those that the policy names.

    `written` is the log that the entry was written for. Raises C42 where the policy names logs and this is
    none of them, or where the entry is of a log before it: that they follow each other, a trust file says.
    """
    keys = policy.keys_of_log(origin)
    # One that names a log of the line goes for those before it, whose keys the trust file has.
    if policy.logs and not any(map(policy.keys_of_log, [origin, *(origins(trust) if trust else ())])):
        raise CustodyError("C42", "the policy is of other logs")
    if trust is not None or not keys:
        return trust
    if written != origin:
        raise CustodyError("C42", "the entry is of an earlier log than the policy names: give --trust too")
    return Trust(origin, keys)


def coverage_of(
    note: bytes, policy: Policy | None, check_ed25519: Check, check_mldsa44: Check | None
) -> Coverage:
    """Return what the cosignatures of a checkpoint come to (C24, C29 when one of a known cosigner fails).

    That its log signed the checkpoint is the caller's to check.
    """
    parsed = parse_note(note)
    origin = parse_checkpoint(parsed.text).origin
    lines = [line for line in parsed.signatures if line.name != origin]
    if policy is None:
        return Coverage((), None, len(lines))
    vkeys = [one.vkey for one in policy.cosigners]
    verifiers = cosigner_verifiers(vkeys, check_ed25519, check_mldsa44)
    # Named as the log, a cosigner would be the log itself.
    verified = cosignatures_of(note, [one for one in verifiers if one.vkey.name != origin])
    seen = {(one.name, one.key_id): one.timestamp or 0 for one in verified}
    cosigned = tuple(
        Cosigned(one.name, format_moment(moment_of(seen[one.vkey.name, one.vkey.key_id])))
        for one in policy.cosigners
        if (one.vkey.name, one.vkey.key_id) in seen
    )
    checkable = {one.vkey for one in verifiers}
    unchecked = tuple(one.name for one in policy.cosigners if one.vkey not in checkable)
    others = sum((line.name, line.key_id) not in seen for line in lines)
    return Coverage(cosigned, policy.is_met({one.name for one in cosigned}), others, unchecked)


def ascii_only(name: str) -> str:
    """Return a policy's name so that it steers no terminal."""
    return ascii(name)[1:-1]
