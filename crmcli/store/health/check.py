"""What a check is, what it looks at, and what it finds."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from crmcli.i18n import joined
from crmcli.store.transaction import Transaction
from crmcli.store.waiting import Waiting

_NAMED = 3
"""So many of the values are named."""
_LONGEST = 20
"""Characters of a value that are shown."""
_NEWEST = 10_000
"""Rows of each table that have to do where all would take long."""
_LARGE = 20_000_000
"""Bytes from which on a sample is looked at: up to there everything takes a few seconds."""


def newest(table: str, *, sampled: bool) -> str:
    """Return the SQL condition for the rows of a table that are looked at: all, or the newest where a sample does."""
    return f"id > (SELECT max(id) FROM {table}) - {_NEWEST}" if sampled else "TRUE"


def named(wrong: Sequence[tuple[object, ...]]) -> str:
    """Return the first of the wrong values: what each belongs to, and last the value, cut where it is long."""
    said = (f"{' '.join(map(str, place))} “{str(value)[:_LONGEST]}”" for *place, value in wrong[:_NAMED])
    return f"{joined(said)}{'…' if len(wrong) > _NAMED else ''}"


def is_large(path: Path) -> bool:
    """Return whether a database is so large that to look at everything would take long."""
    return path.stat().st_size > _LARGE


class Subject(NamedTuple):
    """What is examined."""

    connection: sqlite3.Connection
    path: Path
    now: datetime
    country: str
    """The country of phone numbers without a country code."""
    transaction: Callable[[], AbstractContextManager[Transaction]]
    """Begins a journalled transaction on the connection, for mending records: it can be undone."""
    full: bool = False
    """Whether everything is looked at where a sample would do."""
    waiting: Waiting | None = None
    """Told once, where another process keeps a check waiting for a while."""

    @property
    def sampled(self) -> bool:
        """Whether the checks that would take long look at a sample."""
        return not self.full and is_large(self.path)


class Finding(NamedTuple):
    """What a check found."""

    check: str
    ok: bool
    message: str
    cure: str = ""
    """What to do about it."""
    fixed: bool = False
    sampled: bool = False
    """Whether only a sample was looked at."""


class Check(NamedTuple):
    """Something that can be wrong."""

    name: str
    well: str
    """What is said when it isn't; an English message id."""
    find: Callable[[Subject], str]
    """Returns what is wrong, translated; empty when all is well."""
    cure: str
    mend: Callable[[Subject], None] | None = None
    samples: bool = False
    """Whether a sample has to do in a large database."""
