"""The standalone verifier on checkpoints and whole logs: what it says, of what, and with which exit status."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from every_kind import every_kind
from ledger_builder import ORIGIN, Builder, receipt_for
from log_folder import write_log
from test_rules_of_succession import NEXT, Successor
from two_organisations import HARBOUR, LANTERN, NOW, numbered

from archive.checkpoints import Checkpoint, sign_checkpoint
from archive.codec import b64
from archive.cosignatures import cosign, with_cosignatures
from archive.events import parse_entry
from archive.merkle import Frontier, leaf_hash
from archive.notes import parse_note
from archive.trust import Trust, format_trust
from archive.verifier.main import main
from archive.vkeys import format_vkey, parse_vkey
from keys.cosigner_keys import CosignerKey
from keys.signing import LogKey


@dataclass
class Case:
    """A log, what was handed out of it, and the keys that it is verified with."""

    folder: Path
    builder: Builder
    files: dict[str, Path] = field(default_factory=dict)

    def keep(self, name: str, data: bytes) -> None:
        self.files[name] = self.folder / name
        self.files[name].write_bytes(data)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    builder = Builder()
    case = Case(tmp_path_factory.mktemp("log"), builder)
    vera = builder.enrol("vera", "documenter")
    grant = builder.grant(vera, "main", ["contribute", "read"], ["court"])
    case.keep("early", builder.note())
    case.keep("receipt", receipt_for(builder, vera, "main", "акт.txt", b"what was handed in"))
    item, rendition = builder.accession(vera, "main")
    builder.rights(builder.anna, item, ["court"])
    builder.read(vera, item, rendition, grant)
    while len(builder.entries) < 300:
        builder.accession(vera, "main")
    agents = {vera.agent: (vera.key.public,)}
    case.keep("trust", format_trust(Trust(ORIGIN, builder.log_keys, agents)))
    case.keep("other", format_trust(Trust(ORIGIN, Builder(log_key=LogKey(b"o" * 32, b"o" * 32)).log_keys)))
    stranger = {vera.agent: (builder.anna.key.public,)}
    case.keep("stranger", format_trust(Trust(ORIGIN, builder.log_keys, stranger)))
    write_log(builder, case.folder / "log")
    case.keep("late", builder.note())
    return case


@pytest.fixture
def case(built, tmp_path):
    """A copy that a test may damage."""
    shutil.copytree(built.folder, tmp_path / "copy")
    return Case(tmp_path / "copy", built.builder, {n: tmp_path / "copy" / n for n in built.files})


def verified(case, capsys, thing="log", *options):
    """Run the verifier; return its exit status and what it tells machines."""
    named = [str(case.files.get(one, one)) for one in options]
    status = main([str(case.folder / thing), *named, "--json"])
    return status, json.loads(capsys.readouterr().out)


def signatures(case):
    return sum(len(parse_entry(entry).signatures) for entry in case.builder.entries)


def codes(told):
    return {(one["code"], one["object"]) for one in told["faults"]}


def test_a_whole_log_is_verified_against_all_that_was_kept_of_it(case, capsys):
    status, told = verified(case, capsys, "log", "--trust", "trust", "--since", "early", "--with", "receipt")
    assert (status, told["outcome"], told["what"], told["verified"]) == (0, "verified", "log", True)
    assert (told["trusted"], told["since"], told["receipts"]) == (True, 5, 1)
    assert (told["entries"], told["size"], told["post_quantum"]) == (300, 300, True)
    assert (told["signatures"], told["tiles"]) == (signatures(case), 5)
    assert (told["contents"]["readings"], told["contents"]["agents"]) == (1, 4)


def test_a_log_with_every_kind_of_event_is_verified(case, capsys):
    builder = every_kind()
    write_log(builder, case.folder / "every")
    status, told = verified(case, capsys, "every")
    assert (status, told["faults"], told["entries"]) == (0, [], len(builder.entries))
    assert told["contents"]["destroyed"] == len(builder.ledger.tombstones) > 0


def test_people_are_told_what_was_compared_and_what_was_not(case, capsys):
    items = len(case.builder.ledger.items)
    assert main([str(case.folder / "log")]) == 0
    said = capsys.readouterr().out
    for words in (
        f"compared: entries 300, signatures {signatures(case)}",
        "NOT compared: what the archive holds",
        "no earlier checkpoint was compared",
        "BUT: the log's keys are its own",
        "log key",
    ):
        assert words in said
    options = ["--trust", "trust", "--since", "early", "--with", "receipt"]
    assert main([str(case.folder), *(str(case.files.get(one, one)) for one in options)]) == 0
    said = capsys.readouterr().out
    for words in (
        "continues the earlier checkpoint of 5 entries",
        "what the receipts say, where they say it: 1",
        "the log's keys are those of your trust file or policy",
        f"agents 4, items taken in {items}, destroyed 0, readings 1",
    ):
        assert words in said
    assert "BUT" not in said


def test_without_the_library_it_says_the_same_but_for_the_second_kind_of_signature(case, capsys):
    told = verified(case, capsys, "log", "--trust", "trust")[1]
    write_log(Builder(log_key=case.builder.log_key), case.folder / "small")
    status, plain = verified(case, capsys, "small", "--plain")
    assert (status, plain["post_quantum"], told["post_quantum"]) == (0, False, True)


def test_a_changed_byte_is_a_fault_of_the_file_that_has_it(case, capsys):
    path = case.folder / "log" / "tile/entries/000"
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(data)
    status, told = verified(case, capsys)
    assert (status, told["verified"]) == (1, False)
    assert ("C87", "log/tile/entries/000") in codes(told)


@pytest.mark.parametrize("path", ["tile/0/000", "tile/entries/001.p/44"])
def test_what_is_merely_missing_is_status_4(case, capsys, path):
    (case.folder / "log" / path).unlink()
    status, told = verified(case, capsys)
    assert (status, told["outcome"]) == (4, "failed")
    assert ("F50", f"log/{path}") in codes(told)


def test_the_log_of_others_is_not_verified_by_a_trust_file(case, capsys):
    status, told = verified(case, capsys, "log", "--trust", "other")
    assert status == 1
    assert {code for code, _ in codes(told)} == {"C02", "C25"}
    status, told = verified(case, capsys, "log", "--trust", "stranger")
    assert (status, {code for code, _ in codes(told)}) == (1, {"C03"})


def test_a_log_cut_short_under_its_own_key_is_known_by_a_checkpoint_and_by_a_receipt(case, capsys):
    shorter = Builder(log_key=case.builder.log_key)
    shorter.entries, shorter.frontier = case.builder.entries[:3], Frontier()
    for entry in shorter.entries:
        shorter.frontier.append(leaf_hash(entry))
    write_log(shorter, case.folder / "cut")
    assert verified(case, capsys, "cut", "--trust", "trust")[1]["faults"][0]["code"] == "C03"
    for option, kept in (("--since", "early"), ("--with", "receipt")):
        status, told = verified(case, capsys, "cut", option, kept)
        assert (status, "C90" in {code for code, _ in codes(told)}) == (1, True), option


def test_a_rewritten_log_is_known_by_its_agents_signatures(case, capsys):
    forged = Builder(log_key=case.builder.log_key)
    forged.entries, forged.frontier = list(case.builder.entries), Frontier()
    forged.entries[6] = forged.entries[6].replace(b"T08:00:00Z", b"T07:00:00Z")
    for entry in forged.entries:
        forged.frontier.append(leaf_hash(entry))
    write_log(forged, case.folder / "forged")
    status, told = verified(case, capsys, "forged", "--trust", "trust")
    assert (status, codes(told) >= {("C62", "entry 6"), ("C88", "entry 7")}) == (1, True)


def test_a_policy_says_whose_cosignatures_count(case, capsys):
    known, unknown = CosignerKey.generate(HARBOUR, numbered(3)), CosignerKey.generate(LANTERN, numbered(4))
    note = case.builder.note()
    signed = with_cosignatures(note, cosign(parse_note(note).text, known.signer(), NOW))
    case.keep("log/checkpoint", signed)
    case.keep("cosigned", signed)
    logs = "".join(f"log {key}\n" for key in case.builder.log_keys)
    for name, key, enough in (("one", known, True), ("two", unknown, False)):
        witness = f"witness W {format_vkey(key.vkeys[0])}\nquorum W\n"
        case.keep(name, (logs + witness).encode())
        for thing in ("log", "cosigned"):
            status, told = verified(case, capsys, thing, "--policy", name)
            assert (status, told["trusted"], told["cosigned_enough"]) == (0, True, enough)
        assert main([str(case.folder / "log"), "--policy", str(case.files[name])]) == 0
        said = capsys.readouterr().out
        assert ("enough for your policy" in said, "not yet cosigned" in said) == (True, not enough)
    case.keep(
        "log/checkpoint",
        with_cosignatures(note, cosign(b"x\n5\n" + b64(bytes(32)).encode() + b"\n", known.signer(), NOW)),
    )
    status, told = verified(case, capsys, "log", "--policy", "one")
    assert (status, {code for code, _ in codes(told)}) == (1, {"C24"})


def test_a_checkpoint_that_claims_too_much_is_refused_at_once(case, capsys):
    path = case.folder / "log" / "checkpoint"
    path.write_bytes(path.read_bytes().replace(b"\n300\n", b"\n300000000000000\n"))
    status, told = verified(case, capsys, "log", "--trust", "trust")
    assert status == 1
    assert {code for code, _ in codes(told)} == {"C04", "C24"}
    assert told["entries"] == 300


def test_it_fails_when_nothing_was_compared(case, capsys):
    empty = Builder(log_key=case.builder.log_key)
    empty.entries, empty.frontier = [], Frontier()
    write_log(empty, case.folder / "empty")
    status, told = verified(case, capsys, "empty", "--trust", "trust")
    assert (status, told["outcome"], told["verified"]) == (1, "nothing", False)
    assert codes(told) == {("C01", "log/checkpoint")}
    (case.folder / "bare").mkdir()
    status, told = verified(case, capsys, "bare")
    assert (status, told["code"]) == (2, "I55")


def test_a_checkpoint_is_verified_by_a_trust_file_and_not_without_one(case, capsys):
    status, told = verified(case, capsys, "late", "--trust", "trust", "--since", "late")
    assert (status, told["what"], told["size"], told["compared"]) == (0, "checkpoint", 300, True)
    assert main([str(case.files["late"]), "--trust", str(case.files["trust"])]) == 0
    assert "NOT compared: the entries behind it" in capsys.readouterr().out
    assert verified(case, capsys, "late")[1]["code"] == "I53"
    status, told = verified(case, capsys, "late", "--trust", "other")
    assert (status, told["code"]) == (1, "C25")
    status, told = verified(case, capsys, "late", "--trust", "trust", "--since", "early")
    assert (status, told["code"]) == (2, "I54")


def test_two_histories_of_one_size_are_found_out(case, capsys):
    fork = Builder(log_key=case.builder.log_key)
    while len(fork.entries) < 5:
        fork.accession(fork.anna, "main")
    case.keep("fork", fork.note())
    status, told = verified(case, capsys, "fork", "--trust", "trust", "--since", "early")
    assert (status, told["code"]) == (1, "C90")
    status, told = verified(case, capsys, "log", "--since", "fork")
    assert (status, "C90" in {code for code, _ in codes(told)}, told["since"]) == (1, True, None)


def test_a_log_that_followed_another_says_so(case, capsys):
    builder = Successor()
    case.keep("before", builder.note())
    builder.add(builder.succession())
    ed25519, mldsa44 = map(parse_vkey, builder.ledger.log_keys)
    note = sign_checkpoint(
        Checkpoint(builder.origin(), builder.frontier.size, builder.frontier.root()),
        sign_ed25519=NEXT.sign_ed25519,
        ed25519_vkey=ed25519,
        sign_mldsa44=NEXT.sign_mldsa44,
        mldsa44_vkey=mldsa44,
        timestamp=1_800_000_000,
    )
    write_log(builder, case.folder / "next", note)
    earlier = tuple(builder.ledger.earlier)
    case.keep("line", format_trust(Trust(builder.origin(), builder.ledger.log_keys, earlier=earlier)))
    status, told = verified(case, capsys, "next", "--trust", "line", "--since", "before")
    assert (status, told["since"], [one["code"] for one in told["warnings"]]) == (0, builder.kept, ["C98"])
    case.keep("first", format_trust(Trust(ORIGIN, builder.log_keys)))
    status, told = verified(case, capsys, "next", "--trust", "first")
    assert (status, "C96" in {code for code, _ in codes(told)}) == (1, True)
    case.keep("after", note)
    status, told = verified(case, capsys, "after", "--trust", "line", "--since", "before")
    assert (status, told["code"]) == (2, "I54")


@pytest.mark.parametrize(
    ("thing", "option"),
    [
        ("log", "--file"),
        ("late", "--file"),
        ("late", "--with"),
        ("receipt", "--since"),
        ("receipt", "--with"),
    ],
)
def test_options_that_would_say_nothing_are_refused(case, capsys, thing, option):
    status, told = verified(case, capsys, thing, option, "early")
    assert (status, told["code"]) == (2, "I56")


def test_a_file_name_in_the_folder_cannot_redraw_the_terminal(case, capsys):
    (case.folder / "log" / "tile" / "a\x1b[2Jb").write_bytes(b"")
    assert main([str(case.folder / "log")]) == 4
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "a?[2Jb" in said
