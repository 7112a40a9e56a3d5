"""At rest nothing is in clear: planted words are looked for in every byte that the archive left anywhere."""

import ctypes
import gc
import os
import random
import re
import struct
import tempfile
import threading
from pathlib import Path

import pytest
from founded import FOR_COURT, RAM, founded_house, opened_house

from ingest.describe import describe
from search.analysis import Analyser

WORDS = 1000
SYLLABLES = ("ла", "ру", "ми", "то", "бе", "зи", "ха", "вы", "же", "щу", "цо", "пя")
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1251")
#: Long enough that no chance meets it: 8 bytes of ciphertext are equal once in 10**19 places.
SHINGLE_BYTES = 8
#: Runs of Cyrillic letters that may hold a shingle: UTF-8, UTF-16 of either order, CP1251.
LETTERS = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rb"(?:[\xd0\xd1][\x80-\xbf]){4,}",
        rb"(?:[\x10-\x4f]\x04){4,}",
        rb"(?:\x04[\x10-\x4f]){4,}",
        rb"[\xc0-\xff]{8,}",
    )
]

_CREATED, _MOVED_IN, _WRITTEN = 0x100, 0x80, 0x8


def invented_words(count=WORDS):
    """Return long words that no dictionary and no program holds, each different from its first half on."""
    chance = random.Random(7)
    words = {"".join(chance.choice(SYLLABLES) for _ in range(8)) for _ in range(2 * count)}
    return sorted(words)[:count]


def shingles_of(words):
    """Return every 8th part of the words, and of their stems, in every encoding; each part is 8 bytes."""
    analyser = Analyser()
    spellings = {*words, *(word.capitalize() for word in words)}
    spellings |= {stem for word in words for stem in analyser.query_stems(word)}
    encoded = {spelling.encode(encoding) for spelling in spellings for encoding in ENCODINGS}
    return {data[:SHINGLE_BYTES] for data in encoded} | {data[-SHINGLE_BYTES:] for data in encoded}


def holds_any(data, shingles):
    """Say whether any shingle stands anywhere in the data: only runs of letters need a closer look."""
    return any(
        run[place : place + SHINGLE_BYTES] in shingles
        for letters in LETTERS
        for run in letters.findall(data)
        for place in range(len(run) - SHINGLE_BYTES + 1)
    )


