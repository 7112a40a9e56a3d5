"""The audit of cosignatures: each that is kept holds, and is over this very log; and how far they reach.

Whose signatures count is for the auditor's policy to say. Without one, the archive's own list of cosigners is
taken, and that it is the archive's word is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from archive.audit_start import Checks, opened
from archive.audit_tree import Tree
from archive.cosignatures import cosignatures_of, cosigner_verifiers, moment_of
from archive.cosigner_settings import FILE_NAME, parse_cosigners
from archive.errors import CustodyError, SviedkaError
from archive.events import format_moment
from archive.findings import Covered, Findings, Reach
from archive.holdings import Holdings
from archive.notes import Verified, Verifier
from archive.succession import origins
from archive.tlog_policy import Policy
from archive.trust import Trust
from archive.vkeys import VKey


@dataclass(slots=True)
class CosignerAudit:
    """Holds what was cosigned against a tree, whose doubts are settled."""

    holdings: Holdings
    findings: Findings
    checks: Checks
    trust: Trust
    tree: Tree
    policy: Policy | None = None
    _names: dict[VKey, str] = field(default_factory=dict)
    _reached: dict[str, Covered] = field(default_factory=dict)
    _enough: int = 0

    def run(self) -> Reach | None:
        """Check every cosigned checkpoint (C39), and return how far they reach; None: none are shown."""
        sizes = self.holdings.cosigned()
        if sizes is None:
            return None
        self._names = dict(self._known())
        verifiers = cosigner_verifiers(self._names, self.checks.ed25519, self.checks.mldsa44)
        for name in sizes:
            try:
                self._take(int(name), self._verified(name, verifiers))
            except SviedkaError as fault:
                self.findings.fault(
                    "C39",
                    f"log/cosignatures/{name}",
                    f"a kept cosignature is not of this log, or does not hold ({fault.code})",
                    expected=fault.expected,
                    found=fault.found,
                )
        for name in self._names.values():
            self._reached.setdefault(name, Covered(name, 0, None))
        reached = tuple(self._reached.values())
        covered = self._enough if self.policy else max((one.size for one in reached), default=0)
        return Reach(covered, self.tree.size - covered, self.policy is not None, reached)

    def _known(self) -> Iterator[tuple[VKey, str]]:
        if self.policy is not None:
            yield from ((one.vkey, one.name) for one in self.policy.cosigners if self._is_other(one.vkey))
            return
        try:
            listed = self.holdings.cosigners()
            for one in parse_cosigners(listed) if listed is not None else ():
                yield from ((vkey, one.name) for vkey in one.vkeys if self._is_other(vkey))
        except SviedkaError as fault:
            self.findings.error(FILE_NAME, fault)

    def _is_other(self, vkey: VKey) -> bool:
        """Whether it is not the log itself, under whose name nobody else cosigns."""
        return vkey.name not in origins(self.trust)

    def _verified(self, name: str, verifiers: list[Verifier]) -> tuple[Verified, ...]:
        note = self.holdings.cosigned_note(name)
        checkpoint = opened(note, self.trust, self.checks)
        size = int(name)
        if checkpoint.size != size:
            raise CustodyError("C39", "of another size", expected=size, found=checkpoint.size)
        if size > self.tree.size:
            raise CustodyError("C90", "the log is shorter", expected=size, found=self.tree.size)
        root = self.tree.root_at(size)
        if root != checkpoint.root:
            raise CustodyError("C90", "another history", expected=checkpoint.root.hex(), found=root.hex())
        verified = cosignatures_of(note, verifiers)
        self.findings.counts.cosignatures += len(verified)
        return verified

    def _take(self, size: int, verified: tuple[Verified, ...]) -> None:
        times = {(one.name, one.key_id): one.timestamp or 0 for one in verified}
        seen = {
            name: times[vkey.name, vkey.key_id]
            for vkey, name in self._names.items()
            if (vkey.name, vkey.key_id) in times
        }
        for name, timestamp in seen.items():
            if name not in self._reached or self._reached[name].size < size:
                self._reached[name] = Covered(name, size, format_moment(moment_of(timestamp)))
        if self.policy is not None and self.policy.cosigners and self.policy.is_met(seen):
            self._enough = max(self._enough, size)
