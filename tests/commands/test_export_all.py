"""An export of everything with the contents of attachments, and what an import makes of it."""

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Crm
from tests.kept import filled_once

BIG = bytes(range(256)) * 8000
"""More than one piece of a content."""


@pytest.fixture
@filled_once
def filed(crm: Crm) -> Crm:
    """Give a database with attachments: of a contact, of a complaint, and the same again for somebody else."""
    (crm.folder / "price.pdf").write_bytes(BIG)
    (crm.folder / "empty.txt").write_bytes(b"")
    crm.ok("add", "张三")
    crm.ok("add", "Ann")
    crm.ok("complain", "张三", "late")
    crm.ok("attach", "张三", str(crm.folder / "price.pdf"), "--label", "价格", "--sent")
    crm.ok("attach", "张三", str(crm.folder / "empty.txt"), "--complaint", "c1")
    crm.ok("attach", "Ann", str(crm.folder / "price.pdf"))
    return crm


@pytest.fixture
def other(filed: Crm, tmp_path: Path) -> Crm:
    """Give an empty database."""
    (tmp_path / "other").mkdir()
    return Crm(tmp_path / "other", filed._monkeypatch)  # noqa: SLF001 - a second database beside the first


def known(crm: Crm) -> list[dict[str, Any]]:
    """Return what is known of the attachments, but for ids and stamps."""
    passing = {"id", "contact_id", "complaint_id", "followup_id", "created_at", "updated_at"}
    rows = crm.data("attachment", "list", "--sort", "uid")
    return [{name: value for name, value in row.items() if name not in passing} for row in rows]


def contents(crm: Crm) -> list[Path]:
    return [path for path in crm.db.with_name("crm.db.files").rglob("*") if path.is_file()]


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_attachments_come_back_with_their_contents(filed: Crm, other: Crm, ending: str) -> None:
    path = filed.folder / f"all.{ending}"
    assert filed.ok("export", "all", "--to", str(path)).out == f"6 records written to {path}\n"
    summary = other.data("import", str(path))
    assert (summary["read"], summary["created"]) == (6, 6)
    assert known(other) == known(filed)
    assert other.data("attachment", "list", "complaint_id:1")[0]["name"] == "empty.txt"
    other.ok("attachment", "verify")
    other.ok("attachment", "export", "1", "--to", str(other.folder))
    assert (other.folder / "price.pdf").read_bytes() == BIG
    assert other.data("import", str(path))["unchanged"] == 6


def test_what_changed_there_changes_here_and_undo_takes_it_back(filed: Crm, other: Crm) -> None:
    other.ok("import", "-", stdin=filed.ok("export", "all", "-o", "json").out)
    before = known(other)
    filed.ok("attachment", "edit", "1", "--label", "offer", "--not-sent")
    text = filed.ok("export", "all", "-o", "json").out
    assert other.data("import", "-", "--on-duplicate", "skip", stdin=text)["updated"] == 0
    assert other.data("import", "-", stdin=text)["updated"] == 1
    assert known(other) == known(filed)
    other.ok("undo")
    assert known(other) == before


def test_a_dry_run_keeps_no_content(filed: Crm, other: Crm) -> None:
    text = filed.ok("export", "all", "-o", "jsonl").out
    assert other.data("import", "-", "-n", stdin=text)["created"] == 6
    assert contents(other) == []
    other.ok("import", "-", stdin=text)
    assert len(contents(other)) == 2


def test_without_files_what_is_known_is_not_taken_without_the_content(filed: Crm, other: Crm) -> None:
    text = filed.ok("export", "all", "-o", "jsonl", "--without-files").out
    assert '"content"' not in text
    run = other("import", "-", "-o", "json", stdin=text)
    assert (run.code, run.json["rejected"]) == (6, 3)
    assert filed.data("import", "-", stdin=text)["unchanged"] == 6


@pytest.mark.parametrize(
    "change",
    [
        {"data": b64encode(b"other").decode()},
        {"data": "!"},
        {"data": 7},
        {"sha256": "../../../x"},
        {"sha256": None},
    ],
)
def test_a_damaged_content_is_told(filed: Crm, other: Crm, change: dict[str, Any]) -> None:
    rows = [json.loads(line) for line in filed.ok("export", "all", "-o", "jsonl").out.splitlines()]
    damaged = [{**row, **change} if row["record"] == "content" and row["data"] else row for row in rows]
    run = other("import", "-", "-o", "json", stdin="\n".join(map(json.dumps, damaged)))
    assert (run.code, run.json["rejected"], run.json["created"]) == (6, 2, 4)
    assert "damaged" in run.json["errors"][0]["message"]
    assert [path.stat().st_size for path in contents(other)] == [0]


def test_an_attachment_needs_its_contact(filed: Crm, other: Crm) -> None:
    rows = [json.loads(line) for line in filed.ok("export", "all", "-o", "jsonl").out.splitlines()]
    lines = [json.dumps({**row, "contact_uid": "x"} if row["record"] == "attachment" else row) for row in rows]
    run = other("import", "-", "-o", "json", stdin="\n".join(lines))
    assert (run.code, run.json["rejected"]) == (6, 3)
    assert {error["field"] for error in run.json["errors"]} == {"contact_uid"}


