"""Who waits for another process: how long, what is told meanwhile, and what becomes of the log."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from crmcli.store import waiting
from crmcli.store.connection import connect, connect_plainly
from crmcli.store.health import examine
from crmcli.store.health.check import Subject
from crmcli.store.transaction import Transaction
from crmcli.store.waiting import begin_writing
from tests.conftest import Crm, opened


def test_a_file_that_another_program_holds_is_refused_after_a_while(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.ok("add", "张三")
    monkeypatch.setattr("crmcli.store.waiting.BUSY_SECONDS", 0.05)
    other = opened(crm.db)
    other.execute("BEGIN IMMEDIATE")
    result = crm("add", "李四")
    assert result.code == 7
    assert "locked" in result.err
    assert len(crm.data("list")) == 1  # reading goes on
    other.close()


def test_who_waits_long_to_write_is_told_once(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.ok("add", "张三")
    monkeypatch.setattr(waiting, "_TOLD_SECONDS", 0.05)
    told: list[str] = []
    with closing(connect(crm.db)) as other, closing(connect(crm.db)) as connection:

        def tell() -> None:
            told.append("told")
            other.execute("ROLLBACK")

        begin_writing(connection, tell)  # nobody keeps it waiting
        connection.execute("ROLLBACK")
        other.execute("BEGIN IMMEDIATE")
        begin_writing(connection, tell)
    assert told == ["told"]


def test_the_log_is_emptied_once_others_have_done(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.ok("add", "张三")
    told: list[str] = []
    with closing(connect(crm.db)) as other, closing(connect(crm.db)) as connection:
        connection.execute("CREATE TABLE more (x)")
        assert waiting.empty_log(connection)
        other.execute("BEGIN")
        other.execute("SELECT * FROM more").fetchall()
        connection.execute("DROP TABLE more")

        def tell() -> None:
            told.append("told")
            other.execute("ROLLBACK")

        monkeypatch.setattr(waiting, "BUSY_SECONDS", 0.2)
        assert not waiting.empty_log(connection, tell)
        monkeypatch.setattr(waiting, "_TOLD_SECONDS", 0.1)
        assert waiting.empty_log(connection, tell)
    assert told == ["told"]


def test_who_waits_long_to_read_is_told_once(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.ok("add", "张三")
    monkeypatch.setattr("crmcli.store.connection._DOUBT_SECONDS", 0.05)
    told: list[str] = []
    with kept_to_itself(crm.db) as other:

        def tell() -> None:
            told.append("told")
            other.close()

        with closing(connect(crm.db, waiting=tell)) as connection:
            assert connection.execute("SELECT count(*) FROM contact").fetchone()[0] == 1
    assert told == ["told"]


def test_a_backup_of_a_file_that_another_program_keeps_to_itself_is_given_up(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm.ok("add", "张三")
    monkeypatch.setattr("crmcli.store.connection._DOUBT_SECONDS", 0.05)
    monkeypatch.setattr("crmcli.store.backup.connect_plainly", partial(connect_plainly, patience=0.1))
    with kept_to_itself(crm.db):
        result = crm("backup", "--to", str(crm.db.parent / "copies"))
    assert result.code == 7
    assert "locked by another program" in result.err
    assert not list((crm.db.parent / "copies").iterdir())


def test_the_doctor_says_that_it_waits_for_who_writes(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.ok("add", "张三")
    monkeypatch.setattr(waiting, "_TOLD_SECONDS", 0.05)
    told: list[str] = []
    with closing(connect(crm.db)) as other, closing(connect(crm.db)) as connection:

        def tell() -> None:
            told.append("told")
            other.execute("ROLLBACK")

        def nothing_to_mend() -> AbstractContextManager[Transaction]:
            raise AssertionError

        other.execute("BEGIN IMMEDIATE")
        subject = Subject(connection, crm.db, datetime(2027, 1, 1, tzinfo=UTC), "CN", nothing_to_mend, waiting=tell)
        assert all(finding.ok for finding in examine(subject))
    assert told == ["told"]


def test_a_doctor_whom_others_keep_from_the_index_says_so(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.ok("add", "张三")
    monkeypatch.setattr(waiting, "BUSY_SECONDS", 0.05)
    with closing(connect(crm.db)) as other:
        other.execute("BEGIN IMMEDIATE")
        result = crm("doctor")
    assert result.code == 1
    assert "another program is writing" in result.out


@contextmanager
def kept_to_itself(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that lets nobody else so much as read."""
    with closing(connect(path)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        yield other
