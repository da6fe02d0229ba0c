"""Birthdays: with or without a year, and on which day they are celebrated."""

import re
import unicodedata
from datetime import date, timedelta

from crmcli.errors import WhenError
from crmcli.i18n import _
from crmcli.when.words import ENGLISH_MONTH, month_of, number_of

_TH = "(?:st|nd|rd|th)?"
_FORMS = (
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})[日号]?",
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
    r"(?P<first>\d{1,2})[-/](?P<second>\d{1,2})[-/](?P<year>\d{4})",
    r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
    r"(?:--)?(?P<month>\d{1,2})[-.月](?P<day>\d{1,2})[日号]?",
    r"(?P<first>\d{1,2})/(?P<second>\d{1,2})",
    rf"(?P<day>\d{{1,2}}){_TH}(?:of)?[-.]?(?P<name>{ENGLISH_MONTH})[-,]?(?P<year>\d{{4}})?",
    rf"(?P<name>{ENGLISH_MONTH})[-.]?(?P<day>\d{{1,2}}){_TH}[-,]?(?P<year>\d{{4}})?",
)
_NUMERAL = "[零〇一二两三四五六七八九十]+(?=[年月日号])"
_MONTHS = 12
LEAP_YEAR = 2000
"""Stands for the year of a birthday without one, so that 29 February is a day."""


def parse_birthday(text: str, today: date | None = None, order: str = "md") -> str:
    """Return `YYYY-MM-DD`, or `--MM-DD` where no year was given; raises WhenError, also for a day later than `today`.

    `5/12/1988` is read month first, or day first where `order` is `dm`, and the other way round where that is no day;
    `12.5.1988` is day first everywhere.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).lower().split())
    written = re.sub(_NUMERAL, lambda numeral: str(number_of(numeral[0])), plain)
    for form in _FORMS:
        match = re.fullmatch(form, written, flags=re.ASCII)
        if match:
            parts = match.groupdict()
            month, number = _month_and_day(parts, order)
            try:
                day = date(int(parts.get("year") or LEAP_YEAR), month, number)
            except ValueError:
                break
            if not parts.get("year"):
                return f"--{day:%m-%d}"
            if today and day > today:
                raise WhenError(_("nobody is born yet who will be on {day}").format(day=day), hint=_("check the year"))
            return day.isoformat()
    raise WhenError(_("“{text}” is no birthday").format(text=text), hint=_("write 1988-05-12, 05-12 or 5月12日"))


def _month_and_day(parts: dict[str, str], order: str) -> tuple[int, int]:
    """Return the numbers of month and day."""
    if parts.get("name"):
        return month_of(parts["name"]), int(parts["day"])
    if "first" not in parts:
        return int(parts["month"]), int(parts["day"])
    month, day = int(parts["first"]), int(parts["second"])
    swapped = order == "dm" if month <= _MONTHS and day <= _MONTHS else month > _MONTHS
    return (day, month) if swapped else (month, day)


def celebrated_as(day: date) -> tuple[str, ...]:
    """Return the birthdays (`MM-DD`) celebrated on a day: its own, and on 28 February of a common year the 29th's."""
    own = f"{day:%m-%d}"
    leap = own == "02-28" and (day + timedelta(days=1)).month != day.month
    return (own, "02-29") if leap else (own,)


def next_celebration(birthday: str, today: date) -> date:
    """Return the next day on which it is celebrated, today included."""
    month, day = int(birthday[-5:-3]), int(birthday[-2:])
    for year in (today.year, today.year + 1):
        try:
            celebrated = date(year, month, day)
        except ValueError:  # 29 February
            celebrated = date(year, month, day - 1)
        if celebrated >= today:
            return celebrated
    raise ValueError(birthday)


def age_on(birthday: str, day: date) -> int | None:
    """Return the age that is reached on the birthday in that year; None when the year of birth is unknown."""
    return None if birthday.startswith("--") else day.year - int(birthday[:4])
