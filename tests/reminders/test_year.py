"""The simulated year, in short: the days around both clock changes, with everything that can go wrong."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.reminders.year import simulate


@pytest.mark.parametrize(("start", "seed"), [("2026-03-28", 1), ("2026-10-24", 2)])
def test_every_item_arrives_once_and_in_time(start: str, seed: int, tmp_path: Path) -> None:
    world = simulate(tmp_path, datetime.fromisoformat(start).replace(tzinfo=UTC), 2, seed)
    assert list(world.complaints()) == []
    assert len(world.heard) > 10
