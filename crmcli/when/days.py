"""The pieces that name a day: of the calendar, from today, of a week, a month or a year; see `grammar`."""

import re
from datetime import date, timedelta

from crmcli.when.periods import Amount
from crmcli.when.reading import FRIDAY, PIECES, SATURDAY, Reading, add_months, end_of_month, monday_of, piece
from crmcli.when.words import (
    CHINESE_WEEKDAY,
    ENGLISH_MONTH,
    ENGLISH_WEEKDAY,
    NO_MORE,
    NUMBER,
    ORDINALS,
    month_of,
    number_of,
    ordinal_of,
    weekday_of,
)

__all__ = ["PIECES"]

# days of the calendar

_ISO = r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:t(?=\d))?(?!\d)"
_CHINESE_YEAR = r"(\d{4}|\d{2}|[〇零一二三四五六七八九]{4})年"


@piece("digit", _ISO)
@piece("digit", r"((?:19|20|21)\d\d)()(\d\d)(\d\d)(?!\d)")
def _iso(match: re.Match[str], reading: Reading) -> None:
    reading.say(day=date(int(match[1]), int(match[3]), int(match[4])))
    reading.written_out = True


@piece("digit", r"(\d{1,2})([/-])(\d{1,2})(?:\2(\d{4}))?(?![\d/-])")
def _slashed(match: re.Match[str], reading: Reading) -> None:
    first, second = int(match[1]), int(match[3])
    reading.like_hours = match[2] == "-" and match[1][0] != "0" and first < second <= 24  # noqa: PLR2004 - the clock
    _month_day(reading, *((second, first) if reading.order == "dm" else (first, second)), year=match[4])


