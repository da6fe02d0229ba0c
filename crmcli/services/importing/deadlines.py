"""By when new complaints from a file are to be answered and solved: it depends on whose they are, too."""

import sqlite3
from datetime import datetime
from functools import cache

from crmcli.queries.service_levels import service_levels
from crmcli.rules.service_levels import deadlines, desk_calendar, service_level
from crmcli.services.importing.kinds import RECEIVED
from crmcli.services.importing.plan import Plan
from crmcli.when.stored import moment_text

_NEW = f"""
SELECT i.row, coalesce(i.type, 'complaint') AS type, coalesce(i.severity, 'normal') AS severity, c.class,
    coalesce(i.received_at, {RECEIVED}) AS received_at
FROM made n CROSS JOIN incoming i ON i.row = n.row CROSS JOIN owner o ON o.row = i.row
CROSS JOIN contact c ON c.id = o.id
"""
_FIRSTS = "UPDATE incoming SET first_respond_by = ?, first_resolve_by = ?, first_hours = ? WHERE row = ?"


def stage_deadlines(connection: sqlite3.Connection, plan: Plan) -> None:
    """Say of each new complaint by when it is owed what, for where its row does not say."""
    rules = service_levels(connection)
    calendar_of = cache(lambda hours: desk_calendar(hours, plan.settings, plan.now))
    firsts = []
    for row in connection.execute(_NEW, {"now": moment_text(plan.now)}).fetchall():
        level = service_level(plan.settings, rules, {name: row[name] for name in ("type", "severity", "class")})
        due = deadlines(row["type"], datetime.fromisoformat(row["received_at"]), level, calendar_of(level.hours))
        moments = [moment_text(moment) if moment else None for moment in due]
        firsts.append((*moments, level.hours if due.resolve_by else None, row["row"]))
    connection.executemany(_FIRSTS, firsts)
