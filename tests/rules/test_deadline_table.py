"""Deadlines of more than a hundred cases, each written out and computed a second time by counting minutes.

The days off and the days that are worked in their place are those of the official notices for 2026, written out here:
the library's knowledge of them is tested by this, too.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crmcli.config import load_settings
from crmcli.rules.business_hours import Calendar, add, paused
from crmcli.rules.service_levels import WEEKDAYS, desk_calendar, length
from crmcli.when.periods import parse_amount

DESKS = {
    "shanghai": ("Asia/Shanghai", "CN", ["9:00-12:00 13:00-18:00"] * 5 + [""] * 2),
    "berlin": ("Europe/Berlin", "DE", ["9:00-17:00"] * 5 + [""] * 2),
    "new york": ("America/New_York", "US", ["9:00-17:00"] * 5 + [""] * 2),
    "night": ("Europe/Berlin", "none", ["0:00-6:00 22:00-24:00"] * 7),
    "all day": ("America/New_York", "none", ["0:00-24:00"] * 7),
    "clock": ("Asia/Shanghai", "", []),
    "clock berlin": ("Europe/Berlin", "", []),
}
"""Zone, country of the holidays, hours of the week; no hours for a clock that never stands."""

OFF = {
    "shanghai": "01-01..01-03 02-15..02-23 04-04..04-06 05-01..05-05 06-19..06-21 09-25..09-27 10-01..10-07",
    "berlin": "01-01..01-01 04-03..04-03 04-06..04-06 05-01..05-01 05-14..05-14 05-25..05-25 12-25..12-26",
    "new york": "01-01..01-01 01-19..01-19 02-16..02-16 05-25..05-25 06-19..06-19 07-03..07-03 11-26..11-26",
}
WORKED = {"shanghai": "01-04 02-14 02-28 05-09 09-20 10-10"}

CASES = [
    # desk, since, how long, pauses, deadline; on the clocks of the desk, in 2026 unless a year is written
    # an ordinary week in Shanghai, 9 to 12 and 13 to 18: eight hours a day, the first of March is a Sunday
    ("shanghai", "03-02 09:00", "1h", "", "03-02 10:00"),
    ("shanghai", "03-02 11:30", "30m", "", "03-02 12:00"),
    ("shanghai", "03-02 11:30", "31m", "", "03-02 13:01"),
    ("shanghai", "03-02 12:00", "1h", "", "03-02 14:00"),
    ("shanghai", "03-02 12:30", "1h", "", "03-02 14:00"),
    ("shanghai", "03-02 13:00", "5h", "", "03-02 18:00"),
    ("shanghai", "03-02 09:00", "8h", "", "03-02 18:00"),
    ("shanghai", "03-02 09:00", "1d", "", "03-02 18:00"),
    ("shanghai", "03-02 09:01", "1d", "", "03-03 09:01"),
    ("shanghai", "03-02 17:59", "1m", "", "03-02 18:00"),
    ("shanghai", "03-02 17:59", "2m", "", "03-03 09:01"),
    ("shanghai", "03-02 18:00", "1m", "", "03-03 09:01"),
    ("shanghai", "03-02 23:59", "1h", "", "03-03 10:00"),
    ("shanghai", "03-03 00:00", "4h", "", "03-03 14:00"),
    ("shanghai", "03-03 08:59", "4h", "", "03-03 14:00"),
    ("shanghai", "03-04 15:00", "4h", "", "03-05 10:00"),
    ("shanghai", "03-05 16:30", "2d", "", "03-09 16:30"),
    # weekends
    ("shanghai", "03-06 17:00", "1h", "", "03-06 18:00"),
    ("shanghai", "03-06 17:00", "2h", "", "03-09 10:00"),
    ("shanghai", "03-06 18:00", "4h", "", "03-09 14:00"),
    ("shanghai", "03-07 10:00", "4h", "", "03-09 14:00"),
    ("shanghai", "03-08 23:30", "4h", "", "03-09 14:00"),
    ("shanghai", "03-06 09:00", "3d", "", "03-10 18:00"),
    ("shanghai", "03-06 14:00", "1w", "", "03-13 14:00"),
    ("shanghai", "03-07 12:00", "1w", "", "03-13 18:00"),
    ("shanghai", "03-02 10:00", "2w", "", "03-16 10:00"),
    ("shanghai", "03-02 09:00", "10d", "", "03-13 18:00"),
    # Spring Festival 2026: 15 to 23 February off; Saturday the 14th and Saturday the 28th are worked
    ("shanghai", "02-13 17:00", "2h", "", "02-14 10:00"),
    ("shanghai", "02-13 18:00", "1h", "", "02-14 10:00"),
    ("shanghai", "02-14 09:00", "8h", "", "02-14 18:00"),
    ("shanghai", "02-14 09:00", "9h", "", "02-24 10:00"),
    ("shanghai", "02-14 17:30", "1h", "", "02-24 09:30"),
    ("shanghai", "02-14 18:00", "1d", "", "02-24 18:00"),
    ("shanghai", "02-15 10:00", "4h", "", "02-24 14:00"),
    ("shanghai", "02-16 09:00", "1m", "", "02-24 09:01"),
    ("shanghai", "02-17 12:00", "2d", "", "02-25 18:00"),
    ("shanghai", "02-23 17:00", "8h", "", "02-24 18:00"),
    ("shanghai", "02-13 09:00", "3d", "", "02-24 18:00"),
    ("shanghai", "02-12 16:00", "1w", "", "02-26 16:00"),
    ("shanghai", "02-27 17:00", "2h", "", "02-28 10:00"),
    ("shanghai", "02-27 09:00", "2d", "", "02-28 18:00"),
    ("shanghai", "02-27 09:00", "3d", "", "03-02 18:00"),
    ("shanghai", "02-28 15:00", "4h", "", "03-02 10:00"),
    ("shanghai", "02-28 18:00", "1h", "", "03-02 10:00"),
    ("shanghai", "03-01 12:00", "1h", "", "03-02 10:00"),
    ("shanghai", "02-09 09:00", "15d", "", "03-05 18:00"),
    # the other holidays of the year, and their working weekends
    ("shanghai", "01-01 09:00", "1h", "", "01-04 10:00"),
    ("shanghai", "01-04 10:00", "4h", "", "01-04 15:00"),
    ("shanghai", "01-03 10:00", "1d", "", "01-04 18:00"),
    ("shanghai", "04-03 17:00", "2h", "", "04-07 10:00"),
    ("shanghai", "04-30 16:00", "4h", "", "05-06 11:00"),
    ("shanghai", "05-08 17:00", "2h", "", "05-09 10:00"),
    ("shanghai", "05-09 16:00", "3h", "", "05-11 10:00"),
    ("shanghai", "06-18 17:00", "3h", "", "06-22 11:00"),
    ("shanghai", "09-19 12:00", "4h", "", "09-20 14:00"),
    ("shanghai", "09-24 17:00", "9h", "", "09-28 18:00"),
    ("shanghai", "09-30 17:00", "2h", "", "10-08 10:00"),
    ("shanghai", "10-09 17:00", "2h", "", "10-10 10:00"),
    ("shanghai", "10-10 17:00", "2h", "", "10-12 10:00"),
    # pauses within a day, over lunch, over night, over a weekend, over the festival, and several
    ("shanghai", "03-02 09:00", "4h", "03-02T10:00..03-02T11:00", "03-02 15:00"),
    ("shanghai", "03-02 09:00", "4h", "03-02T11:30..03-02T13:30", "03-02 15:00"),
    ("shanghai", "03-02 09:00", "4h", "03-02T12:00..03-02T13:00", "03-02 14:00"),
    ("shanghai", "03-02 16:00", "4h", "03-02T17:00..03-03T10:00", "03-03 14:00"),
    ("shanghai", "03-02 16:00", "4h", "03-02T18:00..03-03T09:00", "03-03 11:00"),
    ("shanghai", "03-06 16:00", "4h", "03-06T17:00..03-09T09:00", "03-09 12:00"),
    ("shanghai", "03-06 16:00", "4h", "03-07T10:00..03-08T20:00", "03-09 11:00"),
    ("shanghai", "03-06 16:00", "4h", "03-07T10:00..03-09T11:30", "03-09 14:30"),
    ("shanghai", "02-13 15:00", "1d", "02-14T10:00..02-24T10:00", "02-24 15:00"),
    ("shanghai", "02-13 15:00", "1d", "02-16T10:00..02-20T10:00", "02-14 15:00"),
    ("shanghai", "02-14 15:00", "1d", "02-15T10:00..02-28T10:00", "02-28 16:00"),
    ("shanghai", "02-14 15:00", "3d", "02-24T10:00..02-24T15:00", "02-27 10:00"),
    ("shanghai", "03-02 09:00", "2d", "03-02T10:00..03-02T12:00 03-03T09:00..03-03T18:00", "03-05 11:00"),
    ("shanghai", "03-02 09:00", "2d", "03-02T17:00..03-03T10:00 03-04T09:30..03-06T09:30", "03-06 11:00"),
    ("shanghai", "03-02 09:00", "1h", "03-02T10:00..03-02T16:00", "03-02 10:00"),
    ("shanghai", "03-02 09:00", "1h", "03-02T09:00..03-02T16:00", "03-02 17:00"),
    # around the clock
    ("clock", "02-14 18:00", "4h", "", "02-14 22:00"),
    ("clock", "02-15 10:30", "1d", "", "02-16 10:30"),
    ("clock", "03-02 09:00", "1w", "", "03-09 09:00"),
    ("clock", "12-31 20:00", "8h", "", "2027-01-01 04:00"),
    ("clock", "03-02 09:00", "4h", "03-02T10:00..03-02T22:00", "03-03 01:00"),
    ("clock", "03-02 09:00", "1d", "03-02T10:00..03-03T10:00 03-03T12:00..03-03T13:00", "03-04 10:00"),
    ("clock berlin", "03-28 12:00", "1d", "", "03-29 13:00"),
    ("clock berlin", "03-29 01:30", "1h", "", "03-29 03:30"),
    ("clock berlin", "10-24 12:00", "1d", "", "10-25 11:00"),
    ("clock berlin", "10-25 01:30", "1h", "", "10-25 02:30"),
    ("clock berlin", "10-25 01:30", "2h", "", "10-25 02:30 again"),
    ("clock berlin", "10-25 01:30", "3h", "", "10-25 03:30"),
    ("clock berlin", "03-28 12:00", "1d", "03-29T01:00..03-29T04:00", "03-29 15:00"),
    ("clock berlin", "10-24 12:00", "1d", "10-25T01:00..10-25T04:00", "10-25 15:00"),
    # the clocks change in Germany on 29 March and 25 October, both Sundays; 3 and 6 April are Easter's holidays
    ("berlin", "03-27 16:00", "2h", "", "03-30 10:00"),
    ("berlin", "03-27 16:00", "1d", "", "03-30 16:00"),
    ("berlin", "10-23 16:00", "2h", "", "10-26 10:00"),
    ("berlin", "04-02 16:00", "2h", "", "04-07 10:00"),
    ("berlin", "04-02 09:00", "2d", "", "04-07 17:00"),
    ("berlin", "10-23 16:00", "1d", "10-24T12:00..10-26T12:00", "10-27 11:00"),
    ("berlin", "12-24 16:00", "2h", "", "12-28 10:00"),
    ("berlin", "12-31 16:30", "1h", "", "2027-01-04 09:30"),
    # a desk that is open from 22 to 6: the night of the change has an hour less, or one more
    ("night", "03-28 22:00", "7h", "", "03-29 06:00"),
    ("night", "03-28 22:00", "8h", "", "03-29 23:00"),
    ("night", "03-29 01:30", "1h", "", "03-29 03:30"),
    ("night", "10-24 22:00", "8h", "", "10-25 05:00"),
    ("night", "10-24 22:00", "9h", "", "10-25 06:00"),
    ("night", "10-25 01:00", "3h", "", "10-25 03:00"),
    ("night", "03-28 23:00", "4h", "03-29T01:00..03-29T03:30", "03-29 05:30"),
    ("night", "10-24 23:00", "4h", "10-25T01:00..10-25T03:30", "10-25 05:30"),
    # the clocks change in the United States on 8 March and 1 November
    ("all day", "03-08 00:00", "1d", "", "03-09 01:00"),
    ("all day", "11-01 00:00", "1d", "", "11-01 23:00"),
    ("all day", "03-07 20:00", "8h", "", "03-08 05:00"),
    ("all day", "10-31 20:00", "8h", "", "11-01 03:00"),
    ("all day", "10-31 20:00", "8h", "11-01T00:30..11-01T03:30", "11-01 07:00"),
    ("new york", "03-06 16:00", "2h", "", "03-09 10:00"),
    ("new york", "10-30 16:00", "2h", "", "11-02 10:00"),
    ("new york", "11-25 16:00", "2h", "", "11-27 10:00"),
    ("new york", "07-02 16:30", "1h", "", "07-06 09:30"),
]


def at(desk: str, text: str) -> datetime:
    """Return a moment of the table: `03-02 09:00`, or with `again` the second of the two that an hour has."""
    day, clock, *again = text.replace("T", " ").split()
    year = "" if day.count("-") > 1 else "2026-"
    moment = datetime.fromisoformat(f"{year}{day} {clock}").replace(tzinfo=ZoneInfo(DESKS[desk][0]))
    return moment.replace(fold=len(again))


def pauses_of(desk: str, text: str) -> list[tuple[datetime, datetime]]:
    pairs = (pause.split("..") for pause in text.split())
    return [(at(desk, since), at(desk, until)) for since, until in pairs]


@cache
def calendar_of(desk: str) -> Calendar | None:
    zone, country, week = DESKS[desk]
    settings = load_settings(Path("/nonexistent"))
    hours = {f"hours.{day}": text for day, text in zip(WEEKDAYS, week, strict=False)}
    settings = settings._replace(values={**settings.values, **hours, "holidays": country})
    return desk_calendar("business" if week else "always", settings, datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)))


@cache
def days(desk: str) -> tuple[set[date], set[date]]:
    """Return the days off and the days worked in their place, as they are written out above."""
    off: set[date] = set()
    for span in OFF.get(desk, "").split():
        first, last = (date.fromisoformat(f"2026-{day}") for day in span.split(".."))
        off |= {first + timedelta(days=ahead) for ahead in range((last - first).days + 1)}
    return off | {date(2027, 1, 1)}, {date.fromisoformat(f"2026-{day}") for day in WORKED.get(desk, "").split()}


@cache
def is_open(desk: str, minute: datetime) -> bool:
    """Return whether a desk is open in this minute, the naive way: by looking at the clock."""
    zone, _country, week = DESKS[desk]
    if not week:
        return True
    shown = minute.astimezone(ZoneInfo(zone))
    off, worked = days(desk) if desk in OFF else (set(), set())
    hours = week[0] if shown.date() in worked else "" if shown.date() in off else week[shown.weekday()]
    for span in hours.split():
        begin, end = (int(clock.split(":")[0]) for clock in span.split("-"))
        if time(begin) <= shown.time() and (end == 24 or shown.time() < time(end)):
            return True
    return False


def counted(desk: str, since: datetime, minutes: int, pauses: Sequence[tuple[datetime, datetime]]) -> datetime:
    """Return when so many open minutes that belong to no pause have passed, by counting them."""
    minute = since.astimezone(UTC)
    while minutes:
        waiting = any(begin <= minute < end for begin, end in pauses)
        minutes -= is_open(desk, minute) and not waiting
        minute += timedelta(minutes=1)
    return minute


@pytest.mark.parametrize(("desk", "since", "period", "pauses", "expected"), CASES)
def test_a_deadline_is_what_was_computed_by_hand(
    desk: str, since: str, period: str, pauses: str, expected: str
) -> None:
    calendar = calendar_of(desk)
    long = length(parse_amount(period), calendar)
    deadline = add(at(desk, since), long, calendar)
    for begin, end in pauses_of(desk, pauses):
        deadline = paused(deadline, begin, end, calendar)
    assert deadline == at(desk, expected).astimezone(UTC)
    minutes = int(long.total_seconds()) // 60
    assert counted(desk, at(desk, since), minutes, pauses_of(desk, pauses)) == deadline
