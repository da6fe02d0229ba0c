"""Complaints as they stood at the moment of a report."""

from itertools import chain

from crmcli.rules.workflow import CHANGED

_STOOD = ", ".join(
    f"iif(s.before -> '$.{name}' IS NULL, p.{name}, s.before ->> '$.{name}') AS {name}"
    for name in dict.fromkeys(chain.from_iterable(CHANGED.values()))
)

CASES = f"""(
SELECT
    id, contact_id, type, category, severity, cause, channel, department, coalesce(responsible, assignee) AS person,
    received_at, hours, respond_by, resolve_by,
    CASE WHEN waiting_since <= :now THEN waiting_since END AS waiting_since,
    CASE WHEN responded_at <= :now THEN responded_at END AS responded_at,
    CASE WHEN resolved_at <= :now THEN resolved_at END AS resolved_at,
    CASE WHEN closed_at <= :now THEN closed_at END AS closed_at,
    CASE WHEN closed_at <= :now THEN satisfaction END AS satisfaction
FROM (
    SELECT p.id, p.contact_id, p.channel, p.received_at, p.responded_at, {_STOOD}
    FROM complaint p LEFT JOIN (
        SELECT complaint_id, json_group_object(key, value) AS before FROM (
            SELECT l.complaint_id, b.key, b.value, min(l.id) FROM complaint_step l, json_each(l.data, '$.before') b
            WHERE l.at > :now AND l.data LIKE '%"before"%' GROUP BY l.complaint_id, b.key
        ) GROUP BY complaint_id
    ) s ON s.complaint_id = p.id
    WHERE p.received_at <= :now
)
)"""
"""Those that were received by :now. What happened after it is not known yet: a case that is answered tomorrow is
unanswered today, and one that is opened again tomorrow is solved today. Of each value the first later step that
may have changed it knows what it was: another machine's step tells only of what it was about.
"""
