"""Saving what a damaged database still holds into a new one, and saying what was lost.

Rows are read page by page (`store/pages.py`). Pages whose table is not known any more tell it by the shape of their
rows. What is missing then comes from the journal, which keeps rows as they were written; of contacts that are lost but
still have records a namesake is made, so that those can be read. The derived parts are made anew.
"""

import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.errors import ConflictError, StoreError
from crmcli.i18n import _
from crmcli.store.backup import inspect
from crmcli.store.connection import APPLICATION_ID, SCHEMA, require_file, store_error
from crmcli.store.driver import open_file, required_key
from crmcli.store.health.records import dangling, mend_fields, mend_references
from crmcli.store.network import switch_log_on
from crmcli.store.pages import PageFile, Row, Value
from crmcli.store.presets import load_preset
from crmcli.store.schema import JOURNALLED, create_tables, make_derived
from crmcli.store.sealed import SealedPages, is_sealed
from crmcli.when.stored import moment_text

_NOT_SAVED = ("journal_state", "alembic_version")
"""Tables that say how the file itself is."""
_MASTER = ("type", "name", "tbl_name", "rootpage", "sql")
_KINDS: dict[str, type | tuple[type, ...]] = {"INTEGER": int, "TEXT": str, "REAL": (float, int)}


class Salvaged(NamedTuple):
    """What became of one table."""

    table: str
    read: int
    restored: int
    """How many came back from the journal."""
    lost: int
    """How many were there, as far as the journal and other records tell, and are gone."""


class _Column(NamedTuple):
    name: str
    type: str
    required: bool
    key: bool
    """Whether it is the row's id, which is not among the values."""


Layouts = dict[str, list[_Column]]
"""How the rows of each table look."""


def salvage(database: Path, new: Path, now: datetime, *, dry_run: bool = False) -> list[Salvaged]:
    """Save what can be read of a damaged database, which stays as it is, into a new file; return what became of it.

    The new one has the same key. Raises StoreError when nothing can be read or there is no place to write,
    ConflictError when the new file is there already.
    """
    if new.exists():
        raise ConflictError(_("{path} is there already").format(path=new), hint=_("name a new file"))
    require_file(database)
    try:
        key = required_key(database) if is_sealed(database) else ""
        pages = SealedPages(database, key) if key else PageFile(database)
        with tempfile.TemporaryDirectory(prefix=f".{database.name}.salvage-", dir=new.parent) as folder:
            path = Path(folder) / new.name
            path.touch(mode=0o600)
            with closing(open_file(path, key=key)) as connection:
                results = _filled(connection, pages, now)
                if not any(result.read for result in results):
                    raise StoreError(
                        _("nothing in {path} can be read").format(path=database),
                        hint=_("restore a backup: crm restore FILE"),
                    )
                switch_log_on(connection, path)
            inspect(path, called=new, key=key)
            if not dry_run:
                path.rename(new)
    except (OSError, sqlite3.Error) as error:
        raise store_error(error, new) from error
    return results


def _filled(connection: sqlite3.Connection, pages: PageFile, now: datetime) -> list[Salvaged]:
    """Make a database of what the pages hold, in one transaction."""
    connection.execute("PRAGMA foreign_keys = OFF")  # a row may come before the one that it points at
    connection.execute("BEGIN")
    create_tables(connection)
    layouts = {table: _layout(connection, table) for table in _tables(connection)}
    read = _read_tables(connection, pages, layouts)
    restored = {table: _from_journal(connection, table) for table in JOURNALLED}
    lost = _lost(connection)
    lost["change_row"] += _drop_spoilt_images(connection)
    lost["change"] = _name_changes(connection)
    lost["contact"] = max(lost["contact"], _name_contacts(connection, now))
    load_preset(connection, "general")
    while dangling(connection):
        mend_references(connection)
    mend_fields(connection)
    make_derived(connection)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA}")
    connection.execute("COMMIT")
    counts = ((table, read[table], restored.get(table, 0), lost[table]) for table in layouts)
    return [Salvaged(*count) for count in counts if any(count[1:])]


