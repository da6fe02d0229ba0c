"""Which promise fits a complaint, over all moments and periods; the table of its steps; who hears of a breach."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.config import Settings, load_settings
from crmcli.errors import UsageError
from crmcli.rules.escalation import Escalation, escalations, people
from crmcli.rules.service_levels import (
    WEEKDAYS,
    Deadlines,
    ServiceLevel,
    deadlines,
    desk_calendar,
    length,
    service_level,
)
from crmcli.rules.workflow import MOVES, OPEN, REQUIRABLE, STATES, Facts, missing_steps, possible_steps
from crmcli.when.periods import Amount, parse_amount

MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), UTC]),
)
MINUTES = st.integers(0, 400 * 24 * 60)
NOW = datetime(2026, 11, 25, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


def settings(**values: str) -> Settings:
    plain = load_settings(Path("/nonexistent"))
    return plain._replace(values={**plain.values, **values})


def rule(id_: int, **named: str) -> dict[str, Any]:
    blank = dict.fromkeys(("type", "severity", "class", "respond", "resolve", "escalate_to"))
    return {**blank, "id": id_, "hours": "always", **named}


def case(type_: str = "complaint", severity: str = "high", class_: str | None = "core") -> dict[str, Any]:
    return {"type": type_, "severity": severity, "class": class_}


@given(MOMENTS, MINUTES, MINUTES)
def test_periods_are_elapsed_time(since: datetime, respond: int, resolve: int) -> None:
    due = deadlines("complaint", since, ServiceLevel(Amount(minutes=respond), Amount(minutes=resolve)), None)
    assert due.respond_by is not None
    assert due.resolve_by is not None
    assert due.respond_by - since.astimezone(UTC) == timedelta(minutes=respond)
    assert due.resolve_by - since.astimezone(UTC) == timedelta(minutes=resolve)


def test_a_clock_change_neither_gives_nor_takes_an_hour() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    due = deadlines("complaint", before, ServiceLevel(Amount(days=1), Amount(days=2)), None)
    assert due.respond_by == datetime(2026, 10, 25, 11, tzinfo=ZoneInfo("Europe/Berlin"))


def test_praise_is_owed_nothing() -> None:
    level = ServiceLevel(Amount(days=1), Amount(days=1))
    assert deadlines("praise", datetime(2026, 1, 1, tzinfo=UTC), level, None) == Deadlines()


def test_the_graver_the_sooner() -> None:
    levels = [service_level(settings(), [], case(severity=word)) for word in ("critical", "high", "normal", "low")]
    lengths = [(length(level.respond, None), length(level.resolve, None)) for level in levels]
    assert lengths == sorted(lengths)
    assert all(respond <= resolve for respond, resolve in lengths)


def test_the_rule_that_names_most_counts() -> None:
    rules = [
        rule(1, respond="1h"),
        rule(2, severity="high", respond="2h"),
        rule(3, type="complaint", respond="3h"),
        rule(4, **{"class": "core"}, respond="4h"),
        rule(5, severity="high", type="complaint", respond="5h"),
        rule(6, severity="high", **{"class": "core"}, respond="6h"),
        rule(7, severity="low", **{"class": "core"}, type="complaint", respond="7h"),
    ]

    def chosen(known: list[dict[str, Any]], **named: Any) -> int:
        return service_level(settings(), known, case(**named)).respond.minutes // 60

    assert chosen(rules) == 6
    assert chosen(rules, class_="customer") == 5
    assert chosen(rules[:4]) == 4
    assert chosen(rules[:3]) == 3
    assert chosen(rules[:2]) == 2
    assert chosen(rules, type_="inquiry", severity="normal", class_=None) == 1
    assert chosen([rule(1, respond="1h"), rule(2, respond="2h")]) == 2


def test_what_a_rule_does_not_say_is_in_the_settings() -> None:
    own = settings(escalate_to="张, 李，王", service_hours="business")
    level = service_level(own, [rule(1, respond="1h", hours="business")], case())
    assert level == ServiceLevel(Amount(minutes=60), Amount(days=3), "business", ("张", "李", "王"))
    assert service_level(own, [], case(severity="own")).hours == "business"
    level = service_level(own, [rule(1, escalate_to="赵")], case())
    assert (level.hours, level.escalate_to) == ("always", ("赵",))
    with pytest.raises(UsageError, match=r"severity\.high\.respond"):
        service_level(settings(**{"severity.high.respond": "soon"}), [], case())


def test_a_day_is_a_working_day_in_business_hours() -> None:
    desk = desk_calendar("business", settings(), NOW)
    assert length(parse_amount("1d"), desk) == length(parse_amount("1 working day"), desk) == timedelta(hours=8)
    assert length(parse_amount("1w 30m"), desk) == timedelta(hours=40, minutes=30)
    assert length(parse_amount("1w"), None) == timedelta(days=7)
    for text in ("1 month", "3000w"):
        with pytest.raises(UsageError):
            length(parse_amount(text), desk)


def test_a_desk_without_any_hours_is_refused() -> None:
    shut = settings(**{f"hours.{day}": "" for day in WEEKDAYS})
    assert desk_calendar("always", shut, NOW) is None
    with pytest.raises(UsageError, match="never open"):
        desk_calendar("business", shut, NOW)


# the steps


def test_every_step_moves_between_known_states() -> None:
    for moves in MOVES.values():
        assert {*moves, *moves.values()} <= {*STATES}


def test_every_state_can_be_left_and_what_is_open_resolved() -> None:
    for state in STATES:
        assert any(moves.get(state, state) != state for moves in MOVES.values())
    assert {*MOVES["resolve"]} == {*OPEN}


def test_what_is_possible_depends_on_what_has_happened() -> None:
    assert "respond" in possible_steps("received", Facts())
    assert "respond" not in possible_steps("received", Facts(answered=True))
    assert {"accept", "decline"} <= {*possible_steps("assigned", Facts(asked=True))}
    assert not {"accept", "decline"} & {*possible_steps("assigned", Facts())}
    assert [step for step in ("wait", "resume") if step in possible_steps("proposed", Facts(waiting=True))] == [
        "resume"
    ]
    assert possible_steps("closed", Facts(answered=True)) == ["comment", "link", "reopen"]


@pytest.mark.parametrize(
    ("taken", "missing"),
    [
        ("", "assess propose approve"),
        ("receive assess propose approve", ""),
        ("assess propose approve propose", "approve"),
        ("assess propose reject", "propose approve"),
        ("assess propose approve resolve reopen", "assess propose approve"),
        ("approve comment", "assess propose"),
    ],
)
def test_which_required_steps_are_missing(taken: str, missing: str) -> None:
    assert missing_steps("assess propose approve", taken.split()) == missing.split()


@given(st.lists(st.sampled_from([*MOVES])))
def test_nothing_is_missing_where_nothing_is_required(taken: list[str]) -> None:
    assert missing_steps(None, taken) == []
    assert missing_steps(" ".join(REQUIRABLE), [*taken, *REQUIRABLE]) == []


# who hears of a breach


def test_level_by_level() -> None:
    breach = datetime(2026, 11, 25, 13, tzinfo=UTC)
    found = [
        *escalations({"respond": breach}, breach + timedelta(days=1, seconds=1), ["甲", "乙", "丙"], timedelta(days=1))
    ]
    assert found == [
        Escalation("respond", 1, "甲", breach),
        Escalation("respond", 2, "乙", breach + timedelta(days=1)),
    ]
    assert [*escalations({"respond": breach}, breach, ["甲"], timedelta(days=1))] == []


@given(MOMENTS, MINUTES, MINUTES, st.lists(st.text(min_size=1), max_size=5), st.integers(0, 10_000))
def test_what_was_escalated_stays_escalated(breach: datetime, one: int, two: int, names: list[str], every: int) -> None:
    start = breach.astimezone(UTC)
    early, late = start + timedelta(minutes=min(one, two)), start + timedelta(minutes=max(one, two))
    before = [*escalations({"resolve": start}, early, names, timedelta(minutes=every))]
    after = [*escalations({"resolve": start}, late, names, timedelta(minutes=every))]
    assert after[: len(before)] == before
    assert len(after) <= len(names)


def test_people_are_listed_with_commas() -> None:
    assert people(" 张经理，李总, ,Ann Lee ") == ("张经理", "李总", "Ann Lee")
