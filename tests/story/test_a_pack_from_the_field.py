"""A pack from the field: a laptop with a card and no account, a bad line, a reader, an auditor; and a lie."""

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from packing_people import altered
from real_server import Server, Visitor
from town import FOR_COURT, Town

from archive.digests import Digest
from archive.packer.build import build as build_packer
from archive.packs import format_head
from archive.verifier.build import build as build_verifier

pytestmark = pytest.mark.slow

TEXT = "Мяне білі ў Жодзіне ў ноч на дзясятае. Яго звалі Янка Сарока.\n"
PYTHON = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}"
COST = {"SVIEDKA_KEY_COST": "17"}


class Office(Town):
    """An archive with keys as dear as they are for everybody: the tool on the laptop knows no others."""

    def run(self, *words, who=None, env=None):
        return super().run(*words, who=who, env={**COST, **(env or {})})


def bare(*words, cwd):
    """Run a zipapp where nothing is installed and nothing is set."""
    command = [PYTHON, "-I", "-S", *map(str, words)]
    return subprocess.run(command, env={}, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path / "office")
    office.place.mkdir()
    office.json(
        "init", office.archive, "--name", "The office", "--custodian", "anna",
        "--new-passphrase-file", office.remember("anna"), "--sheets", office.place / "sheets",
    )  # fmt: skip
    for handle, role in (("lena", "lawyer"), ("olga", "auditor")):
        file = office.remember(handle)
        office.json("agent", "add", handle, "--role", role, "--new-passphrase-file", file, who="anna")
    office.json(
        "grant", "lena", "main", "--may", "read,describe", "--for", "court", "--reason", "reads", who="anna"
    )
    office.card = office.json("compartment", "card", "main", "-o", office.place / "card.txt", who="anna")
    return office


@pytest.fixture
def server(office):
    server = Server(office.place, cost=17)
    yield server
    if server.process.poll() is None:
        server.stop()


def receipts(server, code):
    answer, data = Visitor(server.port).post("/submit/receipts", {"words": code}, of="/submit/receipts")
    if answer.status != 200:
        return answer.status
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def for_another_archive(parts, manifest):
    head = replace(manifest.head, origin="sviedka.invalid/another")
    parts["pack.json"] = format_head(head)
    return replace(manifest, head=head)


def test_a_statement_from_the_field_is_proven_confirmed_and_found_and_a_lie_is_not(office, server, tmp_path):
    # On a laptop there is a card, a statement and a tool of one file; no account, no archive, no line.
    laptop = tmp_path / "laptop"
    laptop.mkdir()
    (laptop / "card.txt").write_bytes((office.place / "card.txt").read_bytes())
    (laptop / "said.txt").write_text(TEXT)
    (laptop / "d.json").write_text(json.dumps({**FOR_COURT, "title": "Сведчанне з Жодзіна"}))
    (laptop / "pack.pyz").write_bytes(build_packer())
    (laptop / "verify.pyz").write_bytes(build_verifier())
    made = bare(
        "pack.pyz", "said.txt", "--card", "card.txt", "-o", "p", "--describe", "d.json", "--json",
        "--fingerprint", office.card["fingerprint"], "--claimed-at", "2026-11-20T08:05:00Z", cwd=laptop,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    code, [item] = json.loads(made.stdout)["receipt_code"], json.loads(made.stdout)["items"]
    assert TEXT.encode() not in (laptop / "p").read_bytes()

    # Somebody carries the pack to where there is a line, and hands it in; twice, because the line was bad.
    there = f"http://127.0.0.1:{server.port}"
    told = office.json("submit", laptop / "p", "--to", there)
    assert told["items"] == [item]
    assert office.json("submit", laptop / "p", "--to", there) == told
    assert receipts(server, "abandon " * 6) == 404

    # With the code of words she has a receipt, which convinces somebody who has nothing of ours.
    found = receipts(server, code)
    (laptop / "receipt").write_bytes(found[f"{item}.tlog-proof"])
    (laptop / "trust").write_bytes(found["archive.trust"])
    proof = bare("verify.pyz", "receipt", "--file", "said.txt", "--trust", "trust", cwd=laptop)
    assert proof.returncode == 0, proof.stderr
    assert "taken in unopened, as is claimed" in proof.stdout
    (laptop / "other.txt").write_text("another statement")
    assert bare("verify.pyz", "receipt", "--file", "other.txt", cwd=laptop).returncode == 1
    verified = office.json("verify", laptop / "receipt", "--file", laptop / "said.txt")
    assert (verified["claimed"], verified["item"], verified["name"]) == (True, item, "said.txt")

    # Nobody reads or finds it before somebody who may has looked.
    assert office.json("search", "Сарока", "--purpose", "court", who="lena")["total"] == 0
    assert office.run("read", item, "--purpose", "court", who="lena").exit_code == 3
    [confirmed] = office.json("confirm", who="lena")
    assert (confirmed["status"], confirmed["claimed_at"]) == ("confirmed", "2026-11-20T08:05:00Z")
    [hit] = office.json("search", 'name:~"Янка Сорока"', "--purpose", "court", who="lena")["hits"]
    assert (hit["item"], hit["title"]) == (item, "Сведчанне з Жодзіна")
    office.json("read", item, "--purpose", "court", "-o", office.place / "read", who="lena")
    assert (office.place / "read").read_text() == TEXT

    # Another brings a pack whose manifest lies about what is in it. He gets no receipt, and it is found out.
    (laptop / "said.txt").write_text("Нічога не было.\n")
    made = bare("pack.pyz", "said.txt", "--card", "card.txt", "-o", "q", "--json", cwd=laptop)
    data = altered(
        (laptop / "q").read_bytes(),
        lambda _parts, manifest: replace(
            manifest, items=(replace(manifest.items[0], sha256=Digest.of(TEXT.encode())),)
        ),
    )
    (laptop / "lie").write_bytes(data)
    [lie] = office.json("submit", laptop / "lie", "--to", there)["items"]
    assert receipts(server, json.loads(made.stdout)["receipt_code"]) == 404
    [mismatch] = office.json("confirm", who="lena", exit_code=1)
    assert (mismatch["item"], mismatch["status"]) == (lie, "mismatch")
    assert office.run("read", lie, "--purpose", "court", who="lena").exit_code == 3

    # What is for another archive is not taken, however much of it there is, and whoever sends it is told why.
    (laptop / "video.bin").write_bytes(bytes(20 << 20))
    bare("pack.pyz", "video.bin", "--card", "card.txt", "-o", "r", cwd=laptop)
    (laptop / "foreign").write_bytes(altered((laptop / "r").read_bytes(), for_another_archive))
    refused = office.run("submit", laptop / "foreign", "--to", there)
    assert (refused.exit_code, "[I95]" in refused.stderr) == (2, True), refused.output

    # The auditor, who can read none of it, finds everything in order; the server left nothing in clear.
    assert office.json("audit", who="olga")["outcome"] == "verified"
    assert server.written() == []
    assert receipts(server, code).keys() == found.keys()
