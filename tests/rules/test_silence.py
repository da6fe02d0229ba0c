"""When a channel is silent, how days and hours are written, and how long a failure rests."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import UsageError
from crmcli.rules.silence import LONGEST_WAIT, Hours, parse_clock, parse_days, parse_hours, speaks, wait_after

CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("Monday – Friday", {0, 1, 2, 3, 4}),
        ("sat-mon", {5, 6, 0}),
        ("mon, wed", {0, 2}),
        ("fri", {4}),
        ("周一至周五", {0, 1, 2, 3, 4}),
        ("周一、周三", {0, 2}),
        ("星期日", {6}),
        ("mon-sun", {0, 1, 2, 3, 4, 5, 6}),
    ],
)
def test_days_in_both_languages(text: str, days: set[int]) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["someday", "mon-", "-fri", "周八", "monster"])
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        parse_days(text)


@pytest.mark.parametrize("text", ["25:00", "9", "9:60", "nine", "", "9:00-10:00"])
def test_clocks_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        parse_clock(text)


@pytest.mark.parametrize("text", ["22:00", "22:00-", "22-8", "a-b"])
def test_hours_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        parse_hours(text)


@given(CLOCKS, CLOCKS, CLOCKS)
def test_hours_and_their_rest_make_the_day(start: time, end: time, clock: time) -> None:
    if start != end:
        assert Hours(start, end).hold(clock) is not Hours(end, start).hold(clock)


def test_a_channel_is_silent_at_night_and_on_its_free_days() -> None:
    wednesday = datetime(2026, 11, 25, 21, 59).astimezone()
    assert speaks(wednesday, "22:00-8:00", "mon-fri")
    assert not speaks(wednesday + timedelta(minutes=1), "22:00-8:00", "mon-fri")
    assert not speaks(wednesday + timedelta(hours=10), "22:00-8:00", "")
    assert speaks(wednesday + timedelta(hours=10, minutes=1), "22:00-8:00", "")
    assert not speaks(wednesday + timedelta(days=3), "", "mon-fri")
    assert speaks(wednesday + timedelta(days=3), "", "")


@given(st.integers(1, 10_000))
def test_pauses_grow_and_have_an_end(attempts: int) -> None:
    assert timedelta(minutes=5) <= wait_after(attempts) <= wait_after(attempts + 1) <= LONGEST_WAIT
    assert wait_after(1) == timedelta(minutes=5)
    assert wait_after(50) == LONGEST_WAIT
