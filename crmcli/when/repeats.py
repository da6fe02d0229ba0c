"""Text → repeat: `every 2 weeks on mon and thu`, `每月15号上午10点`, or an RFC 5545 RRULE.

A repeat that names its days (`every monday`) begins on the next of them, today included while its time is still ahead;
one that names none (`every 2 weeks`, `monthly`, `daily`) begins one interval from now, and `every day 9:00` at the next
9:00. The 29th, 30th and 31st of every month fall on the last day of a month that has fewer, and 29 February on the
28th; an RRULE means what RFC 5545 says, which skips them.

`every second friday` is every other one; `every second friday of the month` and `every third friday` are of the month.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from crmcli.errors import UsageError, WhenError
from crmcli.i18n import _
from crmcli.when.holidays import holiday_hint
from crmcli.when.moments import parse_time, plain, zone_of
from crmcli.when.periods import parse_period
from crmcli.when.reading import add_months, compiled
from crmcli.when.recurrence import anchor_rule, join_rule, last_of, next_occurrence
from crmcli.when.rrule import read_rrule
from crmcli.when.value import MOST_DAYS, When
from crmcli.when.words import (
    ENGLISH_MONTH,
    ENGLISH_NUMBERS,
    ENGLISH_WEEKDAY,
    NUMBER,
    ORDINALS,
    month_of,
    number_of,
    ordinal_of,
    weekday_of,
)

_BEGINNINGS = (
    *("every", "each ", "daily", "weekly", "weekdays", "biweekly", "fortnightly", "monthly", "quarterly", "yearly"),
    *("half-yearly", "semiannually", "annually", "每", "隔", "rrule:", "freq="),
)
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WORKDAYS = {"FREQ": "WEEKLY", "BYDAY": "MO,TU,WE,TH,FR"}
_MONTHS_OF = dict.fromkeys(("quarter", "quarterly", "季度", "季"), 3) | dict.fromkeys(
    ("half year", "half-year", "half-yearly", "semiannually", "半年"), 6
)
_UNITS = {
    "DAILY": ("day", "daily", "天", "日"),
    "WEEKLY": ("week", "fortnight", "weekly", "biweekly", "fortnightly", "周", "星期", "礼拜"),
    "MONTHLY": ("month", "monthly", "月", *_MONTHS_OF),
    "YEARLY": ("year", "yearly", "annually", "年"),
}
_SHORT = {"DAILY": "d", "WEEKLY": "w", "MONTHLY": "mo", "YEARLY": "y"}
_NTH = {"other": 2, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_HEAD = (
    rf"(?:every|each) (?:(?P<n>\d{{1,3}}|{'|'.join((*ENGLISH_NUMBERS, *_NTH))}) )?"
    r"(?P<unit>day|week|fortnight|month|quarter|half[ -]year|year)s?(?![a-z])"
    r"|(?P<ly>daily|weekly|biweekly|fortnightly|monthly|quarterly|half-yearly|semiannually|yearly|annually)(?![a-z])"
    rf"|每(?P<zn>{NUMBER})?个?(?P<zunit>天|日|周|星期|礼拜|月|季度|季|半?年)"
    r"|每?隔一?个?(?P<gap>天|日|周|星期|礼拜|月|年)"
    rf"|(?:every|each) (?:other|second|2nd) (?={ENGLISH_WEEKDAY}(?! of ))"
)
_EVERY_WORKDAY = (
    "(?:every |each )(?:weekday|workday|working day|business day)|weekdays|每个?工作日|工作日(?:每天)?"
    "|(?:周|星期)一[至到](?:周|星期)?五(?:每天)?|mon(?:day)?s?(?: to | through | ?- ?)fri(?:day)?s?(?![a-z])"
)
_DAYS_IN_PLURAL = "(?:on )?(?=(?:mon|tues|wednes|thurs|fri|satur|sun)days(?![a-z]))"
_EACH_MONTH = "(?:the )?[a-z0-9]+(?: [a-z]+){0,2} of (?:every|each) month"
_AND = r"(?:, and |, ?| and | ?& ?|[/、和,])"
_WEEK = "(?:周|星期|礼拜)"
_MONTH_DAY = r"(?:the |day )?\d{1,2}(?:st|nd|rd|th)?(?![\d:]| ?[ap]\.?m| ?[点时])"


class Repeat(NamedTuple):
    """A repeat: its RFC 5545 RRULE (without DTSTART) and its first moment, whose day anchors the series."""

    rule: str
    first: When


def parse_repeat(text: str, now: datetime, *, start: When | None = None) -> Repeat:
    """Return the repeat that the text names.

    `start` is the WHEN that stands beside it, if one does: it is the first moment then, with the repeat's time if it
    has none itself. `now` is as for `parse_when`. Raises WhenError for what can't be read, or never comes.
    """
    try:
        parts, clock = read_rrule(text, now) or _read_words(plain(text), now)
        first = When(_first_day(parts | _months_of_quarter(text, parts), clock, now), clock, zone_of(now))
        since = now.date()  # the day that an interval without a named day is counted from
        if start is not None:
            first, since = start._replace(time=start.time or clock), start.day
        _refuse_ended(parts, first.day)
        return Repeat(anchor_rule(join_rule(parts), since), first)
    except (ValueError, OverflowError):
        raise WhenError(
            _("“{text}” can't be read as a repeat").format(text=" ".join(text[:200].split())),
            hint=holiday_hint(text)
            or _("for example: every 2 weeks, every monday 9:00, every month on 15, monthly, FREQ=WEEKLY;BYDAY=MO"),
        ) from None


def parse_every(text: str, now: datetime, *, start: When) -> Repeat:
    """Return the repeat that stands after the word “every”, or a whole one: `2 weeks`, `monday`, `周一`, `monthly`.

    Arguments and errors are those of `parse_repeat`.
    """
    return parse_repeat(_with_every(text.strip()), now, start=start)


def parse_rhythm(text: str, now: datetime) -> timedelta:
    """Return how long it is from one time to the next: `2d`, `a week`, `weekly`, `每两周`; a month counts 30 days.

    Raises WhenError for what can't be read, and for a repeat that names its days or hours.
    """
    try:
        return parse_period(text)
    except WhenError as error:
        said = text.strip()
        try:
            parts, clock = read_rrule(said, now) or _read_words(plain(_with_every(said)), now)
        except (ValueError, OverflowError):
            raise error from None
    if clock or not parts.keys() <= {"FREQ", "INTERVAL"}:
        raise WhenError(
            _("“{text}” names days or hours; a rhythm is a number of days").format(text=" ".join(text[:200].split())),
            hint=_("for example: 2d, a week, 每两周"),
        )
    return parse_period(parts.get("INTERVAL", "1") + _SHORT[parts["FREQ"]])


def rhythm_in_days(text: str, now: datetime) -> int:
    """Return a rhythm in whole days, a plain number being so many; raises UsageError for less than one and too many."""
    days = parse_rhythm(f"{text}d" if text.strip().isdecimal() else text, now).days
    if not days:
        raise UsageError(_("every {text} is too often").format(text=text), hint=_("1d at least"))
    if days > MOST_DAYS:
        most = _("{days}d at most").format(days=MOST_DAYS)
        raise UsageError(_("every {text} is too seldom").format(text=text), hint=most)
    return days


def _with_every(said: str) -> str:
    if looks_like_repeat(said):
        return said
    return f"every {said}" if said.isascii() else f"每{said}"


def looks_like_repeat(text: str) -> bool:
    """Tell whether the text is a repeat rather than a moment, from how it begins."""
    said = text.lstrip().lower()
    return said.startswith(_BEGINNINGS) or bool(
        compiled(f"{_EACH_MONTH}|{_EVERY_WORKDAY}|{_DAYS_IN_PLURAL}").match(said)
    )


def _read_words(text: str, now: datetime) -> tuple[dict[str, str], time | None]:
    """Return a rule's parts and its time. Raises ValueError."""
    if match := compiled(_EVERY_WORKDAY).match(text):
        return _WORKDAYS, _time_after(text[match.end() :], now)
    parts: dict[str, str] = {}
    if head := compiled(_HEAD).match(text):
        parts = _head(head)
        rest = text[head.end() :].removeprefix("一次").removeprefix("的")
    elif match := compiled(f"(?:every|each) (?=.)|每[个逢]?(?=.)|(?={_EACH_MONTH})|{_DAYS_IN_PLURAL}").match(text):
        rest = text[match.end() :]
    else:
        raise ValueError(text)
    on = compiled("(?: on|,)? ?").match(rest)
    rest = rest[on.end() :] if on else rest
    for pattern, say in _DAYS:
        if match := compiled(pattern).match(rest):
            if not parts and compiled(r"\d+/\d").match(match[0]):
                raise ValueError(text)  # 12/1 is a date, and which of them is the month nobody can tell here
            days = say(match)
            if parts.setdefault("FREQ", days["FREQ"]) != days["FREQ"]:
                raise ValueError(text)
            return parts | days, _time_after(rest[match.end() :], now)
    if not parts:
        raise ValueError(text)
    return parts, _time_after(rest, now)


