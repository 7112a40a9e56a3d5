"""What three people do at the command line, from the first deposit to the last proof."""

import json
import os
import stat

import pytest
from town import FOR_COURT

from archive.receipts import parse_receipt, verify_receipt
from archive.trust import parse_trust
from keys.identities import Identity
from keys.sealing import open_, split


def test_founding_gives_sheets_of_paper_in_files_of_the_owner_alone(founded_town):
    sheets = sorted((founded_town.place / "sheets").iterdir())
    assert [sheet.name for sheet in sheets] == [
        f"share-{number}.{kind}" for number in (1, 2, 3) for kind in ("html", "txt")
    ]
    assert {stat.S_IMODE(sheet.stat().st_mode) for sheet in sheets} == {0o600}
    assert "33. " in sheets[1].read_text()
    assert "<b>33.</b>" in sheets[0].read_text()


def test_a_generated_passphrase_is_told_once_and_opens_the_key_file(town):
    told = town.json("agent", "add", "maria", "--role", "lawyer", who="anna")
    assert len(told["passphrase"].split()) == 6
    town.write("maria.passphrase", told["passphrase"])
    assert town.json("compartment", "list", who="maria") == []


def test_founding_without_a_folder_for_sheets_tells_the_shares(town):
    told = town.json(
        "init", town.place / "other", "--name", "Other", "--custodian", "vasil", "--trustees", "3/5"
    )
    assert {len(sheet.split()) for sheet in told["sheets"]} == {33}
    assert len(told["sheets"]) == 5
    assert told.keys() == {
        "archive", "folder", "name", "origin", "custodian", "genesis", "passphrase", "sheets",
    }  # fmt: skip


def test_a_deposit_is_told_file_by_file_and_its_receipts_prove_it_offline(town):
    for name in ("one", "two"):
        town.write(f"case/{name}.txt", f"Statement {name}.")
    town.write("case/empty.txt", "")
    town.write("case.json", json.dumps([{"path": "one.txt", "title": "One", **FOR_COURT}]))
    results = town.json(
        "deposit", town.place / "case", "--into", "main", "--describe", town.place / "case.json",
        "--receipts", town.place / "receipts", who="vera", exit_code=2,
    )  # fmt: skip
    by_name = {os.path.basename(one["path"]): one for one in results}
    assert {name: one["status"] for name, one in by_name.items()} == {
        "one.txt": "accessioned", "two.txt": "accessioned", "empty.txt": "failed",
    }  # fmt: skip
    assert by_name["empty.txt"]["error"]["code"] == "I62"
    assert list(by_name["one.txt"]) == [
        "path", "item", "status", "sha256", "blake3", "sealed_digest", "media_type", "size_bytes",
        "log_index", "receipt_code",
    ]  # fmt: skip
    trust = parse_trust((town.place / "receipts" / "archive.trust").read_bytes())
    receipt = (town.place / "receipts" / f"{by_name['one.txt']['item']}.tlog-proof").read_bytes()
    proven = verify_receipt(parse_receipt(receipt), trust=trust)
    assert proven.trusted
    assert proven.openings.sha256 == by_name["one.txt"]["sha256"]


def test_the_same_deposit_again_doubles_nothing(town):
    [again] = town.json("deposit", town.place / "statement.txt", "--into", "main", who="vera")
    assert (again["status"], again["item"]) == ("duplicate", town.items["statement"])


def test_a_deposit_without_consent_is_warned_about(town):
    file = town.write("bare.txt", "Nobody said what for.")
    result = town.run("deposit", file, "--into", "main", who="vera")
    assert "stored only" in result.stderr
    assert "receipt code:" in result.stdout


def test_a_receipt_is_fetched_by_its_code_or_by_the_item(town):
    file = town.write("more.txt", "More.")
    [told] = town.json("deposit", file, "--into", "main", who="vera")
    for number, name in enumerate((told["receipt_code"], told["item"])):
        town.json("receipt", name, "-o", town.place / f"{number}.tlog-proof", who="vera")
        receipt = parse_receipt((town.place / f"{number}.tlog-proof").read_bytes())
        assert verify_receipt(receipt, trust=None).openings.name == "more.txt"


