"""Whole days of the calendar from one to another: the parts that they fall into, and what to compare them with."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from crmcli.i18n import language
from crmcli.when.reading import MONTHS_IN_YEAR, add_months, end_of_month, monday_of
from crmcli.when.value import YEARS
from crmcli.when.words import MONTH_NAMES

BEGINNING = date(YEARS.start, 1, 1)
"""The first day of stretches that have no beginning."""
END = date(YEARS.stop - 1, 12, 31)
"""The last day of stretches that have no end."""
PARTS = {"day": 0, "week": 0, "month": 1, "quarter": 3, "year": 12}
"""What days are counted by, and how many months each has; weeks begin on Monday (ISO 8601)."""

_DAY = timedelta(days=1)


class Days(NamedTuple):
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """How many days they are."""
        return (self.last - self.first).days + 1

    @property
    def next(self) -> date:
        """The day after them."""
        return self.last + _DAY


def midnight(day: date, now: datetime) -> datetime:
    """Return the moment at which a day begins in the zone of `now`."""
    return datetime.combine(day, time(), tzinfo=now.tzinfo)


def part_of(day: date, part: str) -> Days:
    """Return the week, month, quarter or year that a day lies in; of days the day itself."""
    if part == "day":
        return Days(day, day)
    if part == "week":
        return Days(monday_of(day), monday_of(day) + 6 * _DAY)
    months = PARTS[part]
    first = day.replace(month=day.month - (day.month - 1) % months, day=1)
    return Days(first, end_of_month(add_months(first, months - 1)))


def parts_of(days: Days, part: str) -> list[Days]:
    """Return the weeks, months, quarters or years that the days touch, in order, each whole."""
    parts = [part_of(days.first, part)]
    while parts[-1].last < days.last:
        parts.append(part_of(parts[-1].last + _DAY, part))
    return parts


def part_name(first: date, part: str) -> str:
    """Return the name of the part that begins on this day: `2026-11-25`, `2026-W48`, `2026-11`, `2026-Q4`, `2026`."""
    if part == "day":
        return first.isoformat()
    if part == "week":
        year, week, _day = first.isocalendar()
        return f"{year}-W{week:02}"
    if part == "quarter":
        return f"{first.year}-Q{(first.month + 2) // 3}"
    return str(first.year) if part == "year" else f"{first.year}-{first.month:02}"


def year_before(days: Days, today: date) -> Days:
    """Return the same days a year earlier (同比); of days that are not over yet only as many as have passed."""
    return _shifted(passed(days, today), -MONTHS_IN_YEAR)


def days_before(days: Days, today: date) -> Days:
    """Return as many days before (环比), whole months before whole months; of days that are not over as many as passed.

    The month before March is February, though it is shorter.
    """
    so_far = passed(days, today)
    if days.first.day == 1 and days.last == end_of_month(days.last):
        months = (days.last.year - days.first.year) * MONTHS_IN_YEAR + days.last.month - days.first.month + 1
        return _shifted(so_far, -months)
    return Days(days.first - days.length * _DAY, days.first - days.length * _DAY + (so_far.length - 1) * _DAY)


def passed(days: Days, today: date) -> Days:
    """Return those of the days that are not ahead; the first of them when all are."""
    return Days(days.first, max(days.first, min(days.last, today)))


def say_days(days: Days) -> str:
    """Return the days as people say them: `2026`, `Nov 2026`, `3 Nov – 9 Nov 2026`, `2026年11月`."""
    first, last = days
    chinese = language() == "zh"
    if first.day == 1 and last == end_of_month(last):
        if first.month == 1 and last == first.replace(month=MONTHS_IN_YEAR, day=31):
            return f"{first.year}年" if chinese else str(first.year)
        if last == end_of_month(first):
            return f"{first.year}年{first.month}月" if chinese else f"{MONTH_NAMES[first.month - 1]} {first.year}"
    return _say_from_to(first, last, chinese=chinese)


def _say_from_to(first: date, last: date, *, chinese: bool) -> str:
    same = first.year == last.year
    if chinese:
        end = f"{last.month}月{last.day}日" if same else _say_day(last, chinese=True)
        return _say_day(first, chinese=True) + ("" if first == last else f"至{end}")
    start = f"{first.day} {MONTH_NAMES[first.month - 1]}" if same else _say_day(first, chinese=False)
    return _say_day(last, chinese=False) if first == last else f"{start} – {_say_day(last, chinese=False)}"


def _say_day(day: date, *, chinese: bool) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if chinese else f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def _shifted(days: Days, months: int) -> Days:
    """Return the days so many months away; the last of a month stays the last."""
    last = add_months(days.last, months)
    return Days(add_months(days.first, months), end_of_month(last) if days.last == end_of_month(days.last) else last)
