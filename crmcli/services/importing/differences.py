"""What an import would change, field by field: shown by a dry run before the changes are made."""

import sqlite3

from crmcli.i18n import _
from crmcli.services.importing.parties import Party
from crmcli.services.importing.writing import differing, links, missing_points

_SHOWN = 20
"""Rows."""


def first_differences(connection: sqlite3.Connection, party: Party) -> list[str]:
    """Return one line for each of the first rows that create or change something, in the order of the file."""
    rows = connection.execute(
        "SELECT row, id, TRUE AS new FROM made UNION ALL SELECT row, id, FALSE FROM changed ORDER BY row LIMIT ?",
        (_SHOWN,),
    ).fetchall()
    return [_created(connection, row) if new else _updated(connection, party, row, id_) for row, id_, new in rows]


def _created(connection: sqlite3.Connection, row: int) -> str:
    (name,) = connection.execute("SELECT name FROM incoming WHERE row = ?", (row,)).fetchone()
    return _("row {row}: {name} · create").format(row=row, name=name)


def _updated(connection: sqlite3.Connection, party: Party, row: int, id_: int) -> str:
    """Return what a row changes of a record: `row 2: Acme · update · title: A → B`."""
    fields = differing(party)
    columns = ", ".join(f"{field.stored}, {field.new}, {field.condition}" for field in fields.values())
    name, *values = connection.execute(
        f"SELECT r.name, {columns} FROM incoming i JOIN {party.table} r ON r.id = ? {links(party, 'i')} "
        "WHERE i.row = ?",
        (id_, row),
    ).fetchone()
    changes = [
        f"{field}: {'' if stored is None else stored} → {new}"
        for field, stored, new, differs in zip(fields, values[::3], values[1::3], values[2::3], strict=True)
        if differs
    ]
    missing = missing_points(party, ":id")
    points = connection.execute(
        f"SELECT p.kind, p.value FROM incoming_point p WHERE p.row = :row AND {missing} ORDER BY p.rowid",
        {"row": row, "id": id_},
    )
    changes += [f"+{kind}: {value}" for kind, value in points]
    return " · ".join([_("row {row}: {name} · update").format(row=row, name=name), *changes])
