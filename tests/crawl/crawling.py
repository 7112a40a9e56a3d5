"""The crawl itself: every command and every page, as somebody, with every kind of name; all answers kept."""

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from answers import normalised, printed, unfolded
from browsing import Browser
from commands import COMMANDS, Desk
from founded import circumstances, passphrase_of
from names import Names, granted, pairs
from pages import PAGES
from planted import LADA, MOMENT, Planted
from town import Town

from archive.assemble import open_archive
from archive.web.application import create_app
from keys.identities import Identity
from keys.trustees import split_identity
from search.engines.tantivy_engine import TantivyEngine
from search.shelf import Shelf

GRANTED = "granted"
#: Headers that hold what is drawn anew, or follows from its length.
_PASSED_OVER = ("Set-Cookie", "Content-Length")
#: Nobody signs in; somebody tries a handle with a passphrase of her own.
NOBODY, IMPOSTOR = "nobody", "impostor"


@dataclass(frozen=True)
class Answer:
    """What came back: of which command or page, the how-manieth time, for which kind of name."""

    of: str
    variant: str
    number: int
    names: Names
    told: bytes

    @property
    def text(self) -> str:
        """All text in the answer, however it is wrapped, without the names that were asked with."""
        return self.names.masked(unfolded(self.told))

    @property
    def comparable(self) -> str:
        """The answer without those names, and without what is drawn anew each time."""
        try:
            return normalised(self.names.masked(self.told.decode()))
        except UnicodeDecodeError:
            return f"‹{len(self.told)} bytes›"


def variants(world: Planted, who: str) -> Iterator[tuple[str, Names]]:
    for name, foreign, decoy in pairs(world, who):
        yield name, foreign
        yield f"no {name}", decoy
    # What is granted comes last: it may succeed, and change what is there.
    yield GRANTED, granted(world)


def crawled_commands(world: Planted, who: str, place: Path, *, only: str | None = None) -> list[Answer]:
    """Run every command as somebody, on a copy of the archive; return all that was told and written."""
    town, answers = world.town.copied_to(place), list[Answer]()
    shutil.copy(town.passphrase_file(who if who in world.seen_by else "anna"), place / "own.passphrase")
    desk = Desk(place, _sheets(place))
    for words, arguments in COMMANDS.items():
        for variant, names in variants(world, who):
            if only in (None, variant):
                for number, more in enumerate(arguments(names, desk)):
                    if not _worth_it(variant, names, more):
                        continue
                    told = _run(town, who, (*words, *more)) + _written(desk)
                    answers.append(Answer(" ".join(words), variant, number, names, _without(told, place)))
    return answers


def _worth_it(variant: str, names: Names, words: Iterable[object]) -> bool:
    """What names nothing is asked once, among what is granted."""
    told = " ".join(map(str, words))
    return variant == GRANTED or any(value in told for value in names.values())


def _without(told: bytes, place: Path) -> bytes:
    return printed(told).replace(str(place).encode(), b"PLACE")


def _run(town: Town, who: str, words: tuple[object, ...]) -> bytes:
    env = {}
    if who == IMPOSTOR:
        env = {"SVIEDKA_AGENT": LADA, "SVIEDKA_PASSPHRASE_FILE": str(town.place / "own.passphrase")}
    result = town.run(*words, who=None if who in (NOBODY, IMPOSTOR) else who, env=env)
    return f"exit {result.exit_code}\n".encode() + result.stdout_bytes + result.stderr_bytes


def _written(desk: Desk) -> bytes:
    """Return all that a command wrote, and remove it."""
    if not desk.out.exists():
        return b""
    files = sorted(path for path in desk.out.rglob("*") if path.is_file())
    found = b"".join(path.name.encode() * (path.suffix != ".age") + path.read_bytes() for path in files)
    shutil.rmtree(desk.out)
    return found


def _sheets(place: Path) -> list[Path]:
    """Write the sheets of some other archive's trustees."""
    paths = []
    for number, share in enumerate(split_identity(Identity.generate(), 2, 3)):
        paths.append(place / f"sheet-{number}.txt")
        paths[-1].write_text(share)
    return paths[:2]


def crawled_pages(world: Planted, who: str, place: Path, *, only: str | None = None) -> list[Answer]:
    """Ask for every page as somebody, on a copy of the archive; return every answer with its headers."""
    town, answers = world.town.copied_to(place), list[Answer]()
    with _site(town) as app:
        for (method, address), asked in PAGES.items():
            for variant, names in variants(world, who):
                if only in (None, variant):
                    for number, values in enumerate(asked(names)):
                        if not _worth_it(variant, names, values.values()):
                            continue
                        browser = _browser(app, who)
                        told = _ask(browser, method, address, dict(values))
                        app.extensions["sviedka"].archive.catalogue.sessions.delete_all()
                        answers.append(Answer(f"{method} {address}", variant, number, names, told))
    return answers


@contextmanager
def _site(town: Town):
    where = circumstances(lambda: MOMENT)
    with open_archive(town.archive, where) as archive:
        shelf = Shelf(archive, TantivyEngine)
        try:
            yield create_app(archive, shelf)
        finally:
            shelf.close()


def _browser(app, who: str) -> Browser:
    browser = Browser(app)
    browser.client.set_cookie("language", "en")
    return browser if who == NOBODY else browser.sign_in(who, passphrase_of(who))


def _ask(browser: Browser, method: str, address: str, values: dict[str, object]) -> bytes:
    path = re.sub(r"<(?:path:)?(\w+)>", lambda name: str(values.pop(name[1])), address)
    if method == "GET":
        answer = browser.get(path, query_string=values)
    else:
        answer = browser.post(path, values)
    kept = (f"{name}: {value}\n" for name, value in answer.headers if name not in _PASSED_OVER)
    return f"{answer.status}\n{''.join(kept)}\n".encode() + printed(answer.data)
