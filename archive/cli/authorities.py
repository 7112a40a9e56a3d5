"""`sviedka anchor authority`: whom the operator trusts with the time, and under which certificates."""

import re
from pathlib import Path
from typing import Any

import click

from archive.assemble import load_settings
from archive.cli.asking import Asked, Group, command
from archive.cli.failing import reason_of
from archive.cli.showing import plain, show
from archive.cli.timekeeping import address_of_authority
from archive.errors import IntakeError
from archive.events import format_moment
from archive.policy import OPERATOR
from archive.timestamps import AUTHORITY
from keys.pins import LARGEST_PINS_BYTES, Pins, format_pins, parse_pins
from storage.timestamps import Authorities, Timestamps


@click.group("authority", cls=Group)
def authority_command() -> None:
    """Say whose timestamps count."""


@command("add", rule=OPERATOR, into=authority_command)
@click.argument("name")
@click.option("--url", metavar="URL", help="Where it is asked.")
@click.option(
    "--certificate",
    "files",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Its certificates and all above them, PEM; may be given several times.",
)
def add_command(asked: Asked, *, name: str, url: str | None, files: tuple[Path, ...]) -> None:
    """Trust the authority NAME with the time, under just these certificates.

    Give the same name again for a certificate that follows an older one, which stays, or for a new URL.
    """
    load_settings(asked.folder)
    authorities = Authorities(asked.folder)
    known = name in authorities.names()
    if re.fullmatch(AUTHORITY, name, re.ASCII) is None:
        raise IntakeError("I30", "no name for an authority", expected="a-z, 0-9 and hyphens, at most 32")
    if not known and (url is None or not files):
        raise IntakeError("I30", "a new authority needs --url and --certificate")
    if url is not None:
        address_of_authority(url)
    before = authorities.pins(name) if known else b""
    pins = parse_pins(b"\n".join((before, *map(read_pins, files))))
    url = url if url is not None else authorities.url(name)
    authorities.put(name, format_pins(pins), url)
    show(asked, _as_data(name, url, pins), _lines(name, url, pins))


@command("list", rule=OPERATOR, into=authority_command)
def list_command(asked: Asked) -> None:
    """Name the authorities, where each is asked, and until when its certificates sign."""
    load_settings(asked.folder)
    authorities = Authorities(asked.folder)
    found = [
        (name, authorities.url(name), parse_pins(authorities.pins(name))) for name in authorities.names()
    ]
    show(asked, [_as_data(*one) for one in found], [line for one in found for line in _lines(*one)])


@command("remove", rule=OPERATOR, into=authority_command)
@click.argument("name")
def remove_command(asked: Asked, *, name: str) -> None:
    """Stop asking the authority NAME.

    Its certificates stay while there are timestamps of it, which hold as before.
    """
    load_settings(asked.folder)
    authorities = Authorities(asked.folder)
    if name not in authorities.names():
        raise IntakeError(
            "I30", "there is no such authority", expected=", ".join(authorities.names()) or "none"
        )
    needed = any(one.authority == name for one in Timestamps(asked.folder).names())
    if needed:
        authorities.put(name, authorities.pins(name), None)
    else:
        authorities.forget(name)
    stays = "its certificates stay for its timestamps" if needed else "it is forgotten"
    show(asked, {"name": name, "kept": needed}, [f"{name} is asked no more; {stays}"])


def read_pins(path: Path) -> bytes:
    """Read a file of certificates (I79 when it cannot be read)."""
    return read_file(path, LARGEST_PINS_BYTES)


def read_file(path: Path, largest_bytes: int) -> bytes:
    """Read a file, and of a longer one a byte more than it may have (I79 when it cannot be read)."""
    try:
        with path.open("rb") as file:
            return file.read(largest_bytes + 1)
    except OSError as fault:
        raise IntakeError("I79", "a file cannot be read", found=reason_of(fault)) from None


def _as_data(name: str, url: str | None, pins: Pins) -> dict[str, Any]:
    signers = [
        {"subject": one.subject, "ends": format_moment(one.ends), "fingerprint": one.fingerprint}
        for one in pins.described()
    ]
    return {"name": name, "url": url, "signers": signers}


def _lines(name: str, url: str | None, pins: Pins) -> list[str]:
    lines = [f"{name}: {url or 'asked no more'}"]
    for one in pins.described():
        lines += [
            f"   {plain(one.subject)}, until {format_moment(one.ends)[:10]}",
            f"   SHA-256 {one.fingerprint}",
        ]
    return lines
