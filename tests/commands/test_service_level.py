"""`crm service-level`, business hours, and what they make of complaints: promised, paused, missed, escalated."""

from typing import Any

import pytest

from tests.conftest import Crm
from tests.kept import filled_once

LADDER = 'escalate_to = "张经理, 李总"\n'


@pytest.fixture
@filled_once
def desk(crm: Crm) -> Crm:
    """Give a database with 张三, a core customer, and a desk that keeps business hours; it is Wednesday, 9:00."""
    crm.ok("add", "张三", "--class", "core")
    settings(crm)
    return crm


def settings(crm: Crm, text: str = "") -> None:
    folder = crm.folder / ".config" / "crmcli"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(f'service_hours = "business"\n{text}', encoding="utf-8")


def complain(desk: Crm, at: str, *options: str) -> Any:
    return desk.data("complain", "张三", "迟到", "--severity", "high", *options, CRM_NOW=f"{at}+08:00")


def test_the_most_specific_service_level_counts(desk: Crm) -> None:
    desk.ok("service-level", "add", "--severity", "高", "--respond", "2h", "--hours", "always")
    desk.ok("service-level", "add", "--class", "核心", "--severity", "high", "--resolve", "1 working day")
    row = complain(desk, "2026-11-25T09:00:00")
    assert row["hours"] == "business"
    assert row["respond_by"] == "2026-11-25T14:00:00+08:00"
    assert row["resolve_by"] == "2026-11-25T18:00:00+08:00"
    desk.ok("contact", "edit", "张三", "--class", "customer")
    row = complain(desk, "2026-11-25T17:00:00")
    assert (row["hours"], row["respond_by"]) == ("always", "2026-11-25T19:00:00+08:00")


def test_it_is_told_changed_undone_and_deleted(desk: Crm) -> None:
    said = desk.ok("service-level", "add", "--severity", "high", "--respond", "2h", "--escalate-to", "甲，乙").out
    assert said == "Added service-level 1: high — answer within 2h; escalates to 甲, 乙; business hours\n"
    assert desk("service-level", "add", "--severity", "high", "--respond", "1h").code == 5
    row = desk.data("service-level", "edit", "1", "--severity", "", "--respond", "", "--resolve", "1d")
    assert (row["severity"], row["respond"], row["resolve"]) == (None, None, "1d")
    desk.ok("undo")
    assert desk.data("service-level", "show", "1")["severity"] == "high"
    assert desk("vocabulary", "delete", "severity", "high").code == 5
    assert desk.ok("service-level", "delete", "1").out == "Deleted service-level (1); crm undo brings it back\n"
    assert desk.data("service-level", "list") == []
    assert "deleted it" in desk("service-level", "show", "1").err
    desk.ok("undo")
    assert [row["id"] for row in desk.data("service-level", "list", "severity:高")] == [1]


@pytest.mark.parametrize(
    ("code", "options"),
    [
        (2, ("--severity", "high")),
        (2, ("--severity", "terrible", "--respond", "1h")),
        (2, ("--respond", "soon")),
        (2, ("--respond", "1 month")),
        (2, ("--hours", "never")),
    ],
)
def test_what_no_service_level_can_be(desk: Crm, code: int, options: tuple[str, ...]) -> None:
    result = desk("service-level", "add", *options)
    assert (result.code, result.out) == (code, "")
    assert desk.data("service-level", "list") == []


def test_business_hours_over_lunch_night_and_the_spring_festival(desk: Crm) -> None:
    row = complain(desk, "2026-02-14T16:00:00")
    assert row["respond_by"] == "2026-02-24T11:00:00+08:00"
    assert row["resolve_by"] == "2026-02-26T16:00:00+08:00"


def test_out_of_hours_it_is_told_when_the_desk_opens(desk: Crm) -> None:
    said = desk.ok("complain", "张三", "迟到", "--severity", "high", CRM_NOW="2026-11-28T10:00:00+08:00").out
    assert said == (
        "Took complaint c1 from 张三 — high · answer by Mon 30 Nov 14:00, in 2 days; "
        "out of hours: the desk opens Mon 30 Nov 09:00\n"
    )
    assert desk.data("complaint", "show", "1")["steps"][0]["data"] == {"opens_at": "2026-11-30T09:00:00+08:00"}
    assert complain(desk, "2026-11-27T17:59:00")["steps"][0]["data"] is None


