"""Starts a parser host, asks it one thing at a time, and ends it when it lasts too long.

Runs in the caller, which may hold keys: the host is exec'd, inherits two pipes and nothing else, and whatever
it answers is capped and checked.
"""

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import ingest
from ingest.sandbox.frames import FrameTooLarge, receive, send
from ingest.sandbox.lockdown import Protection

_BOOT = "import sys; sys.path[:0] = sys.argv[2:]; from ingest.sandbox.host import main; main(sys.argv[1])"
_READY_CAP_BYTES = 4096
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  a private folder is made inside


@dataclass(frozen=True, slots=True)
class Budget:
    """What one host may use. `wall_seconds` is per file; processor time and memory are per process."""

    wall_seconds: float
    cpu_seconds: int
    memory_bytes: int
    output_bytes: int


class HostEnded(Exception):
    """The host gave no answer; `reason` is wall-clock, cpu, crashed, output or malformed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Host:
    """One parser host. Use as a context; not for two threads at once."""

    def __init__(
        self, tier: str, *, budget: Budget, tessdata: Path | None = None, languages: Sequence[str] = ()
    ) -> None:
        self._budget = budget
        self._scratch = _scratch() if tier != "text" else None
        orders = {
            "tier": tier,
            "cpu_seconds": budget.cpu_seconds,
            "memory_bytes": budget.memory_bytes,
            "scratch": str(self._scratch) if self._scratch else "",
            "tessdata": str(tessdata) if tessdata and tier == "ocr" else "",
            "languages": list(languages),
        }
        try:
            self._process = _start(orders)
        except OSError:
            self._sweep()
            raise
        try:
            ready = self._answer(lambda: None, cap_bytes=_READY_CAP_BYTES)
            self.protection = Protection(**ready["ready"])
        except (HostEnded, KeyError, TypeError) as error:
            self.close()
            raise HostEnded("no-start") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, head: dict[str, Any], body: IO[bytes]) -> dict[str, Any]:
        """Send one file and return the host's answer; HostEnded where it gave none."""

        def send_file() -> None:
            requests = self._process.stdin
            assert requests is not None
            send(requests, head)
            shutil.copyfileobj(body, requests, 1 << 20)
            requests.flush()

        return self._answer(send_file, cap_bytes=self._budget.output_bytes)

    def close(self) -> None:
        """End the host and remove its scratch folder."""
        self._kill()
        with contextlib.suppress(OSError):
            self._process.__exit__(None, None, None)
        self._sweep()

    def _answer(self, ask: Any, *, cap_bytes: int) -> dict[str, Any]:
        replies = self._process.stdout
        assert replies is not None
        with self._deadline() as late:
            try:
                ask()
                return receive(replies, cap_bytes=cap_bytes)
            except FrameTooLarge:
                raise self._ended("output") from None
            except ValueError:
                raise self._ended("malformed") from None
            except (EOFError, OSError):
                raise self._ended("wall-clock" if late.is_set() else "crashed") from None

    @contextlib.contextmanager
    def _deadline(self) -> Iterator[threading.Event]:
        late = threading.Event()

        def expire() -> None:
            late.set()
            self._kill()

        timer = threading.Timer(self._budget.wall_seconds, expire)
        timer.daemon = True
        timer.start()
        try:
            yield late
        finally:
            timer.cancel()

    def _ended(self, reason: str) -> HostEnded:
        if reason == "crashed":
            # Its pipe is closed: let it die of what it is dying of.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1)
        self._kill()
        self._process.wait()
        return HostEnded("cpu" if self._process.returncode == -signal.SIGXCPU else reason)

    def _kill(self) -> None:
        """The host leads a group of its own; unreaped, its number cannot be anyone else's."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _sweep(self) -> None:
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)


def _scratch() -> Path:
    """An empty private folder, in memory where there is such; only libraries are ever written to it."""
    place = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix="sviedka-host-", dir=place))


def _start(orders: dict[str, Any]) -> subprocess.Popen[bytes]:
    roots = [str(Path(next(iter(ingest.__path__))).parent)]
    for library in ("magic", "kreuzberg"):
        found = importlib.util.find_spec(library)
        places = (found.submodule_search_locations if found else None) or ()
        roots += [str(Path(place).parent) for place in places]
    command = [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _BOOT, json.dumps(orders), *roots]
    return subprocess.Popen(
        command,
        env=_environment(orders),
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        close_fds=True,
        start_new_session=True,
    )


def _environment(orders: dict[str, Any]) -> dict[str, str]:
    nowhere = orders["scratch"] or "/proc/self/fdinfo"
    names = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "KREUZBERG_CACHE_DIR")
    settings = {"MALLOC_ARENA_MAX": "2", "OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"}
    return dict.fromkeys(names, nowhere) | settings | {"TESSDATA_PREFIX": orders["tessdata"] or nowhere}
