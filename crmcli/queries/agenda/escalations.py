"""Escalations: who hears by now that a complaint's deadline was missed, each person of the ladder once."""

from datetime import datetime
from typing import Any

from crmcli.queries.agenda.complaints import OPEN
from crmcli.queries.agenda.items import Due, Window, urgency, when, who
from crmcli.queries.reader import Reader, Row
from crmcli.queries.service_levels import service_levels
from crmcli.rules.escalation import Escalation, escalations, fitting, people
from crmcli.when.periods import parse_period
from crmcli.when.stored import moment_text

_LATE = f"""
SELECT id, contact_id, contact, company, type, severity, category, text, responded_at, respond_by, resolve_by,
    (SELECT class FROM contact WHERE contact.id = contact_id) AS class
FROM complaints WHERE id IN (
    SELECT id FROM complaint WHERE {OPEN} AND resolve_by < :until
    UNION SELECT id FROM complaint WHERE {OPEN} AND responded_at IS NULL AND respond_by < :until
)
"""


def due(reader: Reader, window: Window, limit: int | None = None) -> Due:
    """Return the escalations that came due within the window, of complaints that are still open."""
    levels = service_levels(reader.connection)
    if not reader.ladder.people and not any(level["escalate_to"] for level in levels):
        return Due([], 0)
    every = parse_period(reader.ladder.every)
    items = []
    for row in reader.all(_LATE, {"until": moment_text(window.moment)}):
        level = fitting(levels, dict(row)) or {}
        ladder = people(level.get("escalate_to") or reader.ladder.people)
        missed = {
            deadline: datetime.fromisoformat(row[column])
            for deadline, column in (("respond", "respond_by"), ("resolve", "resolve_by"))
            if row[column] and not (deadline == "respond" and row["responded_at"])
        }
        items += [_escalation(reader, row, told) for told in escalations(missed, window.moment, ladder, every)]
    items.sort(key=urgency)
    return Due(items[:limit], len(items))


def _escalation(reader: Reader, row: Any, told: Escalation) -> Row:
    return {
        "kind": "escalation",
        "id": row["id"],
        **who(row),
        **when(reader.local(moment_text(told.at)) or "", all_day=False),
        "overdue": True,
        "text": row["text"],
        "deadline": told.deadline,
        "level": told.level,
        "to": told.to,
        "severity": row["severity"],
        "type": row["type"],
        "category": row["category"],
        "owner": told.to,
        "occurrence": f"escalation:{row['id']}:{told.deadline}:{told.level}@{moment_text(told.at)}",
    }
