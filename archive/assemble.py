"""Putting an archive together: founding one in a folder, and opening the one in a folder.

The only place that turns paths, key files and settings into the frozen `Archive` that everything else uses.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive.access.agents import key_file_row, new_agent
from archive.access.founding import Founder, first_compartments, write_genesis
from archive.access.log_signing import checkpoint_signer, checkpoint_verifier, log_vkeys
from archive.access.parts import KEY_FILE_LOG_N, Archive
from archive.author import Author, Clock, system_clock
from archive.codec import b64, unb64
from archive.digests import Digest
from archive.errors import FixityError, IntakeError, KeysError
from archive.events import Seen
from archive.ids import Random, new_id
from archive.ledger import Ledger
from archive.merkle import EMPTY_ROOT
from archive.nouns import Role
from archive.settings import FILE_NAME, Settings, format_settings, origin_of, parse_settings
from archive.vkeys import format_vkey
from keys.identities import Identity
from keys.signing import LogKey, SigningKey, format_log_key, parse_log_key, verify_ed25519
from keys.trustees import split_identity
from storage.catalogue.opening import create_catalogue, open_catalogue, sqlite_url
from storage.copies.headers import CopiedHeaders
from storage.copies.objects import CopiedObjects
from storage.copies.stores import Stores
from storage.cosignatures import Cosignatures
from storage.custody import Custody
from storage.durable import write_once
from storage.log import Log, create_log
from storage.runtime import open_runtime
from storage.staging import StagingLock

LOG_KEY = "log.key"
AGENT_KEY = "archive-agent.key"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What comes from outside: time, randomness, where plaintext may live, the cost of key files."""

    clock: Clock = system_clock
    random: Random = os.urandom
    log_n: int = KEY_FILE_LOG_N
    runtimes: tuple[Path, ...] = ()
    allow_disk: bool = False


@dataclass(frozen=True, slots=True)
class Founding:
    """How a new archive is to be founded."""

    name: str
    custodian: str
    passphrase: str
    threshold: int = 2
    shares: int = 3


def found_archive(folder: Path, founding: Founding, circumstances: Circumstances) -> list[str]:
    """Found an archive in an empty or new folder; return the shares of its recovery identity.

    The shares exist nowhere else. Raises I67 when the folder holds anything.
    """
    if folder.exists() and any(folder.iterdir()):
        raise IntakeError("I67", "the folder is not empty", expected="a new or empty folder")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    random = circumstances.random
    log_key, archive = LogKey.generate(random), new_id(random)
    origin = origin_of(archive)
    ed25519, mldsa44 = log_vkeys(origin, log_key)
    founder = Founder(
        archive,
        (format_vkey(ed25519), format_vkey(mldsa44)),
        new_id(random),
        SigningKey.generate(random),
        new_agent(founding.custodian, Role.CUSTODIAN, random),
        Identity.generate(random),
        new_id(random),
    )
    author = Author(
        founder.custodian.agent,
        founder.custodian.signing.sign,
        origin,
        Seen(0, EMPTY_ROOT),
        circumstances.clock,
        random,
    )
    genesis = write_genesis(founder, author)
    prepared = first_compartments(founder, author)
    settings = Settings(founding.name, archive, origin, founder.log_keys, Digest.of(genesis.entry))
    write_once(folder / LOG_KEY, format_log_key(log_key))
    write_once(folder / AGENT_KEY, b64(founder.archive_signing.seed).encode() + b"\n")
    create_log(folder / "log", origin=origin, sign=checkpoint_signer(log_key, origin, circumstances.clock))
    create_catalogue(sqlite_url(folder / "catalogue.sqlite")).close()
    row = key_file_row(
        archive,
        founder.custodian,
        founding.passphrase,
        genesis.event,
        pin=(settings.genesis, 0, EMPTY_ROOT),
        log_n=circumstances.log_n,
        random=random,
        issued=False,
    )
    write_once(folder / FILE_NAME, format_settings(settings))
    with open_archive(folder, circumstances) as opened:
        opened.custody.record(
            [genesis, *(one.signed for one in prepared)],
            agents=[row],
            compartments=[founded for one in prepared for founded in one.compartments],
            sealed=[sealed for one in prepared for sealed in one.rows],
        )
    return split_identity(founder.recovery, founding.threshold, founding.shares)


