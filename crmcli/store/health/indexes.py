"""Whether SQLite's indexes fit their tables, by a sample: what `integrity_check` asks of every row takes seconds.

Every index must have as many entries as its table has rows for it, and an entry for each row of the sample.
"""

import re
import sqlite3
from contextlib import suppress
from typing import NamedTuple

_SAMPLE = 1_000
"""Rows of each table."""
_DECLARATION = re.compile(r"CREATE (?:UNIQUE )?INDEX \S+ ON \S+ \((.+?)\)(?: WHERE (.+))?", re.DOTALL)
_BETWEEN_KEYS = re.compile(r", *(?![^(]*\))")
"""A comma, but for those between the arguments of a function."""
_NO_WORDS = "name NOT LIKE 'search\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
"""The search index has tables and a check of its own."""


class _Index(NamedTuple):
    name: str
    keys: list[str]
    """Columns, or expressions; none when the declaration is not as ours are written."""
    where: str
    """Which rows are in it."""


def misfits(connection: sqlite3.Connection, turn: int) -> list[str]:
    """Return the names of the indexes that don't fit their tables; with every `turn` other rows are looked at."""
    tables = f"SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT wr AND {_NO_WORDS}"
    connection.execute("CREATE TEMP TABLE sample (id INTEGER PRIMARY KEY)")
    try:
        return [
            index.name
            for (name,) in connection.execute(tables).fetchall()
            for table in ('"{}"'.format(name.replace('"', '""')),)
            for index in _sampled(connection, name, table, turn)
            if not _suits(connection, table, index)
        ]
    finally:
        connection.execute("DROP TABLE temp.sample")


def _sampled(connection: sqlite3.Connection, name: str, table: str, turn: int) -> list[_Index]:
    """Choose rows of a table, whose name is quoted in `table`, and return its indexes."""
    newest = connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()[0]
    step = max(1, newest // _SAMPLE)
    connection.execute("DELETE FROM temp.sample")
    chosen = ((id_,) for id_ in range(turn % step + 1, newest + 1, step))
    connection.executemany("INSERT INTO temp.sample VALUES (?)", chosen)
    declared = "SELECT name, sql FROM main.sqlite_master WHERE type = 'index' AND tbl_name = ?"
    return [_index(connection, index, sql) for index, sql in connection.execute(declared, (name,)).fetchall()]


def _index(connection: sqlite3.Connection, name: str, sql: str | None) -> _Index:
    """Return an index as it was declared; one that a UNIQUE constraint brings has no declaration of its own."""
    if sql:
        declared = _DECLARATION.fullmatch(sql)
        return _Index(name, _BETWEEN_KEYS.split(declared[1]), declared[2] or "1") if declared else _Index(name, [], "1")
    columns = connection.execute("SELECT name FROM pragma_index_info(?)", (name,)).fetchall()
    return _Index(name, [f'"{column}"' for (column,) in columns], "1")


def _suits(connection: sqlite3.Connection, table: str, index: _Index) -> bool:
    """Return whether an index fits; SQLite says it of one that somebody else declared in a way not understood here."""
    if index.keys:
        with suppress(sqlite3.OperationalError):
            return _fits(connection, table, index)
    return bool(connection.execute(f"PRAGMA integrity_check({table})").fetchone()[0] == "ok")


def _fits(connection: sqlite3.Connection, table: str, index: _Index) -> bool:
    """Return whether an index has as many entries as there are rows for it, and those of the sample."""
    counts = {
        connection.execute(f"SELECT count(*) FROM {table} {way} WHERE {index.where}").fetchone()[0]
        for way in ("NOT INDEXED", f'INDEXED BY "{index.name}"')
    }
    values = ", ".join(f"{key} AS k{number}" for number, key in enumerate(index.keys))
    same = " AND ".join(f"{key} IS s.k{number}" for number, key in enumerate(index.keys))
    lost = connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM (SELECT rowid AS number, {values} FROM {table} NOT INDEXED "
        f"WHERE rowid IN (SELECT id FROM temp.sample) AND {index.where}) s WHERE NOT EXISTS "
        f'(SELECT 1 FROM {table} t INDEXED BY "{index.name}" WHERE {same} AND t.rowid = s.number AND {index.where}))'
    ).fetchone()[0]
    return len(counts) == 1 and not lost
