"""One connection a process, to a file that only its owner can read; reads and writes share it.

Everything here is the standard library: commands that only read come no further.
"""

import os
import sqlite3
from errno import EACCES
from pathlib import Path

from crmcli.errors import NO_MORE_FILES, StoreError, no_more_files, reason_of
from crmcli.i18n import _
from crmcli.rules.shellwords import word
from crmcli.store.driver import open_file
from crmcli.store.waiting import BUSY_SECONDS, Waiting, code_of, is_busy

APPLICATION_ID = 0x43524D43
"""`CRMC`: tells our file from any other SQLite file."""

SCHEMA = 4
"""The schema this program works with, in the file's `user_version`; equals the newest migration's number."""

PAGE_SIZE = 8192
"""Bytes of a page of a new file that isn't encrypted: with SQLite's own 4096, an import takes about a tenth longer."""

REPLACED = -1
"""The schema of a file whose place another one takes with the same records: who waited for it must not write to it."""

_DOUBT_SECONDS = 2.0
"""So long it waits before it looks whether files can be locked at all there."""


def require_file(path: Path) -> None:
    """Refuse (StoreError) what can't be a database: nothing, a folder, a device, or a file without permission."""
    try:
        if path.is_dir():
            raise StoreError(
                _("{path} is a folder").format(path=path),
                hint=_("name a file, e.g. --db {path}").format(path=word(path / "crm.db")),
            )
        if not path.exists():
            raise StoreError(
                _("there is no database {path}").format(path=path), hint=_("name it with --db, or begin with: crm add")
            )
        if not path.is_file():
            raise StoreError(
                _("{path} is a device or a pipe, and no file").format(path=path), hint=_("name another file with --db")
            )
        if not os.access(path, os.R_OK):
            raise PermissionError(EACCES, os.strerror(EACCES), str(path))
    except OSError as error:
        raise store_error(error, path) from error


def connect(
    path: Path, *, like: Path | None = None, patience: float = BUSY_SECONDS, waiting: Waiting | None = None
) -> sqlite3.Connection:
    """Return a configured connection to an existing file, which waits so many seconds for others.

    `waiting` is told when one of them keeps the file to itself for a while.
    """
    connection = connect_plainly(path, like=like, patience=patience, waiting=waiting)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def connect_plainly(
    path: Path, *, like: Path | None = None, patience: float = BUSY_SECONDS, waiting: Waiting | None = None
) -> sqlite3.Connection:
    """Return a connection as SQLite gives it, only for reading where the file's folder can't be written.

    SQLite needs its log beside the file to read it. Where nobody can write one, the file holds everything by itself.
    """
    closed = not os.access(path.absolute().parent, os.W_OK) and not os.access(f"{path}-wal", os.F_OK)
    mode = "ro&immutable=1" if closed else ""
    connection: sqlite3.Connection | None = None
    try:
        connection = open_file(path, like=like, timeout=min(_DOUBT_SECONDS, patience), mode=mode)
        connection.execute("PRAGMA schema_version")  # takes a lock, for a moment
    except sqlite3.Error as error:
        if connection:
            connection.close()
        _adapt(path, error)
        if waiting and is_busy(error):
            waiting()
        connection = open_file(path, like=like, timeout=patience, mode=mode)
    connection.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")
    return connection


def _adapt(path: Path, error: sqlite3.Error) -> None:
    """Do without a log where the disk can't have one; refuse (StoreError) a disk on which nothing can be locked."""
    from crmcli.store.network import NO_SHARED_MEMORY, has_locks, switch_log_off

    if code_of(error) in NO_SHARED_MEMORY:
        switch_log_off(path)
    if is_busy(error) and not has_locks(path.resolve().parent):
        raise StoreError(
            _("{path} can't be locked: its disk has no locks").format(path=path),
            hint=_("move it to a disk of this machine, and name it with --db"),
        )


