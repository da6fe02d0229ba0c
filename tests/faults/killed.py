"""Killed at a random moment: the database opens, is sound, and is as before or as after; nothing is half-done."""

from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from crmcli.store.connection import APPLICATION_ID, connect
from crmcli.store.migrations import run_migrations
from tests.faults.machine import Machine, new_folder
from tests.faults.repertoire import WRITES, furnish
from tests.store.test_migrations import FIRST_VERSION

_ROWS = 1200
OTHERS = {"first": ("add", "张三", "--db", "first.db"), "migration": ("list", "--db", "old.db")}
"""On a database that is not there yet, and on one of the first version."""


class Case(NamedTuple):
    """A command, what is there before it, and what it does when nobody disturbs it."""

    arguments: tuple[str, ...]
    home: Machine
    seconds: float
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    files: dict[str, bytes]
    """What it wrote besides."""


@cache
def _home() -> Machine:
    """Make a home with something of everything."""
    home = Machine(new_folder())
    furnish(home, _ROWS)
    _make_old(home.folder / "old.db")
    return home


def _make_old(path: Path) -> None:
    """Make a database of the first version."""
    path.touch(0o600)
    with closing(connect(path)) as connection:
        connection.execute("BEGIN")
        run_migrations(connection, "0001")
        connection.execute("COMMIT")
        connection.executescript(FIRST_VERSION.format(then="2026-01-05T01:00:00Z", id=APPLICATION_ID))


@cache
def case(name: str) -> Case:
    """Return a command with what it does undisturbed."""
    arguments = {**WRITES, **OTHERS}[name]
    home = _home() if name in WRITES else Machine(_home().folder, arguments[-1])
    free = home.copy(new_folder())
    before = home.copy(new_folder()).state()
    ended = free.run(*arguments)
    assert ended.code == 0, (name, ended)
    kept = _files(home)
    files = {path: content for path, content in _files(free).items() if path not in kept}
    return Case(arguments, home, ended.seconds, before, free.state(), files)


def _files(home: Machine) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.folder.iterdir() if path.suffix in {".csv", ".toml"}}


def try_one(folder: Path, seed: int) -> str:
    """Kill one command once."""
    chance = Random(seed)  # noqa: S311 - the same every time
    name = chance.choice([*WRITES, *OTHERS])
    known = case(name)
    home = known.home.copy(folder)
    ended = home.run(*known.arguments, kill_after=chance.uniform(0, known.seconds * 1.1))
    assert ended.code in {0, -9}, (name, ended)
    home.examined()
    state = home.state()
    about = [table for table in state if state[table] not in (known.before.get(table), known.after.get(table))]
    assert state in ([known.after] if ended.code == 0 else [known.before, known.after]), (name, ended, about)
    for path, content in _files(home).items():
        assert content == known.files.get(path, content), (name, path)
    return f"{name}: {'killed' if ended.code else 'too late'}, as {'before' if state == known.before else 'after'}"
