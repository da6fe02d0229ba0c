"""`crm remind`: what is due, once."""

import json
import sys
from pathlib import Path

import pytest

from tests.conftest import Crm
from tests.rows import NOW, Rows, days

HOUR = days(1) / 24


@pytest.fixture
def rows(crm: Crm) -> Rows:
    return Rows(crm.db)


def ids(crm: Crm, *options: str, **environ: str) -> list[str]:
    return crm.ok("remind", "-q", *options, **environ).out.split()


def test_nothing_due_prints_nothing(crm: Crm, rows: Rows) -> None:
    rows.callback(rows.contact(), NOW + HOUR)
    for options in ([], ["--once"], ["--exit-code"], ["--exec", "false"], ["-n"], ["-o", "csv"]):
        result = crm.ok("remind", *options)
        assert (result.out, result.err) == ("", ""), options
    assert crm.data("remind") == {"as_of": "2026-11-25T09:00:00+08:00", "items": []}


def test_a_line_says_when_what_whom_and_why(crm: Crm, rows: Rows) -> None:
    crm.ok("add", "张三", "--company", "华东电力")
    rows.callback(1, NOW, purpose="送样品")
    rows.callback(1, NOW - days(1), purpose="报价")
    rows.callback(1, "2026-11-25")
    rows.complaint(1, NOW + HOUR, NOW + days(3))
    rows.contact("Bob", class_="core", created=NOW - days(31), birthday="--11-25")
    assert [line.split() for line in crm.ok("remind").out.splitlines()] == [
        ["yesterday", "09:00", "call", "张三", "(华东电力)", "报价", "2"],
        ["09:00", "call", "张三", "(华东电力)", "送样品", "1"],
        ["today", "call", "张三", "(华东电力)", "3"],
        ["answer", "by", "10:00", "high", "张三", "(华东电力)", "交付延迟", "c1"],
        ["today", "Bob", "birthday"],
        ["31", "of", "30", "days", "core", "Bob"],
    ]


def test_exit_code_and_looking_ahead(crm: Crm, rows: Rows) -> None:
    rows.callback(rows.contact(), NOW + HOUR)
    assert crm("remind", "--exit-code").code == 0
    assert crm("remind", "--exit-code", "--within", "1h").code == 10
    assert crm("remind", "--exit-code", "--within", "59m").code == 0
    assert crm("remind", "--within", "1小时", "-o", "json").json["items"][0]["id"] == 1
    assert crm("remind", "--within", "soon").code == 2
    assert crm("remind", "--within", "99999 years").code == 2


def test_once_speaks_once_for_each_occurrence(crm: Crm, rows: Rows) -> None:
    who = rows.contact(class_="core", created=NOW - days(31), birthday="--11-25")
    callback = rows.callback(who, NOW + HOUR)
    other = rows.contact(class_="core", created=NOW - days(31))
    complaint = rows.complaint(other, NOW - HOUR, NOW + days(1))
    assert ids(crm, "--once") == [str(complaint), str(who), str(other)]
    assert ids(crm, "--once") == []
    assert ids(crm) == [str(complaint), str(who), str(other)]
    at_ten = {"CRM_NOW": "2026-11-25T10:00+08:00"}
    assert ids(crm, "--once", **at_ten) == [str(callback)]
    assert ids(crm, "--once", **at_ten) == []
    crm.ok("snooze", str(callback), "2026-11-25 11:00", **at_ten)
    assert ids(crm, "--once", CRM_NOW="2026-11-25T11:00+08:00") == [str(callback)]
    assert ids(crm, "--once", CRM_NOW="2026-11-26T10:00+08:00") == [str(complaint)]  # its solution is late by now
    crm.ok("log", str(other), "called")
    later = {"CRM_NOW": "2026-12-26T10:00+08:00"}
    assert str(other) in ids(crm, "--once", **later)
    assert ids(crm, "--once", CRM_NOW="2027-11-25T10:00+08:00")[0] == str(who)  # a birthday comes every year


def test_a_dry_run_claims_nothing(crm: Crm, rows: Rows) -> None:
    rows.callback(rows.contact(), NOW)
    assert ids(crm, "--once", "-n") == ["1"]
    assert ids(crm, "--once") == ["1"]
    assert ids(crm, "--once", "-n") == []


def test_the_command_gets_the_items_and_decides_whether_they_arrived(crm: Crm, rows: Rows, tmp_path: Path) -> None:
    rows.callback(rows.contact(), NOW, purpose="送样品")
    received = tmp_path / "got it.json"
    script = tmp_path / "take.py"
    script.write_text(f"import sys\nopen({str(received)!r}, 'w').write(sys.stdin.read())\n", "utf-8")
    for command in ("false", "no-such-command", "", "'unbalanced"):
        result = crm("remind", "--once", "--exec", command)
        assert (result.code, result.out) == (1, "")
        assert "nothing counts as delivered" in result.err
    assert "--exec names no command" in crm("remind", "--once", "--exec", " ").err
    take = f"{sys.executable} '{script}'"
    assert crm.ok("remind", "--once", "--exec", take, "-n").out
    assert not received.exists()
    assert crm("remind", "--once", "--exec", take, "--exit-code").code == 10
    items = json.loads(received.read_text("utf-8"))["items"]
    assert [(item["id"], item["text"]) for item in items] == [(1, "送样品")]
    received.unlink()
    assert crm.ok("remind", "--once", "--exec", take).out == ""
    assert not received.exists()


def test_a_command_that_hangs_ends_before_another_run_takes_its_place(
    crm: Crm, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows.callback(rows.contact(), NOW)
    monkeypatch.setattr("crmcli.screens.remind.PATIENCE", 0.2)
    result = crm("remind", "--once", "--exec", "sleep 60")
    assert (result.code, result.out) == (1, "")
    assert result.err == "error: sleep 60 had not ended after 0 min — nothing counts as delivered\n"
    assert ids(crm, "--once") == ["1"]


def test_what_could_not_be_printed_was_not_delivered(crm: Crm, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    rows.callback(rows.contact(), NOW)

    def full(_output: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("crmcli.render.output.Output.flush", full)
        assert crm("remind", "--once").code == 1
    assert ids(crm, "--once") == ["1"]


def test_reminders_are_no_changes(crm: Crm, rows: Rows) -> None:
    rows.callback(rows.contact(), NOW)
    crm.ok("remind", "--once")
    assert crm.data("history") == []


def test_install_shows_lines_that_cron_and_systemd_understand(crm: Crm) -> None:
    out = crm.ok("remind", "--install", "--db", "/srv/a b%c/crm.db").out
    assert r"CRM_DB='/srv/a b\%c/crm.db'" in out
    assert 'Environment="CRM_DB=/srv/a b%%c/crm.db"' in out
    assert "remind --once" in out
    assert "CRM_LANG=zh" in crm.ok("remind", "--install", "--lang", "zh").out
