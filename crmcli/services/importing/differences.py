"""What an import would change, field by field: shown by a dry run before the changes are made."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from crmcli.i18n import N_, _
from crmcli.nouns import noun
from crmcli.queries.history import DERIVED
from crmcli.queries.vocabulary import labels
from crmcli.services.importing.labels import field_label
from crmcli.store.transaction import Transaction

_SHOWN = 20
"""Rows."""
_CALLED = {"preset": N_("preset"), "former": N_("merged record"), "distinct": N_("two that are distinct")}
"""Records that are no nouns of the command line."""
_NAMING = ("name", "code", "question", "contact", "severity", "class", "type", "uid", "one_uid")
"""Of a record, the first of these that is there is its name."""
_TECHNICAL = frozenset({"due_at", "zone", "anchor", "series", "snoozed_from"})
"""What says the same again, or nothing to people."""


class Difference(NamedTuple):
    """SQL: the value that is stored, the row's, and whether the row changes it."""

    stored: str
    new: str
    condition: str


class Subject(NamedTuple):
    """What is changed, as SQL over the row `i` and its record `r`."""

    noun: str
    tables: str
    """The record, and what its differences need joined."""
    name: str
    new_name: str
    """Of a record that is not there yet."""
    fields: Mapping[str, Difference]
    added: str = ""
    """A query for what is added to lists: kind and value, of the row `:row` and the record `:id`."""
    merged: str = ""
    """A query for the rows that bring something to another row: its number, and that of the other one."""


def first_differences(connection: sqlite3.Connection, subject: Subject) -> list[str]:
    """Return one line for each of the first rows that create or change something, in the order of the file."""
    written = "SELECT row, id, 'new' FROM made UNION ALL SELECT row, id, 'changed' FROM changed"
    merged = f" UNION ALL SELECT row, leader, 'merged' FROM ({subject.merged})" * bool(subject.merged)
    rows = connection.execute(f"{written}{merged} ORDER BY row LIMIT ?", (_SHOWN,)).fetchall()
    say = {"new": _created, "changed": _updated, "merged": _merged}
    return [say[what](connection, subject, row, id_) for row, id_, what in rows]


def _created(connection: sqlite3.Connection, subject: Subject, row: int, _id: int) -> str:
    return _("row {row}: {name} · create").format(row=row, name=_name(connection, subject, row))


def _merged(connection: sqlite3.Connection, subject: Subject, row: int, leader: int) -> str:
    said = _("row {row}: {name} · one with row {other}, and adds to it")
    return said.format(row=row, name=_name(connection, subject, leader), other=leader)


def _name(connection: sqlite3.Connection, subject: Subject, row: int) -> str:
    found = connection.execute(f"SELECT {subject.new_name} FROM incoming i WHERE i.row = ?", (row,)).fetchone()
    return found[0] or ""


def _updated(connection: sqlite3.Connection, subject: Subject, row: int, id_: int) -> str:
    """Return what a row changes of a record: `row 2: Acme · update · Title: A → B`."""
    values = {"row": row, "id": id_}
    columns = ", ".join(", ".join(field) for field in subject.fields.values())
    name, *found = connection.execute(
        f"SELECT {subject.name}, {columns} FROM incoming i CROSS JOIN {subject.tables} "
        "WHERE i.row = :row AND r.id = :id",
        values,
    ).fetchone()
    words = labels(connection)
    sets = {field.name: field.vocabulary for field in noun(subject.noun).fields}

    def said(field: str, value: str | int | None) -> str:
        return words.get((sets.get(field, ""), str(value)), _said(value))

    changes = [
        _("{label}: {value}").format(label=field_label(field), value=f"{said(field, stored)} → {said(field, new)}")
        for field, stored, new, differs in zip(subject.fields, found[::3], found[1::3], found[2::3], strict=True)
        if differs and field not in _TECHNICAL
    ]
    changes += [
        _("{label}: {value}").format(label=field_label(field), value=f"{said(field, value)} → ")
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


class Written:
    """Says what becomes of the first records of one kind that are written one by one, from what the journal notes."""

    def __init__(self, tx: Transaction, record: str) -> None:
        self._tx = tx
        self._called = _(_CALLED.get(record, record))
        self._seen = self._last()
        self.lines: list[str] = []

    def note(self, row: int, cells: Mapping[str, str], done: str) -> None:
        """Add a line for a record that was created or updated, like those of `first_differences`."""
        if done not in {"created", "updated"} or len(self.lines) >= _SHOWN:
            return
        name = " ".join([self._called, *[cells[field] for field in _NAMING if cells.get(field)][:1]])
        created = done == "created"
        said = _("row {row}: {name} · create") if created else _("row {row}: {name} · update")
        changes = () if created else self._changes()
        self.lines.append(" · ".join([said.format(row=row, name=name), *changes]))
        self._seen = self._last()

    def _changes(self) -> Iterator[str]:
        """Yield each field that was changed since the last record."""
        for before, after in self._tx.connection.execute(
            "SELECT before, after FROM change_row WHERE change_id = ? AND id > ? "
            "AND before IS NOT NULL AND after IS NOT NULL ORDER BY id",
            (self._tx.change, self._seen),
        ).fetchall():
            stored, new = json.loads(before), json.loads(after)
            for field in new:
                if stored[field] != new[field] and field not in DERIVED | _TECHNICAL:
                    value = f"{_said(stored[field])} → {_said(new[field])}"
                    yield _("{label}: {value}").format(label=field_label(field), value=value)

    def _last(self) -> int:
        return int(self._tx.connection.execute("SELECT coalesce(max(id), 0) FROM change_row").fetchone()[0])
