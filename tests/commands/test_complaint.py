"""`crm complaint`: taking one, its deadlines, every step, and what is refused when."""

from contextlib import closing
from typing import Any

import pytest

from tests.conftest import Crm, opened
from tests.kept import filled_once

LATER = "2026-11-25T15:00:00+08:00"


@pytest.fixture
@filled_once
def taken(crm: Crm) -> Crm:
    """Give a database in which 张三 has complained at 9:00: c1, high, to be answered by 13:00, solved on the 28th."""
    crm.ok("add", "张三", "--company", "华东电力", "--phone", "13800138000")
    crm.ok("complain", "zs", "交付延迟", "--category", "delivery", "--severity", "high")
    return crm


def steps(row: dict[str, Any]) -> list[str]:
    return [step["kind"] for step in row["steps"]]


def test_take_one_with_every_option(crm: Crm) -> None:
    crm.ok("add", "张三")
    row = crm.data(
        *("complain", "zhangsan", "发票错了", "--type", "投诉", "--category", "账单", "--severity", "紧急"),
        *("--channel", "微信", "--at", "昨天下午3点", "--department", "财务部", "--assignee", "李经理"),
    )
    codes = {key: row[key] for key in ("type", "category", "severity", "channel", "status")}
    assert codes == {
        "type": "complaint",
        "category": "billing",
        "severity": "critical",
        "channel": "message",
        "status": "received",
    }
    assert row["received_at"] == "2026-11-24T15:00:00+08:00"
    assert row["respond_by"] == "2026-11-24T17:00:00+08:00"
    assert row["resolve_by"] == "2026-11-25T15:00:00+08:00"
    assert (row["department"], row["assignee"], row["breached"]) == ("财务部", "李经理", True)
    assert row["steps"] == [
        {"kind": "receive", "at": row["received_at"], "actor": "wei", "status": "received", "note": None, "data": None}
    ]
    assert row["followups"] == []


def test_message_says_by_when_to_answer(taken: Crm) -> None:
    said = taken.ok("complain", "张三", "again", "--severity", "高").out
    assert said == "Took complaint c2 from 张三 — high · answer by today 13:00, in 4 h\n"
    row = taken.data("complaint", "show", "c1")
    assert (row["contact"], row["contact_id"], row["company"], row["assignee"]) == ("张三", 1, "华东电力", "wei")
    assert row["deadline_at"] == row["respond_by"] == "2026-11-25T13:00:00+08:00"


@pytest.mark.parametrize(("type_", "hours"), [("inquiry", 24), ("建议", 24), ("complaint", 24)])
def test_all_but_praise_are_owed_an_answer(taken: Crm, type_: str, hours: int) -> None:
    row = taken.data("complain", "zs", "…", "--type", type_)
    assert row["respond_by"] == f"2026-11-{25 + hours // 24}T09:00:00+08:00"


def test_praise_is_recorded_and_done(taken: Crm) -> None:
    assert taken.ok("complain", "zs", "服务很好", "--type", "表扬").out == "Took praise c2 from 张三\n"
    row = taken.data("complaint", "show", "2")
    assert (row["status"], row["respond_by"], row["resolve_by"], row["deadline_at"]) == ("closed", None, None, None)
    assert row["closed_at"] == row["received_at"]
    assert row["breached"] is False
    assert taken.data("contact", "list")[0]["open_complaints"] == 1


def test_what_turns_out_to_be_praise_is_closed_and_the_other_way_round(taken: Crm) -> None:
    row = taken.data("complaint", "edit", "c1", "--type", "praise")
    assert (row["status"], row["closed_at"], row["deadline_at"]) == ("closed", "2026-11-25T09:00:00+08:00", None)
    assert (row["respond_by"], steps(row)) == (None, ["receive", "close"])
    assert taken.data("contact", "list")[0]["open_complaints"] == 0
    row = taken.data("complaint", "edit", "c1", "--type", "complaint")
    assert (row["status"], row["closed_at"], row["deadline_at"]) == ("received", None, "2026-11-25T13:00:00+08:00")
    assert steps(row) == ["receive", "close", "reopen"]


