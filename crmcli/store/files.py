"""Attachments' contents: one file each in a folder beside the database, named by the hash of what is in it.

The same content is stored once, however often it is attached. A file gets its name once it is whole, under the
database's write lock, and is removed under the same lock when neither a record nor the journal refers to it. Until then
undo can bring back what was deleted.
"""

import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO, NamedTuple

from crmcli.config import private_folder
from crmcli.errors import NotFoundError, StoreError, UsageError
from crmcli.i18n import _
from crmcli.store.connection import store_error
from crmcli.store.driver import open_file
from crmcli.store.leftovers import abandoned, disk_time
from crmcli.store.waiting import begin_writing

_PASSING = ".part"
"""Ends the names of files that are not whole yet."""
_CHUNK = 1 << 20
_TRIES = 100
"""So often the folder may be gone again."""

_REFERRED_TO = """
SELECT sha256 FROM attachment
UNION SELECT json_extract(before, '$.sha256') FROM change_row WHERE entity = 'attachment'
UNION SELECT json_extract(after, '$.sha256') FROM change_row WHERE entity = 'attachment'
"""


class Staged(NamedTuple):
    """A file that was copied into the folder and has no proper name yet."""

    name: str
    """What the user calls it: the name without its folder."""
    sha256: str
    bytes: int
    passing: Path
    path: Path
    """Where it will be."""

    def keep(self) -> None:
        """Give it its name; only inside a write transaction that refers to it. Raises StoreError."""
        try:
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
            self.passing.replace(self.path)  # where the same is there already, it is whole again in any case
        except OSError as error:
            raise store_error(error, self.path) from error


def files_folder(database: Path) -> Path:
    """Return the folder of a database's files."""
    return database.with_name(f"{database.name}.files")


def path_of(database: Path, sha256: str) -> Path:
    """Return where the content with this hash is."""
    return files_folder(database) / sha256[:2] / sha256[2:]


@contextmanager
def staged(database: Path, sources: Sequence[Path]) -> Iterator[list[Staged]]:
    """Copy files into the folder for the block to keep; what it doesn't keep is removed.

    Raises NotFoundError for a file that isn't there, UsageError for one that can't be read, StoreError when there is no
    place for the copy.
    """
    folder = files_folder(database)
    copies: list[Staged] = []
    try:
        for source in sources:
            copies.append(_copy_in(database, source))  # noqa: PERF401 - what was copied before an error is removed
        yield copies
    finally:
        for copy in copies:
            copy.passing.unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()  # only where nothing was kept


def problem_of(path: Path, sha256: str) -> str:
    """Return what is wrong with a stored file, read through and through; empty when it is what it was."""
    try:
        with path.open("rb") as stream:
            return "" if hashlib.file_digest(stream, "sha256").hexdigest() == sha256 else _("its content has changed")
    except FileNotFoundError:
        return _("its content is missing")
    except OSError as error:
        return _("can't be read: {reason}").format(reason=error.strerror)


def require_whole(database: Path, sha256: str, name: str) -> Path:
    """Return where a content is; raises StoreError when it is missing or not what it was."""
    path = path_of(database, sha256)
    problem = problem_of(path, sha256)
    if problem:
        raise StoreError(
            f"{name}: {problem}", hint=_("attach the file again, or bring it back with: crm restore BACKUP")
        )
    return path


def lost(copy: Path, database: Path) -> list[str]:
    """Return the names of attachments in a copy of whatever schema whose contents the database's folder lacks.

    Of a copy that can't be read nothing is known: a backup may be one too many for another run, and gone.
    """
    with suppress(sqlite3.Error), closing(open_file(copy, mode="ro")) as connection:
        return lacking(connection, database)
    return []


def lacking(connection: sqlite3.Connection, database: Path) -> list[str]:
    """Return the names of attachments whose content is missing or has another size."""
    rows = connection.execute("SELECT name, sha256, bytes FROM attachment ORDER BY id").fetchall()
    return [row[0] for row in rows if _size(path_of(database, row[1])) != row[2]]


def unused(connection: sqlite3.Connection, database: Path, copies: Iterable[Path] = ()) -> list[Path]:
    """Return the files that neither a record nor the journal refers to, and what a broken-off copy left.

    What one of the database's `copies` refers to is used, too; of one that can't be read nobody knows. What has no
    name of ours is somebody else's: the folder may be a link to another one.
    """
    folder = files_folder(database)
    left = _of_no_record(connection, database)
    for copy in copies if left else ():
        theirs = _referred_to(copy)
        left = [path for path in left if theirs is not None and path.parent.name + path.name not in theirs]
    broken_off = abandoned(folder.glob(f".*{_PASSING}"), disk_time(folder))
    return [path for path in (*left, *broken_off) if path.is_file()]


def keepers(connection: sqlite3.Connection, database: Path, copies: Iterable[Path]) -> list[Path]:
    """Return those of a database's copies that can't be read, where contents are kept that may be theirs alone."""
    return [copy for copy in copies if _referred_to(copy) is None] if _of_no_record(connection, database) else []


