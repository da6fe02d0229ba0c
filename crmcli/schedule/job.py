"""What is to be run again and again, and the steps that see to it."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from crmcli.errors import UsageError
from crmcli.i18n import _, one_of
from crmcli.when.periods import parse_period

_HOUR = 60
_DAY = 24 * _HOUR
_EVERY = ("1m", "2m", "3m", "5m", "10m", "15m", "20m", "30m", "1h", "2h", "3h", "4h", "6h", "12h")
"""The usual lengths of time between two runs."""


class Job(NamedTuple):
    """A command line that is to be run every so many minutes."""

    name: str
    """Of the unit, task or line, by which it is found again."""
    words: tuple[str, ...]
    """The command line; its program is named by its whole path, since a scheduler knows no other."""
    environment: Mapping[str, str]
    """The variables that it needs: a scheduler gives it next to none."""
    every: int
    """Minutes: they divide an hour, or whole hours that divide a day (see `minutes_of`)."""


class Write(NamedTuple):
    """Write a file."""

    path: Path
    content: bytes
    shown: str
    """The content as text."""


class Remove(NamedTuple):
    """Remove a file; it may be gone already."""

    path: Path


class Run(NamedTuple):
    """Run a program of the machine."""

    words: tuple[str, ...]
    stdin: bytes | None = None
    shown: tuple[str, ...] = ()
    """What differs in its standard input, as lines that begin with `+` or `-`."""
    may_fail: bool = False
    """Whether it is no matter when it fails: what it would stop may have stopped already."""


Step = Write | Remove | Run


def minutes_of(text: str) -> int:
    """Return how many minutes lie between two runs.

    Raises WhenError for what is no length of time, UsageError for one that does not divide an hour, or a day, into
    equal parts: schedulers count from the full hour.
    """
    minutes = int(parse_period(text).total_seconds()) // 60
    if not minutes or (_HOUR % minutes if minutes < _HOUR else minutes % _HOUR or _DAY % minutes or minutes == _DAY):
        raise UsageError(
            _("no scheduler runs something every {period}").format(period=text),
            hint=one_of(_EVERY),
        )
    return minutes
