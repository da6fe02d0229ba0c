"""`crm callback`, `plan`, `done`, `snooze`: what was planned, done, put off and called off."""

import pytest

from tests.conftest import Crm
from tests.moments import at, due

# plan


def test_plan_prints_the_record(zs: Crm) -> None:
    row = zs.data("plan", "zs", "下周五下午3点", "送样品", "--kind", "拜访")
    assert (row["id"], row["contact"], row["kind"], row["purpose"]) == (1, "张三", "visit", "送样品")
    assert (row["due_on"], row["due_at"], row["all_day"]) == ("2026-12-04", "2026-12-04T15:00:00+08:00", False)
    assert (row["status"], row["overdue"], row["snoozed"], row["repeat"]) == ("open", False, False, None)
    assert (row["owner"], row["done_at"], row["followup_id"]) == ("wei", None, None)


def test_a_day_without_a_time_lasts_all_day(zs: Crm) -> None:
    row = zs.data("plan", "张三", "today")
    assert (row["due_on"], row["due_at"], row["all_day"]) == ("2026-11-25", None, True)
    assert not zs.data("callback", "show", "1", **at("2026-11-25", "23:59"))["overdue"]
    assert zs.data("callback", "show", "1", **at("2026-11-26", "00:00"))["overdue"]


def test_plan_echoes_what_was_understood(zs: Crm) -> None:
    said = zs.ok("plan", "张三", "next fri 15:00", "送样品", "--kind", "visit", "--every", "2 weeks").out
    assert said == "Planned 张三: visit 送样品 (1) — Fri 4 Dec 2026 15:00, in 9 days · every 2 weeks\n"


def test_plan_in_chinese(zs: Crm) -> None:
    row = zs.data("plan", "张三", "每月15号上午10点", CRM_LANG="zh")
    assert due(row) == "2026-12-15T10:00:00+08:00"
    assert "2026年12月15日" in zs.ok("plan", "张三", "12月15日", CRM_LANG="zh").out


@pytest.mark.parametrize(
    "arguments", [["fri", "送样品"], ["fri 15:00"], ["every monday 9:00", "例会", "--owner", "li"]]
)
def test_of_the_very_same_it_is_told_that_it_is_planned_already(zs: Crm, arguments: list[str]) -> None:
    assert zs.ok("plan", "张三", *arguments).err == ""
    again = zs.ok("plan", "张三", *arguments)
    assert again.out.startswith("Planned 张三: call ")
    assert " (2) — " in again.out
    assert again.err == "the very same is planned already: 1; crm undo takes this one back\n"
    logged = zs.ok("log", "张三", "谈了", "--next", arguments[0], "--purpose", "送样品")
    assert ("planned already: 1" in logged.err) == (arguments == ["fri", "送样品"])


def test_what_differs_or_is_over_is_not_the_same(zs: Crm) -> None:
    zs.ok("plan", "张三", "fri 15:00", "送样品")
    for arguments in (
        ["fri 15:00"],
        ["fri 16:00", "送样品"],
        ["fri", "送样品"],
        ["fri 15:00", "送样品", "--kind", "visit"],
        ["fri 15:00", "送样品", "--owner", "li"],
        ["fri 15:00", "送样品", "--every", "week"],
    ):
        assert zs.ok("plan", "张三", *arguments).err == "", arguments
    zs.ok("done", "1")
    assert zs.ok("plan", "张三", "fri 15:00", "送样品").err == ""