def _tables(connection: sqlite3.Connection) -> list[str]:
    """Return the tables that are saved, in the order in which they were made."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    return [row[0] for row in rows if row[0] not in _NOT_SAVED]


def _read_tables(connection: sqlite3.Connection, pages: PageFile, known: Layouts) -> dict[str, int]:
    """Insert the rows of every table, first those whose place is known; return how many of each."""
    roots, layouts = _declared(pages, known)
    read: dict[str, int] = defaultdict(int)
    for table, root in roots.items():
        rows = pages.walk(root)
        if table in layouts:
            read[table] += _insert(connection, table, layouts[table], rows)
        else:
            for _row in rows:  # only to know whose pages these are
                pass
    pages.skip_free()
    for number in list(pages.unseen()):
        found = list(pages.rows(number))
        fitting = [table for table, layout in layouts.items() if all(_fits(row, layout) for row in found)]
        if found and len(fitting) == 1:
            read[fitting[0]] += _insert(connection, fitting[0], layouts[fitting[0]], iter(found))
    return read


def _declared(pages: PageFile, known: Layouts) -> tuple[dict[str, int], Layouts]:
    """Return where every table begins and how its rows look, as the file says, else as a new database has them."""
    roots: dict[str, int] = {}
    layouts = {**known}
    declarations = list(pages.walk(1))
    for number in list(pages.unseen()):  # pages of the declarations whose way there is lost
        declarations += [row for row in pages.rows(number) if _is_declaration(row)]
    for row in declarations:
        if _is_declaration(row) and row.values[0] == "table":
            _type, name, _of, root, sql = row.values
            roots[str(name)] = int(root) if isinstance(root, int) else 0
            if name in layouts and isinstance(sql, str):
                layouts[str(name)] = _layout_of(sql, str(name)) or layouts[str(name)]
    return roots, layouts


def _is_declaration(row: Row) -> bool:
    kinds = ("table", "index", "view", "trigger")
    return len(row.values) == len(_MASTER) and row.values[0] in kinds and isinstance(row.values[1], str)


def _layout_of(sql: str, table: str) -> list[_Column]:
    """Return the columns that a CREATE TABLE statement declares; none when it is damaged."""
    with closing(sqlite3.connect(":memory:")) as scratch, suppress(sqlite3.Error):
        scratch.execute(sql)
        return _layout(scratch, table)
    return []


def _layout(connection: sqlite3.Connection, table: str) -> list[_Column]:
    rows = connection.execute('SELECT name, type, "notnull", pk FROM pragma_table_info(?)', (table,)).fetchall()
    return [_Column(row[0], row[1], bool(row[2]), bool(row[3]) and row[1] == "INTEGER") for row in rows]


def _fits(row: Row, layout: list[_Column]) -> bool:
    """Return whether a row can be one of this table's."""
    return len(row.values) == len(layout) and all(
        value is None if column.key else _is_of(value, column) for value, column in zip(row.values, layout, strict=True)
    )


def _is_of(value: Value, column: _Column) -> bool:
    return not column.required if value is None else isinstance(value, _KINDS.get(column.type, object))


def _insert(connection: sqlite3.Connection, table: str, layout: list[_Column], rows: Iterator[Row]) -> int:
    """Insert rows that fit the table of today and are not there yet; return how many."""
    known = {column.name for column in _layout(connection, table)}
    kept = [index for index, column in enumerate(layout) if column.name in known]
    names = ", ".join(f'"{layout[index].name}"' for index in kept)
    marks = ", ".join("?" * len(kept))

    def values() -> Iterator[list[Any]]:
        for row in rows:
            padded = [*row.values, *[None] * (len(layout) - len(row.values))]
            if _fits(Row(row.id, padded), layout):
                yield [row.id if layout[index].key else padded[index] for index in kept]

    return connection.executemany(f'INSERT OR IGNORE INTO "{table}" ({names}) VALUES ({marks})', values()).rowcount


