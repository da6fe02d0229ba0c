"""When each value of a record was last changed, as the journal has it.

Of two databases that exchange everything, the one that changed a value last knows it. A record that came from another
database has the moment at which it was changed there, so that one and the same change is as old everywhere; what was
undone is as old as it was before.
"""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

_IMAGES = """
SELECT h.id, h.undoes, h.at, f.before, l.after
FROM (
    SELECT change_id, min(id) AS first, max(id) AS last FROM change_row
    WHERE entity = ? AND entity_id = ? GROUP BY change_id
) s
JOIN change h ON h.id = s.change_id JOIN change_row f ON f.id = s.first JOIN change_row l ON l.id = s.last
WHERE f.before IS NOT NULL AND l.after IS NOT NULL ORDER BY s.change_id
"""
"""A record as it was before each change of it and after it: one change may write it several times."""
_STAMP = "updated_at"
PLANNER = "notice"
"""The field of a callback that says what planned it: of whom a notice told what (`expiry:UID@2027-03-01`), or which
complaint a return visit follows (`complaint:UID`; `complaint:UID#…` for one that another has followed)."""
CUSTOM = "fields."
"""Stands before the names of custom fields, each of which is a value of its own."""


OTHERS = "*"
"""Stands for the values that were not changed since a record came from another database, as they were there."""


def changes(connection: sqlite3.Connection, table: str, id_: int) -> dict[str, str]:
    """Return the moment of its last change for each column, and each custom field, that changed since it was made."""
    record = dict(connection.execute(f"SELECT * FROM {table} WHERE id = ?", (id_,)).fetchone())
    made, came = record.get("created_at", ""), record.get(_STAMP, "")
    last: dict[str, str] = {}
    earlier: dict[int, dict[str, str]] = {}  # what was known before a change, which is known again once it is undone
    for change, undoes, at, before, after in connection.execute(_IMAGES, (table, id_)).fetchall():
        old, new = json.loads(before), json.loads(after)
        came = came if earlier else old.get(_STAMP, "")
        columns = [*_differing(old, new)]
        earlier[change] = {column: last[column] for column in columns if column in last}
        if undoes in earlier:
            last = {column: moment for column, moment in last.items() if column not in columns} | earlier[undoes]
        else:
            gone = {*_gone_along(old, new)}
            last |= {column: new.get(_STAMP, at) for column in columns if column not in gone}
    planned = record.get(PLANNER)  # by a notice, and perhaps put off in the same second: no creation says that
    last = {column: moment for column, moment in last.items() if moment > made or (planned and moment == made)}
    last = dict(sorted(last.items()))  # what was undone has left no trace in their order either
    return {OTHERS: came, **last} if came > made else last


def _differing(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield the columns and custom fields of which two images of a record have different values."""
    for column, value in new.items():
        if column == "fields":
            one, other = json.loads(old[column]), json.loads(value)
            yield from (f"{CUSTOM}{name}" for name in one.keys() | other.keys() if one.get(name) != other.get(name))
        elif column != _STAMP and old.get(column) != value:
            yield column


def _gone_along(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield the columns that nobody changed: they pointed at a record that was deleted."""
    if old.get(_STAMP) == new.get(_STAMP):
        yield from (column for column, value in new.items() if column.endswith("_id") and value is None)
