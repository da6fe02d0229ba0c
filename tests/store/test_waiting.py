"""Who waits for another process: how long, what is told meanwhile, and what becomes of the log."""

from contextlib import closing

import pytest

from crmcli.store import waiting
from crmcli.store.connection import connect
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
