"""`crm today --brief`, which greets a login."""

import os
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from crmcli.store import quick
from crmcli.store.heartbeat import declare
from tests.conftest import PLAIN_ONLY, Crm, opened
from tests.rows import NOW, Rows, days

HOUR = days(1) / 24


@pytest.fixture
def rows(crm: Crm) -> Rows:
    return Rows(crm.db)


def brief(crm: Crm, *options: str, **environ: str) -> str:
    result = crm.ok("today", "--brief", *options, **environ)
    assert not result.err
    return result.out


def test_a_line_says_how_much_and_what_comes_first(crm: Crm, rows: Rows) -> None:
    who, other = rows.contact("张三"), rows.contact("李四")
    rows.callback(who, NOW - days(1))
    rows.callback(who, "2026-11-25")
    rows.callback(other, NOW + HOUR)
    rows.complaint(who, NOW + HOUR, NOW + days(3))
    assert brief(crm) == "crm: 1 overdue · 2 today · 1 complaint · next 10:00 李四\n"
    assert brief(crm, "--lang", "zh").startswith("crm: ")
    answer = crm.data("today", "--brief")
    counts = {name: count for name, count in answer["counts"].items() if count}
    assert counts == {"overdue": 1, "today": 2, "complaints": 1}
    assert answer["next"]["contact"] == "李四"


def test_a_wrong_zone_is_no_matter_for_a_login(crm: Crm, rows: Rows) -> None:
    rows.callback(rows.contact(), NOW - days(1))
    assert brief(crm, TZ="No/Where") == "crm: 1 overdue\n"
    assert "names no zone" in crm.ok("today", TZ="No/Where").err


def test_nothing_is_said_when_nothing_is_due(crm: Crm, rows: Rows) -> None:
    assert brief(crm) == ""
    rows.callback(rows.contact(birthday="--11-25"), "2026-11-26")
    assert brief(crm) == ""


def test_a_login_does_not_wait_for_a_database_that_another_keeps_to_itself(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("plan", "张三", "today")
    with closing(opened(crm.db)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        assert brief(crm) == ""
        assert time.monotonic() - began < 20


def test_a_login_is_never_disturbed(crm: Crm, tmp_path: Path) -> None:
    crm.not_begun()
    assert brief(crm) == ""
    assert not crm.db.exists()
    crm.db.write_bytes(b"")
    assert brief(crm) == ""
    assert not crm.db.stat().st_size
    for wrong in (
        {"CRM_LANG": "xx"},
        {"TZ": "No/Where"},
        {"CRM_NOW": "x"},
        {"CRM_CONFIG": "/none"},
        {"CRM_DB": "postgres://x"},
    ):
        assert brief(crm, **wrong) == ""
    crm.db.write_bytes(b"no database at all" * 100)
    assert brief(crm) == ""
    assert brief(crm, CRM_DB=str(tmp_path)) == ""
    assert crm("today", "--brief", "--nonsense").code == 2


def test_a_database_of_another_version_is_left_alone(crm: Crm, rows: Rows) -> None:
    rows.callback(rows.contact(), NOW - days(1))
    version = rows.connection.execute("PRAGMA user_version").fetchone()[0]
    for other in (version - 1, version + 1):
        rows.connection.execute(f"PRAGMA user_version = {other}")
        assert brief(crm) == ""
        assert rows.connection.execute("PRAGMA user_version").fetchone()[0] == other


def test_a_locked_database_is_read_all_the_same(crm: Crm, rows: Rows) -> None:
    rows.callback(rows.contact(), NOW - days(1))
    rows.connection.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    assert "1 overdue" in brief(crm)
    assert time.monotonic() - begun < 60


@PLAIN_ONLY  # it has no key
def test_the_quick_look_knows_the_whole_day(crm: Crm, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked at 09:00 in Shanghai: what is due today at 23:59 counts, what is due after midnight does not."""
    for name, value in {"HOME": str(crm.folder), "CRM_DB": str(crm.db), "TZ": "Asia/Shanghai"}.items():
        monkeypatch.setenv(name, value)
    for name in ("CRM_NOW", "CRM_OUTPUT", "CRM_CONFIG", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    time.tzset()
    names = ("localtime", "gmtime", "strftime", "mktime", "monotonic_ns")
    clock = SimpleNamespace(time=NOW.timestamp, **{name: getattr(time, name) for name in names})
    monkeypatch.setattr(quick, "time", clock)
    who = rows.contact()
    rows.callback(who, datetime.fromisoformat("2026-11-26T00:01:00+08:00"))
    assert quick.nothing_due(whole_day=True)
    declare(crm.db, "cron", 5)
    os.utime(f"{crm.db}.schedule", (NOW.timestamp() - 300,) * 2)
    assert quick.nothing_due(whole_day=True)
    os.utime(f"{crm.db}.schedule", (NOW.timestamp() - 3000,) * 2)
    assert not quick.nothing_due(whole_day=True)
    Path(f"{crm.db}.schedule").unlink()
    rows.callback(who, datetime.fromisoformat("2026-11-25T23:59:00+08:00"))
    assert quick.nothing_due()
    assert not quick.nothing_due(whole_day=True)
    monkeypatch.undo()
    time.tzset()


def test_in_bashrc(crm: Crm, rows: Rows) -> None:
    rows.callback(rows.contact(), "2026-01-01")
    (crm.folder / ".bashrc").write_text(f"{sys.executable} -m crmcli today --brief\n", "utf-8")
    ran = subprocess.run(
        ["bash", "-ic", "exit 0"],
        env={
            "HOME": str(crm.folder),
            "PATH": os.environ["PATH"],
            "CRM_DB": str(crm.db),
            "CRM_KEY": crm.key,
            "TERM": "dumb",
        },
        cwd=Path(__file__).parents[2],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert ran.stdout == "crm: 1 overdue\n"
