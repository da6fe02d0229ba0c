"""`crm backup`, `crm restore`, `crm doctor` as whole runs."""

import json
import os
import sqlite3
from contextlib import closing
from datetime import datetime
from errno import EACCES
from pathlib import Path

import pytest

from crmcli.store.connection import SCHEMA, connect
from tests.conftest import Crm, opened
from tests.kept import filled_once
from tests.pages import page_size
from tests.schemas import take_for_newest


@pytest.fixture
@filled_once
def filled(crm: Crm) -> Crm:
    crm.ok("add", "张三", "--phone", "13800138000", "--class", "core")
    crm.ok("log", "张三", "来访")
    return crm


def test_backup_prints_path_and_size(filled: Crm) -> None:
    path = filled.folder / "backups" / "crm-2026-11-25T090000.db"
    result = filled.ok("backup")
    assert result.out.startswith(f"Backed up 1 contact to {path} (")
    assert path.stat().st_mode & 0o777 == 0o600
    row = filled.data("backup", "--to", str(filled.folder / "to"))
    assert row["path"] == str(filled.folder / "to" / path.name)
    assert row["bytes"] > 100_000
    assert (row["contacts"], row["followups"], row["removed"]) == (1, 1, [])
    assert row["at"] == "2026-11-25T09:00:00+08:00"
    assert filled.ok("backup", "-q").out == f"{path.with_name('crm-2026-11-25T090000-2.db')}\n"


def test_backup_keeps_so_many_and_lists_them(filled: Crm) -> None:
    for hour in range(3):
        filled.ok("backup", "--keep", "2", CRM_NOW=f"2026-11-25T1{hour}:00:00+08:00")
    rows = filled.data("backup", "--list")
    assert [row["at"] for row in rows] == ["2026-11-25T12:00:00+08:00", "2026-11-25T11:00:00+08:00"]
    assert "crm-2026-11-25T120000.db" in filled.ok("backup", "--list").out
    assert filled("backup", "--keep", "0").code == 2
    names = [filled.ok("backup", "--keep", "2", "-q", CRM_NOW="2026-11-25T15:00:00+08:00").out for _second in range(3)]
    assert [f"{row['path']}\n" for row in filled.data("backup", "--list")] == [names[2], names[1]]


def test_backups_of_the_hour_that_comes_twice_are_ordered(filled: Crm) -> None:
    """A clock in Berlin shows 2:50, and twenty minutes later 2:10."""
    paths = {}
    for at in ("2026-10-25T02:50:00+02:00", "2026-10-25T02:10:00+01:00", "2026-10-25T04:00:00+01:00"):
        made = filled.data("backup", TZ="Europe/Berlin", CRM_NOW=at)
        assert made["at"] == at
        paths[at] = Path(made["path"])
        written = datetime.fromisoformat(at).timestamp() + 1
        os.utime(paths[at], (written, written))
    rows = filled.data("backup", "--list", TZ="Europe/Berlin")
    assert [row["at"] for row in rows] == [*reversed(paths)]
    kept = filled.data("backup", "--keep", "3", TZ="Europe/Berlin", CRM_NOW="2026-10-26T09:00:00+01:00")
    assert kept["removed"] == [str(next(iter(paths.values())))]


def test_backup_of_nothing_makes_nothing(crm: Crm) -> None:
    crm.not_begun()
    result = crm("backup", "-o", "json")
    assert result.code == 7
    assert json.loads(result.err)["error"]["kind"] == "database"
    assert list(crm.folder.iterdir()) == []
    assert crm.data("backup", "--list") == []


def test_restore_asks_keeps_what_was_there_and_can_be_taken_back(filled: Crm) -> None:
    backup = filled.data("backup")["path"]
    filled.ok("add", "李四")
    refused = filled("restore", backup)
    assert refused.code == 2
    assert "-y" in refused.err
    assert "dry run" in filled.ok("restore", backup, "-n").out
    assert len(filled.data("contact", "list")) == 2
    row = filled.data("restore", backup, "-y")
    assert (row["contacts"], row["restored"]) == (1, backup)
    assert [contact["name"] for contact in filled.data("contact", "list")] == ["张三"]
    filled.ok("restore", row["replaced"], "-y")
    assert len(filled.data("contact", "list")) == 2
    assert filled.data("find", "来访")


def test_restore_says_that_a_folder_is_one(filled: Crm) -> None:
    filled.ok("backup")
    refused = filled("restore", str(filled.folder / "backups"), "-y")
    assert (refused.code, "is a folder" in refused.err) == (2, True)


def test_restore_where_nothing_is_needs_no_yes(filled: Crm) -> None:
    backup = filled.data("backup")["path"]
    filled.db.unlink()
    filled.not_begun()
    assert filled.data("restore", backup)["replaced"] is None
    assert filled.ok("show", "zs").out


