"""Many rows at once: ids that follow each other, journalled as one range, summarised set by set.

The insert triggers, which do this row by row, are silent meanwhile; what updates or deletes is journalled as ever.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any

from crmcli.store.schema import SUMMARISED
from crmcli.store.summaries import REFRESH
from crmcli.store.transaction import Transaction

_REFRESH = REFRESH + "(SELECT contact_id FROM {table} WHERE id BETWEEN ? AND ?)"
_SUMMARIES = {
    "contact": (
        (
            "INSERT INTO contact_state SELECT id, class, NULL, created_at, NULL, 0, 0 "
            "FROM contact WHERE id BETWEEN ? AND ?"
        ),
        "INSERT INTO field_date SELECT * FROM field_date_now WHERE contact_id BETWEEN ? AND ?",
    ),
    **{table: (_REFRESH.format(table=table),) for table in SUMMARISED},
}

FEW = 10_000
"""Rows; fewer are not worth the building of indexes."""

_PER_ROW = """
SELECT type, name, sql FROM sqlite_master
WHERE tbl_name = ? AND sql IS NOT NULL AND (type = 'index' OR type = 'trigger' AND name GLOB '*_insert')
"""
"""What SQLite does for each row. The indexes that a table's own constraints need have no SQL of their own."""


def next_id(connection: sqlite3.Connection, table: str) -> int:
    """Return the id that the table's next row gets."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return int(row[0]) + 1 if row else 1


def insert_many(tx: Transaction, table: str, insert: str, values: Mapping[str, Any], *, expected: int = 0) -> int:
    """Run one INSERT … SELECT into a journalled table and return how many rows it made.

    It leaves the ids to SQLite, or gives them in order from `next_id` on; either way they follow each other. How many
    rows are `expected` decides whether the table's indexes are built anew afterwards, which is quicker for many, and
    whether its triggers, which have nothing to do meanwhile, are not even asked. Phones and tags come so with their new
    contact or company alone: nobody else is indexed anew for them.
    """
    connection = tx.connection
    first = next_id(connection, table)
    aside = _put_aside(connection, table) if expected > max(FEW, first) else []
    connection.execute("UPDATE journal_state SET bulk = 1")
    count = connection.execute(insert, values).rowcount
    connection.execute("UPDATE journal_state SET bulk = 0")
    for statement in aside:
        connection.execute(statement)
    if count:
        last = first + count - 1
        connection.execute(
            "INSERT INTO change_range (change_id, entity, first_id, last_id) VALUES (?, ?, ?, ?)",
            (tx.change, table, first, last),
        )
        for statement in _SUMMARIES.get(table, ()):
            connection.execute(statement, (first, last))
    return count


def _put_aside(connection: sqlite3.Connection, table: str) -> list[str]:
    """Drop what is done for each row, and return the statements that make it again."""
    made = connection.execute(_PER_ROW, (table,)).fetchall()
    for kind, name, _sql in made:
        connection.execute(f'DROP {kind} "{name}"')
    return [sql for _kind, _name, sql in made]
