"""The system call filter of the parser host: an allow-list in seccomp-BPF, by ctypes alone.

The list was made by tracing kreuzberg (PDF, Office, e-mail, OCR) and our own readers after their warm-up;
what is not on it fails with EPERM. No call on it opens, creates, renames or removes a file, makes a socket
or a process, or touches another process; only Tesseract may open files, to read, because each of its
threads loads its languages anew, and then only where Landlock says which. Numbers: Linux asm/unistd.h.
Architectures without a column here have no filter, and then nothing is parsed.
"""

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER = 1
_FLAG_TSYNC = 1

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_CLONE_THREAD = 0x00010000
_PROT_EXEC = 4
_PR_SET_NAME = 15
_X32_BIT = 0x40000000
_WRITING = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC

# name: (x86_64, aarch64); None where the architecture has no such call.
_ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "stat": (4, None),
    "fstat": (5, 80),
    "poll": (7, 73),
    "lseek": (8, 62),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "readv": (19, 65),
    "writev": (20, 66),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "nanosleep": (35, 101),
    "getpid": (39, 172),
    "exit": (60, 93),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "epoll_wait": (232, 22),
    "newfstatat": (262, 79),
    "set_robust_list": (273, 99),
    "epoll_pwait": (281, 22),
    "getrandom": (318, 278),
    "membarrier": (324, 283),
    "statx": (332, 291),
    "rseq": (334, 293),
}


@dataclass(frozen=True, slots=True)
class _Architecture:
    audit: int
    column: int
    seccomp: int
    clone: int
    clone3: int
    mmap: int
    mprotect: int
    prctl: int
    openat: int


_ARCHITECTURES = {
    "x86_64": _Architecture(0xC000003E, 0, 317, 56, 435, 9, 10, 157, 257),
    "aarch64": _Architecture(0xC00000B7, 1, 277, 220, 435, 222, 226, 167, 56),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _give(verdict: int) -> bytes:
    return _step(_RETURN, verdict)


def _when(number: int, block: list[bytes]) -> list[bytes]:
    return [_step(_JUMP_EQUAL, number, no=len(block)), *block]


def _argument(index: int) -> bytes:
    return _step(_LOAD, _ARGUMENTS + 8 * index)


def _rules(arch: _Architecture, reading: bool) -> list[bytes]:
    refuse = _ERRNO | errno.EPERM
    steps: list[bytes] = []
    for names in _ALLOWED.values():
        number = names[arch.column]
        if number is not None:
            steps += _when(number, [_give(_ALLOW)])
    # Threads, never processes. clone3 hides its flags behind a pointer: ENOSYS sends glibc back to clone.
    steps += _when(
        arch.clone, [_argument(0), _step(_JUMP_ANY_BIT, _CLONE_THREAD, no=1), _give(_ALLOW), _give(refuse)]
    )
    steps += _when(arch.clone3, [_give(_ERRNO | errno.ENOSYS)])
    for number in (arch.mmap, arch.mprotect):  # memory, but no new code
        steps += _when(
            number, [_argument(2), _step(_JUMP_ANY_BIT, _PROT_EXEC, yes=1), _give(_ALLOW), _give(refuse)]
        )
    steps += _when(
        arch.prctl, [_argument(0), _step(_JUMP_EQUAL, _PR_SET_NAME, no=1), _give(_ALLOW), _give(refuse)]
    )
    if reading:
        steps += _when(
            arch.openat, [_argument(2), _step(_JUMP_ANY_BIT, _WRITING, yes=1), _give(_ALLOW), _give(refuse)]
        )
    return [*steps, _give(refuse)]


def _assemble(arch: _Architecture, reading: bool) -> bytes:
    head = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_JUMP_EQUAL, arch.audit, yes=1),
        _give(_KILL),
        _step(_LOAD, _NUMBER),
        _step(_JUMP_AT_LEAST, _X32_BIT, no=1),
        _give(_KILL),
    ]
    return b"".join(head + _rules(arch, reading))


def apply_filter(*, reading: bool = False) -> bool:
    """Put the filter on every thread of this process, for good; False where the kernel cannot.

    `reading` lets files be opened to read: only for a process that Landlock confines.
    """
    arch = _ARCHITECTURES.get(platform.machine())
    if arch is None:
        return False
    code = _assemble(arch, reading)
    libc = ctypes.CDLL(None, use_errno=True)
    program = _Program(len(code) // 8, code)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.syscall(arch.seccomp, _SET_MODE_FILTER, _FLAG_TSYNC, ctypes.byref(program)) == 0)
