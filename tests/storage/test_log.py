"""The log on disk: what is acknowledged is logged, provable and consistent with all that was published."""

import hashlib
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import small_log

from archive.checkpoints import Checkpoint
from archive.errors import CustodyError, FixityError
from archive.merkle import EMPTY_ROOT, leaf_hash, verify_consistency, verify_inclusion
from archive.tiles import TileRef, hash_tiles
from storage.log import Log, create_log


def slow_root(entries):
    """MTH of RFC 6962 2.1, word for word."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return hashlib.sha256(b"\x01" + slow_root(entries[:k]) + slow_root(entries[k:])).digest()


def batch(first, count):
    return [b"entry %d" % number for number in range(first, first + count)]


@pytest.fixture
def log(tmp_path):
    return small_log.new_log(tmp_path / "log")


def reopened(tmp_path):
    return small_log.open_log(tmp_path / "log")


def test_a_new_log_is_empty_and_signed(log):
    assert log.checkpoint() == Checkpoint(small_log.ORIGIN, 0, EMPTY_ROOT)
    assert small_log.verify(log.note()).size == 0
    assert list(log.entries(0)) == []


def test_a_log_is_never_created_by_accident_nor_twice(tmp_path, log):
    log.append([b"one"])
    with pytest.raises(FixityError) as caught:
        create_log(tmp_path / "log", origin=small_log.ORIGIN, sign=small_log.sign)
    assert caught.value.code == "F01"
    with pytest.raises(FixityError, match="no checkpoint") as caught:
        small_log.open_log(tmp_path / "elsewhere").checkpoint()
    assert caught.value.code == "F10"


@pytest.mark.parametrize("seed", range(4))
def test_every_size_gives_the_reference_root_and_proofs_that_verify(tmp_path, log, seed):
    pick = random.Random(seed)
    known = []
    roots = {}
    while len(known) < 700:
        added = batch(len(known), pick.choice([1, 2, 3, 100, 255, 256, 257]))
        appended = log.append(added)
        assert appended.first_index == len(known)
        known += added
        assert appended.checkpoint.size == len(known)
        assert appended.checkpoint.root == slow_root(known)
        assert small_log.verify(appended.note) == appended.checkpoint
        roots[len(known)] = appended.checkpoint.root
    log = reopened(tmp_path)
    assert list(log.entries(0)) == known
    size, root = len(known), log.checkpoint().root
    for index in pick.sample(range(size), 10):
        assert log.entry(index) == known[index]
        verify_inclusion(index, size, leaf_hash(known[index]), log.prove_inclusion(index), root)
    for old, old_root in roots.items():
        verify_consistency(old, size, log.prove_consistency(old), old_root, root)
        assert log.root_at(old) == old_root
        assert list(log.entries(old - 1, old)) == [known[old - 1]]


def test_a_tall_log_has_the_tiles_of_the_specification(tmp_path, log):
    known = batch(0, 66_000)
    log.append(known[:65_000])
    log.append(known[65_000:])
    assert log.checkpoint().root == slow_root(known)
    assert (tmp_path / "log/tile/2/000.p/1").stat().st_size == 32
    assert (tmp_path / "log/tile/1/001.p/1").stat().st_size == 32
    assert (tmp_path / "log/tile/1/000").stat().st_size == 8192
    assert (tmp_path / "log/tile/entries/257.p/208").exists()
    for ref in hash_tiles(66_000):
        assert len(log.tile(ref)) == ref.width * 32


def test_partial_tiles_disappear_once_the_tile_is_full_and_old_sizes_stay_readable(tmp_path, log):
    for start in range(0, 260, 20):
        log.append(batch(start, 20))
    assert not (tmp_path / "log/tile/0/000.p").exists()
    assert not (tmp_path / "log/tile/entries/000.p").exists()
    assert log.root_at(100) == slow_root(batch(0, 100))
    assert log.tile(TileRef(0, 0, 100)) == log.tile(TileRef(0, 0))[:3200]
    assert log.tile(TileRef(None, 0, 1)) == b"\x00\x07entry 0"
    with pytest.raises(CustodyError, match="no such tile"):
        log.tile(TileRef(0, 1, 100))


def test_what_a_crash_left_of_superseded_tiles_goes_with_the_next_append(tmp_path, log):
    log.append(batch(0, 300))
    leftover = tmp_path / "log/tile/0/000.p/17"
    leftover.parent.mkdir()
    leftover.write_bytes(b"x" * 32 * 17)
    log.append(batch(300, 1))
    assert not leftover.parent.exists()


def test_tiles_beyond_the_checkpoint_are_ignored_and_overwritten(tmp_path, log):
    log.append(batch(0, 250))
    for path in ("tile/0/000", "tile/entries/000", "tile/0/001.p/4", "tile/1/000.p/1", "tile/0/000.p/251"):
        (tmp_path / "log" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "log" / path).write_bytes(b"what a crash left")
    log = reopened(tmp_path)
    assert list(log.entries(0)) == batch(0, 250)
    log.append(batch(250, 10))
    assert log.checkpoint().root == slow_root(batch(0, 260))
    assert list(reopened(tmp_path).entries(0)) == batch(0, 260)


@pytest.mark.parametrize("told", [True, False], ids=["by a mark", "at the first append"])
def test_tiles_of_an_append_that_never_ended_are_removed_before_the_next(tmp_path, log, told):
    """They would be taken for wider forms of tiles that were superseded since."""
    log.append([b"one", b"two", b"three"])
    root = tmp_path / "log"
    planted = [root / "tile/0/000.p/5", root / "tile/entries/000.p/5", root / "tile/0/001"]
    for path in planted:
        path.write_bytes(b"x" * 160)
    (root / ".checkpoint.log.new").write_bytes(b"half")
    if told:
        (root / "unfinished").touch()
    again = log if told else reopened(tmp_path)
    again.append([b"four"])
    again.append([b"five", b"six", b"seven"])
    assert not any(path.exists() for path in [*planted, root / ".checkpoint.log.new", root / "unfinished"])
    assert [again.root_at(size) for size in range(1, 8)]


def test_appending_nothing_answers_with_the_published_checkpoint(log):
    log.append([b"one"])
    note = log.note()
    appended = log.append([])
    assert (appended.first_index, appended.note, appended.checkpoint.size) == (1, note, 1)


def test_the_largest_entry_fits_and_a_larger_one_is_refused_alone(log):
    log.append([b"x" * 65_535])
    with pytest.raises(CustodyError) as caught:
        log.append([b"fits", b"x" * 65_536])
    assert caught.value.code == "C33"
    assert log.checkpoint().size == 1
    assert log.entry(0) == b"x" * 65_535


def test_beyond_the_log_there_is_nothing(log):
    log.append(batch(0, 3))
    for ask in (
        lambda: log.entry(3),
        lambda: log.entries(2, 4),
        lambda: log.entries(-1),
        lambda: log.root_at(4),
    ):
        with pytest.raises(CustodyError) as caught:
            ask()
        assert caught.value.code == "C44"
    with pytest.raises(CustodyError):
        log.prove_inclusion(3)


def test_without_a_key_nothing_is_appended(tmp_path, log):
    with pytest.raises(CustodyError) as caught:
        small_log.open_log(tmp_path / "log", sign=None).append([b"one"])
    assert caught.value.code == "C47"


@pytest.mark.parametrize("path", ["tile/0/000.p/100", "tile/0/000.p/100 shorter"])
def test_over_damaged_tiles_nothing_is_signed(tmp_path, log, path):
    log.append(batch(0, 100))
    tile = tmp_path / "log" / path.split()[0]
    data = tile.read_bytes()
    tile.write_bytes(data[:-32] if "shorter" in path else data[:5] + bytes([data[5] ^ 1]) + data[6:])
    log = reopened(tmp_path)
    note = log.note()
    with pytest.raises(CustodyError) as caught:
        log.append([b"next"])
    assert caught.value.code == ("C31" if "shorter" in path else "C40")
    assert log.note() == note
    tile.write_bytes(data)
    assert log.append([b"next"]).checkpoint.root == slow_root([*batch(0, 100), b"next"])


def test_a_damaged_or_missing_bundle_is_named_and_never_built_upon(tmp_path, log):
    log.append(batch(0, 100))
    bundle = tmp_path / "log/tile/entries/000.p/100"
    data = bundle.read_bytes()
    bundle.write_bytes(data.replace(b"entry 42", b"entry 43"))
    with pytest.raises(FixityError, match="found 42") as caught:
        list(log.entries(0))
    assert caught.value.code == "F11"
    with pytest.raises(FixityError):
        log.append([b"next"])
    bundle.unlink()
    with pytest.raises(FixityError, match=r"tile/entries/000\.p/100") as caught:
        log.entry(0)
    assert caught.value.code == "F12"
    assert log.checkpoint().size == 100


def test_a_log_that_goes_back_or_forks_under_a_running_process_is_refused(tmp_path, log):
    old = tmp_path / "log/checkpoint"
    log.append(batch(0, 5))
    earlier = old.read_bytes()
    log.append(batch(5, 5))
    latest = old.read_bytes()
    forged = small_log.sign(Checkpoint(small_log.ORIGIN, 10, bytes(32)))
    longer = small_log.sign(Checkpoint(small_log.ORIGIN, 11, bytes(32)))
    for other in (earlier, forged, longer):
        old.write_bytes(other)
        with pytest.raises((CustodyError, FixityError)) as caught:
            log.checkpoint()
        assert caught.value.code in ("C45", "F12")
    old.write_bytes(latest)
    assert log.append([b"next"]).first_index == 10


def test_a_note_signed_wrongly_is_not_published(tmp_path, log):
    log.append([b"one"])
    wrong = Log(
        tmp_path / "log",
        origin=small_log.ORIGIN,
        sign=lambda checkpoint: small_log.sign(Checkpoint(small_log.ORIGIN, 99, checkpoint.root)),
        verify=small_log.verify,
    )
    with pytest.raises(CustodyError) as caught:
        wrong.append([b"two"])
    assert caught.value.code == "C43"
    assert log.append([b"two"]).checkpoint.size == 2


def test_a_refused_check_keeps_its_entries_out_and_nobody_elses(log):
    def refuse(first):
        raise CustodyError("C99", "not lawful", found=first)

    log.append([b"one"])
    with pytest.raises(CustodyError, match="found 1"):
        log.append([b"two"], check=refuse)
    seen = []
    log.append([b"three"], check=seen.append)
    assert seen == [1]
    assert list(log.entries(0)) == [b"one", b"three"]


def test_sixty_four_threads_share_their_checkpoints(tmp_path):
    signed = []

    def sign(checkpoint):
        signed.append(checkpoint.size)
        return small_log.sign(checkpoint)

    small_log.new_log(tmp_path / "log")
    log = small_log.open_log(tmp_path / "log", sign=sign)
    places = {}
    refused = []

    def work(number):
        for step in range(6):
            entry = b"%d %d" % (number, step)

            def check(first, step=step):
                if (number, step) == (7, 5):
                    raise CustodyError("C99", "not lawful")

            try:
                places[entry] = log.append([entry], check=check).first_index
            except CustodyError as fault:
                refused.append((number, step, fault.code))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [(7, 5, "C99")]
    assert len(places) == 383
    found = list(reopened(tmp_path).entries(0))
    assert len(found) == 383
    assert all(found[index] == entry for entry, index in places.items())
    assert signed == sorted(signed)
    assert len(signed) < 192


def test_several_processes_append_at_once(tmp_path, log):
    script = Path(small_log.__file__)
    run = "import sys; sys.path.insert(0, sys.argv[1]); import small_log; from pathlib import Path; "
    run += "small_log.append_batches(Path(sys.argv[2]), sys.argv[3], [1, 5, 300] * 4)"
    command = [sys.executable, "-c", run, str(script.parent), str(tmp_path / "log")]
    writers = [
        subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        for name in ("a", "b", "c")
    ]
    outputs = [writer.communicate()[0] for writer in writers]
    found = [entry.decode().strip() for entry in log.entries(0)]
    assert len(found) == 3 * 4 * 306
    for output in outputs:
        assert len(output.splitlines()) == 12
        for line in output.splitlines():
            name, number, size, first = line.split()
            for offset in range(int(size)):
                assert found[int(first) + offset] == f"{name} {int(number) + offset}"
    assert log.checkpoint().root == slow_root(list(log.entries(0)))


def test_what_comes_after_a_refusal_is_checked_against_a_settled_log(log):
    """A batch: one that is logged, one refused half-way, one that must then see the first one published."""
    gate = threading.Event()
    outcomes = {}

    def refuse(first):
        raise CustodyError("C99", "not lawful", found=first)

    def look(first):
        outcomes["published when checked"] = (first, log.checkpoint().size)

    def append(name, check):
        try:
            outcomes[name] = log.append([name.encode()], check=check).first_index
        except CustodyError as fault:
            outcomes[name] = fault.code

    threads = []
    for number, (name, check) in enumerate(
        [("leader", lambda first: gate.wait()), ("logged", None), ("refused", refuse), ("later", look)]
    ):
        threads.append(threading.Thread(target=append, args=(name, check)))
        threads[-1].start()
        # The leader has taken its own request off the queue; the others pile up behind it in this order.
        while len(log._waiting) != number or not log._led:
            threading.Event().wait(0.001)
    gate.set()
    for thread in threads:
        thread.join()
    assert outcomes == {
        "leader": 0,
        "logged": 1,
        "refused": "C99",
        "later": 2,
        "published when checked": (2, 2),
    }
