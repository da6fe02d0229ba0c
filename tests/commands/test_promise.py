"""`crm promise`: made, kept, broken, renegotiated, and in everything that shows what is due."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.when.value import When
from tests.conftest import Crm
from tests.kept import filled_once


@pytest.fixture
@filled_once
def made(crm: Crm) -> Crm:
    crm.ok("add", "张三")
    crm.ok("promise", "张三", "送样品", "--by", "fri 15:00")
    return crm


def test_alone_it_promises_and_echoes_what_was_understood(made: Crm) -> None:
    said = made.ok("promise", "张三", "报价单", "--by", "明天")
    assert said.out == "Promised 张三: 报价单 (p2) — by Thu 26 Nov 2026, in 1 day\n"
    row = made.data("promise", "show", "p1")
    assert (row["due_at"], row["all_day"], row["status"]) == ("2026-11-27T15:00:00+08:00", False, "open")
    assert (row["owner"], row["fulfilled"], row["zone"]) == ("wei", None, "Asia/Shanghai")


def test_options_may_stand_before_the_contact(crm: Crm) -> None:
    crm.ok("add", "张三")
    assert crm.data("promise", "--by", "fri", "张三", "送样品")["text"] == "送样品"
    assert crm.data("-o", "json", "promise", "-n", "--by", "fri", "张三", "报价")["id"] == 2
    assert len(crm.data("promise", "list")) == 1


@pytest.mark.parametrize("verb", ["list", "show", "add", "break"])
def test_somebody_who_is_called_like_a_verb_is_reached_by_add(crm: Crm, verb: str) -> None:
    crm.ok("add", verb)
    assert crm.data("promise", "add", verb, "a sample", "--by", "fri")["contact"] == verb


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("lst",), "did you mean list?"),
        (("张三",), "TEXT is missing"),
        (("张三", "样品"), "by when?"),
        (("张三", " ", "--by", "fri"), "what was promised?"),
        (("张三", "样品", "--by", "yesterday"), "is past"),
        (("张三", "样品", "--by", "soonish"), "can't be read"),
        (("张三", "样品", "--by", "fri", "--at", "tomorrow"), "still to come"),
        (("break", "p1"), "REASON is missing"),
        (("break", "p1", " "), "why was it broken"),
        (("keep", "p1", "--at", "2026-11-01"), "made later"),
        (("keep", "x1"), "no number of a promise"),
        (("--nosuch",), "no option --nosuch"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(made: Crm, line: tuple[str, ...], said: str) -> None:
    result = made("promise", *line)
    assert (result.code, said in result.err, result.err.count("\n")) == (2, True, 1), result
    assert [row["status"] for row in made.data("promise", "list", "--all")] == ["open"]


def test_what_is_promised_by_today_says_so(crm: Crm) -> None:
    crm.ok("add", "Ann")
    crm.ok("promise", "Ann", "sample", "--by", "today")
    (shown,) = (line.split() for line in crm.ok("today").out.splitlines() if line.endswith("p1"))
    assert shown == ["Ann", "promise", "sample", "today", "p1"]


def test_kept_in_time_and_too_late(made: Crm) -> None:
    made.ok("promise", "张三", "报价", "--by", "fri")
    assert (
        made.ok("promise", "keep", "p1", "送到了", CRM_NOW="2026-11-27T15:00:00+08:00").out
        == "Kept: 张三 · 送样品 (p1)\n"
    )
    late = made.ok("promise", "keep", "2", CRM_NOW="2026-11-28T00:00:01+08:00")
    assert late.out == "Kept late: 张三 · 报价 (p2)\n"
    rows = made.data("promise", "list", "status:kept", "--sort", "id")
    assert [(row["fulfilled"], row["outcome"]) for row in rows] == [(True, "送到了"), (False, None)]
    assert made("promise", "keep", "p1").code == 5


def test_what_counts_as_fulfilled(made: Crm) -> None:
    made.ok("promise", "张三", "still to come", "--by", "2027-01-01")
    made.ok("promise", "张三", "overdue", "--by", "2026-11-24")
    made.ok("promise", "张三", "broken", "--by", "fri")
    made.ok("promise", "break", "p4", "no stock")
    made.ok("promise", "张三", "cancelled", "--by", "fri")
    made.ok("promise", "cancel", "p5")
    rows = made.data("promise", "list", "--all", "--sort", "id")
    assert [row["fulfilled"] for row in rows] == [None, None, False, False, None]
    assert [row["id"] for row in made.data("promise", "list", "fulfilled:no")] == [3, 4]


def test_renegotiated_the_old_one_stays(made: Crm) -> None:
    row = made.data("promise", "renegotiate", "p1", "2026-12-04", "等货")
    assert (row["id"], row["replaces_id"], row["text"], row["due"]) == (2, 1, "送样品", "2026-12-04")
    old = made.data("promise", "show", "1")
    assert (old["status"], old["outcome"], old["replaced_by_id"]) == ("renegotiated", "等货", 2)
    assert old["due_at"] == "2026-11-27T15:00:00+08:00"
    assert made("promise", "reopen", "p1").code == 5
    assert made("promise", "keep", "p1").err.endswith("what took its place: crm promise show p2\n")
    made.ok("undo")
    assert [(row["id"], row["status"]) for row in made.data("promise", "list", "--all")] == [(1, "open")]


def test_edited_reopened_deleted_and_taken_back(made: Crm) -> None:
    row = made.data("promise", "edit", "p1", "--text", "两份样品", "--by", "2026-11-30", "--owner", "lin")
    assert (row["text"], row["due"], row["owner"]) == ("两份样品", "2026-11-30", "lin")
    made.ok("promise", "keep", "p1")
    assert made("promise", "edit", "p1", "--by", "fri").code == 5
    assert made.data("promise", "reopen", "p1")["settled_at"] is None
    assert made.ok("promise", "delete", "p1").out == "Deleted 张三: 两份样品 (p1); crm undo brings it back\n"
    made.ok("undo")
    assert made.data("promise", "show", "p1")["text"] == "两份样品"


def test_who_reports_on_a_promise_does_so_on_the_one_it_replaced_when_that_is_deleted(made: Crm) -> None:
    made.ok("supervise", "p1", "--by", "lin", "--every", "2d")
    made.ok("supervision", "report", "s1", "half", "--percent", "50")
    made.ok("promise", "renegotiate", "p1", "2026-12-24", "later")
    made.ok("promise", "delete", "p2")
    made.ok("promise", "reopen", "p1")
    row = made.data("supervision", "show", "s1")
    assert (row["item"], row["status"], row["percent"]) == ("p1", "open", 50)


def test_none_was_made_after_it_was_settled(made: Crm) -> None:
    made.ok("promise", "keep", "p1", CRM_NOW="2026-11-25T10:00:00+08:00")
    refused = made("promise", "edit", "p1", "--at", "2026-11-25 11:00", CRM_NOW="2026-11-25T12:00:00+08:00")
    assert (refused.code, "p1 was settled earlier than that" in refused.err) == (2, True)


def test_made_in_a_follow_up_or_about_a_complaint(made: Crm) -> None:
    logged = made.data("log", "张三", "谈好了", "--promise", "报价单", "--by", "fri")
    assert (logged["promise"]["text"], logged["promise"]["followup_id"]) == ("报价单", logged["id"])
    made.ok("plan", "张三", "fri")
    done = made.ok("done", "1", "--promise", "发票", "--by", "fri")
    assert "Promised 张三: 发票 (p3)" in done.out
    made.ok("complain", "张三", "迟到")
    assert made.data("promise", "张三", "赔偿", "--by", "fri", "--complaint", "c1")["complaint_id"] == 1
    made.ok("add", "李四")
    stranger = made("promise", "李四", "赔偿", "--by", "fri", "--complaint", "c1")
    assert (stranger.code, "another contact's" in stranger.err) == (2, True)
    alone = made("log", "张三", "…", "--by", "fri")
    assert (alone.code, "--promise" in alone.err) == (2, True)
    assert len(made.data("followup", "list")) == 2


def test_it_is_in_today_remind_show_find_and_history(made: Crm) -> None:
    then = {"CRM_NOW": "2026-11-27T15:00:00+08:00"}
    assert "Promises" not in made.ok("today").out
    assert "承诺" in made.ok("today", CRM_LANG="zh", **then).out
    today = made.ok("today", **then).out
    assert "1 promise" in today
    assert "Promises" in today
    assert "p1" in today
    item = made.ok("remind", "-o", "json", **then).json["items"][0]
    assert (item["kind"], item["id"], item["text"], item["overdue"]) == ("promise", 1, "送样品", False)
    assert made.ok("today", "-o", "json", **then).json["counts"]["promises"] == 1
    assert "送样品" in made.ok("remind", "--once", **then).out
    assert made.ok("remind", "--once", **then).out == ""
    assert "Promised" in made.ok("show", "张三").out
    assert made.data("show", "张三")["promises"][0]["id"] == 1
    assert made.data("find", "样品")[0]["kind"] == "promise"
    assert "created promise 1  送样品" in made.ok("history", "张三").out


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu"]),
)
def test_a_day_lasts_to_its_end_where_it_was_promised(day: date, zone: str) -> None:
    end = When(day, None, zone).end()
    assert end.astimezone(ZoneInfo(zone)).date() == day + timedelta(days=1)
    assert (end - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() == day


def test_a_complaint_shows_what_was_promised_about_it(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("complain", "张三", "交付延迟")
    crm.ok("promise", "张三", "周五前补发", "--by", "fri", "--complaint", "1")
    crm.ok("promise", "张三", "别的", "--by", "fri")
    assert crm.ok("complaint", "show", "1").out.endswith("\nPromises\n  Fri 27 Nov  open  周五前补发  p1\n")
    (promise,) = crm.data("complaint", "show", "1")["promises"]
    assert (promise["id"], promise["due"], promise["status"]) == (1, "2026-11-27", "open")
