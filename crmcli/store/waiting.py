"""Waiting for others: a file has one writer at a time, and who commits must not have lost it meanwhile."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crmcli.errors import StoreError
from crmcli.i18n import _
from crmcli.store.opened import Explicit

BUSY_SECONDS = 120.0
"""How long a command waits for another one's write before it gives up."""

_TOLD_SECONDS = 2.0
"""After so long somebody who looks on is told what it waits for."""

_POLLS = 25_600
"""256 parts of a hundredth of a second: at most so long nobody asks whether they may write."""

PATIENT = f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}"
"""How every connection waits for a lock where nothing here waits for it."""

Waiting = Callable[[], None]
"""Told once, where another process keeps this one from writing for a while."""


def begin_writing(connection: sqlite3.Connection, waiting: Waiting | None = None) -> None:
    """Begin a write transaction, once other processes have finished theirs."""
    patiently(connection, "BEGIN IMMEDIATE", waiting)


def commit(connection: sqlite3.Connection) -> None:
    """Commit a write transaction.

    Raises StoreError when the file is not where it was opened any more, be it that a program which synchronises folders
    put another one there, or that somebody moved it: what is written to it then is lost.
    """
    _require_in_place(connection, _("nothing was written; try again"))
    connection.execute("COMMIT")
    _require_in_place(connection, _("what was written may be lost: look before you do it again"))


def _require_in_place(connection: sqlite3.Connection, hint: str) -> None:
    if isinstance(connection, Explicit) and not connection.in_place():
        raise StoreError(
            _("{path} was moved, deleted or replaced meanwhile").format(path=connection.opened[0]), hint=hint
        )


def patiently(connection: sqlite3.Connection, statement: str, waiting: Waiting | None = None) -> None:
    """Execute a statement that takes a lock, once others have given theirs back; `waiting` is told if that takes long.

    SQLite's own waiting ends up asking ten times a second, while who comes anew asks a thousand times: among many
    writers, one would wait until it gives up. And to change the journal it does not wait at all. Here all ask alike.
    """
    with _impatient(connection):
        for last in _tries(waiting):
            try:
                connection.execute(statement)
            except sqlite3.OperationalError as error:
                if last or not is_busy(error):
                    raise
            else:
                return


def empty_log(connection: sqlite3.Connection, waiting: Waiting | None = None) -> bool:
    """Write all of the log into the file and leave nothing of it; return whether nobody kept it from that.

    Who reads or writes does, and who is at the same; `waiting` is told if that takes long.
    """
    with _impatient(connection):
        return any(
            not connection.execute("PRAGMA wal_checkpoint (TRUNCATE)").fetchone()[0] for _last in _tries(waiting)
        )


@contextmanager
def _impatient(connection: sqlite3.Connection) -> Iterator[None]:
    """Keep SQLite from waiting by itself."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        connection.execute(PATIENT)


def _tries(waiting: Waiting | None) -> Iterator[bool]:
    """Yield for each try whether it is the last."""
    began = time.monotonic()
    last = False
    while not last:
        waited = time.monotonic() - began
        last = waited > BUSY_SECONDS
        yield last
        if waiting and waited > _TOLD_SECONDS:
            waiting()
            waiting = None
        time.sleep(os.urandom(1)[0] / _POLLS)


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether SQLite says that another one has the lock."""
    return code_of(error) & 0xFF == sqlite3.SQLITE_BUSY


def code_of(error: BaseException) -> int:
    """Return SQLite's code for an error; 0 for one of its library in Python, which has none."""
    return int(getattr(error, "sqlite_errorcode", 0))
