"""`sviedka serve` and `sviedka demo`: the web, for a real archive and for the invented one."""

import os
from pathlib import Path
from typing import Final

import click

from archive.assemble import load_settings
from archive.cli.asking import Asked, command
from archive.cli.entering import prepared
from archive.cli.showing import note, show, steps
from archive.cli.surroundings import circumstances_of, swap_is_allowed, tessdata_folder
from archive.policy import OPERATOR
from storage.swap import has_unencrypted_swap

_DEMO_FOLDER: Final = Path("demo-archive")
_TRY: Final = (
    "as lawyer, for the purpose of analysis, search Haradziłka: found in three other spellings",
    "as lawyer, search Шаман, a nickname, then Дегтярук, whom a later record identifies as him",
    "as auditor, verify the whole archive, and try to read one word of it",
)


@command("serve", rule=OPERATOR)
@click.option("--host", default="127.0.0.1", help="Where to listen [127.0.0.1].")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, help="[8000]")
@click.option("--https", is_flag=True, help="A proxy before this server speaks https with browsers.")
def serve_command(asked: Asked, *, host: str, port: int, https: bool) -> None:
    """Serve the archive to browsers. Needs no passphrase: whoever signs in brings her own."""
    from archive.web.serving import Serving, serve

    load_settings(asked.folder)
    circumstances = prepared()
    note(f"serving at http://{host}:{port}/")
    serve(asked.folder, host, port, circumstances, how=Serving(https, tessdata=tessdata_folder(os.environ)))


@command("demo", rule=OPERATOR)
@click.option("--host", default="127.0.0.1", help="Where to listen [127.0.0.1].")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, help="[8000]")
@click.option("--build-only", is_flag=True, help="Build it and do not serve it.")
def demo_command(asked: Asked, *, host: str, port: int, build_only: bool) -> None:
    """Serve an archive of invented testimonies.

    It is built first if need be, in demo-archive or --archive DIR.
    """
    from archive.demo.build import build_demo
    from archive.web.serving import Serving, serve

    circumstances = circumstances_of(os.environ)
    if has_unencrypted_swap() and not swap_is_allowed(os.environ):
        note("warning: swap space is not encrypted; for the demo that is no matter, for a real archive it is")
    tessdata = tessdata_folder(os.environ)
    with steps() as step:
        demo = build_demo(asked.archive or _DEMO_FOLDER, circumstances, tessdata, step)
    value = {"archive": str(demo.folder), "address": f"http://{host}:{port}/", "accounts": demo.accounts}
    lines = [f"the demo is at {value['address']}", "", "accounts, with passphrases that only a demo keeps:"]
    lines += [f"   {handle:<12} {passphrase}" for handle, passphrase in demo.accounts.items()]
    lines += ["", "three things to try:", *(f"   {number}. {what}" for number, what in enumerate(_TRY, 1))]
    show(asked, value, lines)
    if not build_only:
        serve(demo.folder, host, port, circumstances, how=Serving(tessdata=tessdata))
