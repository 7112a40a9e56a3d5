"""Policies: c2sp.org/tlog-policy, which logs are known, which cosigners, and how many of which are enough.

A policy is the reader's own. Whoever takes the archive's word for it trusts whom the archive trusts.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from archive.codec import undecimal
from archive.errors import CustodyError, IntakeError
from archive.vkeys import ED25519, ED25519_COSIGNATURE, MLDSA44, VKey, format_vkey, parse_vkey

LARGEST_POLICY_BYTES: Final = 1_000_000
MOST_LINES: Final = 1000
NONE: Final = "none"

_BLANK: Final = re.compile("[ \t]+")
_FORBIDDEN: Final = re.compile(b"[^\t\n\x20-\x7e\x80-\xff]")
_LOG_TYPES: Final = (ED25519, MLDSA44)
_COSIGNER_TYPES: Final = (ED25519_COSIGNATURE, MLDSA44)


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A key of a log, named as its origin."""

    vkey: VKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class KnownCosigner:
    """A key of a cosigner, under the name that this policy gives it."""

    name: str
    vkey: VKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Cosigners and groups, of which `needed` suffice."""

    name: str
    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it was written. `quorum` is the name of a cosigner or group, or `none`."""

    logs: tuple[KnownLog, ...]
    cosigners: tuple[KnownCosigner, ...]
    groups: tuple[Group, ...]
    quorum: str

    def is_met(self, cosigned: Collection[str]) -> bool:
        """Say whether these cosigners, by the policy's own names, are enough."""
        met = {one.name for one in self.cosigners if one.name in cosigned}
        for group in self.groups:
            if sum(member in met for member in group.members) >= group.needed:
                met.add(group.name)
        return self.quorum == NONE or self.quorum in met

    def keys_of_log(self, origin: str) -> tuple[str, ...]:
        """Return the keys, as written, under which the policy knows a log."""
        return tuple(format_vkey(one.vkey) for one in self.logs if one.vkey.name == origin)


def parse_policy(data: bytes) -> Policy:
    """Read a policy; raise C42, naming the line, for anything that the specification does not allow."""
    if len(data) > LARGEST_POLICY_BYTES:
        raise CustodyError("C42", "policy is too long", expected=LARGEST_POLICY_BYTES, found=len(data))
    if _FORBIDDEN.search(data):
        raise CustodyError("C42", "policy holds control characters")
    if not data.endswith(b"\n"):
        raise CustodyError("C42", "policy does not end with a newline")
    # Names are octets; whatever is not UTF-8 keeps its octets.
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    reading = _Reading()
    for number, line in enumerate(lines, start=1):
        words = _BLANK.split(line.strip(" \t"))
        if words[0] and not words[0].startswith("#"):
            reading.take(number, words)
    if reading.quorum is None:
        raise CustodyError("C42", "policy has no quorum line")
    return Policy(tuple(reading.logs), tuple(reading.cosigners), tuple(reading.groups), reading.quorum)


def format_policy(policy: Policy) -> bytes:
    """Write a policy; refuse (C42) what `parse_policy` would not read back as the same."""
    lines = [["log", format_vkey(one.vkey), one.url or ""] for one in policy.logs]
    lines += [["witness", one.name, format_vkey(one.vkey), one.url or ""] for one in policy.cosigners]
    lines += [["group", one.name, str(one.needed), *one.members] for one in policy.groups]
    lines.append(["quorum", policy.quorum])
    data = "".join(" ".join(filter(None, line)) + "\n" for line in lines).encode("utf-8", "surrogateescape")
    if parse_policy(data) != policy:
        raise CustodyError("C42", "policy cannot be written", expected="names and addresses without spaces")
    return data


@dataclass(slots=True)
class _Reading:
    """A policy, line by line."""

    logs: list[KnownLog] = field(default_factory=list)
    cosigners: list[KnownCosigner] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None
    _line: int = 0
    _free: set[str] = field(default_factory=set)
    _names: set[str] = field(default_factory=lambda: {NONE})

    def take(self, number: int, words: list[str]) -> None:
        self._line = number
        if len(self.logs) + len(self.cosigners) + len(self.groups) >= MOST_LINES:
            raise self._fault(f"more than {MOST_LINES} logs, witnesses and groups")
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                self.logs.append(KnownLog(self._key(vkey, _LOG_TYPES, self.logs), *url))
            case ["witness", name, vkey, *url] if len(url) <= 1:
                key = self._key(vkey, _COSIGNER_TYPES, self.cosigners)
                self.cosigners.append(KnownCosigner(self._new(name), key, *url))
            case ["group", name, needed, *members] if members:
                # The members first: a group is none of its own.
                self._use(members)
                self.groups.append(Group(self._new(name), self._needed(needed, members), tuple(members)))
            case ["quorum", name]:
                if self.quorum is not None:
                    raise self._fault("a second quorum")
                if name not in self._names:
                    raise self._fault("a quorum that no line above defines")
                self.quorum = name
            case _:
                raise self._fault("not a line of a policy")

    def _key(
        self, text: str, types: Collection[int], before: Collection[KnownLog] | Collection[KnownCosigner]
    ) -> VKey:
        try:
            vkey = parse_vkey(text)
        except CustodyError as fault:
            raise self._fault(f"malformed key ({fault.code})") from None
        if vkey.type not in types:
            raise self._fault("a key of another type")
        # Of one kind, whatever its name: an Ed25519 key is the same under both types.
        if vkey.public in {one.vkey.public for one in before}:
            raise self._fault("a key for the second time")
        return vkey

    def _new(self, name: str) -> str:
        if name in self._names:
            raise self._fault("a name for the second time")
        self._names.add(name)
        self._free.add(name)
        return name

    def _use(self, members: list[str]) -> None:
        for name in members:
            if name not in self._free:
                raise self._fault("a member that no line above defines, or that is in a group already")
            self._free.remove(name)

    def _needed(self, text: str, members: list[str]) -> int:
        if text in ("all", "any"):
            return len(members) if text == "all" else 1
        try:
            needed = undecimal(text)
        except IntakeError:
            needed = 0
        if not 1 <= needed <= len(members):
            raise self._fault(f"how many of {len(members)} members")
        return needed

    def _fault(self, what: str) -> CustodyError:
        return CustodyError("C42", f"malformed policy: {what}", found=f"line {self._line}")
