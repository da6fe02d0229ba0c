"""Attachments as a whole run: what is kept, said, found again and taken back."""

import hashlib
import json
import os
import tempfile
import zipfile
from pathlib import Path

import pytest

from tests.conftest import Crm
from tests.kept import filled_once

CONTENT = "八折 📄\n".encode()
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
@filled_once
def filled(crm: Crm) -> Crm:
    """Give a database with 张三 and 李四, and a file to attach."""
    crm.ok("add", "张三", "--phone", "13800138000")
    crm.ok("add", "李四")
    (crm.folder / "价格表.pdf").write_bytes(CONTENT)
    return crm


def stored(crm: Crm) -> list[Path]:
    """Return the files in the store."""
    return sorted(path for path in crm.db.with_name("crm.db.files").rglob("*") if path.is_file())


def test_a_file_is_kept_once_however_often_it_is_attached(filled: Crm) -> None:
    file = str(filled.folder / "价格表.pdf")
    row = filled.data("attach", "张三", file, "--label", "报价")
    filled.ok("attach", "李四", file)

    assert (row["name"], row["label"], row["bytes"], row["sha256"]) == ("价格表.pdf", "报价", len(CONTENT), HASH)
    assert (row["media_type"], row["sent_at"], row["contact"]) == ("application/pdf", None, "张三")
    path = filled.db.with_name("crm.db.files") / HASH[:2] / HASH[2:]
    assert stored(filled) == [path]
    assert path.read_bytes() == CONTENT
    assert [p.stat().st_mode & 0o777 for p in (path, path.parent, path.parent.parent)] == [0o600, 0o700, 0o700]


def test_the_database_itself_is_not_attached(filled: Crm) -> None:
    result = filled("attach", "张三", str(filled.db))
    assert (result.code, "is the database itself" in result.err) == (2, True)
    assert stored(filled) == []


def test_what_was_sent_before_is_said(filled: Crm) -> None:
    file = str(filled.folder / "价格表.pdf")
    assert filled.ok("attach", "张三", file, "--sent").err == ""
    (filled.folder / "renamed.pdf").write_bytes(CONTENT)
    again = filled.ok("attach", "zs", str(filled.folder / "renamed.pdf"), "--sent")
    assert "张三 was sent this already: 价格表.pdf (1), today 09:00" in again.err
    assert filled.ok("attach", "李四", file, "--sent").err == ""
    assert "has this already" in filled.ok("attach", "李四", file).err


def test_the_profile_names_the_files(filled: Crm) -> None:
    for name in "abcd":
        (filled.folder / f"{name}.txt").write_text(name)
    filled.ok("attach", "张三", *(str(filled.folder / f"{name}.txt") for name in "abcd"))
    shown = filled.ok("show", "张三").out
    assert "d.txt · c.txt · b.txt · and 1 more" in shown
    assert [row["name"] for row in filled.data("show", "张三")["attachments"]] == ["d.txt", "c.txt", "b.txt", "a.txt"]


def test_a_dry_run_and_a_failure_leave_nothing(filled: Crm) -> None:
    file = str(filled.folder / "价格表.pdf")
    filled.ok("attach", "张三", file, "-n")
    assert filled("attach", "张三", file, str(filled.folder / "none")).code == 3
    assert filled("attach", "张三", file, str(filled.folder)).code == 2
    complaint = filled.data("complain", "李四", "迟到")["id"]
    assert filled("attach", "张三", file, "--complaint", f"c{complaint}").code == 2
    assert not filled.db.with_name("crm.db.files").exists()
    assert filled.data("attachment", "list") == []


def test_it_belongs_to_a_complaint(filled: Crm) -> None:
    complaint = filled.data("complain", "张三", "迟到")["id"]
    row = filled.data("attach", "张三", str(filled.folder / "价格表.pdf"), "--complaint", f"c{complaint}")
    assert row["complaint_id"] == complaint
    assert len(filled.data("attachment", "list", f"complaint_id:{complaint}")) == 1


def test_deleting_is_undone_and_the_content_is_still_there(filled: Crm) -> None:
    filled.ok("attach", "张三", str(filled.folder / "价格表.pdf"))
    filled.ok("attachment", "delete", "1")
    assert filled.data("attachment", "list") == []
    filled.ok("doctor", "--fix")
    filled.ok("undo")
    assert filled.data("attachment", "verify") == [
        {"id": 1, "name": "价格表.pdf", "contact": "张三", "ok": True, "problem": ""}
    ]


