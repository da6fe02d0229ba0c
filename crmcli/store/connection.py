"""One connection a process, to a file that only its owner can read; reads and writes share it.

Everything here is the standard library: commands that only read come no further.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from errno import EACCES
from pathlib import Path

from crmcli.config import private_folder
from crmcli.errors import NO_MORE_FILES, StoreError, no_more_files, reason_of
from crmcli.i18n import _
from crmcli.store.driver import Explicit, open_file

APPLICATION_ID = 0x43524D43
"""`CRMC`: tells our file from any other SQLite file."""

SCHEMA = 4
"""The schema this program works with, in the file's `user_version`; equals the newest migration's number."""

PAGE_SIZE = 8192
"""Bytes of a page of a new file that isn't encrypted: with SQLite's own 4096, an import takes about a tenth longer."""

REPLACED = -1
"""The schema of a file whose place another one takes with the same records: who waited for it must not write to it."""

BUSY_SECONDS = 120.0
"""How long a command waits for another one's write before it gives up."""

_TOLD_SECONDS = 2.0
"""After so long somebody who looks on is told what it waits for."""
_DOUBT_SECONDS = 2.0
"""So long it waits before it looks whether files can be locked at all there."""
_PATIENT = f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}"

_POLLS = 25_600
"""256 parts of a hundredth of a second: at most so long nobody asks whether they may write."""

_EMPTYING_SECONDS, _PAUSE_SECONDS = 5.0, 0.05
"""How long another process that empties the log may take, and how often it is asked."""

Waiting = Callable[[], None]
"""Told once, where another process keeps this one from writing for a while."""

Announce = Callable[[Path], None]
"""Told before an older database is brought up to date, which can take minutes: where a copy of it is kept."""


def open_database(
    path: Path, *, create: bool = True, like: Path | None = None, upgrading: Announce | None = None
) -> sqlite3.Connection:
    """Open the database, migrating it where needed, and return the connection; where there is none, `create` one.

    A new one is encrypted when the one is that it is to be `like`, or else when a key is set.
    Raises StoreError when it can't be used: not there, a folder, a device, no permission, not ours, damaged, made by a
    newer version, or encrypted with another key.
    """
    try:
        if create and not path.exists():
            _create_private(path)
        require_file(path)
        connection = connect(path, like=like)
        if schema_of(connection, path) != SCHEMA:
            from crmcli.store.schema import bring_up_to_date

            bring_up_to_date(connection, path, upgrading)
    except (sqlite3.Error, OSError) as error:
        raise store_error(error, path) from error
    return connection


def open_as_it_is(path: Path) -> sqlite3.Connection | None:
    """Return a connection to a database of this program's schema; None where there is none: nothing is made."""
    if not path.is_file() or not path.stat().st_size:
        return None
    connection = connect(path)
    if schema_of(connection, path) == SCHEMA:
        return connection
    connection.close()
    return None


