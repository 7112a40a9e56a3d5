"""Durable files: all or nothing, whatever happens."""

import os
import threading

import pytest

from archive.errors import FixityError
from storage.durable import FolderTree, overwrite_all, remove, replace, write_all, write_once


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_same_bytes_may_be_written_once_more(tmp_path):
    write_once(tmp_path / "a", b"one")
    write_once(tmp_path / "a", b"one")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert names(tmp_path) == ["a"]


def test_other_bytes_are_refused_and_the_first_stay(tmp_path):
    write_once(tmp_path / "a", b"one")
    with pytest.raises(FixityError, match="other bytes") as caught:
        write_once(tmp_path / "a", b"two")
    assert caught.value.code == "F01"
    assert (tmp_path / "a").read_bytes() == b"one"
    assert names(tmp_path) == ["a"]


def test_of_many_concurrent_writers_exactly_one_content_wins(tmp_path):
    refused = []

    def write(number):
        try:
            write_once(tmp_path / "a", b"%d" % number * 1000)
        except FixityError as fault:
            refused.append(fault.code)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["F01"] * 7
    assert len((tmp_path / "a").read_bytes()) == 1000
    assert names(tmp_path) == ["a"]


def test_replacing_shows_the_new_content_and_leaves_nothing_else(tmp_path):
    replace(tmp_path / "a", b"one")
    replace(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert names(tmp_path) == ["a"]


def test_a_write_that_fails_midway_leaves_the_old_files(tmp_path):
    replace(tmp_path / "a", b"old")
    (tmp_path / "folder").mkdir()
    with pytest.raises(FixityError, match="EISDIR") as caught:
        write_all({tmp_path / "folder": b"x", tmp_path / "a": b"new"}, token="t")
    assert caught.value.code == "F02"
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a", "folder"]


def test_removing_takes_half_written_copies_along(tmp_path):
    replace(tmp_path / "a", b"secret header")
    (tmp_path / ".a.0011223344556677.new").write_bytes(b"secret header")
    (tmp_path / ".ab.0011223344556677.new").write_bytes(b"of another")
    remove(tmp_path / "a")
    remove(tmp_path / "a")
    remove(tmp_path / "nowhere" / "a")
    assert names(tmp_path) == [".ab.0011223344556677.new"]


def test_files_and_folders_are_private_to_their_owner(tmp_path):
    folders = FolderTree(tmp_path / "root")
    folders.ready(tmp_path / "root" / "ab" / "cd")
    write_once(tmp_path / "root" / "ab" / "cd" / "a", b"x")
    assert (tmp_path / "root" / "ab").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "root" / "ab" / "cd" / "a").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_vanished_is_made_again(tmp_path):
    folders = FolderTree(tmp_path)
    folders.ready(tmp_path / "a" / "b")
    (tmp_path / "a" / "b").rmdir()
    folders.ready(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_files_of_the_same_length_are_written_over_where_they_are(tmp_path):
    files = {tmp_path / f"{number:03}": b"old %03d" % number for number in range(200)}
    write_all(files, token="t")
    inodes = {path: path.stat().st_ino for path in files}
    overwrite_all({path: data.replace(b"old", b"new") for path, data in files.items()}, token="t")
    assert {path: path.read_bytes() for path in files} == {
        path: data.replace(b"old", b"new") for path, data in files.items()
    }
    assert {path: path.stat().st_ino for path in files} == inodes


def test_what_is_not_there_is_not_created_and_another_length_is_replaced(tmp_path):
    write_all({tmp_path / "a": b"long old", tmp_path / "b": b"old"}, token="t")
    overwrite_all({tmp_path / "a": b"new", tmp_path / "b": b"new", tmp_path / "gone": b"new"}, token="t")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"new", "b": b"new"}


def test_a_file_with_a_second_name_is_replaced_and_the_second_keeps_the_old(tmp_path):
    """Somebody's snapshot made of hard links is his."""
    replace(tmp_path / "a", b"old")
    os.link(tmp_path / "a", tmp_path / "snapshot")
    overwrite_all({tmp_path / "a": b"new"}, token="t")
    assert [(tmp_path / name).read_bytes() for name in ("a", "snapshot")] == [b"new", b"old"]


def test_nothing_is_written_through_a_link_to_elsewhere(tmp_path):
    replace(tmp_path / "elsewhere", b"old")
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FixityError, match="ELOOP"):
        overwrite_all({tmp_path / "a": b"new"}, token="t")
    assert (tmp_path / "elsewhere").read_bytes() == b"old"