def _head(head: re.Match[str]) -> dict[str, str]:
    """Return the frequency and the interval of `every 2 weeks`."""
    unit = head["unit"] or head["ly"] or head["zunit"] or head["gap"] or "biweekly"
    if head["zn"]:
        times = number_of(head["zn"])
    elif head["n"]:
        times = _NTH.get(head["n"]) or number_of(head["n"])
    else:
        times = 2 if head["gap"] or unit in {"biweekly", "fortnightly"} else 1
    interval = times * _MONTHS_OF.get(unit, 2 if unit == "fortnight" else 1)
    if not 1 <= interval < 1000:  # noqa: PLR2004 - as in an RRULE
        raise ValueError(head[0])
    parts = {"FREQ": next(frequency for frequency, units in _UNITS.items() if unit in units)}
    return parts if interval == 1 else parts | {"INTERVAL": str(interval)}


def _time_after(text: str, now: datetime) -> time | None:
    return parse_time(text.lstrip(" ,的"), now)


# the days that a repeat names


def _weekdays(match: re.Match[str]) -> dict[str, str]:
    english = compiled(ENGLISH_WEEKDAY).findall(match[0])
    found = english or [char for char in match[0] if char in "一二三四五六日天"]
    days = sorted({weekday_of(name) for name in found})
    return {"FREQ": "WEEKLY", "BYDAY": ",".join(_CODES[day] for day in days)}


