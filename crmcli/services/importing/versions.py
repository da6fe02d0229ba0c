"""Of what was changed here and what was changed where a file comes from, the newer counts, value by value.

An export of everything says when each value was last changed (see crmcli.queries.versions). So two machines can keep
each other up to date, whichever exports first: what was changed here since stays as it is, and what was emptied there
becomes empty here. A record that says nothing of its age is taken at its word.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from crmcli.queries.everything import CHANGED, TABLES
from crmcli.queries.versions import CUSTOM, OTHERS, PLANNER, changes
from crmcli.rules.custom_fields import EXTERNAL_ID
from crmcli.rules.names import Spelt
from crmcli.rules.presets import KEYS
from crmcli.services.importing.kinds import Activity
from crmcli.services.importing.parties import Party
from crmcli.services.importing.told import said, told_moment
from crmcli.store.transaction import Transaction
from crmcli.when.stored import stored_text

_TABLE = "version (row INTEGER PRIMARY KEY, uid TEXT, created_at TEXT, updated_at TEXT, changed TEXT)"
"""What the rows of a part of the file say of their age."""
_FORMER = "DELETE FROM version WHERE uid IN (SELECT uid FROM former_uid)"
"""What was merged into another record is of no age: it fills what that one lacks."""
_WEIGHED = """
SELECT m.row, m.target AS id, v.created_at, v.updated_at, v.changed
FROM match m CROSS JOIN version v ON v.row = m.row CROSS JOIN incoming i ON i.row = m.row
CROSS JOIN {table} r ON r.id = m.target
WHERE m.row IN (SELECT row FROM changed) OR v.changed <> '{{}}' AND ({less})
"""
"""The rows that differ from their records, and those that may have less."""
_OPTIONAL = 'SELECT name FROM pragma_table_info(?) WHERE NOT "notnull"'
STAMPS = ("created_at", "updated_at")
_NEVER = ""
_ALWAYS = "~"
"""Texts before and after all moments."""
_ALSO = {"due_on": ("dated",)}
"""What else of a row goes with a column."""
_FIELDS = {"due_on": "due", "rule": "repeat", "supervision.due_on": "settle_by"}
"""What a file calls columns that have another name."""
_NAMED = {"company_id": "company", "referred_by_id": "contact"}
"""Columns that people read as the name of another record."""
_EMPTY = {"aliases": "", "query": ""}
"""What columns of what is declared have that are empty; the others, where they may be, NULL."""
_BLANK = {"dated": "FALSE"}
"""What columns of rows have that say nothing; the others NULL."""


class Value(NamedTuple):
    """What is changed as one."""

    columns: tuple[str, ...]
    """Of the record."""
    staged: tuple[str, ...]
    """The columns of a row that say it."""
    field: str
    """What the file calls it."""
    link: str = ""
    """The link that says it, too."""


class Age(NamedTuple):
    """Since when a record has its values."""

    since: str
    """For those that are not among `changed`."""
    changed: Mapping[str, str]

    def at(self, columns: Iterable[str]) -> str:
        """Return when the last of these was changed."""
        since = self.changed.get(OTHERS, self.since)
        return max(self.changed.get(column, since) for column in columns)

    def is_told(self, columns: Iterable[str]) -> bool:
        """Return whether one of these was changed since the record was made."""
        return not self.changed.keys().isdisjoint(columns)


class _Pair(NamedTuple):
    """A record, and the row that says what it is elsewhere."""

    record: dict[str, Any]
    said: dict[str, Any]
    ours: Age
    theirs: Age

    @property
    def is_known(self) -> bool:
        """Whether they were one before: nobody who has the same phone empties a record of ours."""
        fields = json.loads(self.record.get("fields") or "{}")
        return self.said["uid"] in (self.record["uid"], fields.get(EXTERNAL_ID))

    def is_older(self, columns: Sequence[str], held: Iterable[Any]) -> bool:
        """Return whether the row says of these what was changed here since; what the record lacks is taken."""
        if self._is_changed_on_one(columns):
            return self.ours.is_told(columns)
        known = self.ours.is_told(columns) or any(value is not None for value in held)
        return known and self.ours.at(columns) > self.theirs.at(columns)

    def is_newer(self, columns: Sequence[str]) -> bool:
        """Return whether these were changed where the row comes from, since they were here."""
        if self._is_changed_on_one(columns):
            return self.theirs.is_told(columns)
        return self.theirs.is_told(columns) and self.theirs.at(columns) > self.ours.at(columns)

    def _is_changed_on_one(self, columns: Sequence[str]) -> bool:
        """Return whether one alone has changed what a notice planned on both: that counts, however old it is.

        Whoever put a callback off knows better than a notice that planned the same one later on another machine.
        """
        return bool(self.record.get(PLANNER)) and self.ours.is_told(columns) != self.theirs.is_told(columns)


def values_of_party(party: Party) -> list[Value]:
    """Return what is changed as one of a contact or company."""
    values = [Value((name,), (name,), name) for name in party.copied if name != "name"]
    values.append(Value(("name",), ("name", *Spelt._fields), "name"))
    if party.belongs:
        values.append(Value(("company_id",), ("company", "company_key"), "company", "company_uid"))
        values.append(Value(("referred_by_id",), ("referrer", "referrer_key"), "referred_by", "referred_by_uid"))
    return values


def values_of_activity(activity: Activity) -> list[Value]:
    """Return what is changed as one of a record that belongs to a contact."""
    grouped = {column for group in activity.as_one for column in group}
    groups = [*activity.as_one, *((column,) for column in activity.columns if column not in grouped)]
    return [Value(group, (*group, *_ALSO.get(group[0], ())), _FIELDS.get(group[0], group[0])) for group in groups]


def stage_versions(connection: sqlite3.Connection, rows: Iterable[tuple[int, Mapping[str, str]]]) -> None:
    """Note how old the records of a part of the file are."""
    connection.execute(f"CREATE TEMP TABLE {_TABLE}")
    connection.executemany(
        "INSERT INTO version VALUES (?, ?, ?, ?, ?)",
        (
            (
                number,
                cells.get("uid"),
                told_moment(cells, "created_at"),
                told_moment(cells, "updated_at"),
                _changed(cells),
            )
            for number, cells in rows
        ),
    )
    connection.execute(_FORMER)


def stamp_of(name: str) -> str:
    """Return the SQL of when the record of the row `i` was made or changed where it comes from; else the present."""
    return f"coalesce((SELECT {name} FROM version v WHERE v.row = i.row), :now)"


def weigh(
    tx: Transaction, table: str, values: Sequence[Value], told: Collection[str], find: Callable[[], None]
) -> None:
    """Take out of the rows what is older than what is here, and empty what was emptied there since.

    `told`: the fields of the file. `find` notes in `changed` which records differ from their rows.
    """
    connection = tx.connection
    emptied: list[tuple[int, int]] = []
    optional = _optional(connection, table)
    less = [
        f'r."{column}" IS NOT NULL AND i."{name}" IS NULL'
        for value in values
        for column in value.columns
        for name in _saying(value, column)[:1]
        if column in optional
    ]
    if "fields" in told:
        less.append("r.fields IS NOT coalesce(i.fields, '{}')")
    weighed = connection.execute(_WEIGHED.format(table=table, less=" OR ".join(less))).fetchall()
    for row in map(dict, weighed):
        pair = _Pair(
            dict(connection.execute(f"SELECT * FROM {table} WHERE id = :id", row).fetchone()),
            dict(connection.execute("SELECT * FROM incoming WHERE row = :row", row).fetchone()),
            _ours(connection, table, row["id"]),
            _age(row["created_at"], row["updated_at"], row["changed"]),
        )
        _leave_out(connection, table, pair, values)
        if not pair.is_known:
            continue
        gone: dict[str, str | None] = {name: None for name in _gone(pair, values, told) if name in optional}
        gone |= _custom_gone(pair) if "fields" in told else {}
        if gone:
            connection.executemany("INSERT INTO emptied VALUES (?, ?, ?)", _lost(connection, pair, gone))
            _empty(connection, table, row["id"], gone, row["updated_at"])
            emptied.append((row["id"], row["row"]))
    if weighed:
        connection.execute("DELETE FROM changed")
        find()
        connection.executemany("INSERT OR IGNORE INTO changed VALUES (?, ?)", emptied)


def weigh_cells(tx: Transaction, record: str, cells: dict[str, str], *, may_empty: bool) -> tuple[dict[str, str], bool]:
    """Return what a record that is written by itself says, but for what is newer here; and whether that emptied any."""
    connection = tx.connection
    table = TABLES.get(record, "")
    key = KEYS.get(table, ("uid",))
    which = " AND ".join(f"\"{name}\" IS nullif(?, '')" for name in key)
    known = [cells.get(name, "") for name in key]
    found = table and connection.execute(f"SELECT * FROM {table} WHERE {which}", known).fetchone()
    if not found:
        return cells, False
    here: dict[str, Any] = dict(found)
    updated_at = told_moment(cells, "updated_at")
    theirs = _age(told_moment(cells, "created_at"), updated_at, _changed(cells))
    pair = _Pair(here, cells, _ours(connection, table, here["id"]), theirs)
    fields = {column: _FIELDS.get(f"{table}.{column}", column) for column in here.keys() - {"id", *key, *STAMPS}}
    fields = {column: field for column, field in fields.items() if field in cells}
    older = {field: said(here, column) for column, field in fields.items() if pair.is_older((column,), (here[column],))}
    empty = dict.fromkeys(_optional(connection, table)) | _EMPTY if may_empty else {}
    gone = {
        column: empty[column]
        for column in fields.keys() & empty.keys()
        if here[column] != empty[column] and not cells[fields[column]] and pair.is_newer((column,))
    }
    if gone:
        _empty(connection, table, here["id"], gone, updated_at)
    return cells | older, bool(gone)


def _leave_out(connection: sqlite3.Connection, table: str, pair: _Pair, values: Sequence[Value]) -> None:
    """Take out of a row, and of its links, what is older than the record."""
    older = [value for value in values if pair.is_older(value.columns, map(pair.record.get, value.columns))]
    blanks = {name: _BLANK.get(name, "NULL") for value in older for name in value.staged}
    custom = json.loads(pair.said.get("fields") or "{}")
    held = json.loads(pair.record.get("fields") or "{}")
    left = {name: value for name, value in custom.items() if not pair.is_older((CUSTOM + name,), (held.get(name),))}
    if left != custom:
        blanks["fields"] = ":fields"
    if blanks:
        sets = ", ".join(f'"{name}" = {sql}' for name, sql in blanks.items())
        fields = json.dumps(left, ensure_ascii=False) if left else None
        connection.execute(f"UPDATE incoming SET {sets} WHERE row = :row", {"row": pair.said["row"], "fields": fields})
    links = ((table, pair.said["uid"], value.link) for value in older if value.link)
    connection.executemany("DELETE FROM link WHERE record = ? AND uid = ? AND field = ?", links)


def _gone(pair: _Pair, values: Sequence[Value], told: Collection[str]) -> list[str]:
    """Return the columns of the record that became empty where the row comes from."""
    newer = [value for value in values if value.field in told and pair.is_newer(value.columns)]
    return [
        column
        for value in newer
        for column in value.columns
        if pair.record[column] is not None and all(pair.said[name] is None for name in _saying(value, column))
    ]


def _optional(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the columns of a table that may be empty."""
    return {name for (name,) in connection.execute(_OPTIONAL, (table,))}