def test_export_overwrites_nothing(filled: Crm) -> None:
    filled.ok("attach", "张三", str(filled.folder / "价格表.pdf"))
    out = filled.folder / "out"
    for _time in range(2):
        filled.ok("attachment", "export", "1", "--to", str(out))
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        "价格表.pdf": CONTENT,
        "价格表 (2).pdf": CONTENT,
    }


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("../../../evil.txt", "evil.txt"),
        ("/etc/evil.txt", "evil.txt"),
        ("a\\b.txt", "a_b.txt"),
        ("..", "file"),
        ("价" * 120 + ".pdf", "价" * 65 + ".pdf"),
        ("价" * 120, "价" * 66),
        ("a." + "x" * 300, "a." + "x" * 178 + "." + "x" * 19),
    ],
)
def test_a_name_that_no_file_can_have_becomes_one(filled: Crm, name: str, file: str) -> None:
    """As of a program that exports names which are none, or of a machine that has longer ones."""
    filled.ok("attach", "张三", str(filled.folder / "价格表.pdf"))
    told = [json.loads(line) for line in filled.ok("export", "all", "-o", "jsonl").out.splitlines()]
    named = [{**record, "name": name} if record["record"] == "attachment" else record for record in told]
    assert filled.data("import", "-", stdin="\n".join(map(json.dumps, named)) + "\n")["updated"] == 1
    out = filled.folder / "deep" / "out"
    said = filled.ok("attachment", "export", "1", "--to", str(out), "-n").out
    filled.ok("attachment", "export", "1", "--to", str(out))
    assert [path.name for path in out.iterdir()] == [file]
    assert str(out / file) in said
    filled.ok("contact", "export-all", "张三", "--to", str(out / "all.zip"))
    with zipfile.ZipFile(out / "all.zip") as archive:
        assert archive.namelist() == ["contact.json", f"attachments/1-{file}"]


def test_where_there_is_none_every_one_is_what_it_was(filled: Crm) -> None:
    assert filled.ok("attachment", "verify").out == "0 attachments are what they were\n"
    assert filled.data("attachment", "verify") == []
    assert filled("attachment", "verify", "--where", "contact:张三").code == 3


def test_damage_is_found(filled: Crm) -> None:
    filled.ok("attach", "张三", str(filled.folder / "价格表.pdf"))
    stored(filled)[0].write_bytes(b"x" * len(CONTENT))
    found = filled("attachment", "verify")
    assert found.code == 1
    assert "its content has changed" in found.out
    assert filled("attachment", "export", "1", "--to", str(filled.folder / "out")).code == 7
    filled.ok("attach", "李四", str(filled.folder / "价格表.pdf"))
    assert filled.ok("attachment", "verify").code == 0


def test_open_gives_the_systems_program_a_copy_with_its_name(filled: Crm) -> None:
    filled.ok("attach", "张三", str(filled.folder / "价格表.pdf"))
    opener = filled.folder / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\ncp "$1" {filled.folder}/opened\nbasename "$1" > {filled.folder}/name\n')
    opener.chmod(0o755)
    filled.ok("attachment", "open", "1", PATH=f"{opener.parent}:/usr/bin:/bin")
    assert (filled.folder / "opened").read_bytes() == CONTENT
    assert (filled.folder / "name").read_text().strip() == "价格表.pdf"


def test_edit_says_whether_it_was_sent(filled: Crm) -> None:
    filled.ok("attach", "张三", str(filled.folder / "价格表.pdf"))
    row = filled.data("attachment", "edit", "1", "--sent", "--name", "../offer.txt")
    assert (row["sent_at"], row["name"], row["media_type"]) == ("2026-11-25T09:00:00+08:00", "offer.txt", "text/plain")
    assert filled.data("attachment", "edit", "1", "--not-sent")["sent_at"] is None


def test_a_backup_has_the_contents_too(filled: Crm) -> None:
    filled.ok("attach", "张三", str(filled.folder / "价格表.pdf"))
    backup = filled.data("backup", "--to", str(filled.folder / "elsewhere"))["path"]
    stored(filled)[0].unlink()
    assert "1 attachment has lost its content: 价格表.pdf" in filled("doctor").out
    filled.ok("restore", backup, "-y")
    filled.ok("attachment", "verify")


