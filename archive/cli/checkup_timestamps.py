"""What `sviedka doctor` says of timestamps: whether there are any, and how old is what none covers."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from archive.access.anchors import Anchors, Broken, pinned
from archive.access.parts import Archive
from archive.cli.findings import Finding, Severity
from archive.events import parse_entry
from storage.timestamps import Authorities

_OVERDUE: Final = timedelta(days=7)
_ENDS_SOON: Final = timedelta(days=60)
_PREVENTS: Final = "doubt about when something was in the log at the latest"


def check_timestamps(archive: Archive) -> Iterator[Finding]:
    """Look at the authorities, at every timestamp, and at the oldest entry that none covers."""
    authorities = Authorities(archive.folder)
    names, pins = authorities.names(), pinned(authorities)
    for name in names:
        if name not in pins:
            yield Finding(Severity.SERIOUS, "timestamps", f"what is pinned for {name} is damaged", _PREVENTS)
    asked = [name for name in pins if authorities.url(name) is not None]
    if not asked:
        found = "off: sviedka anchor authority add" if not names else "no authority is asked any more"
        yield Finding(Severity.MISSING, "timestamps", found, _PREVENTS)
        return
    ends = max(pins[name].ends for name in asked)
    if ends < archive.clock() + _ENDS_SOON:
        found = f"the last certificate ends on {ends:%Y-%m-%d}: sviedka anchor authority add"
        yield Finding(Severity.SERIOUS, "timestamps", found, "the day from which none is got any more")
    yield from _kept(archive)


def _kept(archive: Archive) -> Iterator[Finding]:
    anchors = Anchors(archive)
    broken = sum(isinstance(one, Broken) for one in anchors.all())
    if broken:
        yield Finding(
            Severity.BROKEN, "timestamps", f"{broken} do not hold: sviedka anchor status", _PREVENTS
        )
    size, covered = archive.log.checkpoint().size, anchors.covered()
    end = covered[-1].end if covered else 0
    if end >= size:
        yield Finding(Severity.WELL, "timestamps", "over the whole log")
        return
    since = datetime.fromisoformat(parse_entry(archive.log.entry(end)).event.at)
    if since < archive.clock() - _OVERDUE:
        found = f"overdue: none over what was logged since {since:%Y-%m-%d}: sviedka anchor now"
        yield Finding(Severity.SERIOUS, "timestamps", found, _PREVENTS)
    else:
        yield Finding(Severity.WELL, "timestamps", f"over {end} of {size} entries")
