"""Cards at the command line: the text that the pack tool takes, and the page that is printed."""

import re

import segno

from archive.cards import parse_card
from archive.trust import parse_trust
from archive.verifying_cards import verify_card
from keys.bech32 import decode
from keys.recipients import Recipient


def matrix_of(svg: str) -> list[list[int]]:
    """Read back which modules an SVG of a QR code draws dark: runs along rows, as segno writes them."""
    [[size, path]] = re.findall(r'viewBox="0 0 (\d+) \d+".*? d="([^"]+)"', svg, re.S)
    rows = [[0] * int(size) for _ in range(int(size))]
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmhv])([^Mmhv]*)", path):
        moved = [float(one) for one in re.findall(r"-?[\d.]+", numbers)]
        if command == "h":
            for column in range(int(x), int(x + moved[0])):
                rows[int(y)][column] = 1
            x += moved[0]
        else:
            x, y = (moved[0], moved[1]) if command == "M" else (x + moved[0], y + moved[1])
    return rows


def test_a_card_proves_itself_with_the_trust_file_of_a_receipt(town):
    file = town.write("another.txt", "Яшчэ адно сведчанне.")
    town.json("deposit", file, "--into", "main", "--receipts", town.place / "receipts", who="vera")
    told = town.json("compartment", "card", "main", "-o", town.place / "card.txt", who="anna")
    card = parse_card((town.place / "card.txt").read_bytes())
    trust = parse_trust((town.place / "receipts" / "archive.trust").read_bytes())
    proven = verify_card(card, now=card.issued, trust=trust, told=told["fingerprint"])
    assert (proven.trusted, proven.compared, card.expires) == (True, True, told["expires"])


def test_a_printed_card_shows_the_same_facts_in_three_languages_and_as_codes(town):
    town.json("compartment", "card", "main", "-o", town.place / "card.txt", who="anna")
    told = town.json("compartment", "card", "main", "-o", town.place / "card.HTML", who="anna")
    card = parse_card((town.place / "card.txt").read_bytes())
    page = (town.place / "card.HTML").read_text()
    for word in (
        "Картка атрымальніка",
        "Карточка получателя",
        "Recipient card",
        card.recipient,
        told["expires"],
    ):
        assert word in page
    for group in card.fingerprint.split():
        assert f"<span>{group}</span>" in page
    assert not re.search(r"(src|href)=|url\(|<script", page)
    drawn = [matrix_of(svg) for svg in re.findall(r"<svg.*?</svg>", page, re.S)]
    expected = [
        segno.make_qr(text, error="L")
        for text in (card.fingerprint.replace(" ", "").upper(), card.recipient.upper())
    ]
    assert drawn == [[list(row) for row in code.matrix_iter(border=4)] for code in expected]
    assert [code.mode for code in expected] == ["alphanumeric", "alphanumeric"]
    assert Recipient(decode("AGE1PQ", card.recipient.upper())).text == card.recipient
