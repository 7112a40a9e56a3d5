"""A recipient card as one page of A4 to be printed: its text facts, and QR codes to be photographed.

The page carries no proof: that is in the text card, which the pack tool takes. The recipient's QR code is
written in upper case, in which Bech32 is valid too and a QR code needs a third less room.
"""

import html
from typing import Final

import segno

from archive.cards import Card

_TEXTS: Final = (
    (
        "be",
        "Картка атрымальніка",
        "Кожны, хто мае гэтую картку, можа запячатаць файлы для архіва. Прачытаць што-небудзь з ёй нельга.",
        "Параўнайце адбітак голасам або пры сустрэчы з чалавекам, ад якога картка: у падробленай ён іншы.",
    ),
    (
        "ru",
        "Карточка получателя",
        "Каждый, у кого есть эта карточка, может запечатать файлы для архива. Прочесть с ней ничего нельзя.",
        "Сравните отпечаток голосом или при встрече с тем, от кого карточка: у поддельной он другой.",
    ),
    (
        "en",
        "Recipient card",
        "Whoever has this card can seal files for the archive. Nothing can be read with it.",
        "Compare the fingerprint by voice or face to face with whom it comes from: a false card has another.",
    ),
)
_FACTS: Final = (
    ("Дзейнічае да · Действует до · Valid until", "expires"),
    ("Выдадзена · Выдана · Issued", "issued"),
    ("Архіў · Архив · Archive", "origin"),
    ("Раздзел · Раздел · Compartment", "compartment"),
    ("Эпоха · Эпоха · Epoch", "epoch"),
)
_STYLE: Final = """
@page { size: A4; margin: 12mm }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 186mm; font: 10.5pt/1.35 sans-serif; color: #000; background: #fff }
h1 { font-size: 17pt; margin: 0 0 3mm }
h2 { font-size: 10.5pt; margin: 0 0 1mm }
p { margin: 0 0 1mm }
.languages { display: grid; grid-template-columns: repeat(3, 1fr); gap: 5mm; margin-bottom: 4mm }
.print { border: .6mm solid #000; padding: 3mm 4mm; margin-bottom: 4mm; display: flex; align-items: center }
.groups { font: bold 21pt/1.4 monospace; margin: 0 }
.groups { display: grid; grid-template-columns: repeat(4, auto); gap: 0 7mm }
.codes { display: flex; gap: 6mm; align-items: flex-start }
figure { margin: 0 }
figure svg { display: block; width: 100%; height: auto }
.recipient { width: 112mm; flex: none }
.small { width: 30mm; flex: none; margin-left: auto }
dl { margin: 0; overflow-wrap: anywhere }
dt { font-size: 8.5pt }
dd { margin: 0 0 2.5mm; font-weight: bold }
.key { font: 5.6pt/1.25 monospace; overflow-wrap: anywhere; margin-top: 4mm }
"""


def card_page(card: Card) -> str:
    """Write the page, in Belarusian, Russian and English at once; it needs nothing from elsewhere."""
    words = "".join(
        f'<section lang="{language}"><h2>{title}</h2><p>{what}</p><p>{compare}</p></section>'
        for language, title, what, compare in _TEXTS
    )
    facts = "".join(
        f"<dt>{label}</dt><dd>{html.escape(str(getattr(card, name)))}</dd>" for label, name in _FACTS
    )
    groups = "".join(f"<span>{group}</span>" for group in card.fingerprint.split())
    title = " · ".join(title for _, title, _, _ in _TEXTS)
    return (
        f'<!DOCTYPE html>\n<html lang="be"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>Sviedka</h1>"
        f'<div class="languages">{words}</div>'
        f'<div class="print"><div><h2>Адбітак · Отпечаток · Fingerprint</h2>'
        f'<p class="groups">{groups}</p></div>'
        f'<figure class="small">{qr_code(card.fingerprint.replace(" ", "").upper())}</figure></div>'
        f'<div class="codes"><figure class="recipient">{qr_code(card.recipient.upper())}</figure>'
        f"<dl>{facts}</dl></div>"
        f'<p class="key">{card.recipient}</p></body></html>\n'
    )


def qr_code(text: str) -> str:
    """Draw text as a QR code, as SVG to stand in a page."""
    code = segno.make_qr(text, error="L", boost_error=True)
    return str(code.svg_inline(omitsize=True, border=4))
