"""No command of the daily loop reads a table from end to end: what SQLite does for every statement that it runs.

Statements are caught as they run, triggers with them, and looked at as SQLite's programs, which name the tables and
indexes that they read. There are no statistics in a database (ANALYZE is never run), so a small one has the same plans.
"""

import re
import sqlite3
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from benchmarks.data import build_database
from tests.conftest import PLAIN_ONLY, Crm

pytestmark = PLAIN_ONLY  # what is caught is what Python's own library runs
CONTACTS = 240
WHO = "欧阳若晴"

COMMANDS = (
    ("today",),
    ("today", "-o", "json"),
    ("today", "--brief"),
    ("remind",),
    ("remind", "--within", "2h", "-o", "json"),
    ("remind", "--once"),
    *(("show", who) for who in (WHO, "1", "ouyangruoqing", "oyrq", "ouyang", "13000006997", "nobody@example.com")),
    *(("find", text) for text in (WHO, "报价", "价", "ouyang", "warran", "1300000", "华东电力", "no such words")),
    ("find", "报价", "-o", "json"),
    ("list",),
    ("list", "-o", "jsonl"),
    ("list", "--after", "3"),
    *(("list", "--sort", sort) for sort in ("name", "-name", "id", "last_contact_at", "-last_contact_at")),
    ("list", "--sort", "-last_contact_at", "--limit", "5", "--after", "1"),
    ("list", "--sort", "next_callback_at", "--limit", "5"),
    *(("list", query) for query in ("class:core", "报价", "phone:13000006997", "name:欧阳*")),
    ("company", "list"),
    ("followup", "list"),
    ("callback", "list"),
    ("callback", "list", "--after", "10"),
    *((noun, "list", text) for noun in ("callback", "followup") for text in (WHO, "华东电力", "报价")),
    ("complaint", "list"),
    (
        "add",
        "王小二",
        "--phone",
        "139 0000 0001",
        "--company",
        "南方电网",
        "--tag",
        "vip",
        "--email",
        "wang@example.cn",
    ),
    ("contact", "edit", WHO, "--title", "CTO", "--add-tag", "vip"),
    ("contact", "delete", WHO, "-y"),
    ("log", WHO, "价格谈到8折", "--kind", "visit", "--next", "next fri 15:00", "--purpose", "送样品"),
    ("plan", WHO, "next fri 15:00", "送样品"),
    ("plan", WHO, "every monday 9:00"),
    ("done", "10", "已回访"),
    ("done", "10", "没接", "--next", "tomorrow"),
    ("snooze", "10", "next fri"),
    ("complain", WHO, "交付延迟", "--severity", "high", "--category", "delivery"),
    ("complaint", "assess", "12", "--valid", "质量问题"),
    ("complaint", "resolve", "12", "已解决"),
    ("complaint", "close", "12", "满意"),
    ("promise", WHO, "寄样品", "--by", "fri"),
    ("history",),
    ("history", WHO),
)

SMALL = {"change_range", "custom_field", "journal_state", "notice", "preset", "question", "reminder_run"} | {
    "service_level",
    "vocabulary",
}
"""Tables that hold lists of words, settings, and a row for each import."""


@cache
def _loaded(folder: Path) -> Path:
    path = folder / "loaded.db"
    build_database(path, CONTACTS)
    return path


@pytest.fixture
def asked(crm: Crm, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every statement that runs from now on, on a database with a day's work in it."""
    copyfile(_loaded(tmp_path_factory.getbasetemp()), crm.db)
    connect, statements = sqlite3.connect, list[str]()

    def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)
        connection.set_trace_callback(statements.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", traced)
    return statements


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_is_read_from_end_to_end(crm: Crm, asked: list[str], command: tuple[str, ...]) -> None:
    code = crm(*command).code
    assert code == (3 if command[-1] == "nobody@example.com" else 0)
    assert len(asked) > 1
    assert _read_whole(crm.db, asked) == []


def test_nothing_is_read_from_end_to_end_by_undo_and_completion(crm: Crm, asked: list[str]) -> None:
    crm.ok("log", WHO, "价格谈到8折", "--next", "next fri")
    crm.ok("undo")
    words = {"_CRM_COMPLETE": "complete_bash", "COMP_WORDS": "crm show ouyang", "COMP_CWORD": "2"}
    with pytest.raises(SystemExit):  # Typer's, which answers the shell before any command
        crm(**words)
    assert _read_whole(crm.db, asked) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM contact WHERE title = 'CTO'",
        "SELECT id FROM contacts WHERE region = '上海' ORDER BY title LIMIT 5",
        "SELECT count(*) FROM followup",
        "SELECT id FROM contact WHERE region || '' = 'x' ORDER BY sort_key",
        "UPDATE followup SET owner = 'wei'",
        "SELECT rowid FROM search",
    ],
)
def test_what_reads_everything_is_seen(crm: Crm, asked: list[str], sql: str) -> None:
    assert asked == []
    assert _read_whole(crm.db, [sql])


def _read_whole(path: Path, statements: list[str]) -> list[tuple[str, str]]:
    """Return (table or index that is read from end to end, statement)."""
    connection = sqlite3.connect(path)
    connection.set_trace_callback(None)
    for statement in statements:
        if re.match(r"\s*CREATE TEMP", statement):
            connection.execute(statement)
    roots = {
        row[0]: (row[1], row[2] or "")
        for row in connection.execute("SELECT rootpage, tbl_name, sql FROM sqlite_master WHERE rootpage")
    }
    asking = [
        sql for sql in dict.fromkeys(statements) if re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE|REPLACE)", sql)
    ]
    return [
        (table, sql)
        for sql in asking
        if "'main'.'search" not in sql  # what the search index does with its own tables
        for table in _scanned(connection, sql, roots)
    ]


def _scanned(connection: sqlite3.Connection, sql: str, roots: dict[int, tuple[str, str]]) -> Iterator[str]:
    """Yield the tables that grow and that a statement reads from end to end, by themselves or by an index."""
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
    yield from (step for step in plan if re.match(r"SCAN \w+ VIRTUAL TABLE INDEX 0:$", step))
    in_order = "LIMIT" in sql and not any("TEMP B-TREE FOR ORDER BY" in step for step in plan)
    if in_order and re.search(r"ORDER BY [^()]* LIMIT -?\d+$", sql):
        return  # in the order of an index: a page of it, or all as was asked for
    opened: dict[int, int] = {}
    begun: set[int] = set()
    for _address, opcode, p1, p2, p3, *_more in connection.execute(f"EXPLAIN {sql}"):
        if opcode == "Init":  # the statement's own program, or a trigger's
            opened, begun = {}, set()
        elif opcode in {"OpenRead", "OpenWrite"} and p3 == 0:
            opened[p1] = p2
        elif opcode in {"Rewind", "Last"}:
            begun.add(p1)
        elif opcode in {"Next", "Prev", "Count"} and (p1 in begun or opcode == "Count") and p1 in opened:
            table, definition = roots.get(opened[p1], ("sqlite_master", ""))
            partial = " WHERE " in definition and definition.startswith("CREATE INDEX")  # only what is open
            if table not in SMALL and not table.startswith("sqlite_") and not partial:
                yield table
