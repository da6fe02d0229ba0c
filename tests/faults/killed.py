"""Killed at a random moment: the database opens, is sound, and is as before or as after; nothing is half-done."""

import json
import os
from collections import Counter
from contextlib import closing, suppress
from functools import cache
from math import inf
from pathlib import Path
from random import Random
from typing import NamedTuple

from crmcli.errors import StoreError
from crmcli.store import keys
from crmcli.store.connection import APPLICATION_ID, connect
from crmcli.store.driver import is_encrypted, open_file
from crmcli.store.files import path_of, problem_of
from crmcli.store.leftovers import leftovers
from crmcli.store.migrations import run_migrations
from tests.faults.forks import Ended
from tests.faults.machine import Machine, new_folder
from tests.faults.repertoire import KEY, NEXT_KEY, RECODES, TOLD, WRITES, furnish
from tests.store.test_migrations import FIRST_VERSION

State = dict[str, list[str]]
_ROWS = 1200
_FROM = (0.0, 0.7)
"""Killed anywhere, or, every second time, towards the end, where what was written becomes final."""
_SCALES = (1.1, 0.8, 0.5, 0.3)
_NOTIFYING = "remind through a channel"
_CLAIMING, _CLAIMS = {"remind", "remind by a program", _NOTIFYING}, {"reminder", "reminder_run"}
"""An item is claimed before it is handed over, and marked after: `tests.reminders.year` holds that to its word."""
_LATER = "2026-11-25T09:11:00+08:00"
"""When what a killed run had claimed is free again."""
OTHERS = {"first": ("add", "张三", "--db", "first.db"), "migration": ("list", "--db", "old.db")}
"""On a database that is not there yet, and on one of the first version."""


class Case(NamedTuple):
    """A command, what is there before it, and what it does when nobody disturbs it."""

    arguments: tuple[str, ...]
    home: Machine
    seconds: float
    before: State
    after: State
    said: str
    """What it prints when it is done."""
    files: dict[str, bytes]
    """What it wrote besides."""
    seal: str
    """Which key the database has afterwards, empty when it is plain."""


@cache
def _home(key: str = "") -> Machine:
    """Make a home with something of everything, encrypted with a key."""
    if key:
        home = _home().copy(new_folder())
        home.key = key
        home.ok("encrypt")
    else:
        home = Machine(new_folder())
        furnish(home, _ROWS)
    _make_old(home.folder / "old.db", key)
    return home


def _make_old(path: Path, key: str) -> None:
    """Make a database of the first version."""
    path.unlink(missing_ok=True)
    path.touch(0o600)
    keys.ask = lambda _path: key
    with closing(connect(path)) as connection:
        connection.execute("BEGIN")
        run_migrations(connection, "0001")
        connection.execute("COMMIT")
        connection.executescript(FIRST_VERSION.format(then="2026-01-05T01:00:00Z", id=APPLICATION_ID))


@cache
def case(name: str, key: str) -> Case:
    """Return a command with what it does undisturbed to a database that has this key."""
    arguments = {**WRITES, **OTHERS, **RECODES}[name]
    home = _home(key)
    if name in OTHERS:
        home = Machine(home.folder, arguments[-1], key)
    if name in RECODES:
        home = home.copy(new_folder())
        home.key = KEY
    free = home.copy(new_folder())
    before = home.copy(new_folder()).state()
    ended = free.run(*arguments, CRM_NEXT_KEY=NEXT_KEY)
    assert ended.code == 0, (name, ended)
    free.key = seal = _seal(free)
    kept = _files(home)
    files = {path: content for path, content in _files(free).items() if kept.get(path) != content}
    return Case(arguments, home, ended.seconds, before, free.state(), _said(free, ended), files, seal)


def _seal(home: Machine) -> str:
    """Return which key the database has, empty when it is plain."""
    for key in (KEY, NEXT_KEY) if is_encrypted(home.db) else ():
        with suppress(StoreError):
            open_file(home.db, key=key).close()
            return key
    assert not is_encrypted(home.db), "no key opens it"
    return ""


def _files(home: Machine) -> dict[str, bytes]:
    """Return what users see: files of the same moment are the same, but for those that note when they were made."""
    seen = {".csv", ".toml", ".ics", ".json", ".jsonl"}
    drawn = "ticked"  # new to-dos are named by lot
    found = (
        path
        for path in home.folder.rglob("*")
        if path.suffix in seen and not path.name.startswith(".") and path.parent.name != drawn
    )
    return {str(path.relative_to(home.folder)): path.read_bytes() for path in found if path.is_file()}


