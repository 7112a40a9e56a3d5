"""The runtime directory is in RAM, private, and rid of what the dead left; swap is recognised."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from archive.errors import CustodyError, FixityError
from archive.ids import new_id
from storage.locks import only_process
from storage.runtime import existing_shared, is_in_memory, open_runtime
from storage.swap import has_unencrypted_swap

ARCHIVE = new_id(bytes)
PROJECT = Path(__file__).parents[2]
OPEN = """
import sys
from pathlib import Path
from archive.ids import Id
from storage.runtime import open_runtime
runtime = open_runtime([Path(sys.argv[1])], Id(sys.argv[2]), allow_disk=True)
(runtime.path / "secret").write_text("plaintext")
(runtime.shared / "boot").write_text("boot secret")
print(runtime.path, flush=True)
sys.stdin.read()
"""


def other_process(folder):
    process = subprocess.Popen(
        [sys.executable, "-c", OPEN, str(folder), ARCHIVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )
    return process, Path(process.stdout.readline().strip())


def kill(process):
    process.kill()
    process.communicate()


def open_here(folder):
    return open_runtime([folder], ARCHIVE, allow_disk=True)


def test_the_folders_are_private_and_gone_after_closing(tmp_path):
    with open_here(tmp_path) as runtime:
        for folder in (runtime.path, runtime.shared, runtime.path.parent):
            assert folder.stat().st_mode & 0o777 == 0o700
        (runtime.path / "index").mkdir()
        assert runtime.path.parent == tmp_path / f"sviedka-{ARCHIVE}"
    assert [path.name for path in (tmp_path / f"sviedka-{ARCHIVE}").iterdir()] == ["lock"]
    runtime.close()


def test_what_a_killed_process_left_is_wiped_by_the_next(tmp_path):
    process, left = other_process(tmp_path)
    kill(process)
    assert (left / "secret").exists()
    with open_here(tmp_path) as runtime:
        assert not left.exists()
        assert list(runtime.shared.iterdir()) == []


def test_what_a_living_process_holds_is_left_alone_and_shared(tmp_path):
    process, theirs = other_process(tmp_path)
    with open_here(tmp_path) as runtime:
        assert (theirs / "secret").read_text() == "plaintext"
        assert (runtime.shared / "boot").read_text() == "boot secret"
    assert (theirs / "secret").exists()
    with open_here(tmp_path) as runtime:
        kill(process)
        assert (runtime.shared / "boot").exists()
    assert not theirs.exists()
    assert not (tmp_path / f"sviedka-{ARCHIVE}" / "shared").exists()


def test_a_disk_is_refused_unless_allowed(tmp_path):
    if is_in_memory(tmp_path):
        pytest.skip("temporary files are in RAM here")
    with pytest.raises(FixityError, match="tmpfs") as caught:
        open_runtime([tmp_path / "missing", tmp_path], ARCHIVE)
    assert caught.value.code == "F15"


def test_memory_is_recognised_and_used_first(tmp_path):
    shm = Path("/dev/shm")
    if not shm.is_dir() or not is_in_memory(shm):
        pytest.skip("no shared memory file system here")
    with open_runtime([tmp_path / "missing", shm], new_id()) as runtime:
        assert runtime.path.is_relative_to(shm)
    shutil.rmtree(runtime.path.parent)


@pytest.mark.parametrize("make", ["open to others", "a link"])
def test_a_folder_that_is_not_private_is_refused(tmp_path, make):
    folder = tmp_path / f"sviedka-{ARCHIVE}"
    if make == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.mkdir()
        folder.chmod(0o755)
    with pytest.raises(FixityError) as caught:
        open_here(tmp_path)
    assert caught.value.code == "F16"


def test_a_second_server_is_refused_until_the_first_is_gone(tmp_path):
    code = (
        "import sys; from pathlib import Path; from storage.locks import only_process\n"
        "with only_process(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )
    assert process.stdout.readline() == "held\n"
    with (
        pytest.raises(CustodyError, match=f"process {process.pid}") as caught,
        only_process(tmp_path / "lock"),
    ):
        pass
    assert caught.value.code == "C41"
    kill(process)
    with only_process(tmp_path / "lock"):
        pass


@pytest.fixture
def swap(tmp_path):
    """Write a list of swaps and the folder of the device they are on; say what is found."""
    device = tmp_path.stat().st_dev
    entry = tmp_path / "devices" / f"{os.major(device)}:{os.minor(device)}"
    entry.parent.mkdir()
    area = tmp_path / "swapfile"
    area.touch()
    (tmp_path / "swaps").write_text(f"Filename Type Size Used Priority\n{area} file 1024 0 -2\n")

    def found(name):
        entry.symlink_to(tmp_path / "sys" / name)
        return has_unencrypted_swap(swaps=tmp_path / "swaps", devices=entry.parent)

    return found


def sysfs(tmp_path, path, text=""):
    file = tmp_path / "sys" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_swap_on_a_plain_disk_is_unencrypted(tmp_path, swap):
    sysfs(tmp_path, "sda/sda2/partition", "2\n")
    assert swap("sda/sda2")


def test_swap_on_dm_crypt_is_encrypted(tmp_path, swap):
    sysfs(tmp_path, "dm-0/dm/uuid", "CRYPT-LUKS2-0123-cryptswap\n")
    assert not swap("dm-0")


def test_swap_on_a_logical_volume_over_dm_crypt_is_encrypted(tmp_path, swap):
    sysfs(tmp_path, "dm-0/dm/uuid", "CRYPT-LUKS2-0123-disk\n")
    sysfs(tmp_path, "dm-1/dm/uuid", "LVM-0123\n")
    (tmp_path / "sys/dm-1/slaves").mkdir()
    (tmp_path / "sys/dm-1/slaves/dm-0").symlink_to(tmp_path / "sys/dm-0")
    assert not swap("dm-1")
    sysfs(tmp_path, "sdb/size")
    (tmp_path / "sys/dm-1/slaves/sdb").symlink_to(tmp_path / "sys/sdb")
    assert has_unencrypted_swap(swaps=tmp_path / "swaps", devices=tmp_path / "devices")


@pytest.mark.parametrize(("backing", "plain"), [(None, False), ("none\n", False), ("/dev/sda3\n", True)])
def test_compressed_memory_is_no_disk_unless_it_has_one_behind_it(tmp_path, swap, backing, plain):
    sysfs(tmp_path, "zram0/size")
    if backing is not None:
        sysfs(tmp_path, "zram0/backing_dev", backing)
    assert swap("zram0") == plain


def test_without_swap_nothing_is_unencrypted_and_the_unknown_is(tmp_path):
    swaps = tmp_path / "swaps"
    assert not has_unencrypted_swap(swaps=swaps)
    swaps.write_text("Filename Type Size Used Priority\n")
    assert not has_unencrypted_swap(swaps=swaps)
    swaps.write_text("Filename Type Size Used Priority\n/gone/swap\\040file file 1 0 -2\n")
    assert has_unencrypted_swap(swaps=swaps)


def test_what_a_server_shares_is_found_under_any_candidate_unless_it_is_open_to_others(tmp_path):
    places = [tmp_path / name for name in ("used", "unused", "open", "link")]
    for place in places:
        place.mkdir()
    (places[2] / f"sviedka-{ARCHIVE}" / "shared").mkdir(parents=True)
    with open_runtime([places[0]], ARCHIVE, allow_disk=True) as runtime:
        (places[3] / f"sviedka-{ARCHIVE}").symlink_to(runtime.shared.parent)
        assert existing_shared([*places, tmp_path / "none"], ARCHIVE, os.geteuid()) == [runtime.shared]
    assert existing_shared(places, ARCHIVE, os.geteuid()) == []
