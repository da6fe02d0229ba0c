"""The rows of the file, normalised, in temporary tables: everything that follows is SQL over them.

SQLite keeps temporary tables in a file of its own, so that a million rows need no more memory than a thousand.
"""

import gc
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from typing import Any, NamedTuple, Protocol

from crmcli.exchange.csvfile import Row
from crmcli.services.importing.ahead import can_read_ahead, read_ahead
from crmcli.services.importing.plan import Plan, RejectedError
from crmcli.services.importing.words import Words
from crmcli.store.search import INDEX

_BATCH = 1_000
"""Rows; more saves nothing measurable, and the process that writes waits for the first of them."""

_AT_ONCE = 25
"""Rows of the narrow tables that a statement writes: going to and fro for each would be a third of the time."""
_WIDE = ("incoming", INDEX)
"""Here it saves nothing; and the index would have to be written out before each statement of several rows."""

_TABLES = (
    (
        "incoming_point (row INTEGER, place INTEGER, kind TEXT, label TEXT, value TEXT, key TEXT, digits TEXT, "
        "PRIMARY KEY (row, place)) WITHOUT ROWID"
    ),
    "incoming_tag (row INTEGER, place INTEGER, name TEXT, key TEXT, PRIMARY KEY (row, place)) WITHOUT ROWID",
    "recurring (tier INTEGER, key TEXT)",
    "incoming_cells (row INTEGER PRIMARY KEY, cells TEXT)",
    "rejected (row INTEGER PRIMARY KEY, field TEXT, value TEXT, message TEXT)",
    "forgotten (row INTEGER PRIMARY KEY)",
    "match (row INTEGER, target INTEGER, tier INTEGER, PRIMARY KEY (row, target)) WITHOUT ROWID",
    "made (id INTEGER PRIMARY KEY, row INTEGER)",
    "changed (id INTEGER PRIMARY KEY, row INTEGER)",
    "emptied (row INTEGER, field TEXT, value TEXT)",
)
"""`row` is the row's number as a spreadsheet shows it, `place` which of the row's it is. `recurring`: keys that several
rows have (see crmcli.services.importing.matching.keys). `match`: which records a row
may be, and by which tier of keys. `forgotten`: rows that were taken out again. `made` and `changed`: the records that
are written, and the row that they are written from. `emptied`: what the records of rows had in fields that were emptied
elsewhere."""

Values = Sequence[Any]
Sound = tuple[int, list[str]]
"""A row's number and its cells, as many as the header has."""


class Staged(NamedTuple):
    """One batch on its way into the tables."""

    rows: list[Values]
    points: list[Values]
    tags: list[Values]
    rejected: list[Values]

    def add_points(self, numbers: Iterable[int], points: Iterable[Sequence[Values]]) -> None:
        """Add the ways to reach somebody that rows have: kind, label, value, key and digits of each."""
        self.points.extend(_placed(numbers, points))

    def add_tags(self, numbers: Iterable[int], tags: Iterable[Sequence[Values]]) -> None:
        """Add the tags of rows: each with what it is compared by."""
        self.tags.extend(_placed(numbers, tags))

    def read_each(self, read: Callable[[int, list[str], "Staged"], None], rows: Iterable[Sound]) -> None:
        """Read rows one by one, and note those that can't be taken, for which `read` raises RejectedError."""
        for number, cells in rows:
            try:
                read(number, cells, self)
            except RejectedError as problem:
                self.rejected.append((number, problem.field, problem.value, problem.message))


Tables = dict[str, list[Values]]
"""What goes into which table; a table's columns may be named behind it."""

Batch = tuple[int, Tables, dict[tuple[str, str], str]]
"""Some rows as they are written: how many they are, their values, and the words that were new in them."""

Follower = Callable[[Tables], None]
"""Adds to each batch what more is to be written; it is called where the batch is read, one batch after the other."""


class Reader(Protocol):
    """Turns the cells of rows into values."""

    words: Words
    """Knows the codes in the cells."""
    columns: tuple[str, ...]
    """Of the table `incoming`, after `row`."""
    filled: tuple[str, ...]
    """Those of them that the file's rows can have: in this order they are read."""

    def read(self, rows: Sequence[Sound], staged: Staged) -> None:
        """Add the rows' values to the batch, or why they can't be taken."""


