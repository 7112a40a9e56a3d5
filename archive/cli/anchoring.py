"""`sviedka anchor`: timestamps of an outside authority over the log, so that nobody can date it back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from archive.access.anchors import Anchor, Anchors, Broken, Covered, anchored_receipt, pinned
from archive.access.parts import Archive
from archive.assemble import load_settings, open_archive
from archive.cli.asking import Asked, Group, command
from archive.cli.authorities import authority_command, read_file
from archive.cli.saving import new_folder, save
from archive.cli.showing import note, show
from archive.cli.surroundings import circumstances_of
from archive.cli.timekeeping import ask
from archive.errors import IntakeError, SviedkaError
from archive.policy import OPERATOR
from archive.proofs import LARGEST_PROOF_BYTES
from archive.receipts import parse_receipt
from archive.timestamps import Kept, Name
from keys.timestamps import new_request, verify_answer
from storage.timestamps import Authorities, Timestamps

_NOT_VERIFIED = 1
#: Stretches that are shown to people, of which there may be thousands.
_SHOWN = 20


@click.group("anchor", cls=Group)
def anchor_command() -> None:
    """Have an outside authority confirm when the log held what."""


anchor_command.add_command(authority_command)


@command("now", rule=OPERATOR, into=anchor_command)
@click.option("--authority", "only", metavar="NAME", help="Ask this one only.")
def now_command(asked: Asked, *, only: str | None) -> None:
    """Get a timestamp over the log as it is now, from each authority.

    It learns a digest, nothing else. What is verified is kept; what failed is due at the next call, so this
    can be run by a timer.
    """
    with _opened(asked) as archive:
        results = [_anchor(archive, name) for name in _to_ask(archive, only)]
    show(asked, [_result_as_data(one) for one in results], map(_result_line, results))
    faults = [one for _, one in results if isinstance(one, SviedkaError)]
    if faults:
        raise faults[0]


@command("status", rule=OPERATOR, into=anchor_command)
def status_command(asked: Asked) -> None:
    """Say which entries of the log are covered by timestamps, and by when they existed."""
    with _opened(asked) as archive:
        anchors = Anchors(archive)
        size, covered = archive.log.checkpoint().size, anchors.covered()
        broken = [one for one in anchors.all() if isinstance(one, Broken)]
        held = sum(isinstance(one, Anchor) for one in anchors.all())
    value = {
        "size": size,
        "covered": covered[-1].end if covered else 0,
        "stretches": [_covered_as_data(one) for one in covered],
        "timestamps": held,
        "broken": [{"timestamp": str(one.name), "code": one.fault.code} for one in broken],
    }
    show(asked, value, _status_lines(size, covered, broken))
    if broken:
        raise click.exceptions.Exit(_NOT_VERIFIED)


@command("export", rule=OPERATOR, into=anchor_command)
@click.option("-o", "output", required=True, type=click.Path(path_type=Path), metavar="DIR")
@click.option("--size", type=click.IntRange(1), metavar="N", help="The timestamp over the first N entries.")
@click.option(
    "--receipt",
    type=click.Path(path_type=Path),
    metavar="F",
    help="The earliest over the entry of this receipt; the receipt is made anew to go with it.",
)
def export_command(asked: Asked, *, output: Path, size: int | None, receipt: Path | None) -> None:
    """Write a timestamp into the folder DIR, so that anyone can check it with other tools.

    Without --size and --receipt it is the newest one.
    """
    data = read_file(receipt, LARGEST_PROOF_BYTES) if receipt is not None else None
    with _opened(asked) as archive:
        anchors = Anchors(archive)
        anchor = _chosen(anchors, size, parse_receipt(data).proof.index if data is not None else None)
        kept = anchors.kept(anchor.name)
        files = {"checkpoint": kept.note, "timestamp.tsr": kept.token}
        files["authority.pem"] = Authorities(archive.folder).pins(anchor.name.authority)
        if data is not None:
            files["receipt.tlog-proof"] = anchored_receipt(archive, data, anchor, kept.note)
    folder = new_folder(output)
    for name, content in files.items():
        save(folder / name, content)
    value = {"size": anchor.size, "existed_by": anchor.stamp.existed_by, "files": sorted(files)}
    show(
        asked, value, [f"written: {', '.join(sorted(files))}", _result_line((anchor.name.authority, anchor))]
    )


def _chosen(anchors: Anchors, size: int | None, index: int | None) -> Anchor:
    """Return the earliest timestamp over an entry, or one over just `size` entries, or the newest (I34)."""
    held = [one for one in anchors.all() if isinstance(one, Anchor)]
    fitting = [one for one in held if size in (None, one.size) and (index is None or one.size > index)]
    if not fitting:
        sizes = ", ".join(str(one.size) for one in held) or "none"
        raise IntakeError("I34", "there is no such timestamp", expected=f"one over {sizes}")
    ordered = sorted(fitting, key=lambda one: one.stamp.existed_by)
    return ordered[-1] if size is None and index is None else ordered[0]


@contextmanager
def _opened(asked: Asked) -> Iterator[Archive]:
    load_settings(asked.folder)
    with open_archive(asked.folder, circumstances_of(os.environ)) as archive:
        yield archive


def _to_ask(archive: Archive, only: str | None) -> list[str]:
    authorities = Authorities(archive.folder)
    known = [name for name in authorities.names() if authorities.url(name) is not None]
    if only is not None and only not in known:
        raise IntakeError("I30", "there is no such authority to ask", expected=", ".join(known) or "none")
    if not known:
        raise IntakeError("I31", "there is no authority to ask: sviedka anchor authority add")
    return [only] if only is not None else known


def _anchor(archive: Archive, authority: str) -> tuple[str, Anchor | SviedkaError]:
    """Get a timestamp over the newest checkpoint, unless there is one; verify it, and only then keep it."""
    try:
        return authority, _newest(archive, authority)
    except SviedkaError as fault:
        note(f"{authority}: {fault} [{fault.code}]")
        return authority, fault


def _newest(archive: Archive, authority: str) -> Anchor:
    authorities, anchors = Authorities(archive.folder), Anchors(archive)
    checkpoint_note, checkpoint = archive.log.published()
    found = anchors.newest(authority)
    if found is not None and found.size == checkpoint.size:
        return found
    pins = pinned(authorities).get(authority)
    if pins is None:
        raise IntakeError("I30", "what is pinned for the authority is damaged: sviedka anchor authority add")
    request = new_request(checkpoint_note)
    answer = ask(authorities.url(authority) or "", request.data)
    stamp = verify_answer(pins, checkpoint_note, answer, request, archive.clock())
    name = Name.of(checkpoint.size, authority, stamp)
    Timestamps(archive.folder).keep(name, Kept(checkpoint_note, answer))
    return Anchor(name, checkpoint.size, stamp)


def _result_as_data(result: tuple[str, Anchor | SviedkaError]) -> dict[str, Any]:
    authority, found = result
    if isinstance(found, SviedkaError):
        return {"authority": authority, "size": None, "existed_by": None, "code": found.code}
    return {
        "authority": authority,
        "size": found.size,
        "existed_by": found.stamp.existed_by,
        "timestamp": str(found.name),
    }


def _result_line(result: tuple[str, Anchor | SviedkaError]) -> str:
    authority, found = result
    if isinstance(found, SviedkaError):
        return f"{authority}: no timestamp"
    return f"{authority}: the first {found.size} entries existed by {found.stamp.existed_by}"


def _covered_as_data(one: Covered) -> dict[str, Any]:
    return {
        "start": one.start,
        "end": one.end,
        "existed_by": one.anchor.stamp.existed_by,
        "authority": one.anchor.name.authority,
        "timestamp": str(one.anchor.name),
    }


def _status_lines(size: int, covered: list[Covered], broken: list[Broken]) -> Iterator[str]:
    if len(covered) > _SHOWN:
        first, more = covered[-_SHOWN].start, len(covered) - _SHOWN
        yield f"entries 0 to {first - 1}: {more} earlier timestamps, all shown by --json"
    for one in covered[-_SHOWN:]:
        when, by = one.anchor.stamp.existed_by, one.anchor.name.authority
        yield f"entries {one.start} to {one.end - 1} existed by {when} ({by})"
    end = covered[-1].end if covered else 0
    if end < size:
        yield f"entries {end} to {size - 1}: no timestamp"
    for bad in broken:
        yield f"BROKEN: {bad.name}: {bad.fault} [{bad.fault.code}]"