def files_in(*folders):
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def check_clean(shingles, *folders):
    """Look at every byte and every file name in the folders; return how many bytes were looked at."""
    looked_at = 0
    for path in files_in(*folders):
        data = path.read_bytes()
        assert not holds_any(data, shingles), f"a planted word in {path.name}"
        assert not holds_any(str(path).encode(), shingles), "a planted word in a file name"
        looked_at += len(data)
    return looked_at


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """An empty home and an empty temporary folder, to see what comes into them."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    for folder in (home, temporary):
        folder.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return home, temporary


def plant(house, words):
    """Hand the words in as texts, file names, titles and names, in every encoding, and as records."""
    parts = [words[start : start + 20] for start in range(0, len(words), 20)]
    vera = house.documenter()
    house.lawyer()
    for number, part in enumerate(parts):
        encoding = ("utf-8", "utf-16", "cp1251")[number % 3]
        described = {
            **FOR_COURT,
            "language": "ru",
            "title": part[0],
            "perpetrators": [part[1].capitalize()],
            "victims": [part[2].capitalize()],
            "places": [part[3].capitalize()],
            "source": part[4],
        }
        text = "\n\n".join(f"Показания о том, что было потом: {word} и ещё раз." for word in part)
        [result] = house.deposit(vera, {f"{part[5]}.txt": text.encode(encoding)}, described)
        assert result.status == "accessioned"
    names = [[{"text": part[6].capitalize(), "language": "ru", "kind": "official"}] for part in parts]
    describe(house.archive, house.anna, "main", [{"type": "person", "data": {"names": n}} for n in names])
    return parts


def test_a_thousand_planted_words_are_nowhere_at_rest_and_all_found_after_sign_in(tmp_path, elsewhere):
    words = invented_words()
    shingles = shingles_of(words)
    archive = tmp_path / "archive"
    with founded_house(archive) as house:
        parts = plant(house, words)
        # SQLite's write-ahead log and shared memory are there while the archive is open.
        assert {path.suffix for path in archive.glob("catalogue.sqlite-*")} >= {".sqlite-wal"}
        assert check_clean(shingles, archive, *elsewhere) > 100_000
        # Folding the batches seals an index; the open one is in memory.
        lena = house.sign_in("lena")
        assert house.find(lena, words[0]).total >= 1
        assert files_in(archive / "index")
        check_clean(shingles, archive, *elsewhere)
        assert files_in(house.archive.runtime.path)
        runtime = house.archive.runtime.path
    assert not runtime.exists()
    # Other archives may be open beside this one: of what is in memory only its own place is looked at.
    assert check_clean(shingles, archive, *elsewhere, runtime.parent) > 100_000
    with opened_house(archive) as house:
        lena = house.sign_in("lena")
        for part in parts:
            # Each of the words leads there, or all of them together would not.
            assert house.find(lena, " AND ".join(f"text:{word}" for word in part)).total == 1
            named = [part[1].capitalize(), part[2].capitalize(), part[3].capitalize()]
            asked = "title:{} AND perpetrator:{} AND victim:{} AND place:{}".format(part[0], *named)
            assert house.find(lena, asked).total == 1
    check_clean(shingles, archive, *elsewhere)


def test_the_search_for_planted_words_would_find_them():
    words = invented_words(50)
    shingles = shingles_of(words)
    for encoding in ENCODINGS:
        for word in words:
            assert holds_any(b"\x00\xff" + f"x{word}ами".encode(encoding) + b"rest", shingles)
    assert not holds_any(random.Random(1).randbytes(1 << 18), shingles)


class Watch:
    """What is created, moved into or written in folders, told by the kernel."""

    def __init__(self, *folders: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        assert self._descriptor >= 0
        self._folders: dict[int, Path] = {}
        for folder in folders:
            watched = self._libc.inotify_add_watch(
                self._descriptor, os.fsencode(folder), _CREATED | _MOVED_IN | _WRITTEN
            )
            assert watched >= 0
            self._folders[watched] = folder

    def seen(self) -> set[Path]:
        """Return what was created or written so far."""
        found = set()
        while True:
            try:
                data = os.read(self._descriptor, 1 << 16)
            except BlockingIOError:
                return found
            while data:
                watched, _, _, length = struct.unpack_from("iIII", data)
                name = data[16 : 16 + length].rstrip(b"\0")
                found.add(self._folders[watched] / os.fsdecode(name))
                data = data[16 + length :]

    def close(self) -> None:
        os.close(self._descriptor)


class OpenFiles(threading.Thread):
    """Looks, again and again, at what this process and its children have open for writing."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.found: set[str] = set()
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.002):
            for process in [os.getpid(), *self._children()]:
                self._look(process)

    def stop(self) -> set[str]:
        self._ended.set()
        self.join()
        return self.found

    def _children(self) -> list[int]:
        try:
            tasks = Path(f"/proc/{os.getpid()}/task").iterdir()
            return [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            return []

    def _look(self, process: int) -> None:
        try:
            for descriptor in Path(f"/proc/{process}/fd").iterdir():
                flags = Path(f"/proc/{process}/fdinfo/{descriptor.name}").read_text().split("flags:")[1]
                if int(flags.split()[0], 8) & (os.O_WRONLY | os.O_RDWR):
                    self.found.add(str(descriptor.readlink()))
        except (OSError, IndexError):
            return


def test_while_handing_in_and_searching_nothing_is_written_elsewhere(tmp_path, elsewhere):
    gc.collect()
    before = OpenFiles()
    before._look(os.getpid())
    watch, looking = Watch(*elsewhere, Path("/tmp"), Path("/var/tmp"), Path.cwd()), OpenFiles()
    with founded_house(tmp_path / "archive") as house:
        looking.start()
        parts = plant(house, invented_words(100))
        html = f"<html><body><p>Показания: {parts[0][7]}</p></body></html>"
        house.deposit(house.sign_in("vera"), {"page.html": html, "table.csv": f"a;b\n{parts[0][8]};2\n"})
        house.deposit(house.sign_in("vera"), {"broken.pdf": b"%PDF-1.4 nothing of the kind"})
        lena = house.sign_in("lena")
        for part in parts:
            house.read_original(lena, house.find(lena, part[9]).hits[0].item)
        opened = looking.stop() - before.found
        allowed = (str(tmp_path / "archive") + "/", str(RAM) + "/sviedka-", "/memfd:", "pipe:", "socket:")
        allowed += ("/dev/null", "anon_inode:")
        assert [path for path in opened if not path.startswith(allowed)] == []
    mine = {path for path in watch.seen() if path.is_relative_to(tmp_path) or "sviedka" in path.name}
    watch.close()
    assert mine == set()
    assert files_in(*elsewhere) == []
