"""Which days are worked though they would be free, and free though they would be worked.

What the user says in the settings counts first, then the holidays of a country. These come from the library `holidays`,
which knows what each government has announced: China's shifted working days up to 2026; for 2027, which was not
announced when 0.109 was made, it has the public holidays alone.
"""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

from crmcli.config import Settings
from crmcli.errors import UsageError
from crmcli.i18n import _

_MOST_DAYS = 400
"""No range in the settings is longer."""


def exceptions(settings: Settings) -> Callable[[date], bool | None]:
    """Return what says of a day whether it is worked (True), free (False) or like any other (None).

    Raises UsageError for settings that can't be read.
    """
    on = parse_days(settings.text("days_on"))
    off = parse_days(settings.text("days_off"))
    country = settings.text("holidays") or settings.text("country")
    public = load_holidays(country)

    def works(day: date) -> bool | None:
        if day in on or day in off:
            return day in on
        if public is None:
            return None
        if day in public:  # it computes the day's year first, and with it the shifted working days
            return False
        return True if day in public.weekend_workdays else None

    return works


def parse_days(text: str) -> frozenset[date]:
    """Return the days that a text lists: `2026-12-24 2027-02-05..2027-02-11`; raises UsageError for others."""
    found: set[date] = set()
    for part in text.replace(",", " ").replace("，", " ").split():
        first, dots, last = part.partition("..")
        try:
            begin = date.fromisoformat(first).toordinal()
            end = date.fromisoformat(last).toordinal() if dots else begin
        except ValueError:
            begin, end = 1, 0
        if not begin <= end < begin + _MOST_DAYS:
            raise UsageError(
                _("“{text}” are no days").format(text=part[:60]),
                hint=_("as in 2026-12-24 2027-02-05..2027-02-11"),
            )
        found.update(map(date.fromordinal, range(begin, end + 1)))
    return frozenset(found)


def load_holidays(country: str) -> Any:
    """Return the holidays of a country, or of a part of one (`DE-BY`), None for `none`.

    Raises UsageError for a country of which nothing is known.
    """
    if country.casefold() == "none":
        return None
    code, _dash, part = country.upper().partition("-")
    found = _load_country(code, part or None)
    if found is None:
        raise UsageError(
            _("nothing is known of holidays in {country}").format(country=country),
            hint=_("it wants {wanted}").format(wanted="CN | DE-BY | US-CA | … | none"),
        )
    return found


@cache
def _load_country(code: str, part: str | None) -> Any:
    """Return a country's holidays, None for an unknown one; the library takes 0.1 s and is for business hours alone."""
    import holidays

    try:
        return holidays.country_holidays(code, subdiv=part)
    except (NotImplementedError, ValueError, AttributeError, TypeError):  # the library has a number of the name MON
        return None
