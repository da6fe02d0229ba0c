"""The pieces that a moment is said with, in both languages: those of `days`, and here what follows them.

A moment is a row of pieces in any order (`周三` `下午` `两点半`; `Fri` `4 Dec` `15:00`). Each piece is a pattern and a
function that notes in a `Reading` what was said; `moments` puts a reading together. A piece says one thing, and nothing
is said twice. Pieces are filed under the kind of character that they begin with; the first that matches holds.
"""

import re
from datetime import UTC, date, datetime, timedelta

from crmcli.when.days import PIECES
from crmcli.when.periods import AMOUNTS, Amount, amount_of
from crmcli.when.reading import SATURDAY, Clock, Reading, add_months, compiled, piece
from crmcli.when.words import ENGLISH_NUMBERS, ENGLISH_WEEKDAY, NO_MORE, NUMBER, number_of

__all__ = ["PIECES"]

# times of day

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?!\d)"
_HOUR = rf"(?P<hour>\d{{1,2}}|{'|'.join(ENGLISH_NUMBERS[1:])})"
_HALF_DAY = r"(?: ?(?P<half>[ap])\.?m\b\.?)"


@piece("digit", rf"{_CLOCK}{_HALF_DAY}?(?![a-z:])")
@piece("digit", rf"(?P<hour>\d{{1,2}})(?:\.(?P<minute>[0-5]\d))?{_HALF_DAY}(?![a-z])")
@piece("letter", rf"{_HOUR}{_HALF_DAY}(?![a-z])")
@piece("digit letter", rf"{_HOUR} ?o'?clock(?![a-z])")
@piece("digit", r"(?P<hour>[01]\d|2[0-4])(?P<minute>[0-5]\d) ?(?:hours|hrs|h)(?![a-z])")
@piece("letter", rf"at {_HOUR}(?=$| (?!am|pm|[ap]\.m|o'?clock|past|to|minute))")
def _clock(match: re.Match[str], reading: Reading) -> None:
    said = match.groupdict()
    hour = _hour_of(said["hour"], said.get("half"), reading)
    reading.say(clock=Clock(hour, int(said.get("minute") or 0), int(said.get("second") or 0)))


def _hour_of(text: str, half: str | None, reading: Reading) -> int:
    """Return the hour of a day, and note which half of it was said. Raises ValueError for 13 pm."""
    hour = number_of(text)
    if half:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - a dial
            raise ValueError(text)
        hour = hour % 12 + (12 if half == "p" else 0)
        reading.half = half
    return hour


_MINUTES = {"half": 30, "quarter": 15, "a quarter": 15, "twenty": 20, "twenty-five": 25, "一刻": 15}


@piece(
    "digit letter",
    rf"(?P<minutes>\d{{1,2}}|half|(?:a )?quarter|twenty(?:-five)?|{'|'.join(ENGLISH_NUMBERS[1:])})(?P<unit> minutes?)?"
    rf" (?P<side>past|to) {_HOUR}{_HALF_DAY}?(?![\d:a-z])",
)
def _beside_the_hour(match: re.Match[str], reading: Reading) -> None:
    """Note `half past 3`, `quarter to five`; `10 to 12` may be a stretch of time."""
    minutes = _MINUTES.get(match["minutes"]) or number_of(match["minutes"])
    hour = _hour_of(match["hour"], match["half"], reading)
    if match["side"] == "past":
        reading.say(clock=Clock(hour, minutes))
    elif match["unit"] or match["minutes"].endswith("quarter"):
        reading.say(clock=_before(hour, minutes))
    else:
        raise ValueError(match[0])


