"""Putting a backup in the database's place, and keeping what was there."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path
from typing import NamedTuple

from crmcli.config import private_folder
from crmcli.errors import ConflictError, NotFoundError, StoreError, UsageError
from crmcli.i18n import _
from crmcli.rules.noise import PAGE_SIZE
from crmcli.store.backup import Contents, contents_of, default_folder, inspect, is_damage, moment_name
from crmcli.store.connection import connect, just_replaced, schema_of, store_error
from crmcli.store.database import open_database
from crmcli.store.driver import is_database, is_encrypted, open_file, required_key
from crmcli.store.leftovers import clear, leftovers
from crmcli.store.network import switch_log_on
from crmcli.store.opened import beginning, closed_if_it_fails, reading
from crmcli.store.recode import change_key
from crmcli.store.rights import take_over_rights

_PACKED = (b"\x1f\x8b\x08\x00", b"\x1f\x8b\x08\x08", b"PK\x03\x04", b"BZh91AY&SY", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
"""How gzip, zip, bzip2, xz and zstd files begin, which look as encrypted as a database."""
_NO_ROOM = (ENOSPC, EDQUOT, EFBIG)
"""What is said of the file that is written, whichever file the error names."""
_PATIENCE_SECONDS = 5.0
"""How long other commands may take to finish before the database counts as in use."""


class Prepared(NamedTuple):
    """A backup that is ready to take the database's place."""

    copy: Path
    contents: Contents
    """What is in it; its schema is the one that it had before it was upgraded."""


@contextmanager
def prepared(file: Path, database: Path) -> Iterator[Prepared]:
    """Yield a copy of the backup beside the database, checked and brought to this program's schema.

    The copy of a plain backup is encrypted when the database is.

    Raises NotFoundError when there is no such file, UsageError when it is a folder, ConflictError when it is the
    database itself, StoreError when it is no database of ours, damaged, or made by a newer version.
    """
    if file.is_dir():
        raise UsageError(_("{path} is a folder").format(path=file), hint=_("name one of the files in it"))
    if not file.is_file():
        raise NotFoundError(_("there is no file {path}").format(path=file), hint=_("crm backup --list shows backups"))
    if database.exists() and file.samefile(database):
        raise ConflictError(_("{path} is the database itself").format(path=file), hint=_("name a backup"))
    if beginning(file, PAGE_SIZE).startswith(_PACKED):
        raise StoreError(_("{path} is compressed").format(path=file), hint=_("unpack it, and restore what was in it"))
    if is_encrypted(file):
        required_key(file)  # asked for, or told to be missing, by the name that the user gave
    try:
        private_folder(database.parent)
        folder = Path(tempfile.mkdtemp(prefix=f".{database.name}.restore-", dir=database.parent))
    except OSError as error:
        raise store_error(error, database) from error
    try:
        clear(leftovers(database, default_folder(database), folder.stat().st_mtime))
        copy = folder / database.name
        _copy_files(file, copy)
        contents = _inspected(copy, file)
        _to_schema(copy)
        if is_encrypted(database) and not is_encrypted(copy):
            change_key(copy, required_key(database))
        yield Prepared(copy, contents)
    finally:
        shutil.rmtree(folder)


def _inspected(copy: Path, file: Path) -> Contents:
    """Return what is in the copy of a file; raises StoreError, which names the file: the copy is gone by then."""
    try:
        return inspect(copy, called=file)
    except StoreError as error:
        message, hint = (text.replace(str(copy), str(file)) for text in (error.message, error.hint))
        raise StoreError(message, hint=hint) from error


def present_contents(database: Path) -> Contents | None:
    """Return what is in the database now; None when that can't be read."""
    if not is_database(database):
        return None
    try:
        with closing(connect(database)) as connection:
            schema_of(connection, database)
            return contents_of(connection)
    except (sqlite3.Error, StoreError):
        return None


def put_in_place(copy: Path, database: Path, now: datetime) -> Path | None:
    """Put a prepared copy in the database's place and return where the replaced file is, None when there was none.

    Raises StoreError when another program is using the database.
    """
    replaced = _free_name(database, now)
    if not database.exists():
        _move_log(database, replaced)
        copy.replace(database)
        return None
    with _alone(database) as sound:
        if is_encrypted(database) and not is_encrypted(copy):  # since the copy was prepared
            raise just_replaced(database)
        if not sound:
            _move_log(database, replaced)
        try:
            replaced.hardlink_to(database)  # so that there is a database at every moment
        except OSError:
            _copy_aside(database, replaced)  # a file system without links
        take_over_rights(copy, database)
        copy.replace(database)
    return replaced


def _copy_aside(database: Path, replaced: Path) -> None:
    target = os.open(replaced, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with reading(database) as file, os.fdopen(file, "rb", closefd=False) as source, os.fdopen(target, "wb") as copy:
        shutil.copyfileobj(source, copy)
    shutil.copystat(database, replaced)


def _copy_files(file: Path, copy: Path) -> None:
    """Copy a backup with the log that may lie beside it; neither is touched by reading it."""
    try:
        for suffix in ("", "-wal", "-journal"):
            beside = file.with_name(file.name + suffix)
            if beside.is_file():
                shutil.copyfile(beside, copy.with_name(copy.name + suffix))
        copy.chmod(0o600)
    except OSError as error:
        raise store_error(error, copy.parent.parent if error.errno in _NO_ROOM else file) from error


def _to_schema(copy: Path) -> None:
    """Upgrade a copy, and let it be written as the program likes it."""
    connection = open_database(copy)
    switch_log_on(connection, copy)
    connection.close()


@contextmanager
def _alone(database: Path) -> Iterator[bool]:
    """Keep everybody else from the database meanwhile; yields whether it could be read, all of it in its one file then.

    Nobody has it open once its log could be given up: SQLite refuses that while others do.
    """
    connection = _locked(database) if is_database(database) else None
    if connection is None:
        yield False
    else:
        with closing(connection):
            yield True


def _locked(database: Path) -> sqlite3.Connection | None:
    """Return a connection that has the database to itself; None when it can't be read, for damage or another key."""
    try:
        with closed_if_it_fails(open_file(database, timeout=_PATIENCE_SECONDS, alone=True)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if not is_damage(error):
            raise store_error(error, database) from error
        return None
    except StoreError:
        return None
    return connection


def _move_log(database: Path, replaced: Path) -> None:
    """Give the log of a damaged or vanished file the name that goes with the replaced one.

    It may be all that is left of its data, and the new database must not take it for its own.
    """
    with suppress(FileNotFoundError):
        os.replace(f"{database}-wal", f"{replaced}-wal")  # noqa: PTH105 - names that pathlib would have to take apart
    Path(f"{database}-shm").unlink(missing_ok=True)


def _free_name(database: Path, now: datetime) -> Path:
    """Return a name for the replaced file that no other file has."""
    name = f"{database.name}.replaced-{moment_name(now)}"
    path, number = database.with_name(name), 1
    while path.exists():
        number += 1
        path = database.with_name(f"{name}-{number}")
    return path
