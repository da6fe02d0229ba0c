"""What this process has open: connections, and descriptors of their files, which must not be closed before them."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from weakref import WeakSet

Connected = TypeVar("Connected", bound=sqlite3.Connection)

_connections: "WeakSet[Explicit]" = WeakSet()
"""Those of this process that are open."""
_kept: dict[tuple[int, int], int] = {}
"""Descriptors of files that are open as databases, too (see `reading`), by file."""


class Explicit:
    """A connection on which only explicit SQL begins and ends transactions (see store/transaction.py).

    SQLAlchemy calls these two when it lets a connection go, which would end a transaction that isn't its own.
    """

    opened: "tuple[Path, tuple[int, int] | None]"
    """The path that was opened, and which file was there."""

    def note(self, path: Path) -> None:
        """Note that this path has been opened."""
        self.opened = (path, file_at(path))
        _connections.add(self)

    def in_place(self) -> bool:
        """Return whether that file still is there: SQLite goes on writing to one that nobody will find again."""
        path, file = self.opened
        return file_at(path) == file

    def close(self) -> None:
        """Close the connection: the file is not open here as a database any more, but for others."""
        super().close()  # type: ignore[misc]  # that of the library's class
        _connections.discard(self)

    def commit(self) -> None:
        """Do nothing."""

    def rollback(self) -> None:
        """Do nothing."""


@contextmanager
def closed_if_it_fails(connection: Connected) -> Iterator[Connected]:
    """Yield a connection that has just been opened, and close it if what must be done first fails."""
    try:
        yield connection
    except BaseException:
        connection.close()
        raise


def file_at(path: Path) -> tuple[int, int] | None:
    """Return what tells the file of a path from any other of the machine; None when there is none."""
    try:
        return _identity(path.stat())
    except OSError:
        return None


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def beginning(path: Path, size: int) -> bytes:
    """Return the first bytes of a file, fewer where it ends or can't be read."""
    try:
        with reading(path) as file:
            return os.read(file, size)
    except OSError:
        return b""


@contextmanager
def reading(path: Path) -> Iterator[int]:
    """Yield a descriptor to read a file that may be open as a database; raises OSError.

    It stays open as long as the database does: whoever closes any descriptor of a file lets go of all locks that the
    process has on it, SQLite's too (https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
    Another process would take itself for the last one then, and delete the log that this one goes on writing to.
    """
    there = file_at(path)
    if there in _kept:
        file = _kept[there]
        os.lseek(file, 0, os.SEEK_SET)
    else:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        yield file
    finally:
        _let_go(file)


def _let_go(file: int) -> None:
    """Keep a descriptor while its file is open as a database; close all that are kept for nothing.

    Of two of one file, which only a file that is replaced at that moment has, the second stays open till the end.
    """
    _kept.setdefault(_identity(os.fstat(file)), file)
    used = {connection.opened[1] for connection in _connections} if os.name == "posix" else set()
    for unused in _kept.keys() - used:
        os.close(_kept.pop(unused))
