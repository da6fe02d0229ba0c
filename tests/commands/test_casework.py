"""The steps of a service desk: who may take which when, what each says, and that only one of two wins."""

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Crm, opened
from tests.kept import filled_once

LATER = "2026-11-25T15:00:00+08:00"


@pytest.fixture
@filled_once
def case(crm: Crm) -> Crm:
    """Give a database in which 张三 has complained at 9:00, and wei has taken it: c1."""
    crm.ok("add", "张三", "--company", "华东电力")
    crm.ok("complain", "张三", "交付延迟", "--severity", "high")
    return crm


def kinds(row: dict[str, Any]) -> list[str]:
    return [step["kind"] for step in row["steps"]]


def test_assessed_as_valid_with_what_was_found(case: Crm) -> None:
    row = case.data(
        *(
            "complaint",
            "assess",
            "1",
            "属实",
            "--valid",
            "--cause",
            "供应商",
            "--severity",
            "紧急",
            "--category",
            "物流",
        ),
        *("--by", "王经理", "--at", "9:00"),
        CRM_NOW=LATER,
    )
    assert (row["status"], row["valid"], row["cause"], row["category"]) == ("assessed", True, "supplier", "delivery")
    assert row["respond_by"] == "2026-11-25T11:00:00+08:00"
    step = row["steps"][-1]
    assert (step["kind"], step["actor"], step["note"]) == ("assess", "王经理", "属实")
    found = {"valid": True, "category": "delivery", "severity": "critical", "cause": "supplier"}
    assert {name: value for name, value in step["data"].items() if name != "before"} == found
    assert step["data"]["before"]["severity"] == "high"
    assert "valid · delivery · critical · supplier · 属实" in case.ok("complaint", "show", "1").out
    assert [row["id"] for row in case.data("complaint", "list", "valid:yes cause:supplier")] == [1]


def test_an_invalid_one_says_what_happens_next(case: Crm) -> None:
    assert case("complaint", "assess", "1").code == 2
    assert case("complaint", "assess", "1", "--invalid").code == 2
    said = case.ok("complaint", "assess", "1", "--invalid", "not ours: told them whom to ask").out
    assert "not valid — when they know: crm complaint close c1" in said
    assert case.data("complaint", "close", "1")["valid"] is False
    assert "assess does not fit" in case("complaint", "assess", "1", "--invalid").err


def test_what_is_assessed_as_praise_is_done(case: Crm) -> None:
    row = case.data("complaint", "assess", "1", "--type", "praise")
    assert (row["status"], kinds(row)) == ("closed", ["receive", "assess", "close"])


def test_who_took_it_answers_for_it_until_somebody_accepts(case: Crm) -> None:
    assert case("complaint", "accept", "1").code == 5
    row = case.data("complaint", "assign", "1", "--department", "售后部")
    assert (row["assignee"], row["responsible"], row["department"]) == (None, "wei", "售后部")
    row = case.data("complaint", "decline", "1", "not our product", "--by", "李经理")
    assert (row["assignee"], row["responsible"]) == ("wei", "wei")
    assert case("complaint", "decline", "1", "again").code == 5
    case.ok("complaint", "assign", "1", "--to", "Ann")
    said = case.ok("complaint", "accept", "1", "--by", "Ann").out
    assert said.startswith("Ann answers for c1 of 张三 now")
    row = case.data("complaint", "show", "1")
    assert (row["assignee"], row["responsible"], row["status"]) == ("Ann", "Ann", "assigned")
    assert case("complaint", "accept", "1", "--by", "Bob").code == 5
    case.ok("undo")
    assert case.data("complaint", "show", "1")["responsible"] == "wei"


def test_what_nobody_answers_for_can_be_accepted_by_anybody(case: Crm) -> None:
    row = case.data("complaint", "edit", "1", "--assignee", "")
    assert (row["assignee"], row["responsible"]) == (None, None)
    said = case.ok("complaint", "assign", "1", "--to", "Li").out
    assert said.startswith("c1 of 张三: Li was asked; nobody answers for it until: crm complaint accept c1")
    said = case.ok("complaint", "assign", "1", "--department", "售后部").out
    assert said.startswith("c1 of 张三: 售后部 was asked; nobody answers")
    assert case.data("complaint", "accept", "1", "--by", "Ann")["responsible"] == "Ann"


