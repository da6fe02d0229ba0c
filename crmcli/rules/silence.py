"""When a channel is silent and of what it speaks, how long a failed delivery waits, and when something is said again.

A channel has hours of silence and days on which it speaks; both are the recipient's wall clock.
"""

import re
from datetime import datetime, time, timedelta
from typing import NamedTuple

from crmcli.errors import UsageError
from crmcli.i18n import _, one_of
from crmcli.nouns.kinds import KINDS
from crmcli.when.words import CHINESE_WEEKDAY, ENGLISH_WEEKDAY, weekday_of

_FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
_DAYS = 7


class Hours(NamedTuple):
    """From one time of day to another, over midnight when it ends earlier than it begins."""

    start: time
    end: time

    def hold(self, clock: time) -> bool:
        """Return whether the time lies within; the end does not."""
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


def parse_clock(text: str) -> time:
    """Return a time of day such as `9:00`; raises UsageError."""
    match = re.fullmatch(r"(\d{1,2})[:：](\d\d)", text.strip())
    if not match or int(match[1]) > 23 or int(match[2]) > 59:  # noqa: PLR2004 - a clock
        raise UsageError(_("{text} is no time of day").format(text=text), hint=_("write it as 9:00 or 18:30"))
    return time(int(match[1]), int(match[2]))


def parse_hours(text: str) -> Hours:
    """Return a stretch of the day such as `22:00-8:00`; raises UsageError."""
    start, dash, end = text.replace("–", "-").partition("-")
    if not dash:
        raise UsageError(_("{text} is no stretch of the day").format(text=text), hint=_("write it as 22:00-8:00"))
    return Hours(parse_clock(start), parse_clock(end))


def parse_days(text: str) -> frozenset[int]:
    """Return the weekdays, Monday is 0, that a text such as `mon-fri`, `mon wed` or `周一至周五` names; UsageError."""
    days: set[int] = set()
    joined = re.sub(r"\s*[-–至到]\s*", "-", text.strip())
    for part in filter(None, re.split(r"[\s,、，;]+", joined)):
        first, *last = [_weekday(name, text) for name in part.split("-")]
        days |= {(first + ahead) % _DAYS for ahead in range(((last or [first])[0] - first) % _DAYS + 1)}
    return frozenset(days)


def parse_kinds(text: str) -> frozenset[str]:
    """Return the kinds of items that a text such as `callback complaint` names; raises UsageError."""
    kinds = frozenset(text.replace(",", " ").split())
    for kind in sorted(kinds.difference(KINDS)):
        raise UsageError(
            _("there is no kind of item {kind}").format(kind=kind),
            hint=one_of(KINDS),
        )
    return kinds


def parse(kind: str, text: str) -> object:
    """Return what a setting of this kind (`clock`, `hours`, `days`, `kinds`) says, None for nothing; UsageError."""
    parsers = {"clock": parse_clock, "hours": parse_hours, "days": parse_days, "kinds": parse_kinds}
    return parsers[kind](text) if text.strip() else None


def speaks(now: datetime, quiet: str, days: str) -> bool:
    """Return whether a channel with these settings speaks at this moment of the recipient's clock."""
    silent = bool(quiet.strip()) and parse_hours(quiet).hold(now.time())
    return not silent and (not days.strip() or now.weekday() in parse_days(days))


def wait_after(attempts: int) -> timedelta:
    """Return how long a channel rests after so many failures in a row: 5 minutes, doubled each time, up to 6 hours."""
    wait = _FIRST_WAIT
    for _again in range(1, attempts):
        if wait >= LONGEST_WAIT:
            break
        wait *= 2
    return min(wait, LONGEST_WAIT)


def _weekday(name: str, text: str) -> int:
    word = name.strip().casefold()
    if not re.fullmatch(rf"{ENGLISH_WEEKDAY}|(?:周|星期|礼拜)?{CHINESE_WEEKDAY}", word):
        raise UsageError(_("{text} names no weekdays").format(text=text), hint=_("write them as mon-fri or sat,sun"))
    return weekday_of(word if word.isascii() else word[-1])
