"""How the channels of the reminders are: what waits in them, since when they fail, and when they are tried again."""

import sqlite3
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from crmcli.rules.silence import LONGEST_WAIT
from crmcli.when.stored import moment_text

_LOOK_BACK = timedelta(days=14)
"""So long after its day a birthday is still told of, when no run could do so."""


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
        farthest = now.astimezone(UTC) + LONGEST_WAIT
        return self.retry_at is not None and moment_text(now) < self.retry_at <= moment_text(farthest)

    def since(self, now: datetime) -> date:
        """Return since what day it may not have been told of what is only of interest on its day."""
        today = now.date()
        if self.delivered_at:
            last = datetime.fromisoformat(self.delivered_at).astimezone(now.tzinfo).date()
            return max(min(last, today), today - _LOOK_BACK)
        return today - _LOOK_BACK if self.waiting else today


_STATES = """
WITH RECURSIVE known (channel) AS (
    SELECT min(channel) FROM reminder WHERE channel >= ''
    UNION ALL
    SELECT (SELECT min(channel) FROM reminder r WHERE r.channel > k.channel) FROM known k WHERE k.channel IS NOT NULL
)
SELECT k.channel, count(f.channel), coalesce(max(f.attempts), 0), max(f.retry_at), max(f.error),
    (SELECT delivered_at FROM reminder r WHERE r.channel = k.channel AND delivered_at IS NOT NULL
    AND occurrence NOT GLOB 'notices@*' ORDER BY delivered_at DESC LIMIT 1)
FROM known k LEFT JOIN reminder f ON f.channel = k.channel AND f.delivered_at IS NULL
WHERE k.channel IS NOT NULL
    AND EXISTS (SELECT 1 FROM reminder r WHERE r.channel = k.channel AND occurrence NOT GLOB 'notices@*')
GROUP BY k.channel
"""
"""From one channel to the next, and to what it took last, by an index; another has what was not delivered: what was has
no failures any more."""


def channel_states(connection: sqlite3.Connection) -> dict[str, Channel]:
    """Return the state of every channel that anything was ever sent through, by name.

    The one without a name is what is printed, or handed to a command.
    """
    return {row[0]: Channel(*row) for row in connection.execute(_STATES)}


NEW = Channel("", 0, 0, None, None, None)
"""One that nothing was sent through yet."""
