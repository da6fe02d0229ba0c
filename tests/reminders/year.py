"""A simulated stretch of time: a run every minute, and everything that can go wrong, against an independent model.

`world` runs the program, `stories` say what people do, `model` what must be told when, and judges.

`python -m tests.reminders.year --days 366 --seed 1` lives through a year; with CRM_TEST_KEY, in an encrypted database.
"""

import argparse
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from crmcli.store import keys
from tests.conftest import TEST_KEY
from tests.reminders.world import World


def simulate(
    folder: Path, zone: str, start: date, days: int, seed: int, *, often: float = 1.0, trouble: float = 1.0
) -> World:
    """Live through days from a local midnight on; `often` and `trouble` multiply what happens and what fails."""
    begin = datetime.combine(start, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    world = World(folder, zone, begin, days, seed, trouble=trouble)
    world.stories.begin(begin, days, often)
    world.live()
    return world


def main() -> None:
    """Simulate at length and print what was not as promised."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--days", type=int, default=366)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--zone", default="Europe/Berlin")
    parser.add_argument("--start", type=date.fromisoformat, default="2027-03-01")
    parser.add_argument("--often", type=float, default=1.0, help="how much happens, against a small office")
    parser.add_argument("--trouble", type=float, default=1.0, help="how much goes wrong, against a bad year")
    given = parser.parse_args()
    if TEST_KEY:
        keys.ask = lambda _path: TEST_KEY
    with TemporaryDirectory() as folder:
        world = simulate(
            Path(folder), given.zone, given.start, given.days, given.seed, often=given.often, trouble=given.trouble
        )
    complaints = list(world.model.complaints())
    print(world.summary())  # noqa: T201
    print(*complaints or ["all as promised"], sep="\n")  # noqa: T201
    raise SystemExit(bool(complaints))


if __name__ == "__main__":
    main()