def test_restore_upgrades_an_older_backup(filled: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = filled.data("backup")["path"]
    upgraded = []

    def upgrade(connection: sqlite3.Connection) -> None:
        upgraded.append(connection.execute(f"PRAGMA user_version = {SCHEMA + 1}"))

    take_for_newest(monkeypatch, SCHEMA + 1)
    monkeypatch.setattr("crmcli.store.migrations.run_migrations", upgrade)
    assert filled.data("restore", backup, "-y")["schema"] == SCHEMA
    assert upgraded
    with closing(connect(filled.db)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA + 1


@pytest.mark.parametrize(("content", "code"), [(b"text " * 3000, 7), (b"", 7), (None, 3)])
def test_restore_refuses_what_is_no_backup(filled: Crm, content: bytes | None, code: int) -> None:
    file = filled.folder / "file"
    if content is not None:
        file.write_bytes(content)
    result = filled("restore", str(file), "-y")
    assert result.code == code
    assert result.err.startswith("error: ")
    assert len(filled.data("contact", "list")) == 1


def test_doctor_is_content(filled: Crm) -> None:
    result = filled.ok("doctor")
    assert "✗" not in result.out
    assert result.out.count("✓") > 15
    findings = filled.data("doctor")
    assert all(finding["ok"] and not finding["fixed"] for finding in findings)
    assert {"settings", "zone", "integrity", "search", "clock"} <= {finding["check"] for finding in findings}


def test_doctor_finds_and_mends(filled: Crm) -> None:
    with closing(opened(filled.db)) as connection:
        connection.execute("UPDATE contact_state SET open_callbacks = 9")
        connection.commit()
    result = filled("doctor")
    assert result.code == 1
    assert "→ crm doctor --fix" in result.out
    assert filled("doctor", "--fix", "-n").code == 1
    mended = filled.ok("doctor", "--fix")
    assert "(mended)" in mended.out
    assert [path.name for path in (filled.folder / "backups").iterdir()] == ["crm-2026-11-25T090000.before-fix.db"]
    filled.ok("doctor")


def test_doctor_tells_of_settings_and_zone(filled: Crm) -> None:
    config = filled.folder / "c.toml"
    config.write_text("colour = 1\n")
    result = filled("doctor", "--config", str(config), "-o", "json", TZ="Nowhere")
    wrong = {finding["check"]: finding for finding in result.json if not finding["ok"]}
    assert result.code == 1
    assert {"settings", "zone"} == wrong.keys()
    assert "Nowhere" in wrong["zone"]["message"]
    config.write_text('timezone = "Mars/Olympus"\n')
    findings = filled("doctor", "--config", str(config), "-o", "json").json
    assert [finding["check"] for finding in findings if not finding["ok"]] == ["zone"]


def test_settings_that_are_broken_can_be_examined_and_written_anew(filled: Crm) -> None:
    config = filled.folder / "c.toml"
    config.write_text("language = [")
    chosen = {"CRM_CONFIG": str(config), "CRM_LANG": ""}
    assert filled("list", **chosen).code == 2
    result = filled("doctor", **chosen)
    assert result.code == 1
    assert "crm config init --force" in " ".join(result.out.split())
    filled.ok("config", "init", "--force", **chosen)
    filled.ok("doctor", **chosen)


def test_doctor_makes_no_database(crm: Crm) -> None:
    crm.not_begun()
    result = crm("doctor")
    assert result.code == 7
    assert not crm.db.exists()


@pytest.mark.parametrize("page", [0, 1, 20])
def test_a_damaged_database_is_told_and_salvaged(filled: Crm, page: int) -> None:
    filled.ok("backup")  # has the salt of an encrypted one, which its first page begins with
    content = bytearray(filled.db.read_bytes())
    size = page_size(content)
    content[page * size : (page + 1) * size] = b"\xff" * size
    filled.db.write_bytes(content)
    result = filled("doctor")
    assert result.code == 7
    assert "--salvage" in result.err
    assert "Traceback" not in result.err
    new = filled.folder / "new.db"
    saved = filled("doctor", "--salvage", str(new), "-o", "json")
    assert saved.code in (0, 6)
    assert {row["table"] for row in saved.json} >= {"contact", "followup"}
    assert filled.db.read_bytes() == content
    filled.ok("restore", str(new), "-y")
    assert filled.data("contact", "list")[0]["name"] == "张三"
    filled.ok("doctor")


def test_salvage_says_what_was_lost(filled: Crm) -> None:
    with closing(opened(filled.db)) as connection:
        connection.execute(
            "INSERT INTO change_range (change_id, entity, first_id, last_id) VALUES (1, 'contact', 5, 9)"
        )
        connection.commit()
    result = filled("doctor", "--salvage", str(filled.folder / "new.db"))
    assert result.code == 6
    assert "contact 5" in result.err


def test_in_both_languages(filled: Crm) -> None:
    assert filled.ok("doctor", CRM_LANG="zh").out
    assert filled("restore", "/none", CRM_LANG="zh").code == 3


def test_a_database_in_a_closed_folder_is_told_as_such_by_restore(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 7, as each other command says it: root, who runs tests, is let in everywhere."""
    exists = Path.exists

    def closed(path: Path) -> bool:
        if path == crm.db:
            raise PermissionError(EACCES, os.strerror(EACCES), str(path))
        return exists(path)

    monkeypatch.setattr(Path, "exists", closed)
    refused = crm("restore", "backup.db", "-y")
    assert (refused.code, refused.out) == (7, "")
    assert refused.err.startswith(f"error: no permission for {crm.db} — ")
