"""A simulated stretch of time: a run every minute, and everything that can go wrong, against an independent model.

Runs are killed at random points, overlap, meet locked databases and wrong clocks; a channel fails for hours. The model
knows nothing of the program: it is told what is due when, and what arrived when.

`python -m tests.reminders.year --days 366 --seed 1` runs it at length.
"""

import argparse
import random
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unittest.mock import patch
from zoneinfo import ZoneInfo

from crmcli.config import load_settings
from crmcli.context import Context
from crmcli.notify.message import Message
from crmcli.screens import notify
from crmcli.services.reminders import CLAIM, Run
from crmcli.store.connection import connect
from tests.rows import Rows

MINUTE = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=6)
PER_DAY = 12
ZONE = ZoneInfo("Europe/Berlin")
POINTS = ("before the claim", "after the claim", "after it was sent")


class KilledError(BaseException):
    """The process is gone: nothing of it runs any more."""


class Item(NamedTuple):
    """What must arrive: when it is due by the model, and when somebody does it."""

    id: int
    due: datetime
    done: datetime


class Heard(NamedTuple):
    """One arrival."""

    at: datetime
    killed: bool
    """Whether the run was killed before it could remember that."""


class World:
    """The database, the clock, the channel, and what arrived."""

    def __init__(self, folder: Path, start: datetime, days: int, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.start = start
        self.folder = folder
        self.now = start
        self.end = start + timedelta(days=days)
        self.heard: dict[str, list[Heard]] = {}
        self.trouble: list[tuple[datetime, datetime]] = []
        """Stretches in which something was wrong, so that what is due then may arrive later."""
        self.kill = ""
        self.down_until = start
        self.rows = Rows(folder / "crm.db")
        self.items = dict(self._items(days))
        (folder / "config.toml").write_text('[channel.mail]\nurl = "exec:true"\n', "utf-8")

        self.settings = load_settings(folder / "config.toml")
        self.connection = connect(folder / "crm.db")

    def _items(self, days: int) -> Iterator[tuple[str, Item]]:
        """Yield callbacks at any minute, some in the hour that a night lacks or has twice, and some of whole days."""
        who = self.rows.contact("张三", created=self.now)
        for number in range(days * PER_DAY):
            day = (self.now + timedelta(days=number // PER_DAY)).astimezone(ZONE).date()
            hour, minute = self.random.choice([(2, 30), (2, 0), (0, 0), (23, 59), (self.random.randrange(24), 15)])
            wall = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001 - the wall's clock
            done_after = timedelta(minutes=self.random.choice([45, 600, 3000]))
            if number % 4 == 3:
                due = wall.replace(hour=0, minute=0, tzinfo=ZONE).astimezone(UTC)
                id_ = self.rows.callback(who, day.isoformat())
                yield f"callback:{id_}@{day}", Item(id_, due, due + done_after)
            else:
                due = wall.replace(tzinfo=ZONE).astimezone(UTC)
                id_ = self.rows.callback(who, due)
                yield f"callback:{id_}@{due:%Y-%m-%dT%H:%M:%SZ}", Item(id_, due, due + done_after)

    def live(self) -> None:
        """Let the time pass, minute by minute."""
        doing = sorted(self.items.values(), key=lambda item: item.done)
        while self.now < self.end:
            while doing and doing[0].done <= self.now:
                done = doing.pop(0)
                self.rows.connection.execute("UPDATE callback SET status = 'done' WHERE id = ?", (done.id,))
            self._minute()
            self.now += MINUTE

    def _minute(self) -> None:
        chance = self.random.random()
        if chance < 0.0005:
            off = timedelta(minutes=self.random.randrange(5, 3000))
            self.trouble.append((self.now, self.now + off))
            self.now += off
        elif chance < 0.002:
            self.down_until = self.now + timedelta(minutes=self.random.randrange(1, 200))
            self.trouble.append((self.now, self.down_until + LONGEST_REST + MINUTE))
        elif chance < 0.003:
            self.trouble.append((self.now, self.now + MINUTE))
            self._run(self.now - timedelta(days=1))
            return
        elif chance < 0.02:
            self._run(self.now, kill=self.random.choice(POINTS))
            return
        elif chance < 0.03:
            self._locked()
            return
        elif chance < 0.04:
            self._overlapping()
            return
        self._run(self.now)

    def _run(self, now: datetime, kill: str = "") -> None:
        self.kill = kill
        context = Context(
            {"CRM_DB": str(self.folder / "crm.db"), "CRM_CONFIG": str(self.folder / "config.toml"), "HOME": "/"},
            ["remind", "--notify"],
        )
        context.now = now.astimezone(ZONE)
        context.zone = ZONE
        context.settings = self.settings
        context.connection = connect(self.folder / "crm.db") if kill else self.connection
        with self._instead(), suppress(KilledError):
            notify.run(context, [])
        if kill:
            context.connection.close()
            self.trouble.append((self.now, self.now + CLAIM + 2 * MINUTE))

    def _locked(self) -> None:
        writer = connect(self.folder / "crm.db")
        writer.execute("BEGIN IMMEDIATE")
        with suppress(sqlite3.OperationalError), patch("crmcli.store.connection.BUSY_SECONDS", 0):
            self._run(self.now)
        writer.execute("ROLLBACK")
        writer.close()
        self.trouble.append((self.now, self.now + MINUTE))

    def _overlapping(self) -> None:
        """Let a second run do all its work while the first has claimed and not sent yet."""
        holds = Run.holds

        def held_up(run: Run, occurrences: list[str]) -> set[str]:
            with patch.object(Run, "holds", holds):
                self._run(self.now)
            return holds(run, occurrences)

        with patch.object(Run, "holds", held_up):
            self._run(self.now)

    @contextmanager
    def _instead(self) -> Iterator[None]:
        """Put the model's channel in the place of the real one, and kill the run where it is to be killed."""
        claim = Run.claim

        def claimed(run: Run, occurrences: list[str], **options: object) -> set[str]:
            self._maybe_killed(POINTS[0])
            mine = claim(run, occurrences, **options)  # type: ignore[arg-type]
            self._maybe_killed(POINTS[1])
            return mine

        with patch.object(Run, "claim", claimed), patch.object(notify, "send_all", self._sent):
            yield

    def _sent(self, messages: Mapping[str, tuple[str, Message]]) -> dict[str, str]:
        import json

        if self.now < self.down_until:
            return dict.fromkeys(messages, "down")
        for _address, message in messages.values():
            for item in json.loads(message.content)["items"]:
                self.heard.setdefault(item["occurrence"], []).append(Heard(self.now, self.kill == POINTS[2]))
        self._maybe_killed(POINTS[2])
        return {}

    def _maybe_killed(self, point: str) -> None:
        if self.kill == point:
            raise KilledError

    def complaints(self) -> Iterator[str]:
        """Yield what was not as promised."""
        for occurrence, item in self.items.items():
            heard = self.heard.get(occurrence, [])
            expected = self._at_the_latest(item.due)
            if not heard and expected < min(item.done, self.end):
                yield f"{occurrence} never arrived"
            if heard and heard[0].at < item.due:
                yield f"{occurrence} arrived early, at {heard[0].at}"
            if heard and heard[0].at > expected:
                yield f"{occurrence} was expected by {expected} and arrived at {heard[0].at}"
            for before, after in pairwise(heard):
                if not before.killed or after.at - before.at < CLAIM:
                    yield f"{occurrence} arrived twice, at {before.at} and {after.at}"

    def _at_the_latest(self, due: datetime) -> datetime:
        """Return when it must have arrived: at the first run, or at the first after all that went wrong."""
        latest = max(due, self.start)
        for start, end in sorted(self.trouble):
            if start <= latest < end:
                latest = end
        return latest + MINUTE


def simulate(folder: Path, start: datetime, days: int, seed: int) -> World:
    """Live through so many days and return what happened."""
    world = World(folder, start, days, seed)
    world.live()
    return world


def main() -> None:
    """Simulate at length and print what was not as promised."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--days", type=int, default=366)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=datetime.fromisoformat, default="2026-03-01T00:00:00+00:00")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        world = simulate(Path(folder), given.start, given.days, given.seed)
    complaints = list(world.complaints())
    arrivals = sum(map(len, world.heard.values()))
    print(f"{given.days} days, {len(world.items)} items, {arrivals} arrivals, {len(world.trouble)} troubles")  # noqa: T201
    print(*complaints or ["all as promised"], sep="\n")  # noqa: T201
    raise SystemExit(bool(complaints))


if __name__ == "__main__":
    main()
