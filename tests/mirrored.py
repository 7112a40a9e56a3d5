"""A small archive that is served over the loopback, and an auditor at her own machine."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from founded import House, circumstances, passphrase_of
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from archive.access import signin
from archive.access.receipts import trust_of
from archive.assemble import open_archive
from archive.cli.addresses import parse_address
from archive.codec import b64
from archive.kinds import Kind
from archive.merkle import EMPTY_ROOT
from archive.mirror.auditing import Mirrored, Wanted, audit_mirror
from archive.mirror.kept import Kept
from archive.mirror.line import Line
from archive.trust import Trust, format_trust
from archive.web.application import create_app
from keys.keyfile import AgentSecret, open_key_file
from search.engines.tantivy_engine import TantivyEngine
from search.shelf import Shelf


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@contextmanager
def serving(app) -> Iterator[str]:
    """Serve an application on the loopback; yield its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def app_of(house: House):
    return create_app(house.archive, house.library.shelf)


class Liar:
    """What an archive answers, but for some paths, which `changed` answers from the true answer's bytes."""

    def __init__(self, app, path: str, changed) -> None:
        self.app, self.path, self.changed = app, path, changed

    def __call__(self, environ, start_response):
        asked = Request(environ)
        if not asked.path.startswith(self.path):
            return self.app(environ, start_response)
        true = Response.from_app(self.app, environ, buffered=True)
        return Response(self.changed(true.get_data()), true.status_code)(environ, start_response)


def lying(house, path, changed):
    return serving(Liar(app_of(house), path, changed))


@contextmanager
def mirrored_town(town) -> Iterator[tuple[str, Path]]:
    """Serve the archive of a town; yield its address and where its trust file lies."""
    with open_archive(town.archive, circumstances()) as archive:
        trust = town.write("mirrored.trust", format_trust(trust_of(archive)))
        shelf = Shelf(archive, TantivyEngine)
        with serving(create_app(archive, shelf)) as address:
            yield address, trust
        shelf.close()


def key_of(house: House, handle: str) -> AgentSecret:
    """Open the key file of somebody, as she exported it."""
    row = house.archive.catalogue.agents.by_handle(handle)
    return open_key_file(row.key_file, passphrase_of(handle), log_n=10)


def happen(house: House, times: int) -> None:
    """Log something so many times."""
    olga = signin.pen(house.archive, house.sign_in("olga"))
    nothing = {"size": 0, "root": b64(EMPTY_ROOT), "faults": 0, "outcome": "warning"}
    house.archive.custody.record([olga.write(Kind.AUDIT, nothing) for _ in range(times)])


@dataclass
class Auditor:
    """Somebody with her key file, the archive's trust file, and a folder for what she keeps."""

    folder: Path
    trust: Trust
    secret: AgentSecret
    clock: Clock
    address: str
    pauses: list[float] = field(default_factory=list)

    def audit(self, address: str = "", progress=None, **wanted) -> Mirrored:
        with (
            Kept.opened(self.folder) as kept,
            Line(
                parse_address(address or self.address, code="I16", what="an archive"),
                pause=self.pauses.append,
            ) as line,
        ):
            wanted = Wanted(self.trust, self.secret, **wanted)
            return audit_mirror(line, kept, wanted, clock=self.clock, random=os.urandom, progress=progress)


def auditor_of(house: House, handle: str, folder: Path, clock: Clock, address: str) -> Auditor:
    return Auditor(folder, trust_of(house.archive), key_of(house, handle), clock, address)
