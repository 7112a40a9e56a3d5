"""A small founded archive for tests, and what its people do in it: plain words for tests that tell stories."""

import io
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from archive.access import agents, grants, signin
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.assemble import Circumstances, Founding, found_archive, load_settings, open_archive
from archive.audit import AuditReport, audit
from archive.author import Clock, system_clock
from archive.errors import SviedkaError
from archive.kinds import RenditionKind
from archive.nouns import Action, Role
from archive.records import load_description
from archive.uses import Use
from ingest.deposit import Handed, Intake, Result
from ingest.extraction import Extractor, Limits
from ingest.renditions import Added, Terms, add_redaction
from keys.signing import verify_ed25519, verify_mldsa44
from search.disclosure import Found, Library, Page, find, read
from search.engines.tantivy_engine import TantivyEngine
from search.shelf import Shelf
from storage.auditing import local_holdings

RAM = Path("/dev/shm")
FOR_COURT = {
    "language": "be",
    "rights_basis": "consent",
    "consent": {"given_by": "self", "uses": ["store", "court"], "given_on": "2026-11-20"},
}


def passphrase_of(handle: str) -> str:
    return f"the passphrase of {handle}"


def circumstances(clock: Clock = system_clock) -> Circumstances:
    """Cheap key files, and plaintext in memory only."""
    return Circumstances(clock=clock, log_n=10, runtimes=(RAM,))


@dataclass
class House:
    """An open archive. `anna` founded it; everybody's passphrase follows from the handle."""

    folder: Path
    archive: Archive
    library: Library
    extractor: Extractor
    shares: list[str] = field(default_factory=list)

    @property
    def anna(self) -> Sitting:
        return self.sign_in("anna")

    def sign_in(self, handle: str, purpose: Use | None = None) -> Sitting:
        return signin.sign_in(self.archive, handle, passphrase_of(handle), purpose=purpose)

    def enrol(self, handle: str, role: Role) -> Sitting:
        agents.enrol(self.archive, self.anna, handle, role, passphrase_of(handle))
        return self.sign_in(handle)

    def grant(self, handle: str, *actions: Action, label: str = "main", purposes=(Use.COURT,), ends=None):
        terms = grants.Terms(frozenset(actions), frozenset(purposes), ends, "because the work needs it")
        return grants.give(self.archive, self.anna, handle, label, terms)

    def revoke(self, handle: str, label: str = "main") -> int:
        return grants.revoke(self.archive, self.anna, handle, label, "the work is over")

    def documenter(self, handle: str = "vera") -> Sitting:
        sitting = self.enrol(handle, Role.DOCUMENTER)
        self.grant(handle, Action.CONTRIBUTE, purposes=())
        return sitting

    def lawyer(self, handle: str = "lena", *, label: str = "main") -> Sitting:
        sitting = self.enrol(handle, Role.LAWYER)
        self.grant(handle, Action.READ, label=label)
        return sitting

    def deposit(
        self,
        sitting: Sitting,
        files: Mapping[str, str | bytes],
        described: Mapping[str, object] = FOR_COURT,
        *,
        label: str = "main",
    ) -> list[Result]:
        descriptions = load_description(dict(described), files)
        handed = [
            Handed(name, partial(io.BytesIO, as_bytes(data)), descriptions[name], name)
            for name, data in files.items()
        ]
        return list(Intake(self.archive, sitting, label, self.extractor).deposit(handed))

    def deposit_one(self, sitting: Sitting, text: str, label: str = "main", **described: object) -> Result:
        [result] = self.deposit(sitting, {"account.txt": text}, {**FOR_COURT, **described}, label=label)
        assert result.status == "accessioned", result.error
        return result

    def redact(self, sitting: Sitting, item: str, text: str | bytes, name="redacted.txt", **how) -> Added:
        """Add a redaction; `title` and the like describe it, the rest are its terms."""
        about = {key: how.pop(key) for key in ("title", "language", "handling", "graphic") if key in how}
        [description] = load_description(about, [name]).values()
        handed = Handed(name, partial(io.BytesIO, as_bytes(text)), description, name)
        terms = Terms(item, how.pop("reason", "for others to read"), **how)
        return add_redaction(self.archive, sitting, self.extractor, handed, terms)

    def find(self, sitting: Sitting, query: str, *, labels=(), **page: object) -> Found:
        return find(self.library, sitting, query, labels=labels, page=Page(**page))

    def found_items(self, sitting: Sitting, query: str) -> set[str]:
        return {hit.item for hit in self.find(sitting, query, limit=100).hits}

    def read_original(self, sitting: Sitting, item: str) -> bytes:
        return b"".join(read(self.archive, sitting, item, RenditionKind.ORIGINAL).chunks)


@contextmanager
def refusal(code: str) -> Iterator[None]:
    """Expect to be refused with just this code."""
    with pytest.raises(SviedkaError) as caught:
        yield
    assert caught.value.code == code, caught.value


def audited(folder: Path, receipts: Iterable[bytes] = (), since: bytes | None = None) -> AuditReport:
    """Verify everything in `folder`, as an auditor without any key does."""
    with local_holdings(folder) as holdings:
        return audit(
            holdings,
            verify_ed25519=verify_ed25519,
            verify_mldsa44=verify_mldsa44,
            receipts=receipts,
            since=since,
        )


def as_bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


@contextmanager
def opened_house(folder: Path, *, clock: Clock = system_clock, engine=TantivyEngine) -> Iterator[House]:
    """Open the archive in `folder`, as one process would."""
    with (
        open_archive(folder, circumstances(clock)) as archive,
        Extractor(limits=Limits(), tessdata=None) as extractor,
    ):
        shelf = Shelf(archive, engine)
        try:
            yield House(folder, archive, Library(archive, shelf), extractor)
        finally:
            shelf.close()


def found_house(folder: Path, clock: Clock = system_clock) -> list[str]:
    founding = Founding("The archive of these tests", "anna", passphrase_of("anna"))
    return found_archive(folder, founding, circumstances(clock))


@contextmanager
def founded_house(folder: Path, *, clock: Clock = system_clock, engine=TantivyEngine) -> Iterator[House]:
    """Found an archive in `folder` and open it."""
    shares = found_house(folder, clock)
    with opened_house(folder, clock=clock, engine=engine) as house:
        house.shares = shares
        yield house
    leave_nothing(folder)


def leave_nothing(folder: Path) -> None:
    """Remove the runtime directory of the archive in `folder`, which no process has open any more."""
    shutil.rmtree(RAM / f"sviedka-{load_settings(folder).archive}", ignore_errors=True)
