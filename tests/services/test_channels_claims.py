"""Claims by channel: each occurrence goes through each channel once, fails with growing pauses, and is nagged about."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crmcli.queries.deliveries import channel_states
from crmcli.services.reminders import CLAIM, Run
from tests.rows import NOW, Rows

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    return Rows(tmp_path / "crm.db").connection


@pytest.mark.parametrize("night", ["2027-03-28T00:50:00", "2027-10-31T00:50:00", "2027-10-31T01:05:00"])
def test_a_change_of_the_clock_makes_no_claim_or_pause_longer_or_shorter(
    connection: sqlite3.Connection, night: str
) -> None:
    killed = datetime.fromisoformat(night).replace(tzinfo=UTC)
    local = [(killed + minutes * MINUTE).astimezone(ZoneInfo("Europe/Berlin")) for minutes in (0, 10, 11)]
    assert Run(connection, "mail", local[0]).claim(["a"]) == {"a"}
    assert Run(connection, "mail", local[1]).claim(["a"]) == set()
    later = Run(connection, "mail", local[2])
    assert later.claim(["a"]) == {"a"}
    later.failed(["a"], "down", 2)
    assert channel_states(connection)["mail"].rests(local[2])
    assert channel_states(connection)["mail"].retry_at == f"{killed + 21 * MINUTE:%Y-%m-%dT%H:%M:%SZ}"


def test_channels_know_nothing_of_each_other(connection: sqlite3.Connection) -> None:
    mail, chat = Run(connection, "mail", NOW), Run(connection, "chat", NOW)
    assert mail.claim(["a", "b"]) == {"a", "b"}
    mail.delivered(["a", "b"])
    assert chat.claim(["a"]) == {"a"}


def test_a_failure_rests_the_channel_and_loses_nothing(connection: sqlite3.Connection) -> None:
    run = Run(connection, "mail", NOW)
    run.failed(sorted(run.claim(["a", "b"])), "no route to host", 1)
    state = channel_states(connection)["mail"]
    assert (state.waiting, state.attempts, state.error) == (2, 1, "no route to host")
    assert state.rests(NOW + 4 * MINUTE)
    assert not state.rests(NOW + 5 * MINUTE)
    later = Run(connection, "mail", NOW + 5 * MINUTE)
    assert later.claim(["a", "b", "c"]) == {"a", "b", "c"}
    later.delivered(["a", "b", "c"])
    state = channel_states(connection)["mail"]
    assert (state.waiting, state.attempts, state.retry_at, state.error) == (0, 0, None, None)


def test_a_clock_that_was_wrong_holds_nothing_up(connection: sqlite3.Connection) -> None:
    tomorrow = Run(connection, "mail", NOW + 24 * HOUR)
    tomorrow.failed(sorted(tomorrow.claim(["a"])), "down", 3)
    assert not channel_states(connection)["mail"].rests(NOW)
    assert Run(connection, "chat", NOW + 24 * HOUR).claim(["b"]) == {"b"}  # and died
    assert Run(connection, "chat", NOW).claim(["b"]) == {"b"}


def test_what_is_done_meanwhile_is_not_tried_again(connection: sqlite3.Connection) -> None:
    run = Run(connection, "mail", NOW)
    run.failed(sorted(run.claim(["a", "b"])), "down", 1)
    Run(connection, "mail", NOW).forget(["b"])
    assert channel_states(connection)["mail"].waiting == 1


def test_what_a_run_that_died_had_claimed_is_forgotten_when_it_is_done(connection: sqlite3.Connection) -> None:
    failing = Run(connection, "mail", NOW)
    failing.failed(sorted(failing.claim(["a"])), "down", 6)
    Run(connection, "mail", NOW + 6 * HOUR).claim(["a"])  # and died
    Run(connection, "mail", NOW + 6 * HOUR + 5 * MINUTE).forget([])
    assert channel_states(connection)["mail"].attempts == 6
    Run(connection, "mail", NOW + 6 * HOUR + 11 * MINUTE).forget([])
    assert "mail" not in channel_states(connection)


def test_nagging_says_it_again_until_it_is_done(connection: sqlite3.Connection) -> None:
    first = Run(connection, "mail", NOW)
    first.delivered(first.claim(["a"], nag=HOUR))
    assert Run(connection, "mail", NOW + 59 * MINUTE).claim(["a"], nag=HOUR) == set()
    second = Run(connection, "mail", NOW + HOUR)
    assert second.claim(["a"]) == set()
    assert second.claim(["a"], nag=HOUR) == {"a"}
    second.delivered(["a"])
    assert Run(connection, "mail", NOW + HOUR + MINUTE).claim(["a"], nag=HOUR) == set()
    assert connection.execute("SELECT nagged FROM reminder").fetchone()[0] == 1


def test_a_run_that_was_suspended_has_lost_its_claim(connection: sqlite3.Connection) -> None:
    sleeper = Run(connection, "mail", NOW)
    sleeper.claim(["a", "b"])
    assert Run(connection, "mail", NOW + 2 * CLAIM).claim(["a"]) == {"a"}
    assert sleeper.holds(["a", "b"]) == {"b"}
    sleeper.delivered(["a", "b"])
    rows = connection.execute("SELECT occurrence FROM reminder WHERE delivered_at IS NOT NULL").fetchall()
    assert [row[0] for row in rows] == ["b"]
