"""Taking back a change: every row that the journal has of it is put back as it was, all of them or none.

An undo is itself a change, so that taking it back does the change again. Rows are put back with one
statement for each table and kind of change, so that the undo of a large import is as set-based as the import.
"""

import sqlite3
from typing import NamedTuple

from crmcli.errors import ConflictError, NotFoundError, StoreError
from crmcli.i18n import _, joined
from crmcli.queries.singles import Clash, clashes
from crmcli.services.declared import conflict, keep_declared
from crmcli.store.schema import JOURNALLED
from crmcli.store.summaries import summarised_once
from crmcli.store.transaction import Transaction

_SHOWN = 10
"""How many later changes a refusal names."""

_IMAGES = """
CREATE TEMP TABLE image AS
SELECT f.entity, f.entity_id AS id, f.before, l.after
FROM (
    SELECT entity, entity_id, min(id) AS first, max(id) AS last FROM change_row
    WHERE change_id = {change} GROUP BY entity, entity_id
) s
JOIN change_row f ON f.id = s.first
JOIN change_row l ON l.id = s.last
WHERE coalesce(f.before, l.after) IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM change_range g
    WHERE g.change_id = {change} AND g.entity = s.entity AND s.entity_id BETWEEN g.first_id AND g.last_id
)
"""
"""Each record as it was before the change and after it; what an import created is known by its ranges alone."""

_ERASURE = "EXISTS (SELECT 1 FROM change_row r WHERE r.change_id = h.id AND r.entity = 'erasure')"
"""What nobody can take back, and what nobody who types `crm undo` after it means to step over."""

_TOUCHING_THE_SAME = """
SELECT t.change_id FROM change_row m
JOIN change_row t ON t.entity = m.entity AND t.entity_id = m.entity_id AND t.change_id > :change
WHERE m.change_id = :change
UNION
SELECT t.change_id FROM change_range g
JOIN change_row t ON t.entity = g.entity AND t.entity_id BETWEEN g.first_id AND g.last_id AND t.change_id > :change
WHERE g.change_id = :change
"""

_TOUCHING_STRAYS = """
SELECT t.change_id FROM temp.stray s
JOIN change_row t ON t.entity = s.entity AND t.entity_id = s.id AND t.change_id > :change
UNION
SELECT g.change_id FROM change_range g
JOIN temp.stray s ON s.entity = g.entity AND s.id BETWEEN g.first_id AND g.last_id WHERE g.change_id > :change
"""

_IN_EFFECT = """
SELECT h.id, h.command FROM change h
WHERE h.id IN ({touching}) AND h.id < :own AND h.undone_by IS NULL AND (h.undoes IS NULL OR h.undoes < :change)
ORDER BY h.id DESC LIMIT {limit}
"""
"""Later changes that still stand; the undo of a change that came after ours has only restored what ours left."""

_OUTSIDE = """
INSERT INTO temp.stray
SELECT entity, entity_id FROM change_row o WHERE change_id = :own
AND NOT EXISTS (SELECT 1 FROM change_range g WHERE g.change_id = :change
    AND g.entity = o.entity AND o.entity_id BETWEEN g.first_id AND g.last_id)
EXCEPT SELECT entity, entity_id FROM change_row WHERE change_id = :change
"""
"""What the undo touched besides the change's own records: somebody's later follow-up that went with its contact."""

_PUT_BACK = "SELECT id FROM temp.image WHERE entity = '{entity}' AND before IS NOT NULL"
"""What is there again, or as it was."""

_FREE_NOTICES = """
UPDATE callback SET notice = NULL WHERE notice IS NOT NULL AND id IN (
    SELECT id FROM temp.image i
    WHERE i.entity = 'callback' AND i.before ->> 'notice' IS NOT i.after ->> 'notice'
)
"""
"""No two callbacks have the same notice, not for a moment: one that made way for another may get it back."""


class Undone(NamedTuple):
    """What was taken back: the change, the command that it goes back to, and whether it is in force again."""

    change: int
    command: str
    again: bool