@pytest.mark.parametrize(
    ("arguments", "first", "rule"),
    [
        (["every monday 9:00"], "2026-11-30T09:00:00+08:00", "FREQ=WEEKLY;BYDAY=MO"),
        (["every 2 weeks"], "2026-12-09", "FREQ=WEEKLY;INTERVAL=2"),
        (["每周一"], "2026-11-30", "FREQ=WEEKLY;BYDAY=MO"),
        (["FREQ=MONTHLY;BYDAY=-1FR"], "2026-11-27", "FREQ=MONTHLY;BYDAY=-1FR"),
        (["fri 9:00", "--every", "week"], "2026-11-27T09:00:00+08:00", "FREQ=WEEKLY"),
        (["fri", "--every", "every 2 weeks"], "2026-11-27", "FREQ=WEEKLY;INTERVAL=2"),
        (["fri", "--every", "周五"], "2026-11-27", "FREQ=WEEKLY;BYDAY=FR"),
        (["fri", "--every", "monthly", "--times", "3"], "2026-11-27", "FREQ=MONTHLY;COUNT=3"),
        (["every day 18:00", "--until", "12/31"], "2026-11-25T18:00:00+08:00", "FREQ=DAILY;UNTIL=20261231"),
    ],
)
def test_repeats(zs: Crm, arguments: list[str], first: str, rule: str) -> None:
    row = zs.data("plan", "张三", *arguments)
    assert (due(row), row["repeat"]) == (first, rule)


def test_a_past_moment_is_refused_unless_written_out(zs: Crm) -> None:
    refused = zs("plan", "张三", "yesterday")
    assert refused.code == 2
    assert "2026-11-24 is past" in refused.err
    assert zs("plan", "张三", "今天早上8点").code == 2
    assert due(zs.data("plan", "张三", "2026-11-24")) == "2026-11-24"


@pytest.mark.parametrize(
    "arguments",
    [
        ["whenever"],
        [""],
        ["fri", "15:00"],
        ["明天", "下午3点"],
        ["every monday", "--every", "week"],
        ["fri", "--times", "3"],
        ["fri", "--until", "12/31"],
        ["fri", "--after-done"],
        ["every monday", "--until", "12/31", "--times", "3"],
        ["every monday", "--until", "2026-11-26"],
        ["every monday", "--times", "0"],
        ["fri", "--every", "now and then"],
        ["fri", "--kind", "dance"],
    ],
)
def test_what_plan_refuses(zs: Crm, arguments: list[str]) -> None:
    refused = zs("plan", "张三", *arguments)
    assert (refused.code, refused.out) == (2, "")
    assert "Traceback" not in refused.err
    assert zs.data("callback", "list") == []


def test_whom_plan_can_not_find(zs: Crm) -> None:
    zs.ok("add", "张三丰")
    assert zs("plan", "nobody", "fri").code == 3
    assert zs("plan", "张", "fri").code == 4
    assert zs("plan", "张三", "fri").code == 0


def test_dry_run_and_quiet(zs: Crm) -> None:
    assert zs.ok("plan", "张三", "fri", "-n").out.startswith("dry run: Planned 张三: call (1)")
    assert zs.data("callback", "list") == []
    assert zs.ok("plan", "张三", "fri", "-q").out == "1\n"


# done


def test_done_logs_the_follow_up(zs: Crm) -> None:
    zs.ok("plan", "张三", "today 10:00", "送样品", "--kind", "visit")
    row = zs.data("done", "1", "收到了", "--minutes", "半小时", "--outcome", "满意", **at("2026-11-25", "10:30"))
    assert (row["id"], row["status"], row["done_at"]) == (1, "done", "2026-11-25T10:30:00+08:00")
    assert "next" not in row
    followup = zs.data("followup", "show", str(row["followup_id"]))
    assert (followup["kind"], followup["text"], followup["minutes"]) == ("visit", "收到了", 30)
    assert (followup["outcome"], followup["callback_id"], followup["at"]) == ("满意", 1, row["done_at"])


@pytest.mark.parametrize(
    ("kind", "label", "followup"),
    [
        ("contact", "call", "call"),
        ("visit", "visit", "visit"),
        ("collection", "collect", "call"),
        ("delivery", "delivery", "visit"),
        ("other", "other", "call"),
    ],
)
def test_without_a_note_the_plan_is_the_text(zs: Crm, kind: str, label: str, followup: str) -> None:
    zs.ok("plan", "张三", "today", "报价", "--kind", kind)
    zs.ok("plan", "张三", "today", "--kind", kind)
    rows = [zs.data("followup", "show", str(zs.data("done", id_)["followup_id"])) for id_ in ("1", "2")]
    assert [row["text"] for row in rows] == ["报价", label]
    assert {row["kind"] for row in rows} == {followup}


