"""Lengths of time: `2h`, `1 hour 30 minutes`, `半小时`, `两周`."""

import re
import unicodedata
from datetime import timedelta
from functools import cache
from typing import NamedTuple

from crmcli.errors import WhenError
from crmcli.i18n import _
from crmcli.when.value import MOST_MINUTES
from crmcli.when.words import CHINESE_NUMBER, ENGLISH_NUMBERS, number_of, simplified

_UNIT = (
    "(?P<minute>minutes?|mins?|m|分钟?)|(?P<quarter_hour>quarters? of an hour|刻钟)|(?P<hour>hours?|hrs?|h|小时|钟头)"
    "|(?P<day>days?|d|天)"
    "|(?P<workday>(?:working|business) ?days?|workdays?|工作日)|(?P<week>weeks?|wks?|w|周|星期|礼拜)"
    "|(?P<fortnight>fortnights?)|(?P<month>months?|mos?|(?<=[个半])月)|(?P<quarter>quarters?|季度)|(?P<year>years?|yrs?|y|年)"
)
_WORD = rf"(?<![a-z])(?:half an?|an?|{'|'.join(ENGLISH_NUMBERS)})(?= )"  # a whole word: “and” is not “an d”
_COUNT = rf"\d{{1,5}}(?:\.[05])?|{CHINESE_NUMBER}|{_WORD}|半"
_AMOUNT = rf"(?P<count>{_COUNT}) ?个?(?P<half>半?)(?:{_UNIT})(?![a-z])(?P<more>(?: and a half|半)?)"
_UNNAMED = re.sub(r"\?P<\w+>", "?:", _AMOUNT)
AMOUNTS = rf"{_UNNAMED}(?:(?: and|,)? ?{_UNNAMED})*"
_LONGEST = 60


class Amount(NamedTuple):
    """A length in the units that do not convert into each other."""

    months: int = 0
    days: int = 0
    minutes: int = 0
    workdays: int = 0
    weeks: int = 0

    def plus(self, other: "Amount", times: int) -> "Amount":
        """Return the sum of this and so many of the other."""
        return Amount(*(mine + times * its for mine, its in zip(self, other, strict=True)))


_WHOLES = {
    "minute": Amount(minutes=1),
    "quarter_hour": Amount(minutes=15),
    "hour": Amount(minutes=60),
    "day": Amount(days=1),
    "workday": Amount(workdays=1),
    "week": Amount(weeks=1),
    "fortnight": Amount(weeks=2),
    "month": Amount(months=1),
    "quarter": Amount(months=3),
    "year": Amount(months=12),
}
_HALVES = {
    "hour": Amount(minutes=30),
    "day": Amount(minutes=12 * 60),
    "month": Amount(days=15),
    "year": Amount(months=6),
}


def parse_period(text: str) -> timedelta:
    """Return the length that the text names: `2h`, `30d`, `a week`, `半小时`, `3天`, `两周`.

    A month counts 30 days, a year 365: a look ahead needs no calendar. Raises WhenError for what can't be read.
    """
    amount = parse_amount(text)
    years, months = divmod(amount.months, 12)
    days = years * 365 + months * 30 + amount.weeks * 7 + amount.days
    if amount.workdays:
        raise _no_length(text)
    return timedelta(days=days, minutes=amount.minutes)


def minutes_of(text: str) -> int:
    """Return how many whole minutes something took: `45`, or a length such as `1h 30m` or `半小时`.

    Raises WhenError for what can't be read, and for more than a year.
    """
    said = text.strip()
    plain = said.isdecimal() and len(said) <= len(str(MOST_MINUTES))
    minutes = int(said) if plain else int(parse_period(said).total_seconds()) // 60
    if minutes > MOST_MINUTES:
        raise _no_length(text)
    return minutes


def parse_amount(text: str) -> Amount:
    """Return the length that the text names, in its own units; raises WhenError for what can't be read."""
    plain = simplified(unicodedata.normalize("NFKC", text[: _LONGEST + 1]).strip().lower())
    if len(text) > _LONGEST or not _pattern(AMOUNTS).fullmatch(plain):
        raise _no_length(text)
    try:
        return amount_of(plain)
    except ValueError:
        raise _no_length(text) from None


def _no_length(text: str) -> WhenError:
    return WhenError(
        _("“{text}” is not a length of time").format(text=" ".join(text[:_LONGEST].split())),
        hint=_("for example: 90m, 2h, 30d, 2 weeks"),
    )


def amount_of(text: str) -> Amount:
    """Return the sum of the amounts in a text that `AMOUNTS` matched. Raises ValueError for half of what has none."""
    total = Amount()
    for part in _pattern(_AMOUNT).finditer(text):
        unit = next(name for name in _WHOLES if part[name])
        count, half = _count(part["count"])
        total = total.plus(_WHOLES[unit], count)
        halves = sum((half, bool(part["half"]), bool(part["more"])))
        if halves:
            if unit not in _HALVES or halves > 1:
                raise ValueError(text)
            total = total.plus(_HALVES[unit], 1)
    return total


def _count(text: str) -> tuple[int, bool]:
    """Return the whole number and whether a half is added."""
    if text.startswith(("half", "半")):
        return 0, True
    if text in {"a", "an"}:
        return 1, False
    whole, _, fraction = text.partition(".")
    return number_of(whole), fraction == "5"


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)
