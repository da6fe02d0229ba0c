"""The simulated year, in short: days around clock changes, in which far more than usual happens and goes wrong."""

from datetime import date
from pathlib import Path

import pytest

from tests.reminders.year import simulate


@pytest.mark.parametrize(
    ("zone", "start", "seed"),
    [
        ("Europe/Berlin", "2027-03-27", 1),
        ("Australia/Lord_Howe", "2028-04-01", 3),
    ],
)
def test_every_item_arrives_once_and_in_time(zone: str, start: str, seed: int, tmp_path: Path) -> None:
    world = simulate(tmp_path, zone, date.fromisoformat(start), 2, seed, often=2, trouble=8)
    assert list(world.model.complaints()) == []
    assert world.counts["died after sending"]