def _saying(value: Value, column: str) -> tuple[str, ...]:
    """Return the columns of a row that say what a record has in one."""
    return (column,) if column in value.staged else value.staged


def _custom_gone(pair: _Pair) -> dict[str, str | None]:
    """Return the custom fields of the record without those that were unset where the row comes from, if there are."""
    held, said = (json.loads(row.get("fields") or "{}") for row in (pair.record, pair.said))
    left = {name: value for name, value in held.items() if name in said or not pair.is_newer((CUSTOM + name,))}
    return {"fields": json.dumps(left, ensure_ascii=False)} if left != held else {}


def _lost(
    connection: sqlite3.Connection, pair: _Pair, gone: Mapping[str, str | None]
) -> Iterator[tuple[int, str, Any]]:
    """Yield the row, the fields that become empty, and what they say until then."""
    row = pair.said["row"]
    for column, left in gone.items():
        if column == "fields":
            held, kept = json.loads(pair.record[column]), json.loads(left or "{}")
            yield from ((row, name, value) for name, value in held.items() if name not in kept)
        elif column in _NAMED:
            query = f"SELECT name FROM {_NAMED[column]} WHERE id = ?"
            yield row, column.removesuffix("_id"), connection.execute(query, (pair.record[column],)).fetchone()[0]
        else:
            yield row, column, pair.record[column]


