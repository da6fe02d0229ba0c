"""The program as the system runs it: cron's bare environment, pipes, two at once, foreign locales."""

import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.rows import Rows

ROOT = Path(__file__).parent.parent


class Shell:
    """Runs command lines in processes of their own, as cron does: with hardly any environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "crm.db"
        self.crm = f"{shlex.quote(sys.executable)} -m crmcli"

    def run(self, script: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a line of shell in which `crm` is the program; standard output and error are UTF-8."""
        return subprocess.run(
            ["/bin/sh", "-c", f'crm() {{ {self.crm} "$@"; }}; {script}'],
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "CRM_DB": str(self.db), **environ},
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def ok(self, script: str, **environ: str) -> str:
        """Run a line that must succeed in silence, and return what it printed."""
        done = self.run(script, **environ)
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def due(shell: Shell) -> Rows:
    """A database in which eight callbacks have just become due, by the real clock."""
    rows = Rows(shell.db)
    now = datetime.now(UTC)
    who = rows.contact("张三", created=now)
    for minutes in range(8):
        rows.callback(who, now - timedelta(minutes=minutes + 1), purpose="送样品")
    return rows


def test_cron_hears_of_everything_once(shell: Shell, due: Rows) -> None:
    assert len(shell.ok("crm remind --once").splitlines()) == 8
    assert shell.ok("crm remind --once") == ""
    assert "张三" in shell.ok("crm remind")
    assert shell.run("crm remind --exit-code").returncode == 10
    due.clear()
    assert shell.ok("crm remind --once; crm remind; crm remind --exit-code") == ""


def test_cron_makes_the_database_where_there_is_none(shell: Shell) -> None:
    assert shell.ok("crm remind --once") == ""
    assert json.loads(shell.ok("crm remind --once -o json"))["items"] == []
    assert shell.db.stat().st_mode & 0o777 == 0o600


def test_two_at_the_same_moment_never_both_speak(shell: Shell, due: Rows) -> None:
    for _round in range(3):
        due.connection.execute("DELETE FROM reminder")
        with ThreadPoolExecutor(2) as pool:
            said = list(pool.map(lambda _run: shell.ok("crm remind --once -q").split(), range(2)))
        assert sorted(id_ for ids in said for id_ in ids) == [str(id_) for id_ in range(1, 9)]


@pytest.mark.usefixtures("due")
def test_the_command_decides_whether_the_items_arrived(shell: Shell) -> None:
    failed = shell.run("crm remind --once --exec 'sh -c \"exit 3\"'")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "exit code 3" in failed.stderr
    assert len(json.loads(shell.ok("crm remind --once --exec cat"))["items"]) == 8
    assert shell.ok("crm remind --once --exec cat") == ""


@pytest.mark.usefixtures("due")
def test_a_full_disk_delivers_nothing(shell: Shell) -> None:
    failed = shell.run("crm remind --once > /dev/full")
    assert failed.returncode == 1
    assert "No space left" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert len(shell.ok("crm remind --once").splitlines()) == 8


def test_a_reader_that_leaves_is_no_failure(shell: Shell) -> None:
    rows = Rows(shell.db)
    for number in range(3000):
        rows.contact(f"客户 {number} " + "x" * 60)
    assert len(shell.ok("crm list --limit 0 -o csv | head -n 1").splitlines()) == 1
    assert len(shell.ok("crm list --limit 0 | head -n 1").splitlines()) == 1
    assert shell.ok("crm list --limit 0 | true; crm today | true; crm find 客户 -q | true", CRM_LANG="en") == ""


def test_what_a_reader_did_not_take_was_not_delivered(shell: Shell) -> None:
    rows = Rows(shell.db)
    now = datetime.now(UTC)
    who = rows.contact("张三", created=now)
    for minutes in range(2000):
        rows.callback(who, now - timedelta(minutes=minutes + 1), purpose="送样品" * 30)
    shell.ok("crm remind --once | true")
    assert len(shell.ok("crm remind --once -q").split()) == 2000
    assert shell.ok("crm remind --once -q") == ""


@pytest.mark.parametrize("locale", [{}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LANG": "C.UTF-8"}, {"LANG": "xx_YY"}])
@pytest.mark.usefixtures("due")
def test_any_locale_prints_every_name(shell: Shell, locale: dict[str, str]) -> None:
    assert "张三" in shell.ok("crm show 张三", **locale)


def test_the_machines_language_and_zone_are_the_users(shell: Shell) -> None:
    rows = Rows(shell.db)
    rows.callback(rows.contact("张三"), datetime.fromisoformat("2026-11-25T15:00:00+08:00"))
    now = {"CRM_NOW": "2026-11-25T09:00:00+08:00"}
    assert "15:00" in shell.ok("crm today", TZ="Asia/Shanghai", **now)
    assert "08:00" in shell.ok("crm today", TZ="Europe/Berlin", **now)
    assert "联系" in shell.ok("crm today", LANG="zh_CN.UTF-8", **now)


@pytest.mark.usefixtures("due")
def test_what_install_prints_runs(shell: Shell) -> None:
    lines = shell.ok("crm remind --install").splitlines()
    line = next(line for line in lines if line.startswith("*/5 "))
    command = line.split(maxsplit=5)[5].replace(r"\%", "%")
    assert len(shell.ok(command, CRM_DB="/nowhere").splitlines()) == 8


@pytest.mark.usefixtures("due")
def test_words_may_stand_in_any_order_with_the_global_options(shell: Shell) -> None:
    plain = shell.ok("crm show 1 -o json")
    assert shell.ok("crm -o json show 1") == plain
    assert shell.ok(f"crm --db {shlex.quote(str(shell.db))} show 1 -o json", CRM_DB="/nowhere") == plain


@pytest.mark.parametrize("command", ["--version", "--version --lang en", "--help", "list", "list -o json", "today"])
@pytest.mark.usefixtures("due")
def test_standard_output_may_be_full_or_closed(shell: Shell, command: str) -> None:
    full = shell.run(f"crm {command} > /dev/full")
    assert (full.returncode, len(full.stderr.splitlines())) == (1, 1), full
    assert "No space left on device" in full.stderr
    assert "Errno" not in full.stderr
    assert shell.ok(f"crm {command} >&-") == ""


def test_standard_input_may_be_closed(shell: Shell) -> None:
    closed = shell.run("crm import - <&-", CRM_LANG="en")
    assert (closed.returncode, closed.stderr.partition(" — ")[0]) == (2, "error: the file is empty")


def test_a_pipe_that_nobody_reads_is_no_failure_of_ours(shell: Shell) -> None:
    rows = Rows(shell.db)
    for number in range(3000):
        rows.contact(f"客户 {number} " + "x" * 60)
    for command in ("list --limit 0 -o csv", "guide fields", "--help", "today"):
        assert shell.ok(f"{{ {{ sleep 0.2; crm {command}; echo $? >&3; }} | true; }} 3>&1").strip() == "0", command