def undo_change(tx: Transaction, number: int | None = None) -> Undone:
    """Take back a change, by default the newest that stands and is no undo; undoing an undo does the change again.

    Raises NotFoundError for an unknown change, and ConflictError when there is nothing to take back, when it is undone
    already, when a record of it has changed since, when it leaves words or values undeclared or a second one of what
    there may be only one of, or when it is an erasure.
    Raises StoreError where the journal was spoilt.
    """
    connection = tx.connection
    change = _choose(connection, number, tx.change)
    _refuse_later(connection, change, tx.change, _TOUCHING_THE_SAME)
    connection.execute("PRAGMA defer_foreign_keys = ON")
    connection.execute(_IMAGES.format(change=change))
    _refuse_spoilt(connection, change)
    connection.execute("CREATE TEMP TABLE stray (entity TEXT, id INTEGER)")
    _refuse_different(connection, change)
    clashed = _clashes(connection)
    try:
        with summarised_once(tx, _rows(connection, change)):
            _put_back(connection, change)
    except sqlite3.IntegrityError as error:
        raise _conflict(change, []) from error
    _find_strays(connection, change, tx.change)
    if connection.execute("SELECT EXISTS (SELECT 1 FROM temp.stray)").fetchone()[0]:
        _refuse_later(connection, change, tx.change, _TOUCHING_STRAYS)
        raise _conflict(change, [])
    keep_declared(tx, change)
    _refuse_second(connection, change, clashed)
    connection.execute("DROP TABLE temp.image")
    connection.execute("DROP TABLE temp.stray")
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM change_row WHERE change_id = ?)", (tx.change,)).fetchone()[
        0
    ]:
        raise ConflictError(_("change {id} left nothing to take back").format(id=change))
    return _record(connection, change, tx.change)


def _choose(connection: sqlite3.Connection, number: int | None, own: int) -> int:
    """Return the change to take back."""
    named = "h.id = :number" if number is not None else "undone_by IS NULL AND undoes IS NULL"
    row = connection.execute(
        f"SELECT id, undone_by, {_ERASURE} AS erasure FROM change h WHERE h.id < :own AND {named} "
        "ORDER BY id DESC LIMIT 1",
        {"number": number, "own": own},
    ).fetchone()
    if row is None and number is None:
        raise ConflictError(_("there is nothing to undo"), hint=_("crm history shows what was changed"))
    if row is None:
        raise NotFoundError(_("there is no change {id}").format(id=number), hint=_("crm history shows them"))
    if row["erasure"]:
        raise ConflictError(
            _("change {id} erased somebody, which can't be taken back").format(id=row["id"]),
            hint=_("crm undo ID takes back an earlier one; crm history shows them"),
        )
    if row["undone_by"] is not None:
        raise ConflictError(
            _("change {id} is undone already").format(id=number),
            hint=_("crm undo {id} does it again").format(id=row["undone_by"]),
        )
    return int(row["id"])


def _refuse_later(connection: sqlite3.Connection, change: int, own: int, touching: str) -> None:
    """Raise ConflictError with the later changes that stand on this one, if there are any."""
    later = connection.execute(
        _IN_EFFECT.format(touching=touching, limit=_SHOWN), {"change": change, "own": own}
    ).fetchall()
    if later:
        raise _conflict(change, later)


def _conflict(change: int, later: list[sqlite3.Row]) -> ConflictError:
    if not later:
        return ConflictError(
            _("change {id} can't be taken back: a record of it has changed since").format(id=change),
            hint=_("look at crm history, and change the record itself"),
        )
    return ConflictError(
        _("change {id} can't be taken back: later changes build on it").format(id=change),
        hint=_("first: {commands}").format(commands=joined(f"crm undo {row['id']}" for row in later)),
        candidates=[dict(row) for row in later],
    )


def _refuse_spoilt(connection: sqlite3.Connection, change: int) -> None:
    """Raise StoreError when somebody has written into the journal what is no record."""
    sound = "iif(json_valid({0}), json_type({0}) = 'object', {0} IS NULL)"
    row = connection.execute(
        f"SELECT entity, id FROM temp.image WHERE NOT ({sound.format('before')} AND {sound.format('after')}) LIMIT 1"
    ).fetchone()
    if row:
        said = _("change {change} can't be taken back: what the journal has of {entity} {id} can't be read")
        raise StoreError(
            said.format(change=change, **row),
            hint=_("change the record itself, or restore an older backup: crm backup --list, crm restore FILE"),
        )


def _refuse_different(connection: sqlite3.Connection, change: int) -> None:
    """Raise ConflictError when a record is not as the change left it, however that came about."""
    for entity in _entities(connection):
        same = " AND ".join(f'{_value("after", name)} IS r."{name}"' for name in _columns(connection, entity))
        if connection.execute(
            f"SELECT EXISTS (SELECT 1 FROM temp.image i LEFT JOIN {entity} r ON r.id = i.id WHERE i.entity = ? "
            f"AND ((i.after IS NULL) <> (r.id IS NULL) OR (i.after IS NOT NULL AND NOT ({same}))))",
            (entity,),
        ).fetchone()[0]:
            raise _conflict(change, [])


