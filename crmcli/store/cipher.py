"""Encrypted database files, by SQLCipher (https://www.zetetic.net/sqlcipher): an extra, loaded where one is opened.

A key is a passphrase, or 64 hexadecimal digits that are the key itself. From a passphrase the key is derived as
SQLCipher does it, so that any program of its family opens the file; but here, since that takes a quarter of a second:
once a run, however many copies are made.
"""

import hashlib
import os
import re
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlcipher3 import dbapi2

from crmcli.errors import StoreError
from crmcli.i18n import _
from crmcli.rules.shellwords import word
from crmcli.store.opened import Explicit, beginning

_SALT_SIZE = 16
"""The file begins with it: what is derived from a passphrase is another key in each."""
_ROUNDS = 256_000
_KEY_SIZE = 32
_RAW_KEY = re.compile(r"[0-9A-Fa-f]{64}")
_FAMILY = (
    *("DatabaseError", "InterfaceError", "OperationalError", "IntegrityError", "ProgrammingError"),
    *("NotSupportedError", "DataError", "InternalError"),
)

for _name in _FAMILY:  # whoever catches an error of sqlite3 catches its twin
    _twin = getattr(dbapi2, _name)
    _twin.__bases__ = (*_twin.__bases__, getattr(sqlite3, _name))


class Connection(Explicit, dbapi2.Connection):  # type: ignore[misc] # the library has no types
    """A connection to an encrypted file."""


def open_file(path: Path, key: str, place: str, *, like: Path | None, timeout: float, alone: bool) -> Connection:
    """Return a connection to an encrypted file, or to an empty one that is encrypted from now on.

    `place` is what SQLite is told, a path or a URI; `like` is the encrypted file whose salt an empty one gets; `alone`
    keeps others out. Raises StoreError when the key is not the file's.
    """
    while True:
        salt = beginning(path, _SALT_SIZE)
        spoken = _spoken(key, salt or (like and beginning(like, _SALT_SIZE)) or os.urandom(_SALT_SIZE))
        connection = connected(place, timeout, spoken)
        try:
            if alone:
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            if salt:
                connection.execute("PRAGMA user_version")  # reads the first page, and no more that may be damaged
            else:
                connection.execute("PRAGMA user_version = 0")  # writes the first page, and in it the salt
        except dbapi2.DatabaseError as error:
            connection.close()
            if error.sqlite_errorcode != dbapi2.SQLITE_NOTADB:
                raise
            if salt:
                raise wrong_key(path) from error
        else:
            return connection  # an empty file in which another process has put its salt meanwhile is opened again


def connected(place: str, timeout: float, key: str = "") -> Connection:
    """Return a connection as SQLCipher gives it; without a key it works with plain files as well."""
    uri = place.startswith("file:///")
    connection: Connection = dbapi2.connect(place, timeout=timeout, isolation_level=None, factory=Connection, uri=uri)
    connection.row_factory = dbapi2.Row
    connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to standard error
    if key:
        connection.execute(f'PRAGMA key = "{key}"')
    return connection


def wrong_key(path: Path) -> StoreError:
    """Return the error for a key that does not open a file."""
    return StoreError(
        _("the key does not open {path}").format(path=path),
        hint=_(
            "check CRM_KEY and the setting key; if it is the right one, the file is damaged: "
            "crm doctor --db {path} --salvage NEWFILE; crm backup --list shows backups"
        ).format(path=word(path)),
    )


def file_key(path: Path, key: str) -> str:
    """Return the key of a file that is there as SQLCipher takes it."""
    return _spoken(key, beginning(path, _SALT_SIZE))


def _spoken(key: str, salt: bytes) -> str:
    """Return a key with a file's salt as SQLCipher takes it: hexadecimal, so that nothing in it can be SQL."""
    return f"x'{derived(key, salt).hex()}{salt.hex()}'"


@cache
def derived(key: str, salt: bytes) -> bytes:
    """Return the 32 bytes that a file with this salt is encrypted with."""
    if _RAW_KEY.fullmatch(key):
        return bytes.fromhex(key)
    return hashlib.pbkdf2_hmac("sha512", key.encode(), salt, _ROUNDS, _KEY_SIZE)


def version() -> str:
    """Return which SQLCipher this is, as `4.19.0`."""
    with closing(dbapi2.connect(":memory:")) as connection:
        return str(connection.execute("PRAGMA cipher_version").fetchone()[0]).partition(" ")[0]
