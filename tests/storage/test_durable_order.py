"""What is fsynced when: watched from outside, as calls of the system, without replacing any."""

import sys
import threading
from pathlib import Path

import pytest
import small_log

from archive.digests import Digest
from storage.durable import overwrite_all, replace, write_all, write_once
from storage.flushing import flushing
from storage.headers import LocalHeaders
from storage.objects import LocalObjects

WATCHED = {"fsync", "link", "rename", "replace", "unlink"}


@pytest.fixture
def watch():
    """Run something and return the calls that made it durable, in order, as (call, file or folder)."""
    before = sys.getprofile()

    def run(action):
        calls = []

        def note(frame, kind, called):
            name = getattr(called, "__name__", "")
            if kind != "c_call" or name not in WATCHED or called.__module__ != "posix":
                return
            held = frame.f_locals
            if name == "fsync":
                number = (
                    held["descriptor"]
                    if "descriptor" in held
                    else (held.get("file") or held["self"]._file).fileno()
                )
                subject = Path(f"/proc/self/fd/{number}").readlink()
            else:
                subject = Path(held.get("target") or held.get("path") or held["self"])
            calls.append((name, subject.name))

        threading.setprofile(note)
        sys.setprofile(note)
        try:
            action()
        finally:
            sys.setprofile(before)
            threading.setprofile(None)
        return calls

    return run


def position(calls, wanted):
    assert wanted in calls, calls
    return calls.index(wanted)


def test_a_replaced_file_is_fsynced_before_its_name_and_its_folder_after(tmp_path, watch):
    calls = watch(lambda: replace(tmp_path / "a", b"x"))
    kinds = [call for call, _ in calls]
    assert kinds == ["fsync", "replace", "fsync"]
    assert calls[0][1].startswith(".a.")
    assert calls[2] == ("fsync", tmp_path.name)


def test_a_write_once_file_is_fsynced_before_its_name_and_its_folder_after(tmp_path, watch):
    calls = [call for call in watch(lambda: write_once(tmp_path / "a", b"x")) if call[0] != "unlink"]
    assert [call for call, _ in calls] == ["fsync", "link", "fsync"]
    assert calls[-1] == ("fsync", tmp_path.name)


def test_a_committed_object_is_durable_with_all_its_folders(tmp_path, watch):
    objects = LocalObjects(tmp_path / "objects")
    digest = Digest.of(b"body")

    def store():
        with objects.writer() as writer:
            writer.write(b"body")
            writer.commit()

    calls = watch(store)
    renamed = position(calls, ("replace", digest))
    fsynced = [name for call, name in calls[:renamed] if call == "fsync"]
    assert fsynced[0].startswith("tmp")
    # The folders' own names are durable before anything is put into them.
    assert fsynced[1:] == ["objects", digest[:2]]
    assert calls[renamed + 1] == ("fsync", digest[2:4])


def test_a_deleted_header_is_durably_gone(tmp_path, watch):
    headers = LocalHeaders(tmp_path)
    body = Digest.of(b"body")
    headers.put(body, b"header")
    calls = watch(lambda: headers.delete(body))
    assert calls[-2:] == [("unlink", body), ("fsync", body[:2])]


def test_the_checkpoint_is_published_after_all_tiles_are_durable(tmp_path, watch):
    log = small_log.new_log(tmp_path / "log")
    calls = watch(lambda: log.append([b"entry"] * 300))
    published = position(calls, ("replace", "checkpoint"))
    named = [index for index, call in enumerate(calls) if call[0] == "replace" and index != published]
    assert len(named) == 5
    fsynced = {name for call, name in calls[max(named) : published] if call == "fsync"}
    assert {"0", "entries", "001.p", "000.p", ".checkpoint.log.new"} <= fsynced
    assert ("fsync", "log") in calls[published:]


def calls_of(action, names):
    """Run something and return which of these functions it called, in order."""
    called = []

    def note(frame, kind, function):
        name = frame.f_code.co_name if kind == "call" else getattr(function, "__name__", "")
        if kind in ("call", "c_call") and name in names:
            called.append(name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
    return called


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each file is fsynced")
def test_many_files_are_all_written_before_the_one_flush_that_makes_them_durable(tmp_path):
    files = {tmp_path / f"{number}": b"old" for number in range(70)}
    write_all(files, token="t")
    with flushing([tmp_path]) as flush:
        if flush is None:
            pytest.skip("not a file system of which one knows what a flush does")
    new = dict.fromkeys(files, b"new")
    called = calls_of(lambda: overwrite_all(new, token="t"), {"pwrite", "_flush", "fsync"})
    assert called == ["pwrite"] * 70 + ["_flush"]
    few = dict(list(new.items())[:1])
    assert calls_of(lambda: overwrite_all(few, token="t"), {"pwrite", "_flush", "fsync"}) == [
        "pwrite",
        "fsync",
    ]


def test_what_is_not_known_to_flush_is_not_relied_on(tmp_path):
    with flushing([Path("/proc")]) as flush:
        assert flush is None
    with flushing([tmp_path, Path("/proc")]) as flush:
        assert flush is None
    with flushing([]) as flush:
        assert flush is None
