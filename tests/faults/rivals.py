"""A rival: what another process does to the database between two statements of a command.

It comes before one of the statements that stand outside transactions: within one nobody else can write, or what they
write is not seen. In the command's process `let_in` makes room for it; afterwards a `Meeting` says whether it came, and
how many places there were.
"""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.store.driver import Connection
from crmcli.store.opened import _connections as connections


class Rival(NamedTuple):
    """A command line, and before which statement of the other it runs; before none, statements are counted only."""

    arguments: list[str]
    before: int
    note: str
    """The file that tells what became of it."""


class Meeting(NamedTuple):
    """What became of a rival."""

    statements: int
    """How many statements stood outside transactions."""
    code: int | None = None
    """Its exit code; none when it did not come."""
    said: str = ""


def let_in(rival: Rival) -> Callable[[], None]:
    """Have the rival's command run before the statement; return what writes down what became of it."""
    met = Meeting(0)
    execute = Connection.execute

    def disturbed(connection: Connection, *asked: Any) -> sqlite3.Cursor:
        nonlocal met
        if not any(other.in_transaction for other in connections if isinstance(other, Connection)):
            met = met._replace(statements=met.statements + 1)
            if met.statements == rival.before:
                met = _come(rival, met)
        return execute(connection, *asked)

    Connection.execute = disturbed  # type: ignore[method-assign, assignment]

    def over() -> None:
        Path(rival.note).write_text(json.dumps(met), "utf-8")

    return over


def _come(rival: Rival, met: Meeting) -> Meeting:
    root = Path(__file__).parent.parent.parent
    ended = subprocess.run(
        [sys.executable, "-m", "crmcli", *rival.arguments],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=100,
    )
    return met._replace(code=ended.returncode, said=(ended.stdout + ended.stderr).decode("utf-8", "replace"))


def met(rival: Rival) -> Meeting:
    """Return what became of a rival, once the other command is over."""
    return Meeting(*json.loads(Path(rival.note).read_text("utf-8")))
