"""Trustees' sheets: one share of a recovery key each, as text and as a page to be printed and put away."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from archive.author import system_clock
from archive.cli.saving import new_folder, save
from archive.cli.sheet_page import sheet_page
from archive.cli.showing import note
from archive.errors import IntakeError
from archive.events import format_moment

_PAGE: Final = """\
SVIEDKA · {of}

Частка {number} з {count} ключа аднаўлення. Любыя {needed} з {count} адкрываюць усё.
Раздрукуйце, сатрыце файл, захоўвайце ў таямніцы і асобна ад іншых частак. Нікому не дасылайце.

Часть {number} из {count} ключа восстановления. Любые {needed} из {count} открывают всё.
Распечатайте, сотрите файл, храните в тайне и отдельно от других частей. Никому не пересылайте.

Share {number} of {count} of a recovery key. Any {needed} of {count} open everything.
Print it, delete the file, keep it secret and apart from the other shares. Send it to nobody.

{words}
"""
_WORDS_IN_ROW: Final = 4


def prepare_folder(folder: Path | None, *, beside: Path) -> None:
    """See before anything is founded that sheets can be written: lost shares cannot be made again.

    They belong neither into the archive's folder nor over earlier sheets (I77).
    """
    if folder is None:
        return
    if folder.absolute().is_relative_to(beside.absolute()):
        raise IntakeError(
            "I77", "the sheets would lie in the archive's own folder", expected="another folder"
        )
    if new_folder(folder) and any(folder.glob("share-*")):
        raise IntakeError(
            "I77", "there are sheets in this folder already", expected="a folder without sheets"
        )


def hand_out(shares: Sequence[str], folder: Path | None, *, needed: int, of: str) -> dict[str, list[str]]:
    """Write sheets and return their paths as `sheets_written`; without a folder the shares, as `sheets`.

    Each is there twice: `share-1.html` is for the printer, `share-1.txt` for those who have none.
    """
    if folder is None:
        return {"sheets": list(shares)}
    written = []
    today = format_moment(system_clock())[:10]
    for number, share in enumerate(shares, 1):
        told: dict[str, Any] = {"number": number, "count": len(shares), "needed": needed, "of": of}
        pages = {".html": sheet_page(share, **told, on=today), ".txt": _page(share, **told)}
        for ending, page in pages.items():
            path = folder / f"share-{number}{ending}"
            save(path, page.encode())
            written.append(str(path))
    return {"sheets_written": written}


def _page(share: str, *, number: int, count: int, needed: int, of: str) -> str:
    numbered = [f"{place:2}. {word:<12}" for place, word in enumerate(share.split(), 1)]
    rows = [
        "".join(numbered[start : start + _WORDS_IN_ROW]).rstrip()
        for start in range(0, len(numbered), _WORDS_IN_ROW)
    ]
    return _PAGE.format(of=of, number=number, count=count, needed=needed, words="\n".join(rows))


def show_sheets(handed: dict[str, list[str]], threshold: int, shares: int) -> None:
    """Tell where the sheets are, or show them; and what to do with them."""
    for path in handed.get("sheets_written", ()):
        note(f"sheet written: {path}")
    for number, share in enumerate(handed.get("sheets", ()), 1):
        note(f"sheet {number} of {shares}: {share}")
    note(
        f"Print each sheet and give it to another trustee: any {threshold} of {shares} recover the archive. "
        "Then destroy the files, with what they lay on. Keep no copy."
    )
