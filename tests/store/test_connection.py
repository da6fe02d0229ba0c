"""The database file: private, refused with exit 7 where it can't be used, and safe with many processes at once."""

import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crmcli.errors import StoreError
from crmcli.store import transaction, waiting
from crmcli.store.archive import copy_to_archive
from crmcli.store.backup import back_up
from crmcli.store.connection import APPLICATION_ID, PAGE_SIZE, SCHEMA, connect, store_error
from crmcli.store.database import open_database
from crmcli.store.driver import Connection, is_encrypted
from crmcli.store.opened import _connections
from crmcli.store.search import refresh
from tests import writer
from tests.conftest import ENCRYPTED_TOO, Crm, content, opened
from tests.pages import ENCRYPTED

PROCESSES = 8
COMMANDS = (("list",), ("today",), ("add", "张三"), ("remind",), ("undo",), ("list", "-o", "json"))


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_file_and_folder_are_their_owners_alone(crm: Crm, umask: int) -> None:
    crm.db = crm.folder / "new" / "folder" / "crm.db"
    before = os.umask(umask)
    try:
        crm.ok("add", "张三")
        connection = open_database(crm.db)  # with the write-ahead log beside it
        connection.execute("BEGIN IMMEDIATE")
        modes = {path.name: path.stat().st_mode & 0o777 for path in crm.db.parent.iterdir()}
        connection.close()
    finally:
        os.umask(before)
    assert crm.db.parent.stat().st_mode & 0o777 == 0o700
    assert set(modes.values()) == {0o600}
    assert "crm.db-wal" in modes


