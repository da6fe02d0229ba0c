"""Who may use a database stays as it was when another file takes its place."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crmcli.store.backup import back_up
from crmcli.store.database import open_database
from crmcli.store.restore import prepared, put_in_place
from tests.conftest import ENCRYPTED_TOO, Crm

pytestmark = ENCRYPTED_TOO
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def test_a_file_that_takes_the_place_of_a_teams_is_the_teams_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "data" / "crm.db"
    open_database(database).close()

    def refuse(*_of: object) -> None:
        raise PermissionError

    backup = back_up(database, tmp_path, NOW)[0].path
    if os.getuid() == 0:
        os.chown(database, -1, 12345)
    database.chmod(0o660)
    was = database.stat()
    with prepared(backup, database) as ready:
        assert ready.copy.stat().st_mode & 0o777 == 0o600
        put_in_place(ready.copy, database, NOW)
    put = database.stat()
    assert (put.st_mode, put.st_uid, put.st_gid) == (was.st_mode, was.st_uid, was.st_gid)
    monkeypatch.setattr("os.chown", refuse)  # as where this user does not belong to the group
    with prepared(backup, database) as ready:
        put_in_place(ready.copy, database, NOW)
    assert database.stat().st_mode & 0o777 == (0o660 if database.stat().st_gid == was.st_gid else 0o600)


@pytest.mark.parametrize(
    ("file", "folder", "closed"),
    [
        (0o644, 0o755, 0o600),  # anybody may read it
        (0o660, 0o755, 0o600),  # its group may write it and not what SQLite needs beside it: nobody works with it so
        (0o664, 0o2770, 0o660),  # a team's, and anybody's
    ],
)
def test_the_doctor_closes_a_file_to_all_but_whom_it_was_given_to(
    crm: Crm, file: int, folder: int, closed: int
) -> None:
    shared = crm.db.parent / "shared"
    shared.mkdir()
    shared.chmod(folder)
    crm.ok("--db", str(shared / "crm.db"), "add", "张三")
    (shared / "crm.db").chmod(file)
    found = crm("--db", str(shared / "crm.db"), "doctor")
    assert (found.code, f"{file:04o}" in found.out) == (1, True)
    crm.ok("--db", str(shared / "crm.db"), "doctor", "--fix")
    assert (shared / "crm.db").stat().st_mode & 0o777 == closed


def test_the_doctor_leaves_a_team_its_file(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.db.chmod(0o660)
    crm.db.parent.chmod(0o770)
    crm.ok("doctor", "--fix")
    assert crm.db.stat().st_mode & 0o777 == 0o660


def test_a_folder_that_anybody_may_write_is_closed(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.db.parent.chmod(0o777)
    assert crm("doctor").code == 1
    crm.ok("doctor", "--fix")
    assert crm.db.parent.stat().st_mode & 0o777 == 0o775
