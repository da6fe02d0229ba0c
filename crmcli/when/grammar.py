"""The pieces that a moment is said with, in both languages.

A moment is a row of pieces in any order (`周三` `下午` `两点半`; `Fri` `4 Dec` `15:00`). Each piece is a pattern and a
function that notes in a `Reading` what was said; `moments` puts a reading together. A piece says one thing, and nothing
is said twice. Pieces are filed under the kind of character that they begin with; the first that matches holds.
"""

import re
from datetime import UTC, date, datetime, timedelta

from crmcli.when.periods import AMOUNTS, Amount, amount_of
from crmcli.when.reading import (
    FRIDAY,
    PIECES,
    SATURDAY,
    Clock,
    Reading,
    add_months,
    compiled,
    end_of_month,
    monday_of,
    piece,
)
from crmcli.when.words import (
    CHINESE_WEEKDAY,
    ENGLISH_MONTH,
    ENGLISH_WEEKDAY,
    NUMBER,
    month_of,
    number_of,
    weekday_of,
)

__all__ = ["PIECES"]

# days of the calendar

_ISO = r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:t(?=\d))?(?!\d)"
_CHINESE_YEAR = r"(\d{4}|\d{2}|[〇零一二三四五六七八九]{4})年"
_NO_MORE = "(?![0-9零〇一二两三四五六七八九十点时:])"


@piece("digit", _ISO)
def _iso(match: re.Match[str], reading: Reading) -> None:
    reading.say(day=date(int(match[1]), int(match[3]), int(match[4])))
    reading.written_out = True


@piece("digit", r"(\d{1,2})([/-])(\d{1,2})(?:\2(\d{4}))?(?![\d/-])")
def _slashed(match: re.Match[str], reading: Reading) -> None:
    first, second = int(match[1]), int(match[3])
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


@piece("digit other", rf"(?:{_CHINESE_YEAR})?({NUMBER})月(?:份)?({NUMBER})(?:[日号]|{_NO_MORE})")
def _chinese_date(match: re.Match[str], reading: Reading) -> None:
    year = match[1] and str(_year_of(match[1]))
    _month_day(reading, number_of(match[2]), number_of(match[3]), year=year)


@piece("digit other", rf"({NUMBER})[日号]")
@piece("digit", r"(\d{1,2})(?:st|nd|rd|th)(?![a-z])")
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


@piece("other", rf"(上上|上|这|本|下下|下)个?(?:周|星期|礼拜)({CHINESE_WEEKDAY}|末|)")
@piece("letter", rf"(last|this|next) (?:(week)(?:end)?(?![a-z])|{ENGLISH_WEEKDAY})")
def _week(match: re.Match[str], reading: Reading) -> None:
    groups = match.groups()
    reading.say(week=monday_of(reading.today) + timedelta(weeks=_STEPS[groups[0]]))
    if match[0].endswith(("末", "weekend")):
        reading.say(weekday=SATURDAY)
    elif name := next((group for group in reversed(groups[1:]) if group and group != "week"), ""):
        reading.say(weekday=weekday_of(name))


