"""Copies of the whole database: consistent while others write, checked, and readable by their owner alone.

SQLite itself copies, because a part of the data may still be in the write-ahead log. A copy gets its name once it is
whole, so that whatever has a backup's name is one. It needs no other file beside it; the contents of attachments are in
a folder that all backups of a database share.
"""

import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

from crmcli.config import private_folder
from crmcli.errors import StoreError
from crmcli.i18n import _
from crmcli.rules.shellwords import word
from crmcli.store.connection import APPLICATION_ID, connect_plainly, just_replaced, require_file, schema_of, store_error
from crmcli.store.driver import Connection, attach, is_database, is_encrypted, open_file
from crmcli.store.files import copy_missing
from crmcli.store.leftovers import clear, clear_database, leftovers
from crmcli.store.opened import beginning

KEPT_AUTOMATICALLY = 3
"""How many of the backups that the program makes by itself stay."""

COUNTED = {
    "contacts": "contact",
    "companies": "company",
    "followups": "followup",
    "callbacks": "callback",
    "complaints": "complaint",
}
"""What is told of a database's contents, and the tables it is counted in."""

_MOMENT = "%Y-%m-%dT%H%M%S"
"""Local time in the name of a file; without colons, which some file systems refuse."""
_APPLICATION_ID_AT = 68
"""Where the file's header (https://sqlite.org/fileformat.html#the_database_header) has it, in four bytes."""
_OF_SEARCH_INDEX = re.compile(r"for FTS5 table|^fts5: ")
"""What SQLite from 3.44 on says of that."""


class Contents(NamedTuple):
    """What is in a database."""

    schema: int
    counts: dict[str, int]
    newest: str | None
    """When it was last changed, UTC."""


class Backup(NamedTuple):
    """A backup that is there."""

    path: Path
    at: str
    """The moment that its name tells, ISO 8601; without an offset where nobody said in which zone."""
    reason: str
    """Before what the program made it by itself; empty when the user did."""
    size: int


def moment_name(now: datetime) -> str:
    """Return a moment as it stands in a file's name."""
    return now.strftime(_MOMENT)


def back_up(database: Path, folder: Path, now: datetime, *, dry_run: bool = False) -> tuple[Backup, Contents]:
    """Copy the database into the folder, check the copy, and return it and what is in it; a dry run deletes it again.

    What earlier ones left that were killed goes.

    Raises StoreError when there is no database, when it is damaged, or when the folder can't be written.
    """
    require_file(database)
    if dry_run:
        with _unfinished(database, database.parent, database.stem) as copy:
            contents, size = inspect(copy, called=database), copy.stat().st_size
            copy.unlink()
        path = folder / f"{database.stem}-{moment_name(now)}.db"
    else:
        with _new_file(database, folder, now) as unfinished:
            contents, made = inspect(unfinished, called=database), unfinished.stat()
            copy_missing(database, folder / database.name)
        size = made.st_size
        path = _named(unfinished, database, folder, now, "")  # from now on another run may find it one too many
        clear(leftovers(database, folder, made.st_mtime))
    return Backup(path, now.isoformat(), "", size), contents


def backup_before(database: Path, reason: str, now: datetime) -> Path | None:
    """Make an automatic backup beside the database before something large; the last few of them stay.

    `reason` is a word for its name, such as `import`. Whatever was committed is in it, even while this process has a
    write transaction open. Returns None when there are no records to lose. Raises StoreError as `back_up` does.
    """
    require_file(database)
    with closing(connect_plainly(database)) as connection:
        if not any(contents_of(connection).counts.values()):
            return None
    folder = default_folder(database)
    with _new_file(database, folder, now) as unfinished:
        pass
    path = _named(unfinished, database, folder, now, f".before-{reason}")
    prune(database, folder, KEPT_AUTOMATICALLY, path, zone=now.tzinfo, automatic=True)
    return path


def copy_database(source: Path, target: Path) -> None:
    """Copy a database, unchecked, to a path of this name; what is there already is replaced once the copy is whole."""
    with _unfinished(source, target.parent, target.name) as unfinished:
        pass
    unfinished.replace(target)


