"""How cost grows with size: the daily commands on databases of 1,000 to 1,000,000 contacts.

`docs/growth.json` keeps what was measured, `docs/growth.svg` is drawn from it (see benchmarks/picture.py).
"""

import platform
import statistics
from typing import Any

from benchmarks.ground import Ground
from benchmarks.measure import Program, run
from benchmarks.words import CUSTOMER

SIZES = (1_000, 10_000, 100_000)
_READING = {
    "today": ("today",),
    "show": ("show", CUSTOMER),
    "find": ("find", CUSTOMER),
    "list": ("list",),
}
COMMANDS = ("remind", *_READING, "log")


def measure(ground: Ground, sizes: tuple[int, ...], rounds: int) -> dict[str, Any]:
    """Measure every command at every size in turn, print a table, and return the figures as a JSON object.

    A figure is the median of the processor's milliseconds, which other work on the machine changes least. The first
    round fills caches and is not counted.
    """
    print(f"{platform.python_version()} on {platform.machine()}; milliseconds of the processor, median of {rounds}")
    print(_line("contacts", *COMMANDS))
    programs = {size: _programs(ground, size) for size in sizes}
    samples: dict[tuple[int, str], list[float]] = {(size, name): [] for size in sizes for name in COMMANDS}
    for _round in range(rounds + 1):
        for (size, name), values in samples.items():
            values.append(run(programs[size][name]).cpu * 1000)
    medians = {key: round(statistics.median(values[1:]), 1) for key, values in samples.items()}
    for size in sizes:
        print(_line(f"{size:,}", *(f"{medians[size, name]:.0f} ms" for name in COMMANDS)))
    return {
        "python": platform.python_version(),
        "rounds": rounds,
        "contacts": list(sizes),
        "milliseconds": {name: [medians[size, name] for size in sizes] for name in COMMANDS},
    }


def _programs(ground: Ground, size: int) -> dict[str, Program]:
    """Return each command on a database of this size; of those that write, on a copy that keeps what they wrote."""
    reading = {name: ground.crm(ground.database(size), *command) for name, command in _READING.items()}
    remind = ground.crm_from_cron(ground.quiet(size), "remind")
    return {"remind": remind, **reading, "log": ground.crm(ground.copy(size), "log", CUSTOMER, "价格谈到8折")}


def _line(*cells: str) -> str:
    """Return a line of the table."""
    return "".join(f"{cell:>10}" for cell in cells)
