"""Time that counts only while the desk is open: adding it, measuring it, and standing still while a case waits.

All of it is elapsed time between instants: a desk that is open while the clocks change is open for an hour more or
less, and nobody loses or gains one. `None` in place of a calendar means around the clock.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple

from crmcli.errors import UsageError
from crmcli.i18n import _

Spans = tuple[tuple[int, int], ...]
"""When a day is open, as minutes since midnight: `((540, 720), (780, 1080))` from 9 to 12 and from 13 to 18."""

_MIDNIGHT = 24 * 60
_FARTHEST_DAYS = 366 * 30
"""Where there is no open hour within so many days there is none at all, or nobody lives to see it."""


class Calendar(NamedTuple):
    """When a desk is open: the spans of each weekday from Monday, on the clocks of a zone, and the exceptions."""

    zone: tzinfo
    week: tuple[Spans, ...]
    works: Callable[[date], bool | None]
    """False for a holiday, True for a day that is worked though it would be free, None for a day like any other."""

    def spans(self, day: date) -> Spans:
        """Return when this day is open; a day that is worked though it would be free is an ordinary one."""
        works = self.works(day)
        if works is None:
            return self.week[day.weekday()]
        return self.ordinary if works else ()

    @property
    def ordinary(self) -> Spans:
        """The spans of the first weekday that has any."""
        return next((spans for spans in self.week if spans), ())

    @property
    def day(self) -> timedelta:
        """How much time an ordinary working day has: what `1d` means."""
        return timedelta(minutes=sum(end - begin for begin, end in self.ordinary))


def add(since: datetime, length: timedelta, calendar: Calendar | None) -> datetime:
    """Return when so much time has passed since an aware moment, in UTC; it ends with the day, not with the next one.

    Raises UsageError when the desk never opens again.
    """
    moment = since.astimezone(UTC)
    if calendar is None or not length:
        return moment + length
    left = length
    for opens, closes in _open_from(moment, calendar):
        begin = max(opens, moment)
        if closes - begin >= left:
            return begin + left
        left -= max(closes - begin, timedelta())
    raise never_open()


def elapsed(since: datetime, until: datetime, calendar: Calendar | None) -> timedelta:
    """Return how much time passes between two aware moments, none when the second is not later."""
    start, end = since.astimezone(UTC), until.astimezone(UTC)
    if calendar is None:
        return max(end - start, timedelta())
    total = timedelta()
    for opens, closes in _open_from(start, calendar):
        if opens >= end:
            break
        total += max(min(closes, end) - max(opens, start), timedelta())
    return total


class OpenTime:
    """Measures the open time between many pairs of moments: the desk's hours are looked up once for all of them."""

    def __init__(self, since: datetime, until: datetime, calendar: Calendar) -> None:
        """Look up the hours between these two moments, in which all that is measured lies."""
        self._opens: list[float] = []
        self._closes: list[float] = []
        self._before: list[float] = []
        """How many seconds it has been open before each opening."""
        total = 0.0
        for opens, closes in _open_from(since, calendar):
            if opens >= until:
                break
            self._opens.append(opens.timestamp())
            self._closes.append(closes.timestamp())
            self._before.append(total)
            total += self._closes[-1] - self._opens[-1]

    def seconds(self, since: float, until: float) -> float:
        """Return how many seconds the desk is open between two moments, in seconds of the epoch; none if not later."""
        return max(0.0, self._until(until) - self._until(since))

    def _until(self, moment: float) -> float:
        place = bisect_right(self._opens, moment) - 1
        if place < 0:
            return 0.0
        return self._before[place] + min(moment, self._closes[place]) - self._opens[place]


def opening(moment: datetime, calendar: Calendar | None) -> datetime:
    """Return the moment itself while the desk is open, else when it opens next, in UTC; UsageError if it never does."""
    at = moment.astimezone(UTC)
    if calendar is None:
        return at
    for opens, closes in _open_from(at, calendar):
        if closes > at:
            return max(opens, at)
    raise never_open()


def paused(deadline: datetime, since: datetime, until: datetime, calendar: Calendar | None) -> datetime:
    """Return a deadline after a pause: as much time ahead at its end as there was at its beginning, and never sooner.

    One that had passed when the pause began stays.
    """
    if deadline <= since:
        return deadline
    return max(deadline, add(until, elapsed(since, deadline, calendar), calendar))


def parse_hours(text: str) -> Spans:
    """Return the spans that the text names: `9:00-12:00 13:00-18:00`, nothing for a day off; UsageError for others."""
    plain = text.strip()
    for other, sign in (
        ("：", ":"),
        ("，", " "),
        (",", " "),
        ("、", " "),
        ("–", "-"),
        ("—", "-"),
        ("~", "-"),
        ("至", "-"),
    ):
        plain = plain.replace(other, sign)
    spans = tuple(_span(part, text) for part in plain.split())
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise _no_hours(text)
    return spans


def _span(part: str, text: str) -> tuple[int, int]:
    begin, dash, end = part.partition("-")
    try:
        first, last = _minutes(begin), _minutes(end)
    except ValueError:
        raise _no_hours(text) from None
    if not dash or not 0 <= first < last <= _MIDNIGHT:
        raise _no_hours(text)
    return first, last


def _minutes(text: str) -> int:
    """Return minutes since midnight of `9`, `9:30` or `24:00`; ValueError for what is none."""
    hours, _colon, minutes = text.partition(":")
    if not (hours.isascii() and hours.isdigit()) or not (minutes or "0").isdigit() or int(minutes or "0") >= 60:  # noqa: PLR2004 - an hour
        raise ValueError(text)
    return int(hours) * 60 + int(minutes or "0")


def _no_hours(text: str) -> UsageError:
    return UsageError(
        _("“{text}” are no opening hours").format(text=text[:60]),
        hint=_('one span or several in their order, as in "9:00-12:00 13:00-18:00"; nothing for a day off'),
    )


def never_open() -> UsageError:
    """Return the error for a desk whose hours never come."""
    return UsageError(_("the desk is never open"), hint=_('give it hours: crm config set hours.mon "9:00-18:00"'))


def _open_from(moment: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Yield when the desk opens and closes, in UTC, from the day before a moment on: all spans that it may lie in."""
    first = moment.astimezone(calendar.zone).date().toordinal() - 1
    for ordinal in range(max(1, first), min(first + _FARTHEST_DAYS, date.max.toordinal())):
        day = date.fromordinal(ordinal)
        for span in calendar.spans(day):
            opens, closes = (_instant(day, minutes, calendar.zone) for minutes in span)
            if opens < closes:  # the clocks may jump over all of it
                yield opens, closes


def _instant(day: date, minutes: int, zone: tzinfo) -> datetime:
    """Return the first instant at which the clocks of a zone show this time of a day, or a later one.

    A time that they show twice is the first of both, one that they jump over is when they jump: of two times the later
    is never the earlier instant.
    """
    days, minute = divmod(minutes, _MIDNIGHT)
    wall = datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), tzinfo=zone)
    instant = wall.astimezone(UTC)
    shown = wall.replace(tzinfo=None)
    if instant.astimezone(zone).replace(tzinfo=None) == shown:
        return instant
    before = wall.replace(fold=1).astimezone(UTC)
    seconds = range(int((instant - before).total_seconds()))
    jump = bisect_left(
        seconds, True, key=lambda s: (before + timedelta(seconds=s)).astimezone(zone).replace(tzinfo=None) >= shown
    )
    return before + timedelta(seconds=jump)
