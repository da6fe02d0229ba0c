"""Single cells of imported rows as they are stored; RejectedError, with the field, for what can't be read."""

import json
from datetime import date, datetime, time
from math import isfinite
from typing import Any

from crmcli.errors import WhenError
from crmcli.i18n import _
from crmcli.queries.everything import STEP_LINKS
from crmcli.rules.names import clean
from crmcli.rules.persons import NOBODY
from crmcli.services.importing.plan import Plan, RejectedError
from crmcli.when.moments import parse_when
from crmcli.when.periods import minutes_of
from crmcli.when.stored import is_in_calendar, moment_text, stored_text
from crmcli.when.value import When

NOON = time(12)
DIGITS = 18
"""Of SQLite's integers."""
YES = frozenset({"true", "1", "yes", "是"})
_NO = frozenset({"false", "0", "no", "否"})
_RATINGS = range(1, 6)
_PLAIN = (str, int, float, bool, type(None))


def number(field: str, text: str) -> int | None:
    """Return a whole number; None for nothing."""
    if not text:
        return None
    digits = text.removesuffix(".0")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > DIGITS:
        raise RejectedError(field, text, _("not a whole number"))
    return int(digits)


def rating(field: str, text: str) -> int | None:
    """Return how satisfied somebody was, 1 to 5; None for nothing. Points of a hundred would spoil every mean."""
    rated = number(field, text)
    if rated is not None and rated not in _RATINGS:
        raise RejectedError(field, text, _("not from 1 to 5"))
    return rated


def is_before(moment: str | None, other: str | None, now: datetime) -> bool:
    """Tell whether a stored moment lies on an earlier day than another, on the clocks of `now`."""
    if not (moment and other):
        return False
    day, later = (datetime.fromisoformat(text).astimezone(now.tzinfo).date() for text in (moment, other))
    return day < later


def minutes(text: str) -> int | None:
    """Return how many minutes `45` or `1h 30m` are; None for nothing."""
    if not text:
        return None
    try:
        return minutes_of(text)
    except WhenError as error:
        raise RejectedError("minutes", text, error.message) from error


def day(field: str, text: str) -> str | None:
    """Return a day as it is stored; None for nothing."""
    try:
        said = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise RejectedError(field, text, _("not a date such as 2026-12-31")) from error
    if said and not is_in_calendar(said.year):
        raise RejectedError(field, text, _("not a date such as 2026-12-31"))
    return said.isoformat() if said else None


def promised(field: str, text: str) -> str | None:
    """Return the day, and the time if there is one, of a callback that was put off; None for nothing."""
    day_text, _at, clock = text.partition("T")
    try:
        return f"{date.fromisoformat(day_text)}T{time.fromisoformat(clock):%H:%M}" if clock else day(field, day_text)
    except ValueError as error:
        raise not_exported(field, text) from error


def owner(text: str) -> str | None:
    """Return whose a record is: None for nothing, and an empty text for nobody."""
    return "" if text == NOBODY else clean(text) or None


def moment(field: str, text: str) -> str:
    """Return a moment of an export as it is stored."""
    stored = stored_text(text)
    if stored is None:
        raise not_exported(field, text)
    return stored


def stored_at(when: When, clock: time) -> str:
    """Return the instant of a moment on its day as it is stored."""
    instant = when._replace(time=clock).instant()
    assert instant is not None  # noqa: S101 - it has a time
    return moment_text(instant)


def happened(field: str, text: str, plan: Plan) -> tuple[str | None, str | None]:
    """Return a moment that has happened as it is stored, and what else the same text may have been stored as.

    A day alone is its noon, or its beginning while noon is still to come. What had happened on another machine has,
    though the clock there was ahead of this one.
    """
    if not text:
        return None, None
    try:
        when = parse_when(text, plan.now, order=plan.order, future=False)
    except WhenError as error:
        raise RejectedError(field, text, error.message) from error
    noon, midnight = stored_at(when, when.time or NOON), stored_at(when, when.time or time())
    at = noon if noon <= moment_text(plan.now) else midnight
    if at > moment_text(plan.now) and not plan.versions:
        raise RejectedError(field, text, _("it is still to come"))
    return at, midnight if at == noon else noon


def due_columns(when: When) -> dict[str, str | None]:
    """Return the columns that hold what was promised, to the minute, and the instant derived from it."""
    if when.time is None:
        return {"due_on": when.day.isoformat(), "due_time": None, "zone": when.zone, "due_at": None}
    when = when._replace(time=when.time.replace(second=0, microsecond=0))
    return {
        "due_on": when.day.isoformat(),
        "due_time": f"{when.time:%H:%M}",
        "zone": when.zone,
        "due_at": stored_at(when, when.time or time()),
    }


def flag(field: str, text: str) -> int | None:
    """Return 1 for yes and 0 for no; None where the row does not say."""
    if not text:
        return None
    word = text.casefold()
    if word not in YES | _NO:
        raise RejectedError(field, text, _("neither yes nor no"))
    return int(word in YES)


def not_exported(field: str, text: str) -> RejectedError:
    """Return the error for a value that no export writes."""
    return RejectedError(field, text[:60], _("not what an export writes there"))


def read_json(text: str) -> Any:
    """Return what a cell of JSON says; raises ValueError and RecursionError.

    Numbers that are none (NaN, 1e999) come as texts: Python would write them as no other program reads them, and what
    is stored so, SQLite takes for damage.
    """
    return json.loads(text, parse_constant=str, parse_float=_finite)


def told(value: Any) -> str | None:
    """Return a text, or the nothing, that JSON says; raises ValueError for what is neither: SQLite knows no lists."""
    if value is not None and not isinstance(value, str):
        raise ValueError(value)
    return value


def _finite(text: str) -> float | str:
    value = float(text)
    return value if isfinite(value) else text


def steps(text: str) -> str | None:
    """Return the steps of a complaint, as our own export writes them, with their moments as they are stored."""
    if not text:
        return None
    try:
        taken = [
            {
                "kind": str(step["kind"]),
                "at": moment("steps", step["at"]),
                "actor": str(step["actor"]),
                "status": str(step["status"]),
                "note": step["note"] and str(step["note"]),
                "data": _step_data(step.get("data")),
            }
            for step in read_json(text)
        ]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise RejectedError("steps", text[:200], _("not what an export writes there")) from error
    return json.dumps(taken, ensure_ascii=False) if taken else None


def _is_plain(value: Any) -> bool:
    """Return whether SQLite knows such a value."""
    return isinstance(value, _PLAIN) and not (isinstance(value, int) and abs(value) >= 10**DIGITS)


def _step_data(data: Any) -> dict[str, Any] | None:
    """Return what a step says beyond its note; raises ValueError and TypeError for what no step says."""
    if data is None:
        return None
    if not isinstance(data, dict) or ("text" in data and "option" not in data):
        raise TypeError(data)
    options, before = data.get("options", []), data.get("before", {})
    others = [value for name, value in data.items() if name not in {"options", "before"}]
    if not isinstance(options, list) or not isinstance(before, dict):
        raise TypeError(data)
    if not all(map(_is_plain, (*options, *before.values(), *others))):
        raise TypeError(data)
    for table in STEP_LINKS:
        told(data.get(table))  # a number is a record of another database
    if data.get("opens_at") and stored_text(data["opens_at"]) is None:
        raise ValueError(data)
    return data
