"""Sealing a whole compartment to its epoch in force: what is logged, and the index made of it.

An index file that nothing changed stays sealed to the epoch in which it was made; so the index is made again.
"""

from collections.abc import Callable

from archive.access.keyring import find_label, keyring
from archive.access.parts import Archive
from archive.access.rewrapping import Rewrapped, rewrap_compartment
from archive.access.signin import Sitting
from search.rebuilding import rebuild


def reseal(
    archive: Archive,
    sitting: Sitting,
    label: str,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> Rewrapped:
    """Rewrap a compartment as `rewrap_compartment` does; where that did something, queue its index anew."""
    done = rewrap_compartment(archive, sitting, label, tell)
    held = find_label(keyring(archive, sitting), label)
    manifest = archive.catalogue.manifests.get(held.compartment)
    if done.headers or (manifest is not None and manifest.epoch < done.epoch):
        rebuild(archive, held)
        archive.catalogue.scrub()
    return done
