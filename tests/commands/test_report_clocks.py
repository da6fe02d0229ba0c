"""The times of reports on the clocks of complaints: business hours, and standing while they wait for the customer."""

import pytest

from tests.conftest import Crm
from tests.kept import filled_once

DAYS = ("mon", "tue", "wed", "thu", "fri")
SERVICE = "service_hours", "business"


@pytest.fixture
@filled_once
def office(crm: Crm) -> Crm:
    """Give a desk that is open from Monday to Friday, 9:00 to 12:00 and 13:00 to 18:00, without holidays."""
    for name, value in ((SERVICE), *((f"hours.{day}", "9:00-12:00 13:00-18:00") for day in DAYS), ("holidays", "none")):
        crm.ok("config", "set", name, value)
    for day in ("sat", "sun"):
        crm.ok("config", "set", f"hours.{day}", "")
    crm.ok("add", "张三")
    return crm


def times(crm: Crm) -> tuple[float, float]:
    total = crm.data("report", "complaints")["total"]
    return total["response_median"], total["resolution_median"]


def test_only_business_hours_count(office: Crm) -> None:
    office.ok("complain", "张三", "late", "--at", "2026-11-20 17:00")  # a Friday
    office.ok("complaint", "respond", "c1", "sorry", "--at", "2026-11-23 09:30")
    office.ok("complaint", "resolve", "c1", "sent", "--at", "2026-11-24 13:30")
    assert times(office) == (90, 60 + 8 * 60 + 3 * 60 + 30)


def test_what_waits_for_the_customer_does_not_count(office: Crm) -> None:
    office.ok("complain", "张三", "late", "--at", "2026-11-20 09:00")
    office.ok("complaint", "respond", "c1", "which order?", "--at", "2026-11-20 09:30")
    office.ok("complaint", "wait", "c1", "the number of the order", "--at", "2026-11-20 10:00")
    office.ok("complaint", "resume", "c1", "they told", "--at", "2026-11-23 10:00")
    office.ok("complaint", "resolve", "c1", "sent", "--at", "2026-11-23 11:00")
    assert times(office) == (30, 120)


def test_clocks_that_never_stand_stay_as_they_are(office: Crm) -> None:
    office.ok("config", "set", "service_hours", "always")
    office.ok("complain", "张三", "late", "--at", "2026-11-20 17:00")
    office.ok("complaint", "respond", "c1", "sorry", "--at", "2026-11-23 09:00")
    office.ok("complaint", "wait", "c1", "the number of the order", "--at", "2026-11-23 10:00")
    office.ok("complaint", "resume", "c1", "they told", "--at", "2026-11-24 10:00")
    office.ok("complaint", "resolve", "c1", "sent", "--at", "2026-11-24 17:00")
    assert times(office) == (64 * 60, 72 * 60)


def test_breaches_are_counted_by_class(office: Crm) -> None:
    office.ok("complain", "张三", "a", "--severity", "critical", "--at", "2026-11-20 09:00")
    office.ok("complain", "张三", "b", "--severity", "critical", "--at", "2026-11-20 09:00")
    office.ok("complaint", "respond", "c2", "sorry", "--at", "2026-11-20 09:05")
    office.ok("complain", "张三", "c", "--severity", "low")
    total = office.data("report", "complaints")["total"]
    assert [total[name] for name in ("breached", "breached_both", "responded_late", "resolved_late")] == [2, 1, 1, 2]
    rows = office.data("report", "complaints", "--by", "breach")["rows"]
    assert {row["breach"]: row["count"] for row in rows} == {"both": 1, "solution": 1, None: 1}
    listed = office.data("complaint", "list", "breach:any")
    assert sorted(row["breach"] for row in listed) == ["both", "solution"]


def test_what_is_closed_without_having_been_solved_took_until_then(office: Crm) -> None:
    office.ok("complain", "张三", "late", "--at", "2026-11-20 17:00")  # a Friday
    office.ok("complaint", "close", "c1", "they let it go", "--at", "2026-11-24 13:30")
    total = office.data("report", "complaints")["total"]
    assert (total["responded"], total["resolved"]) == (1, 1)
    assert times(office) == (60 + 8 * 60 + 3 * 60 + 30,) * 2


def test_a_praise_is_no_quick_answer(office: Crm) -> None:
    office.ok("complain", "张三", "late", "--at", "2026-11-20 09:00")
    office.ok("complaint", "resolve", "c1", "sent", "--at", "2026-11-20 11:00")
    office.ok("complain", "张三", "so friendly", "--type", "praise", "--at", "2026-11-20 10:00")
    total = office.data("report", "complaints")["total"]
    assert [total[name] for name in ("count", "open", "responded", "resolved")] == [2, 0, 1, 1]
    assert times(office) == (120, 120)
