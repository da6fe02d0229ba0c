"""Disks that several machines share, and others without memory that processes share: the write-ahead log needs it.

There SQLite's older journal does: readers wait for writers, and two machines depend on the locks of the network.
"""

import mmap
import re
import sqlite3
from contextlib import closing
from errno import EACCES, EAGAIN
from pathlib import Path
from tempfile import TemporaryFile
from types import ModuleType

from crmcli.store.driver import open_file
from crmcli.store.waiting import patiently

MOUNTS = Path("/proc/mounts")
NO_SHARED_MEMORY = {
    *(sqlite3.SQLITE_IOERR_SHMMAP, sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE),
    sqlite3.SQLITE_IOERR,  # SQLCipher's library says no more
}
"""What SQLite says of a disk on which a file can't be mapped into memory."""
_NETWORK = re.compile(r"nfs\d?|cifs|smb\w*|ncpfs|afs|9p|ceph|glusterfs|lustre|fuse\.(?:sshfs|davfs2?|rclone|s3fs|ceph)")
"""Types of file systems on which processes of several machines can't share memory."""


def network_type(path: Path, mounts: str) -> str:
    """Return the type of the network file system that a path is on; empty when it is on none.

    `mounts` is what /proc/mounts says: device, mount point (with octal escapes), type and more, separated by spaces.
    """
    place, type_ = Path("/"), ""
    for line in mounts.splitlines():
        _device, point, kind, *_more = (*line.split(" "), "", "")
        mounted = Path(re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), point))
        if path.is_relative_to(mounted) and len(mounted.parts) >= len(place.parts):
            place, type_ = mounted, kind
    return type_ if _NETWORK.fullmatch(type_) else ""


def network_of(path: Path) -> str:
    """Return the type of the network file system that a path is on, as far as the system tells; empty for none."""
    return network_type(path.resolve(), MOUNTS.read_text("utf-8", "replace")) if MOUNTS.exists() else ""


def switch_log_on(connection: sqlite3.Connection, path: Path) -> None:
    """Let readers and writers not wait for each other, where the disk can."""
    if not network_of(path) and has_shared_memory(path.resolve().parent):
        patiently(connection, "PRAGMA journal_mode = WAL")


def switch_log_off(path: Path) -> None:
    """Take over what is in the log and do without it: alone, which needs no shared memory."""
    with closing(open_file(path, alone=True)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def has_locks(folder: Path) -> bool:
    """Return whether files of a folder can be locked; where nothing can be written, nobody can tell, and they may be.

    SQLite says the same of a disk without locks as of somebody else's lock. A file of its own is tried: whoever closes
    a database's file lets go of all locks that the process has on it.
    """
    try:
        fcntl = _load_fcntl()
        with TemporaryFile(dir=folder) as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                return error.errno in {EACCES, EAGAIN}
    except (ImportError, OSError):
        return True
    return True


def has_shared_memory(folder: Path) -> bool:
    """Return whether files of a folder can be mapped into memory; where nothing can be written, nobody can tell."""
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(bytes(mmap.PAGESIZE))
            file.flush()
            try:
                mmap.mmap(file.fileno(), mmap.PAGESIZE).close()
            except OSError:
                return False
    except OSError:
        return True
    return True


def _load_fcntl() -> ModuleType:
    """Return fcntl, which not every system has."""
    import fcntl

    return fcntl