def schema_of(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema of a database of ours, 0 for an empty file.

    Raises StoreError when it was made by another program, or by a newer version of this one.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version == REPLACED:
        raise just_replaced(path)
    ours = _is_ours(connection)
    if ours and version > SCHEMA:
        raise StoreError(
            _("{path} was made by a newer crm (schema {version}, this one knows {known})").format(
                path=path, version=version, known=SCHEMA
            ),
            hint=_("upgrade: pip install --upgrade crmcli"),
        )
    used = not ours and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if used and not _is_ours(connection):  # asked again: another process may have made it just now
        raise StoreError(
            _("{path} is a database of another program").format(path=path), hint=_("name another file with --db")
        )
    return version if ours else 0


def _is_ours(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)


def just_replaced(path: Path) -> StoreError:
    """Return the error for a file whose place another one took while it was looked at."""
    return StoreError(_("{path} has just been replaced").format(path=path), hint=_("try again"))


def store_error(error: BaseException, path: Path | str) -> StoreError:
    """Return what SQLite or the system said as a StoreError with what to do about it."""
    text = reason_of(error).lower()  # a path may well have one of these words
    if "unable to open" in text and _few_files_left():
        return no_more_files()
    taken = next((name for name in (f"{path}-wal", f"{path}-shm", f"{path}-journal") if os.path.isdir(name)), "")  # noqa: PTH112 - this one never raises
    if taken:
        return StoreError(_("{path} is a folder").format(path=taken), hint=_("SQLite needs this name: move it away"))
    if isinstance(error, FileExistsError):
        return StoreError(
            _("{path} is a file and no folder").format(path=error.filename or path), hint=_("name a folder")
        )
    if _was_moved(error, path):  # restore, while this one waited
        return StoreError(
            _("{path} was replaced by another file meanwhile").format(path=path),
            hint=_("nothing was written; try again"),
        )
    for part, message, hint in (
        ("locked", _("{path} is locked by another program"), _("wait until it has finished, then try again")),
        ("full", _("no space left for {path}"), _("free some space; nothing was written")),
        ("no space", _("no space left for {path}"), _("free some space; nothing was written")),
        ("quota", _("no space left for {path}"), _("free some space; nothing was written")),
        ("too large", _("the system did not let {path} be written"), _("check free space, ulimit -f and the disk")),
        ("disk i/o", _("the system did not let {path} be written"), _("check free space, ulimit -f and the disk")),
        ("readonly", _("{path} can't be written"), _("check the permissions of the file and its folder")),
        ("read-only", _("{path} can't be written"), _("check the permissions of the file and its folder")),
        ("permission", _("no permission for {path}"), _("check the permissions of the file and its folder")),
        ("unable to open", _("{path} can't be opened"), _("check that the folder exists and can be written")),
        ("not a directory", _("{path} can't be opened"), _("check that the folder exists and can be written")),
        ("not a database", _("{path} is not a database"), _("name another file with --db, or restore a backup")),
        ("is malformed", _("{path} is damaged"), _("restore a backup; keep the damaged file")),
        ("malformed database", _("{path} is damaged"), _("restore a backup; keep the damaged file")),
    ):
        if part in text:
            return StoreError(message.format(path=path), hint=hint)
    return StoreError(
        _("{path} can't be used: {reason}").format(path=path, reason=reason_of(error)),
        hint=_("check the file and its folder"),
    )


def _few_files_left() -> bool:
    """Return whether the system lets fewer files be opened than a database consists of, which SQLite does not say."""
    null = Path(os.devnull)
    try:
        with null.open("rb"), null.open("rb"), null.open("rb"):
            return False
    except OSError as error:
        return error.errno in NO_MORE_FILES


def _was_moved(error: BaseException, path: Path | str) -> bool:
    """Return whether another file has taken the place of one that was to be written."""
    if code_of(error) == sqlite3.SQLITE_READONLY:  # SQLCipher's library says no more
        return all(os.access(place, os.W_OK) for place in (path, Path(path).absolute().parent))
    return code_of(error) == sqlite3.SQLITE_READONLY_DBMOVED
