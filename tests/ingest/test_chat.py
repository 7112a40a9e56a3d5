"""Conversations and subtitles: each message in its place, with time and sender as written."""

import json

import pytest

from ingest.formats.chats import read_json
from ingest.formats.markup import read_html
from ingest.formats.parts import Segment
from ingest.formats.reading import read_document


def read(text, media_type="text/plain"):
    return read_document(text.encode(), media_type=media_type, languages=(), documents=None)


@pytest.mark.parametrize(
    "head",
    [
        "[01/02/20, 11:25:03] ",
        "01.02.20, 11:25 - ",
        "1/2/2020, 11:25 a. m. - ",
        "2020/02/01, 11:25 - ",
        "[2020-02-01, 11:25] ",
        "[2020-02-01 11:25] ",
        "\u200e[01.02.2020, 11:25:03] ",
    ],
)
def test_a_text_export_is_read_message_by_message(head):
    found = read(f"{head}Алесь: Дзе ты?\nТут усё спакойна\n{head}Вера Л.: Іду: хутка\n{head}Вера выйшла\n")
    assert [s.locator for s in found.segments] == ["message:1", "message:2", "message:3"]
    assert found.segments[0].text.endswith("Алесь: Дзе ты?\nТут усё спакойна")
    assert found.segments[1].text.endswith("Вера Л.: Іду: хутка")
    assert found.segments[2].text.endswith("]: Вера выйшла")


def test_the_time_stays_as_written():
    found = read("01.02.20, 11:25 - Алесь: a\n01.02.20, 11:26 - Алесь: b\n")
    assert found.segments[0].text == "[01.02.20 11:25] Алесь: a"


def test_a_text_that_only_mentions_a_time_is_no_chat():
    found = read("Пратакол\n[01/02/20, 11:25] затрыманы\n[01/02/20, 11:30] дастаўлены\n")
    assert found.segments[0].locator == "paragraph:1"


def test_a_telegram_export_is_read_message_by_message():
    export = {
        "name": "Двор",
        "messages": [
            {
                "type": "service",
                "date": "2020-08-09T22:00:00",
                "actor": "Алесь",
                "action": "create_group",
                "text": "",
            },
            {
                "date": "2020-08-09T22:01:05",
                "from": "Вера",
                "text": ["Глядзі ", {"type": "link", "text": "тут"}],
            },
            {"date_unixtime": "1597010465", "from": None, "text": "без імя"},
        ],
    }
    found = read(json.dumps(export, ensure_ascii=False), "application/json")
    assert [s.text for s in found.segments] == [
        "[2020-08-09 22:00:00] Алесь: [create_group]",
        "[2020-08-09 22:01:05] Вера: Глядзі тут",
        "[2020-08-09 22:01:05Z]: без імя",
    ]
    assert found.metadata["title"] == "Двор"


def test_all_chats_of_an_account_are_read():
    chat = {"name": "a", "messages": [{"date": "x", "from": "b", "text": "c"}]}
    found = read(
        json.dumps({"chats": {"list": [chat, chat]}, "left_chats": {"list": [chat]}}), "application/json"
    )
    assert [s.locator for s in found.segments] == ["message:1", "message:2", "message:3"]


def test_instagram_s_broken_letters_are_mended():
    said = "Прывітанне".encode().decode("latin-1")
    export = {"messages": [{"sender_name": said, "timestamp_ms": 1579294140000, "content": said}]}
    found = read(json.dumps(export), "application/json")
    assert found.segments[0].text == "[2020-01-17 20:49:00Z] Прывітанне: Прывітанне"


@pytest.mark.parametrize("strange", ['{"messages": [1, null, {"text": 5, "from": [], "date": {}}]}', '{"chats": [1]}', "[]", "null", '"x"'])  # fmt: skip
def test_json_of_a_strange_shape_is_no_fault(strange):
    read_json(strange, "utf-8")


def test_a_telegram_page_is_read_message_by_message():
    page = """<html><body class="tgme"><div class="history">
    <div class="message service"><div class="body details">9 August 2020</div></div>
    <div class="message default clearfix"><div class="body"><div class="pull_right date details"
      title="09.08.2020 22:01:05">22:01</div><div class="from_name">Вера</div><div class="text">Дзе<br>ты?</div></div></div>
    <div class="message default clearfix joined"><div class="body"><div class="pull_right date details"
      title="09.08.2020 22:02:00">22:02</div><div class="text">Тут</div></div></div></div></body></html>"""
    found = read(page, "text/html")
    assert [s.text for s in found.segments] == [
        "[]: 9 August 2020",
        "[09.08.2020 22:01:05] Вера: Дзе\nты?",
        "[09.08.2020 22:02:00] Вера: Тут",
    ]


def test_a_page_gives_its_text_and_not_its_scripts():
    page = "<title>Суд</title><script>bad()</script><p>Ад<b>на</b> &amp; два<p>тры<style>x</style><td>a</td><td>b</td>"
    assert read_html(page, "utf-8").segments == (Segment("paragraph:1", "Суд\n\nАдна & два\n\nтры a b"),)


def test_subtitles_are_read_by_minutes_with_their_times():
    cues = "".join(
        f"{n}\r\n00:{n:02}:05,000 --> 00:{n:02}:09,000\r\n<i>словы</i> {n}\r\nдалей\r\n\r\n"
        for n in range(1, 4)
    )
    found = read(cues, "application/x-subrip")
    assert [(s.locator, s.text) for s in found.segments] == [
        ("time:00:01:05", "словы 1\nдалей"),
        ("time:00:02:05", "словы 2\nдалей"),
        ("time:00:03:05", "словы 3\nдалей"),
    ]


def test_webvtt_is_read_with_or_without_hours():
    found = read(
        "WEBVTT\n\nx\n00:05.000 --> 00:06.000 align:start\nадзін\n\n01:00:07.000 --> 01:00:08.000\nдва\n"
    )
    assert [(s.locator, s.text) for s in found.segments] == [
        ("time:00:00:05", "адзін"),
        ("time:01:00:07", "два"),
    ]


def test_a_table_is_read_row_by_row():
    found = read("імя;дата\nАлесь;2020\n", "text/csv")
    assert found.segments == (Segment("row:1", "імя | дата\n\nАлесь | 2020"),)


@pytest.mark.corpus
@pytest.mark.parametrize("kind", ["whatsapp", "signal", "telegram", "instagram"])
def test_exports_of_others_give_every_message(corpus, kind):
    folder = corpus / "formats" / "chat-exports" / "chat-miner" / "test" / kind
    wanted = ["".join(m["message"].split()) for m in json.loads((folder / "target.json").read_text("utf-8"))]
    for path in folder.glob("test_*"):
        media_type = "application/json" if path.suffix == ".json" else "text/plain"
        found = read_document(path.read_bytes(), media_type=media_type, languages=(), documents=None)
        said = ["".join(s.text.split()) for s in found.segments]
        assert len(said) >= len(wanted) - 1
        hits = sum(any(text.endswith(want) for text in said) for want in wanted)
        print(f"{path.name}: {hits} of {len(wanted)}")
        assert hits >= 0.8 * len(wanted)