def is_copy(copy: Path, database: Path) -> bool:
    """Return whether a file has all that is committed in the database, and nothing else."""
    try:
        with closing(connect_plainly(database)) as connection:
            attach(connection, copy, "kept")
            return not different_tables(connection, "kept")
    except (sqlite3.Error, StoreError):
        return False


def different_tables(connection: sqlite3.Connection, other: str) -> list[str]:
    """Return the tables that are not the same in an attached database, every field of every row compared."""
    declared = "SELECT type, name, tbl_name, sql FROM {0}.sqlite_master"
    tables = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' AND rootpage > 0").fetchall()
    pairs = {"sqlite_master": declared, **{row[0]: f'SELECT * FROM {{0}}."{row[0]}"' for row in tables}}
    return [
        name
        for name, rows in pairs.items()
        for here, there in (("main", other), (other, "main"))
        if connection.execute(f"SELECT EXISTS ({rows.format(here)} EXCEPT {rows.format(there)})").fetchone()[0]
    ]


def default_folder(database: Path) -> Path:
    """Return the folder that backups go to when nobody names one."""
    return database.parent / "backups"


def list_backups(database: Path, folder: Path, zone: tzinfo | None = None) -> list[Backup]:
    """Return this database's backups in the folder, oldest first: files of our name and with our mark inside.

    `zone` is that of the moments in their names; the machine's when None.
    """
    pattern = re.compile(
        re.escape(database.stem) + r"-(\d{4}-\d\d-\d\dT)(\d\d)(\d\d)(\d\d)(?:-(\d+))?(?:\.before-([a-z-]+))?\.db"
    )
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        named = pattern.fullmatch(path.name)
        with suppress(FileNotFoundError):  # another run may delete it just now
            if named and _is_ours(path):
                day, hour, minute, second, number, reason = named.groups()
                state = path.stat()
                moment = _nearest(datetime.fromisoformat(f"{day}{hour}:{minute}:{second}"), zone, state.st_mtime)
                made = Backup(path, moment.isoformat(), reason or "", state.st_size)
                found.append((moment.timestamp(), int(number or 1), made))
    return [made for *_moment, made in sorted(found)]


def _nearest(wall: datetime, zone: tzinfo | None, written: float) -> datetime:
    """Return the moment at which a clock showed this: of two, when summer time ends, the one nearer to POSIX time."""
    first = wall.replace(tzinfo=zone)
    return min(first, first.replace(fold=1), key=lambda moment: abs(moment.timestamp() - written))


def prune(
    database: Path,
    folder: Path,
    keep: int,
    newest: Path,
    *,
    zone: tzinfo | None = None,
    automatic: bool = False,
    dry_run: bool = False,
) -> list[Path]:
    """Delete the oldest backups beyond so many and return them; never the one just made, nor what is not ours.

    Those made by the user and those made by the program are counted apart. `zone`: see `list_backups`.
    """
    others = [
        backup.path
        for backup in list_backups(database, folder, zone)
        if bool(backup.reason) == automatic and backup.path != newest
    ]
    surplus = others[: max(0, len(others) + 1 - keep)]
    for path in surplus if not dry_run else ():
        path.unlink(missing_ok=True)
    return surplus


def inspect(path: Path, *, called: Path | None = None, key: str | None = None) -> Contents:
    """Check a file of ours through and through and return what is in it; messages name it as it is `called`.

    `key` is its key, where it is not the one that is set.

    Raises StoreError when it is another program's, made by a newer version, or damaged.
    """
    name = called or path
    try:
        with closing(open_file(path, key=key)) as connection:
            if not schema_of(connection, name):
                if path.stat().st_size and not is_database(path):  # SQLite takes what is shorter than a page for empty
                    raise StoreError(_("{path} is not a database").format(path=name), hint=_("name another file"))
                raise StoreError(_("{path} is empty").format(path=name), hint=_("name another file"))
            found = faults(connection)
            contents = contents_of(connection)
    except sqlite3.Error as error:
        raise damaged(name, str(error)) if is_damage(error) else store_error(error, name) from error
    if found:
        raise damaged(name, found[0])
    return contents


