"""The time zones of a calendar file.

Most name an IANA zone, some with a program's prefix. For Outlook's names and for zones that a file defines itself the
library icalendar is loaded; the rest of a calendar is read as vCards are, because the library gives up on a file for
one line that it does not understand, and holds all of it in memory.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from crmcli.errors import UsageError
from crmcli.exchange.contentline import fold, parse, unfold
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
    """Return the VTIMEZONE of an IANA zone, for programs that do not know its name.

    Each change is written as RFC 5545 (3.6.5) wants it: by the clock that it puts an end to.
    """
    clock = ZoneInfo(zone)
    changes = [change.astimezone(clock) for change in _changes(clock)]
    onsets: dict[tuple[str, ...], list[str]] = {}
    for before, after in pairwise([changes[0], *changes]):
        old, new = before.utcoffset() or timedelta(), after.utcoffset() or timedelta()
        kind = "DAYLIGHT" if new > old and before.dst() != after.dst() else "STANDARD"
        key = kind, after.tzname() or "", _offset(old), _offset(new)
        onsets.setdefault(key, []).append(f"{after.astimezone(UTC) + old:%Y%m%dT%H%M%S}")
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone}"]
    for (kind, name, from_, to), (first, *later) in onsets.items():
        lines += [f"BEGIN:{kind}", f"DTSTART:{first}", *([f"RDATE:{','.join(later)}"] if later else [])]
        lines += [f"TZNAME:{name}", f"TZOFFSETFROM:{from_}", f"TZOFFSETTO:{to}", f"END:{kind}"]
    return "".join(map(fold, [*lines, "END:VTIMEZONE"]))


def _changes(clock: ZoneInfo) -> Iterator[datetime]:
    """Yield in UTC the first midnight of the time for which a definition holds, and when the clock changes after it.

    Some go back for Ramadan alone: no change is undone within a week.
    """
    start, last = (datetime.combine(day, time(), tzinfo=clock).astimezone(UTC) for day in _DEFINED)
    yield start
    while start < last:
        low, high = start, start + timedelta(days=7)
        offset = low.astimezone(clock).utcoffset()
        if high.astimezone(clock).utcoffset() != offset:
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) // timedelta(minutes=2) * timedelta(minutes=1)
                low, high = (middle, high) if middle.astimezone(clock).utcoffset() == offset else (low, middle)
            yield high
        start += timedelta(days=7)


def _offset(length: timedelta) -> str:
    """Return `+0530`."""
    minutes = abs(length) // timedelta(minutes=1)
    return f"{'-' if length < timedelta() else '+'}{minutes // 60:02}{minutes % 60:02}"


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
    """Load icalendar: 65 ms that only a file with zones of its own pays for."""
    import icalendar

    return icalendar


@cache
def _load_windows_names() -> dict[str, str]:
    """Load Outlook's names of zones."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return WINDOWS_TO_OLSON
