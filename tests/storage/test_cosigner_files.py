"""What a cosigner remembers: never an earlier state, and never nothing where something was."""

import pytest
from founded import refusal
from two_organisations import ORIGIN, LogOwner

from archive.add_checkpoint import Last
from archive.merkle import EMPTY_ROOT
from storage.cosigner_files import CosignerFiles, name_of

KEYS = LogOwner().log_keys


@pytest.fixture
def files(tmp_path):
    files = CosignerFiles(tmp_path / "logs")
    files.follow(ORIGIN, KEYS)
    return files


def advance(files, size, root=b"\x01"):
    with files.changing():
        files.advance(files.followed(ORIGIN), Last(size, root * 32), b"a note\n")


def test_a_followed_log_begins_with_nothing(files):
    followed = files.followed(ORIGIN)
    assert (followed.last, followed.note) == (Last(0, EMPTY_ROOT), None)
    assert files.by_name(name_of(ORIGIN)) == followed
    assert files.followed("other.example") is None
    assert files.logs() == [followed]


def test_what_was_signed_is_remembered_by_the_next_process(files, tmp_path):
    advance(files, 5)
    again = CosignerFiles(tmp_path / "logs").followed(ORIGIN)
    assert (again.last, again.note, again.log_keys) == (Last(5, b"\x01" * 32), b"a note\n", KEYS)
    advance(files, 5)
    advance(files, 9)


def test_it_never_goes_back(files):
    advance(files, 5)
    for size, root in ((4, b"\x01"), (5, b"\x02"), (0, b"\x01")):
        with refusal("C55"):
            advance(files, size, root)
    assert files.followed(ORIGIN).last.size == 5


def test_following_again_changes_nothing_and_other_keys_are_refused(files):
    advance(files, 5)
    files.follow(ORIGIN, KEYS)
    assert files.followed(ORIGIN).last.size == 5
    with refusal("I39"):
        files.follow(ORIGIN, KEYS[:1])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"size":5', b'"size":05'),
        (b'"size":5', b'"size":-5'),
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":true'),
        (b"=", b""),
        (b"\n", b""),
        (b'"size":5', b'"size":0'),
        (b'"note"', b'"remark"'),
    ],
)
def test_a_damaged_file_is_not_taken_for_a_new_log(files, tmp_path, old, new):
    advance(files, 5)
    path = tmp_path / "logs" / f"{name_of(ORIGIN)}.log"
    path.write_bytes(path.read_bytes().replace(old, new))
    with refusal("F17"):
        files.followed(ORIGIN)


def test_a_file_in_the_place_of_another_log_is_refused(files, tmp_path):
    other = tmp_path / "logs" / f"{name_of('other.example')}.log"
    other.write_bytes((tmp_path / "logs" / f"{name_of(ORIGIN)}.log").read_bytes())
    with refusal("F17"):
        files.followed("other.example")