def test_one_of_several_options_is_approved(case: Crm) -> None:
    assert case("complaint", "approve", "1").code == 5
    assert case("complaint", "propose", "1").code == 2
    row = case.data("complaint", "propose", "1", "--option", "换货", "--option", "退款")
    assert (row["status"], row["steps"][-1]["data"]) == ("proposed", {"options": ["换货", "退款"]})
    assert [found["id"] for found in case.data("find", "退款")] == [1]
    result = case("complaint", "approve", "1")
    assert result.code == 2
    assert "1 换货 · 2 退款" in result.err
    assert case("complaint", "approve", "1", "--option", "3").code == 2
    row = case.data("complaint", "approve", "1", "--option", "2", "--by", "王总", "可以")
    assert (row["status"], row["steps"][-1]["data"]) == ("approved", {"option": 2, "text": "退款"})
    assert (row["steps"][-1]["actor"], row["steps"][-1]["note"]) == ("王总", "可以")


def test_what_was_rejected_is_proposed_anew(case: Crm) -> None:
    case.ok("complaint", "propose", "1", "give them a discount")
    assert case("complaint", "reject", "1").code == 2
    row = case.data("complaint", "reject", "1", "too expensive", "--by", "王总")
    assert row["status"] == "assigned"
    assert case("complaint", "approve", "1").code == 5
    case.ok("complaint", "propose", "1", "send a technician")
    assert case.data("complaint", "approve", "1")["steps"][-1]["data"] == {"option": 1, "text": "send a technician"}


def test_a_type_may_require_steps_before_it_is_solved(case: Crm) -> None:
    row = case.data("vocabulary", "edit", "complaint_type", "投诉", "--requires", "approve, assess")
    assert row["requires"] == "assess approve"
    result = case("complaint", "resolve", "1", "done")
    assert result.code == 5
    assert "needs: assess, approve" in result.err
    for step in (["assess", "1", "--valid"], ["propose", "1", "换货"], ["approve", "1"]):
        case.ok("complaint", *step)
    assert case.data("complaint", "resolve", "1", "done")["status"] == "resolved"
    case.ok("complaint", "reopen", "1", "again")
    assert case("complaint", "resolve", "1", "done").code == 5
    case.ok("complaint", "assess", "1", "--invalid", "told them")
    case.ok("complaint", "resolve", "1", "done")
    case.ok("complain", "张三", "?", "--type", "inquiry")
    case.ok("complaint", "resolve", "2", "answered")
    case.ok("vocabulary", "edit", "complaint_type", "complaint", "--requires", "")
    assert case("vocabulary", "edit", "complaint_type", "complaint", "--requires", "dance").code == 2
    assert case("vocabulary", "edit", "class", "core", "--requires", "assess").code == 2


def test_links_are_shown_on_both_sides(case: Crm) -> None:
    case.ok("complain", "张三", "二")
    case.ok("log", "张三", "解释了原因")
    row = case.data("complaint", "link", "1", "--complaint", "c2", "--followup", "1", "--improvement", "装车清单")
    assert [(link["complaint_id"], link["text"]) for link in row["links"]] == [(2, "二"), (None, "装车清单")]
    assert [event["text"] for event in row["followups"]] == ["解释了原因"]
    assert [link["complaint_id"] for link in case.data("complaint", "show", "2")["links"]] == [1]
    for wrong, code in (
        ([], 2),
        (["--complaint", "2"], 5),
        (["--complaint", "1"], 2),
        (["--complaint", "9"], 3),
        (["--followup", "9"], 3),
    ):
        assert case("complaint", "link", "1", *wrong).code == code
    assert case("complaint", "link", "2", "--complaint", "1").code == 5
    case.ok("undo")
    assert case.data("complaint", "show", "2")["links"] == []
    assert case.data("followup", "show", "1")["complaint_id"] is None


def test_a_follow_up_is_taken_from_no_other_complaint(case: Crm) -> None:
    case.ok("complain", "张三", "二")
    case.ok("log", "张三", "解释了原因", "--complaint", "c1")
    refused = case("complaint", "link", "2", "--followup", "1")
    assert (refused.code, refused.out) == (5, "")
    assert refused.err == (
        "error: follow-up 1 is about c1 already — to have it here in its place: crm followup edit 1 --complaint c2\n"
    )
    assert case("complaint", "link", "1", "--followup", "1").code == 5
    assert case.data("followup", "show", "1")["complaint_id"] == 1
    case.ok("followup", "edit", "1", "--complaint", "c2")
    assert case.data("followup", "show", "1")["complaint_id"] == 2