@piece("other", rf"差(?P<minutes>一刻|{NUMBER}(?=分))(?:分钟?|钟)?(?:到|就)?(?P<hour>{NUMBER})点(?:钟|整)?(?![0-9])")
@piece("digit other", rf"(?P<hour>{NUMBER})点钟?差(?P<minutes>一刻|{NUMBER}(?=分))(?:分钟?|钟)?")
def _before_the_hour(match: re.Match[str], reading: Reading) -> None:
    """Note 差五分三点, 三点差五分."""
    reading.say(clock=_before(number_of(match["hour"]), _MINUTES.get(match["minutes"]) or number_of(match["minutes"])))


def _before(hour: int, minutes: int) -> Clock:
    """Return what is so many minutes before an hour; a quarter to one is 12:45. Raises ValueError for an hour."""
    if not 1 <= minutes < 60:  # noqa: PLR2004 - of an hour
        raise ValueError(minutes)
    return Clock(hour - 1 or 12, 60 - minutes)


@piece(
    "digit other",
    rf"({NUMBER})(?:点钟?|时)(?:整|(半)|([一三13])刻|({NUMBER})(?:分|{NO_MORE}(?![月日号天周年个小分])))?",
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
    "morning": "早上|早晨|清早|一早|早|晨",
    "forenoon": "上午",
    "noon": "中午|正午",
    "afternoon": "下午|午后",
    "night": "半夜|午夜|深夜|夜里",
    "evening": "傍晚",
    "tonight": "晚上|晚间|夜晚|晚",
}


@piece("other", "|".join(f"(?P<{name}>{words})" for name, words in _PARTS.items()))
@piece(
    "letter",
    r"(?:in the )?(?P<part>morning|afternoon|evening)(?![a-z])|(?P<noon>noon)(?![a-z])|(?P<night>midnight)(?![a-z])"
    r"|(?P<morning>first thing)(?! in )(?!.*morning)",
)
@piece("letter", r"(?:at )?(?P<tonight>night)(?![a-z])")
def _part(match: re.Match[str], reading: Reading) -> None:
    reading.say(part=match.groupdict().get("part") or match.lastgroup)


@piece("letter", r"this (morning|afternoon|evening)(?![a-z])|tonight(?![a-z])")
def _part_of_today(match: re.Match[str], reading: Reading) -> None:
    reading.say(day=reading.today, part=match[1] or "tonight")


@piece("letter", r"(?:end of (?:the )?(?:business )?day|eod|close of business|cob)(?![a-z])")
@piece("other", "下班(?!后|以后|之后)")
def _end_of_day(match: re.Match[str], reading: Reading) -> None:
    """Note when work ends: today, unless the rest names the day."""
    alone = not (reading.said - {"clock", "part"}) and match.string[match.end() :] in {"", "前", "之前", "以前"}
    reading.say(clock=Clock(18), **({"day": reading.today} if alone else {}))


@piece("letter other", r"now(?![a-z])|现在|刚才|刚刚")
def _now(_match: re.Match[str], reading: Reading) -> None:
    reading.say(day=reading.today, clock=Clock(reading.now.hour, reading.now.minute, fold=reading.now.fold))


# how far away


@piece("letter digit", rf"(?:in )?(?P<amounts>{AMOUNTS}) (?:from|after)(?! now)(?= )")
@piece("letter digit", rf"(?P<amounts>(?:an?|one|two|[1-9]) weeks?) on(?= {ENGLISH_WEEKDAY})")
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
    r"(?:(?:['’]s?)? time(?![a-z]))?(?: ?(?:(?P<later>from now|later|(?:以|之|过)?后)|(?P<ago>ago|(?:以|之)?前)))?",
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


@piece("letter", r"(?:at|on|by|of|the|first thing)(?![a-z])")
@piece("other", "[,@的、]|在|于")
def _between(_match: re.Match[str], _reading: Reading) -> None:
    """Say nothing."""


@piece("other", "[之以]?前$")
def _no_later(match: re.Match[str], reading: Reading) -> None:
    """Say nothing either, of what is to come: 周五前 is `by friday`."""
    if not reading.future:
        raise ValueError(match[0])