def test_that_it_was_closed_or_opened_by_its_type_is_said(taken: Crm) -> None:
    assert taken.ok("complaint", "edit", "c1", "--type", "praise").out == "Changed c1 of 张三; it is closed now\n"
    said = taken.ok("complaint", "edit", "c1", "--type", "complaint").out
    assert said.startswith("Changed c1 of 张三 — answer by today 13:00, in 4 h; it is open again")


def test_what_was_over_before_it_was_called_praise_stays_over(taken: Crm) -> None:
    taken.ok("complaint", "close", "c1", "--satisfaction", "4")
    taken.ok("complaint", "edit", "c1", "--type", "praise")
    row = taken.data("complaint", "edit", "c1", "--type", "complaint")
    assert (row["status"], row["satisfaction"], steps(row)) == ("closed", 4, ["receive", "close"])


def test_what_is_only_owed_an_answer_has_a_deadline(taken: Crm) -> None:
    with closing(opened(taken.db)) as connection:
        connection.execute("UPDATE complaint SET resolve_by = NULL")
        connection.commit()
    row = taken.data("complaint", "show", "1")
    assert row["deadline_at"] == row["respond_by"] == "2026-11-25T13:00:00+08:00"
    taken.ok("complaint", "respond", "1", "we are on it")
    assert taken.data("complaint", "show", "1")["deadline_at"] is None


def test_new_words_of_open_sets_are_learnt_and_said(taken: Crm) -> None:
    result = taken.ok("complain", "zs", "…", "--category", "Packaging", "--channel", "大堂")
    assert "new complaint_category: “Packaging”" in result.err
    assert "new channel: “大堂”" in result.err
    again = taken.ok("complain", "zs", "…", "--category", "packaging")
    assert again.err == ""
    assert {row["category"] for row in taken.data("complaint", "list", "category:packaging")} == {"packaging"}
    assert taken("complain", "zs", "…", "--category", "Odd", "-q", "-n").err == ""
    assert taken.data("vocabulary", "list", "complaint_category", "code:odd") == []


def test_deadlines_follow_the_settings(taken: Crm) -> None:
    settings = taken.folder / "own.toml"
    settings.write_text('[severity.high]\nrespond = "半小时"\n', encoding="utf-8")
    row = taken.data("complain", "zs", "…", "--severity", "high", "--config", str(settings))
    assert row["respond_by"] == "2026-11-25T09:30:00+08:00"
    settings.write_text('[severity.high]\nrespond = "soon"\n', encoding="utf-8")
    result = taken("complain", "zs", "…", "--severity", "high", "--config", str(settings))
    assert result.code == 2
    assert "severity.high.respond" in result.err


def test_a_severity_of_the_users_own_has_the_normal_deadlines(taken: Crm) -> None:
    taken.ok("vocabulary", "add", "severity", "blocker", "--zh", "阻断")
    assert taken.data("complain", "zs", "…", "--severity", "阻断")["respond_by"] == "2026-11-26T09:00:00+08:00"


def test_the_whole_life(taken: Crm) -> None:
    row = taken.data("complaint", "respond", "c1", "called, sorry", "--at", "9:00", CRM_NOW=LATER)
    assert (row["responded_at"], row["status"]) == ("2026-11-25T09:00:00+08:00", "received")
    assert (row["deadline_at"], row["breached"]) == (row["resolve_by"], False)
    row = taken.data("complaint", "comment", "1", "换货已发出", CRM_NOW=LATER)
    assert row["steps"][-1]["at"] == LATER
    row = taken.data("complaint", "resolve", "C1", "new one delivered", CRM_NOW=LATER)
    assert (row["status"], row["resolved_at"], row["deadline_at"]) == ("resolved", LATER, None)
    assert taken.data("contact", "list")[0]["open_complaints"] == 0
    row = taken.data("complaint", "close", "#1", "满意", "--satisfaction", "5", CRM_NOW=LATER)
    assert (row["status"], row["closed_at"], row["satisfaction"]) == ("closed", LATER, 5)
    row = taken.data("complaint", "reopen", "1", "broken again", CRM_NOW="2026-12-25T09:00:00+08:00")
    assert (row["status"], row["resolved_at"], row["closed_at"], row["satisfaction"]) == ("received", None, None, None)
    assert row["resolve_by"] == "2026-12-28T09:00:00+08:00"
    assert row["respond_by"] == "2026-11-25T13:00:00+08:00"
    assert row["breached"] is False
    assert steps(row) == ["receive", "respond", "comment", "resolve", "close", "reopen"]
    assert [step["note"] for step in row["steps"]][3:] == ["new one delivered", "满意", "broken again"]


