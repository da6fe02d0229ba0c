"""The series of a repeat, held against a model that looks at every day in turn."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.when.recurrence import anchor_rule, count_down, following, limit_rule, next_occurrence, plain_rule, rest_of
from crmcli.when.value import When

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MONTHLY_31 = "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"
LEAP_DAY = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1"
ANCHORS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


def series(rule: str, anchor: date, number: int) -> list[date]:
    days = [anchor]
    while len(days) < number and (day := next_occurrence(rule, anchor, days[-1])):
        days.append(day)
    return days


def model_names(rule: str, anchor: date, day: date) -> bool:
    """Tell whether the rule names the day, by looking at nothing but that day and the anchor."""
    parts = dict(part.split("=") for part in rule.split(";"))
    interval = int(parts.get("INTERVAL", "1"))
    weekdays = parts.get("BYDAY", CODES[anchor.weekday()]).split(",")
    end_of_month = monthrange(day.year, day.month)[1]
    month_days = [int(number) for number in parts.get("BYMONTHDAY", str(anchor.day)).split(",")]
    last_of = [min(max(month_days), end_of_month)]
    on_day = day.day in (last_of if "BYSETPOS" in parts else month_days)
    months = (day.year - anchor.year) * 12 + day.month - anchor.month
    match parts["FREQ"]:
        case "DAILY":
            return (day - anchor).days % interval == 0
        case "WEEKLY":
            first = anchor - timedelta(days=anchor.weekday())
            return (day - first).days // 7 % interval == 0 and CODES[day.weekday()] in weekdays
        case "MONTHLY":
            return months % interval == 0 and on_day
    month = int(parts.get("BYMONTH", str(anchor.month)))
    return (day.year - anchor.year) % interval == 0 and day.month == month and on_day


def model_next(rule: str, anchor: date, after: date) -> date | None:
    day = max(after + timedelta(days=1), anchor)
    for _ in range(9000):
        if day == anchor or model_names(rule, anchor, day):
            return day
        day += timedelta(days=1)
    return None


INTERVALS = st.integers(1, 5)
LAST_OF = st.sampled_from(["28", "28,29", "28,29,30", "28,29,30,31"])
RULES = st.one_of(
    INTERVALS.map(lambda n: f"FREQ=DAILY;INTERVAL={n}"),
    INTERVALS.map(lambda n: f"FREQ=WEEKLY;INTERVAL={n}"),
    st.builds(
        lambda n, days: f"FREQ=WEEKLY;INTERVAL={n};BYDAY={','.join(sorted(days, key=CODES.index))}",
        INTERVALS,
        st.sets(st.sampled_from(CODES), min_size=1),
    ),
    INTERVALS.map(lambda n: f"FREQ=MONTHLY;INTERVAL={n}"),
    st.builds(
        lambda n, days: f"FREQ=MONTHLY;INTERVAL={n};BYMONTHDAY={','.join(map(str, sorted(days)))}",
        INTERVALS,
        st.sets(st.integers(1, 31), min_size=1, max_size=3),
    ),
    st.builds(lambda n, days: f"FREQ=MONTHLY;INTERVAL={n};BYMONTHDAY={days};BYSETPOS=-1", INTERVALS, LAST_OF),
    st.sampled_from(["FREQ=YEARLY", "FREQ=YEARLY;INTERVAL=2", LEAP_DAY, "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=1"]),
)


@given(RULES, ANCHORS, st.integers(-40, 1500))
def test_the_next_day_is_the_one_that_the_model_finds(rule: str, anchor: date, days: int) -> None:
    after = anchor + timedelta(days=days)
    assert next_occurrence(rule, anchor, after) == model_next(rule, anchor, after)


@given(RULES, ANCHORS, st.integers(1, 6), st.integers(-3, 800))
def test_count_counts_from_the_anchor(rule: str, anchor: date, times: int, days: int) -> None:
    after = anchor + timedelta(days=days)
    whole = series(rule, anchor, times)
    expected = next((day for day in whole if day > after), None)
    assert next_occurrence(limit_rule(rule, times=times), anchor, after) == expected


@given(RULES, ANCHORS, st.integers(0, 400), st.integers(-3, 400))
def test_until_is_the_last_day_that_counts(rule: str, anchor: date, length: int, days: int) -> None:
    until, after = anchor + timedelta(days=length), anchor + timedelta(days=days)
    unlimited = model_next(rule, anchor, after)
    expected = unlimited if unlimited and unlimited <= until else None
    assert next_occurrence(limit_rule(rule, until=until), anchor, after) == expected


@given(RULES, ANCHORS, st.integers(0, 60), st.integers(-30, 400))
def test_what_follows_lies_ahead_and_belongs_to_the_series(rule: str, anchor: date, steps: int, late: int) -> None:
    due = series(rule, anchor, steps % 5 + 1)[-1]
    done = due + timedelta(days=late)
    day = following(rule, anchor, due, done)
    assert day is not None
    assert day > max(due, done)
    assert day == model_next(rule, anchor, max(due, done))  # the first of them: nothing piles up, nothing is left out


@given(RULES, ANCHORS, st.integers(0, 400))
def test_after_done_nothing_but_the_day_done_matters(rule: str, done: date, late: int) -> None:
    days = {
        following(rule, done - timedelta(days=back), done - timedelta(days=late), done, after_done=True)
        for back in (500, 501, 777)
    }
    assert len(days) == 1
    assert min(day for day in days if day) > done


@pytest.mark.parametrize(
    ("rule", "done", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=3", "2026-11-25", "2026-11-28"),
        ("FREQ=WEEKLY;INTERVAL=2", "2026-11-25", "2026-12-09"),
        ("FREQ=WEEKLY;BYDAY=MO", "2026-11-25", "2026-11-30"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-11-25", "2026-12-07"),
        ("FREQ=MONTHLY", "2026-01-31", "2026-02-28"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "2026-11-25", "2026-12-25"),
        (MONTHLY_31, "2026-02-02", "2026-03-02"),
        (LEAP_DAY, "2028-03-05", "2029-03-05"),
    ],
)
def test_after_done_examples(rule: str, done: str, expected: str) -> None:
    day = date.fromisoformat(done)
    assert following(rule, date(2020, 1, 1), day, day, after_done=True) == date.fromisoformat(expected)


@given(st.integers(29, 31), st.sampled_from([1, 3, 5, 7, 8, 10, 12]), st.integers(2000, 2060))
def test_the_31st_falls_on_the_last_day_of_a_short_month(day: int, month: int, year: int) -> None:
    anchor = date(year, month, day)
    days = series(anchor_rule("FREQ=MONTHLY", anchor), anchor, 30)
    assert all(later.day == min(day, monthrange(later.year, later.month)[1]) for later in days)
    months = [later.year * 12 + later.month for later in days]
    assert all(after - before == 1 for before, after in pairwise(months))


@given(RULES, ANCHORS)
def test_a_plain_rule_names_the_same_days(rule: str, anchor: date) -> None:
    assert series(plain_rule(rule), anchor, 20) == series(rule, anchor, 20)


def test_a_leap_day_comes_every_year() -> None:
    anchor = date(2024, 2, 29)
    days = series(anchor_rule("FREQ=YEARLY", anchor), anchor, 5)
    assert [str(day) for day in days] == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_only_a_bare_rule_of_a_late_day_is_anchored() -> None:
    assert anchor_rule("FREQ=MONTHLY", date(2026, 1, 28)) == "FREQ=MONTHLY"
    assert anchor_rule("FREQ=WEEKLY", date(2026, 1, 31)) == "FREQ=WEEKLY"
    assert anchor_rule("FREQ=YEARLY", date(2026, 1, 31)) == "FREQ=YEARLY"
    assert anchor_rule("FREQ=MONTHLY;BYDAY=1MO", date(2026, 1, 31)) == "FREQ=MONTHLY;BYDAY=1MO"
    assert anchor_rule("FREQ=MONTHLY;COUNT=3", date(2026, 1, 31)) == f"FREQ=MONTHLY;COUNT=3;{MONTHLY_31[13:]}"


@given(
    RULES,
    ANCHORS,
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Shanghai"]),
    st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
)
def test_the_time_on_the_wall_never_drifts(rule: str, anchor: date, zone: str, clock: time) -> None:
    for day in series(rule, anchor, 8):
        instant = When(day, clock, zone).instant()
        assert instant is not None
        wall = instant.astimezone(ZoneInfo(zone))
        exists = datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone))
        assert wall.replace(tzinfo=None) == exists.replace(tzinfo=None)
        assert (wall.date(), wall.time()) == (day, clock) or clock.hour in {2, 3}  # the hour that spring skips


def test_limits() -> None:
    assert limit_rule("FREQ=DAILY") == "FREQ=DAILY"
    assert limit_rule("FREQ=DAILY;COUNT=9", until=date(2026, 12, 31)) == "FREQ=DAILY;UNTIL=20261231"
    assert limit_rule("FREQ=DAILY;UNTIL=20261231", times=3) == "FREQ=DAILY;COUNT=3"
    for until, times in ((date(2026, 12, 31), 3), (None, 0), (None, -1)):
        with pytest.raises(ValueError, match=r"UNTIL|occurrence"):
            limit_rule("FREQ=DAILY", until=until, times=times)


def test_counting_down() -> None:
    assert count_down("FREQ=DAILY") == "FREQ=DAILY"
    assert count_down("FREQ=DAILY;COUNT=3") == "FREQ=DAILY;COUNT=2"
    assert count_down("FREQ=DAILY;COUNT=1") is None


@pytest.mark.parametrize("rule", ["", "nonsense", "INTERVAL=2", "FREQ=DAILY;INTERVAL=x", "FREQ=OFTEN"])
def test_what_is_no_rule_is_a_value_error(rule: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        next_occurrence(rule, date(2026, 1, 1), date(2026, 1, 1))


@given(ANCHORS, st.sampled_from(("FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,TH", MONTHLY_31)), st.integers(0, 6))
def test_a_series_anchored_anew_comes_as_often(anchor: date, rule: str, gone: int) -> None:
    days = series(f"{rule};COUNT=7", anchor, 10)
    rest = rest_of(f"{rule};COUNT=7", anchor, days[gone])
    assert series(rest, days[gone], 10) == days[gone:]
    assert rest_of(rule, anchor, days[gone]) == rule
