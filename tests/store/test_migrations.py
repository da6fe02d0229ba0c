"""Migrations: from nothing they make what the models make, and an upgrade loses nothing."""

import json
import os
import re
import shutil
import sqlite3
from contextlib import closing
from errno import ENOSPC
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from crmcli.store import migrations, network, schema, search
from crmcli.store.backup import copy_database
from crmcli.store.connection import APPLICATION_ID, SCHEMA, connect, schema_of
from crmcli.store.database import open_database
from tests import tables
from tests.conftest import ENCRYPTED_TOO, Crm, empty_database, opened
from tests.schemas import take_for_newest

NEXT = f'''
"""A migration as a later version may have one: a new column, and a table made anew."""

import sqlalchemy as sa
from alembic import op

revision = "{SCHEMA + 1:04}"
down_revision = "{SCHEMA:04}"


def upgrade():
    op.add_column("contact", sa.Column("nickname", sa.Text))
    with op.batch_alter_table("company", recreate="always", table_kwargs={{"sqlite_strict": True}}) as batch:
        batch.add_column(sa.Column("credit", sa.Text))
'''


_NEXT_FILE = f"{SCHEMA + 1:04}_next.py"

DERIVED = {4: "7b8071278a03"}
"""The check sum of what is derived, of this schema."""

FIRST_VERSION = """
INSERT INTO contact (id, uid, name, name_key, pinyin, initials, sort_key, fields, created_at, updated_at)
VALUES (1, 'a', '张三', '张三', 'zhangsan', 'zs', 'zhang 张 san 三', '{{}}', '{then}', '{then}');
INSERT INTO complaint
(id, uid, contact_id, type, severity, text, status, received_at, assignee, created_at, updated_at)
VALUES (7, 'b', 1, 'complaint', 'high', '晚了', 'received', '{then}', '李四', '{then}', '{then}');
INSERT INTO reminder VALUES ('complaint:7', '{then}', '{then}');
INSERT INTO vocabulary ("set", code, en, zh, aliases, position)
VALUES ('class', 'core', 'core', '核心', '', 1), ('class', 'gold', 'gold', '金牌', '', 2),
('complaint_step', 'receive', 'taken', '收到', '', 1);
PRAGMA application_id = {id};
PRAGMA user_version = 1;
"""


