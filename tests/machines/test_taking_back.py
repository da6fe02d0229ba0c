"""A salesperson's life taken back: an undo gives what was there before, and its own undo what was there after."""

import os
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tests.conftest import Crm, Result, opened
from tests.machines.acts import ACTS, Act, Life
from tests.machines.desk import Desk
from tests.machines.test_two_machines import MORNING, SEED, told

ACTS_DONE = int(os.environ.get("CRM_ACTS", "20"))
"""`CRM_ACTS=1000 CRM_SEED=7 pytest tests/machines` for more of them."""
_ASIDE = ("change", "search", "journal", "sqlite", "reminder", "alembic")
"""How the names of tables begin that an undo writes itself, or that no command changes."""

Contents = dict[str, list[Any]]


class Step(NamedTuple):
    """A change, and what the database held before and after it."""

    change: int
    before: Contents
    after: Contents


class Watched(Desk):
    """A desk that remembers what the database held after each change."""

    def __init__(self, crm: Crm) -> None:
        super().__init__("A", crm)
        self.states: list[tuple[int, Contents]] = []

    def run(self, now: str, *arguments: str) -> Result:
        """Run a command line, and look what it changed."""
        result = super().run(now, *arguments)
        newest = self.newest()
        if not self.states or self.states[-1][0] != newest:
            self.states.append((newest, self.contents()))
        return result

    def newest(self) -> int:
        """Return the number of the newest change."""
        connection = opened(self.crm.db)
        (number,) = connection.execute("SELECT coalesce(max(id), 0) FROM change").fetchone()
        connection.close()
        return int(number)

    def contents(self) -> Contents:
        """Return the rows of all tables that hold what was entered, or follow from it."""
        connection = opened(self.crm.db)
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {
            name: sorted(tuple(row) for row in connection.execute(f'SELECT * FROM "{name}"'))
            for name in names
            if not name.startswith(_ASIDE)
        }
        rows["search"] = sorted(tuple(row) for row in connection.execute("SELECT * FROM search_content"))
        connection.close()
        return rows


def test_what_was_done_is_taken_back_and_done_again(crm: Crm, tmp_path: Path) -> None:
    """Each act by itself as soon as it is done, and at the end the whole life back to its beginning."""
    desk, life, rng = Watched(crm), Life(tmp_path), Random(SEED)  # noqa: S311 - nothing secret
    for field in (("level",), ("meter",), ("expiry", "--type", "date")):
        desk.ok(MORNING.isoformat(), "field", "add", "contact", *field)
    deeds, weights = zip(*ACTS, strict=True)
    lived = []
    for number in range(ACTS_DONE):
        now = (MORNING + timedelta(minutes=20 * number)).isoformat()
        desk.states = desk.states[-1:]
        (deed,) = rng.choices(deeds, weights)
        deed(life, Act(desk, now, rng))
        steps = [Step(change, before, after) for (_, before), (change, after) in pairwise(desk.states)]
        lived += steps
        again = [take_back(desk, now, step.change, step.before) for step in reversed(steps)]
        for undo, step in zip(reversed(again), steps, strict=True):
            take_back(desk, now, undo, step.after)
    again = [take_back(desk, now, step.change, step.before) for step in reversed(lived)]
    for undo, step in zip(reversed(again), lived, strict=True):
        take_back(desk, now, undo, step.after)


def take_back(desk: Watched, now: str, change: int, expected: Contents) -> int:
    """Take a change back, and return the number of that."""
    desk.ok(now, "undo", str(change))
    found = desk.contents()
    for table, rows in expected.items():
        differing = [*{*map(repr, rows)} ^ {*map(repr, found[table])}]
        assert found[table] == rows, told([desk], change, table, *differing)
    return desk.newest()
