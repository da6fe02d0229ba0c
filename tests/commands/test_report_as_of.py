"""A report of a moment says what was so then, whatever happens later: the same `--as-of` gives the same report."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.conftest import Crm

_SEED = int(os.environ.get("CRM_SEED", "1"))
_BEGIN = datetime.fromisoformat("2026-11-20T09:00:00+08:00")
_STEPS = (
    *(("respond", "sorry"), ("wait", "which one?"), ("resume", "this one"), ("resolve", "sent"), ("reopen", "no")),
    *(("close", "--satisfaction", "2"), ("close", "--satisfaction", "5"), ("assess", "--severity", "critical")),
    *(("assess", "--valid", "--category", "delivery"), ("assign", "--to", "lin"), ("accept", "--by", "lin")),
    *(("assign", "--to", "bo", "--department", "east"), ("decline", "no time"), ("propose", "--option", "a new one")),
)
_REPORTS = (("complaints", "--by", "category,person,severity"), ("complaints", "--by", "breach"), ("satisfaction",))


def _reports(crm: Crm, at: str, moment: str) -> list[Any]:
    return [crm.data("report", *report, "--as-of", at, CRM_NOW=moment) for report in _REPORTS]


def test_a_report_of_a_moment_stays_as_it_was(crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, moment, then = Random(_SEED), _BEGIN, {}  # noqa: S311 - the same every time
    crm.ok("add", "张三", CRM_NOW=moment.isoformat())
    for text in ("late", "broken", "lost"):
        crm.ok("complain", "张三", text, "--severity", "high", CRM_NOW=moment.isoformat())
    taken = 0
    while taken < 14:
        now = (moment := moment + timedelta(minutes=chance.randrange(5, 600))).isoformat()
        step, *more = chance.choice(_STEPS)
        if crm("complaint", step, f"c{chance.randrange(1, 4)}", *more, CRM_NOW=now).code == 0:
            taken += 1
            later = (moment + timedelta(seconds=1)).isoformat()
            then[later] = _reports(crm, later, later)
    (tmp_path / "other").mkdir()
    other = Crm(tmp_path / "other", monkeypatch)
    other.ok("import", "-", stdin=crm.ok("export", "all", "-o", "jsonl").out, CRM_NOW=moment.isoformat())
    for at, reports in then.items():
        assert _reports(crm, at, moment.isoformat()) == reports, at
    assert _reports(other, at, moment.isoformat()) == reports


def test_the_clock_of_a_moment_is_that_of_then(crm: Crm) -> None:
    """A case that is judged anew may get business hours; what it took around the clock stays what it took."""
    crm.ok("service-level", "add", "--severity", "normal", "--respond", "8h", "--hours", "always")
    crm.ok("service-level", "add", "--severity", "critical", "--respond", "8h", "--hours", "business")
    crm.ok("add", "张三")
    crm.ok("complain", "张三", "late")  # at 9:00; nobody is at the desk from 12:00 to 13:00
    crm.ok("complaint", "respond", "c1", "sorry", CRM_NOW="2026-11-25T14:00:00+08:00")
    then = ("report", "complaints", "--as-of", "2026-11-25T15:00:00+08:00")
    before = crm.data(*then)
    crm.ok("complaint", "assess", "c1", "--severity", "critical", CRM_NOW="2026-11-25T16:00:00+08:00")
    assert crm.data(*then) == before
    assert before["total"]["response_median"] == 300


def test_a_step_that_says_before_is_no_step_that_knows_it(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("complain", "张三", "late", "--severity", "high")
    then = ("report", "complaints", "--by", "severity,person", "--as-of", "2026-11-25T10:00:00+08:00")
    before = crm.data(*then)
    crm.ok("complaint", "propose", "c1", "--option", "before", CRM_NOW="2026-11-25T16:00:00+08:00")
    assert crm.data(*then) == before


def test_a_return_visit_to_come_is_not_counted_yet(crm: Crm) -> None:
    crm.ok("config", "set", "return_visit.normal", "3d")
    crm.ok("add", "张三")
    crm.ok("complain", "张三", "late")
    before = crm.data("report", "satisfaction", "--as-of", "2026-11-25T10:00:00+08:00")
    crm.ok("complaint", "close", "c1", "no answer", CRM_NOW="2026-11-26T10:00:00+08:00")
    assert crm.data("report", "satisfaction", "--as-of", "2026-11-25T10:00:00+08:00") == before
    assert (before["to"], before["total"]["visits"]) == ("2026-11-25", 0)
    crm.ok("complaint", "reopen", "c1", "it is late again", CRM_NOW="2026-11-26T11:00:00+08:00")
    after = crm.data("report", "satisfaction", "--as-of", "2026-11-26T12:00:00+08:00")
    assert (after["from"], after["to"], after["total"]["visits"]) == ("2026-11-26", "2026-11-26", 0)


def test_a_step_of_another_machine_tells_only_of_what_it_was_about(
    crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    other = Crm(tmp_path / "other", monkeypatch)
    crm.ok("add", "张三")
    crm.ok("complain", "张三", "late")
    other.ok("import", "-", stdin=crm.ok("export", "all", "-o", "jsonl").out)
    crm.ok("complaint", "assess", "c1", "--severity", "critical", CRM_NOW="2026-11-25T10:00:00+08:00")
    then = ("report", "complaints", "--by", "severity,person", "--as-of", "2026-11-25T11:00:00+08:00")
    before = crm.data(*then)
    there = {"CRM_NOW": "2026-11-25T12:00:00+08:00"}  # where nobody has heard of it yet
    other.ok("complaint", "assign", "c1", "--to", "lin", **there)
    crm.ok("import", "-", stdin=other.ok("export", "all", "-o", "jsonl", **there).out, **there)
    assert crm.data("complaint", "show", "c1")["assignee"] == "lin"
    assert crm.data(*then) == before
