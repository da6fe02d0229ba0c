"""Opening a database file: the one place that says which library does it, and how.

Python's own sqlite3 opens what is plain, SQLCipher what is encrypted (`store/cipher.py`). Everything else names
`sqlite3` for its types and errors alone: those of SQLCipher are their twins.
"""

import sqlite3
from pathlib import Path
from types import ModuleType

from crmcli.errors import StoreError
from crmcli.i18n import _
from crmcli.rules.noise import PAGE_SIZE, is_noise
from crmcli.rules.shellwords import word
from crmcli.store import keys
from crmcli.store.opened import Explicit, beginning

_HEADER = b"SQLite format 3\0"


class Connection(Explicit, sqlite3.Connection):
    """A connection to a plain file."""


def open_file(
    path: Path,
    *,
    key: str | None = None,
    like: Path | None = None,
    timeout: float = 5.0,
    mode: str = "",
    alone: bool = False,
) -> sqlite3.Connection:
    """Return a connection to a file, whose rows know their columns' names; raises sqlite3.Error.

    `key` is its key where it is known, empty for a plain file. `like` is the database that an empty file is to be like:
    encrypted with the same key, or plain. Without either, a key that is set encrypts what is new. `timeout` is how many
    seconds the connection waits for others; `mode` is that of an SQLite URI, such as `ro`. `alone`, it keeps others
    out from the first reading on, which takes no memory that processes share. Raises StoreError when there is no key,
    or it is not the file's.
    """
    place = f"{path.absolute().as_uri()}?mode={mode}" if mode else _spelt(path)
    key = _key(path, like) if key is None else key
    connection: sqlite3.Connection
    if key:
        connection = load_cipher().open_file(path, key, place, like=like, timeout=timeout, alone=alone)
    else:
        connection = sqlite3.connect(place, timeout=timeout, isolation_level=None, factory=Connection, uri=bool(mode))
        connection.row_factory = sqlite3.Row
        if alone:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.note(path)  # type: ignore[attr-defined]  # both are Explicit
    return connection


def attach(connection: sqlite3.Connection, path: Path, name: str, key: str | None = None) -> None:
    """Attach another database to a connection under this name, with its `key` where it is known.

    Raises StoreError when it is encrypted and this one isn't, or there is no key.
    """
    if isinstance(connection, Connection):
        if is_encrypted(path):
            (other,) = (row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
            raise StoreError(
                _("{path} is encrypted").format(path=path),
                hint=_("what it works together with must be, too: crm encrypt --db {other}").format(other=word(other)),
            )
        connection.execute(f"ATTACH ? AS {name}", (_spelt(path),))
        return
    spoken = load_cipher().file_key(path, key or required_key(path)) if is_encrypted(path) else ""
    connection.execute(f"ATTACH ? AS {name} KEY ?", (_spelt(path), spoken))


def _spelt(path: Path) -> str:
    """Return a path so that SQLite takes it for one: a name that begins with `file:` would be a URI to it."""
    return str(path.absolute()) if str(path).startswith("file:") else str(path)


def _key(path: Path, like: Path | None) -> str:
    """Return the key of a file, or for a new one; empty when it is plain."""
    start = beginning(path, PAGE_SIZE)
    if start.startswith(_HEADER):
        return ""
    if start:
        return required_key(path) if is_noise(start) else ""
    return key_for_new(like)


def key_for_new(like: Path | None) -> str:
    """Return the key of a database that is made: that of the one it is to be like, else what is set; empty for none.

    Raises StoreError when it can't be had.
    """
    if like:
        return required_key(like) if is_encrypted(like) else ""
    return keys.ask(None)


def required_key(path: Path) -> str:
    """Return the key of an encrypted file; raises StoreError when there is none."""
    key = keys.ask(path)
    if not key:
        raise StoreError(
            _("{path} is encrypted, and no key is set").format(path=path),
            hint=_("set {variable}, or say where the key is: crm config set key keyring:NAME").format(
                variable=keys.VARIABLE
            ),
        )
    return key


def load_cipher() -> ModuleType:
    """Return the module for encrypted files; raises StoreError when SQLCipher, an extra, is not installed."""
    try:
        from crmcli.store import cipher
    except ImportError as error:
        raise StoreError(_("an encrypted database needs an extra"), hint="pip install 'crmcli[cipher]'") from error
    return cipher


def is_database(path: Path) -> bool:
    """Return whether a file begins as a database does; where it doesn't, opening it would delete the log beside it."""
    start = beginning(path, PAGE_SIZE)
    return start.startswith(_HEADER) or is_noise(start)


def is_encrypted(path: Path) -> bool:
    """Return whether a file is encrypted, or looks like it: without the key nobody can tell it from noise."""
    start = beginning(path, PAGE_SIZE)
    return is_noise(start) and not start.startswith(_HEADER)
