"""What an archive remembers of its backups: where they are, when each was made last, how long it keeps."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from archive.events import format_moment
from storage.catalogue.settings import Settings

_NAME: Final = "backups"


@dataclass(frozen=True, slots=True)
class Remembered:
    """One folder that was backed up to: the moment of its newest generation, and the days each is kept."""

    folder: str
    moment: str
    keep_days: int

    @property
    def path(self) -> Path:
        """The folder."""
        return Path(self.folder)

    @property
    def made(self) -> datetime:
        """The moment of the last backup."""
        return datetime.fromisoformat(self.moment)

    @property
    def opens_until(self) -> datetime:
        """When the newest generation is to be deleted, if backups to the folder go on.

        Until then it could open what the archive destroyed meanwhile and a purge did not reach. A disk that
        is never connected again keeps what it has.
        """
        return self.made + timedelta(days=self.keep_days)


def remembered(settings: Settings) -> list[Remembered]:
    """Return the backups that were made, the latest first."""
    found = [Remembered(**one) for one in json.loads(settings.get(_NAME) or "[]")]
    return sorted(found, key=lambda one: one.moment, reverse=True)


def remember(settings: Settings, folder: Path, moment: datetime, keep_days: int) -> Remembered:
    """Note that a backup was made."""
    new = Remembered(str(folder.resolve()), format_moment(moment.astimezone(UTC)), keep_days)
    others = [one for one in remembered(settings) if one.folder != new.folder]
    settings.set(_NAME, json.dumps([asdict(one) for one in (new, *others)], ensure_ascii=False))
    return new


def opens_until(settings: Settings) -> datetime | None:
    """Return until when a backup could open what is destroyed today; None when there is no backup."""
    return max((one.opens_until for one in remembered(settings)), default=None)
