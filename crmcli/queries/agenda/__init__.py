"""What is due, and the day's work: callbacks, complaints near their deadline, promises, birthdays, the forgotten.

Nothing is stored and nothing runs in the background: every question is answered afresh from indexes, for the moment
that the reader stands at. Each kind of item is a module with a function `due`, and a line in KINDS.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from crmcli.queries.agenda import (
    birthdays,
    callbacks,
    complaints,
    dates,
    escalations,
    forgotten,
    promises,
    supervisions,
)
from crmcli.queries.agenda.items import Due, Window, reached
from crmcli.queries.reader import Reader, Row, at_one_moment

KINDS = {
    "callback": callbacks.due,
    "complaint": complaints.due,
    "escalation": escalations.due,
    "promise": promises.due,
    "supervision": supervisions.due,
    "birthday": birthdays.due,
    "date": dates.due,
    "forgotten": forgotten.due,
}
"""Kind of item → the function that reads what is due of it within a window."""

_NEAR = timedelta(hours=24)
"""So long before its deadline a complaint belongs to the day's work."""


class Plan(NamedTuple):
    """When reminders speak of a kind: so much earlier, and of what has no time from this time of the day on."""

    before: timedelta = timedelta()
    at: time = time()


class Day(NamedTuple):
    """The day's work."""

    overdue: Due
    today: Due
    complaints: Due
    promises: Due
    supervisions: Due
    birthdays: Due
    dates: Due
    forgotten: Due
    coming: list[Row]

    @property
    def sections(self) -> dict[str, Due]:
        """What there is to do, by section."""
        return {name: getattr(self, name) for name in self._fields if name != "coming"}

    @property
    def items(self) -> list[Row]:
        """All items, section by section."""
        return [item for due in self.sections.values() for item in due.items]


@at_one_moment
def read_day(
    reader: Reader,
    *,
    birthday_days: int,
    forgotten_rows: int,
    limit: int | None = None,
    notice: timedelta = timedelta(),
) -> Day:
    """Return the day's work; `limit` is how many items of a kind are read, all without it.

    Of the forgotten customers only so many are read in any case, the longest overdue for their class: it may be nearly
    everybody. With `notice` before a solution is due it is what a complaint wants, though the answer is late.
    """
    today = reader.now.date()
    return Day(
        overdue=callbacks.overdue(reader, limit),
        today=callbacks.later_today(reader, limit),
        complaints=complaints.due(
            reader, Window(reader.now + _NEAR, today, today, reader.now.astimezone(UTC) + notice), limit
        ),
        promises=promises.due(reader, Window(_end_of_day(reader), today, today), limit),
        supervisions=supervisions.due(reader, Window(reader.now, today, today), limit),
        birthdays=birthdays.due(reader, Window(reader.now, today + timedelta(days=birthday_days), today), limit),
        dates=dates.due(reader, Window(reader.now, today, today), limit),
        forgotten=forgotten.due(reader, Window(reader.now, today, today), forgotten_rows),
        coming=callbacks.coming(reader),
    )


@at_one_moment
def read_due(reader: Reader, *, within: timedelta, plans: Mapping[str, Plan], since: date | None = None) -> list[Row]:
    """Return every item of the planned kinds that is due now or within that time.

    `since` is the day of the last run, none for today: what had its day while the machine was off is still due.
    """
    found = (KINDS[kind](reader, _window(reader, within, plan, since)) for kind, plan in plans.items())
    return [item for due in found for item in due.items]


def _window(reader: Reader, within: timedelta, plan: Plan, since: date | None) -> Window:
    """Return up to when a kind is due: a day counts from the plan's time of day on, both so much earlier.

    Days are counted on the wall's clock: two days before is two days, though one of them may have 23 hours.
    """
    horizon = (reader.now.astimezone(UTC) + within).astimezone(reader.now.tzinfo)
    begun = timedelta() if reached(horizon, plan.at) else timedelta(days=1)
    earlier = (horizon.astimezone(UTC) + plan.before).astimezone(reader.now.tzinfo)
    day = (horizon.replace(tzinfo=None) + plan.before).date() - begun
    return Window(earlier, day, since or reader.now.date(), reader.now.astimezone(UTC) + plan.before)


def _end_of_day(reader: Reader) -> datetime:
    """Return the last second of the user's day."""
    return datetime.combine(reader.now.date(), time(23, 59, 59), tzinfo=reader.now.tzinfo)


def anybody(reader: Reader) -> bool:
    """Return whether there is any contact at all."""
    return bool(reader.all("SELECT EXISTS (SELECT 1 FROM contacts)")[0][0])
