"""Files that survive a power cut: written beside their place, fsynced, renamed, and their folder fsynced.

Every function here returns only when its effect is durable, and raises F02 when the system refuses (no space,
no permission, a failing disk). A crash leaves at most a dot file ending in `.new` beside the real one; only
`overwrite_all` works otherwise.
"""

import errno
import os
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from archive.errors import FixityError
from storage.flushing import flushing

Result = TypeVar("Result")

_SUFFIX = ".new"
# The disk's journal takes fsyncs that arrive together as one.
_AT_ONCE = 8
# From so many files on, flushing the whole file system is quicker.
_MANY = 64


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Turn what the system refuses inside into F02; `what` names the thing written, never its content."""
    try:
        yield
    except OSError as fault:
        reason = errno.errorcode.get(fault.errno or 0, "unknown")
        raise FixityError("F02", f"cannot write {what}", found=reason) from fault


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FolderTree:
    """The folders below one root, made on demand (mode 0700) and durable before anything is put into them.

    A folder that merely exists may be another process's that died before its fsync, so each is fsynced into
    its parent once by this process; what was done is remembered here. Safe for concurrent callers.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._durable: set[Path] = set()

    def ready(self, folder: Path) -> None:
        """Make `folder`, which is the root or below it, exist durably."""
        if folder in self._durable and folder.is_dir():
            return
        if folder == self._root:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            self.ready(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)
        self._durable.add(folder)


def write_once(path: Path, data: bytes) -> None:
    """Create `path` holding `data`; the same bytes already there are fine, other bytes raise F01.

    The folder exists already. Concurrent writers are safe: exactly one content wins.
    """
    temporary = _temporary(path, secrets.token_hex(8))
    with writing(path.name):
        try:
            _fill(temporary, data)
            os.link(temporary, path)
        except FileExistsError:
            if path.read_bytes() != data:
                raise FixityError("F01", f"{path.name} exists and holds other bytes") from None
        finally:
            _discard([temporary])
        sync_folder(path.parent)


def replace(path: Path, data: bytes) -> None:
    """Give `path` the content `data`, atomically: a reader or a crash sees the old content or the new."""
    write_all({path: data}, token=secrets.token_hex(8))


def write_all(files: Mapping[Path, bytes], *, token: str) -> None:
    """Replace each of `files`, each atomically (not together), sharing the fsyncs of folders.

    `token` tells concurrent writers of one path apart. A single writer under a lock passes a constant, so
    that what a crash left is overwritten by the next attempt.
    """
    with writing("files" if len(files) > 1 else next(iter(files), Path()).name):
        staged = {path: _temporary(path, token) for path in files}
        try:
            _each(_fill, staged.values(), files.values())
            for path, temporary in staged.items():
                temporary.replace(path)
        except OSError:
            _discard(staged.values())
            raise
        _each(sync_folder, {path.parent for path in files})


def overwrite_all(files: Mapping[Path, bytes], *, token: str) -> None:
    """Write over those of `files` that exist, in place, in a small part of the time of `write_all`.

    For callers who keep the new content elsewhere until this returns, and read it there: whoever reads one of
    these files meanwhile, or after a crash, may find the old content, the new, or a mix of both. Where the
    length is another, the file is replaced as `write_all` does.
    """
    there = [path for path in files if path.is_file()]
    with writing("files"), ExitStack() as stack:
        flush = (
            stack.enter_context(flushing({path.parent for path in there})) if len(there) >= _MANY else None
        )
        act = partial(_overwrite, sync=flush is None)
        done = _each(act, there, [files[path] for path in there], threads=flush is None)
        if flush is not None:
            flush()
    if other := {path: files[path] for path, fits in zip(there, done, strict=True) if not fits}:
        write_all(other, token=token)


def _each(act: Callable[..., Result], *arguments: Collection[Any], threads: bool = True) -> list[Result]:
    """Do something to each: in threads where it waits for the disk, and there are several."""
    if len(arguments[0]) <= 1 or not threads:
        return list(map(act, *arguments))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(act, *arguments))


def remove(path: Path) -> None:
    """Remove `path` and every copy of it that a crash left half-written; its absence is no error."""
    if not path.parent.is_dir():
        return
    with writing(path.name):
        for leftover in path.parent.glob(f".{path.name}.*{_SUFFIX}"):
            leftover.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def _temporary(path: Path, token: str) -> Path:
    return path.with_name(f".{path.name}.{token}{_SUFFIX}")


def _overwrite(path: Path, data: bytes, *, sync: bool) -> bool:
    """Write over a file of just that length and of that one name; say whether it is one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if (found.st_size, found.st_nlink) != (len(data), 1) or os.pwrite(descriptor, data, 0) != len(data):
            return False
        if sync:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return True


def _fill(temporary: Path, data: bytes) -> None:
    with open(temporary, "wb", opener=_private) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _discard(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)
