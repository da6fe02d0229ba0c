"""`crm supervise` and `crm supervision`: reported on, late, escalated, resting when the item is settled."""

from contextlib import closing
from datetime import UTC, datetime

import pytest

from crmcli.errors import NotFoundError
from crmcli.services.supervision import Deed, supervise
from crmcli.store.connection import connect
from crmcli.store.transaction import Author, write
from tests.conftest import Crm
from tests.kept import filled_once

LATER = {"CRM_NOW": "2026-11-28T09:00:00+08:00"}


@pytest.fixture
@filled_once
def supervised(crm: Crm) -> Crm:
    """Give a promise, a complaint and a callback, each under supervision."""
    crm.ok("add", "张三")
    crm.ok("promise", "张三", "送样品", "--by", "2026-12-20")
    crm.ok("complain", "张三", "交付延迟")
    crm.ok("plan", "张三", "2026-12-20", "回访")
    crm.ok("supervise", "p1", "客户很急", "--by", "王经理", "--every", "2d", "--until", "2026-12-10")
    crm.ok("supervise", "c1", "--by", "lin", "--every", "a week")
    crm.ok("supervise", "1", "--by", "zhao", "--until", "2026-11-27")
    return crm


def test_the_next_report_follows_from_the_rhythm(supervised: Crm) -> None:
    rows = supervised.data("supervision", "list", "--sort", "id")
    assert [(row["item"], row["every"], row["settle_by"], row["report_on"]) for row in rows] == [
        ("p1", "2d", "2026-12-10", "2026-11-27"),
        ("c1", "7d", None, "2026-12-02"),
        ("1", None, "2026-11-27", "2026-11-27"),
    ]
    assert (rows[0]["about"], rows[0]["reason"], rows[0]["owner"]) == ("送样品", "客户很急", "wei")


@pytest.mark.parametrize("name", ["callback", "complaint", "promise", "supervision", "followup"])
def test_a_list_is_found_by_whose_it_is(supervised: Crm, name: str) -> None:
    supervised.ok("log", "张三", "谈了")
    changes = ("--notes", "重要", "--add-phone", "13800138000", "--company", "华东电力公司")
    supervised.ok("contact", "edit", "张三", *changes)
    supervised.ok("company", "edit", "华东电力公司", "--notes", "大客户")
    assert supervised.data(name, "list", "张三") == supervised.data(name, "list") != []
    assert supervised.data(name, "list", "华东电力") == supervised.data(name, "list"), "the company stands beside them"
    assert supervised.data(name, "list", "大客户") == []
    assert supervised.data(name, "list", "李四") == supervised.data(name, "list", "重要") == []
    if name != "supervision":
        assert (
            supervised.data(name, "list", "zs") == supervised.data(name, "list", "138") == supervised.data(name, "list")
        )


@pytest.mark.parametrize(("name", "number"), [("complaint", "c1"), ("promise", "p1"), ("supervision", "s1")])
def test_a_list_shows_what_can_be_typed_anywhere(supervised: Crm, name: str, number: str) -> None:
    """Where 1 would be the callback: crm supervise 1."""
    assert number in [line.split()[-1] for line in supervised.ok(name, "list").out.splitlines()]
    assert supervised.ok(name, "show", "1").out.splitlines()[0].split() == ["Id", number]
    assert supervised.ok(name, "list", "id:1", "--columns", "id", "-o", "csv").out == "id\n1\n"


def test_reports_count_anew_and_say_how_far_it_is(supervised: Crm) -> None:
    said = supervised.ok("supervision", "report", "s1", "样品已打包", "--percent", "40", **LATER)
    assert said.out == "Reported on s1: p1 of 张三 — next report Mon 30 Nov 2026, in 2 days\n"
    supervised.ok("supervision", "report", "1", "等快递", **LATER)
    row = supervised.data("supervision", "show", "s1")
    assert (row["percent"], row["report_on"]) == (40, "2026-11-30")
    assert [(entry["kind"], entry["note"], entry["percent"]) for entry in row["reports"]] == [
        ("open", "客户很急", None),
        ("report", "样品已打包", 40),
        ("report", "等快递", None),
    ]
    supervised.ok("undo")
    assert len(supervised.data("supervision", "show", "s1")["reports"]) == 2


def test_what_is_late_comes_first(supervised: Crm) -> None:
    rows = supervised.ok("supervision", "list", "-o", "json", **LATER).json
    assert [(row["item"], row["days_late"]) for row in rows] == [("p1", 1), ("1", 1), ("c1", None)]
    assert [row["id"] for row in supervised.ok("supervision", "list", "late:yes", "-o", "json", **LATER).json] == [1, 3]
    items = supervised.ok("remind", "-o", "json", **LATER).json["items"]
    assert [(item["item"], item["overdue"], item["owner"]) for item in items if item["kind"] == "supervision"] == [
        ("p1", True, "王经理"),
        ("1", True, "zhao"),
    ]
    today = supervised.ok("today", **LATER).out
    assert "2 supervised" in today
    assert "report 1 day late" in today
    assert "督办" in supervised.ok("today", CRM_LANG="zh", **LATER).out
    assert "Supervised" not in supervised.ok("today").out


def test_it_rests_when_the_item_is_settled_and_wakes_with_it(supervised: Crm) -> None:
    supervised.ok("promise", "keep", "p1")
    supervised.ok("complaint", "resolve", "c1", "好了")
    supervised.ok("done", "1")
    assert supervised.data("supervision", "list") == []
    assert {row["status"] for row in supervised.data("supervision", "list", "--all")} == {"settled"}
    assert supervised.ok("remind", "-o", "json", **LATER).json["items"] == []
    supervised.ok("complaint", "reopen", "c1", "又坏了")
    assert [row["item"] for row in supervised.data("supervision", "list")] == ["c1"]