def require_file(path: Path) -> None:
    """Refuse (StoreError) what can't be a database: nothing, a folder, a device, or a file without permission."""
    try:
        if path.is_dir():
            raise StoreError(
                _("{path} is a folder").format(path=path),
                hint=_("name a file, e.g. --db {path}/crm.db").format(path=path),
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


def connect(path: Path, *, like: Path | None = None) -> sqlite3.Connection:
    """Return a configured connection to an existing file."""
    connection = connect_plainly(path, like=like)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def connect_plainly(path: Path, *, like: Path | None = None) -> sqlite3.Connection:
    """Return a connection as SQLite gives it, only for reading where the file's folder can't be written.

    SQLite needs its log beside the file to read it. Where nobody can write one, the file holds everything by itself.
    """
    closed = not os.access(path.absolute().parent, os.W_OK) and not os.access(f"{path}-wal", os.F_OK)
    mode = "ro&immutable=1" if closed else ""
    connection: sqlite3.Connection | None = None
    try:
        connection = open_file(path, like=like, timeout=_DOUBT_SECONDS, mode=mode)
        connection.execute("PRAGMA schema_version")  # takes a lock, for a moment
    except sqlite3.Error as error:
        if connection:
            connection.close()
        _adapt(path, error)
        connection = open_file(path, like=like, timeout=BUSY_SECONDS, mode=mode)
    connection.execute(_PATIENT)
    return connection


def _adapt(path: Path, error: sqlite3.Error) -> None:
    """Do without a log where the disk can't have one; refuse (StoreError) a disk on which nothing can be locked."""
    from crmcli.store.network import NO_SHARED_MEMORY, has_locks, switch_log_off

    if _code(error) in NO_SHARED_MEMORY:
        switch_log_off(path)
    if _is_busy(error) and not has_locks(path.resolve().parent):
        raise StoreError(
            _("{path} can't be locked: its disk has no locks").format(path=path),
            hint=_("move it to a disk of this machine, and name it with --db"),
        )


def _is_busy(error: sqlite3.Error) -> bool:
    return _code(error) & 0xFF == sqlite3.SQLITE_BUSY


def _code(error: BaseException) -> int:
    """Return SQLite's code for an error; 0 for one of its library in Python, which has none."""
    return int(getattr(error, "sqlite_errorcode", 0))


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
    began = time.monotonic()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                connection.execute(statement)
            except sqlite3.OperationalError as error:
                waited = time.monotonic() - began
                if not _is_busy(error) or waited > BUSY_SECONDS:
                    raise
                if waiting and waited > _TOLD_SECONDS:
                    waiting()
                    waiting = None
            else:
                break
            time.sleep(os.urandom(1)[0] / _POLLS)
    finally:
        connection.execute(_PATIENT)


def empty_log(connection: sqlite3.Connection) -> bool:
    """Write all of the log into the file and leave nothing of it; return whether nobody kept it from that.

    SQLite waits for readers and writers, but not for another process that is at the same, which takes a moment.
    """
    give_up = time.monotonic() + _EMPTYING_SECONDS
    while connection.execute("PRAGMA wal_checkpoint (TRUNCATE)").fetchone()[0]:
        if time.monotonic() > give_up:
            return False
        time.sleep(_PAUSE_SECONDS)
    return True


def _create_private(path: Path) -> None:
    """Create an empty file that nobody else can read, and its folder likewise when it is missing."""
    private_folder(path.parent)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def schema_of(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema of a database of ours, 0 for an empty file.

    Raises StoreError when it was made by another program, or by a newer version of this one.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version == REPLACED:
        raise just_replaced(path)
    ours = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    if ours and version > SCHEMA:
        raise StoreError(
            _("{path} was made by a newer crm (schema {version}, this one knows {known})").format(
                path=path, version=version, known=SCHEMA
            ),
            hint=_("upgrade: pip install --upgrade crmcli"),
        )
    if not ours and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise StoreError(
            _("{path} is a database of another program").format(path=path), hint=_("name another file with --db")
        )
    return version if ours else 0


def just_replaced(path: Path) -> StoreError:
    """Return the error for a file whose place another one took while it was looked at."""
    return StoreError(_("{path} has just been replaced").format(path=path), hint=_("try again"))


def store_error(error: BaseException, path: Path | str) -> StoreError:
    """Return what SQLite or the system said as a StoreError with what to do about it."""
    text = str(error).lower()
    if "unable to open" in text and _few_files_left():
        return no_more_files()
    taken = next((name for name in (f"{path}-wal", f"{path}-shm", f"{path}-journal") if os.path.isdir(name)), "")  # noqa: PTH112 - this one never raises
    if taken:
        return StoreError(_("{path} is a folder").format(path=taken), hint=_("SQLite needs this name: move it away"))
    if _was_moved(error, path):  # restore, while this one waited
        return StoreError(
            _("{path} was replaced by another file meanwhile").format(path=path),
            hint=_("nothing was written; try again"),
        )
    for part, message, hint in (
        ("locked", _("{path} is locked by another program"), _("wait until it has finished, then try again")),
        ("full", _("no space left for {path}"), _("free some space; nothing was written")),
        ("no space", _("no space left for {path}"), _("free some space; nothing was written")),
        ("disk i/o", _("the system did not let {path} be written"), _("check free space, ulimit -f and the disk")),
        ("readonly", _("{path} can't be written"), _("check the permissions of the file and its folder")),
        ("read-only", _("{path} can't be written"), _("check the permissions of the file and its folder")),
        ("permission", _("no permission for {path}"), _("check the permissions of the file and its folder")),
        ("file exists", _("{path} is a file and no folder"), _("name a folder")),
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
    if _code(error) == sqlite3.SQLITE_READONLY:  # SQLCipher's library says no more
        return all(os.access(place, os.W_OK) for place in (path, Path(path).absolute().parent))
    return _code(error) == sqlite3.SQLITE_READONLY_DBMOVED
