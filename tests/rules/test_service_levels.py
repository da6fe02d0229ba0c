"""By when a complaint is to be answered and solved, over all moments and periods; the table of its steps."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from crmcli.config import load_settings
from crmcli.rules.service_levels import Deadlines, ServiceLevel, deadlines, service_level
from crmcli.rules.workflow import MOVES, OPEN, STATES, possible_steps

MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), UTC]),
)
PERIODS = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400))


@given(MOMENTS, PERIODS, PERIODS)
def test_periods_are_elapsed_time(since: datetime, respond: timedelta, resolve: timedelta) -> None:
    due = deadlines("complaint", since, ServiceLevel(respond, resolve))
    assert due.respond_by is not None
    assert due.resolve_by is not None
    assert due.respond_by - since.astimezone(UTC) == respond
    assert due.resolve_by - since.astimezone(UTC) == resolve


def test_a_clock_change_neither_gives_nor_takes_an_hour() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    due = deadlines("complaint", before, ServiceLevel(timedelta(days=1), timedelta(days=2)))
    assert due.respond_by == datetime(2026, 10, 25, 11, tzinfo=ZoneInfo("Europe/Berlin"))


def test_praise_is_owed_nothing() -> None:
    assert deadlines("praise", datetime(2026, 1, 1, tzinfo=UTC), ServiceLevel(*[timedelta(1)] * 2)) == Deadlines()


def test_the_graver_the_sooner() -> None:
    settings = load_settings(Path("/nonexistent"))
    levels = [service_level(settings, severity) for severity in ("critical", "high", "normal", "low")]
    assert levels == sorted(levels)
    assert all(level.respond <= level.resolve for level in levels)


def test_every_step_moves_between_known_states() -> None:
    for moves in MOVES.values():
        assert {*moves, *moves.values()} <= {*STATES}


def test_every_state_can_be_left_and_what_is_open_resolved() -> None:
    for state in STATES:
        assert any(moves.get(state, state) != state for moves in MOVES.values())
    assert {*MOVES["resolve"]} == {*OPEN}


def test_only_the_first_answer_is_one() -> None:
    assert "respond" in possible_steps("received", answered=False)
    assert "respond" not in possible_steps("received", answered=True)
    assert possible_steps("closed", answered=True) == ["comment", "reopen"]