def test_a_promise_that_is_renegotiated_stays_under_supervision(supervised: Crm) -> None:
    supervised.ok("promise", "renegotiate", "p1", "2026-12-30")
    assert supervised.data("supervision", "show", "s1")["item"] == "p2"
    assert supervised.data("promise", "show", "p2")["supervised_by"] == "王经理"
    supervised.ok("undo")
    assert supervised.data("supervision", "show", "s1")["item"] == "p1"


def test_it_is_shown_with_its_item(supervised: Crm) -> None:
    assert supervised.data("complaint", "show", "c1")["supervision_id"] == 2
    assert supervised.data("callback", "list", "supervised_by:zhao")[0]["id"] == 1
    assert "supervised: 王经理" in supervised.ok("show", "张三").out


def test_what_was_reported_is_shown_in_words(supervised: Crm) -> None:
    supervised.ok("supervision", "report", "s1", "样品在路上", "--percent", "40")
    shown = supervised.ok("supervision", "show", "s1", "--lang", "zh").out
    assert "立项 · 今天 09:00 · wei" in shown
    assert "进展 · 今天 09:00 · wei · 样品在路上 · 40%" in shown


def test_escalated_edited_closed_deleted(supervised: Crm) -> None:
    row = supervised.ok("supervision", "escalate", "s2", "太慢", "--to", "总经理", "-o", "json", **LATER).json
    assert (row["responsible"], row["report_on"], row["reports"][-1]["note"]) == (
        "总经理",
        "2026-12-05",
        "总经理 · 太慢",
    )
    row = supervised.data("supervision", "edit", "s2", "--every", "", "--until", "2026-12-01", "--reason", "重要")
    assert (row["every"], row["settle_by"], row["report_on"], row["reason"]) == (
        None,
        "2026-12-01",
        "2026-12-01",
        "重要",
    )
    assert supervised("supervision", "edit", "s2", "--until", "").code == 2
    assert supervised.data("supervision", "close", "s2", "不必了")["status"] == "closed"
    assert supervised("supervision", "report", "s2", "…").code == 5
    supervised.ok("supervise", "c1", "--by", "lin", "--every", "1d")
    supervised.ok("supervision", "delete", "s4")
    supervised.ok("undo")
    assert [row["item"] for row in supervised.data("supervision", "list", "responsible:lin")] == ["c1"]


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        (("c1", "--by", "x", "--every", "1d"), 5, "under supervision already: s2"),
        (("p2", "--by", "x", "--every", "1d"), 3, "no promise"),
        (("p1x", "--by", "x", "--every", "1d"), 2, "no number of a promise"),
        (("2", "--every", "1d"), 2, "who answers for it?"),
        (("2", "--by", "x"), 2, "when is there to be a report?"),
        (("2", "--by", "x", "--every", "2h"), 2, "too often"),
        (("2", "--by", "x", "--every", "soon"), 2, "not a length of time"),
        (("2", "--by", "x", "--every", "每周一"), 2, "names days"),
        (("2", "--by", "x", "--every", "每两小时"), 2, "not a length of time"),
        (("2", "--by", "x", "--until", "2026-11-01"), 2, "is past"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(
    supervised: Crm, line: tuple[str, ...], code: int, said: str
) -> None:
    supervised.ok("plan", "张三", "fri")
    result = supervised("supervise", *line)
    assert (result.code, said in result.err, result.err.count("\n")) == (code, True, 1), result
    assert len(supervised.data("supervision", "list", "--all")) == 3


@pytest.mark.parametrize(
    ("every", "days"), [("每周", "7d"), ("every 2 weeks", "14d"), ("隔天", "2d"), ("monthly", "30d")]
)
def test_the_rhythm_is_read_as_that_of_callbacks(supervised: Crm, every: str, days: str) -> None:
    supervised.ok("plan", "张三", "fri")
    assert supervised.data("supervise", "2", "--by", "x", "--every", every)["every"] == days
    assert supervised.data("supervision", "edit", "s1", "--every", every)["every"] == days


def test_what_is_settled_needs_none(supervised: Crm) -> None:
    supervised.ok("complain", "张三", "好评", "--type", "praise")
    assert supervised("supervise", "c2", "--by", "x", "--every", "1d").code == 5
    assert supervised("supervision", "escalate", "s1").code == 2
    assert supervised("supervision", "report", "s1").code == 2
    assert supervised("supervision", "report", "s1", "--percent", "101").code == 2


def test_what_is_settled_asks_for_no_next_report(supervised: Crm) -> None:
    supervised.ok("complaint", "resolve", "c1", "退款")
    said = supervised.ok("supervision", "report", "s2", "已退款").out
    assert said.endswith("next report Wed 2 Dec 2026, in 7 days, should c1 be opened again: it is settled\n")


def test_what_was_deleted_just_now_is_told(crm: Crm) -> None:
    now = datetime(2026, 11, 25, 1, tzinfo=UTC)
    with (
        closing(connect(crm.db)) as connection,
        write(connection, Author("wei", now, "test")) as tx,
        pytest.raises(NotFoundError, match="there is no promise p9"),
    ):
        supervise(tx, ("promise", 9), {}, Deed("wei", now), order="md")