def test_the_lawyer_finds_a_name_in_another_script_and_reads(town):
    found = town.json("search", 'perpetrator:"Sergey Krumkach"', "--facet", "perpetrator", who="lena")
    assert found.keys() == {"total", "took_ms", "hits", "facets"}
    [hit] = found["hits"]
    assert hit.keys() == {"item", "rendition", "locator", "score", "title", "snippet", "compartment"}
    assert (hit["item"], hit["title"]) == (town.items["statement"], "Сведчанне")
    assert found["facets"] == {"perpetrator": {"Сяргей Крумкач": 1}}
    assert "білі" in town.run("read", hit["item"], who="lena").stdout


def test_without_a_grant_nothing_is_found_and_nothing_counted(town):
    found = town.json("search", "білі", who="olga")
    assert (found["total"], found["hits"], found["facets"]) == (0, [], {})


def test_an_original_is_saved_for_its_reader_alone(town):
    copy = town.place / "copy.txt"
    town.json("read", town.items["statement"], "-o", copy, who="lena")
    assert copy.read_bytes() == (town.place / "statement.txt").read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_the_sealed_original_opens_with_the_identity_of_the_compartment(town):
    sealed, identity = town.place / "sealed.age", town.place / "identity"
    town.json("sealed", town.items["statement"], "-o", sealed, who="vera")
    town.json("compartment", "identity", "main", "-o", identity, who="anna")
    [text] = [line for line in identity.read_text().splitlines() if not line.startswith("#")]
    header, body = split(sealed.read_bytes())
    plain = open_(header, body, [Identity.parse(text)], commitment=None)
    assert plain == (town.place / "statement.txt").read_bytes()


def test_the_history_of_an_item_names_what_was_done_by_whom(town):
    town.run("read", town.items["statement"], who="lena")
    happened = town.json("history", town.items["statement"], who="olga")
    assert (happened[0]["kind"], happened[0]["handle"]) == ("accession", "vera")
    assert (happened[-1]["kind"], happened[-1]["handle"]) == ("reading", "lena")


def test_a_graphic_item_is_announced_before_it_is_shown(town):
    file = town.write("graphic.txt", "Падрабязна.")
    described = town.write("g.json", json.dumps({**FOR_COURT, "title": "Падрабязна", "graphic": True}))
    [told] = town.json("deposit", file, "--into", "main", "--describe", described, who="vera")
    result = town.run("read", told["item"], who="lena")
    assert "graphic" in result.stderr


def test_a_withdrawn_right_ends_at_once_and_the_limit_is_told(town):
    result = town.run("revoke", "lena", "main", "--reason", "left", who="anna")
    assert result.exit_code == 0
    assert "cannot recall what was read" in result.stderr
    assert town.json("search", "білі", who="lena")["total"] == 0


def test_a_grant_lasts_until_the_end_of_its_last_day(town):
    told = town.json(
        "grant",
        "lena",
        "authority",
        "--may",
        "read",
        "--until",
        "2099-12-31",
        "--reason",
        "a case",
        who="anna",
    )
    assert told["until"] == "2099-12-31T23:59:59Z"
    assert "court" in told["for"]
    assert "store" not in told["for"]


def test_a_sealed_compartment_takes_files_and_gives_none_back(town):
    told = town.json("compartment", "add", "vault", "--sealed", who="anna")
    assert len(told["sheets"]) == 3
    file = town.write("secret.txt", "For later.")
    town.json("grant", "vera", "vault", "--may", "contribute", "--reason", "hands in", who="anna")
    [deposited] = town.json("deposit", file, "--into", "vault", who="vera")
    assert town.run("read", deposited["item"], who="anna").exit_code == 3


def test_a_card_names_the_recipient_in_force_and_no_label(town):
    town.json("compartment", "add", "minsk", who="anna")
    told = town.json("compartment", "card", "minsk", "-o", town.place / "card", who="anna")
    card = (town.place / "card").read_text()
    assert "minsk" not in card
    assert f"fingerprint: {told['fingerprint']}\n" in card
    assert "\nc2sp.org/tlog-proof@v1\n" in card


def test_records_come_from_json_lines_and_tables(town):
    town.json("grant", "vera", "main", "--may", "describe", "--reason", "describes", who="anna")
    name = {"language": "be", "kind": "official"}
    places = [
        {"type": "place", "data": {"names": [name | {"text": text}]}} for text in ("Акрэсціна", "Валадарка")
    ]
    lines = "\n\n".join(json.dumps(place) for place in places)
    stored = town.json("describe", town.write("r.jsonl", lines), "--into", "main", who="vera")
    assert [one["type"] for one in stored] == ["place", "place"]
    table = town.write("r.csv", '\ufeffname;else\nЖодзіна;x\n"Баранавічы";y\n')
    always = {f"names.0.{field}": value for field, value in name.items()}
    meaning = {"type": "place", "columns": {"name": "names.0.text"}, "always": always}
    mapping = town.write("map.json", json.dumps(meaning))
    stored = town.json("describe", table, "--map", mapping, "--into", "main", who="vera")
    assert [(one["type"], one["version"]) for one in stored] == [("place", 1), ("place", 1)]


