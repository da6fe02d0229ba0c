"""A moment as it was promised."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from crmcli.when.zone import load_zone

YEARS = range(1900, 2200)
"""The years of moments that are understood."""
MOST_DAYS = 100_000
"""Days of a rhythm, or of how long before something is told: more are a slip of the keyboard."""


MOST_MINUTES = 366 * 24 * 60
"""Minutes that something took: no more than a year."""


class When(NamedTuple):
    """A date, perhaps a wall-clock time, and the zone that both are meant in.

    `time` keeps its `fold`: of an hour that a clock change repeats, the second is kept apart when it was meant.
    `written_out`: year, month and day were all given, so a moment that lies in the past is meant.
    """

    day: date
    time: time | None
    zone: str
    written_out: bool = False

    def instant(self) -> datetime | None:
        """Return the moment in UTC; None when it lasts all day.

        A time that a spring clock change skips moves forward by the gap; one that an autumn change repeats is the
        first. Raises UsageError when the zone is unknown.
        """
        if self.time is None:
            return None
        return datetime.combine(self.day, self.time, tzinfo=load_zone(self.zone)).astimezone(UTC)

    def end(self) -> datetime:
        """Return the moment in UTC from which on it is past: itself, or the end of the day where it lasts all day."""
        whole = datetime.combine(self.day, time(), tzinfo=load_zone(self.zone)) + timedelta(days=1)
        return self.instant() or whole.astimezone(UTC)
