"""Whether reminders still run: a little file beside the database, which every run leaves its mark on.

`crm remind --install` makes it, and it says what was installed. A run that finds nothing due has no other trace:
it writes nothing into the database, it sets the file's time, and its first line to the clock that counts while the
machine is awake. So a laptop that slept for a weekend, or was switched on a minute ago, is not said to have stopped.
"""

import os
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from crmcli.store.idle import HEARTBEAT, beat

__all__ = ["Heartbeat", "beat", "declare", "read", "withdraw"]

_MISSED = 2
"""So many runs may be missed: one may be under way, and one may have been killed."""
_SLACK = timedelta(minutes=1)
_AWAKE = timedelta(minutes=15)
"""A scheduler makes up for a run that was missed within so long of the machine's waking up."""


class Heartbeat(NamedTuple):
    """What was installed, and when it ran last."""

    kind: str
    """cron, systemd, launchd or windows."""
    every: int
    """Minutes between two runs."""
    installed_at: datetime
    last_run_at: datetime | None
    awake: timedelta
    """For how long the machine has been awake since then."""

    def late(self, now: datetime) -> bool:
        """Return whether runs were expected and did not come."""
        every = timedelta(minutes=self.every)
        since = now.astimezone(UTC) - (self.last_run_at or self.installed_at)
        return since > _MISSED * every + _SLACK and self.awake > min(_MISSED * every, _AWAKE)


def declare(database: Path, kind: str, every: int) -> None:
    """Say that reminders are installed; they have not run yet. Raises OSError."""
    installed = int(time.time())
    path = _path(database)
    path.touch(mode=0o600)
    path.write_text(f"{time.monotonic_ns():020d}\n{kind} {every} {installed}\n", "ascii")
    os.utime(path, (installed, installed))


def withdraw(database: Path) -> None:
    """Say that no reminders are installed any more. Raises OSError."""
    _path(database).unlink(missing_ok=True)


def read(database: Path) -> Heartbeat | None:
    """Return what is installed for the database, None when nothing is, or nothing that can be read."""
    path = _path(database)
    with suppress(OSError, ValueError):
        clock, kind, every, installed = path.read_text("ascii").split()
        changed = path.stat().st_mtime
        ran = datetime.fromtimestamp(changed, UTC) if changed != int(installed) else None
        awake = _awake(int(clock), time.time() - changed)
        return Heartbeat(kind, int(every), datetime.fromtimestamp(int(installed), UTC), ran, awake)
    return None


def _awake(then: int, elapsed: float) -> timedelta:
    """Return for how long the machine was awake since its clock said `then`, which begins anew when it is started."""
    now = time.monotonic_ns()
    passed = (now - then) / 1e9
    if not 0 <= passed <= elapsed + _SLACK.total_seconds():  # it was started since, or the calendar's clock was changed
        passed = now / 1e9
    return timedelta(seconds=passed)


def _path(database: Path) -> Path:
    return database.with_name(database.name + HEARTBEAT)