def test_what_was_solved_late_stays_late_when_it_is_reopened(taken: Crm) -> None:
    late, again = "2026-11-29T09:00:00+08:00", "2026-11-30T09:00:00+08:00"
    taken.ok("complaint", "respond", "1", "we are on it")
    taken.ok("complaint", "resolve", "1", "new one delivered", CRM_NOW=late)
    row = taken.data("complaint", "reopen", "1", "broken again", CRM_NOW=again)
    assert (row["breach"], row["resolve_by"]) == ("solution", "2026-12-03T09:00:00+08:00")
    total = taken.data("report", "complaints", CRM_NOW=again)["total"]
    assert (total["resolved_late"], total["reopened"], total["open"]) == (1, 1, 1)
    assert taken.data("complaint", "resolve", "1", "repaired", CRM_NOW=again)["breached"]
    total = taken.data("report", "complaints", CRM_NOW=again)["total"]
    assert (total["resolved_in_time"], total["resolved_late"], total["resolution_on_time"]) == (0, 1, 0)


def test_what_was_solved_in_time_is_no_breach_when_it_is_reopened(taken: Crm) -> None:
    taken.ok("complaint", "resolve", "1", "new one delivered")
    taken.ok("complaint", "reopen", "1", "broken again", CRM_NOW="2026-12-25T09:00:00+08:00")
    row = taken.data("complaint", "resolve", "1", "repaired", CRM_NOW="2026-12-26T09:00:00+08:00")
    assert row["breach"] is None
    total = taken.data("report", "complaints", "--in", "2026", CRM_NOW="2026-12-26T09:00:00+08:00")["total"]
    assert (total["resolved_in_time"], total["resolved_late"]) == (1, 0)


def test_resolving_answers_too(taken: Crm) -> None:
    row = taken.data("complaint", "resolve", "1", "done", "--at", "今天9点")
    assert row["responded_at"] == row["resolved_at"] == "2026-11-25T09:00:00+08:00"
    assert taken("complaint", "respond", "1", "hello").code == 5


def test_closing_at_once_ends_the_clocks(taken: Crm) -> None:
    row = taken.data("complaint", "close", "1")
    assert (row["status"], row["resolved_at"], row["breached"]) == ("closed", None, False)
    assert taken.data("complaint", "show", "1", CRM_NOW="2027-01-01T09:00:00+08:00")["breached"] is False


def test_reopened_without_an_answer_owes_one_again(taken: Crm) -> None:
    taken.ok("complaint", "close", "1")
    row = taken.data("complaint", "reopen", "1", "still waiting", CRM_NOW=LATER)
    assert row["respond_by"] == "2026-11-25T19:00:00+08:00"


@pytest.mark.parametrize(
    ("before", "step", "possible"),
    [
        (
            "respond",
            "respond",
            "assess, assign, propose, wait, escalate, comment, link, resolve, close",
        ),
        ("resolve", "resolve", "comment, link, close, reopen"),
        ("resolve", "respond", "comment, link, close, reopen"),
        ("close", "resolve", "comment, link, reopen"),
        ("close", "close", "comment, link, reopen"),
        (
            "comment",
            "reopen",
            "respond, assess, assign, propose, wait, escalate, comment, link, resolve, close",
        ),
    ],
)
def test_steps_that_do_not_fit_are_refused(taken: Crm, before: str, step: str, possible: str) -> None:
    taken.ok("complaint", before, "1", "note")
    result = taken("complaint", step, "1", "note")
    assert result.code == 5
    assert f"possible now: {possible}" in result.err
    assert len(taken.data("complaint", "show", "1")["steps"]) == 2


