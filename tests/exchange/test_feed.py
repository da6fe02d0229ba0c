"""The feed, read by an independent parser, shows what was promised."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr
from dateutil.tz import tzical
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crmcli.exchange.feed import (
    Look,
    birthday_entries,
    callback_entries,
    deadline_entries,
    feed,
    promise_entries,
)
from crmcli.exchange.icalout import Entry
from crmcli.exchange.vdir.item import Item, items
from crmcli.exchange.zones import definition
from crmcli.rules.birthdays import next_celebration
from crmcli.when.recurrence import anchor_rule, next_occurrence

SHANGHAI = ZoneInfo("Asia/Shanghai")
LOOK = Look(SHANGHAI)
ROW: dict[str, Any] = {
    "uid": "u1",
    "contact": "张三",
    "contact_uid": "c1",
    "company": "华东电力",
    "title": None,
    "phone": "+8613800138000",
    "kind": "contact",
    "due_on": "2026-12-04",
    "due_time": "15:00",
    "due_at": "2026-12-04T07:00:00Z",
    "zone": "Asia/Shanghai",
    "purpose": "送样品",
    "owner": "wei",
    "after_done": 0,
    "status": "open",
    "created_at": "2026-11-25T01:00:00Z",
    "updated_at": "2026-11-25T02:00:00Z",
} | dict.fromkeys(("repeat", "anchor", "series", "snoozed_from", "done_at"))


def callback(clock: time | None = None, **columns: Any) -> dict[str, Any]:
    row = {**ROW, **columns}
    if clock:
        moment = datetime.combine(date.fromisoformat(row["due_on"]), clock, tzinfo=ZoneInfo(row["zone"]))
        due_at = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {**row, "due_time": f"{clock:%H:%M}", "due_at": due_at}
    return {**row, "due_time": None, "due_at": None}


def parsed(records: list[list[Entry]], look: Look = LOOK) -> icalendar.Calendar:
    content, count = feed(records, look, "crm")
    assert count == len(records)
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # folded between characters
    assert b"\n" not in content.replace(b"\r\n", b"")
    return icalendar.Calendar.from_ical(content)


def expanded(calendar: icalendar.Calendar, until: date) -> Iterator[date | datetime]:
    """Yield the days, or the moments in UTC, on which a program shows the events of a calendar."""
    for event in calendar.walk("VEVENT"):
        start = event.decoded("DTSTART")
        if "RRULE" not in event:
            yield start.astimezone(UTC) if isinstance(start, datetime) else start
            continue
        timed = isinstance(start, datetime)
        first = start if timed else datetime.combine(start, time())
        rule: Any = event["RRULE"]
        for moment in rrulestr(rule.to_ical().decode(), dtstart=first):
            if moment.date() > until:
                break
            yield moment.astimezone(UTC) if timed else moment.date()


RULES = (
    *("FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=WEEKLY;BYDAY=MO,TH"),
    *("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR", "FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=5", "FREQ=YEARLY"),
    *("FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYMONTHDAY=1,15"),
)
zones = st.sampled_from(("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"))
clocks = st.none() | st.times().map(lambda clock: clock.replace(second=0, microsecond=0, fold=0)) | st.just(time(2, 30))


@given(
    st.sampled_from(RULES),
    st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    st.integers(0, 8),
    st.none() | st.integers(1, 20),
    st.none() | st.integers(0, 500),
    clocks,
    zones,
    st.none() | st.integers(-3, 20),
)
@example("FREQ=MONTHLY", date(2026, 1, 31), 1, 5, None, time(2, 30), "Europe/Berlin", None)
@example("FREQ=WEEKLY;INTERVAL=2", date(2026, 3, 15), 1, None, None, time(2, 30), "Europe/Berlin", 3)
def test_a_repeat_is_shown_on_the_days_on_which_it_will_be_planned(
    rule: str,
    day: date,
    done: int,
    count: int | None,
    until: int | None,
    clock: time | None,
    zone: str,
    put_off: int | None,
) -> None:
    anchor = next_occurrence(anchor_rule(rule, day), day, day)  # the first that the rule names
    assert anchor
    rule = anchor_rule(rule, anchor)
    rule += (
        f";COUNT={count}" if count else f";UNTIL={anchor + timedelta(days=until):%Y%m%d}" if until is not None else ""
    )
    open_ = anchor
    for _time in range(done):
        following = next_occurrence(rule, anchor, open_)
        assume(following)
        assert following
        open_ = following
    due = open_ + timedelta(days=put_off or 0)
    promised = f"{open_}T{clock:%H:%M}" if clock else str(open_)
    row = callback(
        clock,
        due_on=str(due),
        zone=zone,
        repeat=rule,
        anchor=str(anchor),
        snoozed_from=promised if put_off is not None else None,
    )
    end = open_ + timedelta(days=366)
    days = [due]
    open_ = max(open_, due)  # what comes before the day that it was put off to is left out once it is done
    while (later := next_occurrence(rule, anchor, open_)) and later <= end:
        days.append(later)
        open_ = later
    wanted = {
        datetime.combine(shown, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC) if clock else shown for shown in days
    }
    assert set(expanded(parsed([callback_entries(row, LOOK)]), end)) == wanted


@given(st.dates(date(1930, 1, 1), date(2020, 12, 31)), st.booleans())
@example(date(1988, 2, 29), True)
@example(date(1988, 2, 29), False)
def test_a_birthday_comes_on_the_day_on_which_it_is_celebrated(born: date, year_known: bool) -> None:
    birthday = str(born) if year_known else f"--{born:%m-%d}"
    entries = birthday_entries({**ROW, "name": "张三", "birthday": birthday}, LOOK)
    shown = set(expanded(parsed([entries]), date(2032, 12, 31)))
    for year in range(2026, 2032):
        assert next_celebration(birthday, date(year, 1, 1)) in shown
    assert len({day for day in shown if 2026 <= day.year < 2032}) == 6


def test_what_counts_from_the_day_it_is_done_is_shown_once() -> None:
    row = callback(repeat="FREQ=WEEKLY", anchor="2026-12-04", after_done=1)
    (event,) = parsed([callback_entries(row, LOOK)]).walk("VEVENT")
    assert "RRULE" not in event


def test_an_event_says_who_and_when_and_rings() -> None:
    calendar = parsed([callback_entries(ROW, LOOK)])
    (event,) = calendar.walk("VEVENT")
    assert calendar["X-WR-CALNAME"] == "crm"
    assert event["SUMMARY"] == "张三: 送样品"
    assert event["DESCRIPTION"] == "+8613800138000 · 华东电力"
    assert event.decoded("DTSTART") == datetime(2026, 12, 4, 15, tzinfo=SHANGHAI)
    assert event.decoded("DURATION") == timedelta(minutes=30)
    assert event.decoded("LAST-MODIFIED") == event.decoded("DTSTAMP") == datetime(2026, 11, 25, 2, tzinfo=UTC)
    assert event["SEQUENCE"] == 3600
    (alarm,) = event.walk("VALARM")
    assert (alarm["ACTION"], alarm.decoded("TRIGGER")) == ("DISPLAY", timedelta(minutes=-15))
    (day,) = parsed([callback_entries(callback(), LOOK)]).walk("VEVENT")
    assert day.decoded("DTSTART") == date(2026, 12, 4)
    assert day.walk("VALARM")[0].decoded("TRIGGER") == timedelta(hours=9)
    assert day["TRANSP"] == "TRANSPARENT"
    silent = Look(SHANGHAI, alarm=None, morning=None)
    assert not parsed([callback_entries(ROW, silent), callback_entries(callback(), silent)], silent).walk("VALARM")


@pytest.mark.parametrize(
    ("lead", "text"), [(0, "PT0M"), (90, "-PT1H30M"), (1440, "-P1D"), (1500, "-P1DT1H"), (60, "-PT1H")]
)
def test_alarms_come_as_early_as_is_wanted(lead: int, text: str) -> None:
    look = Look(SHANGHAI, alarm=timedelta(minutes=lead))
    assert f"TRIGGER:{text}\r\n".encode() in feed([callback_entries(ROW, look)], look, "crm")[0]


def test_a_todo_is_one_occurrence_with_an_alarm_before_it_is_due() -> None:
    look = Look(SHANGHAI, todos=True, folder=True)
    row = callback(time(15), repeat="FREQ=WEEKLY", anchor="2026-12-04")
    (todo,) = parsed([callback_entries(row, look)], look).walk("VTODO")
    assert todo.decoded("DUE") == datetime(2026, 12, 4, 15, tzinfo=SHANGHAI)
    assert "RRULE" not in todo
    assert todo["STATUS"] == "NEEDS-ACTION"
    assert todo.walk("VALARM")[0]["TRIGGER"].params["RELATED"] == "END"


def test_a_deadline_is_an_event_in_the_users_zone() -> None:
    row = {**ROW, "id": 7, "deadline_at": "2026-12-04T07:00:00Z", "deadline_kind": "resolve", "text": "交付延迟"}
    (event,) = parsed([deadline_entries(row, LOOK)]).walk("VEVENT")
    assert event.decoded("DTSTART") == datetime(2026, 12, 4, 15, tzinfo=SHANGHAI)
    assert event["SUMMARY"] == "张三: solve complaint c7"
    assert event["DESCRIPTION"] == "交付延迟\n+8613800138000 · 华东电力"
    assert deadline_entries({**row, "deadline_at": None}, LOOK) == []


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc"))) | st.just("a,b;c\\n" * 20), clocks)
def test_any_text_is_read_as_it_was_written(purpose: str, clock: time | None) -> None:
    assume(purpose.strip() == purpose and "\x85" not in purpose and "\u2028" not in purpose and "\u2029" not in purpose)
    (event,) = parsed([callback_entries(callback(clock, purpose=purpose), LOOK)]).walk("VEVENT")
    assert event["SUMMARY"] == (f"张三: {purpose}" if purpose else "张三")


def test_a_zone_is_defined_once() -> None:
    rows = [callback(time(9), uid=f"u{day}", due_on=f"2026-{day}", zone="Europe/Berlin") for day in ("03-28", "10-26")]
    assert len(parsed([callback_entries(row, LOOK) for row in rows]).walk("VTIMEZONE")) == 1


@pytest.mark.parametrize(
    "name",
    [
        *("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham"),
        *(
            "Africa/Casablanca",
            "Europe/Dublin",
            "Asia/Kolkata",
            "America/St_Johns",
        ),  # back for Ramadan; winter is saved
    ],
)
def test_a_zone_is_defined_rightly_in_both_directions(name: str) -> None:
    read, known = tzical(StringIO(definition(name))).get(name), ZoneInfo(name)
    assert read
    day = datetime(2026, 1, 1, tzinfo=UTC)
    while (day := day + timedelta(days=1)).year < 2029:
        changes = day.astimezone(known).utcoffset() != (day + timedelta(days=1)).astimezone(known).utcoffset()
        for number in range(49 if changes else 1 if day.day == 15 else 0):
            moment = day + timedelta(minutes=30) * number
            local = moment.astimezone(known)
            assert moment.astimezone(read).replace(tzinfo=None, fold=0) == local.replace(tzinfo=None, fold=0)
            assert local.fold or local.replace(tzinfo=read).utcoffset() == local.utcoffset()


@pytest.mark.parametrize("folder", [False, True])
def test_the_second_of_an_hour_that_comes_twice_is_not_shown_as_the_first(folder: bool) -> None:
    look = LOOK._replace(folder=folder)
    row = callback(time(2, 30), due_on="2027-10-31", zone="Europe/Berlin")
    later = row | {"due_at": "2027-10-31T01:30:00Z"}
    for one, at in ((row, 0), (later, 1)):
        entries = [callback_entries(one, look), promise_entries(one | {"text": "x"}, look)]
        wanted = datetime(2027, 10, 31, at, 30, tzinfo=UTC)
        assert list(expanded(parsed(entries, look), date(2027, 12, 31))) == [wanted, wanted]
    daily = later | {"repeat": "FREQ=DAILY", "anchor": "2027-10-31"}
    shown = list(expanded(parsed([callback_entries(daily, look)], look), date(2027, 11, 1)))
    assert shown[1] == datetime(2027, 11, 1, 1, 30, tzinfo=UTC)  # on its clock


@pytest.mark.parametrize("first", ["2026-12-31", "2027-01-31", "2028-02-29"])
def test_an_end_of_month_needs_nothing_that_phones_do_not_know(first: str) -> None:
    freq = "YEARLY" if first.endswith("29") else "MONTHLY"
    rule = anchor_rule(f"FREQ={freq}", date.fromisoformat(first))
    row = callback(time(9), due_on=first, anchor=first, repeat=rule)
    content, _count = feed([callback_entries(row, LOOK)], LOOK, "crm")
    assert b"BYMONTHDAY=-1\r\n" in content
    assert b"BYSETPOS" not in content
    folder = LOOK._replace(folder=True)
    assert rule.encode() in feed([callback_entries(row, folder)], folder, "crm")[0]  # comes back as it was


FOLDER = Look(SHANGHAI, folder=True)
TODOS = Look(SHANGHAI, todos=True, folder=True)


@pytest.mark.parametrize("look", [FOLDER, TODOS])
def test_a_file_knows_whether_it_was_changed(look: Look) -> None:
    ((uid, item),) = items([callback_entries(callback(time(15), purpose="送样品\n两份"), look)], look)
    assert uid == "u1"
    content = item.content
    assert Item(content).is_ours
    assert not Item(content).is_changed
    calendar = icalendar.Calendar.from_ical(content)
    assert not Item(calendar.to_ical()).is_changed  # in another program's order and folds
    utc = content.replace(b";TZID=Asia/Shanghai:20261204T150000", b":20261204T070000Z")
    assert utc != content
    assert not Item(utc).is_changed
    for old, new in ((b"T150000", b"T160000"), ("送样品".encode(), b"x"), (b"20261204", b"20261205")):
        assert Item(content.replace(old, new, 1)).is_changed
    ticked = content.replace(b"STATUS:NEEDS-ACTION", b"STATUS:COMPLETED").replace(b"SEQ", b"STATUS:CANCELLED\r\nSEQ", 1)
    assert Item(ticked).is_changed
    assert Item(b"").is_changed
    other = b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:x\r\nSUMMARY:y\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    assert Item(other).is_changed


def test_a_folder_holds_one_entry_a_file() -> None:
    row = callback(time(15), repeat="FREQ=WEEKLY", anchor="2026-11-27", snoozed_from="2026-12-02T15:00")
    ((_uid, item),) = items([callback_entries(row, FOLDER)], FOLDER)
    content = item.content
    assert content.count(b"BEGIN:VEVENT") == 1
    assert b"RRULE" not in content