def test_a_return_visit_is_planned_once_and_undone_with_the_close(case: Crm) -> None:
    config = case.folder / "own.toml"
    config.write_text('[return_visit]\nhigh = "3d"\n', encoding="utf-8")
    own = {"CRM_CONFIG": str(config)}
    dry = case.ok("complaint", "close", "1", "-n", **own).out
    assert dry == "dry run: Closed c1 of 张三; the return visit is callback 1\n"
    said = case.ok("complaint", "close", "1", "满意", "--satisfaction", "5", **own).out
    assert said == "Closed c1 of 张三; the return visit is callback 1\n"
    (visit,) = case.data("callback", "list")
    assert (visit["due_on"], visit["purpose"], visit["owner"]) == ("2026-11-28", "after c1: 交付延迟", "wei")
    case.ok("undo")
    assert case.data("callback", "list") == []
    case.ok("complaint", "close", "1", **own)
    case.ok("complaint", "reopen", "1", "again")
    assert case.data("complaint", "close", "1", **own)["return_visit_id"] == 2
    assert len(case.data("callback", "list")) == 1
    case.ok("complain", "张三", "…", "--severity", "low")
    assert case.data("complaint", "close", "2", **own)["return_visit_id"] is None


def test_a_return_visit_that_is_over_is_planned_anew_when_the_case_is_closed_again(case: Crm) -> None:
    case.ok("config", "set", "return_visit.high", "3d")
    for over in (("done", "1", "still broken"), ("callback", "cancel", "2")):
        case.ok("complaint", "close", "1")
        case.ok(*over)
        case.ok("complaint", "reopen", "1", "again")
    assert case.ok("complaint", "close", "1").out == "Closed c1 of 张三; the return visit is callback 3\n"
    assert [row["status"] for row in case.data("callback", "list", "--all", "--sort", "id")] == [
        *("done", "cancelled", "open")
    ]
    case.ok("undo")
    assert case.data("complaint", "show", "1")["return_visit_id"] == 2
    case.ok("undo", str(case.data("history")[0]["id"]))
    assert case.data("complaint", "show", "1")["return_visit_id"] == 3
    assert "notice" not in case.ok("history", "张三").out


def test_an_answer_that_never_came_in_time_is_late_after_a_reopening_too(case: Crm) -> None:
    case.ok("complain", "张三", "发票开错", "--severity", "high", "--at", "2026-11-20 09:00")
    number = str(case.data("complaint", "list", "--sort", "-id")[0]["id"])

    def told() -> tuple[str, int, int]:
        total = case.data("report", "complaints", "-w", f"id:{number}")["total"]
        return case.data("complaint", "show", number)["breach"], total["responded_late"], total["responded_in_time"]

    case.ok("complaint", "close", number, "--at", "2026-11-20 18:00")
    assert told()[:2] == ("answer", 1)
    case.ok("complaint", "reopen", number, "again")
    assert told()[:2] == ("answer", 1)
    case.ok("complaint", "respond", number, "sorry")
    assert told() == ("answer", 1, 0)


def test_a_return_visit_that_is_over_is_not_announced(case: Crm) -> None:
    case.ok("config", "set", "return_visit.high", "3d")
    case.ok("complaint", "close", "1")
    case.ok("done", "1", "fine")
    case.ok("complaint", "reopen", "1", "again")
    case.ok("config", "set", "return_visit.high", "")
    assert case.ok("complaint", "close", "1").out == "Closed c1 of 张三\n"


def test_every_step_can_be_tried_and_undone(case: Crm) -> None:
    before = case.data("complaint", "show", "1")
    for step in (
        ["assess", "1", "--valid"],
        ["assign", "1", "--to", "Ann"],
        ["propose", "1", "换货"],
        ["respond", "1", "…"],
        ["wait", "1"],
        ["escalate", "1", "--to", "王总"],
        ["link", "1", "--improvement", "…"],
        ["resolve", "1", "…"],
        ["close", "1"],
    ):
        assert case.ok("complaint", *step, "-n").out.startswith("dry run: ")
        assert case.data("complaint", "show", "1") == before
        case.ok("complaint", *step)
        case.ok("undo")
        assert case.data("complaint", "show", "1") == before


def test_only_while_it_is_in_this_state(case: Crm) -> None:
    result = case("complaint", "resolve", "1", "…", "--if-status", "assigned,已批示")
    assert result.code == 5
    assert "c1 is received by now" in result.err
    assert case("complaint", "edit", "1", "--text", "…", "--if-status", "closed").code == 5
    assert case("complaint", "resolve", "1", "…", "--if-status", "nonsense").code == 2
    assert case.data("complaint", "resolve", "1", "…", "--if-status", "received")["status"] == "resolved"


