"""Callbacks that repeat keep their day and hour, and neither drift nor pile up."""

from pathlib import Path

from tests.conftest import Crm
from tests.moments import at, due


def test_a_repeat_plans_its_next(zs: Crm) -> None:
    first = zs.data("plan", "Ann", "every monday 9:00", "chat", "--owner", "li")
    row = zs.data("done", "1", **at("2026-11-30", "09:20"))
    following = row["next"]
    assert due(following) == "2026-12-07T09:00:00+08:00"
    assert {key: following[key] for key in ("contact_id", "kind", "purpose", "owner", "repeat")} == {
        key: first[key] for key in ("contact_id", "kind", "purpose", "owner", "repeat")
    }
    assert [open_["id"] for open_ in zs.data("callback", "list")] == [2]


def test_both_what_follows_and_what_was_asked_for_are_planned(zs: Crm) -> None:
    zs.ok("plan", "张三", "every monday 9:00")
    said = zs.ok("done", "1", "--next", "fri", "--purpose", "sample").out.splitlines()
    assert len(said) == 3
    assert [due(row) for row in zs.data("callback", "list")] == ["2026-11-27", "2026-12-07T09:00:00+08:00"]


def test_a_daily_one_done_late_does_not_pile_up(zs: Crm) -> None:
    zs.ok("plan", "张三", "every day 9:00")
    row = zs.data("done", "1", **at("2027-03-20", "11:00"))
    assert due(row["next"]) == "2027-03-21T09:00:00+08:00"
    assert len(zs.data("callback", "list")) == 1


def test_one_that_was_done_days_ago_skips_what_is_past(zs: Crm) -> None:
    zs.ok("plan", "张三", "every day 9:00")
    row = zs.data("done", "1", "--at", "2026-11-27 10:00", **at("2026-12-02", "08:00"))
    assert due(row["next"]) == "2026-12-02T09:00:00+08:00"
    zs.ok("undo")
    row = zs.data("done", "1", "--at", "2026-11-27 10:00", **at("2026-12-02", "12:00"))
    assert due(row["next"]) == "2026-12-03T09:00:00+08:00"


def test_one_done_early_does_not_come_twice(zs: Crm) -> None:
    zs.ok("plan", "张三", "every monday")
    assert due(zs.data("done", "1")["next"]) == "2026-12-07"


def test_the_31st_falls_on_the_last_day(zs: Crm) -> None:
    days = [due(zs.data("plan", "张三", "every month on 31 at 10:00"))]
    for id_ in range(1, 5):
        days.append(due(zs.data("done", str(id_), **at(days[-1][:10], "10:05"))["next"]))
    assert [day[:16] for day in days] == [
        "2026-11-30T10:00",
        "2026-12-31T10:00",
        "2027-01-31T10:00",
        "2027-02-28T10:00",
        "2027-03-31T10:00",
    ]


def test_the_hour_stays_across_a_clock_change(zs: Crm) -> None:
    berlin = {"TZ": "Europe/Berlin"}
    row = zs.data("plan", "张三", "every sunday 2:30", **berlin, **at("2026-03-16", offset="+01:00"))
    moments = [due(row)]
    for id_, (day, offset) in enumerate((("2026-03-22", "+01:00"), ("2026-03-29", "+02:00")), 1):
        moments.append(due(zs.data("done", str(id_), **berlin, **at(day, "12:00", offset))["next"]))
    # 2:30 does not exist on 29 March; the promise moves with the clock that day and is 2:30 again the week after
    assert moments == ["2026-03-22T02:30:00+01:00", "2026-03-29T03:30:00+02:00", "2026-04-05T02:30:00+02:00"]


def test_a_traveller_keeps_the_zone_of_the_promise(zs: Crm) -> None:
    zs.ok("plan", "张三", "every monday 9:00")
    berlin = {"TZ": "Europe/Berlin", **at("2026-11-30", "06:00", "+01:00")}
    row = zs.data("snooze", "1", "tomorrow 8:00", **berlin)
    assert (due(row), row["zone"]) == ("2026-12-01T08:00:00+01:00", "Asia/Shanghai")
    assert due(zs.data("done", "1", **berlin)["next"]) == "2026-12-07T02:00:00+01:00"


def test_a_repeat_ends_after_so_many_times(zs: Crm) -> None:
    zs.ok("plan", "张三", "every monday", "--times", "2")
    assert due(zs.data("done", "1", **at("2026-11-30"))["next"]) == "2026-12-07"
    assert "next" not in zs.data("done", "2", **at("2026-12-07"))


