"""Going on under a successor log: what a restored archive does when entries of its log may be missing.

The log of a backup may be shorter than the one that was lost. Going on under the same keys could sign, for
a size, a second tree beside the one that is out there: that would be a fork, and whoever holds a receipt
from what was lost would look like a liar. So the archive goes on under a new origin and new keys, which say
where the old log ended.
"""

from dataclasses import replace
from pathlib import Path

from archive.access.log_signing import checkpoint_signer, checkpoint_verifier, log_vkeys
from archive.author import Author, Clock
from archive.checkpoints import Checkpoint
from archive.events import Seen
from archive.ids import Random, new_id
from archive.kinds import Kind
from archive.settings import Settings, origin_of
from archive.succession import Predecessor
from archive.vkeys import format_vkey
from keys.signing import LogKey, SigningKey, format_log_key, verify_ed25519
from storage.catalogue.opening import open_catalogue, sqlite_url
from storage.custody import Custody
from storage.durable import replace as replace_file
from storage.log import Log, republish
from storage.staging import StagingLock


def succeed(
    folder: Path, settings: Settings, signing: SigningKey, *, key_file: str, clock: Clock, random: Random
) -> Settings:
    """Let the archive in `folder`, which nobody uses, go on under a successor log; return its new settings.

    `settings` are those of the log that is there, `signing` is the key of the archive's own agent, `key_file`
    the name of the file of the log's. Order: the new log key → the checkpoint under it, of the same tree →
    the entry that names the earlier log. The caller stores the settings last; after a crash before that he
    begins again with the old ones.
    """
    log_key, origin = LogKey.generate(random), f"{origin_of(settings.archive)}/{new_id(random)}"
    earlier = Log(folder / "log", origin=settings.origin, sign=None, verify=checkpoint_verifier(settings))
    note, point = earlier.published()
    ended = Predecessor(settings.origin, settings.log_keys, point.size)
    new = replace(
        settings,
        origin=origin,
        log_keys=tuple(map(format_vkey, log_vkeys(origin, log_key))),
        earlier=(*settings.earlier, ended),
        notes=(*settings.notes, note),
    )
    sign = checkpoint_signer(log_key, origin, clock)
    replace_file(folder / key_file, format_log_key(log_key))
    republish(folder / "log", sign(Checkpoint(origin, point.size, point.root)))
    log = Log(folder / "log", origin=origin, sign=sign, verify=checkpoint_verifier(new))
    with open_catalogue(sqlite_url(folder / "catalogue.sqlite")) as catalogue:
        staging = StagingLock(folder / "staging.lock")
        custody = Custody(log, catalogue, staging, origin=new.first_origin, verify=verify_ed25519)
        agent = custody.follow().archive_agent or new_id(random)
        author = Author(agent, signing.sign, origin, Seen(point.size, point.root), clock, random)
        data = {"predecessor": ended.as_data(), "log_keys": list(new.log_keys)}
        custody.record([author.write(Kind.SUCCESSION, data)])
    return new
