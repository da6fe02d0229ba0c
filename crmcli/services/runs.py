"""What the runs of the reminders did: a row for each that had something to deliver.

A run that finds nothing due writes nothing into the database, or cron would write day and night: see `store.heartbeat`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from time import monotonic

from crmcli.errors import CrmError
from crmcli.i18n import _
from crmcli.store.waiting import begin_writing, commit
from crmcli.when.stored import moment_text

KEPT = timedelta(days=90)
"""Older runs are forgotten."""


class Run:
    """What a run is doing; its counts are written when it ends."""

    def __init__(self, items: int) -> None:
        self.items = items
        self.delivered = 0
        self.failed = 0
        self.error = ""


@contextmanager
def recorded(connection: sqlite3.Connection, command: str, items: int, now: datetime) -> Iterator[Run]:
    """Record a run that is about to deliver so many items; the block fills in what became of them.

    The row is there before the block begins, so that a run that was killed shows as one that never finished. When the
    block raises, what it has not delivered has failed.
    """
    run, begun = Run(items), monotonic()
    begin_writing(connection)
    connection.execute("DELETE FROM reminder_run WHERE at < ?", (moment_text(now - KEPT),))
    sql = "INSERT INTO reminder_run (at, command, items, delivered, failed) VALUES (?, ?, ?, 0, 0)"
    id_ = connection.execute(sql, (moment_text(now), command, items)).lastrowid
    commit(connection)
    try:
        yield run
    except BaseException as error:
        run.failed = items - run.delivered
        run.error = _reason(error)
        raise
    finally:
        finished = now.astimezone(UTC) + timedelta(seconds=monotonic() - begun)
        with suppress(sqlite3.Error):  # whether it was told is noted with the items, and matters more
            connection.execute(
                "UPDATE reminder_run SET finished_at = ?, items = ?, delivered = ?, failed = ?, error = ? WHERE id = ?",
                (moment_text(finished), run.items, run.delivered, run.failed, run.error or None, id_),
            )


def _reason(error: BaseException) -> str:
    """Return why a run has ended before its time; who was told to end (Ctrl-C, a shutdown) has done nothing wrong."""
    if isinstance(error, KeyboardInterrupt):
        return _("broken off")
    return error.message if isinstance(error, CrmError) else f"{type(error).__name__}: {error}"
