"""Archiving as a whole run: what goes, what stays, and that nothing is lost on the way."""

import json
from contextlib import closing
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest

import crmcli.store.archive
from crmcli.context import Context
from tests.conftest import Crm, opened
from tests.kept import filled_once

OLD = "2024-03-01T09:00:00+08:00"
TABLES = ("contact", "contact_point", "followup", "callback", "complaint", "complaint_step")


@pytest.fixture
@filled_once
def filled(crm: Crm) -> Crm:
    """Give a database with a customer of two years ago and of now."""
    crm.ok("add", "张三", "--phone", "13800138000", "--company", "华东电力", CRM_NOW=OLD)
    crm.ok("log", "张三", "第一次", "--next", "2024-03-05 10:00", "--purpose", "样品", CRM_NOW=OLD)
    crm.ok("done", "1", "样品已送", CRM_NOW="2024-03-05T10:00:00+08:00")
    crm.ok("complain", "张三", "迟到", CRM_NOW=OLD)
    crm.ok("complaint", "close", "c1", "好了", CRM_NOW="2024-03-06T10:00:00+08:00")
    crm.ok("complain", "张三", "没关", CRM_NOW=OLD)
    crm.ok("add", "李四", CRM_NOW=OLD)
    crm.ok("log", "李四", "只有一次", CRM_NOW=OLD)
    crm.ok("log", "张三", "现在")
    crm.ok("plan", "张三", "next fri", "下次")
    return crm


def rows(path: Any) -> dict[str, set[tuple[Any, ...]]]:
    """Return all rows of the tables."""
    with closing(opened(path)) as connection:
        return {table: {*connection.execute(f"SELECT * FROM {table}")} for table in TABLES}


def records(crm: Crm, path: Path) -> list[tuple[str, ...]]:
    """Return what each record of a database is, and whose."""
    lines = crm.ok("export", "all", "-o", "jsonl", "--db", str(path)).out.splitlines()
    whole = [json.loads(line) for line in lines]
    return sorted((row["record"], row.get("uid", ""), row.get("contact_uid", ""), row.get("text", "")) for row in whole)


def test_what_is_over_and_old_moves(filled: Crm) -> None:
    before = rows(filled.db)
    row = filled.data("archive", "--before", "2025-01-01", "-y")
    archive = filled.folder / "crm.archive.db"

    assert (row["path"], row["before"]) == (str(archive), "2025-01-01T00:00:00+08:00")
    assert (row["followups"], row["callbacks"], row["complaints"]) == (2, 1, 1)
    assert archive.stat().st_mode & 0o777 == 0o600
    assert {f["text"] for f in filled.data("followup", "list")} == {"现在", "只有一次"}
    assert [b["purpose"] for b in filled.data("callback", "list", "--all")] == ["下次"]
    assert [c["text"] for c in filled.data("complaint", "list", "--all")] == ["没关"]
    now, archived = rows(filled.db), rows(archive)
    for table in ("followup", "callback", "complaint", "complaint_step"):
        assert now[table] | archived[table] == before[table]
        assert not now[table] & archived[table]
    there = filled.data("show", "13800138000", "--db", str(archive))
    assert (there["company"], [f["text"] for f in there["followups"]]) == ("华东电力", ["样品已送", "第一次"])
    assert filled.data("find", "样品", "--db", str(archive))
    filled.ok("doctor")
    filled.ok("doctor", "--db", str(archive))


def test_the_archive_knows_words_and_fields_as_they_are_now(filled: Crm) -> None:
    filled.ok("field", "add", "contact", "level", "--zh", "级别", "--type", "number")
    filled.ok("contact", "edit", "张三", "--set", "level=5", "--class", "core")
    filled.ok("archive", "--before", "2024-03-02", "-y")
    filled.ok("field", "edit", "contact", "level", "--zh", "等级")
    filled.ok("vocabulary", "edit", "class", "core", "--zh", "铁杆")
    filled.ok("archive", "--before", "2025-01-01", "-y")
    filled.db = filled.folder / "crm.archive.db"
    shown = filled.ok("contact", "show", "张三", "--lang", "zh").out
    assert "铁杆" in shown
    assert "等级" in shown
    assert [row["name"] for row in filled.data("contact", "list", "等级>4")] == ["张三"]
    assert filled.ok("doctor")


def test_undo_brings_it_back_and_it_can_be_archived_again(filled: Crm) -> None:
    before = rows(filled.db)
    filled.ok("archive", "--before", "2025-01-01", "-y")
    archived = rows(filled.folder / "crm.archive.db")
    filled.ok("undo")
    assert rows(filled.db) == before
    filled.ok("archive", "--before", "2025-01-01", "-y")
    assert rows(filled.folder / "crm.archive.db") == archived


def test_a_later_archive_adds_to_the_first(filled: Crm) -> None:
    filled.ok("archive", "--before", "2024-03-03", "-y")
    filled.ok("contact", "edit", "张三", "--phone", "13900139000")
    filled.ok("archive", "--before", "2025-01-01", "-y")
    there = filled.data("show", "张三", "--db", str(filled.folder / "crm.archive.db"))
    assert there["phones"] == ["+8613900139000"]
    assert len(there["followups"]) == 2


