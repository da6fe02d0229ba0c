"""RFC 5545 RRULEs as they are written: checked, and put into the form that is stored."""

from datetime import UTC, date, datetime, time

from crmcli.errors import WhenError
from crmcli.i18n import _
from crmcli.when.reading import compiled

_INTEGERS = {"INTERVAL": 999, "COUNT": 9999}
_LISTS = {
    "BYMONTH": 12,
    "BYMONTHDAY": 31,
    "BYYEARDAY": 366,
    "BYWEEKNO": 53,
    "BYSETPOS": 366,
    "BYHOUR": 23,
    "BYMINUTE": 59,
}
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_SUB_DAILY = ("SECONDLY", "MINUTELY", "HOURLY")
_DAY = "(?:[+-]?[1-9][0-9]?)?(?:MO|TU|WE|TH|FR|SA|SU)"
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def read_rrule(text: str, now: datetime) -> tuple[dict[str, str], time | None] | None:
    """Return the parts of an RRULE and the time that its BYHOUR and BYMINUTE name; None when the text is no RRULE.

    UNTIL becomes a day in the zone of `now`. Raises ValueError for a rule that RFC 5545 does not know or that names
    more than one time of day, WhenError for one that repeats within a day.
    """
    rule = "".join(text.upper().split()).removeprefix("RRULE:").removesuffix(";")
    if "FREQ=" not in rule:
        return None
    pairs = [part.partition("=")[::2] for part in rule.split(";")]
    parts = dict(pairs)
    if len(parts) != len(pairs):
        raise ValueError(rule)
    if parts.get("FREQ") in _SUB_DAILY:
        raise WhenError(
            _("a repeat comes once a day at most, not {frequency}").format(frequency=parts["FREQ"]),
            hint=_("for example: FREQ=DAILY;BYHOUR=9, or every day 9:00"),
        )
    if "FREQ" not in parts:
        raise ValueError(rule)
    for name, value in parts.items():
        _check(name, value)
    _check_together(parts)
    if "UNTIL" in parts:
        parts["UNTIL"] = f"{_last_day(parts['UNTIL'], now):%Y%m%d}"
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    hour, minute = parts.pop("BYHOUR", ""), parts.pop("BYMINUTE", "")
    parts.pop("BYSECOND", "")
    if minute and not hour:
        raise ValueError(rule)
    return parts, time(int(hour), int(minute or 0)) if hour else None


def _check(name: str, value: str) -> None:
    """Refuse a part that is unknown or out of its range."""
    if name == "FREQ" and value in _FREQUENCIES:
        return
    if name in _INTEGERS and compiled("[0-9]{1,4}").fullmatch(value) and 1 <= int(value) <= _INTEGERS[name]:
        return
    if name in _LISTS and compiled("[+-]?[0-9]{1,3}(?:,[+-]?[0-9]{1,3})*").fullmatch(value):
        numbers = [int(number) for number in value.split(",")]
        least = 0 if name in {"BYHOUR", "BYMINUTE"} else 1
        if all(least <= abs(number) <= _LISTS[name] for number in numbers):
            return
    if name == "BYDAY" and compiled(f"{_DAY}(?:,{_DAY})*").fullmatch(value):
        return
    if name == "UNTIL" and compiled("[0-9]{8}(?:T[0-9]{6}Z?)?").fullmatch(value):
        return
    if (name, value) == ("BYSECOND", "0") or (name == "WKST" and compiled("MO|TU|WE|TH|FR|SA|SU").fullmatch(value)):
        return
    raise ValueError(name)


def _check_together(parts: dict[str, str]) -> None:
    """Refuse parts that exclude each other, or that name no day or one that no year has."""
    frequency = parts["FREQ"]
    picks = {name for name in parts if name.startswith("BY")} - {"BYHOUR", "BYMINUTE", "BYSECOND"}
    numbered = any(char.isdigit() for char in parts.get("BYDAY", ""))
    months = [int(month) for month in parts.get("BYMONTH", "1").split(",")]
    days = [int(day) for day in parts.get("BYMONTHDAY", "1").split(",")]
    wrong = (
        {"COUNT", "UNTIL"} <= parts.keys()
        or min(months) < 1
        or any("," in parts.get(name, "") or "-" in parts.get(name, "") for name in ("BYHOUR", "BYMINUTE"))
        or (numbered and (frequency in {"DAILY", "WEEKLY"} or "BYWEEKNO" in parts))
        or ("BYWEEKNO" in parts and frequency != "YEARLY")
        or ("BYYEARDAY" in parts and frequency != "YEARLY")
        or ("BYSETPOS" in parts and (frequency == "DAILY" or picks == {"BYSETPOS"}))
        or (picks and frequency != "DAILY" and not picks & {"BYDAY", "BYMONTHDAY", "BYYEARDAY"})
        or ("BYMONTHDAY" in parts and frequency == "WEEKLY")
        or all(abs(day) > _LONGEST_MONTH[month - 1] for day in days for month in months)
    )
    if wrong:
        raise ValueError(frequency)


def _last_day(until: str, now: datetime) -> date:
    if not until.endswith("Z"):
        return date.fromisoformat(until[:8])
    return datetime.fromisoformat(until[:-1]).replace(tzinfo=UTC).astimezone(now.tzinfo).date()
