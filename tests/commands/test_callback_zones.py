"""Callbacks where the user is far from the zone in which they were promised, and where the clock is put back."""

import pytest

from tests.conftest import Crm
from tests.moments import due


@pytest.mark.parametrize(
    ("planned", "zone", "expected"),
    [
        ("2026-11-20 09:00", "America/New_York", "2026-11-26T09:00:00+08:00"),  # 25 Nov 20:00 there
        ("2026-11-20 16:00", "America/New_York", "2026-11-25T16:00:00+08:00"),  # 25 Nov 03:00 there
        ("2026-11-20 03:00", "Pacific/Kiritimati", "2026-11-26T03:00:00+08:00"),  # 26 Nov 09:00 there
        ("2026-11-20 20:00", "Pacific/Kiritimati", "2026-11-25T20:00:00+08:00"),  # 26 Nov 02:00 there
    ],
)
def test_a_day_is_named_where_the_user_is_and_the_time_stays_that_of_its_zone(
    zs: Crm, planned: str, zone: str, expected: str
) -> None:
    zs.ok("plan", "张三", planned)
    told = zs.ok("snooze", "1", "tomorrow", TZ=zone).out
    assert ("25 Nov" if "York" in zone else "26 Nov") in told
    assert due(zs.data("callback", "show", "1")) == expected


@pytest.mark.parametrize(
    ("zone", "now"),
    [
        ("Pacific/Auckland", "2026-11-26T20:00+08:00"),  # the 27th there
        ("America/New_York", "2026-11-26T09:00+08:00"),  # the 25th there
    ],
)
def test_a_repeat_without_a_time_goes_on_by_the_users_days(zs: Crm, zone: str, now: str) -> None:
    zs.ok("plan", "张三", "every day", TZ=zone, CRM_NOW="2026-11-24T12:00+08:00")
    assert zs.data("today", CRM_NOW=now)["items"][0]["due_on"] < "2026-11-27"
    zs.ok("done", "1", CRM_NOW=now)
    assert zs.data("callback", "list", "status:open")[0]["due_on"] == "2026-11-27"


def test_an_hour_ahead_is_that_when_the_clock_shows_the_hour_again(zs: Crm) -> None:
    around = {"TZ": "America/New_York", "CRM_NOW": "2026-11-01T01:45:00-04:00"}
    assert "01:45, in 1 h" in zs.ok("plan", "张三", "in 1 hour", **around).out
    zs.ok("snooze", "1", "+3h", **around)
    assert "01:45, in 1 h" in zs.ok("snooze", "1", "+1h", **around).out
    assert "in 1 h" in zs.ok("show", "张三", **around).out
    assert "call  30 min" in zs.ok("today", **around | {"CRM_NOW": "2026-11-01T02:15:00-05:00"}).out


def test_what_is_next_is_first_wherever_it_was_promised(zs: Crm) -> None:
    for noun in (("plan", "张三"), ("promise", "张三", "x", "--by")):
        zs.ok(*noun, "2026-12-01T02:00")  # 30 Nov 19:00 in Berlin
        zs.ok(*noun, "2026-11-30T21:00", TZ="Europe/Berlin")
        zs.ok(*noun, "2026-11-30", TZ="Europe/Berlin")
    shown = zs.data("show", "张三", TZ="Europe/Berlin")
    for kind in ("callbacks", "promises"):
        assert [row["id"] for row in shown[kind]] == [1, 2, 3]


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "UTC", "Pacific/Kiritimati"])
def test_lists_are_in_the_order_of_the_days_that_they_show(zs: Crm, zone: str) -> None:
    for day in ("2026-12-01", "2026-12-02", "2026-12-03"):
        for when in (day, f"{day}T00:10", f"{day}T23:50"):
            zs.ok("plan", "张三", when, TZ=zone)
            zs.ok("promise", "张三", "x", "--by", when, TZ=zone)
    for noun in ("callback", "promise"):
        days = [row["due"][:10] for row in zs.data(noun, "list", TZ=zone)]
        assert days == sorted(days)
        assert days[::-1] == [row["due"][:10] for row in zs.data(noun, "list", "--sort", "-due", TZ=zone)]
        first = zs.data(noun, "list", "--limit", "4", TZ=zone)
        rest = zs.data(noun, "list", "--after", str(first[-1]["id"]), TZ=zone)
        assert [row["due"][:10] for row in first + rest] == days