def test_what_an_import_brought_back_is_archived_again(filled: Crm) -> None:
    everything = filled.ok("export", "all", "-o", "jsonl").out
    filled.ok("archive", "--before", "2025-01-01", "-y")
    archive = filled.folder / "crm.archive.db"
    once, steps = records(filled, archive), len(rows(archive)["complaint_step"])
    filled.ok("contact", "delete", "张三", "-y")
    filled.ok("company", "delete", "华东电力", "-y")
    assert filled.data("import", "-", stdin=everything)["created"] > 0

    row = filled.data("archive", "--before", "2025-01-01", "-y")
    assert (row["followups"], row["callbacks"], row["complaints"]) == (2, 1, 1)
    assert (records(filled, archive), len(rows(archive)["complaint_step"])) == (once, steps)
    filled.ok("doctor", "--db", str(archive))


def test_what_belongs_together_stays_together(filled: Crm) -> None:
    filled.ok("log", "张三", "nachtrag", "--at", "2026-01-02 10:00", "--complaint", "c1")
    (filled.folder / "proof.txt").write_text("x")
    filled.ok("attach", "张三", str(filled.folder / "proof.txt"), "--followup", "2")
    row = filled.data("archive", "--before", "2025-01-01", "-n")
    assert (row["followups"], row["callbacks"], row["complaints"]) == (1, 0, 0)


def test_a_dry_run_says_and_leaves_everything(filled: Crm) -> None:
    before = rows(filled.db)
    said = filled.ok("archive", "--before", "2025-01-01", "-n").out
    assert "dry run: Archived 2 follow-ups, 1 callback, 1 complaint" in said
    assert rows(filled.db) == before
    assert not (filled.folder / "crm.archive.db").exists()
    assert filled("archive", "--before", "2025-01-01").code == 2
    assert "nothing that is over" in filled.ok("archive", "--before", "2020-01-01").out


def test_it_refuses_what_would_mix_or_lose(filled: Crm) -> None:
    other = filled.folder / "other.db"
    filled.ok("add", "别人", "--db", str(other))
    before = rows(filled.db)
    assert filled("archive", "--before", "2025-01-01", "--to", str(other), "-y").code == 5
    assert filled("archive", "--before", "2025-01-01", "--to", str(filled.db), "-y").code == 5
    assert filled("archive", "--before", "2027-01-01", "-y").code == 2
    (filled.folder / "text.db").write_text("no database at all " * 50)
    assert filled("archive", "--before", "2025-01-01", "--to", str(filled.folder / "text.db"), "-y").code == 7
    assert rows(filled.db) == before


def test_what_another_run_archived_meanwhile_is_not_claimed(filled: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(*_question: Any, **_answer: Any) -> None:
        monkeypatch.undo()
        filled.ok("archive", "--before", "2025-01-01", "-y")

    monkeypatch.setattr(Context, "confirm", meanwhile)
    row = filled.data("archive", "--before", "2025-01-01", "-y")
    assert (row["followups"], row["change"]) == (0, None)


def test_one_that_has_no_room_leaves_nothing(filled: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """“Nothing was written”, it said, beside an empty archive and the log that had filled the disk."""

    def fail(*_given: Any) -> None:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(crmcli.store.archive, "_verify", fail)
    refused = filled("archive", "--before", "2025-01-01", "-y")
    assert (refused.code, "nothing was written" in refused.err) == (7, True)
    assert not [*filled.folder.glob("*.archive*")]


def test_what_a_notice_would_plan_again_stays(crm: Crm) -> None:
    crm.ok("field", "add", "contact", "expiry", "--type", "date")
    crm.ok("notice", "add", "expires", "--field", "expiry", "--before", "1y")
    crm.ok("notice", "add", "visit", "--every", "90d", "--kind", "visit")
    crm.ok("add", "张三", "--set", "expiry=2025-02-01", CRM_NOW=OLD)
    crm.ok("notice", "plan", CRM_NOW=OLD)
    crm.ok("notice", "plan", CRM_NOW="2024-06-01T09:00:00+08:00")
    crm.ok("callback", "cancel", "1", "2", "-y", CRM_NOW="2024-06-02T09:00:00+08:00")
    archive = ("archive", "-y", "--before")
    assert crm.ok(*archive, "2025-01-01").out.startswith("nothing that is over")
    crm.ok(*archive, "2025-03-01")  # the contract is over
    assert [row["notice"] for row in crm.data("callback", "list", "--all")] == ["visit:1@2024-03-01"]
    assert crm.ok("notice", "plan").out == ""  # they did not want to be visited
    crm.ok("log", "张三", "they came themselves")
    crm.ok(*archive, "2025-03-01")
    assert crm.data("callback", "list", "--all") == []
    assert crm.ok("notice", "plan").out == ""
