"""Business hours over all desks, moments and lengths: nothing is lost, nothing is gained, and nothing gets shorter."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crmcli.config import load_settings
from crmcli.errors import UsageError
from crmcli.rules.business_hours import Calendar, OpenTime, Spans, add, elapsed, opening, parse_hours, paused
from crmcli.rules.working_days import exceptions, load_holidays, parse_days

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")]
BEIRUT = ZoneInfo("Asia/Beirut")
"""The clocks change at midnight there."""


def never(_day: date) -> None:
    """Say of every day that it is like any other."""


def off(days: set[int]) -> Callable[[date], bool | None]:
    """Return a calendar of holidays: days whose ordinal has one of these remainders."""
    return lambda day: False if day.toordinal() % 11 in days else None


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    ends = sorted(draw(st.lists(st.integers(0, 1440), max_size=6, unique=True)))
    return tuple(zip(ends[::2], ends[1::2], strict=False))


@st.composite
def desks(draw: st.DrawFn) -> Calendar:
    week = tuple(draw(spans()) for _day in range(7))
    assume(any(week))
    return Calendar(draw(st.sampled_from([*ZONES, BEIRUT])), week, off(draw(st.sets(st.integers(0, 10), max_size=3))))


CALENDARS = st.one_of(st.none(), desks())
MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([*ZONES, UTC]),
).map(lambda moment: moment.replace(microsecond=0))
CHANGES = [datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)]
NEAR_CHANGES = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-3000, 3000)
)
ANY = st.one_of(MOMENTS, NEAR_CHANGES)
LENGTHS = st.integers(0, 60 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(ANY, LENGTHS, CALENDARS)
def test_what_was_added_has_passed(since: datetime, long: timedelta, calendar: Calendar | None) -> None:
    until = add(since, long, calendar)
    assert until >= since
    assert elapsed(since, until, calendar) == long


@given(ANY, LENGTHS, LENGTHS, CALENDARS)
def test_in_two_steps_as_in_one(since: datetime, one: timedelta, two: timedelta, calendar: Calendar | None) -> None:
    assert add(add(since, one, calendar), two, calendar) == add(since, one + two, calendar)


@given(ANY, LENGTHS, LENGTHS, CALENDARS)
def test_time_is_neither_lost_nor_gained_between(
    since: datetime, one: timedelta, two: timedelta, calendar: Calendar | None
) -> None:
    start = since.astimezone(UTC)
    middle, end = start + one, start + one + two
    parts = elapsed(start, middle, calendar) + elapsed(middle, end, calendar)
    assert parts == elapsed(start, end, calendar) <= end - start
    assert elapsed(end, start, calendar) == timedelta()


@given(ANY, LENGTHS, st.sampled_from([*ZONES, BEIRUT]))
def test_a_desk_that_never_closes_is_a_clock_whatever_the_zone_does(
    since: datetime, long: timedelta, zone: ZoneInfo
) -> None:
    always = Calendar(zone, (((0, 1440),),) * 7, never)
    assert add(since, long, always) == add(since, long, None)
    halves = Calendar(zone, (((0, 150), (150, 1440)),) * 7, never)
    assert add(since, long, halves) == add(since, long, None)


@given(ANY, LENGTHS, ANY, LENGTHS, CALENDARS)
def test_pausing_never_shortens(
    since: datetime, long: timedelta, begin: datetime, pause: timedelta, calendar: Calendar | None
) -> None:
    deadline = add(since, long, calendar)
    end = begin.astimezone(UTC) + pause
    after = paused(deadline, begin, end, calendar)
    assert after >= deadline
    assert (
        (after == deadline)
        if deadline <= begin
        else elapsed(end, after, calendar) >= elapsed(begin, deadline, calendar)
    )


@given(ANY, LENGTHS, desks(), spans())
def test_more_hours_never_delay(since: datetime, long: timedelta, calendar: Calendar, more: Spans) -> None:
    def widened(day: Spans) -> Spans:
        minutes = {minute for begin, end in (*day, *more) for minute in range(begin, end)}
        edges = sorted(m for m in range(1441) if (m in minutes) != (m - 1 in minutes))
        return tuple(zip(edges[::2], edges[1::2], strict=True))

    wide = calendar._replace(week=tuple(map(widened, calendar.week)))
    assert add(since, long, wide) <= add(since, long, calendar)


@given(ANY, LENGTHS, desks(), st.sets(st.integers(0, 10), max_size=3))
def test_holidays_never_count_and_never_hasten(
    since: datetime, long: timedelta, calendar: Calendar, days: set[int]
) -> None:
    fewer = calendar._replace(works=lambda day: False if off(days)(day) is False else calendar.works(day))
    assert add(since, long, fewer) >= add(since, long, calendar)
    day = since.astimezone(calendar.zone)
    if fewer.works(day.date()) is False:
        noon = day.replace(hour=12, minute=0, second=0)
        assert elapsed(noon, noon.astimezone(UTC) + timedelta(hours=3), fewer) == timedelta()


@given(ANY, desks())
@example(
    datetime(2026, 3, 28, 22, tzinfo=UTC), Calendar(ZoneInfo("Europe/Berlin"), ((),) * 6 + (((120, 121),),), never)
)
def test_it_opens_when_time_begins_to_count(moment: datetime, calendar: Calendar) -> None:
    opens = opening(moment, calendar)
    assert opens >= moment
    assert elapsed(moment, opens, calendar) == timedelta()
    assert elapsed(opens, opens + timedelta(minutes=1), calendar) > timedelta()


def test_hours_that_begin_within_the_hour_that_is_jumped_over() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    desk = Calendar(berlin, (((60, 150), (150, 300)),) * 7, never)
    start = datetime(2026, 3, 29, 1, tzinfo=berlin)
    assert elapsed(start, datetime(2026, 3, 29, 5, tzinfo=berlin), desk) == timedelta(hours=3)
    assert elapsed(start, datetime(2026, 3, 29, 3, tzinfo=berlin), desk) == timedelta(hours=1)
    start = datetime(2026, 10, 25, 1, tzinfo=berlin)
    assert elapsed(start, datetime(2026, 10, 25, 5, tzinfo=berlin), desk) == timedelta(hours=5)


def test_a_desk_that_never_opens_is_told() -> None:
    for week in (((),) * 7, (((540, 1080),),) * 7):
        closed = Calendar(ZONES[0], week, lambda _day: False)
        with pytest.raises(UsageError, match="never open"):
            add(CHANGES[0], timedelta(hours=1), closed)
        with pytest.raises(UsageError, match="never open"):
            opening(CHANGES[0], closed)


def test_a_worked_weekend_has_the_hours_of_an_ordinary_day() -> None:
    desk = Calendar(ZONES[0], ((), ((540, 1080),), *[((600, 660),)] * 4, ((0, 60),)), lambda _day: True)
    assert desk.day == timedelta(hours=9)
    assert desk.spans(date(2026, 3, 1)) == ((540, 1080),)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("9:00-12:00 13:00-18:00", ((540, 720), (780, 1080))),
        (" 9-18 ", ((540, 1080),)),
        ("0:00-24:00", ((0, 1440),)),
        ("9：00至12：00，13：30—18：00", ((540, 720), (810, 1080))),
        ("9:00-12:00, 12:00-13:00", ((540, 720), (720, 780))),
        ("", ()),
    ],
)
def test_hours_are_read(text: str, hours: Spans) -> None:
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    "text", ["9", "9-", "18-9", "9-25", "9:60-10", "9-12 11-13", "nine to five", "9--12", "22-6", "²-9"]
)
def test_what_are_no_hours(text: str) -> None:
    with pytest.raises(UsageError):
        parse_hours(text)


def test_days_are_listed_alone_and_as_spans() -> None:
    assert parse_days("2026-12-24, 2027-02-05..2027-02-07") == {
        date(2026, 12, 24),
        *(date(2027, 2, day) for day in (5, 6, 7)),
    }
    for text in ("tomorrow", "2026-12-24..", "2026-12-24..2026-12-23", "2026-01-01..2036-01-01", "2026-13-01"):
        with pytest.raises(UsageError):
            parse_days(text)


def test_the_users_own_days_count_before_the_countrys() -> None:
    settings = load_settings(Path("/nonexistent"))
    works = exceptions(settings)
    assert [works(date(2026, 2, day)) for day in (13, 14, 16)] == [None, True, False]
    own = {"days_on": "2026-02-16", "days_off": "2026-02-13..2026-02-14"}
    works = exceptions(settings._replace(values={**settings.values, **own}))
    assert [works(date(2026, 2, day)) for day in (13, 14, 16, 17)] == [False, False, True, False]
    none = exceptions(settings._replace(values={**settings.values, "holidays": "none"}))
    assert none(date(2026, 2, 17)) is None


def test_countries_and_their_parts() -> None:
    assert date(2026, 1, 6) in load_holidays("de-by")
    assert date(2026, 1, 6) not in load_holidays("DE")
    for unknown in ("XX", "DE-XX", "China", ""):
        with pytest.raises(UsageError, match="holidays"):
            load_holidays(unknown)


@given(desks(), st.lists(st.tuples(ANY, LENGTHS), min_size=1, max_size=5))
def test_what_is_measured_for_many_is_what_is_measured_for_each(
    calendar: Calendar, pairs: list[tuple[datetime, timedelta]]
) -> None:
    first, last = min(since for since, _long in pairs), max(since + long for since, long in pairs)
    measure = OpenTime(first, last, calendar)
    for since, long in pairs:
        expected = elapsed(since, since + long, calendar).total_seconds()
        assert measure.seconds(since.timestamp(), (since + long).timestamp()) == expected
        assert measure.seconds((since + long).timestamp(), since.timestamp()) == 0