def stage(
    connection: sqlite3.Connection,
    rows: Iterable[Row],
    plan: Plan,
    reader: Reader,
    followers: Sequence[Follower] = (),
) -> int:
    """Read all rows into the temporary tables and return how many there were."""
    names = ", ".join(f'"{name}"' for name in reader.columns)
    for table in (f"incoming (row INTEGER PRIMARY KEY, {names})", *_TABLES):
        connection.execute(f"CREATE TEMP TABLE {table}")
    filled = "".join([f', "{name}"' for name in reader.filled])
    read = 0
    batches = (_read(batch, plan, reader, followers) for batch in _batches(rows))
    gc.disable()  # the rows are millions of small objects without cycles
    try:
        with closing(read_ahead(batches) if plan.long and can_read_ahead() else batches) as source:
            for count_read, tables, words in source:
                _write(connection, tables, filled)
                reader.words.new |= words
                read += count_read
                plan.progress(read)
    finally:
        gc.enable()
    return read


def _write(connection: sqlite3.Connection, tables: Tables, filled: str) -> None:
    """Write a batch; what no row can have is not even mentioned, which saves half the time."""
    for table, rows in tables.items():
        if table in _WIDE:
            _insert(connection, f"{table} (row{filled})" if table == "incoming" else table, rows)
        else:
            whole = len(rows) // _AT_ONCE * _AT_ONCE
            _insert(connection, table, rows[:whole], _AT_ONCE)
            _insert(connection, table, rows[whole:])


def _insert(connection: sqlite3.Connection, table: str, rows: list[Values], at_once: int = 1) -> None:
    """Insert rows with as many statements as it takes with so many `at_once`.

    The whole import fails with any of them (`OR FAIL`), so that none need be undone by itself: for that, the search
    index would have to be written out before each.
    """
    if rows:
        values = f"({', '.join('?' * len(rows[0]))})"
        some = (rows[start : start + at_once] for start in range(0, len(rows), at_once))
        connection.executemany(
            f"INSERT OR FAIL INTO {table} VALUES {', '.join([values] * at_once)}",
            rows if at_once == 1 else [list(chain.from_iterable(rows)) for rows in some],
        )


def count(connection: sqlite3.Connection, table: str) -> int:
    """Return how many rows a table, or a query in brackets, has."""
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def free_uids(connection: sqlite3.Connection, table: str) -> None:
    """Take the uid from the rows of new records whose uid is taken, in the table or further up in the file."""
    connection.execute("CREATE INDEX temp.incoming_uid ON incoming (uid)")
    first = "(SELECT min(o.row) FROM incoming o WHERE o.uid = incoming.uid)"
    connection.execute(
        "UPDATE incoming SET uid = NULL WHERE uid IS NOT NULL AND row NOT IN (SELECT row FROM match) "
        f"AND (uid IN (SELECT uid FROM {table}) OR row > {first})"
    )


def reject(connection: sqlite3.Connection, row: int, error: RejectedError) -> None:
    """Turn a row that is in the tables away."""
    connection.execute("INSERT INTO rejected VALUES (?, ?, ?, ?)", (row, error.field, error.value, error.message))
    forget(connection, row)


def forget(connection: sqlite3.Connection, row: int) -> None:
    """Take a row out of the tables."""
    connection.execute("INSERT OR IGNORE INTO forgotten VALUES (?)", (row,))
    for table in ("incoming", "incoming_point", "incoming_tag", "match"):
        connection.execute(f"DELETE FROM temp.{table} WHERE row = ?", (row,))


def _placed(numbers: Iterable[int], lists: Iterable[Sequence[Values]]) -> list[Values]:
    """Return what rows have several of, each with the number of its row and its place there."""
    rows = zip(numbers, lists, strict=True)
    return [(number, place, *item) for number, items in rows for place, item in enumerate(items)]


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while batch := list(islice(source, _BATCH)):
        yield batch


def _read(batch: list[Row], plan: Plan, reader: Reader, followers: Sequence[Follower]) -> Batch:
    """Return what is written of a batch: its values, and the rows that can't be taken with the reason."""
    staged = Staged([], [], [], [(number, "", "", error) for number, _cells, error in batch if error])
    reader.read([(number, cells) for number, cells, error in batch if not error], staged)
    kept: list[Values] = []
    if plan.keep_cells:
        kept += [(row.number, json.dumps(row.cells, ensure_ascii=False)) for row in batch]
    tables = {
        "incoming": staged.rows,
        "incoming_point": staged.points,
        "incoming_tag": staged.tags,
        "incoming_cells": kept,
        "rejected": staged.rejected,
    }
    for follow in followers:
        follow(tables)
    return len(batch), tables, reader.words.new
