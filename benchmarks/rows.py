"""The table of what is measured: our command, its reference, and how much more ours may cost."""

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.ground import Ground
from benchmarks.measure import Program
from benchmarks.words import CUSTOMER, FREQUENT

Make = Callable[[Ground], Program]


class Row(NamedTuple):
    """One line of the table."""

    name: str
    ours: Make
    reference: Make
    bound: float
    """The ratio of ours to the reference is at most this."""
    measure: str = "wall"
    """`wall` time, or `peak` memory."""
    long: bool = False
    """Whether a run takes so long that few rounds must do, and varies so little that they can."""
    full: bool = False
    """Whether the row needs the full size."""


_PLAIN = {"today": ("today",), "show": ("show", CUSTOMER), "find": ("find", CUSTOMER)}
_OPTIONS = {name: (*command, "--color", "auto") for name, command in _PLAIN.items()}
_LIST = ("contact", "list")
_SCALED = {**_PLAIN, "find-frequent": ("find", FREQUENT), "list": _LIST}
_WRITES = {
    "add": ("add", "王小二", "--phone", "139 0000 0001", "--company", "南方电网"),
    "log": ("log", CUSTOMER, "价格谈到8折", "--kind", "visit"),
    "plan": ("plan", CUSTOMER, "next fri 15:00", "送样品"),
    "done": ("done", "10", "已回访"),  # the tenth callback is open
}


def _reading(command: tuple[str, ...]) -> Make:
    return lambda ground: ground.crm(ground.database(ground.small), *command)


def _reading_most(command: tuple[str, ...]) -> Make:
    return lambda ground: ground.crm(ground.database(ground.huge), *command)


def _writing(command: tuple[str, ...]) -> Make:
    return lambda ground: ground.crm_writing(*command)


def _table(name: str, rows: int = 20) -> Make:
    return lambda ground: ground.rich_table(name, rows)


def _hello_help(ground: Ground) -> Program:
    return ground.script("hello.py", "--help")


ROWS = (
    Row(
        "remind",
        lambda ground: ground.crm_from_cron(ground.quiet(ground.large), "remind"),
        Ground.bare_python,
        3,
    ),
    Row(
        "remind-notify",
        lambda ground: ground.crm_from_cron_again(ground.quiet(ground.large), "remind", "--notify"),
        Ground.bare_python,
        3,
    ),
    Row("version", _reading(("--version",)), _hello_help, 1.2),
    Row("help", _reading(("--help",)), _hello_help, 1.2),
    *(Row(name, _reading(command), _table("rich_table.py"), 1.5) for name, command in _PLAIN.items()),
    *(Row(f"{name}-options", _reading(command), _table("typer_table.py"), 1.3) for name, command in _OPTIONS.items()),
    Row("list", _reading(_LIST), _table("typer_table.py", 50), 1.3),
    *(Row(f"{name}-scaled", _reading_most(command), _reading(command), 1.5) for name, command in _SCALED.items()),
    *(Row(name, _writing(command), Ground.sqlmodel_row, 1.3) for name, command in _WRITES.items()),
    Row(
        "completion",
        lambda ground: ground.completing(ground.crm(ground.database(ground.large)), "crm", "show", "ouyang"),
        lambda ground: ground.completing(ground.script("hello.py"), "hello", "Ann"),
        1.3,
    ),
    Row(
        "import",
        lambda ground: ground.crm_importing(ground.csv(ground.large)),
        lambda ground: ground.sqlite_utils(ground.csv(ground.large)),
        1.0,
        long=True,
    ),
    Row(
        "import-again",
        lambda ground: ground.crm_importing(ground.csv(ground.large), again=True),
        lambda ground: ground.crm_importing(ground.csv(ground.large)),
        1.0,
        long=True,
    ),
    Row(
        "import-memory",
        lambda ground: ground.crm_importing(ground.csv(ground.huge)),
        lambda ground: ground.crm_importing(ground.csv(ground.large)),
        1.5,
        measure="peak",
        long=True,
        full=True,
    ),
)
