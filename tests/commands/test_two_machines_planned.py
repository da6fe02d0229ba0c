"""What is planned by rules (a repeat, a notice, a return visit) is one, though each of two machines planned it."""

import pytest

from tests.conftest import Crm
from tests.exchanges import at, carry, exchange


def test_what_follows_an_occurrence_that_was_done_on_both_is_one(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "add", "张三")
    at("08:00", crm, "plan", "张三", "every monday", "call")
    carry("08:10", crm, other)
    at("08:20", crm, "done", "1")
    at("08:20", other, "done", "1")
    at("08:30", crm, "snooze", "2", "in 20 days")
    exchange("08:40", crm, other)
    (here,), (there,) = (machine.data("callback", "list") for machine in (crm, other))
    assert (here["uid"], here["due"]) == (there["uid"], there["due"])
    assert here["due"] == "2026-12-15"


def test_what_follows_an_occurrence_after_the_first_was_deleted_is_another(crm: Crm) -> None:
    at("08:00", crm, "add", "张三")
    at("08:00", crm, "plan", "张三", "every monday", "call")
    at("08:10", crm, "done", "1")
    at("08:20", crm, "callback", "delete", "2", "-y")
    at("08:30", crm, "callback", "reopen", "1")
    at("08:40", crm, "done", "1")
    deleted = str(crm.data("history")[0]["id"] - 2)
    at("08:50", crm, "callback", "cancel", "3", "--series")
    at("08:50", crm, "undo", deleted)
    assert len({row["uid"] for row in crm.data("callback", "list", "--all")}) == 3


def test_what_a_notice_planned_on_both_is_one(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "field", "add", "contact", "expiry", "--type", "date")
    at("08:00", crm, "notice", "add", "expires", "--field", "expiry", "--before", "3d")
    at("08:00", crm, "add", "passing by")
    at("08:00", crm, "contact", "delete", "1", "-y")
    at("08:00", crm, "add", "张三", "--set", "expiry=2026-11-30")
    carry("08:10", crm, other)
    for machine in (crm, other):
        at("08:20", machine, "notice", "plan")
    at("08:30", crm, "snooze", "1", "in 9 days")
    exchange("08:40", crm, other)
    assert [[row["due"] for row in machine.data("callback", "list")] for machine in (crm, other)] == [
        ["2026-12-04"],
        ["2026-12-04"],
    ]


@pytest.mark.parametrize("put_off", ["08:20", "08:30"])
def test_what_a_notice_plans_later_elsewhere_does_not_undo_what_was_put_off(crm: Crm, other: Crm, put_off: str) -> None:
    at("08:00", crm, "field", "add", "contact", "expiry", "--type", "date")
    at("08:00", crm, "notice", "add", "expires", "--field", "expiry", "--before", "3d")
    at("08:00", crm, "add", "张三", "--set", "expiry=2026-11-30")
    carry("08:10", crm, other)
    at("08:20", crm, "notice", "plan")
    at(put_off, crm, "snooze", "1", "in 9 days")
    at("08:35", other, "notice", "plan")
    exchange("08:40", other, crm)
    for machine in (crm, other):
        assert [row["due"] for row in machine.data("callback", "list")] == ["2026-12-04"]


def test_a_second_return_visit_is_the_one_of_its_complaint_on_both(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "config", "set", "return_visit.normal", "3d")
    at("08:00", crm, "add", "张三")
    at("08:00", crm, "plan", "张三", "tomorrow", "passing by")
    at("08:00", crm, "callback", "delete", "1", "-y")
    at("08:00", crm, "complain", "张三", "late")
    at("08:05", crm, "complaint", "close", "1")
    carry("08:10", crm, other)
    at("08:20", crm, "done", "2")
    at("08:20", crm, "complaint", "reopen", "1", "again")
    at("08:25", crm, "complaint", "close", "1")
    exchange("08:30", crm, other)
    for machine, visit in ((crm, 3), (other, 2)):
        assert machine.data("complaint", "show", "1")["return_visit_id"] == visit
        assert [row["id"] for row in machine.data("callback", "list")] == [visit]


def test_who_answers_for_a_promise_that_was_renegotiated_does_so_on_both(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "add", "张三")
    at("08:00", crm, "promise", "张三", "寄样品", "--by", "fri")
    at("08:00", crm, "supervise", "p1", "--by", "王芳", "--every", "2d")
    exchange("08:10", crm, other)
    at("08:20", crm, "promise", "renegotiate", "1", "2026-12-31")
    exchange("08:30", other, crm)
    assert [machine.data("supervision", "list")[0]["item"] for machine in (crm, other)] == ["p2", "p2"]
