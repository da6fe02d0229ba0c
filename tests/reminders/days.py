"""Days as a calendar on the wall has them: what is celebrated, and what repeats, counted by hand."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

DAY = timedelta(days=1)


def yearly(day: date, first: date) -> Iterator[date]:
    """Yield when a day is celebrated from that first day on: 29 February on the 28th of a common year."""
    for year in range(first.year, first.year + 3):
        leap = year % 4 == 0
        on = date(year, 2, 28) if (day.month, day.day) == (2, 29) and not leap else day.replace(year=year)
        if on >= first:
            yield on


def named(kind: str, now: datetime, clock: time, weekday: int) -> Iterator[date]:
    """Yield the days that a repeat names from now on."""
    day = now.date() if now.time() < clock else now.date() + DAY
    while (kind == "week" and day.weekday() != weekday) or (kind == "month" and day != month_end(day)):
        day += DAY
    yield day
    yield from after(kind, day)


def after(kind: str, day: date) -> Iterator[date]:
    """Yield the days that follow one: the next days, weeks, or ends of months."""
    while True:
        day = month_end(day + DAY) if kind == "month" else day + timedelta(days=7 if kind == "week" else 1)
        yield day


def month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - DAY
