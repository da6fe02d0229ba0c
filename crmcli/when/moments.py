"""Text → moment: the whole grammar of “When”, in both languages, in one function.

What is not anchored (`fri`, `12/01`, `10:00`) means the next such moment (with `future=False` the most recent), today
included while it is still ahead. Weeks begin on Monday: `next fri` and `下周五` are the Friday of next week, `last fri`
and `上周五` of the last, `this fri` and `这周五` of this one, even when that is past.

`next week`, `next month` and `march` alone are their first days; `in a week` and `in a month` count from today. Of a
month, early (上旬) is the 1st, mid (中旬) the 15th, late (下旬) the 21st; `mid-year` is 30 June. `end of week` is the
Friday, `weekend` the Saturday. Parts of a day without an hour: early 5:00, morning 9:00, noon 12:00, afternoon
14:00, evening and night 19:00, midnight 24:00 of the day named, end of day 18:00. An hour without am, pm or part is
one of 24.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

from crmcli.errors import WhenError
from crmcli.i18n import _
from crmcli.when import grammar
from crmcli.when.holidays import holiday_hint
from crmcli.when.reading import Clock, Reading, add_months, compiled
from crmcli.when.value import YEARS, When
from crmcli.when.words import simplified

__all__ = ["When", "parse_due", "parse_past", "parse_when", "require_future"]

_LONGEST = 200
_HALF_A_YEAR = timedelta(days=183)
_YEARS_AROUND = range(-8, 9)  # 29 February can be eight years away
_TIMES = {"clock", "part"}
# the hour that a said hour is in each part of the day (24 and more: of the next day), and the hour of the part alone
_HOURS = {
    "early": {hour: hour for hour in range(12)} | {12: 0},
    "morning": {hour: hour for hour in range(12)},  # 12:15 in the morning is 0:15 to some and 12:15 to others
    "forenoon": {hour: hour for hour in range(13)},
    "noon": {11: 11, 12: 12, 1: 13, 2: 14},
    "afternoon": {hour: hour % 12 + 12 for hour in range(1, 24)},
    "evening": {hour: hour + 12 for hour in range(4, 13)}
    | {hour: hour for hour in range(16, 25)}
    | {hour: hour + 24 for hour in range(3)},
    "tonight": {hour: hour + 12 for hour in range(5, 13)}
    | {hour: hour for hour in range(17, 25)}
    | {hour: hour + 24 for hour in range(5)},
    "night": {hour: hour for hour in range(7)}
    | {hour: hour + 12 for hour in range(8, 13)}
    | {hour: hour for hour in range(20, 25)},
}
_HOUR_OF_PART = {
    "early": 5,
    "morning": 9,
    "forenoon": 9,
    "noon": 12,
    "afternoon": 14,
    "evening": 19,
    "tonight": 19,
    "night": 24,
}
_ISO = (
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[tT ](?P<hour>[01]\d|2[0-3]):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    r" ?(?P<offset>[zZ]|[+-]\d\d(?::?\d\d)?)?)?"
)


def parse_when(text: str, now: datetime, *, order: str = "md", future: bool = True) -> When:
    """Return the moment that the text names.

    `now` is aware, its zone (a ZoneInfo, or UTC) the user's: the moment is meant in it, and one that is written with
    an offset is converted into it. `order` is `md` or `dm`, for 12/01. With `future=False` a moment that is not
    anchored is the most recent one (what has happened), otherwise the next. Raises WhenError for what can't be read.
    """
    try:
        if iso := compiled(_ISO).fullmatch(text):
            return _of_iso(iso, now)
        return _resolve(_read(text, Reading(now, order, future=future)))
    except (ValueError, OverflowError):
        raise WhenError(
            _("“{text}” can't be read as a date or time").format(text=" ".join(text[:_LONGEST].split())),
            hint=holiday_hint(text)
            or _("for example: tomorrow 3pm, fri 15:00, next fri, in 3 days, +2h, 12/01 9:30, 2026-12-01 15:00"),
        ) from None


def require_future(when: When, now: datetime) -> None:
    """Refuse (WhenError) a moment that is past, unless its date was written out in full. Today all day is not past."""
    instant = when.instant()
    past = when.day < now.date() if instant is None else instant < now.replace(second=0, microsecond=0)
    if past and not when.written_out:
        said = f"{when.day} {when.time:%H:%M}" if when.time else str(when.day)
        raise WhenError(
            _("{moment} is past").format(moment=said),
            hint=_("a moment that is meant to be past is written out in full: {moment}").format(moment=said),
        )


def parse_due(text: str, now: datetime, *, order: str = "md") -> When:
    """Return the moment at which something is due that a table tells of; arguments are as for `parse_when`.

    It may be past. A day without a year is the nearest: on 25 November 12月1日 lies ahead, 11月20日 five days back.
    Raises WhenError for what can't be read.
    """
    ahead = parse_when(text, now, order=order)
    if not ahead.written_out and ahead.day - now.date() > _HALF_A_YEAR:
        with suppress(WhenError):
            return parse_when(text, now, order=order, future=False)
    return ahead


def parse_past(text: str, now: datetime, *, order: str = "md") -> datetime:
    """Return the moment, in the zone of `now`, at which something happened; arguments are as for `parse_when`.

    A day without a time is now when it is today, else its noon, which is the same day in nearly every other zone.
    Raises WhenError for what can't be read and for what is still to come.
    """
    when = parse_when(text, now, order=order, future=False)
    if when.time is None and when.day == now.date():
        return now
    moment = when._replace(time=when.time or time(12)).instant()
    if moment is None or moment > now:
        raise WhenError(
            _("“{text}” is still to come").format(text=text.strip()),
            hint=_("what has happened lies in the past; what is to come is planned: crm plan CONTACT WHEN"),
        )
    return moment.astimezone(now.tzinfo)


def parse_time(text: str, now: datetime) -> time | None:
    """Return the time of day that the text names, None for an empty text. Raises ValueError for anything else."""
    if not text:
        return None
    reading = Reading(now, "md", future=True)
    reading.say(day=reading.today)  # whichever it is, it has been named
    later, clock = _time_of_day(_read(text, reading))
    if later or clock is None or reading.said - _TIMES != {"day"}:
        raise ValueError(text)
    return clock


def plain(text: str) -> str:
    """Return the text as the grammar is written: simplified, narrow, lower case, no space beside a Chinese character.

    Raises ValueError for a text that is too long to be a moment.
    """
    if len(text) > _LONGEST:
        raise ValueError(len(text))
    words = " ".join(simplified(unicodedata.normalize("NFKC", text)).lower().split())
    return compiled("(?<=[⺀-鿿〇]) | (?=[⺀-鿿〇])").sub("", words)


def _of_iso(iso: re.Match[str], now: datetime) -> When:
    """Return the moment of an ISO 8601 text: the form of imports and scripts, so it goes first and fast."""
    day = date.fromisoformat(iso["day"])
    zone = zone_of(now)
    if iso["hour"] is None:
        return _checked(When(day, None, zone, written_out=True))
    clock = time(int(iso["hour"]), int(iso["minute"]), int(iso["second"] or 0))
    if iso["offset"] is None:
        return _checked(When(day, clock, zone, written_out=True))
    local = datetime.fromisoformat(f"{day}T{clock}{iso['offset'].upper()}").astimezone(now.tzinfo)
    return _checked(When(local.date(), local.time(), zone, written_out=True))


def _read(text: str, reading: Reading) -> Reading:
    """Read the text piece by piece, to its end."""
    rest = plain(text)
    position = 0
    while position < len(rest):
        first = rest[position]
        kind = "digit" if first in "0123456789+-" else "letter" if "a" <= first <= "z" else "other"
        found = ((piece, compiled(piece.pattern).match(rest, position)) for piece in grammar.PIECES[kind])
        piece, match = next((hit for hit in found if hit[1]), (None, None))
        if piece is None or match is None:
            raise ValueError(rest[position:])
        piece.note(match, reading)
        position = match.end() + (rest[match.end() : match.end() + 1] == " ")
    if not reading.said:
        raise ValueError(text)
    return reading


def _resolve(reading: Reading) -> When:
    """Return the moment that the pieces make together."""
    later, clock = _time_of_day(reading)
    zone = zone_of(reading.now)
    moments = [
        When(day + timedelta(days=later), clock, zone, reading.written_out) for day in sorted(_possible_days(reading))
    ]
    if reading.future:
        chosen = next((moment for moment in moments if _is_ahead(moment, reading.now)), moments[-1])
    else:
        gone = (moment for moment in reversed(moments) if _has_come(moment, reading.now))
        chosen = next(gone, moments[0])
    another = (chosen.day - timedelta(days=later)).weekday() != reading.weekday
    if "weekday" in reading.said and (another or ("month_day" in reading.said and reading.like_hours)):
        raise ValueError("another weekday, or from hour to hour")
    return _checked(chosen._replace(day=grammar.day_away(chosen.day, reading.further)))


def _possible_days(reading: Reading) -> list[date]:
    """Return the days that are named: one, or the same of several weeks, months or years of which the nearest is meant.

    Raises ValueError for what does not go together.
    """
    first = reading.today.replace(day=1)
    if reading.said <= _TIMES | {"further"} and "further" in reading.said:
        raise ValueError(reading.said)
    named = tuple(sorted(reading.said - _TIMES - {"weekday", "further"}))
    if named in {("week",), ("month",), ("year",)} and not _names_a_day(reading):
        raise ValueError(named)
    match named:
        case ("day_of_month",):
            months = (add_months(first, step) for step in (-2, -1, 0, 1, 2))
            return _existing((month.year, month.month, reading.day_of_month) for month in months)
        case ("month_day",):
            return _existing((first.year + step, *reading.month_day) for step in _YEARS_AROUND)
        case ():
            step = 7 if "weekday" in reading.said else 1
            near = reading.today + timedelta(days=(reading.weekday - reading.today.weekday()) % 7 if step > 1 else 0)
            return [near + timedelta(days=step * times) for times in (-1, 0, 1)]
    return [_ONE_DAY[named](reading)] if named in _ONE_DAY else _existing([])


_ONE_DAY: dict[tuple[str, ...], Callable[[Reading], date]] = {
    ("day",): lambda reading: reading.day,
    ("week",): lambda reading: reading.week + timedelta(days=reading.weekday),
    ("month",): lambda reading: reading.month,
    ("day_of_month", "month"): lambda reading: reading.month.replace(day=reading.day_of_month),
    ("year",): lambda reading: date(reading.year, 1, 1),
    ("month_day", "year"): lambda reading: date(reading.year, *reading.month_day),
}


def _names_a_day(reading: Reading) -> bool:
    """Tell whether a week, a month or a year is enough to name a day: the present one alone is not."""
    today = reading.today
    return (
        "weekday" in reading.said
        or reading.week > today
        or reading.month > today
        or reading.year > today.year
        or not reading.future
    )


def _existing(days: Iterable[tuple[int, int, int]]) -> list[date]:
    """Return those of the days that the calendar has. Raises ValueError when it has none."""
    found = []
    for day in days:
        with suppress(ValueError):
            found.append(date(*day))
    if not found:
        raise ValueError("no such day")
    return found


def _time_of_day(reading: Reading) -> tuple[int, time | None]:
    """Return the time that is named, and 1 when it lies on the day after the one named (`tonight at 12`)."""
    clock = reading.clock
    if "clock" not in reading.said:
        if "part" not in reading.said:
            return 0, None
        clock = Clock(_HOUR_OF_PART[reading.part])
    elif "part" in reading.said:
        hour = _HOURS[reading.part].get(clock.hour)
        if hour is None or (reading.half and hour % 24 != clock.hour):
            raise ValueError(reading.part)  # no part of a day makes 9 pm of 9 am
        clock = clock._replace(hour=hour)
    elif clock.hour > 24 or (clock.hour == 24 and (clock.minute or clock.second)):  # noqa: PLR2004 - hours of a day
        raise ValueError(clock)
    later, hour = divmod(clock.hour, 24)
    return later, time(hour, clock.minute, clock.second, fold=clock.fold)


def _is_ahead(moment: When, now: datetime) -> bool:
    """Tell whether the moment is still to come; today, all day, is."""
    instant = moment.instant() if moment.day == now.date() else None
    return moment.day >= now.date() if instant is None else instant > now


def _has_come(moment: When, now: datetime) -> bool:
    """Tell whether the moment has come; today, all day, has."""
    instant = moment.instant() if moment.day == now.date() else None
    return moment.day <= now.date() if instant is None else instant <= now


def _checked(moment: When) -> When:
    """Return the moment. Raises ValueError when its year is one that nobody means."""
    if moment.day.year not in YEARS:
        raise ValueError(moment.day)
    return moment


def zone_of(now: datetime) -> str:
    """Return the name of the zone that `now` is seen in. Raises TypeError when it has none: the caller's mistake."""
    if now.tzinfo is UTC:
        return "UTC"
    key = getattr(now.tzinfo, "key", None)
    if not isinstance(key, str):
        raise TypeError("now has a ZoneInfo, or is in UTC")
    return key
