"""What a date in a query stands for: a stretch of time, or an age.

2026-11-21, today, 昨天      that day          2026-11      that month       2026     that year
2026-11-21T15:00, "3pm"      that minute       30d, 2周     a length: how long ago, or how far ahead
下周, "last month", 去年      all of its days   26年         2026, when that is near
12月, nov, Q4                the next that is not over, where things lie ahead, else the latest that has begun
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from crmcli.errors import WhenError
from crmcli.when.value import When

if TYPE_CHECKING:
    from crmcli.when.calendar import Days

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_LEAP_YEAR = 2000
_CENTURY, _NEAR = 2000, 10


class Span(NamedTuple):
    """From `start` to before `end`; both aware, in the user's zone."""

    start: datetime
    end: datetime


class Interval(NamedTuple):
    """The moments that a comparison accepts: from `since` to before `until`; None is without limit."""

    since: datetime | None
    until: datetime | None


def parse_interval(op: str, text: str, now: datetime, *, order: str, future: bool) -> Interval:
    """Return the moments for which `field op text` holds.

    `now` is aware, in the user's zone; `order` is that of month and day (`md`, `dm`). `future` says where a length
    points: `<7d` is then anything before seven days from now, else anything since seven days ago.
    Raises WhenError when the text can't be read; ValueError or OverflowError when it is outside the calendar.
    """
    span = written_out(text, now)
    length = None if span else parse_length(text)
    if length is not None:
        return _by_age(op, length, now, future=future)
    return compared(op, span or said(text, now, order=order, future=future))


def written_out(text: str, now: datetime) -> Span | None:
    """Return the span of an ISO date or moment, a month or a year; None for anything else. ValueError: no such day."""
    if found := _patterns()["day"].fullmatch(text):
        return day_span(date(int(found[1]), int(found[2]), int(found[3])), now)
    if (found := _patterns()["month"].fullmatch(text)) and (year := _year(found[1], now)) is not None:
        month = int(found[2] or 1)
        following = date(year + month // 12, month % 12 + 1, 1) if found[2] else date(year + 1, 1, 1)
        return Span(_midnight(date(year, month, 1), now), _midnight(following, now))
    if _patterns()["moment"].fullmatch(text):
        moment = datetime.fromisoformat(text)
        return _moment_span(moment.astimezone(now.tzinfo) if moment.tzinfo else moment.replace(tzinfo=now.tzinfo))
    return None


def _year(text: str, now: datetime) -> int | None:
    """Return the year; None for two digits that are none of these years: `25年` is 2025, and `60年` a length."""
    year = int(text) + _CENTURY * (len(text) < len("2026"))
    return year if len(text) == len("2026") or abs(year - now.year) <= _NEAR else None


def yearly_part(text: str) -> str:
    """Return the `MM-DD` or `MM` that a text without a year names: `12-01`, `12`, `12月`; empty for anything else."""
    found = _patterns()["yearly"].fullmatch(text)
    if not found:
        return ""
    date(_LEAP_YEAR, int(found[1]), int(found[2] or 1))
    return "-".join([part.zfill(2) for part in found.groups() if part])


def said(text: str, now: datetime, *, order: str, future: bool) -> Span:
    """Return the span of a day, of several, or of a moment as people say it; WhenError when it can't be read."""
    stretch, parse_when = _load_moments()
    if days := stretch(text, now, future=future):
        return Span(_midnight(days.first, now), _midnight(days.next, now))
    when = parse_when(text, now, order=order, future=future)
    instant = when.instant()
    return day_span(when.day, now) if instant is None else _moment_span(instant.astimezone(now.tzinfo))


def parse_length(text: str) -> timedelta | None:
    """Return a length of time (`30d`, `2周`), or None when the text isn't one."""
    try:
        return _load_periods()(text)
    except WhenError:
        return None


def day_span(day: date, now: datetime) -> Span:
    """Return the day in the zone of `now`."""
    return Span(_midnight(day, now), _midnight(day + timedelta(days=1), now))


def first_day(limit: datetime) -> date:
    """Return the first day that begins at the limit or later: a day without time counts as its beginning."""
    return limit.date() if limit.time() == time() else limit.date() + timedelta(days=1)


def compared(op: str, span: Span) -> Interval:
    """Return the moments that lie before, in or after the span."""
    return {
        "<": Interval(None, span.start),
        "<=": Interval(None, span.end),
        ">": Interval(span.end, None),
        ">=": Interval(span.start, None),
    }.get(op, Interval(*span))


def _by_age(op: str, length: timedelta, now: datetime, *, future: bool) -> Interval:
    """Compare how far from now a moment lies; `:` means up to there. What is overdue is nearer than anything ahead."""
    point = _shifted(now, length, 1 if future else -1)
    if op in (":", "="):
        return Interval(now, point + _SECOND) if future else Interval(point, now + _SECOND)
    if not future:  # the smaller the age, the later the moment
        op = op.translate(str.maketrans("<>", "><"))
    return compared(op, Span(point, point + _SECOND))


def _shifted(now: datetime, length: timedelta, direction: int) -> datetime:
    """Return `now` moved by so many days of the calendar, then by hours of the clock: days survive a clock change."""
    days = timedelta(days=length.days)
    moved = now.replace(microsecond=0) + direction * days
    return (moved.astimezone(UTC) + direction * (length - days)).astimezone(now.tzinfo)


def _moment_span(moment: datetime) -> Span:
    return Span(moment, moment + (_SECOND if moment.second else _MINUTE))


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time(), tzinfo=now.tzinfo)


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        "day": re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
        "month": re.compile(r"(\d{4}|\d\d(?=年))(?:年|(?:[-/]|年)(\d{1,2})月?)?"),
        "yearly": re.compile(r"(?:--)?(\d\d?)(?:月|-(\d\d?))?"),
        "moment": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?"),
    }


@cache
def _load_moments() -> tuple[Callable[..., "Days | None"], Callable[..., When]]:
    """Load the parsers of people's periods and dates (10 ms) for the queries that have one; most have none."""
    from crmcli.when.moments import parse_when
    from crmcli.when.spans import parse_stretch

    return parse_stretch, parse_when


@cache
def _load_periods() -> Callable[[str], timedelta]:
    """Load the parser of lengths for the queries that have one."""
    from crmcli.when.periods import parse_period

    return parse_period