def _of_no_record(connection: sqlite3.Connection, database: Path) -> list[Path]:
    """Return the contents that neither a record nor the journal refers to."""
    referred = _referred(connection)
    contents = files_folder(database).glob("??/*")
    named = ((path, path.parent.name + path.name) for path in contents)
    return [path for path, name in named if re.fullmatch("[0-9a-f]{64}", name) and name not in referred]


def _referred(connection: sqlite3.Connection) -> set[str]:
    """Return the hashes of what records and the journal refer to."""
    return {row[0] for row in connection.execute(_REFERRED_TO)}


def _referred_to(copy: Path) -> set[str] | None:
    """Return the hashes of what a copy of a database refers to; None where it can't be read."""
    try:
        with closing(open_file(copy, mode="ro")) as connection:
            return _referred(connection)
    except (sqlite3.Error, StoreError):
        return None


def collect(
    connection: sqlite3.Connection,
    database: Path,
    *,
    copies: Iterable[Path] = (),
    only: Collection[str] | None = None,
) -> int:
    """Remove the files that nothing refers to, or those of these hashes alone; return how many went.

    What one of the database's `copies` refers to stays. Takes the write lock, so that nobody keeps one meanwhile; call
    it outside a transaction. Raises OSError for one that stays.
    """
    begin_writing(connection)
    count = 0
    try:
        if only is None:
            paths = unused(connection, database, copies)
        else:  # each by its name: of a folder that is closed to this user nothing is found
            paths = [path_of(database, sha256) for sha256 in set(only) - _referred(connection)]
        for path in paths:
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            count += 1
            for folder in (path.parent, path.parent.parent):
                with suppress(OSError):
                    folder.rmdir()  # only where it was the last
    finally:
        connection.execute("ROLLBACK")
    return count


def copy_missing(source: Path, target: Path) -> int:
    """Link or copy the files of one database's folder that another's lacks; return how many.

    What backup and restore do: contents never change, so that a link is as good as a copy. Raises StoreError.
    """
    count = 0
    for path in sorted(files_folder(source).glob("??/*")):
        copy = path_of(target, path.parent.name + path.name)
        if copy.exists():
            continue
        try:
            for folder in (copy.parent.parent, copy.parent):
                private_folder(folder)
            _link(path, copy)
        except OSError as error:
            if not path.exists():  # nothing refers to it, and the doctor has cleared it away meanwhile
                continue
            raise store_error(error, copy.parent.parent) from error
        count += 1
    return count


def _link(path: Path, copy: Path) -> None:
    try:
        copy.hardlink_to(path)
    except OSError:  # another disk, or a file system without links
        with path.open("rb") as source, new_file(copy.parent.parent) as (passing, target):
            shutil.copyfileobj(source, target)
        passing.replace(copy)


def _copy_in(database: Path, source: Path) -> Staged:
    """Copy a file under a passing name, readable by its owner alone, and hash it on the way."""
    if source.is_dir():
        raise UsageError(_("{path} is a folder").format(path=source), hint=_("name files; a folder can be zipped"))
    if source.exists() and not source.is_file():  # it may never end, or never begin
        raise UsageError(
            _("{path} is a device or a pipe, and no file").format(path=source), hint=_("name another file")
        )
    if source.exists() and source.samefile(database):  # which grows, and whose locks are lost when its file is closed
        raise UsageError(_("{path} is the database itself").format(path=source), hint=_("name another file"))
    try:
        stream = source.open("rb")
    except FileNotFoundError as error:
        raise NotFoundError(_("there is no file {path}").format(path=source), hint=_("check the path")) from error
    except OSError as error:
        raise UsageError(
            _("{path} can't be read: {reason}").format(path=source, reason=error.strerror), hint=_("check the file")
        ) from error
    folder = files_folder(database)
    digest, size = hashlib.sha256(), 0
    try:
        with stream, new_file(folder) as (passing, copy):
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += copy.write(chunk)
    except OSError as error:
        raise store_error(error, folder) from error
    sha256 = digest.hexdigest()
    return Staged(source.name, sha256, size, passing, path_of(database, sha256))


@contextmanager
def new_file(folder: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Yield a file under a passing name, to be written to; it is removed when that fails. Raises OSError.

    The folder is made; another run that has kept nothing may remove it before there is anything in it.
    """
    for number in count(1):
        folder.mkdir(mode=0o700, exist_ok=True)
        try:
            handle, name = tempfile.mkstemp(prefix=".", suffix=_PASSING, dir=folder)  # made with mode 0600
        except FileNotFoundError:
            if number == _TRIES:
                raise
        else:
            break
    passing = Path(name)
    try:
        with os.fdopen(handle, "wb") as copy:
            yield passing, copy
            copy.flush()
            os.fsync(copy.fileno())
    except BaseException:
        passing.unlink(missing_ok=True)
        raise


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
