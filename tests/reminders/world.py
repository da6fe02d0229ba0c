"""The simulated time: a run of the program every minute, and everything that can go wrong with it.

What is ours and not real: the clock, the channels, and how the disk tells that somebody has written.
"""

import io
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from crmcli.config import load_settings
from crmcli.context import Context
from crmcli.errors import CrmError
from crmcli.notify.message import Message
from crmcli.screens import notify, remind
from crmcli.services.reminders import PRINTED, Run
from crmcli.store import idle
from crmcli.store.connection import connect
from tests.reminders.model import MINUTE, Heard, Key, Model
from tests.reminders.office import EVERY_HOUR, EVERY_MINUTE, SETTINGS, channels, heard_by, lines
from tests.reminders.stories import Stories

POINTS = ("before a claim", "after a claim", "before sending", "while sending", "after sending", "while marking")
"""Where a run is killed, or finds the database locked for so long that it gives up."""


class KilledError(BaseException):
    """The process is gone: nothing of it runs any more."""


@dataclass
class Fate:
    """One run, and what happens to it."""

    started: datetime
    clock: datetime
    dies: str = ""
    at_claim: int = 0
    """Which of its claims it dies at."""
    claims: int = 0
    claimed: set[str] = field(default_factory=set)
    heard: frozenset[str] = frozenset()
    died: bool = False


