"""Files that are written whole or not at all, and that only their owner can read."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from crmcli.errors import CrmError, UsageError
from crmcli.i18n import _
from crmcli.rules.noise import PAGE_SIZE, is_noise


@contextmanager
def whole_file(named: Path, *, dry_run: bool = False) -> Iterator[BinaryIO]:
    """Give a stream whose content takes the place of the file when the block ends; nothing is left when it raises.

    The new file is readable by its owner alone. What is no regular file (a named pipe) is written to as it is, and what
    is open already (`/dev/stdout`) is written on, whatever is in it. A dry run writes nothing. Raises UsageError for a
    folder, for a file in none, and for a database, CrmError for a pipe whose reader has left, OSError.
    """
    number = open_already(named)
    if number is not None and not dry_run:
        with os.fdopen(os.dup(number), "wb") as stream:
            yield stream
        return
    path = Path(os.path.realpath(named))  # a link stays a link to what is written; this one never raises
    if path.is_dir():
        raise UsageError(_("{path} is a folder").format(path=path), hint=_("name a file in it"))
    if not path.parent.is_dir():
        said = _("{path} can't be written: there is no folder {folder}")
        raise UsageError(said.format(path=named, folder=path.parent), hint=_("make it first"))
    if path.is_file() and _is_database(path):
        raise UsageError(_("{path} is a database, and would be lost").format(path=path), hint=_("name another file"))
    if dry_run or (path.exists() and not path.is_file()):
        try:
            with Path(os.devnull if dry_run else path).open("wb") as stream:
                yield stream
        except BrokenPipeError as error:  # it is no output of ours that somebody has seen enough of
            raise CrmError(f"{named}: {error.strerror}") from error
        return
    handle, name = _passing(path)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:  # a full disk is told without a name
            error.filename = str(path)
        with suppress(OSError):
            Path(name).unlink()
        raise


def _passing(path: Path) -> tuple[int, str]:
    """Make a file beside the one that it is to become. Raises OSError, which names that one."""
    try:
        return mkstemp(prefix=f".{path.name[:_LONGEST]}.", dir=path.parent)
    except OSError as error:
        error.filename = str(path)
        raise


def open_already(named: Path) -> int | None:
    """Return the number of the file of this process that such a name as `/dev/stdout` means; None for other names."""
    found = _OPEN.fullmatch(os.path.normpath(named)) if os.name == "posix" else None
    if not found:
        return None
    return _STREAMS.index(found["stream"]) if found["stream"] else int(found["number"])


def content_of(path: Path) -> bytes | None:
    """Return what is in a file; None when it is gone. Raises OSError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def replace_file(path: Path, content: bytes) -> bool:
    """Let the file have this content and return True; False where it has it already, and nothing is written.

    Who reads it sees the old content or the new one. Who may read it stays as it was. Raises as `whole_file` does.
    """
    mode = None
    if path.is_file():
        if path.read_bytes() == content:
            return False
        mode = path.stat().st_mode
    with whole_file(path) as stream:
        stream.write(content)
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(stream.fileno(), mode)
    return True


def _is_database(path: Path) -> bool:
    """Return whether a file is a database, or may be an encrypted one, which consists of whole pages.

    A slip of the keyboard must not replace all customers by a table. Without its key nobody can tell an encrypted one
    from other noise; but what an export has written itself never is taken for one, being text or a ZIP (as XLSX is).
    """
    try:
        with path.open("rb") as file:
            start = file.read(PAGE_SIZE)
        if start.startswith(_ZIP):
            return False
        return start.startswith(_SQLITE) or (is_noise(start) and not path.stat().st_size % PAGE_SIZE)
    except OSError:
        return False


_STREAMS = ("stdin", "stdout", "stderr")
_OPEN = re.compile(rf"/dev/(?P<stream>{'|'.join(_STREAMS)})|/(?:dev|proc/self)/fd/(?P<number>\d{{1,6}})")
_SQLITE, _ZIP = b"SQLite format 3\0", b"PK\3\4"
_LONGEST = 50
"""Of the name, in that of the file that is being written: names have a limit."""
