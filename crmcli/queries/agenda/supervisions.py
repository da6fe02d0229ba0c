"""Supervised items: the day of the next report, as long as neither they nor what they supervise are over."""

from typing import Any

from crmcli.queries.agenda.items import Due, Source, Window, read, when, who
from crmcli.queries.reader import Reader, Row


def due(reader: Reader, window: Window, limit: int | None = None) -> Due:
    """Return the supervised items that want a report within the window, the late ones too."""
    source = Source(
        "id, contact_id, contact, company, title, item, about, reason, responsible, report_on, due_on",
        "supervisions",
        "supervisions",
        "closed_at IS NULL AND report_on <= :last AND status = 'open'",
        "report_on",
        {"last": window.day.isoformat()},
    )
    return read(reader, [source], _supervision, limit)


def _supervision(reader: Reader, row: Any) -> Row:
    return {
        "kind": "supervision",
        "id": row["id"],
        **who(row),
        **when(row["report_on"], all_day=True),
        "overdue": row["report_on"] < reader.clock["today"],
        "text": row["reason"] or row["about"] or "",
        "item": row["item"],
        "settle_by": row["due_on"],
        "owner": row["responsible"],
        "occurrence": f"supervision:{row['id']}@{row['report_on']}",
    }