def test_a_backup_that_lacks_contents_says_so(filled: Crm) -> None:
    filled.ok("attach", "张三", str(filled.folder / "价格表.pdf"))
    (content,) = stored(filled)
    content.unlink()
    made = filled.ok("backup", "-o", "json")
    assert "1 attachment has lost its content: 价格表.pdf" in made.err
    restored = filled.ok("restore", made.json["path"], "-y")
    assert "1 attachment has lost its content: 价格表.pdf" in restored.err


def test_the_doctor_leaves_alone_what_is_not_ours(filled: Crm) -> None:
    folder = filled.folder / "documents"
    for name in ("letter.txt", "20/plan.txt", "ab/cd", "download.part"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine", "utf-8")
    filled.db.with_name("crm.db.files").symlink_to(folder)
    filled.ok("doctor", "--fix")
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 4


def test_the_doctor_clears_away_what_nothing_refers_to(filled: Crm) -> None:
    filled.ok("attach", "张三", str(filled.folder / "价格表.pdf"))
    stray = stored(filled)[0].with_name("0" * 62)
    stray.write_bytes(b"stray")
    assert "1 file belongs to nothing" in filled("doctor").out
    filled.ok("doctor", "--fix")
    assert [path.read_bytes() for path in stored(filled)] == [CONTENT]


def test_the_doctor_leaves_alone_what_others_are_at_work_on(filled: Crm) -> None:
    filled.ok("attach", "张三", str(filled.folder / "价格表.pdf"))
    store = filled.db.with_name("crm.db.files")
    copies = [store / ".new.part", filled.folder / ".crm.db.salvage-new"]
    abandoned = [store / ".old.part", filled.folder / ".crm.db.salvage-old"]
    for path in (*copies, *abandoned):
        path.touch()
    for path in abandoned:
        os.utime(path, (0, 0))
    assert "2 files belong to nothing" in filled("doctor", "--as-of", "2090-01-01").out
    filled.ok("doctor", "--fix", "--as-of", "2090-01-01")
    assert ([path.exists() for path in copies], [path.exists() for path in abandoned]) == ([True] * 2, [False] * 2)


def test_the_doctor_keeps_what_a_replaced_database_refers_to(filled: Crm) -> None:
    backup = filled.ok("backup", "-o", "json").json["path"]
    filled.ok("attach", "张三", str(filled.folder / "价格表.pdf"))
    replaced = filled.ok("restore", backup, "-y", "-o", "json").json["replaced"]
    assert "every attachment" in filled.ok("doctor", "--fix").out
    assert filled.ok("restore", replaced, "-y").err.count("lost") == 0
    filled.ok("attachment", "verify")


def test_the_doctor_says_for_whom_it_keeps_contents(filled: Crm) -> None:
    filled.ok("attach", "张三", str(filled.folder / "价格表.pdf"))
    stray = stored(filled)[0].with_name("0" * 62)
    stray.write_bytes(b"stray")
    replaced = filled.folder / "crm.db.replaced-2026-11-01T090000"
    replaced.write_text("no database", "utf-8")
    for arguments in (["doctor"], ["doctor", "--fix"]):
        result = filled(*arguments, COLUMNS="400")
        assert (result.code, f"may belong to {replaced}" in result.out) == (1, True), result
    replaced.unlink()
    filled.ok("doctor", "--fix")
    assert not stray.exists()


def test_a_folder_that_another_attachment_left_empty_is_made_again(
    filled: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = tempfile.mkstemp

    def after_the_other(prefix: str, suffix: str, dir: Path) -> tuple[int, str]:  # noqa: A002 - as it is called
        monkeypatch.setattr(tempfile, "mkstemp", make)
        dir.rmdir()
        return make(prefix=prefix, suffix=suffix, dir=dir)

    monkeypatch.setattr(tempfile, "mkstemp", after_the_other)
    filled.ok("attach", "张三", str(filled.folder / "价格表.pdf"))
    assert len(stored(filled)) == 1


def test_what_never_ends_or_never_begins_is_not_attached(crm: Crm) -> None:
    crm.ok("add", "张三")
    pipe = crm.folder / "pipe"
    os.mkfifo(pipe)
    for path in ("/dev/zero", str(pipe)):
        refused = crm("attach", "张三", path)
        assert (refused.code, "device or a pipe" in refused.err) == (2, True), refused
    assert crm.data("attachment", "list") == []
