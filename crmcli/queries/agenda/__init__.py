"""What is due, and the day's work: callbacks, complaints near their deadline, promises, birthdays, the forgotten.

Nothing is stored and nothing runs in the background: every question is answered afresh from indexes, for the moment
that the reader stands at. Each kind of item is a module with a function `due`, and a line in KINDS.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from crmcli.queries.agenda import birthdays, callbacks, complaints, forgotten, promises
from crmcli.queries.agenda.items import Due, Window
from crmcli.queries.reader import Reader, Row

KINDS = {
    "callback": callbacks.due,
    "complaint": complaints.due,
    "promise": promises.due,
    "birthday": birthdays.due,
    "forgotten": forgotten.due,
}
"""Kind of item → the function that reads what is due of it within a window."""

_NEAR = timedelta(hours=24)
"""So long before its deadline a complaint belongs to the day's work."""
_NOTHING = timedelta()


class Day(NamedTuple):
    """The day's work."""

    overdue: Due
    today: Due
    complaints: Due
    promises: Due
    birthdays: Due
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


def read_day(reader: Reader, *, birthday_days: int, forgotten_rows: int, limit: int | None = None) -> Day:
    """Return the day's work; `limit` is how many items of a kind are read, all without it.

    Of the forgotten customers only so many are read in any case, the longest overdue for their class: it may be nearly
    everybody.
    """
    today = reader.now.date()
    return Day(
        overdue=callbacks.overdue(reader, limit),
        today=callbacks.later_today(reader, limit),
        complaints=complaints.due(reader, Window(reader.now + _NEAR, today), limit),
        promises=promises.due(reader, Window(_end_of_day(reader), today), limit),
        birthdays=birthdays.due(reader, Window(reader.now, today + timedelta(days=birthday_days)), limit),
        forgotten=forgotten.due(reader, Window(reader.now, today), forgotten_rows),
        coming=callbacks.coming(reader),
    )


def read_due(reader: Reader, *, within: timedelta, before: Mapping[str, timedelta]) -> list[Row]:
    """Return every item that is due now or within that time; `before` says of which kinds how much earlier."""
    found = (due(reader, _window(reader, within + before.get(kind, _NOTHING))) for kind, due in KINDS.items())
    return [item for due in found for item in due.items]


def _window(reader: Reader, ahead: timedelta) -> Window:
    horizon = (reader.now.astimezone(UTC) + ahead).astimezone(reader.now.tzinfo)
    return Window(horizon, horizon.date())


def _end_of_day(reader: Reader) -> datetime:
    """Return the last second of the user's day."""
    return datetime.combine(reader.now.date(), time(23, 59, 59), tzinfo=reader.now.tzinfo)


def anybody(reader: Reader) -> bool:
    """Return whether there is any contact at all."""
    return bool(reader.all("SELECT EXISTS (SELECT 1 FROM contacts)")[0][0])