def test_a_repeat_is_counted_as_far_as_a_file_may_say(zs: Crm, tmp_path: Path) -> None:
    """More was planned, but its export was turned away by the import."""
    assert zs("plan", "张三", "every day", "--times", "10000").code == 2
    zs.ok("plan", "张三", "every day", "--times", "9999")
    zs.ok("export", "callbacks", "--to", str(tmp_path / "all.csv"))
    zs.ok("callback", "delete", "1")
    zs.ok("import", str(tmp_path / "all.csv"))
    assert zs.data("callback", "list")[0]["repeat"] == "FREQ=DAILY;COUNT=9999"


def test_a_repeat_ends_at_its_last_day(zs: Crm) -> None:
    zs.ok("plan", "张三", "every monday", "--until", "2026-12-07")
    assert due(zs.data("done", "1", **at("2026-11-30"))["next"]) == "2026-12-07"
    assert "next" not in zs.data("done", "2", **at("2026-12-06"))


def test_after_done_counts_from_the_day_it_was_done(zs: Crm) -> None:
    zs.ok("plan", "张三", "fri 10:00", "--every", "2 weeks", "--after-done", "--times", "3")
    second = zs.data("done", "1", **at("2026-12-01"))["next"]
    assert due(second) == "2026-12-15T10:00:00+08:00"
    third = zs.data("done", "2", **at("2026-12-14"))["next"]
    assert due(third) == "2026-12-28T10:00:00+08:00"
    assert "next" not in zs.data("done", "3", **at("2026-12-30"))


def test_a_repeat_is_added_changed_and_ended(zs: Crm) -> None:
    zs.ok("plan", "张三", "fri 15:00")
    row = zs.data("callback", "edit", "1", "--every", "week")
    assert (due(row), row["repeat"]) == ("2026-11-27T15:00:00+08:00", "FREQ=WEEKLY")
    row = zs.data("callback", "edit", "1", "--every", "every friday 16:00", "--times", "2")
    assert (due(row), row["repeat"]) == ("2026-11-27T16:00:00+08:00", "FREQ=WEEKLY;BYDAY=FR;COUNT=2")
    assert zs.data("callback", "edit", "1", "--until", "12/31")["repeat"] == "FREQ=WEEKLY;BYDAY=FR;UNTIL=20261231"
    row = zs.data("callback", "edit", "1", "--when", "每月1号")
    assert (due(row), row["repeat"]) == ("2026-12-01", "FREQ=MONTHLY;BYMONTHDAY=1")
    assert zs.data("callback", "edit", "1", "--every", "")["repeat"] is None
    assert "next" not in zs.data("done", "1")


def test_a_repeat_ends_where_calendars_do(zs: Crm) -> None:
    assert zs.data("plan", "张三", "2026-12-01", "--every", "200 years")["repeat"] == "FREQ=YEARLY;INTERVAL=200"
    assert "next" not in zs.data("done", "1")
    whole = zs.ok("export", "all", "-o", "jsonl").out
    assert zs("import", "-", "-o", "json", stdin=whole).json["rejected"] == 0


def test_what_was_put_off_stays_so_when_it_is_to_repeat_otherwise(zs: Crm) -> None:
    zs.ok("plan", "张三", "2026-11-26", "--every", "week")
    zs.ok("snooze", "1", "2026-12-01")
    row = zs.data("callback", "edit", "1", "--every", "2 weeks", **at("2026-11-30"))
    assert (due(row), row["snoozed"], row["repeat"]) == ("2026-12-01", True, "FREQ=WEEKLY;INTERVAL=2")
    row = zs.data("callback", "edit", "1", "--every", "every thursday 16:00", **at("2026-11-30"))
    assert (due(row), row["snoozed"]) == ("2026-12-01", True)
    assert due(zs.data("done", "1", **at("2026-12-01"))["next"]) == "2026-12-03T16:00:00+08:00"


def test_a_moved_series_keeps_how_often_it_comes(zs: Crm) -> None:
    zs.ok("plan", "张三", "fri", "--every", "week", "--times", "3")
    zs.ok("done", "1", **at("2026-11-27"))
    row = zs.data("callback", "edit", "2", "--when", "2026-12-05", **at("2026-11-28"))
    assert row["repeat"] == "FREQ=WEEKLY;COUNT=2"
    assert due(zs.data("done", "2", **at("2026-12-05"))["next"]) == "2026-12-12"
    assert "next" not in zs.data("done", "3", **at("2026-12-12"))