def test_breached_when_answered_or_solved_late(taken: Crm) -> None:
    def breached(now: str) -> bool:
        return bool(taken.data("complaint", "show", "1", CRM_NOW=now)["breached"])

    assert not breached("2026-11-25T13:00:00+08:00")
    assert breached("2026-11-25T13:00:01+08:00")
    taken.ok("complaint", "respond", "1", "late", CRM_NOW="2026-11-25T12:00:00+08:00")
    assert not breached("2026-11-28T09:00:00+08:00")
    assert breached("2026-11-28T09:00:01+08:00")
    taken.ok("complaint", "resolve", "1", "late", CRM_NOW="2026-11-29T09:00:00+08:00")
    assert breached("2026-11-30T09:00:00+08:00")
    found = taken.data("complaint", "list", "breached:yes", "--all", CRM_NOW="2026-11-30T09:00:00+08:00")
    assert [row["id"] for row in found] == [1]


def test_hand_over(taken: Crm) -> None:
    taken.ok("complain", "zs", "二")
    assert taken("complaint", "assign", "1").code == 2
    assert taken("complaint", "assign", "1", "2", "--to", "李经理").code == 2
    rows = taken.data("complaint", "assign", "1", "c2", "--to", "李经理", "--department", "售后部", "-y")
    asked = [(row["assignee"], row["responsible"], row["department"], row["status"]) for row in rows]
    assert asked == [("李经理", "wei", "售后部", "assigned")] * 2
    step = rows[0]["steps"][-1]["data"]
    assert (step["to"], step["department"], step["before"]["assignee"]) == ("李经理", "售后部", "wei")
    said = taken.ok("complaint", "assign", "1", "--to", "Ann", "--note", "holiday").out
    assert said == (
        "c1 of 张三: Ann · 售后部 was asked; wei answers for it until: crm complaint accept c1"
        " — answer by today 13:00, in 4 h\n"
    )
    [row] = taken.data("complaint", "assign", "--where", "assignee:李经理", "--to", "wei")
    assert (row["responsible"], steps(row)) == ("wei", ["receive", "assign", "assign", "accept"])


def test_what_is_over_keeps_its_deadlines_and_says_so(taken: Crm) -> None:
    taken.ok("complaint", "resolve", "c1", "sent", CRM_NOW=LATER)
    before = taken.data("complaint", "show", "c1")["resolve_by"]
    said = taken.ok("complaint", "edit", "c1", "--severity", "critical").out
    assert said == "Changed c1 of 张三; it is over: its deadlines stay\n"
    assert taken.data("complaint", "show", "c1")["resolve_by"] == before
    assert taken.ok("complaint", "edit", "c1", "--text", "late").out == "Changed c1 of 张三\n"


def test_edit_moves_the_deadlines_while_it_is_open(taken: Crm) -> None:
    row = taken.data(
        "complaint", "edit", "c1", "--severity", "low", "--text", "late", "--category", "", "--channel", ""
    )
    assert (row["respond_by"], row["category"], row["text"]) == ("2026-11-28T09:00:00+08:00", None, "late")
    row = taken.data("complaint", "edit", "1", "--at", "2026-11-20 10:00")
    assert (row["received_at"], row["respond_by"]) == ("2026-11-20T10:00:00+08:00", "2026-11-23T10:00:00+08:00")
    assert row["steps"][0]["at"] == row["received_at"]
    taken.ok("complaint", "close", "1")
    row = taken.data("complaint", "edit", "1", "--severity", "critical", "--satisfaction", "3", "--department", "X")
    assert (row["respond_by"], row["satisfaction"]) == ("2026-11-23T10:00:00+08:00", 3)
    said = taken.ok("complaint", "edit", "1", "--department", "X").out
    assert said == "张三: late (c1) was so already: nothing changed\n"


