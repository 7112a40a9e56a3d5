"""`sviedka index`: the sealed search indexes."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from archive.access.keyring import Held, keyring
from archive.access.parts import Archive
from archive.cli.asking import Asked, Group, command
from archive.cli.entering import entered
from archive.cli.showing import plain, show, steps
from archive.cli.surroundings import tessdata_folder
from archive.policy import agents
from archive.records import Description
from ingest.extraction import Extractor, Limits
from ingest.late_texts import add_text, extract_late
from search.engines.tantivy_engine import TantivyEngine
from search.rebuilding import rebuild
from search.shelf import Shelf
from search.unextracted import unextracted

index_command = Group("index", help="The search indexes of the compartments you can open.")


@dataclass(frozen=True, slots=True)
class _Indexes:
    """The compartments an agent can open, and a shelf for their indexes."""

    archive: Archive
    shelf: Shelf
    opened: tuple[Held, ...]


@command("status", into=index_command, rule=agents())
def _status(asked: Asked) -> None:
    """Show how far each index is."""
    with _indexes(asked) as indexes:
        _tell(asked, [_state(indexes, held) for held in indexes.opened])


@command("run", into=index_command, rule=agents())
def _run(asked: Asked) -> None:
    """Fold into each index what was deposited since.

    First look for the text of what was never read: what is in a sealed compartment that was opened since.
    """
    with _indexes(asked) as indexes:
        _tell(asked, _for_each(indexes, lambda _held: None))


@command("rebuild", into=index_command, rule=agents())
def _rebuild(asked: Asked) -> None:
    """Throw each index away and make it again."""
    with _indexes(asked) as indexes:
        _tell(asked, _for_each(indexes, lambda held: rebuild(indexes.archive, held)))


@contextmanager
def _indexes(asked: Asked) -> Iterator[_Indexes]:
    with entered(asked) as (archive, sitting), closing(Shelf(archive, TantivyEngine)) as shelf:
        held = sorted(keyring(archive, sitting).values(), key=lambda one: one.label)
        yield _Indexes(archive, shelf, tuple(one for one in held if one.identities))


def _for_each(indexes: _Indexes, first: Callable[[Held], object]) -> list[dict[str, Any]]:
    """Do something with each compartment, then fold its waiting batches in and close its index."""
    states = []
    with steps() as step:
        for done, held in enumerate(indexes.opened):
            step("indexing", done, len(indexes.opened))
            _read_late(indexes.archive, held)
            first(held)
            indexes.shelf.open(held)
            indexes.shelf.drop(held.compartment)
            states.append(_state(indexes, held))
    return states


def _read_late(archive: Archive, held: Held) -> None:
    """Extract the texts that are missing in a compartment, and queue them for its index."""
    with Extractor(limits=Limits(), tessdata=tessdata_folder(os.environ)) as extractor:
        for one in unextracted(archive, held):
            extraction = extract_late(extractor, one.chunks, one.media_type)
            add_text(archive, one.item, extraction, Description(one.description))


def _state(indexes: _Indexes, held: Held) -> dict[str, Any]:
    manifest = indexes.archive.catalogue.manifests.get(held.compartment)
    waiting = indexes.archive.catalogue.batches.of_compartment(held.compartment)
    return {
        "label": held.label,
        "compartment": held.compartment,
        "version": manifest.version if manifest else 0,
        "waiting": len(waiting),
    }


def _tell(asked: Asked, states: list[dict[str, Any]]) -> None:
    lines = [
        f"{plain(one['label']):<32} version {one['version']}, batches waiting: {one['waiting']}"
        for one in states
    ]
    show(asked, states, lines)
