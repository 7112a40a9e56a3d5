"""Running the web application: gunicorn, one worker with threads by default, each with its own open archive.

The master holds no key: only the lock that keeps a second server out, and a place in the runtime directory,
so that the boot secret outlives a worker.
"""

import atexit
import os
import sys
import tempfile
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from archive.access.boot import forget_boot_secret
from archive.access.failures import keep_failures, log_failures
from archive.access.preserving import carry_out
from archive.assemble import Circumstances, load_settings, open_archive
from archive.cosigners.background import ask_until
from archive.errors import SviedkaError
from archive.web.application import create_app
from archive.web.door import Door, parts_of
from keys.secrecy import forbid_cores
from search.engines.tantivy_engine import TantivyEngine
from search.shelf import Shelf
from storage.locks import only_process
from storage.runtime import open_runtime

LOCK = "server.lock"
WATCH_SECONDS = 1
_PLACES = ("TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")


@dataclass(frozen=True, slots=True)
class Serving:
    """How to serve. `https` says that a proxy before us speaks it with browsers."""

    https: bool = False
    workers: int = 1
    threads: int = 8
    tessdata: Path | None = None


def serve(
    folder: Path, host: str, port: int, circumstances: Circumstances, *, how: Serving | None = None
) -> None:
    """Serve the archive in `folder` until the process is told to end. Raises C41 for a second server."""
    how = how or Serving()
    settings = load_settings(folder)
    forbid_cores()
    with (
        only_process(folder / LOCK),
        open_runtime(
            circumstances.runtimes, settings.archive, allow_disk=circumstances.allow_disk
        ) as runtime,
    ):
        confine(runtime.path)
        # Each run has its own, even where a command that still runs kept the folder of the last one.
        forget_boot_secret(runtime.shared)
        try:
            _Server(folder, f"{_bracketed(host)}:{port}", circumstances, how, runtime.path).run()
        finally:
            forget_boot_secret(runtime.shared)


def application(folder: Path, circumstances: Circumstances, *, how: Serving | None = None) -> Flask:
    """Open the archive for the rest of this process and return its web application."""
    how = how or Serving()
    forbid_cores()
    keep_quiet()
    opened = ExitStack()
    archive = opened.enter_context(open_archive(folder, circumstances))
    confine(archive.runtime.path)
    shelf = Shelf(archive, TantivyEngine)
    opened.callback(shelf.close)
    atexit.register(opened.close)
    ended = threading.Event()
    opened.callback(ended.set)
    opened.callback(keep_failures, archive)
    app = create_app(archive, shelf, https=how.https, tessdata=how.tessdata)
    threading.Thread(target=_watch, args=(parts_of(app), ended), name="watch", daemon=True).start()
    asking = (ended, folder, archive.log)
    threading.Thread(target=ask_until, args=asking, name="cosigners", daemon=True).start()
    return app


def confine(folder: Path) -> None:
    """Point everything that libraries write of themselves into a folder that is in memory."""
    for place in _PLACES:
        os.environ[place] = str(folder)
    tempfile.tempdir = str(folder)


def keep_quiet() -> None:
    """Let what fails outside a page tell its type, and nothing that it quotes."""
    sys.excepthook = lambda kind, _fault, _trace: _tell(kind)
    threading.excepthook = lambda failed: _tell(failed.exc_type)
    sys.unraisablehook = lambda failed: _tell(failed.exc_type)


def _tell(kind: type[BaseException] | None) -> None:
    sys.stderr.write(f"failure outside a page: {kind.__name__ if kind else 'unknown'}\n")
    sys.stderr.flush()


def _watch(door: Door, ended: threading.Event) -> None:
    """Close indexes that nobody asks for, all after a lock; destroy what is due; log what failed."""
    while not ended.wait(WATCH_SECONDS):
        # What is out of reach for a moment is looked at in the next.
        with suppress(SviedkaError, OSError):
            door.vigil.boot()
            door.shelf.drop_idle()
            carry_out(door.archive)
            log_failures(door.archive)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class QuietLogger(Logger):  # type: ignore[misc]
    """Gunicorn's log without what it quotes: of a failure it tells the type, of a request nothing."""

    def exception(self, *_args: Any, **_kwargs: Any) -> None:
        """Tell the type of the exception being handled."""
        kind = sys.exc_info()[0]
        self.error_log.error("failure outside a page: %s", kind.__name__ if kind else "unknown")

    def access(self, *_args: Any, **_kwargs: Any) -> None:
        """Keep no record of requests."""


class _Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn, set up in code. The application is made in each worker, after the fork."""

    def __init__(
        self, folder: Path, bind: str, circumstances: Circumstances, how: Serving, runtime: Path
    ) -> None:
        self._folder = folder
        self._circumstances = circumstances
        self._how = how
        self._settings = {
            "bind": bind,
            "worker_class": "gthread",
            "workers": how.workers,
            "threads": how.threads,
            "worker_tmp_dir": str(runtime),
            "tmp_upload_dir": str(runtime),
            "control_socket_disable": True,
            "accesslog": None,
            "loglevel": "warning",
            "logger_class": QuietLogger,
            "proc_name": "sviedka",
            "umask": 0o077,
            "graceful_timeout": 30,
            "forwarded_allow_ips": "",
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return application(self._folder, self._circumstances, how=self._how)