@contextmanager
def open_archive(folder: Path, circumstances: Circumstances) -> Iterator[Archive]:
    """Open the archive in `folder` (F33 when there is none), tidied after any crash; close it at the end."""
    settings = load_settings(folder)
    log_key = parse_log_key(_key_file(folder / LOG_KEY))
    signing = agent_key(folder / AGENT_KEY)
    origin = settings.origin
    log = Log(
        folder / "log",
        origin=origin,
        sign=checkpoint_signer(log_key, origin, circumstances.clock),
        verify=checkpoint_verifier(settings),
    )
    stores = Stores(folder, settings.archive)
    objects, headers = CopiedObjects(stores), CopiedHeaders(stores)
    with (
        open_runtime(
            circumstances.runtimes, settings.archive, allow_disk=circumstances.allow_disk
        ) as runtime,
        open_catalogue(sqlite_url(folder / "catalogue.sqlite")) as catalogue,
    ):
        custody = Custody(
            log,
            catalogue,
            StagingLock(folder / "staging.lock"),
            origin=settings.first_origin,
            verify=verify_ed25519,
        )
        custody.recover(objects, headers)
        Cosignatures(folder / "log").tidy()
        _check_own_keys(settings, custody.follow(), log, own=(log_key, signing))
        archive_agent = custody.follow().archive_agent or new_id(circumstances.random)
        yield Archive(
            settings.name,
            settings.archive,
            settings.log_keys,
            folder,
            runtime,
            objects,
            headers,
            stores,
            log,
            catalogue,
            custody,
            Author(
                archive_agent, signing.sign, origin, _seen(log), circumstances.clock, circumstances.random
            ),
            circumstances.clock,
            circumstances.random,
            circumstances.log_n,
        )


def load_settings(folder: Path) -> Settings:
    """Read the public settings of the archive in `folder` (F33 when there is none)."""
    try:
        return parse_settings((folder / FILE_NAME).read_bytes())
    except FileNotFoundError:
        raise FixityError("F33", "there is no archive in this folder", expected=FILE_NAME) from None


def _seen(log: Log) -> Seen:
    checkpoint = log.checkpoint()
    return Seen(checkpoint.size, checkpoint.root)


def _key_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FixityError("F34", "a key file of the archive is missing", expected=path.name) from None


def agent_key(path: Path) -> SigningKey:
    """Read the signing key of the archive's own agent (F34 when there is none, F54 when it is damaged)."""
    try:
        return SigningKey(unb64(_key_file(path).decode().strip()))
    except (UnicodeDecodeError, IntakeError, KeysError):
        raise FixityError("F54", "a key file of the archive is damaged", found=path.name) from None


def _check_own_keys(settings: Settings, ledger: Ledger, log: Log, *, own: tuple[LogKey, SigningKey]) -> None:
    """Check that settings and own keys are those the log names, before anything is signed (F54)."""
    log_key, signing = own
    matching = {LOG_KEY: tuple(map(format_vkey, log_vkeys(settings.origin, log_key))) == settings.log_keys}
    if ledger.archive_agent is not None:  # While an archive is being founded its log is empty.
        named = (ledger.archive, ledger.log_keys, Digest.of(log.entry(0)))
        matching[FILE_NAME] = named == (settings.archive, settings.log_keys, settings.genesis)
        matching[AGENT_KEY] = ledger.agents[ledger.archive_agent].signing_key == signing.public
    for name, matches in matching.items():
        if not matches:
            raise FixityError("F54", "a key file of the archive is not the one its log names", found=name)