@piece("other", rf"(?:周|星期|礼拜)({CHINESE_WEEKDAY}|末)")
@piece("letter", rf"(?:coming )?{ENGLISH_WEEKDAY}")
@piece("letter", r"(weekend)(?![a-z])")
def _weekday(match: re.Match[str], reading: Reading) -> None:
    reading.say(weekday=SATURDAY if match[1] in {"末", "weekend"} else weekday_of(match[1]))


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
    rf"(?:(?P<year>{_CHINESE_YEAR})|(?P<step>[去今本明后])年)?的?(?P<month>{NUMBER})月份?的?"
    rf"(?P<part>{_CHINESE_PART})(?!{NUMBER})",
)
@piece(
    "letter",
    rf"{_ENGLISH_PART}?(?:the )?(?P<name>{ENGLISH_MONTH})"
    r"(?:,? (?:of )?(?:(?P<year>\d{4})|(?P<step>next|this|last) year))?(?! ?\d)",
)
def _named_month(match: re.Match[str], reading: Reading) -> None:
    """Note a part of a month; a whole one is its first day, of what is to come."""
    said = match.groupdict()
    month = month_of(said["name"]) if "name" in said else number_of(said["month"])
    part, this = said["part"] or "", reading.today.year
    if said["year"]:
        years = [_year_of(said["year"].removesuffix("年"))]
    elif said["step"]:
        years = [this + _STEPS[said["step"]]]
    else:
        years = [this, this + 1] if reading.future else [this, this - 1]
    if not part and (not reading.future or (len(years) > 1 and month == reading.today.month)):
        raise ValueError(match[0])
    days = [_day_of(date(year, month, 1), part) for year in years]
    fitting = (day for day in days if (day >= reading.today if reading.future else day <= reading.today))
    reading.say(day=next(fitting, days[-1]))


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


@piece("other", "(?:本|这个)?季度?[底末]")
@piece("letter", r"end of (?:the |this )?quarter(?![a-z])|eoq(?![a-z])")
def _end_of_quarter(_match: re.Match[str], reading: Reading) -> None:
    first = reading.today.replace(day=1)
    reading.say(day=end_of_month(add_months(first, 2 - (first.month - 1) % 3)))


@piece("letter", r"end of (?:the |(this|next) )?week(?![a-z])|eow(?![a-z])")
def _end_of_week(match: re.Match[str], reading: Reading) -> None:
    if match[1]:
        reading.say(week=monday_of(reading.today) + timedelta(weeks=_STEPS[match[1]]))
    reading.say(weekday=FRIDAY)


# times of day

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?!\d)"
_HALF_DAY = r"(?: ?(?P<half>[ap])\.?m\b\.?)"


@piece("digit", rf"{_CLOCK}{_HALF_DAY}?(?![a-z:])")
@piece("digit", rf"(?P<hour>\d{{1,2}}){_HALF_DAY}(?![a-z])")
@piece("digit", r"(?P<hour>\d{1,2}) ?o'?clock(?![a-z])")
@piece("letter", r"at (?P<hour>\d{1,2})(?=$| (?!am|pm|[ap]\.m|o'?clock))")
def _clock(match: re.Match[str], reading: Reading) -> None:
    said = match.groupdict()
    hour = int(said["hour"])
    if half := said.get("half"):
        if not 1 <= hour <= 12:  # noqa: PLR2004 - a dial
            raise ValueError(match[0])
        hour = hour % 12 + (12 if half == "p" else 0)
        reading.half = half
    reading.say(clock=Clock(hour, int(said.get("minute") or 0), int(said.get("second") or 0)))


@piece(
    "digit other",
    rf"({NUMBER})(?:点钟?|时)(?:整|(半)|([一三13])刻|({NUMBER})(?:分|{_NO_MORE}(?![月日号天周年个小分])))?",
)
def _chinese_clock(match: re.Match[str], reading: Reading) -> None:
    minute = 0
    if match[2]:
        minute = 30
    elif match[3]:
        minute = 15 * number_of(match[3])
    elif match[4]:
        minute = number_of(match[4])
    reading.say(clock=Clock(number_of(match[1]), minute))


_PARTS = {
    "early": "凌晨|清晨|拂晓",
    "morning": "早上|早晨|清早|一早|上午|早|晨",
    "noon": "中午|正午",
    "afternoon": "下午|午后",
    "night": "半夜|午夜|深夜|夜里",
    "evening": "傍晚",
    "tonight": "晚上|晚间|夜晚|晚",
}


@piece("other", "|".join(f"(?P<{name}>{words})" for name, words in _PARTS.items()))
@piece(
    "letter",
    r"(?:in the )?(?P<part>morning|afternoon|evening)(?![a-z])|(?P<noon>noon)(?![a-z])|(?P<night>midnight)(?![a-z])",
)
@piece("letter", r"(?:at )?(?P<tonight>night)(?![a-z])")
def _part(match: re.Match[str], reading: Reading) -> None:
    reading.say(part=match.groupdict().get("part") or match.lastgroup)


