"""Timestamps at the command line, of an authority that is a real server on this computer."""

import json

import pytest
from stamping import Authority, serving

pytestmark = pytest.mark.openssl


@pytest.fixture
def server(tmp_path):
    with serving(Authority(tmp_path / "authority")) as server:
        yield server


@pytest.fixture
def timed(town, server):
    """A town that trusts one authority."""
    added = town.json(
        "anchor", "authority", "add", "clock", "--url", server.url, "--certificate", server.authority.file
    )
    assert [one["subject"] for one in added["signers"]] == ["CN=Time"]
    return town


def log_size(town):
    return int((town.archive / "log" / "checkpoint").read_text().splitlines()[1])


def test_a_timestamp_is_got_kept_and_shown(timed, server):
    [got] = timed.json("anchor", "now")
    assert (got["authority"], got["size"]) == ("clock", log_size(timed))
    status = timed.json("anchor", "status")
    assert status["covered"] == status["size"] == got["size"]
    [stretch] = status["stretches"]
    assert (stretch["start"], stretch["existed_by"]) == (0, got["existed_by"])
    assert f"existed by {got['existed_by']}" in timed.run("anchor", "status").stdout


def test_what_is_stamped_already_is_not_asked_again_and_what_came_since_is(timed, server):
    first = timed.json("anchor", "now")
    assert timed.json("anchor", "now") == first
    assert server.asked == 1
    timed.json("compartment", "add", "minsk", who="anna")
    assert timed.json("anchor", "status")["covered"] == first[0]["size"]
    [second] = timed.json("anchor", "now")
    assert second["size"] > first[0]["size"]
    status = timed.json("anchor", "status")
    assert (status["timestamps"], status["covered"]) == (2, second["size"])


def test_an_authority_that_cannot_at_the_moment_is_asked_again(timed, server):
    server.fails = 1
    assert timed.json("anchor", "now")[0]["size"] == log_size(timed)
    assert server.asked == 2


def test_nothing_is_kept_of_an_answer_that_does_not_hold(timed, server, tmp_path):
    other = Authority(tmp_path / "other")
    right, server.authority = server.authority, other
    refused = timed.run("anchor", "now")
    assert (refused.exit_code, "[K37]" in refused.stderr) == (1, True)
    server.authority = right
    server.say = b"<html>Welcome to the hotel's network</html>"
    assert "[K35]" in timed.run("anchor", "now").stderr
    assert not (timed.archive / "timestamps").exists()
    server.say = None
    timed.json("anchor", "now")


def test_without_an_authority_or_an_encrypted_way_to_it_nobody_is_asked(town, tmp_path):
    assert "[I31]" in town.run("anchor", "now").stderr
    file = Authority(tmp_path / "authority").file
    for url, code in (("http://clock.example/", "I35"), ("ftp://clock.example", "I35"), ("clock", "I35")):
        refused = town.run("anchor", "authority", "add", "clock", "--url", url, "--certificate", file)
        assert (refused.exit_code, f"[{code}]" in refused.stderr) == (2, True)
    for name in ("Clock", "a/b", "..", "x" * 33, "-"):
        words = (
            "anchor",
            "authority",
            "add",
            "--url",
            "https://clock.example",
            "--certificate",
            file,
            "--",
            name,
        )
        assert "[I30]" in town.run(*words).stderr, name
    assert town.json("anchor", "authority", "list") == []


def test_an_authority_that_is_asked_no_more_is_believed_for_what_it_gave(timed, server):
    timed.json("anchor", "now")
    assert timed.json("anchor", "authority", "remove", "clock") == {"name": "clock", "kept": True}
    assert "[I31]" in timed.run("anchor", "now").stderr
    assert timed.json("anchor", "status")["covered"] == log_size(timed)
    [listed] = timed.json("anchor", "authority", "list")
    assert (listed["name"], listed["url"]) == ("clock", None)


def test_one_that_gave_nothing_is_forgotten(timed):
    assert timed.json("anchor", "authority", "remove", "clock") == {"name": "clock", "kept": False}
    assert timed.json("anchor", "authority", "list") == []
    assert "[I30]" in timed.run("anchor", "authority", "remove", "clock").stderr


def test_a_certificate_that_follows_another_is_added_and_the_older_stays(timed, server):
    timed.json("anchor", "now")
    authority = server.authority
    authority.install(authority.signing(serial=8))
    timed.json("compartment", "add", "minsk", who="anna")
    assert "[K37]" in timed.run("anchor", "now").stderr
    added = timed.json("anchor", "authority", "add", "clock", "--certificate", authority.file)
    assert (len(added["signers"]), added["url"]) == (2, server.url)
    timed.json("anchor", "now")
    status = timed.json("anchor", "status")
    assert (status["covered"], status["timestamps"], status["broken"]) == (log_size(timed), 2, [])


def test_one_of_two_authorities_that_fails_holds_up_nobody(timed, tmp_path, server):
    late = Authority(tmp_path / "late", days=(-30, -1))
    with serving(late) as other:
        timed.json("anchor", "authority", "add", "another", "--url", other.url, "--certificate", late.file)
        result = timed.run("anchor", "now", "--json")
    assert result.exit_code == 1
    told = {one["authority"]: one for one in json.loads(result.stdout)}
    assert (told["another"]["code"], told["clock"]["size"]) == ("K37", log_size(timed))


def test_a_timestamp_that_was_changed_or_swapped_is_named(timed):
    timed.json("anchor", "now")
    [token] = (timed.archive / "timestamps").glob("*.tsr")
    data = bytearray(token.read_bytes())
    data[-1] ^= 1
    token.write_bytes(data)
    status = timed.json("anchor", "status", exit_code=1)
    assert (status["covered"], [one["code"] for one in status["broken"]]) == (0, ["K37"])
