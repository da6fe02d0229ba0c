"""Forgotten customers: no real contact for longer than their class allows, and no callback planned."""

from datetime import date, timedelta
from typing import Any

from crmcli.queries.agenda.items import Due, Source, Window, midnight, read, when, who
from crmcli.queries.reader import Reader, Row


def due(reader: Reader, window: Window, limit: int | None = None) -> Due:
    """Return the contacts without contact for more days than their class allows, and without a callback.

    The longest overdue come first, measured by what their class allows: 60 days of 30 before 100 of 90.
    """
    last = (
        "SELECT f.text FROM followups f WHERE f.contact_id = s.contact_id AND f.kind <> 'note' "
        "ORDER BY f.at DESC LIMIT 1"
    )
    sources = [
        Source(
            f"s.contact_id, s.touched_at, s.class, {cadence} AS every, c.name AS contact, c.company, c.title, c.owner, "
            f"({last}) AS text",
            "contact_state s JOIN contacts c ON c.id = s.contact_id",
            "contact_state s",
            "s.class = :class AND s.open_callbacks = 0 AND s.touched_at < :before",
            "s.touched_at",
            {"class": code, "before": midnight(reader, _days_before(window.day, cadence))},
        )
        for code, cadence in _cadences(reader)
    ]
    return read(reader, sources, _forgotten_contact, limit)


def _forgotten_contact(reader: Reader, row: Any) -> Row:
    touched = reader.local(row["touched_at"]) or ""
    since = date.fromisoformat(touched[:10])
    due = (since + timedelta(days=row["every"])).isoformat()
    return {
        "kind": "forgotten",
        "id": row["contact_id"],
        **who(row),
        **when(due, all_day=True),
        "overdue": due < reader.clock["today"],
        "text": row["text"] or "",
        "days": (reader.now.date() - since).days,
        "every": row["every"],
        "class": row["class"],
        "owner": row["owner"],
        "occurrence": f"forgotten:{row['contact_id']}@{row['touched_at']}",
    }


def _cadences(reader: Reader) -> list[tuple[str, int]]:
    sql = """SELECT code, cadence_days FROM vocabulary WHERE "set" = 'class' AND cadence_days > 0"""
    return [(row[0], row[1]) for row in reader.all(sql)]


def _days_before(day: date, days: int) -> date:
    """Return the day so many days earlier, no earlier than the calendar begins."""
    return date.fromordinal(max(1, day.toordinal() - days))
