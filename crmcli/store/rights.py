"""Who may use a database: a team may share one through a group of its own."""

import os
import stat
from contextlib import suppress
from pathlib import Path


def take_over_rights(copy: Path, database: Path) -> None:
    """Give a copy that is to take a database's place the mode of that, and owner and group where this user may.

    A group that can't be given gets no rights: those were meant for another one.
    """
    if os.name != "posix":
        return
    was = database.stat()
    for owner in (was.st_uid, -1):  # only root gives a file away
        with suppress(OSError):
            os.chown(copy, owner, was.st_gid)
            break
    group = stat.S_IRWXG if copy.stat().st_gid == was.st_gid else 0
    with suppress(OSError):  # a file system without rights
        copy.chmod(was.st_mode & (stat.S_IRWXU | group | stat.S_IRWXO))
