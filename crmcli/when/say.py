"""Date and time → text, the way people say it, in the language in use.

This is what reading commands need, so it loads nothing but names. Its phrases stand here in both languages instead of
in the catalogue: like the words that are read, they are this module's own data.
"""

from datetime import UTC, date, datetime, time

from crmcli.i18n import language
from crmcli.when.value import When
from crmcli.when.words import MONTH_NAMES, WEEKDAY_NAMES

_NEAR = {
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
    "zh": {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"},
}
_UNITS = {
    "en": {"day": ("{} day", "{} days"), "hour": ("{} h", "{} h"), "minute": ("{} min", "{} min")},
    "zh": {"day": ("{}天", "{}天"), "hour": ("{}小时", "{}小时"), "minute": ("{}分钟", "{}分钟")},
}
_AHEAD = {"en": "in {}", "zh": "{}后"}
_AGO = {"en": "{} ago", "zh": "{}前"}
_NOW = {"en": "now", "zh": "现在"}
_OVERDUE = {"en": "{} overdue", "zh": "逾期{}"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_EVERY_MONTH_HAS = 28

_FREQUENCIES = {
    "en": {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"},
    "zh": {"DAILY": "天", "WEEKLY": "周", "MONTHLY": "个月", "YEARLY": "年"},
}
_ORDINALS = {
    "en": {"1": "first", "2": "second", "3": "third", "4": "fourth", "-1": "last"},
    "zh": {"1": "第一个", "2": "第二个", "3": "第三个", "4": "第四个", "-1": "最后一个"},
}
_WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WORKDAYS = "MO,TU,WE,TH,FR"
_OR_LAST = {"28,29": "29", "28,29,30": "30", "28,29,30,31": "31"}  # with BYSETPOS=-1: or the month's last day


def say_moment(day: date, time: time | None, now: datetime, *, year_always: bool = False) -> str:
    """Return the moment as people say it: `today 15:00`, `Fri 4 Dec`, `12月4日 周五 15:00`.

    Day and time are the wall's in the zone of `now`. The year is said when it is another one, or always: then the days
    around today are not said by their names either.
    """
    near = None if year_always else _NEAR[language()].get((day - now.date()).days)
    said = near or _say_day(day, with_year=year_always or day.year != now.year)
    return f"{said} {time:%H:%M}" if time else said


def say_distance(day: date, time: time | None, now: datetime) -> str:
    """Return how far away the moment is: `in 9 days`, `in 6 h`, `now`, `2 days ago`, `今天`, rounded down.

    What has a time and is less than a day away is told in hours or minutes, everything else in days of the calendar.
    The time's own offset, where it has one, tells which of the two is meant that a clock change makes of one.
    """
    if time is None and day == now.date():
        return _NEAR[language()][0]
    length, ahead = _length(day, time, now)
    if not length:
        return _NOW[language()]
    return (_AHEAD if ahead else _AGO)[language()].format(length)


def say_overdue(day: date, time: time | None, now: datetime, *, short: bool = False) -> str:
    """Return how late it is (`3 days overdue`, `逾期3天`; short: `3 days`), nothing when it is not.

    What is due today without a time is not late before tomorrow.
    """
    length, ahead = _length(day, time, now)
    if ahead or not length:
        return ""
    return length if short else _OVERDUE[language()].format(length)


def echo(when: When, now: datetime) -> str:
    """Return what was understood: `Fri 4 Dec 2026 15:00, in 9 days`."""
    comma = "，" if language() == "zh" else ", "
    moment = say_moment(when.day, when.time, now, year_always=True)
    return f"{moment}{comma}{say_distance(when.day, when.time, now)}"


def echo_date(text: str, now: datetime, *, yearly: bool = False) -> str:
    """Return what was understood of a date, `YYYY-MM-DD` or `--MM-DD`; how far it is, unless it comes back."""
    year, month, day = text[:-6].strip("-"), int(text[-5:-3]), int(text[-2:])
    if year and not yearly:
        return echo(When(date(int(year), month, day), None, ""), now)
    said = _say_day_of_year(month, day)
    if not year:
        return said
    return f"{year}年{said}" if language() == "zh" else f"{said} {year}"


def say_repeat(rule: str) -> str:
    """Return the repeat as people say it: `every month on the 31st`, `每2周的周一、周四`; else the rule itself.

    What it says, `parse_repeat` reads as the same rule, but for an end.
    """
    try:
        return _say_rule(dict(part.partition("=")[::2] for part in rule.split(";")))
    except (KeyError, ValueError):
        return rule


def _say_rule(parts: dict[str, str]) -> str:
    """Return the rule in words. Raises KeyError or ValueError when there are none for it."""
    frequency, interval = parts.pop("FREQ"), int(parts.pop("INTERVAL", "1"))
    end = _say_end(parts.pop("UNTIL", ""), parts.pop("COUNT", ""))
    if parts.get("BYSETPOS") == "-1" and parts.get("BYMONTHDAY") in _OR_LAST:
        del parts["BYSETPOS"]
        parts["BYMONTHDAY"] = _OR_LAST[parts["BYMONTHDAY"]]
    elif (frequency == "MONTHLY" or parts.get("BYMONTH") == "2") and _skips_months(parts.get("BYMONTHDAY", "1")):
        raise ValueError(frequency)  # as RFC 5545 has it: no words say that shortly
    return _say_series(frequency, interval, parts) + end


def _skips_months(days: str) -> bool:
    return any(int(day) > _EVERY_MONTH_HAS for day in days.split(","))


def _say_series(frequency: str, interval: int, parts: dict[str, str]) -> str:
    """Return a series in words. Raises KeyError or ValueError when there are none for it."""
    if frequency == "WEEKLY" and interval == 1 and parts == {"BYDAY": _WORKDAYS}:
        return "每个工作日" if language() == "zh" else "every weekday"
    days = _say_days(frequency, parts) if parts else ""
    unit = _FREQUENCIES[language()][frequency]
    if language() == "zh":
        if interval != 1:
            return f"每{interval}{unit}" + (f"的{days}" if days else "")
        return f"每{days}" if frequency == "WEEKLY" and days else f"每{unit.removeprefix('个')}{days}"
    if interval == 1 and frequency == "WEEKLY" and days:
        return f"every {days}"
    every = f"every {unit}" if interval == 1 else f"every {interval} {unit}s"
    return f"{every} on {days}" if days else every


def _say_days(frequency: str, parts: dict[str, str]) -> str:
    """Return the days that a rule names. Raises KeyError or ValueError when there are no words for them."""
    chinese = language() == "zh"
    comma = "、" if chinese else ", "
    match frequency, sorted(parts):
        case "WEEKLY", ["BYDAY"]:
            return comma.join(_say_weekday(code) for code in parts["BYDAY"].split(","))
        case "MONTHLY", ["BYDAY"]:
            return _say_nth(parts["BYDAY"][:-2], _say_weekday(parts["BYDAY"][-2:]))
        case "MONTHLY", ["BYDAY", "BYSETPOS"] if parts["BYDAY"] == _WORKDAYS:
            return _say_nth(parts["BYSETPOS"], "工作日" if chinese else "working day")
        case "MONTHLY", ["BYMONTHDAY"] if parts["BYMONTHDAY"] == "-1":
            return "最后一天" if chinese else "the last day"
        case "MONTHLY", ["BYMONTHDAY"]:
            days = [date(2000, 1, int(day)).day for day in parts["BYMONTHDAY"].split(",")]
            return comma.join(f"{day}日" for day in days) if chinese else "the " + comma.join(map(_ordinal, days))
        case "YEARLY", ["BYMONTH", "BYMONTHDAY"]:
            day = date(2000, int(parts["BYMONTH"]), int(parts["BYMONTHDAY"]))
            return _say_day_of_year(day.month, day.day)
    raise ValueError(frequency)


def _say_nth(ordinal: str, day: str) -> str:
    said = _ORDINALS[language()][ordinal.removeprefix("+")]
    return f"{said}{day}" if language() == "zh" else f"the {said} {day}"


def _say_weekday(code: str) -> str:
    return WEEKDAY_NAMES[language()][_WEEKDAY_CODES.index(code)]


def _ordinal(number: int) -> str:
    """Return the day of the month as 1st, 2nd, 3rd or 4th."""
    ending = "th" if number in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _say_end(until: str, count: str) -> str:
    if until:
        day = _say_day(date(int(until[:4]), int(until[4:6]), int(until[6:8])), with_year=True)
        return f"，到{day}为止" if language() == "zh" else f", until {day}"
    if count:
        times = "once" if count == "1" else f"{count} times"
        return f"，共{count}次" if language() == "zh" else f", {times}"
    return ""


def _say_day_of_year(month: int, day: int) -> str:
    return f"{month}月{day}日" if language() == "zh" else f"{day} {MONTH_NAMES[month - 1]}"


def _say_day(day: date, *, with_year: bool) -> str:
    weekday = WEEKDAY_NAMES[language()][day.weekday()]
    if language() == "zh":
        year = f"{day.year}年" if with_year else ""
        return f"{year}{day.month}月{day.day}日 {weekday}"
    year = f" {day.year}" if with_year else ""
    return f"{weekday} {day.day} {MONTH_NAMES[day.month - 1]}{year}"


def _length(day: date, time: time | None, now: datetime) -> tuple[str, bool]:
    """Return the distance as text, empty for less than a minute, and whether it lies ahead."""
    days = (day - now.date()).days
    if time is not None:
        due = datetime.combine(day, time, tzinfo=time.tzinfo or now.tzinfo)
        seconds = int((due.astimezone(UTC) - now.astimezone(UTC)).total_seconds())  # the clock may change between
        if abs(seconds) < _DAY:
            unit, size = ("hour", _HOUR) if abs(seconds) >= _HOUR else ("minute", _MINUTE)
            return _count(unit, abs(seconds) // size), seconds > 0
    return _count("day", abs(days)), days > 0


def _count(unit: str, number: int) -> str:
    one, many = _UNITS[language()][unit]
    return (one if number == 1 else many).format(number) if number else ""
