"""Opening a database file: the one place that says which library does it, and how.

Everything else names `sqlite3` for its types and errors alone.
"""

import sqlite3
from pathlib import Path

_HEADER = b"SQLite format 3\0"


class Connection(sqlite3.Connection):
    """A connection on which only explicit SQL begins and ends transactions (see store/transaction.py).

    SQLAlchemy calls these two when it lets a connection go, which would end a transaction that isn't its own.
    """

    def commit(self) -> None:
        """Do nothing."""

    def rollback(self) -> None:
        """Do nothing."""


def open_file(path: Path, *, timeout: float = 5.0, mode: str = "") -> sqlite3.Connection:
    """Return a connection to a file, whose rows know their columns' names; raises sqlite3.Error.

    `timeout` is how many seconds it waits for others; `mode` is that of an SQLite URI, such as `ro`.
    """
    place = f"{path.absolute().as_uri()}?mode={mode}" if mode else path
    connection = sqlite3.connect(place, timeout=timeout, isolation_level=None, factory=Connection, uri=bool(mode))
    connection.row_factory = sqlite3.Row
    return connection


def has_header(path: Path) -> bool:
    """Return whether the file begins as SQLite's do; where it doesn't, opening it would delete the log beside it."""
    return beginning(path, len(_HEADER)) == _HEADER


def beginning(path: Path, size: int) -> bytes:
    """Return the first bytes of a file, fewer where it ends or can't be read."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return b""
