"""Start-up is what a tool that runs all day costs: what each command line must not import."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import PLAIN_ONLY, Crm

FOREIGN = {
    "phonenumbers",
    "holidays",
    "pypinyin",
    "charset_normalizer",
    "alembic",
    "apprise",
    "platformdirs",
    "dateutil.parser",
}
"""What only single branches need."""
MODELS = {"sqlmodel", "sqlalchemy", "crmcli.models"}
PARSER = {"typer", "click", "pydantic", "inspect", "dataclasses", "rich", "logging", "asyncio", "crmcli.commands"}
READING = FOREIGN | MODELS | {"rich", "asyncio", "tomllib"}
PLAIN = READING | PARSER | {"dateutil"}
NOTHING = PLAIN | {"json", "zoneinfo", "re", "pathlib", "typing", "gettext", "crmcli.context", "crmcli.i18n"}
WRITING = FOREIGN | {"rich", "tomllib"}

COMMANDS = {
    "--version": NOTHING | {"sqlite3"},
    "--help": READING - {"rich"} | {"crmcli.commands", "crmcli.queries"},
    "today": PLAIN,
    "show 张三": PLAIN,
    "show 1": PLAIN,
    "find 138 0013": PLAIN,
    "find 张三": PLAIN,
    "today -o json": READING,
    "list": READING,
    "list -o json": READING,
    "contact list class:core": READING,
    "contact show 1 -o json": READING,
    "history": READING,
    "history 张三": READING,
    "contact dupes": READING,
    "config list": READING,
    "report complaints": READING,
    "survey list": READING,
    "survey form": READING,
    "add Bob": WRITING,
    "log 张三 谈好了": WRITING,
    "plan 张三 明天下午3点": WRITING - {"dateutil.parser"},
    "complain 张三 迟到": WRITING,
    "promise 张三 样品 --by fri": WRITING - {"dateutil.parser"},
    "promise list": READING,
    "supervision list": READING,
    "undo": WRITING | {"crmcli.models"},
}
"""Modules, or whole packages, that a command line does without."""
QUICK = ("remind", "today --brief")
"""When nothing is due, a quick look at a plain file answers."""


def imported(arguments: str, crm: Crm) -> set[str]:
    """Run a command line in a process of its own and return the names of all modules that it imported."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(crm.folder),
        "CRM_DB": str(crm.db),
        "LANG": "C.UTF-8",
        "CRM_KEY": crm.key,
    }
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "crmcli", *_split(arguments)],
        env=environ,
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr[-500:]
    lines = [line for line in run.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def within(banned: set[str], modules: set[str]) -> set[str]:
    """Return which modules are banned, or in a package that is."""
    return {name for name in modules for package in banned if f"{name}.".startswith(f"{package}.")}


def _split(arguments: str) -> list[str]:
    """Split a command line as a shell does; what is found may have spaces."""
    verb, _space, rest = arguments.partition(" ")
    return [verb, rest] if verb == "find" else arguments.split()


@pytest.mark.parametrize("arguments", COMMANDS)
def test_nothing_is_imported_that_is_not_needed(arguments: str, crm: Crm) -> None:
    crm.ok("add", "张三")
    modules = imported(arguments, crm)
    assert "crmcli" in modules
    assert not within(COMMANDS[arguments], modules)


@PLAIN_ONLY
@pytest.mark.parametrize("arguments", QUICK)
def test_the_quick_look_imports_nothing(arguments: str, crm: Crm) -> None:
    crm.ok("add", "张三")
    assert not within(NOTHING, imported(arguments, crm))


def test_at_the_end_nobody_looks_for_garbage(crm: Crm) -> None:
    crm.ok("add", "张三")
    told = "import atexit, gc, sys; atexit.register(lambda: print('frozen', gc.get_freeze_count() > 50_000))"
    run = f"{told}; sys.argv = ['crm', 'log', '1', 'hi']; from crmcli.__main__ import main; main()"
    environ = {"HOME": str(crm.folder), "CRM_DB": str(crm.db), "LANG": "C.UTF-8", "CRM_KEY": crm.key}
    done = subprocess.run((sys.executable, "-c", run), env=environ, capture_output=True, encoding="utf-8", check=False)
    assert done.stdout.splitlines()[-1] == "frozen True", done.stderr


@pytest.mark.parametrize("arguments", ["remind --notify", "remind --once"])
def test_a_run_that_finds_all_as_the_one_before_left_it_loads_nothing(arguments: str, crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("config", "set", "channel.desk.url", "exec:true")
    time.sleep(3.1)  # what was written a moment ago is not relied on
    assert "sqlite3" in imported(arguments, crm)
    assert not within(NOTHING | {"sqlite3"}, imported(arguments, crm))