def _put_back(connection: sqlite3.Connection, change: int) -> None:
    """Re-create what was deleted, parents first; restore what was changed; delete what was created, children first.

    Deleting comes last: what belonged to others before a merge must be theirs again before its contact goes.
    """
    entities = _entities(connection)
    connection.execute(_FREE_NOTICES)
    for entity in entities:
        names = _columns(connection, entity)
        columns, values = ", ".join(f'"{name}"' for name in names), ", ".join(_value("before", name) for name in names)
        connection.execute(
            f"INSERT INTO {entity} ({columns}) SELECT {values} FROM temp.image i "
            "WHERE i.entity = ? AND i.before IS NOT NULL AND i.after IS NULL ORDER BY i.id",
            (entity,),
        )
    for entity in entities:
        assignments = ", ".join(f'"{name}" = {_value("before", name)}' for name in _columns(connection, entity))
        connection.execute(
            f"UPDATE {entity} SET {assignments} FROM temp.image i "
            f"WHERE i.entity = ? AND i.id = {entity}.id AND i.before IS NOT NULL AND i.after IS NOT NULL",
            (entity,),
        )
    _delete_created(connection, change, entities)


def _delete_created(connection: sqlite3.Connection, change: int, entities: list[str]) -> None:
    ranges = connection.execute(
        "SELECT entity, first_id, last_id FROM change_range WHERE change_id = ?", (change,)
    ).fetchall()
    for entity in reversed(JOURNALLED):
        for _entity, first, last in (row for row in ranges if row["entity"] == entity):
            connection.execute(f"DELETE FROM {entity} WHERE id BETWEEN ? AND ?", (first, last))
        if entity in entities:
            connection.execute(
                f"DELETE FROM {entity} WHERE id IN (SELECT id FROM temp.image WHERE entity = ? AND before IS NULL)",
                (entity,),
            )


def _find_strays(connection: sqlite3.Connection, change: int, own: int) -> None:
    """Note what the undo touched but the change had not, and what a restored record points at that is gone."""
    connection.execute(_OUTSIDE, {"change": change, "own": own})
    for entity in _entities(connection):
        for key in connection.execute(f"PRAGMA foreign_key_list({entity})").fetchall():
            column, parent = key["from"], key["table"]
            connection.execute(
                f"INSERT INTO temp.stray SELECT '{parent}', r.{column} FROM temp.image i "
                f"JOIN {entity} r ON r.id = i.id WHERE i.entity = ? AND r.{column} IS NOT NULL "
                f"AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.id = r.{column})",
                (entity,),
            )


def _record(connection: sqlite3.Connection, change: int, own: int) -> Undone:
    """Note which change took back which; along a chain of undos every second one is in force again."""
    connection.execute("UPDATE change SET undoes = ? WHERE id = ?", (change, own))
    undone_by: int | None = own
    link: int | None = change
    depth = 0
    while link is not None:
        connection.execute("UPDATE change SET undone_by = ? WHERE id = ?", (undone_by, link))
        last = link
        depth += 1
        link = connection.execute("SELECT undoes FROM change WHERE id = ?", (last,)).fetchone()[0]
        undone_by = last if undone_by is None else None
    command = connection.execute("SELECT command FROM change WHERE id = ?", (last,)).fetchone()[0]
    return Undone(last, command, again=depth % 2 == 0)


def _clashes(connection: sqlite3.Connection) -> set[Clash]:
    """Return what is in the way of the records that are put back."""
    found = (clashes(connection, entity, _PUT_BACK.format(entity=entity)) for entity in _entities(connection))
    return {clash for some in found for clash in some}


def _refuse_second(connection: sqlite3.Connection, change: int, before: set[Clash]) -> None:
    """Raise ConflictError for what is in the way now and was not before."""
    new = _clashes(connection) - before
    if new:
        clash = min(new)
        raise conflict(change, clash.reason, _("first: {commands}").format(commands=clash.first))


def _rows(connection: sqlite3.Connection, change: int) -> int:
    """Return how many rows are put back."""
    listed = connection.execute("SELECT count(*) FROM temp.image").fetchone()[0]
    ranges = "SELECT coalesce(sum(last_id - first_id + 1), 0) FROM change_range WHERE change_id = ?"
    return int(listed + connection.execute(ranges, (change,)).fetchone()[0])


def _entities(connection: sqlite3.Connection) -> list[str]:
    """Return the tables that the change wrote row by row, parents first."""
    found = {row[0] for row in connection.execute("SELECT DISTINCT entity FROM temp.image")}
    return [entity for entity in JOURNALLED if entity in found]


def _columns(connection: sqlite3.Connection, entity: str) -> list[str]:
    """Return the columns that the images have; a newer schema may have more, and an older one other ones."""
    image = "SELECT coalesce(before, after) FROM temp.image WHERE entity = ? LIMIT 1"
    known = {row[0] for row in connection.execute(f"SELECT key FROM json_each(({image}))", (entity,))}
    table = [row["name"] for row in connection.execute(f"PRAGMA table_info({entity})")]
    return [name for name in table if name in known]


def _value(image: str, name: str) -> str:
    """Return the SQL of a column's value in an image."""
    return f"json_extract(i.{image}, '$.\"{name}\"')"