def test_done_twice_is_a_conflict(zs: Crm) -> None:
    zs.ok("plan", "张三", "today")
    zs.ok("done", "1")
    again = zs("done", "1", "-o", "json")
    assert again.code == 5
    assert '"kind": "conflict"' in again.err
    assert len(zs.data("followup", "list")) == 1


def test_done_refuses(zs: Crm) -> None:
    zs.ok("plan", "张三", "today")
    assert zs("done", "2").code == 3
    assert zs("done", "9" * 30).code == 3
    assert zs("done", "张三").code == 2
    assert zs("done", "1", "--at", "tomorrow").code == 2
    assert zs("done", "1", "--next", "yesterday").code == 2
    assert zs("done", "1", "--purpose", "签合同").code == 2
    assert zs.data("callback", "show", "1")["status"] == "open"


def test_done_plans_the_next(zs: Crm) -> None:
    zs.ok("plan", "张三", "today", "--kind", "visit")
    row = zs.data("done", "1", "--next", "下周三上午", "--purpose", "签合同", "--at", "8:30")
    assert row["done_at"] == "2026-11-25T08:30:00+08:00"
    assert due(row["next"]) == "2026-12-02T09:00:00+08:00"
    assert (row["next"]["kind"], row["next"]["purpose"], row["next"]["repeat"]) == ("visit", "签合同", None)


def test_undo_takes_back_done_whole(zs: Crm) -> None:
    before = zs.data("plan", "张三", "every monday 9:00")
    zs.ok("done", "1")
    zs.ok("undo")
    assert zs.data("callback", "list", "--all") == [before]
    assert zs.data("followup", "list") == []


# snooze, cancel, reopen


@pytest.mark.parametrize(
    ("planned", "when", "expected"),
    [
        ("tomorrow 15:00", "fri", "2026-11-27T15:00:00+08:00"),
        ("tomorrow 15:00", "+2h", "2026-11-25T11:00:00+08:00"),
        ("tomorrow 15:00", "明天下午4点", "2026-11-26T16:00:00+08:00"),
        ("tomorrow 15:00", "8:00", "2026-11-26T08:00:00+08:00"),
        ("tomorrow", "fri", "2026-11-27"),
        ("tomorrow", "12:00", "2026-11-25T12:00:00+08:00"),
    ],
)
def test_snooze(zs: Crm, planned: str, when: str, expected: str) -> None:
    zs.ok("plan", "张三", planned)
    row = zs.data("snooze", "1", when)
    assert (due(row), row["snoozed"], row["all_day"]) == (expected, True, "T" not in expected)


def test_two_hours_are_two_hours(zs: Crm) -> None:
    zs.ok("plan", "张三", "fri")
    assert "in 2 h" in zs.ok("snooze", "1", "+2h", CRM_NOW="2026-11-25T09:00:38+08:00").out


def test_a_snooze_to_an_earlier_moment_says_so(zs: Crm) -> None:
    """+2d counts from now, not from the day that was promised."""
    zs.ok("plan", "张三", "12月4日 15:00")
    assert zs.ok("snooze", "1", "+2d").out.startswith("Brought forward 张三: call (1) — Fri 27 Nov 2026 15:00")
    assert zs.ok("snooze", "1", "next fri").out.startswith("Put off 张三: call (1) — Fri 4 Dec 2026 15:00")
    assert zs.ok("snooze", "1", "next fri").out == "张三 (1) was so already: nothing changed\n"


def test_snooze_refuses(zs: Crm) -> None:
    zs.ok("plan", "张三", "today 9:00")
    assert zs("snooze", "1", "yesterday").code == 2
    assert zs("snooze", "1", "every monday").code == 2
    assert zs("snooze", "1", "today", **at("2026-11-25", "10:00")).code == 2
    assert zs("snooze", "7", "fri").code == 3
    zs.ok("done", "1")
    assert zs("snooze", "1", "fri").code == 5


