"""What an import would change, field by field: shown by a dry run before the changes are made."""

import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from crmcli.i18n import _
from crmcli.services.importing.labels import field_label

_SHOWN = 20
"""Rows."""
_TECHNICAL = frozenset({"due_at", "zone", "anchor", "series", "snoozed_from"})
"""What says the same again, or nothing to people."""


class Difference(NamedTuple):
    """SQL: the value that is stored, the row's, and whether the row changes it."""

    stored: str
    new: str
    condition: str


class Subject(NamedTuple):
    """What is changed, as SQL over the row `i` and its record `r`."""

    tables: str
    """The record, and what its differences need joined."""
    name: str
    new_name: str
    """Of a record that is not there yet."""
    fields: Mapping[str, Difference]
    added: str = ""
    """A query for what is added to lists: kind and value, of the row `:row` and the record `:id`."""


def first_differences(connection: sqlite3.Connection, subject: Subject) -> list[str]:
    """Return one line for each of the first rows that create or change something, in the order of the file."""
    rows = connection.execute(
        "SELECT row, id, TRUE AS new FROM made UNION ALL SELECT row, id, FALSE FROM changed ORDER BY row LIMIT ?",
        (_SHOWN,),
    ).fetchall()
    return [
        _created(connection, subject, row) if new else _updated(connection, subject, row, id_) for row, id_, new in rows
    ]


def _created(connection: sqlite3.Connection, subject: Subject, row: int) -> str:
    (name,) = connection.execute(f"SELECT {subject.new_name} FROM incoming i WHERE i.row = ?", (row,)).fetchone()
    return _("row {row}: {name} · create").format(row=row, name=name)


def _updated(connection: sqlite3.Connection, subject: Subject, row: int, id_: int) -> str:
    """Return what a row changes of a record: `row 2: Acme · update · Title: A → B`."""
    values = {"row": row, "id": id_}
    columns = ", ".join(", ".join(field) for field in subject.fields.values())
    name, *found = connection.execute(
        f"SELECT {subject.name}, {columns} FROM incoming i CROSS JOIN {subject.tables} "
        "WHERE i.row = :row AND r.id = :id",
        values,
    ).fetchone()
    changes = [
        _("{label}: {value}").format(label=field_label(field), value=f"{_said(stored)} → {_said(new)}")
        for field, stored, new, differs in zip(subject.fields, found[::3], found[1::3], found[2::3], strict=True)
        if differs and field not in _TECHNICAL
    ]
    changes += [
        _("{label}: {value}").format(label=field_label(field), value=f"{_said(value)} → ")
        for field, value in connection.execute("SELECT field, value FROM emptied WHERE row = :row", values)
        if field not in _TECHNICAL
    ]
    if subject.added:
        changes += [
            "+" + _("{label}: {value}").format(label=field_label(kind), value=value)
            for kind, value in connection.execute(subject.added, values)
        ]
    return " · ".join([_("row {row}: {name} · update").format(row=row, name=name), *changes])


def _said(value: str | int | None) -> str:
    return "" if value is None else str(value)
