"""A series of another program, imported again while its occurrences are done, put off and cancelled here."""

from typing import Any

import pytest

from tests.conftest import Crm
from tests.kept import filled_once

EVENT = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:weekly@example.com
DTSTART;TZID={zone}:{start}
RRULE:{rule}
SUMMARY:Ann: weekly call
END:VEVENT
END:VCALENDAR
"""
WEEKLY = EVENT.format(zone="Asia/Shanghai", start="20261109T100000", rule="FREQ=WEEKLY;BYDAY=MO")


@pytest.fixture
@filled_once
def weekly(crm: Crm) -> Crm:
    """Give a database with a series that goes on next Monday, 30 November."""
    crm.ok("add", "Ann")
    crm.ok("import", "-", stdin=WEEKLY)
    return crm


def occurrences(crm: Crm) -> list[tuple[str, str]]:
    rows: list[dict[str, Any]] = crm.data("callback", "list", "--all", "--sort", "id")
    return [(row["due"], row["status"]) for row in rows]


def again(crm: Crm, text: str = WEEKLY, **environ: str) -> tuple[int, int, int]:
    summary = crm.data("import", "-", stdin=text, **environ)
    return summary["created"], summary["updated"], summary["unchanged"]


MONDAYS = [f"2026-{day}T10:00:00+08:00" for day in ("11-30", "12-07", "12-14")]


def test_done_stays_done_and_the_next_one_stays(weekly: Crm) -> None:
    weekly.ok("done", "1")
    known = occurrences(weekly)
    assert known == [(MONDAYS[0], "done"), (MONDAYS[1], "open")]
    assert again(weekly) == (0, 0, 1)
    weekly.ok("done", "2")
    assert again(weekly, CRM_NOW="2026-11-29T09:00:00+08:00") == (0, 0, 1)
    assert occurrences(weekly) == [(MONDAYS[0], "done"), (MONDAYS[1], "done"), (MONDAYS[2], "open")]


def test_an_overdue_one_stays_overdue(weekly: Crm) -> None:
    assert again(weekly, CRM_NOW="2026-12-03T09:00:00+08:00") == (0, 0, 1)
    assert occurrences(weekly) == [(MONDAYS[0], "open")]


def test_one_that_was_put_off_stays_so(weekly: Crm) -> None:
    weekly.ok("snooze", "1", "2026-12-02 16:00")
    assert again(weekly) == (0, 0, 1)
    assert occurrences(weekly) == [("2026-12-02T16:00:00+08:00", "open")]


def test_one_that_ended_here_has_ended(weekly: Crm) -> None:
    weekly.ok("callback", "cancel", "1", "--series")
    assert again(weekly) == (0, 0, 1)
    assert occurrences(weekly) == [(MONDAYS[0], "cancelled")]


def test_another_hour_or_rule_moves_the_open_one(weekly: Crm) -> None:
    weekly.ok("done", "1")
    assert again(weekly, WEEKLY.replace("T100000", "T110000"), CRM_NOW="2026-12-01T09:00:00+08:00") == (0, 1, 0)
    assert occurrences(weekly) == [(MONDAYS[0], "done"), ("2026-12-07T11:00:00+08:00", "open")]
    tuesdays = EVENT.format(zone="Asia/Shanghai", start="20261110T110000", rule="FREQ=WEEKLY;BYDAY=TU")
    assert again(weekly, tuesdays, CRM_NOW="2026-12-02T09:00:00+08:00") == (0, 1, 0)
    assert occurrences(weekly) == [(MONDAYS[0], "done"), ("2026-12-08T11:00:00+08:00", "open")]
    assert again(weekly, tuesdays, CRM_NOW="2026-12-02T09:00:00+08:00") == (0, 0, 1)


def test_another_subject_changes_the_open_one_alone(weekly: Crm) -> None:
    weekly.ok("done", "1")
    assert again(weekly, WEEKLY.replace("weekly call", "invoice")) == (0, 1, 0)
    rows = weekly.data("callback", "list", "--all", "--sort", "id")
    assert [row["purpose"] for row in rows] == ["weekly call", "invoice"]


def test_the_series_is_known_when_its_first_one_is_gone(weekly: Crm) -> None:
    weekly.ok("done", "1")
    weekly.ok("callback", "delete", "1", "-y")
    assert again(weekly) == (0, 0, 1)
    assert occurrences(weekly) == [(MONDAYS[1], "open")]


def test_a_program_without_zones_means_the_user_s(crm: Crm) -> None:
    crm.ok("add", "Ann")
    text = EVENT.replace(";TZID={zone}", "")
    crm.ok("import", "-", stdin=text.format(start="20261109T020000Z", rule="FREQ=WEEKLY"))
    (row,) = crm.data("callback", "list")
    assert (row["due"], row["zone"]) == ("2026-11-30T10:00:00+08:00", "Asia/Shanghai")


def test_a_day_in_utc_is_not_moved_to_another(crm: Crm) -> None:
    crm.ok("add", "Ann")
    text = EVENT.replace(";TZID={zone}", "")
    crm.ok("import", "-", stdin=text.format(start="20261109T200000Z", rule="FREQ=WEEKLY;BYDAY=MO"))
    (row,) = crm.data("callback", "list")
    assert (row["due"], row["zone"]) == ("2026-12-01T04:00:00+08:00", "UTC")
