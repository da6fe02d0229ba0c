"""Text → whole days of the calendar: `last month`, `Q3 2026`, `本月`, `去年第三季度`, `最近30天`.

    2026   2026-11   2026-Q3   2026-W48         a year, a month, a quarter, a week (ISO 8601)
    Nov 2026   Q3   H1 2026   十一月   上半年     without a year the latest that has begun
    early Nov   mid last month   11月下旬        ten days, and what is left of the month
    this week   last month   next quarter       also 本周, 上个月, 上上个月, 今年, 去年
    last 30 days   最近三个月                     up to today
    A to B   A..B   A至B                          from the first day of A to the last of B

Anything else is a day, as `moments` reads it.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache

from crmcli.errors import WhenError
from crmcli.i18n import _
from crmcli.when.calendar import PARTS, Days, part_of
from crmcli.when.moments import parse_when, plain
from crmcli.when.periods import AMOUNTS, amount_of
from crmcli.when.reading import add_months, end_of_month
from crmcli.when.value import YEARS
from crmcli.when.words import ENGLISH_MONTH, NUMBER, month_of, number_of

_LONGEST = 60
_STEPS = {"last": -1, "previous": -1, "this": 0, "current": 0, "next": 1}
_STEPS |= {"上上": -2, "上": -1, "上一": -1, "这": 0, "本": 0, "当": 0, "下": 1, "下一": 1, "下下": 2}
_YEAR_STEPS = {"last year": -1, "this year": 0, "next year": 1, "去年": -1, "前年": -2, "今年": 0, "本年": 0, "明年": 1}
_YEAR_STEPS |= {"后年": 2}
_UNITS = {"周": "week", "星期": "week", "礼拜": "week", "月": "month", "季": "quarter", "季度": "quarter"}
_ORDINALS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "上": 1, "下": 2}
_THIRDS = dict.fromkeys(("early", "上旬"), (1, 10)) | dict.fromkeys(("mid", "中旬"), (11, 20))
_THIRDS |= dict.fromkeys(("late", "下旬"), (21, 0))
_MONTHS_OF = {"month": 1, "quarter": 3, "half": 6}

_YEAR = rf"(?P<year>\d{{4}}|[〇零一二三四五六七八九]{{4}}(?=年)|{'|'.join(_YEAR_STEPS)})"
_ENGLISH_PART = (
    rf"(?:(?:(?P<third>early|mid|late)[ -])?(?P<name>{ENGLISH_MONTH})|q(?P<quarter>[1-4])|h(?P<half>[12])"
    r"|(?:the )?(?P<nth>first|second|third|fourth|1st|2nd|3rd|4th) (?:(?P<of>quarter)|half))"
)
_CHINESE_PART = (
    rf"(?:(?P<month>{NUMBER})月份?(?P<third>[上中下]旬)?|第?(?P<quarter>[一二三四1-4])季度?|(?P<half>[上下])半年)"
)
_PATTERNS = (
    rf"{_YEAR}年?",
    rf"{_ENGLISH_PART}(?:(?: of)?,? ?{_YEAR})?",
    rf"{_YEAR}[- ]?{_ENGLISH_PART}",
    rf"{_YEAR}[-/.](?P<month>\d{{1,2}})",
    rf"(?P<month>\d{{1,2}})/{_YEAR}",
    rf"(?:{_YEAR}年?的?)?{_CHINESE_PART}",
)
_ISO_WEEK = r"(\d{4})-?w(\d{1,2})"
_RELATIVE = (
    r"(last|previous|this|current|next) (week|month|quarter)|(上上|上一?|这|本|当|下下|下一?)个?(周|星期|礼拜|月|季度?)"
)
_THIRD_OF_MONTH = (
    r"(early|mid|late)[ -](?:(last|previous|this|current|next) )?month"
    r"|(?:(上上|上一?|这|本|当|下下|下一?)个?月的?)?([上中下]旬)"
)
_UP_TO_TODAY = rf"(?:(?:the )?(?:last|past)|最近|近|过去) ?(?P<amounts>{AMOUNTS})"
_FROM_TO = r"(?:from |从)?(?P<first>.+?) ?(?:\.\.|(?<= )to(?= )|(?<= )-(?= )|~|–|至|到) ?(?P<last>.+)"
_YEARLESS = rf"(?!.*\d{{4}}).*(?:{ENGLISH_MONTH}|q[1-4]|{NUMBER}月|[一二三四]季).*"


def parse_days(text: str, now: datetime, *, order: str = "md") -> Days:
    """Return the days that the text names, seen from `now` (aware, in the user's zone); `order` is for 12/01.

    Raises WhenError for what can't be read, and for days that end before they begin.
    """
    try:
        return _checked(_read(plain(text), now, order))
    except (ValueError, OverflowError, WhenError):
        raise WhenError(
            _("“{text}” can't be read as a period").format(text=" ".join(text[:_LONGEST].split())),
            hint=_("for example: this month, last quarter, 2026-11, Q3 2026, 2026, last 30 days, 2026-09 to 2026-11"),
        ) from None


def parse_stretch(text: str, now: datetime, *, future: bool) -> Days | None:
    """Return the days of what names several: `下周`, `last month`, `Q3 2026`, `11月`; None for anything else: a day.

    Of what says no year it is the latest that has begun, or the next that is not over where things lie in the `future`.
    Raises ValueError for a part that no year has.
    """
    words = plain(text) if len(text) <= _LONGEST else ""
    for pattern, meaning in _MEANINGS.items():
        if found := _compiled(pattern).fullmatch(words):
            return _checked(meaning(found, now.date()))
    for pattern in _PATTERNS:
        if found := _compiled(pattern).fullmatch(words):
            return _checked(_of_year(found, now.date(), future=future))
    return None


def _read(text: str, now: datetime, order: str) -> Days:
    """Return the days. Raises ValueError or WhenError for what can't be read."""
    if stretch := parse_stretch(text, now, future=False):
        return stretch
    if found := _compiled(_FROM_TO).fullmatch(text):
        first, last = found["first"], found["last"]
        return Days(
            _read(first, _seen(first, last, now), order).first, _read(last, _seen(last, first, now), order).last
        )
    when = parse_when(text, now, order=order, future=False)
    if when.time is not None:
        raise ValueError(text)
    return Days(when.day, when.day)


def _seen(text: str, other: str, now: datetime) -> datetime:
    """Return from when a text is read: where it says no year, from the end of the year that the other one says."""
    said = _compiled(r"(?<!\d)\d{4}(?!\d)").search(other)
    return now.replace(year=int(said[0]), month=12, day=31) if said and _compiled(_YEARLESS).fullmatch(text) else now


def _of_year(found: re.Match[str], today: date, *, future: bool) -> Days:
    """Return a year, or a part of one; where none is named the latest that has begun, or the next that is not over."""
    said = {name: text for name, text in found.groupdict().items() if text}
    year = _year(said.pop("year", ""), today)
    if not said:
        return part_of(date(year or today.year, 1, 1), "year")
    third = _THIRDS.get(said.pop("third", ""))
    months, number = _part(said)
    first = (number - 1) * months + 1
    nearest = today.year + (first + months <= today.month) if future else today.year - (first > today.month)
    start = date(year or nearest, first, 1)
    end = end_of_month(add_months(start, months - 1))
    return _third(start, third) if third else Days(start, end)


def _third(month: date, days: tuple[int, int]) -> Days:
    """Return the part of a month, given by its first day, that ends on a day or with the month."""
    first, last = days
    return Days(month.replace(day=first), month.replace(day=last) if last else end_of_month(month))


def _part(said: dict[str, str]) -> tuple[int, int]:
    """Return how many months a part of the year has, and which of these parts it is."""
    match said:
        case {"name": name}:
            return 1, month_of(name)
        case {"nth": nth, **more}:
            part, number = "quarter" if "of" in more else "half", _ORDINALS[nth]
        case _:
            part, text = next(iter(said.items()))
            number = _ORDINALS.get(text) or number_of(text)
    months = _MONTHS_OF[part]
    if not 1 <= number <= 12 // months:
        raise ValueError(number)
    return months, number


def _year(text: str, today: date) -> int:
    """Return the year that is meant, 0 when none is said."""
    return today.year + _YEAR_STEPS[text] if text in _YEAR_STEPS else number_of(text) if text else 0


def _iso_week(found: re.Match[str], _today: date) -> Days:
    return part_of(date.fromisocalendar(int(found[1]), int(found[2]), 1), "week")


def _relative(found: re.Match[str], today: date) -> Days:
    """Return the week, month or quarter so many away from today's."""
    step, unit = (group for group in found.groups() if group)
    part = _UNITS.get(unit, unit)
    if part == "week":
        return part_of(today + timedelta(weeks=_STEPS[step]), part)
    return part_of(add_months(today.replace(day=1), _STEPS[step] * PARTS[part]), part)


def _third_of_month(found: re.Match[str], today: date) -> Days:
    """Return the third of the month so many away from today's."""
    said = [group for group in found.groups() if group]
    step = next((_STEPS[word] for word in said if word in _STEPS), 0)
    third = next(_THIRDS[word] for word in said if word in _THIRDS)
    return _third(add_months(today.replace(day=1), step), third)


def _up_to_today(found: re.Match[str], today: date) -> Days:
    """Return the last so many days or months, today included. Raises ValueError for hours and for working days."""
    amount = amount_of(found["amounts"])
    if amount.minutes or amount.workdays:
        raise ValueError(found[0])
    first = add_months(today, -amount.months) - timedelta(days=amount.days - 1, weeks=amount.weeks)
    return Days(first, today)


_MEANINGS: dict[str, Callable[[re.Match[str], date], Days]] = {
    _ISO_WEEK: _iso_week,
    _RELATIVE: _relative,
    _THIRD_OF_MONTH: _third_of_month,
    _UP_TO_TODAY: _up_to_today,
}


def _checked(days: Days) -> Days:
    """Return the days. Raises ValueError when they end before they begin, or lie outside the calendar."""
    if days.first > days.last or not {days.first.year, days.last.year} <= {*YEARS}:
        raise ValueError(days)
    return days


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)
