"""Which other files of ours beside a database still have somebody: backups, replaced databases, archives."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from glob import escape
from math import inf
from pathlib import Path

from crmcli.errors import StoreError
from crmcli.store.backup import default_folder, list_backups
from crmcli.store.driver import open_file
from crmcli.store.leftovers import leftovers

_HOLDS = (
    "SELECT EXISTS (SELECT 1 FROM contact WHERE uid = :uid) OR EXISTS "
    "(SELECT 1 FROM change_row WHERE entity = 'contact' AND :uid IN "
    "(json_extract(before, '$.uid'), json_extract(after, '$.uid')))"
)


def archive_path(database: Path) -> Path:
    """Return where old records go when nobody names a file."""
    return database.with_name(f"{database.stem}.archive.db")


def copies_with(database: Path, uids: Sequence[str]) -> list[Path]:
    """Return the copies of a database that still have one of these contacts, in records or journal."""
    return [path for path in copies_of(database) if _holds(path, uids)]


def copies_of(database: Path) -> list[Path]:
    """Return the copies of a database, or of parts of it, that lie where the program puts them."""
    return [*_copies(database)]


def copies_without_files(database: Path) -> list[Path]:
    """Return the copies that have no attachments' contents of their own: those beside the database are theirs, too."""
    automatic = (backup.path for backup in list_backups(database, default_folder(database)) if backup.reason)
    return [*automatic, *_beside(database)]


def _copies(database: Path) -> Iterator[Path]:
    yield from (backup.path for backup in list_backups(database, default_folder(database)))
    yield from leftovers(database, default_folder(database), inf)
    yield from _beside(database)
    if archive_path(database).exists():
        yield archive_path(database)


def _beside(database: Path) -> Iterator[Path]:
    """Yield what a restore replaced, and what was before an upgrade."""
    for pattern in ("{0}.replaced-*", "{0}.schema-*.bak"):
        found = database.parent.glob(pattern.format(escape(database.name)))
        yield from (path for path in sorted(found) if not path.name.endswith(("-wal", "-shm")))


def _holds(path: Path, uids: Sequence[str]) -> bool:
    """Return whether a file has one of them; one that can't be read may."""
    try:
        with closing(open_file(path, mode="ro")) as connection:
            return any(connection.execute(_HOLDS, {"uid": uid}).fetchone()[0] for uid in uids)
    except (sqlite3.Error, StoreError):
        return True
