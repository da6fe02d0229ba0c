"""What processes that were killed left beside a database: copies of all customers that nobody finished.

A copy that is being made grows; what has not changed for an hour is nobody's any more.
"""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from glob import escape
from math import inf
from pathlib import Path
from tempfile import TemporaryFile

_SECONDS = 3600.0
_GONE = os.stat_result((0, 0, 0, 0, 0, 0, 1, 0, inf, 0))
"""Neither empty nor old."""


def leftovers(database: Path, folder: Path, moment: float) -> list[Path]:
    """Return what is left over beside a database, and in a folder of its backups.

    `moment` is POSIX time by the clock of the disk: another one, such as that of `--as-of`, would take what is being
    made for old.
    """
    name, stem = escape(database.name), escape(database.stem)
    kinds = ("restore", "key", "salvage")
    beside = (*(f".{name}.{kind}-*" for kind in kinds), f".{name}.schema-*.part*", f".{stem}.*.part*")
    found = [path for pattern in beside for path in database.parent.glob(pattern)]
    found += folder.glob(f".{stem}-*.part*")
    found += [path for path in folder.glob(f"{stem}-*.db") if not _state(path).st_size]  # a name that was only taken
    return abandoned(found, moment)


def abandoned(paths: Iterable[Path], moment: float) -> list[Path]:
    """Return those of the unfinished files that nobody is at work on."""
    return [path for path in paths if _state(path).st_mtime < moment - _SECONDS]


def disk_time(folder: Path) -> float:
    """Return the present, POSIX time, by the clock of a folder's disk; where nothing can be written nothing is old."""
    try:
        with TemporaryFile(dir=folder) as file:
            return os.fstat(file.fileno()).st_mtime
    except OSError:
        return -inf


def _state(path: Path) -> os.stat_result:
    """Return size and time of a file; of one that another process has just removed, of one that is new."""
    try:
        return path.stat()
    except OSError:
        return _GONE


def clear(paths: list[Path]) -> None:
    """Remove what is left over; what can't be removed stays."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()


def clear_database(path: Path) -> None:
    """Remove a database that was not finished, with what SQLite has left beside it."""
    clear([path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm", "-journal")])
