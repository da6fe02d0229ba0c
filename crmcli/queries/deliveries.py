"""How the channels of the reminders are: what waits in them, since when they fail, and when they are tried again."""

import sqlite3
from datetime import datetime
from typing import NamedTuple

from crmcli.rules.silence import LONGEST_WAIT
from crmcli.when.stored import moment_text


class Channel(NamedTuple):
    """The state of one channel; moments are UTC text as stored."""

    name: str
    waiting: int
    """Occurrences that were not delivered."""
    attempts: int
    """Failures in a row."""
    retry_at: str | None
    error: str | None
    delivered_at: str | None
    """When it last took something."""

    def rests(self, now: datetime) -> bool:
        """Return whether it failed and is not to be tried yet; what lies too far ahead was written by a wrong clock."""
        return self.retry_at is not None and moment_text(now) < self.retry_at <= moment_text(now + LONGEST_WAIT)


_STATES = """
SELECT channel, count(*) FILTER (WHERE delivered_at IS NULL), coalesce(max(attempts), 0), max(retry_at),
    max(error) FILTER (WHERE delivered_at IS NULL), max(delivered_at)
FROM reminder WHERE channel <> '' GROUP BY channel
"""


def channel_states(connection: sqlite3.Connection) -> dict[str, Channel]:
    """Return the state of every channel that anything was ever sent through, by name."""
    return {row[0]: Channel(*row) for row in connection.execute(_STATES)}
