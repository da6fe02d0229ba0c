"""What is due, and when it is late."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.nouns.kinds import KINDS
from crmcli.queries import agenda
from crmcli.queries.agenda import Day, Plan
from crmcli.queries.agenda.callbacks import next_callback
from crmcli.queries.agenda.items import Due, reached
from crmcli.queries.reader import Reader
from crmcli.screens.parts import HEADINGS
from tests.rows import NOW, Rows, days

HOUR = timedelta(hours=1)
PLANS = {kind: Plan(HOUR if kind == "complaint" else timedelta()) for kind in agenda.KINDS}
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    return Rows(tmp_path / "crm.db")


def reader(rows: Rows, now: datetime = NOW, zone: ZoneInfo = SHANGHAI) -> Reader:
    return Reader(rows.connection, now.astimezone(zone))


def day(
    rows: Rows,
    now: datetime = NOW,
    zone: ZoneInfo = SHANGHAI,
    limit: int | None = None,
    notice: timedelta = timedelta(),
) -> Day:
    return agenda.read_day(reader(rows, now, zone), birthday_days=7, forgotten_rows=8, limit=limit, notice=notice)


def due(
    rows: Rows,
    now: datetime = NOW,
    within: timedelta = timedelta(),
    zone: ZoneInfo = SHANGHAI,
    plans: Mapping[str, Plan] = PLANS,
    since: date | None = None,
) -> list[str]:
    items = agenda.read_due(reader(rows, now, zone), within=within, plans=plans, since=since)
    return [item["occurrence"] for item in items]


def ids(found: Due) -> list[int]:
    return [item["id"] for item in found.items]


def test_a_callback_is_late_when_its_moment_has_passed_and_a_whole_day_only_on_the_next(rows: Rows) -> None:
    who = rows.contact()
    any_time = rows.callback(who, "2026-11-25")
    yesterday = rows.callback(who, "2026-11-24")
    rows.callback(who, "2026-11-26")
    past = rows.callback(who, NOW - HOUR)
    now = rows.callback(who, NOW)
    later = rows.callback(who, NOW + 2 * HOUR)
    rows.callback(who, NOW + days(1))
    rows.callback(who, NOW - HOUR, status="done")
    found = day(rows)
    assert ids(found.overdue) == [yesterday, past]
    assert ids(found.today) == [now, later, any_time]
    assert [item["overdue"] for item in found.items] == [True, True, False, False, False]
    assert [item["due_at"] for item in found.today.items] == [
        "2026-11-25T09:00:00+08:00",
        "2026-11-25T11:00:00+08:00",
        "2026-11-25",
    ]
    assert found.coming == [{"on": "2026-11-26", "count": 2}]


@pytest.mark.parametrize(
    ("zone", "overdue", "today"),
    [("Asia/Shanghai", [], [1]), ("Pacific/Kiritimati", [1], []), ("America/Los_Angeles", [], [])],
)
def test_a_whole_day_is_the_users_own(rows: Rows, zone: str, overdue: list[int], today: list[int]) -> None:
    rows.callback(rows.contact(), "2026-11-25")
    evening = datetime.fromisoformat("2026-11-25T19:00:00+08:00")  # 01:00 of the 26th in Kiritimati
    found = day(rows, evening if zone != "America/Los_Angeles" else NOW - HOUR, ZoneInfo(zone))
    assert (ids(found.overdue), ids(found.today)) == (overdue, today)


@pytest.mark.parametrize(
    ("respond", "resolve", "columns", "expected"),
    [
        (2, 20, {}, ("respond", False)),
        (-2, 20, {}, ("respond", True)),
        (-30, -2, {}, ("resolve", True)),
        (-30, 20, {"responded_at": "2026-11-25T00:00:00Z"}, ("resolve", False)),
        (None, 20, {}, ("resolve", False)),
        (2, None, {}, ("respond", False)),
        (20, 2, {}, ("resolve", False)),
        (30, 60, {}, None),
        (-2, -1, {"resolved_at": "2026-11-25T00:00:00Z"}, None),
        (-2, -1, {"closed_at": "2026-11-25T00:00:00Z"}, None),
        (None, None, {}, None),
        (-2, None, {"responded_at": "2026-11-25T00:00:00Z"}, None),
    ],
)
def test_a_complaint_is_near_by_its_first_unmet_deadline(
    rows: Rows, respond: int | None, resolve: int | None, columns: dict[str, str], expected: tuple[str, bool] | None
) -> None:
    moments = [None if hours is None else NOW + hours * HOUR for hours in (respond, resolve)]
    rows.complaint(rows.contact(), moments[0], moments[1], **columns)
    found = [(item["deadline"], item["overdue"]) for item in day(rows).complaints.items]
    assert found == ([expected] if expected else [])


def test_remind_speaks_of_a_complaint_an_hour_before(rows: Rows) -> None:
    rows.complaint(rows.contact(), NOW + 3 * HOUR, NOW + days(3))
    assert due(rows, NOW + HOUR) == []
    assert due(rows, NOW + 2 * HOUR) == ["complaint:1:respond@2026-11-25T04:00:00Z"]
    assert due(rows, within=2 * HOUR) == ["complaint:1:respond@2026-11-25T04:00:00Z"]


def test_remind_speaks_of_a_solution_an_hour_before_though_the_answer_is_late(rows: Rows) -> None:
    rows.complaint(rows.contact(), NOW + 3 * HOUR, NOW + 5 * HOUR)
    late, solution = ["complaint:1:respond@2026-11-25T04:00:00Z"], ["complaint:1:resolve@2026-11-25T06:00:00Z"]
    assert due(rows, NOW + 2 * HOUR, within=2 * HOUR) == late
    assert due(rows, NOW + 3 * HOUR, within=days(9)) == late  # however far ahead somebody looks
    assert due(rows, NOW + 4 * HOUR - timedelta(minutes=1)) == late
    assert due(rows, NOW + 4 * HOUR) == solution
    assert due(rows, NOW + 9 * HOUR) == solution
    told = [item["occurrence"] for item in day(rows, NOW + 4 * HOUR, notice=HOUR).complaints.items]
    assert told == solution
    assert [item["occurrence"] for item in day(rows, NOW + 4 * HOUR).complaints.items] == late


@pytest.mark.parametrize(
    ("birthday", "today", "ahead"),
    [
        ("1988-11-25", "2026-11-25", 0),
        ("--11-25", "2026-11-25", 0),
        ("1988-12-02", "2026-11-25", 7),
        ("1988-01-02", "2026-12-30", 3),
        ("2000-02-29", "2027-02-28", 0),
        ("2000-02-29", "2028-02-28", 1),
        ("1988-12-03", "2026-11-25", None),
        ("1988-11-24", "2026-11-25", None),
    ],
)
def test_birthdays(rows: Rows, birthday: str, today: str, ahead: int | None) -> None:
    rows.contact(birthday=birthday, created="2027-01-01T00:00:00Z")
    now = datetime.fromisoformat(f"{today}T09:00:00+08:00")
    expected = [] if ahead is None else [(date.fromisoformat(today) + timedelta(ahead)).isoformat()]
    assert [item["due_at"] for item in day(rows, now).birthdays.items] == expected
    assert [item["age"] for item in day(rows, now).birthdays.items] == [
        None if birthday[0] == "-" else int(day[:4]) - int(birthday[:4]) for day in expected
    ]


def test_the_forgotten_are_those_over_their_classs_time_without_a_callback(rows: Rows) -> None:
    just = rows.contact(class_="core", created=NOW - days(60))
    rows.followup(just, NOW - days(31), text="offer sent")
    rows.contact(class_="core", created=NOW - days(30))
    worse = rows.contact(class_="collection", created=NOW - days(40))
    planned = rows.contact(class_="core", created=NOW - days(99))
    rows.callback(planned, "2027-01-01")
    noted = rows.contact(class_="core", created=NOW - days(35))
    rows.followup(noted, NOW, kind="note")
    rows.contact(class_="not-interested", created=NOW - days(999))
    rows.contact(created=NOW - days(999))
    found = day(rows).forgotten
    assert ids(found) == [worse, noted, just]
    assert [(item["days"], item["every"], item["text"]) for item in found.items] == [
        (40, 14, ""),
        (35, 30, ""),
        (31, 30, "offer sent"),
    ]
    assert [item["due_at"] for item in found.items] == ["2026-10-30", "2026-11-20", "2026-11-24"]


def test_forgotten_goes_by_days_and_not_by_hours(rows: Rows) -> None:
    rows.contact(class_="core", created="2026-10-25T15:00:00Z")  # 23:00 in Shanghai
    before = datetime.fromisoformat("2026-11-24T23:59:00+08:00")
    assert ids(day(rows, before).forgotten) == []
    assert ids(day(rows, before + 2 * timedelta(minutes=1)).forgotten) == [1]


def test_what_is_left_out_is_counted(rows: Rows) -> None:
    who = rows.contact()
    for hour in range(30):
        rows.callback(who, NOW - hour * HOUR - HOUR)
        rows.complaint(who, NOW - HOUR, NOW + hour * HOUR - 30 * HOUR)
        rows.contact(class_="core", created=NOW - days(40 + hour))
        rows.contact(birthday="--11-26")
    found = day(rows, limit=12)
    assert [len(due.items) for due in found.sections.values() if due.items] == [12, 12, 12, 8]
    assert (found.overdue.total, found.complaints.total, found.forgotten.total) == (30, 30, 30)
    assert found.birthdays.total > 12
    everything = day(rows)
    assert [len(due.items) for due in everything.sections.values() if due.items] == [30, 30, 30, 8]
    assert [item["due_at"] for item in found.overdue.items] == [
        item["due_at"] for item in everything.overdue.items[:12]
    ]


def test_looking_ahead_takes_in_the_days_ahead(rows: Rows) -> None:
    who = rows.contact(birthday="--11-27")
    rows.callback(who, "2026-11-27")
    rows.callback(who, NOW + days(2) + HOUR)
    rows.contact(class_="core", created=NOW - days(29))
    assert due(rows) == []
    assert due(rows, within=days(2)) == ["callback:1@2026-11-27", "birthday:1@2026", "forgotten:2@2026-10-27T01:00:00Z"]
    assert "callback:2@2026-11-27T02:00:00Z" in due(rows, within=days(2) + HOUR)


def test_looking_ahead_counts_hours_across_a_clock_change(rows: Rows) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 10, 25, 1, 30, tzinfo=berlin)
    rows.callback(rows.contact(created="2026-10-01T00:00:00Z"), datetime.fromisoformat("2026-10-25T01:30:00+00:00"))
    assert due(rows, now, timedelta(minutes=119), berlin) == []
    assert due(rows, now, timedelta(hours=2), berlin) == ["callback:1@2026-10-25T01:30:00Z"]


def test_the_next_callback_is_told_where_the_coming_days_hold_none(rows: Rows) -> None:
    assert next_callback(reader(rows)) is None
    rows.callback(rows.contact(), "2026-12-24", purpose="圣诞")
    assert day(rows).coming == []
    item = next_callback(reader(rows))
    assert item
    assert (item["due_on"], item["text"]) == ("2026-12-24", "圣诞")


def test_every_question_is_answered_by_an_index(rows: Rows) -> None:
    asked: set[str] = set()
    rows.connection.set_trace_callback(asked.add)
    day(rows, limit=12)
    due(rows, within=days(1))
    next_callback(reader(rows))
    rows.connection.set_trace_callback(None)
    tables = ("vocabulary", "service_level", "(subquery-")  # a list of words, of rules, and what a subquery found
    for sql in asked:
        for step in rows.connection.execute(f"EXPLAIN QUERY PLAN {sql}"):
            assert not step[3].startswith("SCAN") or any(table in step[3] for table in tables), (step[3], sql)


def test_a_kind_is_left_out_told_earlier_or_from_an_hour_of_the_day_on(rows: Rows) -> None:
    who = rows.contact("张三")
    soon, today = rows.callback(who, NOW + 2 * HOUR), rows.callback(who, "2026-11-25")
    in_three_days = rows.callback(who, "2026-11-28")
    timed, whole = f"callback:{soon}@2026-11-25T03:00:00Z", f"callback:{today}@2026-11-25"
    assert due(rows) == [whole]
    assert due(rows, plans={}) == []
    assert due(rows, plans={"callback": Plan(2 * HOUR)}) == [timed, whole]
    assert due(rows, plans={"callback": Plan(at=time(9))}) == [whole]
    assert due(rows, plans={"callback": Plan(at=time(9, 1))}) == []
    assert due(rows, NOW + HOUR, plans={"callback": Plan(at=time(9, 1))}) == [whole]
    ahead = {"callback": Plan(timedelta(days=3), time(9))}
    assert f"callback:{in_three_days}@2026-11-28" in due(rows, plans=ahead)
    assert f"callback:{in_three_days}@2026-11-28" not in due(rows, NOW - HOUR, plans=ahead)


def test_two_days_before_are_two_days_also_where_one_has_23_hours(rows: Rows) -> None:
    zone = ZoneInfo("Europe/Berlin")  # its clock goes forward on 28 March 2027
    rows.callback(rows.contact("张三"), "2027-03-29")
    ahead = {"callback": Plan(timedelta(days=2), time(9))}
    for clock, count in (("2027-03-26T23:30", 0), ("2027-03-27T08:59", 0), ("2027-03-27T09:00", 1)):
        assert len(due(rows, datetime.fromisoformat(clock).replace(tzinfo=zone), zone=zone, plans=ahead)) == count, (
            clock
        )


def test_a_birthday_that_nobody_was_told_of_is_still_due(rows: Rows) -> None:
    who = rows.contact("张三", birthday="1990-11-22")
    assert due(rows) == []
    assert due(rows, since=date(2026, 11, 23)) == []
    assert due(rows, since=date(2026, 11, 21)) == [f"birthday:{who}@2026"]


def test_every_kind_of_item_has_its_settings_and_its_heading() -> None:
    assert tuple(agenda.KINDS) == KINDS == tuple(HEADINGS)


def test_of_the_cadences_of_class_and_tags_the_shortest_holds(rows: Rows) -> None:
    words = rows.connection
    for code, every in (("vip", 10), ("slow", 200)):
        words.execute(
            'INSERT INTO vocabulary ("set", code, en, zh, aliases, position, cadence_days, hidden) '
            "VALUES ('tag', ?, ?, ?, '', 1, ?, 0)",
            (code, code, code, every),
        )
    people = {}
    for name, class_, tags in (
        ("张三", "core", ["vip"]),
        ("李四", "core", ["slow"]),
        ("王五", None, ["vip", "slow"]),
        ("赵六", None, ["other"]),
    ):
        people[name] = rows.contact(name, class_=class_, created=NOW - days(20))
        for tag in tags:
            rows.connection.execute(
                "INSERT INTO tag (contact_id, name, key) VALUES (?, ?, ?)", (people[name], tag, tag)
            )
    found = day(rows).forgotten
    assert found.total == 2
    assert [(item["contact"], item["every"]) for item in found.items] == [("张三", 10), ("王五", 10)]
    later = day(rows, NOW + days(20)).forgotten
    assert [(item["contact"], item["every"]) for item in later.items] == [("张三", 10), ("王五", 10), ("李四", 30)]
    allowed = {row[0]: row[1] for row in words.execute("SELECT name, cadence_days FROM contacts")}
    assert allowed == {"张三": 10, "李四": 30, "王五": 10, "赵六": None}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "America/Havana"])
@given(clock=st.integers(0, 143).map(lambda tens: time(tens // 6, tens % 6 * 10)))
def test_what_a_clock_has_shown_it_has_shown_though_it_is_put_back(zone: str, clock: time) -> None:
    for month, day in ((3, 14), (3, 28), (4, 4), (10, 3), (10, 31), (11, 7)):
        moment = datetime(2027, month, day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        shown = False
        while (local := moment.astimezone(ZoneInfo(zone))).day == day:
            shown = shown or local.time() >= clock
            assert reached(local, clock) == shown
            moment += timedelta(minutes=10)
        assert shown


def test_what_is_told_from_an_hour_on_that_comes_twice_stays_due(rows: Rows) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    today = rows.callback(rows.contact(), "2027-10-31")
    half_past = {"callback": Plan(at=time(2, 30))}
    moments = [datetime(2027, 10, 31, 0, 29, tzinfo=UTC) + timedelta(minutes=m) for m in (0, 1, 31, 60, 120)]
    found = [due(rows, moment.astimezone(berlin), zone=berlin, plans=half_past) for moment in moments]
    assert found == [[], *[[f"callback:{today}@2027-10-31"]] * 4]
