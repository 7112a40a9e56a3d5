"""The checkpoints that events cite, kept until the tree is known, in 48 bytes each."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from archive.audit_tree import Tree
from archive.events import Seen
from archive.findings import Findings
from archive.merkle import HASH_BYTES


@dataclass(slots=True)
class Cited:
    """What events say they saw of the log, in the order of the entries."""

    _sizes: "array[int]" = field(default_factory=lambda: array("Q"))
    _entries: "array[int]" = field(default_factory=lambda: array("Q"))
    _roots: bytearray = field(default_factory=bytearray)
    _last: Seen | None = None

    def add(self, seen: Seen, index: int) -> None:
        """Note what the event at `index` cites; what the event before it cited too is noted once."""
        if seen != self._last:
            self._sizes.append(seen.size)
            self._entries.append(index)
            self._roots += seen.root
            self._last = seen

    def check(self, tree: Tree, findings: Findings) -> None:
        """Hold each against the tree, and name the first entry that cites what this log never had (C88)."""
        wrong: set[tuple[int, bytes]] = set()
        size, found = -1, b""
        for cited, root, index in self._all():
            if cited != size:
                size, found = cited, tree.root_at(cited)
            if found != root and (cited, root) not in wrong:
                wrong.add((cited, root))
                message = "an event cites a checkpoint that this log never had"
                findings.fault("C88", f"entry {index}", message, expected=found.hex(), found=root.hex())

    def _all(self) -> Iterator[tuple[int, bytes, int]]:
        for position, (size, index) in enumerate(zip(self._sizes, self._entries, strict=True)):
            start = position * HASH_BYTES
            yield size, bytes(self._roots[start : start + HASH_BYTES]), index