def test_a_praise_that_was_reopened_stays_open_and_can_become_something_else(taken: Crm) -> None:
    taken.ok("complain", "zs", "nice", "--type", "praise")
    taken.ok("complaint", "reopen", "c2", "they said more")
    assert taken.data("complaint", "assess", "c2", "--valid")["status"] == "assessed"
    assert taken.data("complaint", "edit", "c2", "--text", "nice, but late")["status"] == "assessed"
    row = taken.data("complaint", "assess", "c2", "--type", "complaint")
    assert (row["status"], row["resolve_by"] is None) == ("assessed", False)


def test_what_was_in_time_is_so_as_praise_too(taken: Crm) -> None:
    taken.ok("complaint", "respond", "c1", "sorry")
    taken.ok("complaint", "assess", "c1", "--type", "praise", CRM_NOW=LATER)
    assert taken.data("complaint", "list", "--all")[0]["breached"] is False
    total = taken.data("report", "complaints", CRM_NOW="2026-12-01T09:00:00+08:00")["total"]
    assert (total["count"], total["responded"], total["responded_late"], total["breached"]) == (1, 0, 0, 0)


def test_what_was_solved_and_became_praise_is_not_counted_as_solved_in_time(taken: Crm) -> None:
    taken.ok("complaint", "close", "c1")
    taken.ok("complaint", "edit", "c1", "--type", "praise")
    total = taken.data("report", "complaints")["total"]
    assert (total["resolved"], total["resolved_in_time"], total["resolution_on_time"]) == (0, 0, None)


def test_edit_keeps_the_promise_of_an_answer_that_was_given(taken: Crm) -> None:
    taken.ok("complaint", "respond", "1", "hello")
    row = taken.data("complaint", "edit", "1", "--severity", "critical")
    assert (row["respond_by"], row["resolve_by"]) == ("2026-11-25T13:00:00+08:00", "2026-11-26T09:00:00+08:00")


def test_another_receipt_leaves_a_late_answer_late_though_it_was_reopened(taken: Crm) -> None:
    taken.ok("complaint", "wait", "1", CRM_NOW="2026-11-25T10:00:00+08:00")
    taken.ok("complaint", "resume", "1", CRM_NOW="2026-11-25T11:00:00+08:00")
    taken.ok("complaint", "respond", "1", "sorry", CRM_NOW=LATER)
    taken.ok("complaint", "resolve", "1", "sent", CRM_NOW=LATER)
    taken.ok("complaint", "reopen", "1", "again", CRM_NOW=LATER)
    row = taken.data("complaint", "edit", "1", "--at", "2026-11-25 08:50", CRM_NOW=LATER)
    assert (row["respond_by"], row["breach"]) == ("2026-11-25T13:50:00+08:00", "answer")
    assert row["resolve_by"] == "2026-11-28T15:00:00+08:00"


def test_another_receipt_comes_to_a_desk_that_was_open_or_not(crm: Crm) -> None:
    crm.ok("config", "set", "service_hours", "business")
    crm.ok("add", "张三")
    evening = {"CRM_NOW": "2026-11-25T20:00:00+08:00"}
    crm.ok("complain", "1", "late", **evening)
    steps = crm.data("complaint", "edit", "1", "--at", "2026-11-25 10:00", **evening)["steps"]
    assert steps[0]["data"] is None
    steps = crm.data("complaint", "edit", "1", "--at", "2026-11-24 19:00", **evening)["steps"]
    assert steps[0]["data"] == {"opens_at": "2026-11-25T09:00:00+08:00"}


def test_edit_counts_from_the_reopening(taken: Crm) -> None:
    taken.ok("complaint", "close", "1")
    taken.ok("complaint", "reopen", "1", "again", CRM_NOW=LATER)
    row = taken.data("complaint", "edit", "1", "--severity", "critical")
    assert row["resolve_by"] == "2026-11-26T15:00:00+08:00"


