"""`sviedka cosign`: what a partner organisation runs; of an archive it needs the trust file only."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from archive.cli.asking import Asked, Group, command
from archive.cli.entering import new_passphrase, passphrase_of
from archive.cli.failing import reason_of
from archive.cli.saving import save
from archive.cli.showing import note, plain, show
from archive.cli.surroundings import key_cost
from archive.cosigners.answering import (
    PUBLIC,
    Cosigner,
    files_of,
    format_public,
    is_sealed,
    new_cosigner,
    open_cosigner,
)
from archive.cosigners.following import look, source_at
from archive.cosigners.serving import CosignerServer
from archive.errors import IntakeError
from archive.policy import OFFLINE
from archive.trust import parse_trust
from archive.verifying import fingerprint
from archive.vkeys import parse_vkey

_LARGEST_TRUST_BYTES: Final = 1 << 20

cosign_command = Group("cosign", help="Cosign the logs of archives, as an organisation of your own.")


@command("new", rule=OFFLINE, into=cosign_command)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--name", required=True, help="Under which you sign, for good, such as cosigner.example/harbour."
)
@click.option("--sealed", is_flag=True, help="Seal the key to a passphrase, which is generated and shown.")
@click.option(
    "--new-passphrase-file", type=click.Path(path_type=Path), metavar="F", help="Seal it to this one."
)
def new_command(
    asked: Asked, *, folder: Path, name: str, sealed: bool, new_passphrase_file: Path | None
) -> None:
    """Make a cosigner in the new folder DIR: a key, and the public half to hand out."""
    generated, passphrase = False, None
    if sealed or new_passphrase_file is not None:
        passphrase, generated = new_passphrase(new_passphrase_file, os.urandom)
    key = new_cosigner(folder, name, passphrase, log_n=key_cost(os.environ))
    keys = format_public(key).decode().split()
    value = {"name": name, "keys": keys, "passphrase": passphrase if generated else None}
    lines = [f"cosigner {name}", f"   hand out {folder / PUBLIC}", f"   fingerprint {fingerprint(keys[0])}"]
    if generated:
        lines.append(f"   passphrase of {name}: {passphrase}")
    show(asked, value, lines)
    note("Never put this folder back from a backup: a cosigner that forgets could sign two histories.")


@command("add-log", rule=OFFLINE, into=cosign_command)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--trust", required=True, type=click.Path(path_type=Path), metavar="F", help="The log's origin and keys."
)
def add_log_command(asked: Asked, *, folder: Path, trust: Path) -> None:
    """Follow the log of a trust file. Compare the fingerprint with the archive's custodian first."""
    is_sealed(folder)
    told = parse_trust(_read(trust))
    files_of(folder).follow(told.origin, told.log_keys)
    fingerprints = [fingerprint(key) for key in told.log_keys if parse_vkey(key).type == 1]
    lines = [f"follows {told.origin}", *(f"   log key {one}" for one in fingerprints)]
    show(asked, {"origin": told.origin, "fingerprints": fingerprints}, lines)


@command("logs", rule=OFFLINE, into=cosign_command)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def logs_command(asked: Asked, *, folder: Path) -> None:
    """Show which logs are followed, and up to where they were signed."""
    is_sealed(folder)
    logs = files_of(folder).logs()
    value = [{"origin": one.origin, "size": one.last.size, "root": one.last.root.hex()} for one in logs]
    show(asked, value, [f"{one.origin}: signed up to {one.last.size} entries" for one in logs])


@command("serve", rule=OFFLINE, into=cosign_command)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", help="Where to listen [127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), default=8100, help="[8100]")
def serve_command(asked: Asked, *, folder: Path, host: str, port: int) -> None:
    """Answer logs that ask to be cosigned, until told to end. TLS is for a proxy before it."""
    cosigner = _opened(asked, folder)
    try:
        server = CosignerServer(cosigner, host, port)
    except OSError as fault:
        raise IntakeError("I40", "cannot listen there", found=reason_of(fault)) from None
    with server:
        note(f"cosigning as {cosigner.key.name} at http://{host}:{server.server_address[1]}/")
        server.serve_forever()


@command("once", rule=OFFLINE, into=cosign_command)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--mirror", required=True, metavar="URL|PATH", help="A copy of the log: an address, or a folder."
)
@click.option(
    "-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="The cosigned checkpoint."
)
def once_command(asked: Asked, *, folder: Path, mirror: str, output: Path | None) -> None:
    """Look at a copy of a log once, and cosign what it has come to; for a job once an hour.

    The archive takes FILE with `sviedka cosigner take`.
    """
    looked = look(_opened(asked, folder), source_at(mirror))
    if output is not None:
        save(output, looked.note)
    checkpoint = looked.checkpoint
    value = {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}
    show(asked, {**value, "file": str(output) if output else None}, _looked(plain(checkpoint.origin), value))


def _looked(origin: str, value: dict[str, object]) -> Iterator[str]:
    yield f"cosigned: {origin}, {value['size']} entries"
    yield f"   root {value['root']}"


def _opened(asked: Asked, folder: Path) -> Cosigner:
    passphrase = passphrase_of(asked) if is_sealed(folder) else None
    return open_cosigner(folder, passphrase, log_n=key_cost(os.environ))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_TRUST_BYTES)
    except OSError as fault:
        raise IntakeError("I79", "the trust file cannot be read", found=reason_of(fault)) from None
