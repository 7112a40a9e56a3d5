"""A trustee's sheet as one page of A4 to be printed, in Belarusian, Russian and English at once.

No QR code: a camera keeps pictures, and sends them elsewhere. The words are to be read and typed by people.
"""

import html
from typing import Final

_TEXTS: Final = (
    (
        "be",
        "Частка {number} з {count} ключа аднаўлення",
        "Любыя {needed} з {count} давераных асоб разам адкрываюць усё. Меней не адкрываюць нічога.",
        (
            "Захоўвайце гэты аркуш у таямніцы і асобна ад іншых. Не фатаграфуйце, не перапісвайце ў тэлефон "
            "і нікому не дасылайце.",
            "Раз на год вас папросяць паспрабаваць: прыйдзіце са словамі, іх уводзяць пры вас.",
            "Калі просяць уначы, праз перапіску ці сілай, гэта не спроба. Папярэдзьце астатніх.",
            "Калі аркуш згублены ці яго хтосьці бачыў, адразу скажыце: усе аркушы заменяць.",
        ),
    ),
    (
        "ru",
        "Часть {number} из {count} ключа восстановления",
        "Любые {needed} из {count} доверенных лиц вместе открывают всё. Меньше не открывают ничего.",
        (
            "Храните этот лист в тайне и отдельно от других. Не фотографируйте, не переписывайте в телефон "
            "и никому не пересылайте.",
            "Раз в год вас попросят попробовать: приходите со словами, их вводят при вас.",
            "Если просят ночью, в переписке или силой, это не проба. Предупредите остальных.",
            "Если лист потерян или его кто-то видел, скажите сразу: все листы заменят.",
        ),
    ),
    (
        "en",
        "Share {number} of {count} of a recovery key",
        "Any {needed} of {count} trustees open everything together. Fewer open nothing.",
        (
            "Keep this sheet secret and apart from the others. Do not photograph it, do not copy it into a "
            "telephone, send it to nobody.",
            "Once a year you are asked to try it: come with the words, they are typed while you watch.",
            "Whoever asks at night, in writing or by force is not asking for a trial. Warn the others.",
            "If it is lost, or somebody saw it, say so at once: all sheets are replaced.",
        ),
    ),
)
_STYLE: Final = """
@page { size: A4; margin: 12mm }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 186mm; font: 10.5pt/1.35 sans-serif; color: #000; background: #fff }
h1 { font-size: 17pt; margin: 0 }
h2 { font-size: 11pt; margin: 0 0 1.5mm }
p { margin: 0 0 2mm }
ul { margin: 0; padding-left: 4.5mm }
li { margin-bottom: 1.5mm }
.of { font-size: 12pt; margin: 1mm 0 5mm; overflow-wrap: anywhere }
.words { border: .6mm solid #000; padding: 4mm 5mm; margin: 0 0 5mm; display: grid;
  grid-template-columns: repeat(3, 1fr); gap: 1.2mm 6mm; font: bold 15pt/1.3 monospace; list-style: none }
.words li { margin: 0; white-space: nowrap }
.words b { display: inline-block; width: 9mm; font: 9pt sans-serif }
.languages { display: grid; grid-template-columns: repeat(3, 1fr); gap: 6mm }
.set { font-size: 9pt; margin-top: 5mm }
"""


def sheet_page(share: str, *, number: int, count: int, needed: int, of: str, on: str) -> str:
    """Write one trustee's sheet; `of` says what it opens, `on` is the day. It is one file."""
    words = share.split()
    numbered = "".join(f"<li><b>{place}.</b>{word}</li>" for place, word in enumerate(words, 1))
    told = {"number": number, "count": count, "needed": needed}
    columns = "".join(
        f'<section lang="{language}"><h2>{title.format(**told)}</h2><p>{what.format(**told)}</p>'
        f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul></section>"
        for language, title, what, lines in _TEXTS
    )
    return (
        '<!DOCTYPE html>\n<html lang="be"><head><meta charset="utf-8">'
        f"<title>Sviedka {number}/{count}</title><style>{_STYLE}</style></head><body>"
        f'<h1>Sviedka · {number} / {count}</h1><p class="of">{html.escape(of)} · {on}</p>'
        f'<ol class="words">{numbered}</ol><div class="languages">{columns}</div>'
        '<p class="set">Аркушы аднаго набору пачынаюцца з тых самых двух слоў. · Листы одного набора '
        "начинаются с тех же двух слов. · Sheets of one set begin with the same two words: "
        f"<b>{words[0]} {words[1]}</b>.</p></body></html>\n"
    )
