"""Giving a database a key, another one, or none: a copy under the new key takes its place once both are the same."""

import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from crmcli.errors import StoreError
from crmcli.i18n import _, joined
from crmcli.store.backup import default_folder, different_tables, inspect
from crmcli.store.connection import REPLACED, store_error
from crmcli.store.driver import attach, is_encrypted, load_cipher, open_file
from crmcli.store.leftovers import clear, leftovers
from crmcli.store.network import switch_log_on
from crmcli.store.rights import take_over_rights

_PATIENCE_SECONDS = 5.0
_FRESH = "fresh"


def change_key(database: Path, key: str, *, dry_run: bool = False) -> None:
    """Encrypt the database with this key, or make it plain without one; nobody can use it meanwhile.

    What was there is gone then: it is neither kept nor wiped from the disk. Raises StoreError when another program is
    using it, when it is damaged, or when there is no room for a copy.
    """
    try:
        with (
            tempfile.TemporaryDirectory(prefix=f".{database.name}.key-", dir=database.parent) as folder,
            closing(_locked(database)) as connection,
        ):
            copy = Path(folder) / database.name
            copy.touch(mode=0o600)
            _copy(connection, copy, key)
            inspect(copy, called=database, key=key)
            if not dry_run:
                _replace(connection, copy, database, key)
                clear(leftovers(database, default_folder(database), Path(folder).stat().st_mtime))
    except (sqlite3.Error, OSError) as error:
        raise store_error(error, database) from error


def _locked(database: Path) -> sqlite3.Connection:
    """Return a connection of SQLCipher's that has the database to itself until it is closed."""
    if is_encrypted(database):
        connection = open_file(database, timeout=_PATIENCE_SECONDS, alone=True)
    else:
        connection = load_cipher().connected(str(database), _PATIENCE_SECONDS)
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")
    return connection


def _copy(connection: sqlite3.Connection, copy: Path, key: str) -> None:
    """Copy all there is, and compare."""
    open_file(copy, key=key).close()
    attach(connection, copy, _FRESH, key)
    connection.execute(f"SELECT sqlcipher_export('{_FRESH}')")
    for name in ("application_id", "user_version"):
        value = connection.execute(f"PRAGMA main.{name}").fetchone()[0]
        connection.execute(f"PRAGMA {_FRESH}.{name} = {value}")
    different = different_tables(connection, _FRESH)
    connection.execute(f"DETACH {_FRESH}")
    if different:
        raise StoreError(
            _("{path} did not take everything: {tables}").format(path=copy, tables=joined(different)),
            hint=_("nothing was changed; look for damage: crm doctor"),
        )


def _replace(connection: sqlite3.Connection, copy: Path, database: Path, key: str) -> None:
    """Put the copy in the database's place, and see to it that who has opened the old file does not write to it."""
    with closing(open_file(copy, key=key)) as fresh:
        switch_log_on(fresh, database)
    connection.execute("PRAGMA journal_mode = MEMORY")  # a log on the disk would have the name of the new file's
    take_over_rights(copy, database)
    try:
        copy.replace(database)
    except OSError:
        switch_log_on(connection, database)
        raise
    with suppress(sqlite3.Error):
        connection.execute(f"PRAGMA user_version = {REPLACED}")
