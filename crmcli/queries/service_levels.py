"""The service levels, as the rules take them."""

import sqlite3
from typing import Any

_RULES = "SELECT id, type, severity, class, respond, resolve, hours, escalate_to FROM service_level WHERE NOT hidden"


def service_levels(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the service levels in force."""
    return [dict(row) for row in connection.execute(_RULES)]


def class_of(connection: sqlite3.Connection, contact_id: int) -> str | None:
    """Return the class of a contact: a service level may be for one class alone."""
    row = connection.execute("SELECT class FROM contact WHERE id = ?", (contact_id,)).fetchone()
    return row[0] if row else None