def test_list_shows_what_is_open(taken: Crm) -> None:
    taken.ok("complain", "zs", "二", "--severity", "low")
    taken.ok("complaint", "resolve", "2", "done")

    def ids(*query: str) -> list[int]:
        return [row["id"] for row in taken.data("complaint", "list", *query)]

    assert ids() == [1]
    assert ids("--all") == [2, 1]
    assert ids("status:已解决") == [2]
    assert ids("resolved_at>2026-01-01") == [2]
    assert ids("severity:low") == []
    assert ids("severity:低", "--all") == [2]
    assert ids("交付", "or", "二") == [1]
    assert ids("--where", "contact:张三", "--sort", "deadline") == [1]
    assert taken.ok("complaint", "list", "-q").out == "1\n"
    taken.ok("complaint", "close", "1")
    result = taken.ok("complaint", "list")
    assert (result.out, result.err) == ("", "nothing is open; --all shows the others\n")
    taken.ok("complaint", "delete", "1", "2", "-y")
    assert taken.ok("complaint", "list").err == "nothing is there yet — begin with: crm complaint add\n"


def test_show_prints_every_step_whole(taken: Crm) -> None:
    note = "换货已经发出，" * 12
    taken.ok("complaint", "respond", "1", note)
    shown = taken.ok("complaint", "show", "1").out
    assert "Text        交付延迟" in shown
    assert "".join(shown.split()).count(note) == 1
    assert "answered" in shown
    assert "答复" in taken.ok("--lang", "zh", "complaint", "show", "c1").out


def test_delete_and_dry_run(taken: Crm) -> None:
    assert taken.ok("complaint", "delete", "c1", "-n").out.startswith("dry run: Deleted 张三: 交付延迟 (c1)")
    assert taken.data("complaint", "delete", "c1")["id"] == 1
    assert taken("complaint", "show", "c1").code == 3
    assert taken.data("complaint", "list", "--all") == []


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (2, ("complain", "zs", " ")),
        (2, ("complain", "zs", "x", "--severity", "terrible")),
        (2, ("complain", "zs", "x", "--at", "tomorrow")),
        (2, ("complain", "zs", "x", "--at", "gibberish")),
        (2, ("complain", "zs")),
        (3, ("complain", "nobody", "x")),
        (2, ("complaint", "close", "1", "--satisfaction", "6")),
        (2, ("complaint", "comment", "1", " ")),
        (2, ("complaint", "resolve", "1", "x", "--at", "2026-11-24")),
        (2, ("complaint", "edit", "1")),
        (2, ("complaint", "edit", "1", "--type", "")),
        (2, ("complaint", "show", "x1")),
        (3, ("complaint", "resolve", "c99", "x")),
        (3, ("complaint", "show", "9" * 30)),
        (2, ("complaint", "list", "color:red")),
        (3, ("complaint", "delete", "--where", "text:nothing")),
    ],
)
def test_what_can_not_be_done(taken: Crm, code: int, arguments: tuple[str, ...]) -> None:
    result = taken(*arguments)
    assert (result.code, result.out) == (code, "")
    assert len(taken.data("complaint", "list", "--all")) == 1


def test_it_can_be_searched_by_what_was_done(taken: Crm) -> None:
    taken.ok("complaint", "comment", "1", "carrier lost the parcel")
    assert [row["id"] for row in taken.data("complaint", "list", "parcel")] == [1]


def test_follow_ups_on_it_are_shown(taken: Crm) -> None:
    taken.ok("log", "zs", "解释了原因", "--complaint", "c1", "--at", "8:30")
    row = taken.data("complaint", "show", "1")
    assert row["followups"] == [{"id": 1, "kind": "call", "at": "2026-11-25T08:30:00+08:00", "text": "解释了原因"}]
    assert taken.ok("complaint", "show", "1").out.endswith("Follow-ups\n  today 08:30  call  解释了原因  1\n")
