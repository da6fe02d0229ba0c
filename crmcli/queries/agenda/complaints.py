"""Complaints: open ones, by when they want their answer or their solution."""

from typing import Any

from crmcli.queries.agenda.items import Due, Source, Window, read, when, who
from crmcli.queries.reader import Reader, Row
from crmcli.when.stored import moment_text

OPEN = "resolved_at IS NULL AND closed_at IS NULL AND waiting_since IS NULL"
"""Whose clocks run."""


def due(reader: Reader, window: Window, limit: int | None = None) -> Due:
    """Return the open complaints with a deadline within the window.

    The deadline is the first that was not met; once the one for the solution has passed, it is that one. Where the
    answer is late, which was told, it is so as soon as the solution, which can still be in time, is told by itself.
    """
    passed = "resolve_by <= CASE WHEN respond_by <= :now THEN :told ELSE :now END"
    solution = f"{passed} OR responded_at IS NOT NULL OR respond_by IS NULL OR resolve_by <= respond_by"
    source = Source(
        "id, contact_id, contact, company, type, category, severity, text, coalesce(responsible, assignee) AS owner, "
        f"coalesce({solution}, 0) AS solve, CASE WHEN {solution} THEN resolve_by ELSE respond_by END AS deadline",
        "complaints",
        "complaint",
        f"id IN (SELECT id FROM (SELECT id FROM complaint WHERE {OPEN} AND resolve_by <= :until "
        "ORDER BY resolve_by LIMIT :limit) UNION "
        f"SELECT id FROM (SELECT id FROM complaint WHERE {OPEN} AND responded_at IS NULL AND respond_by <= :until "
        "ORDER BY respond_by LIMIT :limit))",
        "deadline",
        {"until": moment_text(window.moment), "told": moment_text(window.told or window.moment)},
    )
    return read(reader, [source], _complaint, limit)


def _complaint(reader: Reader, row: Any) -> Row:
    deadline = "resolve" if row["solve"] else "respond"
    return {
        "kind": "complaint",
        "id": row["id"],
        **who(row),
        **when(reader.local(row["deadline"]) or "", all_day=False),
        "overdue": row["deadline"] < reader.clock["now"],
        "text": row["text"],
        "deadline": deadline,
        "severity": row["severity"],
        "type": row["type"],
        "category": row["category"],
        "owner": row["owner"],
        "occurrence": f"complaint:{row['id']}:{deadline}@{row['deadline']}",
    }