def test_out_of_hours_it_is_handed_over_at_once(desk: Crm) -> None:
    settings(desk, 'out_of_hours = "hand-over"\non_call = "值班员"\n')
    row = complain(desk, "2026-11-28T10:00:00")
    assert (row["assignee"], row["responsible"]) == ("值班员", "wei")
    said = desk.ok("complain", "张三", "…", CRM_NOW="2026-11-28T10:00:00+08:00").out
    assert said.endswith("out of hours: 值班员 was asked at once\n")
    assert complain(desk, "2026-11-28T10:00:00", "--assignee", "Ann")["assignee"] == "Ann"
    later = "2026-11-28T10:05:00+08:00"
    assert desk.data("complaint", "accept", "1", "--by", "值班员", CRM_NOW=later)["responsible"] == "值班员"


def test_what_was_promised_stands_still_while_the_customer_is_waited_for(desk: Crm) -> None:
    complain(desk, "2026-11-25T16:00:00")
    row = desk.data("complaint", "wait", "1", CRM_NOW="2026-11-25T17:00:00+08:00")
    assert (row["deadline_at"], row["waiting_since"]) == (None, "2026-11-25T17:00:00+08:00")
    assert desk.data("today", CRM_NOW="2026-12-25T17:00:00+08:00")["items"] == []
    assert not desk.data("complaint", "show", "1", CRM_NOW="2026-12-25T17:00:00+08:00")["breached"]
    assert "waiting for them" in desk.ok("show", "张三").out
    row = desk.data("complaint", "resume", "1", CRM_NOW="2026-11-30T09:00:00+08:00")
    assert (row["respond_by"], row["waiting_since"]) == ("2026-11-30T12:00:00+08:00", None)
    row = desk.data("complaint", "edit", "1", "--severity", "critical", CRM_NOW="2026-11-30T09:00:00+08:00")
    assert row["respond_by"] == "2026-11-30T10:00:00+08:00"
    desk.ok("undo", CRM_NOW="2026-11-30T09:00:00+08:00")
    desk.ok("undo", CRM_NOW="2026-11-30T09:00:00+08:00")
    row = desk.data("complaint", "show", "1")
    assert (row["respond_by"], row["waiting_since"]) == ("2026-11-26T11:00:00+08:00", "2026-11-25T17:00:00+08:00")


def test_who_answers_or_solves_while_waiting_was_in_time(desk: Crm) -> None:
    complain(desk, "2026-11-25T16:00:00")
    desk.ok("complaint", "wait", "1", CRM_NOW="2026-11-25T17:00:00+08:00")
    row = desk.data("complaint", "respond", "1", "sorry", CRM_NOW="2026-12-02T17:00:00+08:00")
    assert (row["breached"], row["respond_by"]) == (False, "2026-12-03T11:00:00+08:00")
    row = desk.data("complaint", "resolve", "1", "done", CRM_NOW="2026-12-07T17:00:00+08:00")
    assert (row["breached"], row["breach"], row["waiting_since"]) == (False, None, None)
    assert [step["kind"] for step in row["steps"]] == ["receive", "wait", "respond", "resume", "resolve"]


def test_what_remains_is_told_in_business_time(desk: Crm) -> None:
    complain(desk, "2026-11-25T16:00:00")
    shown = desk.ok("complaint", "show", "1", CRM_NOW="2026-11-25T20:00:00+08:00").out
    assert "2 h 0 min of business hours are left" in shown
    assert desk.data("complaint", "show", "1", CRM_NOW="2026-11-25T20:00:00+08:00")["remaining_minutes"] == 120


def test_breaches_are_told_apart(desk: Crm) -> None:
    moments = ("2026-11-25T13:59:00", "2026-11-26T09:00:00", "2026-12-01T09:00:00")
    complain(desk, "2026-11-25T09:00:00")
    rows = [desk.data("complaint", "show", "1", CRM_NOW=f"{moment}+08:00") for moment in moments]
    assert [row["breach"] for row in rows] == [None, "answer", "both"]
    desk.ok("complaint", "respond", "1", "…", "--at", "2026-11-25 10:00", CRM_NOW="2026-12-01T09:00:00+08:00")
    assert desk.data("complaint", "show", "1", CRM_NOW=f"{moments[2]}+08:00")["breach"] == "solution"
    found = desk.data("complaint", "list", "breach:解决超时", CRM_NOW=f"{moments[2]}+08:00")
    assert [row["id"] for row in found] == [1]


