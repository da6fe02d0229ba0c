"""When a repeat comes next: RFC 5545 rules over days.

Everything here is dates. A callback at 10:00 stays at 10:00 on the wall because its time never takes part, and a series
never drifts because each occurrence is counted from the anchor (the series' first day), not from the one before.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cache
from itertools import chain, takewhile
from typing import Any

_EVERY_MONTH_HAS = 28


def next_occurrence(rule: str, anchor: date, after: date) -> date | None:
    """Return the first day of the series strictly after `after`; None when the series has ended.

    The anchor is the first occurrence whether or not the rule names it (RFC 5545, DTSTART), and COUNT counts from it;
    UNTIL is the last day that may be one. Raises ValueError for a rule that is not RFC 5545.
    """
    return next((day for day in _days(rule, anchor) if day > after), None)


def following(rule: str, anchor: date, due: date, done: date, *, after_done: bool = False) -> date | None:
    """Return the day after the occurrence that was due on `due` and done on `done`; None when the series has ended.

    Counted from the anchor: the next occurrence after both days, so what was missed meanwhile does not pile up, and one
    done early does not come twice. With `after_done`: the rule counted from the day it was done; weekdays that it names
    are kept, days of the month are not (they say only where the counting began). COUNT means nothing there, because the
    series begins anew each time: see `count_down`.
    """
    if not after_done:
        return next_occurrence(rule, anchor, max(due, done))
    parts = split_rule(rule)
    parts.pop("COUNT", None)
    if "BYDAY" not in parts:
        for name in ("BYMONTHDAY", "BYMONTH", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"):
            parts.pop(name, None)
    return next_occurrence(anchor_rule(join_rule(parts), done), done, done)


def limit_rule(rule: str, *, until: date | None = None, times: int | None = None) -> str:
    """Return the rule with an end: its last day (inclusive), or how often it comes (the first included).

    An end that the rule has already is replaced: RFC 5545 allows one of the two. Raises ValueError when both are given
    or `times` is less than one.
    """
    if until and times is not None:
        raise ValueError("UNTIL and COUNT exclude each other")
    if times is not None and times < 1:
        raise ValueError("a series has at least one occurrence")
    parts = split_rule(rule)
    if until or times:
        parts.pop("UNTIL", None)
        parts.pop("COUNT", None)
    if until:
        parts["UNTIL"] = f"{until:%Y%m%d}"
    if times:
        parts["COUNT"] = str(times)
    return join_rule(parts)


def anchor_rule(rule: str, first: date) -> str:
    """Return a monthly or yearly rule that names no day, tied to its first day when a plain rule would skip months.

    RFC 5545 skips the 31st in short months and 29 February in common years; a promise falls on their last day instead.
    """
    parts = split_rule(rule)
    if any(name.startswith("BY") for name in parts) or first.day <= _EVERY_MONTH_HAS:
        return rule
    if parts["FREQ"] == "MONTHLY":
        parts |= last_of(first.day)
    elif parts["FREQ"] == "YEARLY" and first.month == 2:  # noqa: PLR2004 - February
        parts |= {"BYMONTH": "2"} | last_of(first.day)
    return join_rule(parts)


def last_of(day: int) -> dict[str, str]:
    """Return the parts that mean this day of the month, or the month's last day where it has fewer."""
    if day <= _EVERY_MONTH_HAS:
        return {"BYMONTHDAY": str(day)}
    return {"BYMONTHDAY": ",".join(str(n) for n in range(_EVERY_MONTH_HAS, day + 1)), "BYSETPOS": "-1"}


def plain_rule(rule: str) -> str:
    """Return a rule of `anchor_rule` that always means a month's last day as one that says so, without BYSETPOS.

    Android's calendar knows BYSETPOS only beside BYDAY: it would show the 28th, 29th, 30th and 31st of each month.
    """
    parts = split_rule(rule)
    end = "28,29" if parts.get("BYMONTH") == "2" else "28,29,30,31"
    if (parts.get("BYMONTHDAY"), parts.get("BYSETPOS")) == (end, "-1"):
        del parts["BYSETPOS"]
        parts["BYMONTHDAY"] = "-1"
    return join_rule(parts)


def count_down(rule: str) -> str | None:
    """Return the rule with one occurrence fewer to come, None after the last; for series that begin anew each time."""
    parts = split_rule(rule)
    if "COUNT" not in parts:
        return rule
    left = int(parts["COUNT"]) - 1
    return join_rule(parts | {"COUNT": str(left)}) if left > 0 else None


def rest_of(rule: str, anchor: date, day: date) -> str:
    """Return the rule for a series that is anchored anew at its occurrence `day`: COUNT without the earlier ones."""
    parts = split_rule(rule)
    if "COUNT" in parts:
        gone = sum(1 for _day in takewhile(lambda earlier: earlier < day, _days(rule, anchor)))
        parts["COUNT"] = str(max(1, int(parts["COUNT"]) - gone))
    return join_rule(parts)


def split_rule(rule: str) -> dict[str, str]:
    """Return the rule's parts by name, in order. Raises ValueError when it has no such parts."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    if "FREQ" not in parts:
        raise ValueError("a rule names its FREQ")
    return parts


def join_rule(parts: dict[str, str]) -> str:
    """Return the rule of these parts."""
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _days(rule: str, anchor: date) -> Iterator[date]:
    """Yield the days of the series: the anchor, then what the rule names after it."""
    parts = split_rule(rule)
    count = int(parts.pop("COUNT", 0))
    until = _until(parts.pop("UNTIL", ""))
    later = _load_rrulestr()(join_rule(parts), dtstart=datetime.combine(anchor, time()))
    days = chain([anchor], (moment.date() for moment in later if moment.date() > anchor))
    for number, day in enumerate(days):
        if (count and number >= count) or (until and day > until):
            return
        yield day


@cache
def _load_rrulestr() -> Any:
    """Load dateutil's rules: only what repeats pays for them."""
    from dateutil.rrule import rrulestr

    return rrulestr


def _until(text: str) -> date | None:
    return date.fromisoformat(text[:8]) if text else None
