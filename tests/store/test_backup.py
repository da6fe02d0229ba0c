"""Backups: consistent while others write, complete or not there, and put back without losing what was replaced."""

import gzip
import os
import shutil
import sqlite3
import threading
import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path

import pytest

from crmcli.errors import ConflictError, NotFoundError, StoreError
from crmcli.rules.sizes import readable_size
from crmcli.store.backup import back_up, backup_before, copy_database, inspect, list_backups, prune
from crmcli.store.connection import SCHEMA, connect, store_error
from crmcli.store.copies import copies_with
from crmcli.store.database import open_database
from crmcli.store.files import lost
from crmcli.store.leftovers import leftovers
from crmcli.store.network import switch_log_on
from crmcli.store.restore import prepared, put_in_place
from tests.conftest import ENCRYPTED_TOO, opened
from tests.pages import page_size

pytestmark = ENCRYPTED_TOO
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
INSERT = (
    "INSERT INTO contact (uid, name, name_key, sort_key, fields, created_at, updated_at) "
    "VALUES (hex(randomblob(16)), ?, ?, ?, '{}', '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z')"
)


def _add(connection: sqlite3.Connection, name: str) -> None:
    connection.execute(INSERT, (name, name, name))


def _names(path: Path) -> list[str]:
    with closing(connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM contact ORDER BY id")]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "crm.db"
    with closing(open_database(path)) as connection:
        _add(connection, "Ann")
    return path


def test_a_backup_has_what_is_only_in_the_log(database: Path, tmp_path: Path) -> None:
    with closing(connect(database)) as writer:
        _add(writer, "Ben")
        assert database.with_name("crm.db-wal").stat().st_size
        made, contents = back_up(database, tmp_path / "to", NOW)
    assert made.path == tmp_path / "to" / "crm-2026-11-25T090000.db"
    assert (made.path.stat().st_mode & 0o777, made.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert contents.counts["contacts"] == 2
    assert _names(made.path) == ["Ann", "Ben"]
    assert [path.name for path in made.path.parent.iterdir()] == [made.path.name]


def test_a_backup_is_of_one_moment_while_others_write(database: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        with closing(connect(database)) as writer:
            while not stop.is_set():
                writer.execute("BEGIN IMMEDIATE")
                _add(writer, "left")
                _add(writer, "right")
                writer.execute("COMMIT")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        made = [back_up(database, tmp_path / "to", NOW)[0] for _ in range(5)]
    finally:
        stop.set()
        thread.join()
    assert len({backup.path for backup in made}) == 5
    for backup in made:
        names = _names(backup.path)
        assert names.count("left") == names.count("right")


def test_a_name_is_never_taken_by_an_empty_file(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_paths: object, **_how: object) -> None:
        raise Killed

    for step in ("replace", "unlink"):
        with monkeypatch.context() as patch, suppress(Killed):
            patch.setattr(Path, step, killed)
            back_up(database, tmp_path / step, NOW)
        assert all(_names(path) for path in (tmp_path / step).glob("crm-*.db"))


def test_a_disk_without_links_has_backups_too(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_paths: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    made = [back_up(database, tmp_path / "to", NOW)[0].path for _ in range(2)]
    assert [path.name for path in made] == ["crm-2026-11-25T090000.db", "crm-2026-11-25T090000-2.db"]
    assert [_names(path) for path in made] == [["Ann"], ["Ann"]]
    assert {path.name for path in (tmp_path / "to").iterdir()} == {path.name for path in made}


def test_an_open_transaction_is_not_in_the_backup_before_it(database: Path) -> None:
    with closing(connect(database)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        _add(writer, "Ben")
        path = backup_before(database, "import", NOW)
        writer.execute("ROLLBACK")
    assert path == database.parent / "backups" / "crm-2026-11-25T090000.before-import.db"
    assert _names(path) == ["Ann"]


def test_nothing_is_kept_of_a_database_without_records(tmp_path: Path) -> None:
    open_database(tmp_path / "crm.db").close()
    assert backup_before(tmp_path / "crm.db", "import", NOW) is None
    assert not (tmp_path / "backups").exists()


def test_the_last_automatic_backups_stay_and_the_users_own(database: Path) -> None:
    folder = database.parent / "backups"
    mine = back_up(database, folder, NOW)[0].path
    made = [backup_before(database, "import", NOW + timedelta(days=day)) for day in range(1, 6)]
    assert [backup.path for backup in list_backups(database, folder)] == [mine, *made[2:]]


def test_only_our_own_oldest_backups_are_deleted(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "to"
    made = [back_up(database, folder, NOW + timedelta(hours=hour))[0].path for hour in range(4)]
    other = folder / "crm-2020-01-01T000000.db"
    other.write_text("not a backup")
    elsewhere = back_up(database.rename(database.with_name("shop.db")), folder, NOW)[0].path
    database.with_name("shop.db").rename(database)
    assert prune(database, folder, 2, made[0], dry_run=True) == made[1:3]
    assert prune(database, folder, 2, made[0]) == made[1:3]
    assert sorted(folder.iterdir()) == sorted([made[0], made[3], other, elsewhere])


def test_a_dry_run_leaves_nothing(database: Path, tmp_path: Path) -> None:
    made, contents = back_up(database, tmp_path / "to", NOW, dry_run=True)
    assert contents.counts["contacts"] == 1
    assert not made.path.parent.exists()
    assert [path.name for path in database.parent.iterdir()] == ["crm.db"]


def test_a_damaged_database_makes_no_backup(database: Path, tmp_path: Path) -> None:
    content = bytearray(database.read_bytes())
    size = page_size(content)
    content[size * 3 : size * 20] = bytes(size * 17)
    database.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        back_up(database, tmp_path / "to", NOW)
    assert list((tmp_path / "to").iterdir()) == []


def test_where_nothing_can_be_written_it_says_so(database: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="file"):
        back_up(database, tmp_path / "file", NOW)
    with pytest.raises(StoreError, match="no database"):
        back_up(tmp_path / "none.db", tmp_path, NOW)


def test_a_copy_replaces_what_is_there(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    target.write_text("old")
    copy_database(database, target)
    assert _names(target) == ["Ann"]


def test_a_restored_backup_takes_the_place_and_the_replaced_file_is_whole(database: Path, tmp_path: Path) -> None:
    backup = back_up(database, tmp_path, NOW)[0].path
    with closing(connect(database)) as writer:
        _add(writer, "Ben")
        log = database.with_name("crm.db-wal").read_bytes()
    database.with_name("crm.db-wal").write_bytes(log)  # as after a crash
    with prepared(backup, database) as ready:
        replaced = put_in_place(ready.copy, database, NOW)
    assert replaced == database.with_name("crm.db.replaced-2026-11-25T090000")
    assert _names(database) == ["Ann"]
    assert _names(replaced) == ["Ann", "Ben"]
    assert database.stat().st_mode & 0o777 == 0o600
    with closing(connect(database)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert sorted(path.name for path in database.parent.iterdir()) == ["crm.db", replaced.name]


def test_a_database_in_use_is_not_replaced(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crmcli.store.restore._PATIENCE_SECONDS", 0.1)
    backup = back_up(database, tmp_path, NOW)[0].path
    with closing(connect(database)) as other, prepared(backup, database) as ready:
        other.execute("SELECT * FROM contact").fetchone()
        with pytest.raises(StoreError, match="locked"):
            put_in_place(ready.copy, database, NOW)
        _add(other, "Ben")
    assert _names(database) == ["Ann", "Ben"]


def test_a_damaged_database_is_kept_with_its_log(database: Path, tmp_path: Path) -> None:
    backup = back_up(database, tmp_path, NOW)[0].path
    database.write_bytes(b"nonsense" * 1000)
    database.with_name("crm.db-wal").write_bytes(b"log")
    with prepared(backup, database) as ready:
        replaced = put_in_place(ready.copy, database, NOW)
    assert replaced is not None
    assert replaced.read_bytes() == b"nonsense" * 1000
    assert replaced.with_name(replaced.name + "-wal").read_bytes() == b"log"
    assert _names(database) == ["Ann"]


def test_the_log_of_a_vanished_database_is_not_taken_for_the_new_ones(database: Path, tmp_path: Path) -> None:
    backup = back_up(database, tmp_path, NOW)[0].path
    database.unlink()
    database.with_name("crm.db-wal").write_bytes(b"log")
    with prepared(backup, database) as ready:
        assert put_in_place(ready.copy, database, NOW) is None
    assert _names(database) == ["Ann"]


def test_what_is_no_backup_is_refused(database: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE thing (id)")
    newer = back_up(database, tmp_path, NOW)[0].path
    with closing(opened(newer)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("Dear Sir or Madam, " * 300)
    (tmp_path / "packed").write_bytes(gzip.compress(newer.read_bytes()))
    before = database.read_bytes()
    for file, error, said in (
        (other, StoreError, "another program"),
        (newer, StoreError, "newer crm"),
        (tmp_path / "empty", StoreError, "empty"),
        (tmp_path / "text", StoreError, "text is damaged"),
        (tmp_path / "packed", StoreError, "packed is compressed"),
        (tmp_path / "none", NotFoundError, "no file"),
        (database, ConflictError, "itself"),
    ):
        with pytest.raises(error, match=said), prepared(file, database):
            pass
    assert database.read_bytes() == before
    assert [path.name for path in database.parent.iterdir()] == ["crm.db"]


def test_a_copy_made_by_hand_is_read_with_its_log_and_left_as_it_is(database: Path, tmp_path: Path) -> None:
    with closing(connect(database)) as writer:
        _add(writer, "Ben")
        copy = tmp_path / "copy.db"
        copy.write_bytes(database.read_bytes())
        (tmp_path / "copy.db-wal").write_bytes(database.with_name("crm.db-wal").read_bytes())
    before = copy.read_bytes()
    with prepared(copy, tmp_path / "new" / "crm.db") as ready:
        assert ready.contents.counts["contacts"] == 2
        put_in_place(ready.copy, tmp_path / "new" / "crm.db", NOW)
    assert _names(tmp_path / "new" / "crm.db") == ["Ann", "Ben"]
    assert copy.read_bytes() == before


def test_what_is_in_a_backup_can_be_told(database: Path) -> None:
    contents = inspect(database)
    assert (contents.schema, contents.counts["companies"], contents.newest) == (SCHEMA, 0, None)


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 B"), (999, "999 B"), (352_256, "352 KB"), (2_949_120, "2.9 MB"), (10**16, "10000.0 TB")]
)
def test_sizes_are_said_in_decimal_units(count: int, said: str) -> None:
    assert readable_size(count) == said


def test_what_killed_processes_left_is_told_and_goes_with_the_next_backup(database: Path) -> None:
    beside, kept = database.parent, database.parent / "backups"
    folder = beside / ".crm.db.restore-x1"
    for place in (kept, folder):
        place.mkdir()
    old = [kept / ".crm-2026-01-01T000000.x.part", kept / "crm-2026-01-01T000000.db", beside / ".crm.x.part-journal"]
    new = [kept / ".crm-2026-01-01T000000.y.part", beside / "notes.part", kept / "other-1.db"]
    for path in (*old, *new, folder / "crm.db"):
        path.touch()
    for path in (*old, folder):
        os.utime(path, (0, 0))
    assert {*leftovers(database, kept, time.time())} == {*old, folder}
    assert {*old, folder, new[0]} <= {*copies_with(database, ["x"])}  # nobody can say who is in them
    back_up(database, kept, NOW)
    assert not any(path.exists() for path in (*old, folder))
    assert all(path.exists() for path in new)


def test_who_waited_while_the_database_was_replaced_is_told_and_writes_nothing(database: Path) -> None:
    copy = database.with_name("copy.db")
    copy_database(database, copy)
    with closing(connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("SELECT count(*) FROM contact").fetchone()
        copy.replace(database)
        with pytest.raises(sqlite3.OperationalError) as refused:
            _add(connection, "late")
        assert "was replaced by another file" in store_error(refused.value, database).message
        with pytest.raises(sqlite3.OperationalError) as refused:
            switch_log_on(connection, database)
        assert "was replaced by another file" in store_error(refused.value, database).message
    assert _names(database) == ["Ann"]
    assert not database.with_name("crm.db-wal").exists()


def test_one_that_another_run_deletes_meanwhile_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "crm.db"
    open_database(database).close()
    (tmp_path / "crm-2026-11-25T090000.db").write_bytes(database.read_bytes())

    def gone(path: Path) -> bool:
        path.unlink()
        return True

    monkeypatch.setattr("crmcli.store.backup.is_encrypted", gone)
    assert list_backups(database, tmp_path) == []


def test_one_that_has_no_room_leaves_no_journal(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_origin: object, copy: sqlite3.Connection, _source: Path) -> None:
        Path(f"{copy.execute('PRAGMA database_list').fetchone()[2]}-journal").touch()  # SQLite's own, on a full disk
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr("crmcli.store.backup._copy", fail)
    with pytest.raises(StoreError, match="no space left"):
        back_up(database, tmp_path / "to", NOW)
    assert not [*(tmp_path / "to").iterdir()]


@pytest.mark.parametrize(
    ("number", "said"), [(ENOSPC, "no space left for"), (EDQUOT, "no space left for"), (EFBIG, "did not let")]
)
def test_what_is_full_is_not_where_the_backup_is(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    made, _contents = back_up(database, tmp_path / "to", NOW)

    def fail(source: Path, _target: Path) -> None:
        raise OSError(number, os.strerror(number), str(source))  # as copyfile says it

    monkeypatch.setattr(shutil, "copyfile", fail)
    with pytest.raises(StoreError, match=f"{said} {database.parent}( be written)?$"), prepared(made.path, database):
        pass


def test_one_that_another_run_finds_one_too_many_at_once_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "crm.db"
    open_database(database).close()

    def prune_meanwhile(_leftovers: list[Path]) -> None:
        for path in tmp_path.glob("crm-*.db"):
            path.unlink()

    monkeypatch.setattr("crmcli.store.backup.clear", prune_meanwhile)
    made, _contents = back_up(database, tmp_path, NOW)
    assert made.size == database.stat().st_size
    assert not made.path.exists()
    assert lost(made.path, database) == []


def test_a_backup_has_its_name_once_its_attachments_are_there(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_source: Path, _target: Path) -> None:
        raise StoreError("no space left")

    monkeypatch.setattr("crmcli.store.backup.copy_missing", fail)
    with pytest.raises(StoreError, match="no space left"):
        back_up(database, tmp_path / "to", NOW)
    assert not [*(tmp_path / "to").iterdir()]
