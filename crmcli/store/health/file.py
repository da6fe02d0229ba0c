"""Checks of the file and of the place that it lies in; they hold for every schema."""

import os
import re
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from crmcli.i18n import N_, _, joined
from crmcli.rules.sizes import readable_size
from crmcli.store.backup import damaged, faults
from crmcli.store.connection import SCHEMA, schema_of
from crmcli.store.health.check import Check, Subject
from crmcli.store.health.indexes import misfits
from crmcli.store.network import has_shared_memory, network_of
from crmcli.store.schema import bring_up_to_date

_CONTENT_FAULT = re.compile(
    r"row \d+ missing from index|wrong # of entries in index|non-unique entry in index"
    r"|NULL value in|NUMERIC value in|TEXT value in|non-\w+ value in|CHECK constraint failed"
)
"""What integrity_check says of rows and indexes that don't fit, while every page can be read."""
_SPARE = 50_000_000
"""Bytes that should be free besides room for a backup."""
_SURPLUS = 0.25


def _place(subject: Subject) -> str:
    closed = [path for path in (subject.path, subject.path.absolute().parent) if not os.access(path, os.W_OK)]
    return _("{path} can only be read").format(path=closed[0]) if closed else ""


def _integrity(subject: Subject) -> str:
    pragma = "quick_check" if subject.sampled else "integrity_check"
    found = faults(subject.connection, pragma)
    worst = next((text for text in found if not _CONTENT_FAULT.match(text)), None)
    if worst:
        raise damaged(subject.path, worst)
    if subject.sampled and not found:
        names = misfits(subject.connection, subject.now.toordinal())
        return _("indexes that don't fit: {names}").format(names=joined(names)) if names else ""
    return "; ".join(found[:3])


def _reindex(subject: Subject) -> None:
    subject.connection.execute("REINDEX")


def _schema(subject: Subject) -> str:
    schema = schema_of(subject.connection, subject.path)
    if schema == SCHEMA:
        return ""
    if not schema:
        return _("there is nothing in it yet")
    return _("made by an older crm (schema {version}, this one works with {known})").format(
        version=schema, known=SCHEMA
    )


def _upgrade(subject: Subject) -> None:
    bring_up_to_date(subject.connection, subject.path)


def _permissions(subject: Subject) -> str:
    return joined(f"{path} ({stat.S_IMODE(path.stat().st_mode):04o})" for path, _wanted in _too_open(subject.path))


def _close(subject: Subject) -> None:
    for path, wanted in _too_open(subject.path):
        path.chmod(wanted)


def _too_open(database: Path) -> Iterator[tuple[Path, int]]:
    """Yield our files that others may read, and a folder that anybody may write, with the mode that they should have.

    The folder may be one of the user's own: only what lets others replace the database is wrong there. A group that
    may write in it was given what it may write: a team shares the database.
    """
    if os.name != "posix":
        return
    folder = database.absolute().parent
    mode = stat.S_IMODE(folder.stat().st_mode)
    for suffix in ("", "-wal", "-shm"):
        path = database.with_name(database.name + suffix)
        given = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0
        shared = mode & given & stat.S_IWGRP
        wanted = 0o660 if shared else 0o600
        if given & 0o077 & ~wanted:
            yield path, wanted
    if folder.name == "crmcli" and mode & 0o077:
        yield folder, 0o700
    elif mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        yield folder, mode & ~stat.S_IWOTH


def _network(subject: Subject) -> str:
    type_ = network_of(subject.path)
    try:
        log = _mode(subject) == "wal"
    except sqlite3.OperationalError:  # it has one, and the disk has no memory for it
        log = True
    if not type_:
        alone = not log and not _place(subject) and not has_shared_memory(subject.path.resolve().parent)
        return _("on its disk processes share no memory: readers wait for writers") if alone else ""
    if log:
        return _("{path} is on a network file system ({type}): two machines at once would damage it").format(
            path=subject.path, type=type_
        )
    return _("{path} is on a network file system ({type}): use it from one machine at a time").format(
        path=subject.path, type=type_
    )


def _log(subject: Subject) -> str:
    if _mode(subject) == "wal" or _place(subject) or _network(subject):
        return ""
    return _("readers wait for writers: the write-ahead log is off")


def _mode(subject: Subject) -> str:
    return str(subject.connection.execute("PRAGMA journal_mode").fetchone()[0])


def _switch_log_on(subject: Subject) -> None:
    subject.connection.execute("PRAGMA journal_mode = WAL")


def _space(subject: Subject) -> str:
    free = shutil.disk_usage(subject.path.absolute().parent).free
    if free > subject.path.stat().st_size + _SPARE:
        return ""
    return _("only {size} are free: a backup would not fit").format(size=readable_size(free))


def _surplus(subject: Subject) -> str:
    pages, free, size = (
        int(subject.connection.execute(f"PRAGMA {name}").fetchone()[0])  # SQLCipher says it as text
        for name in ("page_count", "freelist_count", "page_size")
    )
    if free <= pages * _SURPLUS:
        return ""
    return _("{size} of the file are unused").format(size=readable_size(free * size))


def _vacuum(subject: Subject) -> None:
    subject.connection.execute("VACUUM")


_FIX = N_("crm doctor --fix")

CHECKS = (
    Check(
        "place",
        N_("the file and its folder can be written"),
        _place,
        N_("give yourself the right to (chmod u+w), or work with a copy: crm backup --to FOLDER"),
    ),
    Check(
        "integrity",
        N_("every page can be read, and every index fits"),
        _integrity,
        N_("crm doctor --fix makes the indexes anew; for anything else: crm history, and correct the record"),
        _reindex,
        samples=True,
    ),
    Check("schema", N_("the schema is this program's"), _schema, N_("any command brings it up to date"), _upgrade),
    Check("permissions", N_("nobody can read it but its owner, or a team that shares it"), _permissions, _FIX, _close),
    Check(
        "network",
        N_("on a disk of this machine"),
        _network,
        N_("move it to a disk of this machine, and name it with --db"),
    ),
    Check("log", N_("the write-ahead log is on wherever the disk can have it"), _log, _FIX, _switch_log_on),
    Check("space", N_("there is room on the disk"), _space, N_("free some space")),
    Check("size", N_("the file is no larger than it need be"), _surplus, _FIX, _vacuum),
)