def _described(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return tables and indexes with everything that SQLite knows of them."""
    described: dict[str, Any] = {}
    for kind, name, sql in connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND name <> 'alembic_version' "
        "AND tbl_name <> 'alembic_version'"
    ).fetchall():
        described[f"{kind} {name}"] = [
            sorted(
                filter(None, map(str.strip, re.split(r"[\n,()]", sql or "")))
            ),  # the order of constraints says nothing
            *(
                sorted(tuple(row)[numbered:] for row in connection.execute(f'PRAGMA {pragma}("{name}")').fetchall())
                for pragma, numbered in (
                    ("table_info", 0),
                    ("index_list", 1),
                    ("index_xinfo", 0),
                    ("foreign_key_list", 2),
                )
            ),
        ]
    return described


def _empty(path: Path) -> sqlite3.Connection:
    path.touch()
    connection = connect(path)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def _contents(path: Path, names: tuple[str, ...] = schema.JOURNALLED) -> dict[str, list[dict[str, Any]]]:
    connection = connect(path)
    content = {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY id")] for name in names}
    connection.close()
    return content


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_key: str) -> None:
    """Make this program one of the next schema."""
    empty_database(file_key)  # is kept: of today's schema
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / _NEXT_FILE).write_text(NEXT, "utf-8")
    monkeypatch.setattr(migrations, "FOLDER", folder)
    take_for_newest(monkeypatch, SCHEMA + 1)


def test_migrations_make_what_the_models_make(tmp_path: Path) -> None:
    migrated, created = _empty(tmp_path / "migrated.db"), _empty(tmp_path / "created.db")
    migrations.run_migrations(migrated)
    schema.create_tables(created)
    assert _described(migrated) == _described(created)
    stamps = [c.execute("SELECT version_num FROM alembic_version").fetchall() for c in (migrated, created)]
    assert [tuple(row) for row in stamps[0]] == [tuple(row) for row in stamps[1]]


def test_a_new_database_begins_with_what_the_models_declare() -> None:
    assert tables.FILE.read_text("utf-8") == tables.script(), "python -m tests.tables"


def test_the_three_places_name_the_same_version() -> None:
    newest = max(path.name[:4] for path in (migrations.FOLDER / "versions").glob("[0-9]*.py"))
    assert newest == schema.HEAD == f"{SCHEMA:04}"


def test_what_is_derived_changes_with_the_schema_alone(tmp_path: Path) -> None:
    """Files in use get new views, triggers and search documents by an upgrade, and only by one.

    When this fails: where the schema has been released, write the next migration, though it may change no table; then
    put the new sum into DERIVED.
    """
    connection = open_database(tmp_path / "crm.db")
    made = "SELECT sql FROM sqlite_master WHERE type IN ('view', 'trigger') OR sql LIKE '%USING fts5%' ORDER BY name"
    sql = "\n".join(row[0] for row in connection.execute(made).fetchall())
    connection.close()
    assert {SCHEMA: sha256(sql.encode()).hexdigest()[:12]} == DERIVED


@ENCRYPTED_TOO
def test_a_file_of_the_first_version_is_upgraded(crm: Crm) -> None:
    crm.not_begun()
    old = _empty(crm.db)
    migrations.run_migrations(old, "0001")
    old.execute("COMMIT")
    then = "2026-01-05T01:00:00Z"
    old.executescript(FIRST_VERSION.format(then=then, id=APPLICATION_ID))
    old.close()

    found = crm("doctor")
    assert (found.code, "schema 1" in found.out, found.err) == (1, True, "")
    assert crm.data("complaint", "show", "7")["assignee"] == "李四"

    new = connect(crm.db)
    assert new.execute("SELECT responsible FROM complaint").fetchone()[0] == "李四"
    assert tuple(new.execute("SELECT occurrence, channel, delivered_at FROM reminder").fetchone()) == (
        "complaint:7",
        "",
        then,
    )
    words = {tuple(row) for row in new.execute('SELECT "set", code, en, origin FROM vocabulary')}
    assert {word for word in words if word[0] == "class"} == {
        ("class", "core", "core", "general"),
        ("class", "gold", "gold", None),
    }
    assert ("complaint_step", "receive", "taken", "general") in words
    assert {code for set_, code, *_ in words if set_ == "complaint_step"} >= {"assess", "approve", "wait"}
    assert any(set_ == "severity" for set_, *_ in words)
    new.close()


@ENCRYPTED_TOO
@pytest.mark.usefixtures("next_version")
def test_an_upgrade_keeps_data_and_makes_the_derived_anew(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        take_for_newest(older, SCHEMA)
        crm.ok("add", "张三", "--company", "华东电力", "--phone", "13800138000", "--tag", "vip")
        crm.ok("add", "Ann Lee", "--referred-by", "张三", "--class", "core")
        before = _contents(crm.db)

    copy = crm.db.with_name(f"crm.db.schema-{SCHEMA}.bak")
    told = crm("contact", "list", "zs", "-o", "json")

    assert told.err == f"bringing the database up to date; as it was, it stays in {copy}\n"
    row = json.loads(told.out)[0]
    assert (row["company"], row["phones"], row["tags"]) == ("华东电力", ["+8613800138000"], ["vip"])
    after = _contents(crm.db)
    for record in after["contact"]:
        assert record.pop("nickname") is None
    for record in after["company"]:
        assert record.pop("credit") is None
    assert after == before
    assert crm("contact", "list").err == ""
    assert copy.stat().st_mode & 0o777 == 0o600
    assert _contents(copy) == before
    assert not list(crm.folder.glob("*.part"))


@pytest.mark.usefixtures("next_version")
def test_a_copy_that_can_not_be_made_is_not_named(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        take_for_newest(older, SCHEMA)
        crm.ok("add", "张三")

    def full(_source: Path, _target: Path) -> None:
        raise OSError(ENOSPC, os.strerror(ENOSPC))

    monkeypatch.setattr(migrations, "copy_database", full)
    failed = crm("contact", "list")
    assert (failed.code, failed.out) == (7, "")
    assert failed.err.startswith("error: no space left")
    assert opened(crm.db).execute("PRAGMA user_version").fetchone()[0] == SCHEMA


@pytest.mark.usefixtures("next_version")
def test_after_an_upgrade_changes_are_still_undone(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        take_for_newest(older, SCHEMA)
        crm.ok("add", "张三", "--company", "华东电力")
        crm.ok("contact", "edit", "张三", "--title", "CTO")
        crm.ok("contact", "delete", "张三")
    crm.ok("undo")
    crm.ok("undo")
    assert crm.data("contact", "list")[0]["title"] is None
    crm.ok("undo")
    assert crm.data("contact", "list") == []


@ENCRYPTED_TOO
@pytest.mark.usefixtures("next_version")
def test_an_upgrade_that_fails_changes_nothing(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        take_for_newest(older, SCHEMA)
        crm.ok("add", "张三")
    broken = migrations.FOLDER / "versions" / _NEXT_FILE
    broken.write_text(NEXT + "    op.execute('SELECT * FROM no_such_table')\n", "utf-8")
    before = crm.db.read_bytes()
    result = crm("contact", "list")
    assert result.code == 7
    assert "no such table" in result.err
    assert crm.db.read_bytes() == before
    broken.write_text(NEXT, "utf-8")
    assert crm.data("contact", "list")[0]["name"] == "张三"


@ENCRYPTED_TOO
@pytest.mark.usefixtures("next_version")
def test_a_copy_of_another_upgrade_stays_and_this_one_has_its_own(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when an older program goes on with the copy, or a killed upgrade is repeated after more was written."""
    copies = []
    for name in ("张三", "李四"):
        with monkeypatch.context() as older:
            take_for_newest(older, SCHEMA)
            crm.ok("add", name)
        before = crm.db.read_bytes()
        for _killed in range(2):
            crm.db.write_bytes(before)
            told = crm("contact", "list")
            copies.append(Path(told.err.rpartition(" ")[2].strip()))
            kept = _contents(copies[-1], ("contact",))["contact"]
            assert kept[-1]["name"] == name
        crm.db.write_bytes(before)
    assert [path.name for path in copies] == [
        *[f"crm.db.schema-{SCHEMA}.bak"] * 2,
        *[f"crm.db.schema-{SCHEMA}-2.bak"] * 2,
    ]


@ENCRYPTED_TOO
@pytest.mark.usefixtures("next_version")
def test_without_a_log_an_upgrade_copies_before_it_writes(
    crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file is written to before the upgrade ends, and whoever reads has to wait: the copy would for ever."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(network, "MOUNTS", mounts)
    with monkeypatch.context() as older:
        take_for_newest(older, SCHEMA)
        crm.ok("add", "张三")
    connection = opened(crm.db)
    assert connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0] == "delete"
    connection.execute("PRAGMA default_cache_size = 1")
    connection.close()

    def copied(source: Path, target: Path) -> None:
        with closing(connect(source)) as reader:
            reader.execute("PRAGMA busy_timeout = 0")
            assert reader.execute("SELECT name FROM contact").fetchone()[0] == "张三"
        copy_database(source, target)

    monkeypatch.setattr(migrations, "copy_database", copied)
    assert crm.data("contact", "list")[0]["name"] == "张三"


def test_a_newer_file_is_refused(crm: Crm) -> None:
    crm.ok("add", "张三")
    connection = opened(crm.db)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    result = crm("contact", "list")
    assert result.code == 7
    assert "newer crm" in result.err
    assert "pip install --upgrade crmcli" in result.err


def test_what_is_derived_can_be_made_anew(crm: Crm) -> None:
    crm.ok("add", "张三", "--company", "华东电力", "--phone", "13800138000")
    connection = open_database(crm.db)
    schema_before = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2, 3").fetchall()
    index = "SELECT rowid, name, reach, body FROM search ORDER BY rowid"
    state = "SELECT * FROM contact_state"
    before = [connection.execute(sql).fetchall() for sql in (index, state)]
    connection.execute("BEGIN")
    schema.drop_derived(connection)
    schema.make_derived(connection)
    connection.execute("COMMIT")
    assert connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2, 3").fetchall() == schema_before
    assert [connection.execute(sql).fetchall() for sql in (index, state)] == before
    search.rebuild(connection)
    assert connection.execute(index).fetchall() == before[0]
    connection.close()


def test_what_is_made_while_it_is_looked_at_is_no_other_program_s(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    path.touch()

    def begin(statement: str) -> None:
        if "sqlite_master" in statement:
            connection.set_trace_callback(None)
            open_database(path).close()

    with closing(connect(path)) as connection:
        connection.set_trace_callback(begin)
        assert schema_of(connection, path) == 0
        assert schema_of(connection, path) == SCHEMA