def faults(connection: sqlite3.Connection, pragma: str = "integrity_check") -> list[str]:
    """Return what SQLite finds wrong with a file, at most twenty things; raises sqlite3.Error where it can't be read.

    Newer versions look at the search index, too: it is derived, and has a check of its own.
    """
    said = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}(20)")]
    return [text for text in said if text != "ok" and not _OF_SEARCH_INDEX.search(text)]


def damaged(path: Path, problem: str = "") -> StoreError:
    """Return the error for a damaged file: what to do about it."""
    reason = f": {' '.join(problem.split())}" if problem else ""
    return StoreError(
        _("{path} is damaged").format(path=path) + reason,
        hint=_(
            "save what can be read: crm doctor --db {path} --salvage NEWFILE; crm backup --list shows backups"
        ).format(path=word(path)),
    )


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether SQLite says that the file itself is broken."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def contents_of(connection: sqlite3.Connection) -> Contents:
    """Return what is in an open database."""
    counts = {
        name: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for name, table in COUNTED.items()
    }
    newest = connection.execute("SELECT at FROM change ORDER BY id DESC LIMIT 1").fetchone()
    return Contents(connection.execute("PRAGMA user_version").fetchone()[0], counts, newest[0] if newest else None)


@contextmanager
def _new_file(database: Path, folder: Path, now: datetime) -> Iterator[Path]:
    """Yield a copy in the folder that has no proper name yet."""
    try:
        private_folder(folder)
    except OSError as error:
        raise store_error(error, folder) from error
    with _unfinished(database, folder, f"{database.stem}-{moment_name(now)}") as unfinished:
        yield unfinished


@contextmanager
def _unfinished(source: Path, folder: Path, name: str) -> Iterator[Path]:
    """Yield a copy under a passing name; it is removed when the block raises, and else the caller's to rename."""
    unfinished: Path | None = None
    try:
        descriptor, passing = tempfile.mkstemp(prefix=f".{name}.", suffix=".part", dir=folder)  # made with mode 0600
        os.close(descriptor)
        unfinished = Path(passing)
        with closing(connect_plainly(source)) as origin, closing(open_file(unfinished, like=source)) as copy:
            _copy(origin, copy, source)
        yield unfinished
    except BaseException as error:
        if unfinished:
            clear_database(unfinished)
        if isinstance(error, sqlite3.Error) and is_damage(error):
            raise damaged(source, str(error)) from error
        if isinstance(error, (sqlite3.Error, OSError)):
            raise store_error(error, folder) from error
        raise


def _copy(origin: sqlite3.Connection, copy: sqlite3.Connection, source: Path) -> None:
    if isinstance(origin, Connection) != isinstance(copy, Connection):  # encrypted, or made plain, after it was opened
        raise just_replaced(source)
    origin.execute("BEGIN")
    origin.execute("PRAGMA schema_version")  # who may read goes on doing so; Python's copying waits without an end
    origin.backup(copy)
    origin.execute("ROLLBACK")
    copy.execute("PRAGMA journal_mode = DELETE")  # one file: the log's own would be needed to read it


def _named(unfinished: Path, database: Path, folder: Path, now: datetime, suffix: str) -> Path:
    """Give a copy the first free name of this moment."""
    number = 1
    while True:
        again = f"-{number}" if number > 1 else ""
        path = folder / f"{database.stem}-{moment_name(now)}{again}{suffix}.db"
        try:
            _take_name(unfinished, path)
        except FileExistsError:
            number += 1
            continue
        return path


def _take_name(unfinished: Path, path: Path) -> None:
    """Rename a copy; raises FileExistsError where another process has taken the name."""
    try:
        path.hardlink_to(unfinished)  # whole at once, whenever this process is killed
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
        unfinished.replace(path)
    else:
        unfinished.unlink()


def _is_ours(path: Path) -> bool:
    """Return whether our mark is in a file; in an encrypted one it can't be seen."""
    return (
        is_encrypted(path)
        or int.from_bytes(beginning(path, _APPLICATION_ID_AT + 4)[_APPLICATION_ID_AT:]) == APPLICATION_ID
    )
