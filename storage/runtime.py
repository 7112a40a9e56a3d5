"""The runtime directory: the only place on the file system where opened secrets may be, and it is in RAM.

Layout: `<candidate>/sviedka-<archive id>/`, mode 0700, in it `shared/` for all processes of the archive and
one folder for each process, holding its pid file. Processes lock their pid files, so the dead are known by
their unlocked ones, and what they left is wiped by whoever starts next. `shared/` goes with the last.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from archive.errors import FixityError
from archive.ids import Id
from storage.durable import writing
from storage.locks import exclusive, try_lock

MOUNTS: Final = Path("/proc/self/mountinfo")
#: Where plaintext may live on any Linux: in RAM, and checked before it is used.
USUAL: Final = Path("/dev/shm")  # noqa: S108
_IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})
_PREFIX: Final = "process-"
_SHARED: Final = "shared"
_LOCK: Final = "lock"
_PRIVATE: Final = 0o700


class Runtime:
    """This process's place in the runtime directory, kept until `close` or the end of the process.

    `path` is its own folder, `shared` the one that all living processes of the archive see. A forked child
    opens its own and leaves its parent's alone.
    """

    def __init__(self, folder: Path, path: Path, pid_file: int) -> None:
        self.path = path
        self.shared = folder / _SHARED
        self._folder = folder
        self._pid_file = pid_file

    def close(self) -> None:
        """Wipe the own folder, and the shared one if no other process lives."""
        if self._pid_file < 0:
            return
        with exclusive(self._folder / _LOCK):
            os.close(self._pid_file)
            self._pid_file = -1
            _wipe_dead(self._folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_runtime(candidates: Iterable[Path], archive_id: Id, *, allow_disk: bool = False) -> Runtime:
    """Make a folder for this process under the first candidate that is in RAM and writable.

    With `allow_disk` any writable candidate will do. Raises F15 when none does, F16 when a folder of that
    name belongs to somebody else or is open to others.
    """
    for candidate in candidates:
        usable = candidate.is_dir() and os.access(candidate, os.W_OK | os.X_OK)
        if usable and (allow_disk or is_in_memory(candidate)):
            return _open_in(candidate / f"sviedka-{archive_id}")
    raise FixityError(
        "F15", "no writable RAM-backed folder for the runtime directory", expected="tmpfs or ramfs"
    )


def existing_shared(candidates: Iterable[Path], archive_id: Id, owner: int) -> list[Path]:
    """Return the folder that living processes of the archive share, under each candidate that has one.

    What is a link, open to others, or belongs neither to `owner`, this user nor root is left out.
    """
    folders = {candidate / f"sviedka-{archive_id}" for candidate in candidates}
    return [folder / _SHARED for folder in sorted(folders) if _belongs(folder, {owner, os.geteuid(), 0})]


def _belongs(folder: Path, owners: set[int]) -> bool:
    try:
        found, shared = folder.lstat(), (folder / _SHARED).lstat()
    except OSError:
        return False
    own = found.st_uid in owners and stat.S_IMODE(found.st_mode) == _PRIVATE
    return own and stat.S_ISDIR(found.st_mode) and stat.S_ISDIR(shared.st_mode)


def is_in_memory(path: Path, *, mounts: Path = MOUNTS) -> bool:
    """Say whether `path` is on a file system that lives in RAM, by the device number of its mount."""
    device = path.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        mount, _, kind = line.partition(" - ")
        if mount.split(" ")[2] == wanted:
            return kind.split(" ")[0] in _IN_MEMORY
    return False


def _open_in(folder: Path) -> Runtime:
    with writing("the runtime directory"):
        folder.mkdir(mode=0o700, exist_ok=True)
    _check_private(folder)
    # Two processes that start at once must not take each other's unfinished folders for leftovers.
    with exclusive(folder / _LOCK), writing("the runtime directory"):
        _wipe_dead(folder)
        (folder / _SHARED).mkdir(mode=0o700, exist_ok=True)
        own = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
        pid_file = os.open(own / "pid", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try_lock(pid_file)
        os.write(pid_file, b"%d\n" % os.getpid())
    return Runtime(folder, own, pid_file)


def _check_private(folder: Path) -> None:
    found = folder.lstat()
    mode = stat.S_IMODE(found.st_mode)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or mode != _PRIVATE:
        raise FixityError(
            "F16",
            "the runtime directory is not private to this user",
            expected="an own folder of mode 700",
            found=f"user {found.st_uid}, mode {mode:o}",
        )


def _wipe_dead(folder: Path) -> None:
    """Remove the folders of dead processes, and the shared one unless a process lives."""
    processes = list(folder.glob(f"{_PREFIX}*"))
    dead = [path for path in processes if not _is_alive(path / "pid")]
    if len(dead) == len(processes):
        dead.append(folder / _SHARED)
    for path in dead:
        if path.exists():
            shutil.rmtree(path)


def _is_alive(pid_file: Path) -> bool:
    try:
        descriptor = os.open(pid_file, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)
