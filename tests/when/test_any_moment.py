"""Moments where clocks change, and what holds for every text at every moment."""

from datetime import UTC, datetime, time, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import WhenError
from crmcli.when.moments import parse_when
from tests.when.test_moments import WEDNESDAY, at

BERLIN_SPRING = ("2026-03-28T10:00", "Europe/Berlin")
BERLIN_AUTUMN = ("2026-10-24T10:00", "Europe/Berlin")
NEW_YORK_SPRING = ("2026-03-07T10:00", "America/New_York")
NEW_YORK_AUTUMN = ("2026-10-31T10:00", "America/New_York")


@pytest.mark.parametrize("place", [BERLIN_SPRING, BERLIN_AUTUMN, NEW_YORK_SPRING, NEW_YORK_AUTUMN])
def test_days_keep_the_time_on_the_wall_and_hours_elapse(place: tuple[str, str]) -> None:
    now = at(*place)
    assert parse_when("tomorrow 10:00", now).time == time(10)
    assert parse_when("+3d 10:00", now).time == time(10)
    assert parse_when("in 24 hours", now).instant() == now.astimezone(UTC) + timedelta(hours=24)
    assert parse_when("24小时后", now).time == (time(11) if now.month == 3 else time(9))


def test_a_time_that_is_skipped_moves_on_and_one_that_comes_twice_is_the_first() -> None:
    skipped = parse_when("tomorrow 2:30", at(*BERLIN_SPRING)).instant()
    twice = parse_when("tomorrow 2:30", at(*BERLIN_AUTUMN)).instant()
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 3:30 on the wall
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_second_of_two_is_kept_when_it_was_meant() -> None:
    second = parse_when("2026-10-25T02:30+01:00", at(*BERLIN_AUTUMN))
    assert second.instant() == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    in_the_night = datetime(2026, 10, 25, 0, 45, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))
    assert parse_when("+30m", in_the_night).instant() == datetime(2026, 10, 25, 1, 15, tzinfo=UTC)


# what holds for every text

ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
NOWS = st.builds(
    lambda moment, zone: moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)),
    st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001 - given its zone above
    ZONES,
)
ENGLISH = "next last this in at on of end ago the 15th noon am pm fri dec day week month year hours"
CHINESE = "周 下周 上 五 十 半 点 分 月 日 号 年 天 后 前 个 小时 早 晚 上午 今 明 底 每 三 3 12 31 2026"
WORDS = st.sampled_from([*ENGLISH.split(), *CHINESE.split(), *":/-+.,"])
TEXTS = st.one_of(
    st.text(max_size=30),
    st.lists(WORDS, max_size=7).map("".join),
    st.lists(WORDS, max_size=7).map(" ".join),
)


@given(TEXTS, NOWS, st.booleans())
def test_any_text_is_read_or_refused(text: str, now: datetime, future: bool) -> None:
    try:
        when = parse_when(text, now, future=future)
    except WhenError:
        return
    assert 1900 <= when.day.year < 2200
    assert (when.instant() is None) == (when.time is None)


@given(st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30)), NOWS)  # noqa: DTZ001 - the time on the wall
def test_iso_comes_back(moment: datetime, now: datetime) -> None:
    moment = moment.replace(microsecond=0)
    assert parse_when(moment.isoformat(), now)[:2] == (moment.date(), moment.time())
    assert parse_when(str(moment.date()), now)[:2] == (moment.date(), None)
    aware = moment.replace(tzinfo=UTC)
    assert parse_when(aware.isoformat(), now).instant() == aware


@given(NOWS, st.integers(0, 2000))
def test_days_ahead_are_counted_by_the_calendar(now: datetime, days: int) -> None:
    expected = (now.date() + timedelta(days=days), None)
    for text in (f"+{days}d", f"in {days} days", f"{days}天后", f"{days} 天 后"):
        assert parse_when(text, now)[:2] == expected


@given(NOWS, st.sampled_from(["mon", "tue", "sun", "周六", "周日", "12月31日", "feb 29", "1号", "31号"]))
def test_what_is_not_anchored_is_the_nearest(now: datetime, text: str) -> None:
    today = now.date()
    assert parse_when(text, now, future=False).day <= today <= parse_when(text, now).day


def test_reading_is_fast() -> None:
    texts = ["2026-12-01", "2026-12-01T15:00:00+08:00", "12/01 9:30", "明天下午3点", "next fri 15:00", "nonsense"]
    now = at(WEDNESDAY)
    start = process_time()
    for text in texts * 200:
        try:
            parse_when(text, now)
        except WhenError:
            continue
    assert (process_time() - start) / (len(texts) * 200) < 0.001