def test_a_breach_is_escalated_level_by_level_each_once(desk: Crm) -> None:
    settings(desk, LADDER)
    complain(desk, "2026-11-25T09:00:00")

    def told(now: str) -> list[str]:
        items = desk.data("remind", "--once", CRM_NOW=f"{now}+08:00")["items"]
        return [item.get("to", item["kind"]) for item in items]

    assert told("2026-11-25T12:00:00") == []
    assert told("2026-11-25T13:30:00") == ["complaint"]
    assert told("2026-11-25T14:01:00") == ["张经理"]
    assert told("2026-11-25T15:00:00") == []
    assert told("2026-11-26T14:01:00") == ["李总"]
    assert told("2026-11-27T14:01:00") == []
    assert told("2026-12-02T09:00:00") == ["complaint", "张经理", "李总"]
    said = desk.ok("remind", CRM_NOW="2026-11-25T14:01:00+08:00").out
    assert "tell 张经理" in said
    assert said.rstrip().endswith("c1")


def test_an_escalation_is_recorded_with_the_next_step(desk: Crm) -> None:
    settings(desk, LADDER)
    complain(desk, "2026-11-25T09:00:00")
    row = desk.data("complaint", "comment", "1", "…", CRM_NOW="2026-11-25T15:00:00+08:00")
    kinds = [(step["kind"], step["actor"], step["at"]) for step in row["steps"]][1:]
    assert kinds[0] == ("escalate", "crm", "2026-11-25T14:00:00+08:00")
    assert row["escalated_to"] == "张经理"
    row = desk.data("complaint", "respond", "1", "…", CRM_NOW="2026-11-25T16:00:00+08:00")
    assert [step["kind"] for step in row["steps"]] == ["receive", "escalate", "comment", "respond"]
    row = desk.data("complaint", "escalate", "1")
    assert (row["escalated_to"], row["steps"][-1]["data"]) == ("李总", {"to": "李总"})
    assert desk.data("complaint", "escalate", "1", "--to", "王总")["escalated_to"] == "王总"


def test_nobody_to_escalate_to(desk: Crm) -> None:
    complain(desk, "2026-11-25T09:00:00")
    result = desk("complaint", "escalate", "1")
    assert result.code == 2
    assert "escalate_to" in result.err


def test_imported_complaints_are_promised_by_whose_they_are(desk: Crm) -> None:
    desk.ok("service-level", "add", "--class", "core", "--respond", "1h", "--resolve", "2h")
    desk.ok("add", "李四", "--class", "customer")
    rows = "contact,text,received_at\n张三,one,2026-11-25 08:00\n李四,two,2026-11-25 08:00\n"
    desk.ok("import", "-", "--as", "complaints", stdin=rows)
    found = {row["text"]: row for row in desk.data("complaint", "list")}
    assert (found["one"]["respond_by"], found["one"]["hours"]) == ("2026-11-25T10:00:00+08:00", "business")
    assert found["two"]["respond_by"] == "2026-11-25T18:00:00+08:00"
    assert found["one"]["responsible"] == found["one"]["assignee"] == "wei"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("hours.sat", "9:00-12:00", 0),
        ("hours.sat", "", 0),
        ("hours.sat", "nine", 2),
        ("holidays", "DE-BY", 0),
        ("holidays", "none", 0),
        ("holidays", "XX", 2),
        ("days_off", "2026-12-24 2027-02-05..2027-02-11", 0),
        ("days_on", "sometimes", 2),
        ("severity.high.respond", "2 working days", 0),
        ("severity.high.respond", "", 2),
        ("return_visit.high", "3d", 0),
        ("return_visit.high", "", 0),
        ("return_visit.high", "later", 2),
        ("out_of_hours", "hand-over", 0),
        ("escalate_every", "soon", 2),
    ],
)
def test_settings_are_checked_when_they_are_set(desk: Crm, name: str, value: str, code: int) -> None:
    assert desk("config", "set", name, value).code == code
