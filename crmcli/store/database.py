"""Opening the database: made where there is none, brought up to date where it is an older version's."""

import os
import sqlite3
from contextlib import suppress
from errno import EACCES, EEXIST
from pathlib import Path
from typing import TYPE_CHECKING

from crmcli.config import private_folder
from crmcli.store.connection import SCHEMA, connect, require_file, schema_of, store_error
from crmcli.store.driver import key_for_new
from crmcli.store.opened import closed_if_it_fails
from crmcli.store.waiting import Waiting

if TYPE_CHECKING:
    from crmcli.store.schema import Announce

_GLANCE_SECONDS = 0.5
"""How long somebody waits for others who wants to know but need not."""


def open_database(
    path: Path,
    *,
    create: bool = True,
    like: Path | None = None,
    upgrading: "Announce | None" = None,
    waiting: Waiting | None = None,
) -> sqlite3.Connection:
    """Open the database, migrating it where needed, and return the connection; where there is none, `create` one.

    A new one is encrypted when the one is that it is to be `like`, or else when a key is set.
    `waiting` is told when another program keeps it to itself for a while.
    Raises StoreError when it can't be used: not there, a folder, a device, no permission, not ours, damaged, made by a
    newer version, or encrypted with another key.
    """
    try:
        if create and not path.exists():
            key_for_new(like)  # where it can't be had, nothing is left behind
            _create_private(path)
        require_file(path)
        with closed_if_it_fails(connect(path, like=like, waiting=waiting)) as connection:
            if schema_of(connection, path) != SCHEMA:
                from crmcli.store.schema import bring_up_to_date

                bring_up_to_date(connection, path, upgrading)
    except (sqlite3.Error, OSError) as error:
        raise store_error(error, path) from error
    return connection


def open_as_it_is(path: Path) -> sqlite3.Connection | None:
    """Return a connection to a database of this program's schema; None where there is none: nothing is made.

    Who only glances at it does not wait for what another program keeps to itself.
    """
    if not path.is_file() or not path.stat().st_size:
        return None
    with closed_if_it_fails(connect(path, patience=_GLANCE_SECONDS)) as connection:
        if schema_of(connection, path) == SCHEMA:
            return connection
    connection.close()
    return None


def require_place(path: Path) -> None:
    """Refuse (StoreError) a place where no database can be begun; nothing is made."""
    try:
        with suppress(FileNotFoundError, NotADirectoryError):
            path.lstat()  # raises for a name that no disk takes
        above = next(folder for folder in path.absolute().parents if folder.exists())
        if not above.is_dir():
            raise FileExistsError(EEXIST, os.strerror(EEXIST), str(above))
        if not os.access(above, os.W_OK):
            raise PermissionError(EACCES, os.strerror(EACCES), str(above))
    except OSError as error:
        raise store_error(error, path) from error


def _create_private(path: Path) -> None:
    """Create an empty file that nobody else can read, and its folder likewise when it is missing."""
    private_folder(path.parent)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