def test_the_file_is_ours_and_safe(crm: Crm) -> None:
    crm.ok("list")
    connection = connect(crm.db)
    pragmas = ("journal_mode", "foreign_keys", "user_version", "application_id", "page_size")
    values = [str(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in pragmas]
    pages = ENCRYPTED if is_encrypted(crm.db) else PAGE_SIZE
    assert values == ["wal", "1", str(SCHEMA), str(int.from_bytes(b"CRMC")), str(pages)]
    connection.close()


@ENCRYPTED_TOO
@pytest.mark.parametrize("fate", ["replaced", "deleted", "moved"])
@pytest.mark.parametrize("late", [False, True])
def test_nothing_counts_as_written_that_nobody_will_find(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, fate: str, late: bool
) -> None:
    crm.ok("add", "张三")
    other = crm.folder / "other.db"
    shutil.copy(crm.db, other)
    if fate == "moved":
        other = crm.folder / "there.db"

    def befall() -> None:
        if fate == "replaced":
            other.replace(crm.db)
        elif fate == "deleted":
            crm.db.unlink()
        else:
            crm.db.rename(other)

    def moved_before(*arguments: Any) -> None:
        refresh(*arguments)
        befall()

    def moved_after(connection: Connection, hint: str) -> None:
        if not connection.in_transaction:
            befall()
        require_in_place(connection, hint)

    require_in_place = waiting._require_in_place  # noqa: SLF001 - the moment after the commit
    if late:
        monkeypatch.setattr(waiting, "_require_in_place", moved_after)
    else:
        monkeypatch.setattr(transaction, "refresh", moved_before)
    result = crm("add", "李四")
    assert (result.code, result.out) == (7, "")
    assert result.err.startswith(f"error: {crm.db} was moved, deleted or replaced meanwhile — ")
    assert ("nothing was written" in result.err) != late


def test_an_empty_file_becomes_a_database(crm: Crm) -> None:
    crm.db.touch()
    crm.ok("add", "张三")
    assert len(crm.data("list")) == 1


@pytest.mark.parametrize("made_by", ["another program", "a newer crm"])
def test_what_is_refused_is_not_left_open(tmp_path: Path, made_by: str) -> None:
    path = tmp_path / "foreign.db"
    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute("CREATE TABLE photos (id INTEGER)")
        if made_by == "a newer crm":
            foreign.executescript(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA + 1}")
    with pytest.raises(StoreError, match=made_by) as refusal:
        open_database(path)
    assert refusal.tb is not None  # it still knows what was open at that moment
    assert path not in {connection.opened[0] for connection in _connections}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("what", ["folder", "text", "half", "foreign", "below a file", "device", "pipe"])
def test_what_is_no_database_of_ours_is_refused_untouched(crm: Crm, what: str, command: tuple[str, ...]) -> None:
    crm.db.unlink()
    if what == "folder":
        crm.db.mkdir()
    elif what == "text":
        crm.db.write_text("姓名,手机\n" * 500, "utf-8")
    elif what == "half":
        crm.db.write_bytes(b"SQLite format 3\x00" + b"\xff" * 3000)
    elif what == "foreign":
        foreign = sqlite3.connect(crm.db)
        foreign.execute("CREATE TABLE photos (id INTEGER)")
        foreign.close()
    elif what == "pipe":
        os.mkfifo(crm.db)
    elif what == "device":
        crm.db = Path(os.devnull)
    else:
        crm.db.write_text("no folder", "utf-8")
        crm.db = crm.db / "crm.db"
    before = crm.db.read_bytes() if crm.db.is_file() else None
    result = crm(*command)
    assert result.code == 7, result
    assert result.out == ""
    assert "Traceback" not in result.err
    assert len(result.err.splitlines()) == 1
    if before is not None:
        assert crm.db.read_bytes() == before


def test_a_damaged_page_is_told_as_damage(crm: Crm) -> None:
    crm.ok("add", "张三", "--notes", "x" * 50_000)
    with crm.db.open("r+b") as file:
        file.seek(PAGE_SIZE)
        file.write(b"\xde\xad" * ((crm.db.stat().st_size - PAGE_SIZE) // 2))
    result = crm("list")
    assert result.code == 7, result
    assert "Traceback" not in result.err
    assert "damaged" in result.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everywhere")
def test_a_place_without_permission_is_refused(crm: Crm) -> None:
    crm.db.parent.joinpath("closed").mkdir(mode=0o500)
    crm.db = crm.folder / "closed" / "crm.db"
    result = crm("add", "张三")
    assert result.code == 7
    assert "permission" in result.err


@pytest.mark.skipif(not Path("/proc/sys").is_dir(), reason="a place where even root can't write is needed")
def test_a_place_where_nobody_can_write_is_refused(crm: Crm) -> None:
    crm.db = Path("/proc/sys/crm/crm.db")
    result = crm("add", "张三")
    assert result.code == 7
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("database or disk is full", "no space left"),
        ("[Errno 28] No space left on device", "no space left"),
        ("attempt to write a readonly database", "can't be written"),
        ("[Errno 30] Read-only file system", "can't be written"),
        ("database disk image is malformed", "damaged"),
        ("malformed database schema (contact)", "damaged"),
        ("malformed JSON", "can't be used: malformed JSON"),  # a cell, and not the file
        ("file is not a database", "not a database"),
        ("something new", "can't be used: something new"),
    ],
)
def test_what_the_system_says_becomes_what_to_do(said: str, told: str) -> None:
    error = store_error(sqlite3.OperationalError(said), Path("crm.db"))
    assert isinstance(error, StoreError)
    assert told in error.message
    assert error.hint


def test_a_dry_run_writes_nothing(crm: Crm) -> None:
    crm.ok("add", "张三")
    before = [table(crm.db) for table in (_contacts, _changes)]
    crm.ok("add", "李四", "-n")
    assert [table(crm.db) for table in (_contacts, _changes)] == before


def test_processes_that_create_and_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "crm.db"
    _at_once(writer.work, path)
    connection = connect(path)
    logs = connection.execute("SELECT count(*), count(DISTINCT text) FROM followup").fetchone()
    assert tuple(logs) == (PROCESSES * writer.LOGS, PROCESSES * writer.LOGS)
    assert _contacts(path) == PROCESSES
    assert _changes(path) == PROCESSES * (writer.LOGS + 1)
    journalled = connection.execute("SELECT count(*) FROM change_row WHERE entity = 'followup'").fetchone()[0]
    assert journalled == PROCESSES * writer.LOGS
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    connection.close()


def _at_once(work: object, path: Path) -> None:
    """Run the work in several processes of their own and wait until all of them have succeeded."""
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(PROCESSES)
    processes = [context.Process(target=writer.after, args=(gate, work, path, number)) for number in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
    assert [process.exitcode for process in processes] == [0] * PROCESSES


def _contacts(path: Path) -> int:
    return _count(path, "contact")


def _changes(path: Path) -> int:
    return _count(path, "change")


def _count(path: Path, table: str) -> int:
    connection = connect(path)
    count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    connection.close()
    return count


@pytest.mark.parametrize(
    "name", ["file:new%20one.db", "file:{folder}/new%20one.db", "file://{folder}/new%20one.db", "./new one.db"]
)
def test_a_database_named_as_sqlite_does_is_one_private_file(
    crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    crm.not_begun()
    where = {"CRM_DB": name.format(folder=tmp_path)}
    crm.ok("init", **where)
    crm.ok("add", "张三", **where)
    assert [path.name for path in tmp_path.glob("*db")] == ["new one.db"]
    assert (tmp_path / "new one.db").stat().st_mode & 0o777 == 0o600
    copy = crm.data("backup", **where)["path"]
    crm.ok("add", "李四", **where)
    crm.ok("restore", copy, "-y", **where)
    assert len(crm.data("list", **where)) == 1


@pytest.mark.parametrize(
    "name", [":memory:", "sqlite:///:memory:", "file::memory:", "file:x.db?mode=memory", "file://host/x.db"]
)
def test_what_would_be_gone_at_the_end_is_refused(crm: Crm, name: str) -> None:
    assert crm("add", "张三", CRM_DB=name).code == 7
    assert not Path(":memory:").exists()
    assert not [*Path().glob("*x.db*")]


def test_a_file_where_a_folder_belongs_is_told(tmp_path: Path) -> None:
    error = store_error(FileExistsError(17, "File exists", str(tmp_path)), tmp_path / "crm.db")
    assert error.message == f"{tmp_path} is a file and no folder"
    assert "Errno" not in store_error(OSError(5, "Input/output error"), tmp_path).message


def test_a_word_in_a_path_is_not_what_the_system_said(tmp_path: Path) -> None:
    error = PermissionError(13, "Permission denied", str(tmp_path / "full" / "locked"))
    assert store_error(error, tmp_path / "full").message.startswith("no permission for")


@pytest.mark.parametrize("command", [("log", "1", "x"), ("plan", "1", "tomorrow")])
def test_who_was_deleted_while_a_command_waited_is_said_in_words(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    crm.ok("add", "张三")

    def meanwhile(connection: Connection, _waiting: object) -> None:
        monkeypatch.undo()
        crm.ok("contact", "delete", "1", "-y")
        waiting.begin_writing(connection)

    monkeypatch.setattr(transaction, "begin_writing", meanwhile)
    result = crm(*command)
    assert (result.code, result.out) == (5, "")
    assert "was deleted or merged meanwhile" in result.err


@ENCRYPTED_TOO
def test_where_tests_say_so_their_database_is_encrypted(crm: Crm, file_key: str) -> None:
    crm.ok("add", "张三丰")
    assert is_encrypted(crm.db) == bool(file_key)
    assert ("张三丰".encode() in crm.db.read_bytes()) != bool(file_key)
    assert "张三丰".encode() in content(crm.db)


@ENCRYPTED_TOO
def test_who_writes_switches_on_the_log_that_a_killed_run_left_off(crm: Crm) -> None:
    def mode(wanted: str = "") -> str:
        with closing(opened(crm.db)) as connection:
            return str(connection.execute(f"PRAGMA journal_mode {wanted}").fetchone()[0])

    assert mode("= DELETE") == "delete"
    crm.ok("list")
    crm.ok("add", "张三", "-n")
    assert mode() == "delete"
    crm.ok("add", "张三")
    assert mode() == "wal"


_WRITE = """
import sys
from contextlib import closing
from pathlib import Path
from crmcli.store.connection import connect
with closing(connect(Path(sys.argv[1]))) as connection:
    connection.execute("INSERT INTO kept VALUES ('theirs')")
"""


def _looked_at(database: Path) -> None:
    assert is_encrypted(database) in (True, False)


def _backed_up(database: Path) -> None:
    for _time in range(3):
        back_up(database, database.parent / "backups", datetime(2026, 11, 25, 9, 0, tzinfo=UTC))


def _archived(database: Path) -> None:
    copy_to_archive(database, database.with_name("archive.db"), {})


@ENCRYPTED_TOO
@pytest.mark.parametrize("use", [_looked_at, _backed_up, _archived])
def test_nothing_that_reads_the_file_lets_go_of_its_locks(
    tmp_path: Path, file_key: str, use: Callable[[Path], None]
) -> None:
    """A process that takes itself for the last one deletes the log; what is written to it afterwards is lost."""
    database = tmp_path / "crm.db"
    their_write = [sys.executable, "-c", _WRITE, str(database)]
    environ = {**os.environ, "CRM_KEY": file_key}
    with closing(open_database(database)) as connection:
        connection.execute("CREATE TABLE kept (whose TEXT)")
        use(database)
        subprocess.run(their_write, check=True, env=environ)
        connection.execute("INSERT INTO kept VALUES ('ours')")
        with closing(connect(database)) as other:
            assert [row[0] for row in other.execute("SELECT whose FROM kept")] == ["theirs", "ours"]
        subprocess.run(their_write, check=True, env=environ)
    with closing(connect(database)) as other:
        assert [row[0] for row in other.execute("SELECT whose FROM kept")] == ["theirs", "ours", "theirs"]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="a process's descriptors are not listed here")
def test_descriptors_are_not_kept_for_ever(tmp_path: Path) -> None:
    database = tmp_path / "crm.db"
    connections = [open_database(database) for _time in range(5)]
    before = _open(database)
    for _time in range(5):
        is_encrypted(database)
    assert _open(database) <= before + 1
    for connection in connections:
        connection.close()
    is_encrypted(database)
    assert _open(database) == 0


def _open(database: Path) -> int:
    return sum(path.exists() and path.samefile(database) for path in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize("suffix", ["-shm", "-journal"])
def test_a_folder_with_a_name_that_sqlite_needs_is_named(crm: Crm, suffix: str) -> None:
    crm.ok("add", "张三")
    Path(f"{crm.db}{suffix}").mkdir()
    refused = crm("add", "李四")
    assert (refused.code, f"crm.db{suffix} is a folder" in refused.err) == (7, True), refused
