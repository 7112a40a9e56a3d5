"""The audit of the stores: every body and header of a rendition against the log, and what belongs to none."""

import hashlib
import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from archive.audit_digests import Digested, Earlier, digest_body, digested_bodies
from archive.audit_later import Later
from archive.digests import Digest
from archive.errors import SviedkaError
from archive.findings import Fault, Findings
from archive.holdings import Holdings
from archive.nouns import Rendition

_NONCE_BYTES = 16
_CHUNK_BYTES = 64 << 10
_TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class Sample:
    """Which bodies to read when there is no time for all: `count` of them, chosen by a seed."""

    count: int
    seed: str

    def choose(self, bodies: Iterable[Digest]) -> set[Digest]:
        """Return the chosen ones; the same seed and bodies give the same choice."""

        def rank(body: Digest) -> bytes:
            return hashlib.sha256(f"{self.seed}\n{body}".encode()).digest()

        return set(heapq.nsmallest(self.count, bodies, key=rank))


@dataclass(slots=True)
class BodyAudit:
    """Compares the object and header stores with the renditions that the log knows."""

    holdings: Holdings
    findings: Findings
    renditions: Mapping[Digest, Rendition]
    sizes: Mapping[Digest, int]
    waiting: Collection[tuple[Digest, Digest]] = ()
    destroyed: Collection[Digest] = ()
    #: Whether every entry of the log was read: one that was not may have moved or destroyed something.
    log_is_whole: bool = True
    #: What is not as the log said when the audit began, and the fault that it is unless it was moved since.
    doubts: list[tuple[Digest, Fault]] = field(default_factory=list)

    def run(self, sample: Sample | None, jobs: int = 1, earlier: Earlier | None = None) -> None:
        """Compare all headers and, `jobs` at once, the bodies: a sample of them, or all.

        What `earlier` has was read by the same audit, before it was stopped.
        """
        self.findings.counts.bodies_held = len(self.renditions)
        for body in self.renditions:
            self._header(body)
        chosen = self.renditions if sample is None else sample.choose(self.renditions)
        wanted = [body for body in self.renditions if body in chosen]
        read = digested_bodies(self.holdings, wanted, jobs, earlier)
        for done, (body, digested) in enumerate(read, start=1):
            self._body(body, digested)
            self.findings.tell("bodies", done, len(wanted))

    def surplus(self) -> None:
        """Name what the stores hold and the log does not know.

        A whole body, alone or with a header, is what an interrupted deposit leaves: nothing refers to it. A
        header alone, or a body under another name than its digest, no deposit leaves. What was destroyed is
        named: a body alone opens for nobody, and with its header it may.
        """
        bodies: set[Digest] = set()
        with self._reading("objects"):
            for body in self.holdings.bodies():
                bodies.add(body)
                if body in self.destroyed:
                    message = "a body that was destroyed is there again, or still"
                    self.findings.warn("F56", f"body {body}", message)
                elif body not in self.renditions:
                    self._leftover(body)
        missing = self.renditions.keys() - bodies
        for body in sorted(missing):
            self._doubt(body, "F40", f"body {body}", f"a body is missing{self._of(body)}")
        with self._reading("headers"):
            for body in self.holdings.headers():
                if body in self.destroyed:
                    message = "the header of what was destroyed is there again, or still"
                    self.findings.fault("F56", f"header {body}", message)
                elif body not in self.renditions and body not in bodies:
                    self.findings.fault("F49", f"header {body}", "a header of no body")

    def _header(self, body: Digest) -> None:
        expected, name = self.renditions[body].sealed.header, f"header {body}"
        try:
            header = self.holdings.header(body)
        except SviedkaError:
            self._doubt(body, "F42", name, f"a header is missing{self._of(body)}")
            return
        self.findings.counts.headers += 1
        found = Digest.of(header)
        if found != expected and (body, expected) not in self.waiting:
            message = f"a header differs from the log{self._of(body)}"
            self._doubt(body, "F43", name, message, expected=expected, found=found)

    def settle(self, later: Later | None) -> None:
        """Decide what was doubtful by the archive as it stands later; None: nothing was logged since."""
        for body, fault in self.doubts:
            if not self.log_is_whole:
                self.findings.warn("C93", fault.object, f"{fault.message}; a damaged entry may say why")
            elif later is None or not _was_moved(body, later):
                self.findings.note(fault)
        self.doubts.clear()

    def _doubt(self, body: Digest, code: str, name: str, message: str, **found: Digest) -> None:
        self.doubts.append((body, Fault(code, name, message, **found)))

    def _body(self, body: Digest, digested: Digested | SviedkaError) -> None:
        if isinstance(digested, SviedkaError):
            if digested.code != "F40":
                self.findings.error(f"body {body}", digested)
            return
        found, size = digested
        self.findings.counts.bodies += 1
        self.findings.counts.body_bytes += size
        if found != body:
            message = f"a body is damaged{self._of(body)}"
            self.findings.fault("F41", f"body {body}", message, expected=body, found=found)
            return
        stated = self.sizes.get(body)
        if stated is not None and sealed_bytes(stated) != size:
            name = f"renditions {self.renditions[body].rendition}"
            message = "a row of the catalogue is not as stored: size_bytes"
            self.findings.fault("F47", name, message, expected=size, found=sealed_bytes(stated))

    def _leftover(self, body: Digest) -> None:
        try:
            found, _ = digest_body(self.holdings, body)
        except SviedkaError as fault:
            self.findings.error(f"body {body}", fault)
            return
        if found == body:
            message = "nothing refers to this body: left by an interrupted deposit"
            self.findings.warn("F52", f"body {body}", message)
        else:
            message = "a body of no rendition, and not what its name says"
            self.findings.fault("F49", f"body {body}", message, found=found)

    def _of(self, body: Digest) -> str:
        one = self.renditions[body]
        return f": {one.kind} of item {one.item}, entry {one.index}"

    @contextmanager
    def _reading(self, store: str) -> Iterator[None]:
        try:
            yield
        except SviedkaError as fault:
            self.findings.error(store, fault)


def _was_moved(body: Digest, later: Later) -> bool:
    """Say whether a body was destroyed since, or has the header that a later entry names."""
    ref = later.ledger.bodies.get(body)
    if ref is None:
        return True
    try:
        found = Digest.of(later.holdings.header(body))
        next(iter(later.holdings.body(body)))
    except (SviedkaError, StopIteration):
        return False
    return found == ref.header or (body, ref.header) in later.waiting


def sealed_bytes(plain_bytes: int) -> int:
    """Return how long the body of an age file is: a nonce, then chunks of 64 KiB, each with its tag."""
    chunks = max(1, -(-plain_bytes // _CHUNK_BYTES))
    return _NONCE_BYTES + plain_bytes + chunks * _TAG_BYTES