def test_the_indexes_are_told_folded_and_made_again(town):
    [before] = town.json("index", "status", who="lena")
    assert (before["label"], before["waiting"]) == ("main", 1)
    [after] = town.json("index", "run", who="lena")
    assert after["waiting"] == 0
    [rebuilt] = town.json("index", "rebuild", who="lena")
    assert rebuilt["waiting"] == 0
    assert town.json("search", "білі", who="lena")["total"] == 1


def test_agents_are_listed_for_custodians_and_auditors_only(town):
    listed = town.json("agent", "list", who="olga")
    assert {one["handle"]: one["role"] for one in listed}["lena"] == "lawyer"
    assert town.run("agent", "list", who="lena").exit_code == 3


def test_the_doctor_ranks_what_is_missing(town):
    findings = town.json("doctor")
    severities = [one["severity"] for one in findings]
    assert severities == sorted(severities, key=["broken", "serious", "missing", "well"].index)
    assert {"cosigners", "copies", "second factor", "trustees"} <= {one["subject"] for one in findings}
    assert {"swap", "core dumps"} <= {one["subject"] for one in findings}


def test_the_doctor_fails_for_a_broken_archive(town):
    (town.archive / "log.key").unlink()
    result = town.run("doctor")
    assert result.exit_code == 4
    assert "broken       archive" in result.stdout


@pytest.mark.parametrize("place", ["before", "after", "around"])
def test_global_options_stand_anywhere(founded_town, place):
    given = ["--as", "anna", "--passphrase-file", founded_town.passphrase_file("anna"), "--json"]
    words = ["compartment", "list"]
    line = {
        "before": given + words,
        "after": words + given,
        "around": [*given[:2], words[0], *given[2:], words[1]],
    }
    result = founded_town.run(*line[place])
    assert {"main", "main.identities", "authority"} == {one["label"] for one in json.loads(result.stdout)}


def test_the_last_of_two_wins(founded_town):
    result = founded_town.run(
        "--as",
        "lena",
        "--passphrase-file",
        founded_town.passphrase_file("anna"),
        "agent",
        "list",
        "--as",
        "anna",
    )
    assert result.exit_code == 0


def test_the_passage_of_a_flagged_item_is_shown_only_when_it_is_asked_for(town):
    file = town.write("flagged.txt", "Пра тое шапталі ў калідоры.")
    described = town.write("f.json", json.dumps({**FOR_COURT, "sexual_violence": True, "minors": True}))
    deposited = town.run("deposit", file, "--into", "main", "--describe", described, who="vera")
    assert "1 of 1 files concern minors, and the consent was given by the person alone" in deposited.stderr
    hidden = town.run("search", "шапталі", who="lena").stdout
    assert "[minors]  [sexual violence]" in hidden
    assert "калідоры" not in hidden
    assert "калідоры" in town.run("search", "шапталі", "--flagged", who="lena").stdout
    [hit] = town.json("search", "шапталі", who="lena")["hits"]
    assert hit["flags"] == ["minors", "sexual_violence"]


def test_there_is_something_and_whom_to_ask_is_said_beside_the_hits(town):
    consent = {"given_by": "self", "uses": ["store"], "contact_first": True}
    file = town.write("ask.txt", "Тут быў чырвоны грузавік.")
    described = town.write("ask.json", json.dumps({**FOR_COURT, "title": "Таямніца", "consent": consent}))
    [told] = town.json("deposit", file, "--into", "main", "--describe", described, who="vera")
    found = town.run("search", "грузавік", who="lena")
    assert "in main there is something whose people want to be asked first: ask anna" in found.stderr
    for secret in ("Таямніца", "чырвоны", told["item"]):
        assert secret not in found.stdout + found.stderr
    value = town.json("search", "грузавік", who="lena")
    assert (value["total"], value["hits"]) == (0, [])
    assert [(one["compartment"], one["ask"]) for one in value["told"]] == [("main", ["anna"])]
