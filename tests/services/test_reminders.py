"""Each occurrence is claimed by one run, and free again when that run did not deliver it."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from crmcli.errors import StoreError
from crmcli.queries.deliveries import channel_states
from crmcli.services.reminders import CLAIM, Run, claimed
from crmcli.store.connection import connect
from tests.rows import NOW, Rows


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    return Rows(tmp_path / "crm.db").connection


def test_an_occurrence_is_claimed_once(connection: sqlite3.Connection) -> None:
    with claimed(connection, ["a", "b"], NOW) as mine:
        assert mine == {"a", "b"}
    with claimed(connection, ["a", "b", "c"], NOW) as mine:
        assert mine == {"c"}


def test_what_another_run_is_delivering_is_taken(connection: sqlite3.Connection, tmp_path: Path) -> None:
    other = connect(tmp_path / "crm.db")
    with claimed(connection, ["a"], NOW), claimed(other, ["a", "b"], NOW) as theirs:
        assert theirs == {"b"}


def test_what_was_not_delivered_is_free_again(connection: sqlite3.Connection) -> None:
    with pytest.raises(OSError, match="full"), claimed(connection, ["a"], NOW):
        raise OSError("full")
    with claimed(connection, ["a"], NOW) as mine:
        assert mine == {"a"}


def test_what_was_told_and_can_not_be_noted_is_said(connection: sqlite3.Connection) -> None:
    with pytest.raises(StoreError, match="was told"), claimed(connection, ["a"], NOW):
        connection.execute("PRAGMA query_only = ON")


def test_what_failed_is_said_where_nothing_can_be_noted(connection: sqlite3.Connection) -> None:
    def fail() -> None:
        connection.execute("PRAGMA query_only = ON")
        raise OSError("no way")

    with pytest.raises(OSError, match="no way"), claimed(connection, ["a"], NOW):
        fail()


def test_the_claim_of_a_run_that_died_is_free_after_a_while(connection: sqlite3.Connection) -> None:
    died = claimed(connection, ["a"], NOW)
    died.__enter__()
    with claimed(connection, ["a"], NOW + CLAIM) as mine:
        assert mine == set()
    with claimed(connection, ["a"], NOW + 2 * CLAIM) as mine:
        assert mine == {"a"}
    with claimed(connection, ["a"], NOW + 9 * CLAIM) as mine:
        assert mine == set()


def test_a_dry_run_claims_nothing(connection: sqlite3.Connection) -> None:
    with claimed(connection, ["a"], NOW, dry_run=True) as mine:
        assert mine == {"a"}
    with claimed(connection, ["a"], NOW) as mine:
        assert mine == {"a"}


def test_claims_are_no_changes(connection: sqlite3.Connection) -> None:
    with claimed(connection, ["a"], NOW):
        pass
    assert connection.execute("SELECT count(*) FROM change").fetchone()[0] == 0


def test_a_pause_that_a_wrong_clock_began_does_not_hide_another(connection: sqlite3.Connection) -> None:
    wrong = Run(connection, "mail", NOW + timedelta(hours=30))
    wrong.claim(["a"])
    wrong.failed(["a"], "down", 1)
    died = Run(connection, "mail", NOW)
    assert died.claim(["a"]) == {"a"}
    run = Run(connection, "mail", NOW + timedelta(minutes=1))
    run.claim(["b"])
    run.failed(["b"], "down", 2)
    assert channel_states(connection)["mail"].rests(NOW + timedelta(minutes=2))
