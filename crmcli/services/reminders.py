"""Each item is reminded of once: which run speaks of an occurrence, and whether it was heard.

An occurrence (`callback:12@2026-12-01T07:00:00Z`) is claimed before it is printed, so that of two runs at the same
moment only one speaks, and marked as delivered afterwards. A run that dies in between leaves a claim that is free again
after CLAIM. Claims are no changes of the user's: the journal and undo know nothing of them.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from crmcli.when.stored import moment_text

CLAIM = timedelta(minutes=10)
"""So long a run may take to deliver what it claimed."""


@contextmanager
def claimed(
    connection: sqlite3.Connection, occurrences: Sequence[str], now: datetime, *, dry_run: bool = False
) -> Iterator[set[str]]:
    """Claim what nobody has claimed or delivered yet, and give the block those to deliver.

    They count as delivered when the block ends, and are free again when it raises. A dry run claims nothing.
    """
    mine = _claim(connection, occurrences, now, dry_run=dry_run)
    if dry_run:
        yield mine
        return
    try:
        yield mine
    except BaseException:
        _each(
            connection,
            "DELETE FROM reminder WHERE occurrence = ? AND channel = '' AND delivered_at IS NULL",
            [(o,) for o in mine],
        )
        raise
    delivered = moment_text(now)
    _each(
        connection,
        "UPDATE reminder SET delivered_at = ? WHERE occurrence = ? AND channel = ''",
        [(delivered, o) for o in mine],
    )


def _claim(connection: sqlite3.Connection, occurrences: Sequence[str], now: datetime, *, dry_run: bool) -> set[str]:
    """Return the occurrences that were free, in one transaction: claimed, unless it is a dry run."""
    if not occurrences:
        return set()
    mine = set()
    stale = "DELETE FROM reminder WHERE occurrence = ? AND channel = '' AND delivered_at IS NULL AND claimed_at < ?"
    claim = "INSERT OR IGNORE INTO reminder (occurrence, channel, claimed_at, attempts, nagged) VALUES (?, '', ?, 0, 0)"
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany(stale, [(occurrence, moment_text(now - CLAIM)) for occurrence in occurrences])
        for occurrence in occurrences:
            if connection.execute(claim, (occurrence, moment_text(now))).rowcount:
                mine.add(occurrence)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("ROLLBACK" if dry_run else "COMMIT")
    return mine


def _each(connection: sqlite3.Connection, sql: str, rows: Iterable[tuple[str, ...]]) -> None:
    """Execute a statement for every row in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(sql, rows)
    connection.execute("COMMIT")
