"""Callbacks: what has a time is due at its instant, what has none on the user's own day, and late on the next."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from crmcli.queries.agenda.items import Due, Source, Window, midnight, read, when, who
from crmcli.queries.reader import Reader, Row
from crmcli.when.stored import moment_text

COUNTED_AHEAD = 100
COMING_DAYS = 6


def due(reader: Reader, window: Window, limit: int | None = None) -> Due:
    """Return the open callbacks that are due within the window."""
    until = {"until": moment_text(window.moment), "last": window.day.isoformat()}
    return _callbacks(reader, "<= :until", "<= :last", until, limit)


def overdue(reader: Reader, limit: int | None) -> Due:
    """Return the open callbacks whose moment has passed, or whose day when they have none."""
    return _callbacks(reader, "< :now", "< :today", {}, limit)


def later_today(reader: Reader, limit: int | None) -> Due:
    """Return the open callbacks of the rest of the day."""
    tomorrow = {"midnight": midnight(reader, reader.now.date() + timedelta(days=1))}
    return _callbacks(reader, ">= :now AND due_at < :midnight", "= :today", tomorrow, limit)


def next_callback(reader: Reader) -> Row | None:
    """Return the first open callback after today, or None."""
    after = {"midnight": midnight(reader, reader.now.date() + timedelta(days=1))}
    ahead = _callbacks(reader, ">= :midnight", "> :today", after, 1)
    return ahead.items[0] if ahead.items else None


def coming(reader: Reader) -> list[Row]:
    """Return the next days on which callbacks are planned, and how many."""
    days = []
    for ahead in range(1, COMING_DAYS + 1):
        day = reader.now.date() + timedelta(days=ahead)
        values = {
            "day": day.isoformat(),
            "from": midnight(reader, day),
            "to": midnight(reader, day + timedelta(days=1)),
        }
        sources = _planned(">= :from AND due_at < :to", "= :day", values)
        count = sum(source.counted(reader, COUNTED_AHEAD) for source in sources)
        if count:
            days.append({"on": values["day"], "count": min(count, COUNTED_AHEAD + 1)})
    return days


def _callbacks(reader: Reader, moment: str, day: str, values: Mapping[str, Any], limit: int | None) -> Due:
    """Return the open callbacks whose moment, or whose day when they have none, compares so."""
    return read(reader, _planned(moment, day, values), _callback, limit)


def _planned(moment: str, day: str, values: Mapping[str, Any]) -> tuple[Source, Source]:
    columns = "id, contact_id, contact, company, title, kind, due_on, due_at, purpose, repeat, owner"
    timed = f"status = 'open' AND due_at IS NOT NULL AND due_at {moment}"
    all_day = f"status = 'open' AND due_at IS NULL AND due_on {day}"
    return (
        Source(columns, "callbacks", "callback", timed, "due_at", values),
        Source(columns, "callbacks", "callback", all_day, "due_on", values),
    )


def _callback(reader: Reader, row: Any) -> Row:
    due = reader.local(row["due_at"]) or row["due_on"]
    all_day = row["due_at"] is None
    return {
        "kind": "callback",
        "id": row["id"],
        **who(row),
        **when(due, all_day=all_day),
        "overdue": row["due_on"] < reader.clock["today"] if all_day else row["due_at"] < reader.clock["now"],
        "text": row["purpose"] or "",
        "action": row["kind"],
        "repeat": row["repeat"],
        "owner": row["owner"],
        "occurrence": f"callback:{row['id']}@{row['due_at'] or row['due_on']}",
    }
