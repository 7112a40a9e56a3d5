"""Handing packs in at the command line, and confirming what came in them."""

import json
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from packing_people import altered
from town import FOR_COURT, Town

from archive.digests import Digest

TEXT = "Мяне білі ў Жодзіне. Яго звалі Янка Сарока.\n"


@pytest.fixture(scope="session")
def packing_town(founded_town, tmp_path_factory):
    """A town with a pack for it; lena may read and describe."""
    town = founded_town.copied_to(tmp_path_factory.mktemp("packing") / "town")
    town.json("compartment", "card", "main", "-o", town.place / "card.txt", who="anna")
    town.json(
        "grant",
        "lena",
        "main",
        "--may",
        "read,describe",
        "--for",
        "court",
        "--reason",
        "confirms",
        who="anna",
    )
    town.write("said.txt", TEXT)
    town.write("d.json", json.dumps({**FOR_COURT, "title": "Сведчанне"}))
    town.packed = packed(town, "p")
    return town


def packed(town: Town, name: str, *more):
    return town.json(
        "pack", town.place / "said.txt", "--card", town.place / "card.txt", "-o", town.place / name,
        "--describe", town.place / "d.json", *more,
    )  # fmt: skip


@pytest.fixture
def place(packing_town, tmp_path):
    town = packing_town.copied_to(tmp_path / "town")
    town.packed = packing_town.packed
    return town


def test_a_pack_is_handed_in_confirmed_searched_and_read(place):
    told = place.json("submit", place.place / "p")
    assert (told["deposit"], told["items"]) == (place.packed["deposit"], place.packed["items"])
    assert place.json("submit", place.place / "p") == told
    [item] = told["items"]
    [listed] = place.json("confirm", "--list", who="lena")
    assert (listed["item"], listed["status"], listed["confirmable"]) == (item, "claimed", True)
    assert place.run("read", item, "--purpose", "court", who="lena").exit_code == 3
    assert place.json("search", "Сарока", "--purpose", "court", who="lena")["total"] == 0
    result = place.run("confirm", who="lena")
    assert result.exit_code == 0, result.output
    assert f"confirmed    {item}" in result.stdout
    assert "as the packer claims" in result.stdout
    assert "does not say who packed it" in result.stderr
    assert place.json("search", "Сарока", "--purpose", "court", who="lena")["total"] == 1
    read = place.json("read", item, "--purpose", "court", who="lena")
    assert (read["name"], read["description"]["title"]) == ("said.txt", "Сведчанне")
    assert read["claimed_at"].endswith("Z")
    assert "nothing waits" in place.run("confirm", who="lena").stderr
    assert [one["kind"] for one in place.json("history", item, who="lena")][:2] == [
        "submission",
        "confirmation",
    ]
    assert place.json("audit", who="olga")["outcome"] == "verified"


def test_a_mismatch_is_told_plainly_and_ends_with_1(place):
    data = (place.place / "p").read_bytes()
    false = place.write(
        "false",
        altered(
            data,
            lambda _parts, manifest: replace(
                manifest, items=(replace(manifest.items[0], sha256=Digest.of(b"false")),)
            ),
        ),
    )
    [item] = place.json("submit", false)["items"]
    [told] = place.json("confirm", item, who="lena", exit_code=1)
    assert (told["status"], [one["what"] for one in told["differences"]]) == ("mismatch", ["sha256"])
    result = place.run("confirm", item, who="lena")
    assert (result.exit_code, "[A64]" in result.output) == (3, True)
    assert [one["status"] for one in place.json("confirm", "--list", who="lena")] == ["mismatch"]
    assert "MISMATCH" in place.run("confirm", "--list", who="lena").stdout
    assert place.json("audit", who="olga")["outcome"] == "verified"


def test_what_is_no_pack_for_this_archive_is_refused(place, tmp_path):
    for data, code in ((b"", "I94"), (b"text", "I94"), ((place.place / "p").read_bytes()[:-600], "I94")):
        result = place.run("submit", place.write("no.pack", data))
        assert (result.exit_code, f"[{code}]" in result.stderr) == (2, True), result.output
    assert "[I79]" in place.run("submit", place.place / "nowhere").stderr
    other = Town(tmp_path)
    other.json(
        "init", other.archive, "--name", "Other", "--custodian", "anna",
        "--new-passphrase-file", other.remember("anna"), "--sheets", other.place / "sheets",
    )  # fmt: skip
    result = other.run("submit", place.place / "p")
    assert (result.exit_code, "[I95]" in result.stderr) == (2, True), result.output


@pytest.mark.parametrize(
    "address",
    [
        "http://archive.example",
        "http://192.0.2.1:8000",
        "http://127.0.0.1.example",
        "ftp://127.0.0.1",
        "archive.example",
        "https://user@archive.example",
        "https://archive.example/?x=1",
        "https://archive.example:port",
        "",
    ],
)
def test_nothing_is_sent_to_what_is_no_address_or_would_be_seen_on_the_way(place, address):
    result = place.run("submit", place.place / "p", "--to", address)
    assert (result.exit_code, "[I16]" in result.stderr) == (2, True), result.output


def test_where_nobody_answers_it_says_so(place):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    result = place.run("submit", place.place / "p", "--to", f"http://127.0.0.1:{port}")
    assert (result.exit_code, "[I17]" in result.stderr) == (2, True), result.output


@contextmanager
def something_else(status: int, page: bytes):
    class Other(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_words):
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_something_else_than_an_archive_gets_nothing(place, status):
    with something_else(status, b"<p>Hello</p>") as port:
        result = place.run("submit", place.place / "p", "--to", f"http://127.0.0.1:{port}")
    assert (result.exit_code, "[I18]" in result.stderr) == (2, True), result.output


def test_what_is_no_pack_is_not_sent_at_all(place):
    with something_else(200, b"") as port:
        result = place.run("submit", place.place / "said.txt", "--to", f"http://127.0.0.1:{port}")
    assert (result.exit_code, "[I94]" in result.stderr) == (2, True), result.output