def _ordinal_weekday(match: re.Match[str]) -> dict[str, str]:
    return {"FREQ": "MONTHLY", "BYDAY": f"{ordinal_of(match['which'])}{_CODES[weekday_of(match['day'])]}"}


def _nth_workday(match: re.Match[str]) -> dict[str, str]:
    return {"FREQ": "MONTHLY", "BYDAY": _WORKDAYS["BYDAY"], "BYSETPOS": str(ordinal_of(match["which"]))}


def _month_days(match: re.Match[str]) -> dict[str, str]:
    days = sorted({number_of(text) for text in compiled(NUMBER).findall(match[0])})
    if not 1 <= days[0] <= days[-1] <= 31:  # noqa: PLR2004 - days of a month
        raise ValueError(match[0])
    if len(days) == 1:
        return {"FREQ": "MONTHLY"} | last_of(days[0])
    if days[-1] > 28:  # noqa: PLR2004 - every month has them
        raise ValueError(match[0])
    return {"FREQ": "MONTHLY", "BYMONTHDAY": ",".join(map(str, days))}


def _year_day(match: re.Match[str]) -> dict[str, str]:
    said = {name: text for name, text in match.groupdict().items() if text}
    month = month_of(said["month"]) if "month" in said else number_of(said["zmonth"])
    day = date(2000, month, number_of(said["day"])).day  # a leap year: it has every day
    return {"FREQ": "YEARLY", "BYMONTH": str(month)} | (
        last_of(day) if month == 2 else {"BYMONTHDAY": str(day)}  # noqa: PLR2004 - February
    )