class World:
    """The database, the clock, the channels, and what arrived."""

    def __init__(self, folder: Path, zone: str, start: datetime, days: int, seed: int, *, trouble: float) -> None:
        self.random = Random(seed)  # noqa: S311 - repeatable on purpose
        self.zone = ZoneInfo(zone)
        self.database = folder / "crm.db"
        self.settings = folder / "config.toml"
        self.settings.write_text(SETTINGS, "utf-8")
        self.start = self.now = start
        self.end = start + timedelta(days=days)
        self.trouble = trouble
        """How much more often than rarely something goes wrong."""
        self.counts: Counter[str] = Counter()
        self.model = Model(self.zone, channels())
        self.stories = Stories(self.database, self.model, self.random)
        self.offset = timedelta()
        self.offset_until = start
        self.environ = {"CRM_DB": str(self.database), "CRM_CONFIG": str(self.settings), "HOME": "/"}
        self.loaded = load_settings(self.settings)
        self.connection = self._connect()
        self.watching = self._connect()

    def live(self) -> None:
        """Let the time pass, minute by minute."""
        with patch.object(idle, "_stamp", self._stamp), redirect_stderr(io.StringIO()):
            while self.now < self.end:
                self._minute()
                self.now += MINUTE

    def _connect(self) -> sqlite3.Connection:
        connection = connect(self.database)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    def _stamp(self, path: str) -> tuple[int, ...] | None:
        """Tell that somebody has written as SQLite itself does: the disk's clock does not know our time."""
        if path != str(self.database):
            return None if path.endswith("-wal") else (0, 0, 1, 0, 0)
        return 0, 0, int(self.watching.execute("PRAGMA data_version").fetchone()[0]), 0, 0

    def _minute(self) -> None:
        """Let people act, and the machine run the program once, or what goes wrong instead."""
        self.stories.act(self.now)
        if self.now >= self.offset_until:
            self.offset = timedelta()
        chance = self.random.random() / self.trouble
        if self.now in self.model.hot:
            chance /= 20
        happens = next((name for name, limit in _CHANCES if chance < limit), "")
        self.counts[happens or "runs"] += 1
        getattr(self, f"_{happens or 'run'}")()

    # what happens in a minute

    def _run(self, fate: Fate | None = None) -> None:
        self._passed(fate or Fate(self.now, self.now + self.offset))

    def _killed(self) -> None:
        dies = self.random.choice(POINTS)
        self._run(Fate(self.now, self.now + self.offset, dies, self.random.randrange(4)))

    def _off(self) -> None:
        """Switch the machine off for a while, or let it sleep."""
        longest = (self.end - self.start) // 8
        self.now += min(longest, MINUTE * self.random.choice((5, 60, 600, 3600)))

    def _wrong_clock(self) -> None:
        self.offset = MINUTE * self.random.choice((-1440, -60, -7, 7, 60, 1800))
        self.offset_until = self.now + MINUTE * self.random.choice((1, 3, 15))
        self._run()

    def _broken(self) -> None:
        """Let a channel take nothing for some time."""
        channel = self.random.choice(list(self.model.channels.values()))
        channel.down_until = self.now + MINUTE * self.random.choice((1, 12, 200, 900, 2500))
        self._run()

    def _locked(self) -> None:
        """Let another program write all the while."""
        writer = self._connect()
        writer.execute("BEGIN IMMEDIATE")
        with patch("crmcli.store.waiting.BUSY_SECONDS", 0):
            self._run(Fate(self.now, self.now + self.offset, "locked"))
        writer.execute("ROLLBACK")
        writer.close()

    def _overlapping(self) -> None:
        """Let a second run do all its work while the first has claimed and not sent yet."""
        fate, holds = Fate(self.now, self.now + self.offset), Run.holds

        def held_up(run: Run, occurrences: list[str]) -> set[str]:
            with patch.object(Run, "holds", holds):
                self._program(Fate(self.now, fate.clock), self._connect())
            return holds(run, occurrences)

        with patch.object(Run, "holds", held_up):
            self._passed(fate)

    def _sleeping(self) -> None:
        """Let a run fall asleep between claiming and sending, and others go on, for less or more than a claim holds."""
        fate, holds = Fate(self.now, self.now + self.offset), Run.holds
        slept: list[bool] = []

        def asleep(run: Run, occurrences: list[str]) -> set[str]:
            if not slept:
                slept.append(True)
                self._holds(fate)
                self.model.passed(self.now, fate.clock, frozenset())
                with patch.object(Run, "holds", holds):
                    for _minute in range(self.random.choice((3, 9, 12, 30))):
                        self.now += MINUTE
                        self._minute()
            return holds(run, occurrences)

        with patch.object(Run, "holds", asleep):
            open_ = self._program(fate, self._connect())
        if not slept:
            self.model.passed(self.now, fate.clock, open_)

    # one run

    def _passed(self, fate: Fate) -> None:
        """Run what the crontab says and take down who would have been heard in this minute."""
        open_: frozenset[str] = frozenset()
        for line in lines(fate.clock.astimezone(self.zone)):
            own = replace(fate, claimed=set())
            open_ |= self._program(own, self._connect() if fate.dies else self.connection, line)
        self.model.passed(fate.started, fate.clock, open_)

    def _program(self, fate: Fate, connection: sqlite3.Connection, line: list[str] = EVERY_MINUTE) -> frozenset[str]:
        """Run the program; return who would have been heard if there was something to tell."""
        up = frozenset(name for name in heard_by(line) if self.now >= self.model.channels[name].down_until)
        needless = idle.unneeded(line, self.environ, fate.clock.timestamp())
        if needless and self.random.random() > 0.01:
            self.counts["without a look"] += 1
            return up
        context = Context(self.environ, line)
        context.now, context.zone = fate.clock.astimezone(self.zone), self.zone
        context.settings, context.connection = self.loaded, connection
        with self._instead(fate), suppress(KilledError, sqlite3.OperationalError, CrmError):
            if line is EVERY_HOUR:
                remind.run(context, once=True, command="true")
            else:
                notify.run(context, sorted(heard_by(line)), digest="--digest" in line)
        if connection is not self.connection:
            connection.close()
        if needless and fate.claimed:
            self.model.faults.append(f"the run at {self.now} was thought needless")
        if not fate.died and fate.dies != "locked":
            return up
        self.counts[f"died {fate.dies}"] += 1
        self._holds(fate)
        return fate.heard if fate.died else up if needless else frozenset()

    def _holds(self, fate: Fate) -> None:
        """Tell the model what the run leaves claimed, or will for a while."""
        for name in fate.claimed:
            self.model.held[name].append((fate.started, fate.clock))

    @contextmanager
    def _instead(self, fate: Fate) -> Iterator[None]:
        """Put the model's channels in the place of the real ones, and let the run die where it is to die."""
        claim, mark = Run.claim, Run._each  # noqa: SLF001 - where every mark is written

        def claimed(run: Run, occurrences: Sequence[str], **options: Any) -> set[str]:
            fate.claims += 1
            last = fate.claims > fate.at_claim
            self._dies(fate, "before a claim", now=last)
            mine = claim(run, occurrences, **options)
            if mine and not occurrences[0].startswith("notices@"):
                fate.claimed.add(run._channel)  # noqa: SLF001 - as above
            self._dies(fate, "after a claim", now=last)
            return mine

        def marked(run: Run, change: str, occurrences: list[str], *values: Any) -> None:
            if fate.died:
                raise KilledError  # the dead do not tidy up
            if fate.dies == "while marking" and occurrences:
                fate.died = True
                raise sqlite3.OperationalError("database is locked")
            mark(run, change, occurrences, *values)

        def sent(messages: Mapping[str, tuple[str, Message]]) -> dict[str, str]:
            return self._sent(fate, messages)

        def executed(_command: str, content: Mapping[str, Any], _patience: float | None) -> None:
            message = Message("crm", "", "", json.dumps(content))
            if self._sent(fate, {PRINTED: ("", message)}):
                raise CrmError("it failed")

        instead = patch.object(Run, "claim", claimed), patch.object(Run, "_each", marked)
        with instead[0], instead[1], patch.object(notify, "send_all", sent), patch.object(remind, "_execute", executed):
            yield

    def _dies(self, fate: Fate, point: str, *, now: bool = True) -> None:
        if now and fate.dies == point:
            fate.died = True
            raise KilledError

    def _sent(self, fate: Fate, messages: Mapping[str, tuple[str, Message]]) -> dict[str, str]:
        """Take the messages, or not; a run that dies on the way has reached some of the channels."""
        self._dies(fate, "before sending")
        reached = list(messages)
        if fate.dies == "while sending":
            reached = self.random.sample(reached, self.random.randrange(len(reached)))
        lost = fate.dies in POINTS[3:]
        down = {name for name in messages if self.now < self.model.channels[name].down_until}
        for name in reached:
            message = messages[name][1]
            digest = not message.title.startswith("crm")
            arrival = Heard(self.now, fate.started, fate.clock, lost, digest)
            keys = [_key(item) for item in json.loads(message.content)["items"]]
            self.model.spoken(name, arrival, keys, taken=name not in down)
        fate.heard = frozenset(reached) - down
        self._dies(fate, "while sending")
        self._dies(fate, "after sending")
        return dict.fromkeys(down, "down")

    def summary(self) -> str:
        """Return in one line what was lived through."""
        told = len(self.model.tellings)
        arrivals = [one for heard in self.model.heard.values() for one in heard]
        failures = sum(1 for to in self.model.channels.values() for _at, retry in to.tried if retry)
        kills = sum(number for name, number in self.counts.items() if name.startswith("died") and "locked" not in name)
        parts = (
            f"{self.zone.key}: {len(self.model.minutes):,} runs",
            f"{told:,} things to tell through {len(self.model.channels)} channels",
            f"{len(arrivals):,} arrivals",
            f"{kills:,} runs killed, which forgot {sum(one.lost for one in arrivals):,} arrivals",
            f"{self.counts['died locked']:,} locked out",
            f"{self.counts['overlapping'] + self.counts['sleeping']:,} overlapping",
            f"{failures:,} failed messages",
            f"{len(self.model.wrong):,} minutes with a wrong clock",
            f"{self.counts['off']:,} times switched off",
        )
        return " · ".join(parts)


_RARE = (
    ("killed", 0.002),
    ("locked", 0.0006),
    ("overlapping", 0.0006),
    ("sleeping", 0.0003),
    ("broken", 0.0003),
    ("wrong_clock", 0.0002),
    ("off", 0.00005),
)
_CHANCES = [(name, sum(chance for _name, chance in _RARE[: number + 1])) for number, (name, _c) in enumerate(_RARE)]


def _key(item: Mapping[str, Any]) -> Key:
    """Return what the model calls an item."""
    detail = item.get("deadline", "") if item["kind"] in ("complaint", "escalation") else item.get("field", "")
    if item["kind"] == "escalation":
        detail = f"{detail} {item['level']} {item['to']}"
    due = item["due_at"]
    if "T" in due:
        due = f"{datetime.fromisoformat(due).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return item["kind"], item["contact_id"], detail, due