def _said(home: Machine, ended: Ended) -> str:
    """Return what was printed, without the folder's name."""
    return ended.out.replace(str(home.folder), "")


def try_one(folder: Path, seed: int) -> str:
    """Kill one command once."""
    chance = Random(seed)  # noqa: S311 - the same every time
    return _try(folder, chance.choice([*WRITES, *OTHERS]), "", chance)


def try_encrypted(folder: Path, seed: int) -> str:
    """Kill once, in turn, what takes the database's key or gives it one, and any command on an encrypted database."""
    chance = Random(seed)  # noqa: S311 - the same every time
    if seed % 2:
        return _try(folder, chance.choice([*WRITES, *OTHERS]), KEY, chance)
    name = chance.choice([*RECODES])
    return _try(folder, name, "" if name == "encrypt" else KEY, chance)


def _try(folder: Path, name: str, key: str, chance: Random) -> str:
    known = case(name, key)
    for again, scale in enumerate(_SCALES):  # the machine may be faster now than when it was measured
        home = known.home.copy(folder / str(again))
        moment = known.seconds * scale * chance.uniform(chance.choice(_FROM), 1.0)
        ended = home.run(*known.arguments, kill_after=moment, CRM_NEXT_KEY=NEXT_KEY)
        if ended.code:
            break
    return judge(name, key, home, ended)


def judge(name: str, key: str, home: Machine, ended: Ended) -> str:
    """Require that a command which was killed left everything as it was before or as it is after it; return which.

    `key` is the one that the database had before.
    """
    known = case(name, key)
    assert ended.code in {0, -9}, (name, ended)
    done = ended.code == 0 or bool(known.said and _said(home, ended) == known.said)
    home.key = seal = _seal(home) if name in RECODES else known.home.key
    assert seal == known.seal or (not done and seal == key), (name, done, ended)
    log_off = {"log"} if name in {*RECODES, "restore"} else ()  # for a moment; who writes next switches it on
    home.examined(log_off)
    state = home.state()
    free = _CLAIMS if name in _CLAIMING else set()
    allowed = [known.after] if done else [known.before, known.after]
    about = [table for table in state if state[table] not in (known.before.get(table), known.after.get(table))]
    assert any(_same(state, wanted, free) for wanted in allowed), (name, done, ended, about)
    for path, content in _files(home).items():
        assert content in (known.files.get(path, content), _files(known.home).get(path, content)), (name, path)
    _require_contents(home)
    _require_no_leftovers(home)
    if name == _NOTIFYING:
        _require_told(home, done=done)
    as_before = seal == key if name in RECODES else state == known.before
    return f"{name}: {'killed' if ended.code else 'too late'}, as {'before' if as_before else 'after'}"


def _require_told(home: Machine, *, done: bool) -> None:
    """Require that the next run tells what the killed one did not: each item once, or twice if nobody could know."""
    home.ok(*WRITES[_NOTIFYING], CRM_NOW=_LATER)
    told: Counter[str] = Counter()
    for path in home.folder.glob(f"{TOLD}*"):
        with suppress(ValueError):  # half a message, of a program whose writer was killed
            told.update(item["occurrence"] for item in json.loads(path.read_text("utf-8"))["items"])
    assert set(told) == _told(), told
    assert max(told.values()) <= 2 - done, (done, told)


@cache
def _told() -> set[str]:
    """Return what is told when nobody disturbs it."""
    home = _home().copy(new_folder())
    home.ok(*WRITES[_NOTIFYING])
    home.ok(*WRITES[_NOTIFYING], CRM_NOW=_LATER)
    (message,) = home.folder.glob(f"{TOLD}*")
    return {item["occurrence"] for item in json.loads(message.read_text("utf-8"))["items"]}


def _same(state: State, wanted: State, free: set[str]) -> bool:
    return state.keys() == wanted.keys() and all(state[table] == wanted[table] for table in state.keys() - free)


def _require_contents(home: Machine) -> None:
    """Require that every attachment has the content that it had, byte for byte."""
    with closing(connect(home.db)) as connection:
        for name, sha256 in connection.execute("SELECT name, sha256 FROM attachment"):
            assert not problem_of(path_of(home.db, sha256), sha256), name


def _require_no_leftovers(home: Machine) -> None:
    """Require that the next backup clears away what was left."""
    backups = home.folder / "backups"
    for path in leftovers(home.db, backups, inf):
        os.utime(path, (0, 0))
    home.ok("backup", "--db", str(home.db))
    assert not leftovers(home.db, backups, inf)
    assert not list(home.folder.glob(".*.db.*")), "a copy that nobody clears away"
