"""Each item goes through each channel once: which run speaks of an occurrence, and whether it was heard.

An occurrence (`callback:12@2026-12-01T07:00:00Z`) is claimed for a channel before it is sent, so that of two runs at
the same moment only one speaks, and marked as delivered afterwards. A run that dies in between leaves a claim that is
free again after CLAIM: then it is said again, perhaps for the second time, but never not at all. A channel that failed
rests for a while, longer each time. Claims are no changes of the user's: the journal and undo know nothing of them.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from os import getpid
from uuid import uuid4

from crmcli.errors import StoreError, reason_of
from crmcli.i18n import _
from crmcli.rules.silence import wait_after
from crmcli.store.waiting import begin_writing, commit
from crmcli.when.stored import moment_text

CLAIM = timedelta(minutes=10)
"""So long a run may take to deliver what it claimed."""
PRINTED = ""
"""The channel of what is printed, or handed to a command."""

_FREE = """
(delivered_at IS NULL AND (claimed_by IS NULL OR claimed_at NOT BETWEEN :stale AND :ahead))
OR (delivered_at IS NOT NULL AND delivered_at <= :nag)
"""
"""Whether a known occurrence may be claimed. What the clock says of the future was written while it was wrong."""

_CLAIM = f"""
INSERT INTO reminder (occurrence, channel, claimed_at, claimed_by, attempts, nagged)
VALUES (:occurrence, :channel, :now, :run, 0, 0)
ON CONFLICT (occurrence, channel) DO UPDATE SET
    claimed_at = excluded.claimed_at, claimed_by = excluded.claimed_by,
    nagged = nagged + (delivered_at IS NOT NULL), delivered_at = NULL, retry_at = NULL
WHERE {_FREE}
"""
"""A new attempt ends the pause before it: if the run dies, one that a wrong clock began would hide the next."""

_TAKEN = f"SELECT 1 FROM reminder WHERE occurrence = :occurrence AND channel = :channel AND NOT ({_FREE})"
_MINE = "occurrence = ? AND channel = ? AND claimed_by = ?"


class Run:
    """One run's claims on one channel."""

    def __init__(self, connection: sqlite3.Connection, channel: str, now: datetime) -> None:
        self._connection = connection
        self._channel = channel
        self._now = now.astimezone(UTC)  # ten minutes are ten minutes, also across a change of the user's clock
        self._name = f"{getpid()}-{uuid4().hex}"

    def claim(self, occurrences: Sequence[str], *, nag: timedelta | None = None, dry_run: bool = False) -> set[str]:
        """Claim what nobody has claimed or delivered yet, in one transaction, and return it; a dry run claims nothing.

        With `nag`, what was delivered so long ago and is still due is claimed again.
        """
        if not occurrences:
            return set()
        values = self._values(nag)
        begin_writing(self._connection)
        try:
            mine = {
                occurrence
                for occurrence in occurrences
                if self._connection.execute(_CLAIM, {**values, "occurrence": occurrence}).rowcount
            }
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        if dry_run:
            self._connection.execute("ROLLBACK")
        else:
            commit(self._connection)
        return mine

    def free(self, occurrences: Iterable[str], *, nag: timedelta | None = None) -> bool:
        """Return whether any of them could be claimed now; nothing is written."""
        values = self._values(nag)
        return any(
            not self._connection.execute(_TAKEN, {**values, "occurrence": occurrence}).fetchone()
            for occurrence in occurrences
        )

    def _values(self, nag: timedelta | None) -> dict[str, str]:
        now = self._now
        return {
            "channel": self._channel,
            "run": self._name,
            "now": moment_text(now),
            "stale": moment_text(now - CLAIM),
            "ahead": moment_text(now + CLAIM),
            "nag": moment_text(now - nag) if nag else "",
        }

    def forget(self, due: Iterable[str]) -> None:
        """Drop what this channel failed to deliver, or a run that died had claimed, and is not due any more.

        Somebody has done it meanwhile, and its failures are no reason for a pause any more.
        """
        values = self._values(None)
        waiting = f"FROM reminder WHERE channel = :channel AND delivered_at IS NULL AND ({_FREE})"
        over = {row[0] for row in self._connection.execute(f"SELECT occurrence {waiting}", values)}.difference(due)
        if over:
            begin_writing(self._connection)
            self._connection.executemany(
                f"DELETE {waiting} AND occurrence = :occurrence",
                [{**values, "occurrence": occurrence} for occurrence in over],
            )
            commit(self._connection)

    def holds(self, occurrences: Iterable[str]) -> set[str]:
        """Return those that are still this run's: one that was suspended for long may have lost its claim."""
        mine = f"SELECT 1 FROM reminder WHERE {_MINE} AND delivered_at IS NULL"
        return {o for o in occurrences if self._connection.execute(mine, (o, self._channel, self._name)).fetchone()}

    def delivered(self, occurrences: Iterable[str]) -> None:
        """Mark as delivered; raises StoreError where that can't be written, since nobody can untell it."""
        try:
            self._each(
                "UPDATE reminder SET delivered_at = ?, claimed_by = NULL, attempts = 0, retry_at = NULL, error = NULL",
                occurrences,
                moment_text(self._now),
            )
        except sqlite3.Error as error:
            raise StoreError(
                _("what is due was told, but that could not be noted: {reason}").format(reason=reason_of(error)),
                hint=_("it is told once more in ten minutes"),
            ) from error

    def release(self, occurrences: Iterable[str]) -> None:
        """Leave to the next run what was not delivered, as if nobody had tried."""
        self._each("UPDATE reminder SET claimed_by = NULL", occurrences)

    def failed(self, occurrences: Sequence[str], error: str, attempts: int) -> None:
        """Leave to a later run what the channel did not take, after it has rested; `attempts` counts this one."""
        retry = moment_text(self._now + wait_after(attempts))
        self._each(
            "UPDATE reminder SET claimed_by = NULL, attempts = ?, retry_at = ?, error = ?",
            occurrences,
            attempts,
            retry,
            error,
        )

    def _each(self, change: str, occurrences: Iterable[str], *values: str | int) -> None:
        """Execute an update for every occurrence that is this run's, in one transaction."""
        rows = [(*values, occurrence, self._channel, self._name) for occurrence in occurrences]
        begin_writing(self._connection)
        self._connection.executemany(f"{change} WHERE {_MINE}", rows)
        commit(self._connection)


@contextmanager
def claimed(
    connection: sqlite3.Connection, occurrences: Sequence[str], now: datetime, *, dry_run: bool = False
) -> Iterator[set[str]]:
    """Claim what was not printed yet, and give the block that to print.

    It counts as delivered when the block ends, and is free again when it raises. A dry run claims nothing.
    """
    run = Run(connection, PRINTED, now)
    mine = run.claim(occurrences, dry_run=dry_run)
    try:
        yield mine
    except BaseException:
        with suppress(sqlite3.Error):  # where it can't be written, the claim ends by itself
            run.release(() if dry_run else mine)
        raise
    run.delivered(() if dry_run else mine)