def test_a_repeat_goes_on_from_the_promised_day(zs: Crm) -> None:
    zs.ok("plan", "张三", "every monday 9:00")
    zs.ok("snooze", "1", "2026-12-01 16:00", **at("2026-11-30"))
    zs.ok("snooze", "1", "2026-12-02", **at("2026-12-01"))
    assert due(zs.data("done", "1", **at("2026-12-02"))["next"]) == "2026-12-07T09:00:00+08:00"


def test_one_brought_forward_does_not_come_twice(zs: Crm) -> None:
    zs.ok("plan", "张三", "every monday 9:00")
    zs.ok("snooze", "1", "fri")
    assert due(zs.data("done", "1", **at("2026-11-27"))["next"]) == "2026-12-07T09:00:00+08:00"


def test_cancel_plans_the_next_of_a_repeat(zs: Crm) -> None:
    zs.ok("plan", "张三", "every monday 9:00")
    row = zs.data("callback", "cancel", "1")
    assert (row["status"], due(row["next"])) == ("cancelled", "2026-12-07T09:00:00+08:00")
    assert zs.data("followup", "list") == []
    assert zs("callback", "cancel", "1").code == 5
    assert zs("done", "1").code == 5


def test_cancelling_what_was_missed_leaves_todays(zs: Crm) -> None:
    zs.ok("plan", "张三", "every day 18:00")
    row = zs.data("callback", "cancel", "1", **at("2026-11-28", "10:00"))
    assert due(row["next"]) == "2026-11-28T18:00:00+08:00"


@pytest.mark.parametrize("named", ["1", "2"])
def test_cancel_ends_a_series(zs: Crm, named: str) -> None:
    zs.ok("plan", "张三", "every monday")
    zs.ok("done", "1")
    row = zs.data("callback", "cancel", named, "--series")
    assert (row["id"], row["status"]) == (2, "cancelled")
    assert zs.data("callback", "list") == []
    assert zs("callback", "cancel", named, "--series").code == 5


def test_cancel_several(zs: Crm) -> None:
    for when in ("fri", "every monday", "tue"):
        zs.ok("plan", "张三", when)
    refused = zs("callback", "cancel", "--where", "contact:张三")
    assert (refused.code, "cancel 3 callbacks?" in refused.err) == (2, True)
    rows = zs.data("callback", "cancel", "--where", "contact:张三", "-y")
    assert [("next" in row) for row in rows] == [False, True, False]
    assert [row["due_on"] for row in zs.data("callback", "list")] == ["2026-12-07"]


def test_reopen(zs: Crm) -> None:
    zs.ok("plan", "张三", "fri")
    assert zs("callback", "reopen", "1").code == 5
    zs.ok("done", "1")
    assert "crm callback reopen 1 opens it again" in zs("done", "1").err
    row = zs.data("callback", "reopen", "1")
    assert (row["status"], row["done_at"]) == ("open", None)
    zs.ok("plan", "张三", "every monday")
    zs.ok("done", "2")
    assert zs("callback", "reopen", "2").code == 5
    assert "its repeat goes on with: crm callback show 3\n" in zs("done", "2").err


# edit, hand over, list, delete


def test_edit(zs: Crm) -> None:
    zs.ok("plan", "张三", "fri 15:00", "报价")
    row = zs.data("callback", "edit", "1", "--when", "next monday", "--kind", "visit", "--purpose", "")
    assert (due(row), row["kind"], row["purpose"], row["snoozed"]) == ("2026-11-30", "visit", None, False)
    assert zs("callback", "edit", "1").code == 2
    assert zs("callback", "edit", "1", "--when", "").code == 2
    assert zs("callback", "edit", "1", "--when", "yesterday").code == 2
    assert zs("callback", "edit", "1", "--times", "2").code == 2


def test_edit_of_what_is_over(zs: Crm) -> None:
    zs.ok("plan", "张三", "fri")
    zs.ok("done", "1")
    assert zs("callback", "edit", "1", "--when", "sat").code == 5
    assert zs.data("callback", "edit", "1", "--purpose", "报价")["purpose"] == "报价"


