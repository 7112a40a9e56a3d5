"""`sviedka lock`: the first step when a server or device may fall into foreign hands. Takes no passphrase."""

import os
from pathlib import Path

from archive.access.boot import forget_boot_secrets
from archive.assemble import load_settings
from archive.cli.asking import Asked, command
from archive.cli.process import runtime_candidates
from archive.cli.showing import show
from archive.errors import AccessError
from archive.policy import OPERATOR
from storage.catalogue.opening import open_catalogue, sqlite_url
from storage.locks import is_held
from storage.runtime import USUAL


@command("lock", rule=OPERATOR)
def lock_command(asked: Asked) -> None:
    """End every session of everybody at once.

    A copy of the database and of cookies, even one taken a second ago, opens nothing afterwards. Everybody
    can sign in again. Docs: docs/seizure.md.
    """
    from archive.web.serving import LOCK

    folder = asked.folder
    settings = load_settings(folder)
    # The secret first: without it no session opens, whatever comes of the catalogue.
    owner = folder.stat().st_uid
    reached = forget_boot_secrets(_places(owner), settings.archive, owner)
    with open_catalogue(sqlite_url(folder / "catalogue.sqlite")) as catalogue:
        catalogue.sessions.delete_all()
    serving = is_held(folder / LOCK)
    if serving and not reached:
        raise AccessError(
            "A71",
            "the sessions were ended, but the running server's boot secret was not found: stop the server, "
            "or name its runtime directory with SVIEDKA_RUNTIME and lock again",
        )
    lines = ["every session is ended", "the server runs and is locked" if serving else "no server runs"]
    show(asked, {"locked": True, "serving": serving}, lines)


def _places(owner: int) -> set[Path]:
    """Return every place where a server may keep its boot secret, whatever this shell would choose."""
    return {*runtime_candidates(os.environ), USUAL, Path(f"/run/user/{owner}")}
