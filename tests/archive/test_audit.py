"""The audit as pure code, over logs held in memory: unlawful events are named by index and code."""

from contextlib import nullcontext

import pytest
from every_kind import rotate
from ledger_builder import ORIGIN, Builder, receipt_for

from archive.audit import Sample, audit
from archive.audit_bodies import sealed_bytes
from archive.digests import Digest
from archive.errors import CustodyError, FixityError
from archive.events import Seen
from archive.ids import Id
from archive.kinds import Kind
from archive.merkle import Frontier
from archive.settings import Settings, format_settings
from keys.identities import Identity
from keys.sealing import seal
from keys.signing import verify_ed25519, verify_mldsa44
from storage.growth import grow


class Memory:
    """A log without catalogue and stores."""

    def __init__(self, builder: Builder, note: bytes | None = None) -> None:
        self._builder = builder
        self._note = builder.note() if note is None else note
        self.files = grow(0, Frontier().root(), [], entries=builder.entries, read=_nothing).tiles

    def settings(self) -> bytes:
        genesis = Digest.of(self._builder.genesis)
        archive = self._builder.ledger.archive or Id("a" * 26)
        return format_settings(Settings("Tests", archive, ORIGIN, self._builder.log_keys, genesis))

    def cosigners(self):
        return None

    def cosigned(self):
        return ()

    def checkpoint(self) -> bytes:
        return self._note

    def tiles(self):
        return [ref.path for ref in self.files]

    def tile(self, path):
        for ref, data in self.files.items():
            if ref.path == path:
                return data
        raise FixityError("F50", "missing")

    def body(self, body):
        raise FixityError("F40", "missing")

    def header(self, body):
        raise FixityError("F42", "missing")

    def rows(self, table):
        return iter(())

    def has_table(self, table):
        return False

    def now(self):
        return nullcontext(self)

    def nothing(self):
        return ()

    bodies = headers = integrity = leftovers = strays = nothing


def _nothing(level, index):
    raise AssertionError((level, index))


def audited(builder, holdings=None, **options):
    given = {"verify_ed25519": verify_ed25519, "verify_mldsa44": verify_mldsa44} | options
    return audit(holdings or Memory(builder), **given)


def entry_faults(report):
    return {(fault.object, fault.code) for fault in report.faults if fault.object.startswith("entry ")}


def try_to(builder, act, *arguments, **named):
    """Log something unlawful, as whoever holds the log key can; return its index."""
    with pytest.raises(CustodyError):
        act(*arguments, **named)
    return len(builder.entries) - 1


@pytest.fixture
def builder():
    return Builder()


def test_every_unlawful_event_is_named_and_the_audit_goes_on(builder):
    lena = builder.enrol("lena", "lawyer")
    item, rendition = builder.accession(builder.anna, "main")
    early = try_to(builder, builder.read, lena, item, rendition, builder.id())
    builder.rights(builder.anna, item, ["court"])
    grant = builder.grant(lena, "main", ["read"], ["court"])
    builder.read(lena, item, rendition, grant)
    unknown = try_to(builder, builder.enrol, "x", "lawyer", by=builder.person())
    twice = try_to(builder, builder.add, builder.entries[3])
    report = audited(builder)
    assert report.outcome == "failed"
    expected = {(f"entry {early}", "C67"), (f"entry {unknown}", "C62"), (f"entry {twice}", "C60")}
    assert entry_faults(report) == expected
    assert report.counts.entries == len(builder.entries)


def test_a_cited_checkpoint_must_be_one_that_the_log_had(builder):
    data = [builder.enrolment(builder.person(), "lawyer") for _ in range(3)]
    size = len(builder.entries)
    for seen, who in zip(
        (Seen(size, bytes(32)), Seen(size + 9, bytes(32)), builder.seen()), data, strict=True
    ):
        builder.add(builder.write(builder.anna, Kind.ENROLMENT, who, seen=seen))
    assert entry_faults(audited(builder)) == {(f"entry {size}", "C88"), (f"entry {size + 1}", "C88")}


