"""The standalone pack tool: `python3 sviedka-pack.pyz PATH... --card FILE -o FILE`.

Exit status as the command line's: 0 done, 1 the card does not hold, 2 something is malformed, 3 refused.
"""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from archive.errors import IntakeError, SviedkaError
from archive.packer.descriptions import describe_plainly
from archive.packer.work import Wanted, list_files, load_signer, read_card, run
from keys.keyfile import LOG_N
from keys.passphrases import LANGUAGES
from keys.secrecy import forbid_cores


def main(arguments: Sequence[str] | None = None, *, platform: str = "", log_n: int = LOG_N) -> int:
    """Pack what the arguments name, say what came of it, and return the exit status."""
    os.umask(0o077)
    forbid_cores()
    asked = _parser(platform).parse_args(arguments)
    try:
        _pack(asked, log_n)
    except SviedkaError as fault:
        _say(f"nothing was packed: {fault} [{fault.code}]")
        return fault.exit_status
    except OSError as fault:
        _say(f"nothing was packed: {os.strerror(fault.errno or 0).casefold()}")
        return 4
    except KeyboardInterrupt:
        _say("interrupted: nothing was packed")
        return 130
    return 0


def _parser(platform: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sviedka-pack",
        description="Seal files to the recipient card of a Sviedka archive, offline and without an account.",
        epilog=f"This copy is for {platform}." if platform else None,
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="files, and folders of files")
    parser.add_argument("--card", type=Path, required=True, metavar="FILE", help="the recipient card")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the pack to write")
    parser.add_argument("--describe", type=Path, metavar="FILE.json", help="what is said of the files")
    parser.add_argument("--claimed-at", metavar="TIME", help="when it was, if not now: 2026-11-20T08:05:00Z")
    parser.add_argument(
        "--fingerprint", metavar="TEXT", help="the fingerprint that the card's owner told you"
    )
    parser.add_argument("--trust", type=Path, metavar="FILE", help="the log's keys, had from elsewhere")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the code's words")
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="your exported key file, to sign with")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="its passphrase, one line")
    parser.add_argument("--json", action="store_true", help="say it for machines")
    return parser


def _pack(asked: argparse.Namespace, log_n: int) -> None:
    wanted = Wanted(
        paths=asked.paths,
        card=asked.card,
        output=asked.output,
        told=asked.fingerprint,
        trust=asked.trust,
        claimed_at=asked.claimed_at,
        language=asked.language,
        signer=load_signer(asked.key_file, _passphrase(asked), log_n=log_n) if asked.key_file else None,
    )
    descriptions = describe_plainly(asked.describe, asked.paths, list_files(wanted))
    proven = read_card(wanted)
    for line in proven.lines():
        _say(line)
    done = run(wanted, proven, descriptions, log_n=log_n)
    print(json.dumps(done.as_data(), ensure_ascii=False) if asked.json else "\n".join(done.lines()))
    for line in done.warnings():
        _say(line)


def _passphrase(asked: argparse.Namespace) -> str:
    if asked.passphrase_file is None:
        return getpass.getpass("Passphrase: ")
    try:
        lines = asked.passphrase_file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError):
        raise IntakeError("I72", "the passphrase file cannot be read") from None
    if len(lines) != 1:
        raise IntakeError("I72", "the passphrase file does not hold a passphrase", expected="one line")
    return str(lines[0])


def _say(line: str) -> None:
    print(line, file=sys.stderr)