def _empty(
    connection: sqlite3.Connection, table: str, id_: int, values: Mapping[str, str | None], updated_at: str | None
) -> None:
    """Give a record these values, as of the moment at which it was changed elsewhere."""
    sets = [f'"{name}" = :{name}' for name in values]
    if updated_at:
        sets.append("updated_at = max(updated_at, :stamp)")
    given = {**values, "stamp": updated_at, "id": id_}
    connection.execute(f"UPDATE {table} SET {', '.join(sets)} WHERE id = :id", given)


def _ours(connection: sqlite3.Connection, table: str, id_: int) -> Age:
    made = connection.execute(f"SELECT * FROM {table} WHERE id = ?", (id_,)).fetchone()
    return Age(dict(made).get("created_at", _NEVER), changes(connection, table, id_))


def _age(created_at: str | None, updated_at: str | None, changed: str | None) -> Age:
    """Return how old the values of a record elsewhere are: all as its last change where it doesn't say which that was.

    Without a stamp they are newer than anything.
    """
    if changed is None:
        return Age(updated_at or _ALWAYS, {})
    return Age(created_at or _NEVER, json.loads(changed))


def _changed(cells: Mapping[str, str]) -> str | None:
    """Return what a record says of its changes; None where it says nothing, or what no export writes."""
    if CHANGED not in cells:
        return None
    try:
        changed = json.loads(cells[CHANGED] or "{}")
        moments = {str(name): stored_text(at) for name, at in changed.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    return None if None in moments.values() else json.dumps(moments)