@piece("letter", r"this (morning|afternoon|evening)(?![a-z])|tonight(?![a-z])")
def _part_of_today(match: re.Match[str], reading: Reading) -> None:
    reading.say(day=reading.today, part=match[1] or "tonight")


@piece("letter", r"end of (?:the )?day(?![a-z])|eod(?![a-z])")
def _end_of_day(_match: re.Match[str], reading: Reading) -> None:
    reading.say(day=reading.today, clock=Clock(18))


@piece("letter other", r"now(?![a-z])|现在|刚才|刚刚")
def _now(_match: re.Match[str], reading: Reading) -> None:
    reading.say(day=reading.today, clock=Clock(reading.now.hour, reading.now.minute, fold=reading.now.fold))


# how far away


@piece("letter digit", rf"(?:in )?(?P<amounts>{AMOUNTS}) (?:from|after)(?! now)(?= )")
@piece("other", rf"[之以]?后的?(?P<amounts>{AMOUNTS})")
def _further(match: re.Match[str], reading: Reading) -> None:
    """Note so far behind what the rest says: `a week from friday`, 下周五之后一周."""
    amount = amount_of(match["amounts"])
    if amount.minutes or not reading.future:
        raise ValueError(match[0])
    reading.say(further=amount)


@piece(
    "letter digit other",
    rf"(?P<before>in |再?过|[+-] ?)?(?P<amounts>{AMOUNTS})"
    r"(?: ?(?:(?P<later>from now|later|(?:以|之|过)?后)|(?P<ago>ago|(?:以|之)?前)))?",
)
def _distance(match: re.Match[str], reading: Reading) -> None:
    before, later, ago = match["before"] or "", match["later"], match["ago"]
    alone = not (before or later or ago)
    if (before and (later or ago)) or (alone and not reading.future):
        raise ValueError(match[0])  # a length alone lies ahead, where only that can be meant
    if alone and compiled(r"\d\d年").fullmatch(match["amounts"]):
        raise ValueError(match[0])  # 26年 is 2026, as in 26年12月1日
    _shift(reading, amount_of(match["amounts"]), -1 if ago or before.startswith("-") else 1)


def day_away(day: date, amount: Amount, sign: int = 1) -> date:
    """Return the day that lies so far from another by the calendar; hours and minutes do not count."""
    away = add_months(day, sign * amount.months) + timedelta(days=sign * amount.days, weeks=sign * amount.weeks)
    for _ in range(amount.workdays):
        away += timedelta(days=sign)
        while away.weekday() >= SATURDAY:
            away += timedelta(days=sign)
    return away


def _shift(reading: Reading, amount: Amount, sign: int) -> None:
    """Note the moment that lies so far from now: days by the calendar, hours and minutes as they pass."""
    day = day_away(reading.today, amount, sign)
    if not amount.minutes:
        reading.say(day=day)
        return
    start = datetime.combine(day, reading.now.timetz().replace(second=0, microsecond=0))
    elapsed = start.astimezone(UTC) + sign * timedelta(minutes=amount.minutes)
    local = elapsed.astimezone(reading.now.tzinfo)
    reading.say(day=local.date(), clock=Clock(local.hour, local.minute, fold=local.fold))


# what only stands between


@piece("letter", r"(?:at|on|by|of|the)(?![a-z])")
@piece("other", "[,@的、]|在|于")
def _between(_match: re.Match[str], _reading: Reading) -> None:
    """Say nothing."""


@piece("other", "[之以]?前$")
def _no_later(match: re.Match[str], reading: Reading) -> None:
    """Say nothing either, of what is to come: 周五前 is `by friday`."""
    if not reading.future:
        raise ValueError(match[0])