def test_it_all_comes_back_from_an_export(case: Crm) -> None:
    for step in (
        ["assess", "1", "--valid", "--cause", "process"],
        ["assign", "1", "--to", "Ann"],
        ["propose", "1", "--option", "换货", "--option", "退款"],
        ["wait", "1"],
    ):
        case.ok("complaint", *step)
    case.ok("complain", "张三", "二")
    case.ok("complaint", "link", "1", "--complaint", "2", "--improvement", "装车清单")
    case.ok("service-level", "add", "--severity", "low", "--respond", "2d", "--escalate-to", "甲")
    path = case.folder / "all.json"
    case.ok("export", "all", "--to", str(path))
    copy = {"CRM_DB": str(case.folder / "copy.db")}
    case.ok("import", str(path), **copy)
    own = {"created_at", "updated_at"}
    for id_ in ("1", "2"):
        mine, theirs = (case.data("complaint", "show", id_, **db) for db in ({}, copy))
        assert {k: v for k, v in mine.items() if k not in own} == {k: v for k, v in theirs.items() if k not in own}
    assert case.data("service-level", "list") == case.data("service-level", "list", **copy)
    again = case.data("import", str(path), **copy)
    assert again["unchanged"] == again["read"]


# two at the same moment, as processes of their own


def race(case: Crm, *commands: list[str]) -> list[int]:
    """Start the commands while the database is locked, let them go at once, and return their exit codes."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(case.folder), "CRM_DB": str(case.db), "TZ": "Asia/Shanghai"}
    environ["CRM_KEY"] = case.key
    environ["CRM_NOW"] = LATER
    with closing(opened(case.db)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "crmcli", *command],
                env=environ,
                cwd=Path(__file__).parent.parent.parent,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for command in commands
        ]
        deadline, asleep = time.monotonic() + 60, 0
        while time.monotonic() < deadline and asleep < 6:
            time.sleep(0.05)
            asleep = asleep + 1 if all(_waits(process.pid) for process in started) else 0
        connection.execute("ROLLBACK")
    return sorted(process.wait(timeout=120) for process in started)


def _waits(pid: int) -> bool:
    """Return whether a process has loaded what it writes with and sleeps: it has read the case, and may not write."""
    process = Path(f"/proc/{pid}")
    state = (process / "stat").read_text("utf-8").rpartition(")")[2].split()[0]
    return state == "S" and "sqlalchemy" in (process / "maps").read_text("utf-8", errors="replace")


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
@pytest.mark.parametrize("step", ["edit", "resolve"])
def test_of_two_people_at_the_same_moment_one_wins(case: Crm, step: str) -> None:
    commands = {
        "edit": [["complaint", "edit", "1", "--severity", severity] for severity in ("low", "critical")],
        "resolve": [["complaint", step, "1", "…"] for step in ("resolve", "close")],
    }[step]
    assert race(case, *commands) == [0, 5]
    assert len(case.data("history")) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_comments_at_the_same_moment_are_all_kept(case: Crm) -> None:
    assert race(case, *(["complaint", "comment", "1", word] for word in ("one", "two"))) == [0, 0]
    assert {step["note"] for step in case.data("complaint", "show", "1")["steps"][1:]} == {"one", "two"}


def test_what_follows_a_step_can_not_lie_before_it(case: Crm) -> None:
    def step(clock: str, *arguments: str) -> tuple[int, str]:
        said = case("complaint", *arguments, "--at", clock, CRM_NOW=LATER)
        return said.code, said.err.partition(" — ")[0]

    assert step("10:00", "wait", "c1") == (0, "")
    assert step("9:30", "resolve", "c1", "sent") == (2, "error: c1 began to wait later than that")
    assert step("12:00", "resume", "c1") == (0, "")
    assert step("11:00", "wait", "c1") == (2, "error: c1 was resumed later than that")
    assert step("13:00", "resolve", "c1", "sent") == (0, "")
    assert step("12:30", "close", "c1") == (2, "error: c1 was resolved later than that")
    assert step("12:30", "reopen", "c1", "again") == (2, "error: c1 was resolved later than that")
    assert step("10:30", "comment", "c1", "they called") == (0, "")
    assert step("13:00", "close", "c1") == (0, "")
    assert case.data("complaint", "show", "1")["resolve_by"] == "2026-11-28T11:00:00+08:00"
