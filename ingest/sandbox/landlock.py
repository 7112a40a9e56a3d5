"""Landlock for the parser host: no path of the file system but those named, where the kernel has it.

An addition to the system call filter, never its replacement. Numbers: Linux linux/landlock.h (the same on all
architectures).
"""

import ctypes
import os
import stat
import struct
from collections.abc import Sequence
from pathlib import Path

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_CREATE_VERSION = 1
_PATH_BENEATH = 1

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# Access rights known to each version of the interface, from the first on.
_FILE_RIGHTS = ((1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1)
_ONLY_FOLDERS = _READ_DIR | (((1 << 14) - 1) & ~((1 << 4) - 1))
_NET_RIGHTS = 0b11  # bind and connect of TCP, from version 4 on
_SCOPES = 0b11  # abstract sockets and signals, from version 6 on


def confine(*, readable: Sequence[Path], writable: Sequence[Path]) -> int:
    """Confine this thread and those it starts; return the kernel's Landlock version, 0 where it has none."""
    libc = ctypes.CDLL(None, use_errno=True)
    version = int(libc.syscall(_CREATE, None, ctypes.c_size_t(0), _CREATE_VERSION))
    if version < 1:
        return 0
    rights = _FILE_RIGHTS[min(version, len(_FILE_RIGHTS)) - 1]
    attributes = struct.pack("=Q", rights)
    if version >= 4:
        attributes += struct.pack("=Q", _NET_RIGHTS)
    if version >= 6:
        attributes += struct.pack("=Q", _SCOPES)
    ruleset = int(libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0))
    if ruleset < 0:
        return 0
    try:
        for path in readable:
            _allow(libc, ruleset, path, _READ_FILE | _READ_DIR)
        for path in writable:
            _allow(libc, ruleset, path, rights)
        return version if libc.syscall(_RESTRICT, ruleset, 0) == 0 else 0
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            rights &= ~_ONLY_FOLDERS
        libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
    finally:
        os.close(opened)
