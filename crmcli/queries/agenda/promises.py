"""Promises: what has a time is due at its instant, what has none on the user's own day, and late on the next."""

from typing import Any

from crmcli.queries.agenda.items import Due, Source, Window, read, when, who
from crmcli.queries.reader import Reader, Row
from crmcli.when.stored import moment_text


def due(reader: Reader, window: Window, limit: int | None = None) -> Due:
    """Return the open promises that are due within the window, the late ones too."""
    columns = "id, contact_id, contact, company, title, text, due_on, due_at, complaint_id, owner"
    values = {"until": moment_text(window.moment), "last": window.day.isoformat()}
    timed = "status = 'open' AND due_at IS NOT NULL AND due_at <= :until"
    all_day = "status = 'open' AND due_at IS NULL AND due_on <= :last"
    sources = (
        Source(columns, "promises", "promise", timed, "due_at", values),
        Source(columns, "promises", "promise", all_day, "due_on", values),
    )
    return read(reader, sources, _promise, limit)


def _promise(reader: Reader, row: Any) -> Row:
    due = reader.local(row["due_at"]) or row["due_on"]
    all_day = row["due_at"] is None
    return {
        "kind": "promise",
        "id": row["id"],
        **who(row),
        **when(due, all_day=all_day),
        "overdue": row["due_on"] < reader.clock["today"] if all_day else row["due_at"] < reader.clock["now"],
        "text": row["text"],
        "complaint_id": row["complaint_id"],
        "owner": row["owner"],
        "occurrence": f"promise:{row['id']}@{row['due_at'] or row['due_on']}",
    }