def test_rejected_records_can_be_corrected_and_imported(filed: Crm, other: Crm, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in filed.ok("export", "all", "-o", "jsonl").out.splitlines()]
    lines = [json.dumps({**row, "emails": ["no address"]} if row.get("name") == "Ann" else row) for row in rows]
    rejects = tmp_path / "rejects.jsonl"
    run = other("import", "-", "--rejects", str(rejects), "-o", "json", stdin="\n".join(lines))
    assert (run.code, run.json["rejects_file"]) == (6, str(rejects))
    kept = [json.loads(line) for line in rejects.read_text("utf-8").splitlines()]
    assert [row["record"] for row in kept] == ["contact", "attachment"]
    assert kept[0]["_row"] == 2
    assert kept[0]["_error"].startswith("E-mails: ")
    corrected = "\n".join(json.dumps({**row, "emails": []} if "emails" in row else row) for row in kept)
    summary = other.data("import", "-", stdin=corrected)
    assert (summary["created"], summary["rejected"]) == (2, 0)
    assert known(other) == known(filed)


def test_a_large_one_makes_a_backup_first(filed: Crm, other: Crm) -> None:
    row = {"record": "contact", "name": "x"}
    text = "\n".join(json.dumps({**row, "name": f"n{number}", "uid": f"u{number}"}) for number in range(1000))
    filed.ok("import", "-", "-n", stdin=text)
    assert not (filed.folder / "backups").exists()
    assert "backup before the import" in filed.ok("import", "-", stdin=text).err
    assert "backup" not in other.ok("import", "-", stdin=text).err


def test_a_content_that_is_missing_stops_the_export(filed: Crm, tmp_path: Path) -> None:
    digest = sha256(BIG).hexdigest()
    (filed.db.with_name("crm.db.files") / digest[:2] / digest[2:]).unlink()
    path = tmp_path / "all.json"
    run = filed("export", "all", "--to", str(path))
    assert run.code == 7
    assert "price.pdf" in run.err
    assert not path.exists()
    filed.ok("export", "all", "--to", str(path), "--without-files")


def test_how_often_a_tag_is_contacted_goes_along(crm: Crm, other: Crm) -> None:
    crm.ok("vocabulary", "add", "tag", "vip", "--every", "14")
    text = crm.ok("export", "all", "-o", "jsonl").out
    assert other.data("import", "-", stdin=text)["rejected"] == 0
    assert [word["cadence_days"] for word in other.data("vocabulary", "list", "tag")] == [14]


def test_a_dry_run_tells_what_becomes_of_each_kind_of_record(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("vocabulary", "add", "class", "gold", "--zh", "金牌", "--every", "14")
    crm.ok("answer", "add", "How?", "so")
    crm.ok("notice", "add", "visit", "--every", "90d")
    crm.ok("survey", "send", "1")
    older = crm.ok("export", "all", "-o", "json").out
    later = {"CRM_NOW": "2026-11-26T09:00:00+08:00"}
    crm.ok("vocabulary", "edit", "class", "gold", "--zh", "金卡", "--every", "20", **later)
    crm.ok("answer", "edit", "1", "--answer", "thus", **later)
    crm.ok("survey", "return", "1", "--score", "80", **later)
    newer = crm.ok("export", "all", "-o", "json", **later).out
    other = str(crm.folder / "other.db")
    said = crm.ok("import", "-", "-n", stdin=older, CRM_DB=other).out
    assert [line.partition(": ")[2].partition(": ")[2] for line in said.splitlines()[:-1]] == [
        "vocabulary gold · create",
        "notice visit · create",
        "张三 · create",
        "answer How? · create",
        "survey 张三 · create",
    ]
    crm.ok("import", "-", stdin=older, CRM_DB=other)
    said = crm.ok("import", "-", "-n", stdin=newer, CRM_DB=other).out
    assert [line.partition(": ")[2].partition(": ")[2] for line in said.splitlines()[:-1]] == [
        "vocabulary gold · update · Chinese: 金牌 → 金卡 · Every (days): 14 → 20",
        "answer How? · update · Answer: so → thus",
        "survey 张三 · update · Returned:  → 2026-11-26T01:00:00Z · Points:  → 80.0",
    ]
    assert (
        crm.ok("import", "-", "-n", stdin=older, CRM_DB=other).out
        == "dry run: Read 5: 5 unchanged — already up to date\n"
    )


def test_a_change_that_was_undone_leaves_no_trace(crm: Crm) -> None:
    """Byte for byte, so that whoever keeps exports sees no difference where there is none."""
    crm.ok("add", "张三")
    crm.ok("plan", "张三", "fri", "送样品")
    for day, change in enumerate((("done", "1"), ("callback", "reopen", "1"), ("snooze", "1", "next fri")), 26):
        crm.ok(*change, CRM_NOW=f"2026-11-{day}T09:00:00+08:00")
    before = crm.ok("export", "all", "-o", "jsonl").out
    crm.ok("done", "1", CRM_NOW="2026-11-29T09:00:00+08:00")
    crm.ok("undo")
    assert crm.ok("export", "all", "-o", "jsonl").out == before
