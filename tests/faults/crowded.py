"""Sixteen processes that write, import, read, remind and back up at once: nothing is lost, doubled or refused.

`python -m tests.faults.crowded FOLDER SECONDS SEED` is the crowd. Each member notes what was acknowledged to it. With
every second seed the database is encrypted.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

from crmcli.store.driver import is_encrypted
from tests.faults.forks import ROOT, Ended, Order, environ, load_everything, run
from tests.faults.machine import Machine, require_honest
from tests.faults.repertoire import KEY

MEMBERS = 16
_SHARED = "shared.csv"
_ROWS = 20
_DUE = 30


class Member:
    """One of the crowd."""

    def __init__(self, folder: Path, number: int, seed: int) -> None:
        self._folder = folder
        self._environ = environ(folder, CRM_KEY=_key(seed))
        self._chance = Random(seed * MEMBERS + number)  # noqa: S311 - the same every time
        self._name = f"m{number}"
        self._count = 0
        self._notes = folder / f"{self._name}.notes"
        self._actions: list[Callable[[str], list[tuple[str, str]]]] = [
            *(self._add, self._add, self._log, self._log, self._tag, self._read, self._read, self._remind),
            *(self._import, self._import_shared, self._back_up),
        ]

    def work(self, until: float) -> None:
        """Do one thing after another, and note what was acknowledged."""
        with self._notes.open("w", encoding="utf-8") as notes:
            while time.monotonic() < until:
                self._count += 1
                for note in self._chance.choice(self._actions)(f"{self._name}x{self._count}"):
                    notes.write(json.dumps(note) + "\n")

    def _run(self, *arguments: str) -> Ended:
        ended = run(Order(list(arguments), str(self._folder), self._environ))
        require_honest(ended, arguments)
        assert ended.code == 0, (arguments, ended)
        return ended

    def _add(self, name: str) -> list[tuple[str, str]]:
        self._run("add", name, "--company", f"company of {name}")
        return [("contact", name)]

    def _log(self, name: str) -> list[tuple[str, str]]:
        self._run("log", "张三", f"text {name}")
        return [("followup", f"text {name}")]

    def _tag(self, name: str) -> list[tuple[str, str]]:
        self._run("contact", "edit", "张三", "--add-tag", name)
        return [("tag", name)]

    def _read(self, name: str) -> list[tuple[str, str]]:
        self._run(*self._chance.choice([("list",), ("today",), ("show", "张三"), ("find", name), ("history",)]))
        return []

    def _remind(self, _name: str) -> list[tuple[str, str]]:
        return [("reminder", id_) for id_ in self._run("remind", "--once", "-q").out.split()]

    def _import(self, name: str) -> list[tuple[str, str]]:
        names = [f"{name}r{row}" for row in range(_ROWS)]
        file = self._folder / f"{name}.csv"
        file.write_text("name,company\n" + "".join(f"{row},company of {row}\n" for row in names), "utf-8")
        self._run("import", str(file))
        return [("contact", row) for row in names]

    def _import_shared(self, _name: str) -> list[tuple[str, str]]:
        self._run("import", _SHARED)
        return []

    def _back_up(self, _name: str) -> list[tuple[str, str]]:
        self._run("backup", "--keep", "2")
        return []


def try_one(folder: Path, seed: int, seconds: float = 15) -> str:
    """Let the crowd work for so long, and compare what there is with what was acknowledged."""
    home = Machine(folder, key=_key(seed))
    home.ok("add", "张三")
    for minute in range(_DUE):
        home.ok("plan", "张三", f"2026-11-25T08:{minute:02}", f"due {minute}", CRM_NOW="2026-11-24T09:00:00+08:00")
    shared = "".join(f"all{row},1391234{row:04}\n" for row in range(_ROWS))
    (folder / _SHARED).write_text("name,phone\n" + shared, "utf-8")
    crowd = [sys.executable, "-m", "tests.faults.crowded", str(folder), str(seconds), str(seed)]
    done = subprocess.run(crowd, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr[-5000:]
    home.ok("import", _SHARED)
    rest = [("reminder", id_) for id_ in home.ok("remind", "--once", "-q").split()]
    noted = Counter(
        tuple(json.loads(line)) for notes in folder.glob("*.notes") for line in notes.read_text("utf-8").splitlines()
    )
    noted.update(rest)
    assert not [note for note, times in noted.items() if times > 1]
    assert {id_ for kind, id_ in noted if kind == "reminder"} == {str(number) for number in range(1, _DUE + 1)}
    assert is_encrypted(home.db) == bool(home.key)
    with closing(home.opened()) as connection:
        for table, column in (("contact", "name"), ("followup", "text"), ("tag", "name")):
            there = Counter(row[0] for row in connection.execute(f"SELECT {column} FROM {table}"))
            assert not [value for value, times in there.items() if times > 1]
            lost = {value for kind, value in noted if kind == table} - set(there)
            assert not lost, lost
    home.examined()
    return f"nothing lost, nothing twice{', encrypted' if home.key else ''}"


def _key(seed: int) -> str:
    return KEY if seed % 2 else ""


def _crowd(folder: Path, seconds: float, seed: int) -> int:
    """Be the crowd; returns how many members failed."""
    load_everything()
    until = time.monotonic() + seconds
    children = []
    for number in range(MEMBERS):
        child = os.fork()
        if not child:
            code = 1
            try:
                Member(folder, number, seed).work(until)
                code = 0
            except AssertionError as error:
                sys.stderr.write(f"{error}\n")
                sys.stderr.flush()
            finally:
                os._exit(code)
        children.append(child)
    return sum(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0 for child in children)


if __name__ == "__main__":
    sys.exit(_crowd(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