@piece("digit", r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
def _dotted(match: re.Match[str], reading: Reading) -> None:
    _month_day(reading, int(match[2]), int(match[1]), year=match[3])


@piece("letter", rf"{ENGLISH_MONTH} ?(\d{{1,2}})(?:st|nd|rd|th)?(?![\d:a-z])(?:,? (\d{{4}})(?![\d:]))?")
def _month_first(match: re.Match[str], reading: Reading) -> None:
    _month_day(reading, month_of(match[1]), int(match[2]), year=match[3])


@piece("digit", rf"(\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ -]?{ENGLISH_MONTH}(?:,?[ -](\d{{4}})(?![\d:]))?")
def _day_first(match: re.Match[str], reading: Reading) -> None:
    _month_day(reading, month_of(match[2]), int(match[1]), year=match[3])


@piece("digit other", rf"(?:{_CHINESE_YEAR})?({NUMBER})月(?:份)?({NUMBER})(?:[日号]|{NO_MORE})")
def _chinese_date(match: re.Match[str], reading: Reading) -> None:
    year = match[1] and str(_year_of(match[1]))
    _month_day(reading, number_of(match[2]), number_of(match[3]), year=year)


@piece("digit other", rf"({NUMBER})[日号]")
@piece("digit", r"(\d{1,2})(?:st|nd|rd|th)(?![a-z]| [a-z]+(?: ?day)? (?:of|in) )")
def _day_of_month(match: re.Match[str], reading: Reading) -> None:
    reading.say(day_of_month=number_of(match[1]))


def _year_of(text: str) -> int:
    """Return the year of a number that a text has for it: 26年 is 2026."""
    return number_of(text) + (2000 if len(text) == 2 else 0)  # noqa: PLR2004 - 26


def _month_day(reading: Reading, month: int, day: int, *, year: str | None) -> None:
    if year is None:
        reading.say(month_day=(month, day))
    else:
        reading.say(day=date(int(year), month, day))
        reading.written_out = True


# days that are named from today

_DAYS = {
    -3: ("大前天",),
    -2: ("前天", "前", "day before yesterday"),
    -1: ("昨天", "昨日", "昨", "yesterday"),
    0: ("今天", "今日", "今", "today", "tod"),
    1: ("明天", "明日", "明", "tomorrow", "tmrw", "tmr", "tom"),
    2: ("后天", "后", "day after tomorrow"),
    3: ("大后天",),
}


@piece("other", "(大前天|前天|昨[天日]|今[天日]|明[天日]|大后天|后天|[前昨今明后](?=[早晚]))")
@piece("letter", r"(day before yesterday|day after tomorrow|yesterday|tod(?:ay)?|tomorrow|tmrw?|tom)(?![a-z])")
def _named_day(match: re.Match[str], reading: Reading) -> None:
    distance = next(days for days, words in _DAYS.items() if match[1] in words)
    reading.say(day=reading.today + timedelta(days=distance))


_STEPS = {"上上": -2, "上": -1, "last": -1, "previous": -1, "这": 0, "本": 0, "this": 0, "当": 0, "": 0}
_STEPS |= {"next": 1, "下": 1, "下下": 2, "去": -1, "今": 0, "明": 1, "后": 2, "coming": 0}


_NOT_OF_A_MONTH = "(?! of | in (?!the (?:morning|afternoon|evening)))"  # last friday of november is none of last week


@piece("other", rf"(上上|上|这|本|下下|下)个?(?:周|星期|礼拜)({CHINESE_WEEKDAY}|末|)")
@piece("letter", rf"(last|this|next) (?:(week)(?:end)?(?![a-z])|{ENGLISH_WEEKDAY}){_NOT_OF_A_MONTH}")
def _week(match: re.Match[str], reading: Reading) -> None:
    groups = match.groups()
    reading.say(week=monday_of(reading.today) + timedelta(weeks=_STEPS[groups[0]]))
    if match[0].endswith(("末", "weekend")):
        reading.say(weekday=SATURDAY)
    elif name := next((group for group in reversed(groups[1:]) if group and group != "week"), ""):
        reading.say(weekday=weekday_of(name))


@piece("other", rf"(?:周|星期|礼拜)({CHINESE_WEEKDAY}|末)")
@piece("letter", rf"(?:coming )?{ENGLISH_WEEKDAY}(?: (?P<behind>week|after next)(?![a-z]))?")
@piece("letter", r"(weekend)(?![a-z])")
def _weekday(match: re.Match[str], reading: Reading) -> None:
    """Note a day of a week: `friday week` is a week behind it, `friday after next` of the week after the next one."""
    behind = match.groupdict().get("behind")
    if behind == "week" and reading.future:
        reading.say(further=Amount(weeks=1))
    elif behind == "after next":
        _week_after_next(match, reading)
    elif behind:
        raise ValueError(match[0])
    reading.say(weekday=SATURDAY if match[1] in {"末", "weekend"} else weekday_of(match[1]))


@piece("letter", r"week after next(?![a-z])")
def _week_after_next(_match: re.Match[str], reading: Reading) -> None:
    reading.say(week=monday_of(reading.today) + timedelta(weeks=2))


# days of a month by their weekday

_NTH = (
    rf"(?P<which>{'|'.join(ORDINALS)}) (?P<day>{ENGLISH_WEEKDAY}|(?:(?:working|business|work) ?)?day) (?:of|in) "
    r"(?:the |(?P<step>next|this|last) )?"
    rf"(?:month(?![a-z])|(?P<name>{ENGLISH_MONTH})(?:,? (?P<year>\d{{4}})(?![\d:]))?)"
)


@piece(
    "digit other",
    rf"(?:(?P<step>下下|下|这|本|上)个?月|(?:(?P<year>{_CHINESE_YEAR})|(?P<of>[今明])年)?(?P<name>{NUMBER})月份?)的?"
    rf"(?:第(?P<which>[一二三四])个?|最后一?个?)(?P<day>(?:周|星期|礼拜){CHINESE_WEEKDAY}|工作日)",
)
def _nth_of_month(match: re.Match[str], reading: Reading) -> None:
    """Note `first monday of december`, 下个月最后一个工作日; of several months the nearest is meant."""
    said = match.groupdict()
    days = [_nth_day(month, ordinal_of(said["which"]), said["day"]) for month in _months_meant(said, reading)]
    reading.say(day=_nearest(days, reading))


def _months_meant(said: dict[str, str | None], reading: Reading) -> list[date]:
    """Return the first day of the month that is named, or of the two nearest. Raises ValueError for `next december`."""
    this, step = reading.today.replace(day=1), 1 if reading.future else -1
    name, named_step = said["name"], said["step"]
    if not name:
        return [add_months(this, _STEPS[named_step])] if named_step else [this, add_months(this, step)]
    if named_step:
        raise ValueError(said)
    month = month_of(name) if name[0].isascii() and name[0].isalpha() else number_of(name)
    return [date(year, month, 1) for year in _years_meant(said, reading)]


def _years_meant(said: dict[str, str | None], reading: Reading) -> list[int]:
    """Return the year that is named, or the two nearest."""
    this = reading.today.year
    if said["year"]:
        return [_year_of(said["year"].removesuffix("年"))]
    if step := said.get("of"):
        return [this + _STEPS[step]]
    return [this, this + 1] if reading.future else [this, this - 1]


def _nearest(days: list[date], reading: Reading) -> date:
    """Return the first of the days that lies where a moment is looked for, else the last."""
    fitting = (day for day in days if (day >= reading.today if reading.future else day <= reading.today))
    return next(fitting, days[-1])


def _nth_day(month: date, which: int, kind: str) -> date:
    """Return a day of the month that begins on a day: its second Monday, its last (-1) working day, its first day."""
    days = [month + timedelta(days=number) for number in range(end_of_month(month).day)]
    if kind.startswith(("work", "business", "工作日")):
        days = [day for day in days if day.weekday() < SATURDAY]
    elif kind != "day":
        weekday = weekday_of(kind if kind.isascii() else kind[-1])
        days = [day for day in days if day.weekday() == weekday]
    return days[which - 1 if which > 0 else which]


# parts of months and years

_DAYS_OF_PARTS = {
    **dict.fromkeys(("", "初", "上旬", "early", "start of", "beginning of"), 1),
    **dict.fromkeys(("中", "中旬", "mid", "middle of"), 15),
    **dict.fromkeys(("下旬", "late"), 21),
    **dict.fromkeys(("底", "末", "最后一天", "end of"), 31),
}
_CHINESE_PART = "底|末|初|[上中下]旬|中(?!午)|最后一天|"
_ENGLISH_PART = "(?:(?P<part>(?:start|beginning|middle|end) of|early|mid|late)[ -])"


def _day_of(month: date, part: str) -> date:
    """Return the day that stands for a part of a month; of the whole month it is the first."""
    day = _DAYS_OF_PARTS[part]
    return month.replace(day=day) if day < 31 else end_of_month(month)  # noqa: PLR2004 - the last


@piece("other", f"(?P<step>上上|上|这|本|当|下下|下|)个?月(?:月)?(?P<part>{_CHINESE_PART})|(?P<third>[上中下]旬)")
@piece("letter", rf"{_ENGLISH_PART}(?:the |(?P<step>next|this|last) )?month(?![a-z])|(?P<eom>eom)(?![a-z])")
@piece("letter", r"(?P<step>next|this|last) month(?P<part>)(?![a-z])")
def _month(match: re.Match[str], reading: Reading) -> None:
    groups = match.groupdict()
    part = "end of" if groups.get("eom") else groups["part"] or groups.get("third") or ""
    step = groups["step"]
    month = add_months(reading.today.replace(day=1), _STEPS[step or ""])
    if not (part or step):
        raise ValueError(match[0])
    if not part:
        reading.say(month=month)
    elif step or _DAYS_OF_PARTS[part] > 28:  # noqa: PLR2004 - every month has so many days
        reading.say(day=_day_of(month, part))
    else:
        reading.say(day_of_month=_DAYS_OF_PARTS[part])


@piece(
    "digit other",
    rf"(?:(?P<year>{_CHINESE_YEAR})|(?P<of>[去今本明后])年)?的?(?P<month>{NUMBER})月份?的?"
    rf"(?P<part>{_CHINESE_PART})(?!{NUMBER})",
)
@piece(
    "letter",
    rf"{_ENGLISH_PART}?(?:the )?(?P<name>{ENGLISH_MONTH})"
    r"(?:,? (?:of )?(?:(?P<year>\d{4})|(?P<of>next|this|last) year))?(?! ?\d)",
)
def _named_month(match: re.Match[str], reading: Reading) -> None:
    """Note a part of a month; a whole one is its first day, of what is to come."""
    said = match.groupdict()
    month = month_of(said["name"]) if "name" in said else number_of(said["month"])
    part, years = said["part"] or "", _years_meant(said, reading)
    if not part and (not reading.future or (len(years) > 1 and month == reading.today.month)):
        raise ValueError(match[0])
    reading.say(day=_nearest([_day_of(date(year, month, 1), part) for year in years], reading))


_DAYS_OF_YEARS = {1: (1, 1), 15: (6, 30), 31: (12, 31)}


@piece("other", "(?:(?P<step>[去今本明后])年年?|年)(?P<part>底|末|初|中(?!午)|)")
@piece("letter", rf"{_ENGLISH_PART}(?:the |(?P<step>next|this|last) )?year(?![a-z])|(?P<eoy>eoy)(?![a-z])")
@piece("letter", r"(?P<step>next|this|last) year(?P<part>)(?![a-z])")
def _year(match: re.Match[str], reading: Reading) -> None:
    groups = match.groupdict()
    part = "end of" if groups.get("eoy") else groups["part"]
    step = groups["step"]
    year = reading.today.year + _STEPS[step or ""]
    if not (part or step):
        raise ValueError(match[0])
    if not part:
        reading.say(year=year)
        return
    month_day = _DAYS_OF_YEARS.get(_DAYS_OF_PARTS[part])
    if month_day is None:
        raise ValueError(match[0])  # late in a year may be any month
    if step or month_day == (12, 31):
        reading.say(day=date(year, *month_day))
    else:
        reading.say(month_day=month_day)


@piece("other", "(?:(?P<step>上上|上|这|本|下下|下)个?)?季度?(?P<part>底|末|初|)")
@piece("letter", rf"{_ENGLISH_PART}(?:the |(?P<step>next|this|last) )?quarter(?![a-z])|(?P<eoq>eoq)(?![a-z])")
@piece("letter", r"(?P<step>next|this|last) quarter(?P<part>)(?![a-z])")
def _quarter(match: re.Match[str], reading: Reading) -> None:
    said = match.groupdict()
    part, step = "end of" if said.get("eoq") else said["part"], _STEPS[said["step"] or ""]
    if _DAYS_OF_PARTS[part] not in {1, 31} or not (part or step):
        raise ValueError(match[0])
    first = reading.today.replace(day=1)
    first = add_months(first, 3 * step - (first.month - 1) % 3)
    if _DAYS_OF_PARTS[part] > 1:
        reading.say(day=end_of_month(add_months(first, 2)))
    else:
        reading.say(day=first if said["step"] else _nearest([first, add_months(first, 3)], reading))


@piece("letter", r"end of (?:the |(this|next) )?week(?![a-z])|eow(?![a-z])")
def _end_of_week(match: re.Match[str], reading: Reading) -> None:
    if match[1]:
        reading.say(week=monday_of(reading.today) + timedelta(weeks=_STEPS[match[1]]))
    reading.say(weekday=FRIDAY)


piece("letter digit", _NTH)(_nth_of_month)  # rare, so it is looked for last
