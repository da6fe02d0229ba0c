"""The time zones of a calendar file.

Most name an IANA zone, some with a program's prefix. For Outlook's names and for zones that a file defines itself the
library icalendar is loaded; the rest of a calendar is read as vCards are, because the library gives up on a file for
one line that it does not understand, and holds all of it in memory.
"""

import re
from datetime import date, datetime, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from crmcli.errors import UsageError
from crmcli.exchange.contentline import parse, unfold
from crmcli.when.zone import load_zone

_DEFINED = (date(2000, 1, 1), date(2050, 1, 1))
"""The time for which a definition that is written holds."""


class Zones:
    """Finds zones by the name that a file gives them."""

    def __init__(self) -> None:
        self._definitions: dict[str, list[str]] = {}
        self._found: dict[str, tzinfo | None] = {}

    def define(self, lines: list[str], charset: str) -> None:
        """Remember a VTIMEZONE of the file."""
        properties = [parse(line, charset) for line in unfold(lines, old=False)]
        name = next((line.text for line in properties if line and line.name == "TZID"), "")
        self._definitions.setdefault(name, lines)

    def find(self, name: str) -> tzinfo | None:
        """Return the zone; None when nobody knows it."""
        if name not in self._found:
            self._found[name] = _iana(name) or _windows(name) or self._defined(name)
        return self._found[name]

    def _defined(self, name: str) -> tzinfo | None:
        lines = self._definitions.get(name)
        if lines is None:
            return None
        located = next((line.partition(":")[2] for line in lines if line.upper().startswith("X-LIC-LOCATION")), "")
        zone = _iana(located) if located else None
        rules = [line.upper() for line in lines if line.upper().startswith("RRULE")]
        if not zone and not all("FREQ=YEARLY" in rule for rule in rules):
            return None  # a clock that changes every second from 1601 on would never be computed
        text = "\r\n".join(["BEGIN:VTIMEZONE", *lines, "END:VTIMEZONE", ""])
        try:
            return zone or _checked(_load_icalendar().Timezone.from_ical(text).to_tz(lookup_tzid=False))
        except (ValueError, TypeError, KeyError, LookupError, AttributeError, OverflowError):
            return None  # as if it were not defined


@cache
def definition(zone: str) -> str:
    """Return the VTIMEZONE of an IANA zone, for programs that do not know its name."""
    found = _load_icalendar().Timezone.from_tzinfo(ZoneInfo(zone), zone, *_DEFINED)
    return re.sub(r"COMMENT:.*\r\n(?: .*\r\n)*", "", found.to_ical().decode())


def _checked(zone: tzinfo) -> tzinfo:
    """Return a zone that can say its offset, which one defined badly can't."""
    datetime(2000, 1, 1, tzinfo=zone).isoformat()
    return zone


def _iana(name: str) -> tzinfo | None:
    """Return the zone of an IANA name, with or without a prefix such as `/mozilla.org/20050126_1/`."""
    parts = name.strip().split("/")
    for start in range(len(parts)):
        try:
            return load_zone("/".join(parts[start:]))
        except UsageError:
            continue
    return None


def _windows(name: str) -> tzinfo | None:
    """Return the zone of an Outlook name such as `China Standard Time`."""
    known = _load_windows_names().get(name.strip())
    return _iana(known) if known else None


@cache
def _load_icalendar() -> Any:
    """Load icalendar: 65 ms that only an export of moments and a file with zones of its own pay for."""
    import icalendar

    return icalendar


@cache
def _load_windows_names() -> dict[str, str]:
    """Load Outlook's names of zones."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return WINDOWS_TO_OLSON
