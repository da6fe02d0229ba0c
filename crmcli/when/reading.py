"""What a text has said so far, and how the pieces of the grammar say it."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from crmcli.when.periods import Amount

MONTHS_IN_YEAR = 12
FRIDAY, SATURDAY = 4, 5


class Clock(NamedTuple):
    """A time of day as it was said; `fold` 1 is the second of an hour that comes twice."""

    hour: int
    minute: int = 0
    second: int = 0
    fold: int = 0


class Reading:
    """What a text has said so far, seen from `now`; `order` tells how 12/01 is meant, `future` where a moment lies."""

    def __init__(self, now: datetime, order: str, *, future: bool) -> None:
        self.now = now
        self.today = now.date()
        self.order = order
        self.future = future
        self.said: set[str] = set()
        self.written_out = False
        self.day = date.min  # a day that is fixed
        self.weekday = 0
        self.week = date.min  # its Monday
        self.month = date.min  # its first day
        self.year = 0
        self.month_day = (0, 0)
        self.like_hours = False  # 9-10: of a Friday, from nine to ten
        self.day_of_month = 0
        self.further = Amount()  # so far behind the day that the rest says
        self.part = ""
        self.half = ""  # of the day, as in 3 pm
        self.clock = Clock(0)

    def say(self, **values: object) -> None:
        """Note what a piece says. Raises ValueError when the same has been said before."""
        for name, value in values.items():
            if name in self.said:
                raise ValueError(name)
            self.said.add(name)
            setattr(self, name, value)


class Piece(NamedTuple):
    """A pattern and what it says."""

    pattern: str
    note: Callable[[re.Match[str], Reading], None]


PIECES: dict[str, list[Piece]] = {"letter": [], "digit": [], "other": []}


def piece(begins: str, pattern: str) -> Callable[[Callable[[re.Match[str], Reading], None]], Callable[..., None]]:
    """Declare a piece, filed under the kinds of character that it may begin with."""

    def declare(note: Callable[[re.Match[str], Reading], None]) -> Callable[..., None]:
        for kind in begins.split():
            PIECES[kind].append(Piece(pattern, note))
        return note

    return declare


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the pattern, compiled when it is first needed."""
    return re.compile(pattern, re.ASCII)


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the month's last day where it has fewer.

    Raises ValueError beyond the calendar.
    """
    year, month = divmod(day.year * MONTHS_IN_YEAR + day.month - 1 + months, MONTHS_IN_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def end_of_month(day: date) -> date:
    """Return the last day of the day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def monday_of(day: date) -> date:
    """Return the Monday of the day's week."""
    return day - timedelta(days=day.weekday())
