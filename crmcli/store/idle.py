"""What a run of the reminders that had nothing to do leaves for the next ones, so that they need not look again.

Cron asks every minute, and nearly always nothing has changed since it asked last. So the whole program, when it found
nothing to do, works out until when that must stay so (`screens.idle`), and notes it in a little file beside the
database, with all that it rests on: database and settings as they lie on the disk, command line, environment and zone.
A run that finds all of this as it was, and the clock within that time, has nothing to do either. Whatever differs, or
is unusual, is left to the whole program. Only what is built into Python is loaded here.
"""

import os
import time

HEARTBEAT = ".schedule"
"""What the file beside the database, in which every run leaves its mark, has after the database's name."""
_NOTE = ".idle"
_SETTLED = 3.0
"""Seconds. What was written less long before a run began may have been written again within a tick of the disk's clock,
which its times would not show (as git's index is careful of what it calls racy)."""
_WORDS = {"remind", "--once", "--notify", "--digest", "--exit-code"}
"""Options that a run may have; and `--exec`, whose command may hold secrets and does nothing without work."""
_VARIABLES = (
    *("HOME", "TZ", "PYTHONTZPATH", "XDG_DATA_HOME", "XDG_CONFIG_HOME"),
    *("CRM_DB", "CRM_CONFIG", "CRM_LANG", "CRM_OUTPUT", "CRM_NOW"),
)
TYPE_CHECKING = False
if TYPE_CHECKING:  # the typing module is not worth its import here
    from collections.abc import Mapping, Sequence

    Stamp = tuple[int, ...]


def unneeded(arguments: "Sequence[str]", environ: "Mapping[str, str]", now: float) -> bool:
    """Return True when a run certainly has nothing to do; False means: ask the whole program. It leaves its mark."""
    database = environ.get("CRM_DB") or f"{environ.get('HOME', '')}/.local/share/crmcli/crm.db"
    words = _words(arguments)
    if not words or not database.startswith("/"):
        return False
    database = os.path.realpath(database)
    try:
        with open(database + _NOTE, encoding="ascii") as file:  # noqa: PTH123 - pathlib costs more than all of this
            since, until, settings, rests_on = file.read().split("\n")
    except (OSError, ValueError):
        return False
    path = settings.encode("ascii").decode("unicode_escape")
    same = rests_on == _said(words, environ, stamps(database, path), now)
    nothing = same and since.isdigit() and until.isdigit() and int(since) <= now < int(until)
    if nothing and ("--once" in words or "--notify" in words):
        beat(database)
    return nothing


def note(
    arguments: "Sequence[str]",
    environ: "Mapping[str, str]",
    database: str,
    settings: str,
    seen: "Sequence[Stamp | None]",
    now: float,
    until: float,
) -> None:
    """Leave the note: with database and settings as they were `seen` there is nothing to do from now until then."""
    words = _words(arguments)
    if not words or not database.startswith("/") or not settings.startswith("/"):
        return
    place = os.path.realpath(database) + _NOTE
    unfinished = f"{place}.new"  # of two that write at once, what they mix fits nothing that is compared with it
    lines = (str(int(now)), str(int(until)), ascii(settings)[1:-1], _said(words, environ, seen, now))
    try:
        file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(file, "\n".join(lines).encode("ascii"))
        os.close(file)
        os.replace(unfinished, place)  # noqa: PTH105 - as above
    except OSError:
        pass  # without it the next run looks again


def stamps(database: str, settings: str) -> "list[Stamp | None]":
    """Return what tells whether anybody has written since: of the database, its log and the settings; None of none.

    SQLite writes what is committed into one or the other of the first two. An empty log is none: readers make it.
    """
    place = os.path.realpath(database)
    log = _stamp(f"{place}-wal")
    return [_stamp(place), log if log and log[2] else None, _stamp(settings)]


def settled(seen: "Sequence[Stamp | None]", begun: float) -> bool:
    """Return whether what was seen was written well before the run began: then it shows when it is written again."""
    latest = (begun - _SETTLED) * 1e9
    return seen[0] is not None and all(max(stamp[3:]) < latest for stamp in seen if stamp)


def beat(database: str) -> None:
    """Leave the mark of a run, where reminders were installed (see `store.heartbeat`, which made the file)."""
    try:
        file = os.open(database + HEARTBEAT, os.O_WRONLY)
        os.write(file, b"%020d" % time.monotonic_ns())
        os.close(file)
    except OSError:
        pass  # a run matters more than its mark


def _words(arguments: "Sequence[str]") -> list[str]:
    """Return the command line without the command that `--exec` names; nothing when there is anything else in it."""
    words = [word for before, word in zip(["", *arguments], arguments, strict=False) if before != "--exec"]
    known = all(word in _WORDS or word == "--exec" or not word.startswith("-") for word in words)
    return words if known and words[:1] == ["remind"] else []


def _said(words: "Sequence[str]", environ: "Mapping[str, str]", seen: "Sequence[Stamp | None]", now: float) -> str:
    """Return all that a note rests on as a line of text."""
    variables = [environ.get(name) for name in _VARIABLES]
    return ascii((words, variables, _zone(now), list(seen)))


def _zone(now: float) -> "tuple[object, ...]":
    """Return what the machine's zone is told by (see `when.zone.local_zone`)."""
    try:
        with open("/etc/timezone", encoding="utf-8") as file:  # noqa: PTH123 - as above
            name = file.read()
    except (OSError, ValueError):
        name = ""
    return name, os.path.realpath("/etc/localtime"), time.localtime(now).tm_gmtoff


def _stamp(path: str) -> "Stamp | None":
    try:
        found = os.stat(path)  # noqa: PTH116 - as above
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
