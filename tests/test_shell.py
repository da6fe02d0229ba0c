"""The program as the system runs it: cron's bare environment, pipes, two at once, foreign locales."""

import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crmcli import __main__
from crmcli.context import Context
from crmcli.store import transaction
from tests.conftest import Crm
from tests.rows import Rows

ROOT = Path(__file__).parent.parent


class Shell:
    """Runs command lines in processes of their own, as cron does: with hardly any environment."""

    def __init__(self, folder: Path, key: str = "") -> None:
        self.folder = folder
        self.db = folder / "crm.db"
        self.environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "CRM_DB": str(self.db)}
        if key:
            self.environ["CRM_KEY"] = key
        self.crm = f"{shlex.quote(sys.executable)} -m crmcli"

    def run(self, script: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a line of shell in which `crm` is the program; standard output and error are UTF-8."""
        return subprocess.run(
            ["/bin/sh", "-c", f'crm() {{ {self.crm} "$@"; }}; {script}'],
            env={**self.environ, **environ},
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
def shell(tmp_path: Path, file_key: str) -> Shell:
    return Shell(tmp_path, file_key)


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
    assert shell.ok("unset CRM_DB; crm remind --once") == ""
    assert json.loads(shell.ok("unset CRM_DB; crm remind --once -o json"))["items"] == []
    assert (shell.folder / ".local/share/crmcli/crm.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("command", ["remind --once", "today", "list", "show 张三", "find x", "log 张三 x", "undo"])
def test_a_database_that_was_named_must_be_there_to_be_read(shell: Shell, command: str) -> None:
    missing = shell.run(f"crm {command} --db typo.db", CRM_LANG="en")
    assert (missing.returncode, missing.stdout) == (7, "")
    assert missing.stderr == "error: there is no database typo.db — name it with --db, or begin with: crm add\n"
    assert not (ROOT / "typo.db").exists()


def test_what_writes_may_begin_a_database_anywhere(shell: Shell) -> None:
    new = shlex.quote(str(shell.folder / "new.db"))
    assert "Added" in shell.ok(f"crm add 张三 --db {new}", CRM_LANG="en")
    assert "1" in shell.ok(f"printf 'name\nAnn\n' | crm import - --db {new}")


def test_a_write_whose_answer_can_not_be_printed_says_that_it_was_written(shell: Shell) -> None:
    full = shell.run("crm add 张三 > /dev/full", CRM_LANG="en")
    assert full.returncode == 1
    said = "the answer could not be printed, but change 1 was written — don't repeat it; crm undo 1 takes it back\n"
    assert full.stderr.endswith(said)
    assert "was written" not in shell.run("crm add 李四 -n > /dev/full", CRM_LANG="en").stderr
    assert "张三" in shell.ok("crm show 张三")
    backup = shell.run("crm backup > /dev/full", CRM_LANG="en")
    assert backup.returncode == 1
    assert backup.stderr.endswith("the answer could not be printed, but all else is done\n")
    assert "crm-" in shell.run("crm backup --list").stdout


def test_a_zone_that_is_none_is_told_once(shell: Shell) -> None:
    shell.ok("crm add 张三")
    told = shell.run("crm today", TZ="Mars/Olympus", CRM_LANG="en")
    assert (told.returncode, len(told.stderr.splitlines())) == (0, 1)
    assert told.stderr.startswith("TZ=Mars/Olympus names no zone; ")
    for zone in ("Asia/Shanghai", "CST-8", "", ":UTC"):
        assert shell.run("crm today", TZ=zone).stderr == ""


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


@pytest.mark.usefixtures("due")
def test_with_standard_output_closed_nothing_counts_as_told(shell: Shell) -> None:
    assert shell.run("crm remind --once >&-").returncode == 0
    assert len(shell.ok("crm remind --once -q").split()) == 8


@pytest.mark.usefixtures("due")
def test_whether_anything_is_due_is_told_without_standard_output(shell: Shell) -> None:
    for options in ("", "-o json", "-q"):
        closed = shell.run(f"crm remind --exit-code {options} >&-")
        assert (closed.returncode, closed.stderr) == (10, "")


@pytest.mark.parametrize("command", ["today", "add 李四 -n", "list"])
def test_where_no_more_files_may_be_opened_that_is_said(shell: Shell, command: str) -> None:
    shell.ok("crm add 张三")
    runs = [shell.run(f"ulimit -n {number}; crm {command}", CRM_LANG="en") for number in (6, 8, 10)]
    told = [run.stderr for run in runs if run.returncode]
    assert told
    assert {*told} == {"error: the system lets no more files be opened — ulimit -n 256\n"}


@pytest.mark.parametrize("locale", [{}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LANG": "C.UTF-8"}, {"LANG": "xx_YY"}])
@pytest.mark.usefixtures("due")
def test_any_locale_prints_every_name(shell: Shell, locale: dict[str, str]) -> None:
    assert "张三" in shell.ok("crm show 张三", **locale)


@pytest.mark.parametrize(
    ("variable", "width"), [("COLUMNS", "x"), ("COLUMNS", "²"), ("COLUMNS", "9" * 5000), ("TERMINAL_WIDTH", "9" * 20)]
)
def test_a_width_that_is_none_does_no_harm(shell: Shell, variable: str, width: str) -> None:
    helped, refused = shell.ok("crm --help", **{variable: width}), shell.run("crm nonsense", **{variable: width})
    assert max(map(len, helped.splitlines())) < 10_000
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


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


@pytest.mark.usefixtures("due")
def test_a_greeting_that_can_not_be_printed_is_none(shell: Shell) -> None:
    full = shell.run("crm today --brief > /dev/full")
    assert (full.returncode, full.stderr) == (0, "")


def test_an_erasure_whose_answer_is_not_printed_is_not_said_to_be_undone(shell: Shell) -> None:
    shell.ok("crm add 张三")
    run = shell.run("crm contact erase 张三 -y > /dev/full")
    assert run.stderr.endswith("but change 2 was written — don't repeat it; nothing takes it back\n")


def test_an_interrupt_while_the_program_loads_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def half_way() -> Iterator[None]:
        try:
            yield
        finally:
            raise RuntimeError("it is closed by now")

    def interrupted(_arguments: list[str]) -> int:
        next(half_way())  # as contextlib does, within which Ctrl-C may come, too
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    monkeypatch.setattr(__main__, "run", interrupted)
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert (ended.value.code, capfd.readouterr().err) == (130, "")


@pytest.mark.parametrize("written", [0, 7])
def test_what_fails_after_an_interrupt_is_no_fault_and_what_was_written_is_said(
    written: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(context: Context) -> int:
        if written:
            context.written = transaction.Transaction(sqlite3.connect(":memory:"), written)
        try:
            raise KeyboardInterrupt
        finally:
            raise RuntimeError("this transaction is closed")

    monkeypatch.setenv("CRM_LANG", "en")
    monkeypatch.setattr(__main__, "_full", interrupted)
    said = "interrupted, but change 7 was written; crm undo 7 takes it back\n" if written else ""
    assert (__main__.run(["add", "张三"]), capsys.readouterr().err) == (130, said)


@pytest.mark.parametrize("committed", [True, False])
def test_an_interrupt_while_a_change_is_committed_says_whether_it_was_written(
    *, committed: bool, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(connection: sqlite3.Connection) -> None:
        if committed:
            connection.execute("COMMIT")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(transaction, "commit", interrupted)
        ended = crm("add", "张三")
    said = "interrupted, but change 1 was written; crm undo 1 takes it back\n" if committed else ""
    assert (ended.code, ended.out, ended.err) == (130, "", said)
    assert len(crm.data("list")) == committed


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there are no terminals of this kind")
@pytest.mark.parametrize("end", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_question_that_is_ended_leaves_nothing_behind(shell: Shell, end: str) -> None:
    if signal.getsignal(getattr(signal, end)) is signal.SIG_IGN:
        pytest.skip("whoever started the tests ignores it, as nohup does, and so does what they start")
    shell.ok(f"crm add 张三; crm backup --to {shell.folder}; crm add 李四")
    (backup,) = shell.folder.glob("crm-*.db")
    before = sorted(path.name for path in shell.folder.iterdir())
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "crmcli", "restore", str(backup)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=shell.environ,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        asked = b""
        while b"y/N" not in asked:
            asked += os.read(ours, 1000)  # fails when nobody has the other end any more
        for _attempt in range(20):  # one that comes just before it reads is noticed after
            process.send_signal(getattr(signal, end))
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)
                break
        process.kill()
        assert process.returncode == 130
    os.close(ours)
    assert sorted(path.name for path in shell.folder.iterdir()) == before
    assert len(json.loads(shell.ok("crm list -o json"))) == 2


def test_standard_input_may_be_closed(shell: Shell) -> None:
    closed = shell.run("crm import - <&-", CRM_LANG="en")
    assert (closed.returncode, closed.stderr.partition(" — ")[0]) == (2, "error: the file is empty")


def test_a_pipe_that_nobody_reads_is_no_failure_of_ours(shell: Shell) -> None:
    rows = Rows(shell.db)
    for number in range(3000):
        rows.contact(f"客户 {number} " + "x" * 60)
    for command in ("list --limit 0 -o csv", "guide fields", "--help", "today"):
        assert shell.ok(f"{{ {{ sleep 0.2; crm {command}; echo $? >&3; }} | true; }} 3>&1").strip() == "0", command
