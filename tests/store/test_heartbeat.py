"""Whether reminders still run."""

import os
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crmcli.services.runs import recorded
from crmcli.store import heartbeat
from crmcli.store.heartbeat import Heartbeat, beat, declare, read, withdraw
from tests.conftest import NOW, Crm
from tests.rows import Rows

REAL = {"CRM_NOW": "", "TZ": "UTC"}
"""The machine's own present."""
INSTALLED = datetime(2026, 11, 20, tzinfo=UTC)


def test_a_run_leaves_its_mark_where_reminders_were_installed(tmp_path: Path) -> None:
    database = tmp_path / "crm.db"
    beat(str(database))
    assert read(database) is None
    assert not list(tmp_path.iterdir())
    declare(database, "cron", 5)
    found = read(database)
    assert found
    assert (found.kind, found.every, found.last_run_at) == ("cron", 5, None)
    beat(str(database))
    found = read(database)
    assert found
    assert found.last_run_at
    assert abs(found.last_run_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert found.awake < timedelta(minutes=1)
    withdraw(database)
    withdraw(database)
    assert read(database) is None


@pytest.mark.parametrize("text", ["", "x", "1 cron 5", "1 cron five 3", "\xff"])
def test_a_mark_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "crm.db.schedule").write_text(text, "latin-1")
    assert read(tmp_path / "crm.db") is None


@pytest.mark.parametrize(
    ("every", "since", "awake", "late"),
    [
        (5, 11, 60, False),
        (5, 12, 60, True),
        (5, 3000, 5, False),  # a weekend with the lid closed: it has just been opened
        (5, 3000, 11, True),
        (60, 119, 119, False),
        (60, 122, 16, True),
        (720, 1442, 14, False),
        (720, 1442, 16, True),
        (5, -60, 60, False),  # the clock was set back
    ],
)
def test_late_is_who_was_expected_while_the_machine_was_awake(every: int, since: int, awake: int, late: bool) -> None:
    ran = Heartbeat("cron", every, INSTALLED, INSTALLED + timedelta(days=1), timedelta(minutes=awake))
    assert ran.late(INSTALLED + timedelta(days=1, minutes=since)) is late
    never = ran._replace(last_run_at=None)
    assert never.late(INSTALLED + timedelta(minutes=since)) is late


def test_a_machine_that_was_started_since_has_been_awake_since_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "crm.db"
    monkeypatch.setattr(time, "monotonic_ns", lambda: 500 * 10**9)
    declare(database, "cron", 5)
    monkeypatch.setattr(time, "monotonic_ns", lambda: 90 * 10**9)
    found = read(database)
    assert found
    assert found.awake == timedelta(seconds=90)
    assert heartbeat.read(database)


def stopped(crm: Crm, minutes: float) -> None:
    """Let reminders be installed and have stopped so many minutes ago."""
    declare(crm.db, "cron", 5)
    beat(str(crm.db))
    path = Path(f"{crm.db}.schedule")
    _clock, rest = path.read_text("ascii").split("\n", 1)
    path.write_text(f"{0:020d}\n{rest}", "ascii")
    moment = time.time() - minutes * 60
    os.utime(path, (moment, moment))


def test_the_day_and_the_greeting_say_that_reminders_have_stopped(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic_ns", lambda: 10**15)
    Rows(crm.db).contact()
    assert "Reminders" not in crm.ok("today", **REAL).out
    stopped(crm, 5)
    assert "Reminders" not in crm.ok("today", **REAL).out
    assert crm.ok("today", "--brief", **REAL).out == ""
    stopped(crm, 60)
    for arguments in (["today"], ["today", "--brief"]):
        assert "Reminders have not run since" in crm.ok(*arguments, **REAL).out
        assert "Reminders" not in crm.ok(*arguments, "--as-of", "2026-11-25", **REAL).out
    assert crm("doctor", **REAL).out.count("reminders were installed with cron, which knows nothing of them") == 1
    status = crm.data("remind", "--status", **REAL)
    assert (status["late"], status["every"], status["last"]) == (True, 5, None)
    assert "crm remind --uninstall" in crm.ok("remind", "--status", **REAL).out
    crm.ok("remind", "--once", **REAL)
    assert not crm.data("remind", "--status", **REAL)["late"]
    assert "Reminders" not in crm.ok("today", **REAL).out
    stopped(crm, 60)
    crm.ok("remind", "--uninstall", "-y", **REAL)
    assert "Reminders" not in crm.ok("today", **REAL).out


def test_every_way_of_running_leaves_its_mark(crm: Crm) -> None:
    rows = Rows(crm.db)

    def marked(*arguments: str, **environ: str) -> bool:
        declare(crm.db, "cron", 5)
        crm("remind", *arguments, **{**REAL, **environ})
        found = read(crm.db)
        assert found
        return found.last_run_at is not None

    assert marked("--once")  # the quick look
    assert not marked()
    assert not marked("--once", CRM_NOW="2026-11-25T09:00")
    assert not marked("--once", "-n")
    rows.callback(rows.contact(), "2026-01-01")
    assert marked("--once")
    assert marked("--exec", "false")  # it ran, and failed: see the runs
    assert not marked()


def test_a_run_that_was_broken_off_says_so_in_words(crm: Crm) -> None:
    rows = Rows(crm.db)
    with suppress(KeyboardInterrupt), recorded(rows.connection, "remind --once", 1, datetime.fromisoformat(NOW)):
        raise KeyboardInterrupt
    rows.connection.commit()
    assert crm.data("remind", "--status")["last"]["error"] == "broken off"


def test_runs_that_deliver_are_remembered(crm: Crm) -> None:
    rows = Rows(crm.db)
    who = rows.contact()
    rows.callback(who, "2026-11-25")
    crm.ok("remind", "--once")
    crm.ok("remind", "--once")
    last = crm.data("remind", "--status")["last"]
    expected = {"command": "remind --once", "items": 1, "delivered": 1, "failed": 0, "error": None}
    assert {name: last[name] for name in expected} == expected
    assert last["at"] == "2026-11-25T09:00:00+08:00"
    rows.callback(who, "2026-11-25")
    crm("remind", "--once", "--exec", "sh -c 'exit 3' secret")
    last = crm.data("remind", "--status")["last"]
    assert (last["command"], last["delivered"], last["failed"]) == ("remind --once --exec", 0, 1)
    assert "exit code 3" in last["error"]
    assert rows.connection.execute("SELECT count(*) FROM reminder_run").fetchone()[0] == 2
    assert "1 failed" in crm.ok("remind", "--status").out
    crm.ok("remind", "--once", CRM_NOW="2027-06-01T09:00:00+08:00")
    assert rows.connection.execute("SELECT count(*) FROM reminder_run").fetchone()[0] == 1