def test_hand_over(zs: Crm) -> None:
    for when in ("fri", "sat", "sun"):
        zs.ok("plan", "张三", when)
    zs.ok("done", "3")
    assert zs.data("callback", "hand-over", "1", "--to", "li")["owner"] == "li"
    assert zs("callback", "hand-over", "1").code == 2
    assert zs("callback", "hand-over", "3", "--to", "li").code == 5
    [row] = zs.data("callback", "hand-over", "--where", "owner=wei", "--to", "王五")
    assert (row["id"], row["owner"]) == (2, "王五")
    assert "Handed over to 王五: 张三 · call (1)" in zs.ok("callback", "hand-over", "1", "--to", "王五").out
    assert zs.ok("callback", "hand-over", "1", "--to", "王五").out == "张三 (1) was so already: nothing changed\n"


def test_list_shows_what_is_open_unless_asked(zs: Crm) -> None:
    for when in ("fri", "sat", "sun"):
        zs.ok("plan", "张三", when)
    zs.ok("done", "1")
    zs.ok("callback", "cancel", "2")

    def listed(*query: str) -> list[int]:
        return [row["id"] for row in zs.data("callback", "list", *query)]

    assert listed() == [3]
    assert listed("--all") == [1, 2, 3]
    assert listed("status:done") == [1]
    assert listed("状态:已取消") == [2]
    assert listed("due<3d", "or", "due>=3d") == [3]


def test_overdue_can_be_asked_for(zs: Crm) -> None:
    zs.ok("plan", "张三", "today 10:00")
    zs.ok("plan", "张三", "today")
    late = zs.data("callback", "list", "overdue:yes", **at("2026-11-25", "11:00"))
    assert [row["id"] for row in late] == [1]


@pytest.mark.parametrize(
    ("command", "moment"),
    [
        (["plan", "张三", "明天", "下午3点"], "明天 下午3点"),
        (["plan", "张三", "每周一", "9点"], "每周一 9点"),
        (["done", "1", "3pm", "--next", "tomorrow"], "tomorrow 3pm"),
        (["done", "1", "3点", "--at", "昨天"], "昨天 3点"),
        (["log", "张三", "3pm", "--next", "next fri"], "next fri 3pm"),
        (["promise", "renegotiate", "p1", "fri", "15:00"], "fri 15:00"),
        (["promise", "keep", "p1", "15:00", "--at", "yesterday"], "yesterday 15:00"),
        (["complaint", "resolve", "c1", "15:00", "--at", "yesterday"], "yesterday 15:00"),
    ],
)
def test_a_moment_that_the_shell_divided_is_no_text(zs: Crm, command: list[str], moment: str) -> None:
    """It would be planned without its time, which would stand where a note does."""
    zs.ok("plan", "张三", "fri", "报价")
    zs.ok("promise", "张三", "寄样品", "--by", "fri")
    zs.ok("complain", "张三", "晚了", "--at", "3 days ago")
    refused = zs(*command)
    assert (refused.code, refused.out) == (2, "")
    assert f'write the moment in quotes: "{moment}"' in refused.err


def test_a_text_is_no_part_of_a_moment(zs: Crm) -> None:
    zs.ok("plan", "张三", "fri", "9点开会")
    assert "9点开会" in zs.ok("done", "1", "9点开会", "--next", "tomorrow 3pm").out
    assert zs.data("log", "张三", "10", "--at", "yesterday")["text"] == "10"
    assert zs.data("log", "张三", "明天", "--next", "fri")["text"] == "明天"
    assert zs.data("log", "张三", "早", "--at", "2026-10-01")["text"] == "早"
    assert zs("log", "张三", "--at=yesterday", "早").code == 2


def test_delete(zs: Crm) -> None:
    zs.ok("plan", "张三", "every monday", "报价")
    assert "Deleted 张三: 报价 (1)" in zs.ok("callback", "delete", "1").out
    assert zs.data("callback", "list", "--all") == []
    assert zs("callback", "delete", "1").code == 3