def test_an_entry_that_cannot_be_read_is_a_fault_and_the_catalogue_is_not_judged_by_the_rest(builder):
    builder.entries.append(b'{"not":"an entry"}')
    builder.frontier.append(b"\0" * 32)
    report = audited(builder)
    assert (f"entry {len(builder.entries) - 1}", "C50") in entry_faults(report)
    assert "C93" in {warning.code for warning in report.warnings}
    assert not any(fault.code.startswith("F4") for fault in report.faults)


def test_a_checkpoint_signed_by_others_or_by_one_key_only_is_a_fault(builder):
    other = Builder()
    other.log_key = type(other.log_key)(b"\1" * 32, b"\1" * 32)
    assert {f.object for f in audited(builder, Memory(builder, other.note())).faults} >= {"log/checkpoint"}
    without_mldsa44 = b"\n".join(builder.note().split(b"\n")[:-2]) + b"\n"
    faults = audited(builder, Memory(builder, without_mldsa44)).faults
    assert ("log/checkpoint", "C28") in {(fault.object, fault.code) for fault in faults}


def test_without_a_check_for_ml_dsa_it_says_so(builder):
    report = audited(builder, verify_mldsa44=None)
    assert [warning.code for warning in report.warnings] == ["C92"]


def test_the_log_must_continue_what_an_auditor_kept(builder):
    kept = builder.note()
    builder.enrol("lena", "lawyer")
    codes = {fault.code for fault in audited(builder, since=kept).faults}
    assert "C90" not in codes
    longer = builder.note()
    shorter = Builder()
    assert "C90" in {fault.code for fault in audited(shorter, since=longer).faults}
    fork = Builder()
    fork.enrol("ivan", "auditor")
    assert "C90" in {fault.code for fault in audited(fork, since=longer).faults}
    assert "C22" in {fault.code for fault in audited(builder, since=b"no note").faults}


def test_a_receipt_of_a_fork_is_found_out(builder):
    fork = Builder()
    foreign = receipt_for(fork, fork.anna, "main", "forked.txt", b"forked")
    builder.accession(builder.anna, "main")
    faults = audited(builder, receipts=[foreign]).faults
    assert ("receipt 1", "C90") in {(fault.object, fault.code) for fault in faults}


def test_progress_is_told(builder):
    told = []
    audited(builder, progress=lambda what, done, total: told.append((what, done, total)))
    assert told[-1] == ("entries", len(builder.entries), len(builder.entries))


def test_a_sample_is_the_same_for_the_same_seed_and_has_the_size_asked_for():
    bodies = [Digest.of(b"%d" % number) for number in range(50)]
    chosen = Sample(10, "seed").choose(bodies)
    assert chosen == Sample(10, "seed").choose(reversed(bodies))
    assert len(chosen) == 10
    assert chosen != Sample(10, "another").choose(bodies)
    assert Sample(99, "seed").choose(bodies) == set(bodies)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072])
def test_the_length_of_a_sealed_body_follows_from_what_is_in_it(size):
    sealed = seal(bytes(size), [Identity.generate().recipient])
    assert len(sealed.body) == sealed_bytes(size)


def test_a_report_becomes_json_values(builder):
    data = audited(builder).as_data()
    assert data["size"] == len(builder.entries)
    assert data["counts"]["signatures"] == len(builder.entries) + 2


def test_what_was_signed_by_keys_that_a_custodian_issued_is_counted():
    builder = Builder()
    vera = builder.person()
    builder.do(builder.anna, Kind.ENROLMENT, **builder.enrolment(vera, "documenter") | {"issued": True})
    builder.grant(vera, "main", ["contribute"], [])
    builder.accession(vera, "main")
    builder.accession(vera, "main")
    builder.accession(rotate(builder, vera), "main")
    assert audit(Memory(builder), verify_ed25519=verify_ed25519).counts.issued == 2