_LAST = (
    "SELECT entity_id AS id, after FROM change_row r WHERE entity = '{table}' AND NOT EXISTS "
    "(SELECT 1 FROM change_row l WHERE l.entity = r.entity AND l.entity_id = r.entity_id AND l.id > r.id)"
)
"""Every record of a table that the journal knows, as it was left; `after` is NULL when it was deleted."""


def _from_journal(connection: sqlite3.Connection, table: str) -> int:
    """Insert what is missing from a table and the journal remembers; return how many records."""
    names = [column.name for column in _layout(connection, table)]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(f"json_extract(after, '$.{name}')" for name in names)
    return connection.execute(
        f"INSERT OR IGNORE INTO {table} ({columns}) SELECT {values} FROM ({_LAST.format(table=table)}) "
        f"WHERE json_valid(after) AND id NOT IN (SELECT id FROM {table})"
    ).rowcount


def _lost(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many records of each table the journal knows of that are gone, though nobody deleted them."""
    lost: dict[str, int] = defaultdict(int)
    for table in JOURNALLED:
        gone = f"FROM ({_LAST.format(table=table)}) WHERE after IS NOT NULL AND id NOT IN (SELECT id FROM {table})"
        lost[table] = connection.execute(f"SELECT count(*) {gone}").fetchone()[0]
    for table, first, last in connection.execute("SELECT entity, first_id, last_id FROM change_range").fetchall():
        if table in JOURNALLED:
            here = connection.execute(f"SELECT count(*) FROM {table} WHERE id BETWEEN ? AND ?", (first, last))
            known = connection.execute(
                "SELECT count(DISTINCT entity_id) FROM change_row WHERE entity = ? AND entity_id BETWEEN ? AND ? "
                f"AND entity_id NOT IN (SELECT id FROM {table})",
                (table, first, last),
            )
            lost[table] += last - first + 1 - here.fetchone()[0] - known.fetchone()[0]
    newest, count = connection.execute("SELECT coalesce(max(id), 0), count(*) FROM change_row").fetchone()
    lost["change_row"] = newest - count
    return lost


def _drop_spoilt_images(connection: sqlite3.Connection) -> int:
    """Delete rows of the journal that can't be read, in which history and undo would end; return how many."""
    spoilt = " OR ".join(f'("{image}" IS NOT NULL AND NOT json_valid("{image}"))' for image in ("before", "after"))
    return connection.execute(f"DELETE FROM change_row WHERE {spoilt}").rowcount


def _name_changes(connection: sqlite3.Connection) -> int:
    """Make a change for what was recorded in one that is lost, dated as the one before it; return how many."""
    return connection.execute(
        "INSERT INTO change (id, at, actor, command) SELECT id, coalesce((SELECT max(at) FROM change c WHERE c.id < "
        "missing.id), (SELECT min(at) FROM change), '1970-01-01T00:00:00Z'), '?', '?' FROM ("
        "SELECT change_id AS id FROM change_row UNION SELECT change_id FROM change_range EXCEPT SELECT id FROM change"
        ") AS missing"
    ).rowcount


def _name_contacts(connection: sqlite3.Connection, now: datetime) -> int:
    """Make a contact, named by its number, wherever records belong to one that is lost; return how many."""
    referring = " UNION ".join(
        f"SELECT {column} FROM {table}"
        for table in _tables(connection)
        for column, to, on_delete in connection.execute(
            'SELECT "from", "table", on_delete FROM pragma_foreign_key_list(?)', (table,)
        ).fetchall()
        if to == "contact" and on_delete == "CASCADE"
    )
    return connection.execute(
        "INSERT INTO contact (id, uid, name, name_key, sort_key, fields, created_at, updated_at) "
        "SELECT contact_id, lower(hex(randomblob(16))), '? ' || contact_id, '? ' || contact_id, '? ' || contact_id, "
        "'{}', :now, :now FROM "
        f"({referring} EXCEPT SELECT id FROM contact) WHERE contact_id IS NOT NULL",
        {"now": moment_text(now)},
    ).rowcount