_LAST_DAY = {"FREQ": "MONTHLY", "BYMONTHDAY": "-1"}
_FIRST_DAY = {"FREQ": "MONTHLY", "BYMONTHDAY": "1"}
_DAYS: tuple[tuple[str, Callable[[re.Match[str]], dict[str, str]]], ...] = (
    (
        rf"(?:the )?(?P<which>{'|'.join(ORDINALS)}) (?P<day>{ENGLISH_WEEKDAY})(?: of (?:the|every|each) month)?",
        _ordinal_weekday,
    ),
    (
        rf"(?:the )?(?P<which>{'|'.join(ORDINALS)}) (?:working |business |work) ?day(?: of (?:the|every|each) month)?",
        _nth_workday,
    ),
    ("(?:第(?P<which>[一二三四1-4])个?|最后一?个?)工作日", _nth_workday),
    (rf"第(?P<which>[一二三四1-4])个?{_WEEK}(?P<day>[一二三四五六日天])", _ordinal_weekday),
    (rf"最后(?P<which>)一?个?{_WEEK}(?P<day>[一二三四五六日天])", _ordinal_weekday),
    (rf"{ENGLISH_WEEKDAY}(?:{_AND}{ENGLISH_WEEKDAY})*", _weekdays),
    (rf"{_WEEK}?[一二三四五六日天](?:{_AND}?{_WEEK}?[一二三四五六日天](?![点时]))*(?![点时月号年])", _weekdays),
    (rf"(?P<month>{ENGLISH_MONTH}) ?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:a-z])", _year_day),
    (rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ -]?(?P<month>{ENGLISH_MONTH})", _year_day),
    (rf"(?P<zmonth>{NUMBER})月(?P<day>{NUMBER})[日号]?", _year_day),
    (r"(?:the )?last day(?: of (?:the|every|each) month)?|月?[底末]|最后一天", lambda _match: _LAST_DAY),
    (r"(?:the )?first day(?: of (?:the|every|each) month)?|月?初|第一天", lambda _match: _FIRST_DAY),
    (rf"{NUMBER}[日号](?:{_AND}?{NUMBER}[日号])*", _month_days),
    (rf"{_MONTH_DAY}(?:{_AND}{_MONTH_DAY})*(?: of (?:the|every|each) month)?", _month_days),
)


# where a repeat begins


def _first_day(parts: dict[str, str], clock: time | None, now: datetime) -> date:
    """Return the day of the next moment that the rule names, or one interval from now.

    Raises ValueError when it never comes.
    """
    today = now.date()
    interval = int(parts.get("INTERVAL", "1"))
    names_days = any(name.startswith("BY") for name in parts)
    if not names_days and not (parts["FREQ"] == "DAILY" and interval == 1 and clock):
        return _one_interval_later(today, parts["FREQ"], interval)
    every = join_rule({name: value for name, value in parts.items() if name not in {"INTERVAL", "COUNT", "UNTIL"}})
    after = today
    if clock is None or datetime.combine(today, clock, tzinfo=now.tzinfo).astimezone(UTC) > now:
        after -= timedelta(days=1)
    day = next_occurrence(every, today - timedelta(days=1), after)
    if day is None:
        raise ValueError(every)
    return day


def _months_of_quarter(text: str, parts: dict[str, str]) -> dict[str, str]:
    """Return the months in which `every quarter on the last day` (每季度末), or on the first, may begin."""
    edges = {"-1": "3,6,9,12", "1": "1,4,7,10"}
    day = parts.get("BYMONTHDAY")
    return {"BYMONTH": edges[day]} if day in edges and compiled("quarter|季").search(text.lower()) else {}


def _refuse_ended(parts: dict[str, str], first: date) -> None:
    """Raise ValueError when the rule ends before its first day."""
    if f"{first:%Y%m%d}" > parts.get("UNTIL", "99991231"):
        raise ValueError(parts["UNTIL"])


def _one_interval_later(day: date, frequency: str, interval: int) -> date:
    match frequency:
        case "DAILY":
            return day + timedelta(days=interval)
        case "WEEKLY":
            return day + timedelta(weeks=interval)
        case "MONTHLY":
            return add_months(day, interval)
    return add_months(day, 12 * interval)
