"""Backs up or purges in a process of its own, which may kill itself just before a change to the disk.

Called with `backup ARCHIVE TARGET N` or `purge ARCHIVE TARGET N`: killed before the Nth change. Without a
kill it tells how many changes there were.
"""

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from founded import circumstances

from archive.access.log_signing import checkpoint_verifier
from archive.access.succeeding import succeed
from archive.assemble import AGENT_KEY, LOG_KEY, agent_key, open_archive
from archive.author import system_clock
from archive.settings import FILE_NAME
from keys.signing import verify_ed25519
from storage.backup.memory import remember
from storage.backup.purging import destroyed_in, purge
from storage.backup.restoring import Checks, restore
from storage.backup.running import Source, back_up
from storage.backup.target import open_target, prepare_target

KEYS = (LOG_KEY, AGENT_KEY)
CHANGES = {"os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir", "sqlite3.connect"}


def quiet(_what, _done, _total):
    """Tell nobody."""


def source_of(archive):
    return Source(archive.folder, archive.custody, archive.log, archive.objects, archive.headers, KEYS)


def run_backup(archive, target, *, now=None, keep_days=30):
    """Back an open archive up, as the command does."""
    folder = prepare_target(target, archive.folder, (archive.folder / FILE_NAME).read_bytes())
    made = back_up(
        source_of(archive), folder, now=now or archive.clock(), keep=timedelta(days=keep_days), progress=quiet
    )
    remember(archive.catalogue.settings, target, made.generation.moment, keep_days)
    return made


def run_restore(target, folder, **chosen):
    """Restore what nothing was logged after, as the command does, without the audit."""
    found = open_target(target)
    checks = Checks(checkpoint_verifier(found.settings), verify_ed25519)
    return restore(found, folder, checks, key_files=KEYS, succeed=None, progress=quiet, **chosen)


def run_succession(target, folder, **chosen):
    """Restore what may not be all that was logged, as the command does, without the audit."""
    found = open_target(target)
    checks = Checks(checkpoint_verifier(found.settings), verify_ed25519)

    def successor(place, settings):
        signing = agent_key(place / AGENT_KEY)
        return succeed(place, settings, signing, key_file=LOG_KEY, clock=system_clock, random=os.urandom)

    return restore(found, folder, checks, key_files=KEYS, succeed=successor, progress=quiet, **chosen)


def run_purge(archive, target):
    """Purge all that was destroyed, as the command for that does."""
    return purge(target, archive.archive, archive.log, destroyed_in(archive.ledger()))


def kill_before(number):
    """Count changes from now on, and die before the one of this number."""
    seen = [0]

    def look(event, arguments):
        written = (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if event in CHANGES or written:
            seen[0] += 1
            if seen[0] == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
    return seen


if __name__ == "__main__":
    action, one, other = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    with open_archive(one, circumstances()) as archive:
        changes = kill_before(int(sys.argv[4]))
        (run_backup if action == "backup" else run_purge)(archive, other)
    print(changes[0])
