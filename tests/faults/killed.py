"""Killed at a random moment: the database opens, is sound, and is as before or as after; nothing is half-done."""

from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from crmcli.store.connection import APPLICATION_ID, connect
from crmcli.store.migrations import run_migrations
from tests.faults.machine import Machine, new_folder
from tests.store.test_migrations import FIRST_VERSION

_ROWS, _TAGGED = 1200, 60
_SHEET = "leads.csv"
COMMANDS: dict[str, tuple[str, ...]] = {
    "add": ("add", "王五", "--company", "新公司", "--phone", "13900139000", "--tag", "vip"),
    "log": ("log", "张三", "谈到价格", "--next", "tomorrow 10:00"),
    "plan": ("plan", "张三", "every monday 9:00", "周报"),
    "done": ("done", "1", "送到了"),
    "snooze": ("snooze", "1", "tomorrow"),
    "complain": ("complain", "张三", "晚了", "--severity", "high"),
    "resolve": ("complaint", "resolve", "c1", "换了"),
    "edit many": ("contact", "edit", "--where", "tag:bulk", "--add-tag", "again", "--region", "华东", "-y"),
    "delete": ("contact", "delete", "张三"),
    "delete many": ("contact", "delete", "--where", "tag:bulk", "-y"),
    "merge": ("contact", "merge", "1", "2", "-y"),
    "undo an import": ("undo", "2"),
    "erase": ("contact", "erase", "张三", "-y"),
    "attach": ("attach", "张三", _SHEET),
    "vocabulary": ("vocabulary", "add", "class", "gold", "--en", "gold", "--zh", "金牌"),
    "import anew": ("import", "others.csv"),
    "import again": ("import", _SHEET, "--map", "备注=title"),
    "backup": ("backup", "--keep", "1"),
    "restore": ("restore", "kept/crm-2026-11-25T090000.db", "-y"),
    "archive": ("archive", "--before", "2026-11-01", "-y"),
    "export": ("export", "contacts", "--to", "out.csv"),
    "settings": ("config", "set", "page", "20"),
    "remind": ("remind", "--once"),
    "doctor": ("doctor", "--fix"),
}
"""What writes."""
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
    sheet = "姓名,手机,备注,标签\n" + "".join(
        f"客户{n},1381234{n:04},备注{n},{'bulk' * (n < _TAGGED)}\n" for n in range(_ROWS)
    )
    (home.folder / _SHEET).write_text(sheet, "utf-8")
    (home.folder / "others.csv").write_text(sheet.replace("客户", "别人").replace("138", "137"), "utf-8")
    home.ok("add", "张三", "--phone", "13800138000", "--class", "core")
    home.ok("import", _SHEET)
    home.ok("add", "Zhang San", "--company", "华东电力")
    home.ok("log", "张三", "早", "--at", "2026-10-01")
    home.ok("log", "张三", "来访")
    home.ok("plan", "张三", "2026-11-25T08:00", "送样品", CRM_NOW="2026-11-24T09:00:00+08:00")
    home.ok("complain", "张三", "交付延迟")
    home.ok("backup", "--to", "kept")
    home.ok("log", "张三", "走了")
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
    arguments = {**COMMANDS, **OTHERS}[name]
    home = _home() if name in COMMANDS else Machine(_home().folder, arguments[-1])
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
    name = chance.choice([*COMMANDS, *OTHERS])
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
