"""Promises, supervised items and answers: written to files and read back without loss."""

import json
from typing import Any

import pytest

from tests.conftest import Crm
from tests.kept import filled_once


@pytest.fixture
@filled_once
def filled(crm: Crm) -> Crm:
    crm.ok("add", "张三", "--company", "华东电力")
    crm.ok("complain", "张三", "交付延迟", "-c", "delivery")
    crm.ok("log", "张三", "谈好了", "--promise", "报价单", "--by", "2026-11-30 15:00")
    crm.ok("promise", "张三", "补发", "--by", "fri", "--complaint", "c1")
    crm.ok("promise", "renegotiate", "p2", "2026-12-04", "等货")
    crm.ok("promise", "keep", "p1", "已发")
    crm.ok("plan", "张三", "2026-12-01", "回访")
    crm.ok("supervise", "c1", "要紧", "--by", "lin", "--every", "2d", "--until", "2026-12-10")
    crm.ok("supervision", "report", "s1", "在查", "--percent", "30")
    crm.ok("supervise", "1", "--by", "zhao", "--until", "2026-12-01")
    crm.ok("supervise", "p3", "--by", "wang", "--every", "1d")
    crm.ok("supervision", "close", "s3", "不必")
    crm.ok("complaint", "resolve", "c1", "空运")
    crm.ok("complaint", "learn", "c1")
    return crm


def everything(crm: Crm, *options: str) -> list[dict[str, Any]]:
    """Return all records without what is of one database alone."""
    rows = json.loads(crm.ok("export", "all", "-o", "json", *options).out)
    own = {"id", "created_at", "updated_at", "change"}
    return [{key: value for key, value in row.items() if key not in own} for row in rows]


def test_all_of_it_comes_back(filled: Crm) -> None:
    said = filled.ok("export", "all", "-o", "json").out
    kinds = {row["record"] for row in json.loads(said)}
    assert {"promise", "supervision", "answer"} <= kinds
    other = str(filled.folder / "other.db")
    read = filled.ok("import", "-", "--db", other, "-o", "json", stdin=said).json
    assert (read["rejected"], read["read"]) == (0, read["created"])
    assert everything(filled, "--db", other) == everything(filled)
    again = filled.ok("import", "-", "--db", other, "-o", "json", stdin=said).json
    assert (again["created"], again["updated"], again["change"]) == (0, 0, None)
    assert filled.ok("promise", "show", "p3", "--db", other, "-o", "json").json["replaces_id"] == 2
    filled.ok("undo", "--db", other)
    assert filled.ok("answer", "list", "--db", other, "-o", "json").json == []


def test_promises_alone_come_back_and_are_changed(filled: Crm) -> None:
    file = filled.folder / "promises.csv"
    filled.ok("export", "promises", "--to", str(file))
    assert filled.data("import", str(file), "--as", "promises")["unchanged"] == 3
    file.write_text(file.read_text("utf-8").replace("补发", "补发两份"), "utf-8")
    assert filled.data("import", str(file), "--as", "promises")["updated"] == 2
    assert {row["text"] for row in filled.data("promise", "list", "--all")} == {"报价单", "补发两份"}


def test_a_table_of_another_program(filled: Crm) -> None:
    lines = (
        "客户,承诺内容,期限,状态",
        "张三,送样品,2026-11-20,已兑现",
        "张三,回电,2026-12-01 15:00,",
        "张三,没有期限,,",
    )
    table = "\n".join([*lines, "王五,x,明天,"])
    result = filled("import", "-", "--as", "promises", "-o", "json", stdin=table)
    assert (result.code, result.json["created"], result.json["rejected"]) == (6, 2, 2)
    rows = {row["text"]: row for row in filled.data("promise", "list", "--all")}
    assert (rows["送样品"]["status"], rows["送样品"]["fulfilled"]) == ("kept", False)
    assert (rows["回电"]["due_at"], rows["回电"]["owner"]) == ("2026-12-01T15:00:00+08:00", "wei")
    again = filled("import", "-", "--as", "promises", "-o", "json", stdin=table)
    assert (again.json["created"], again.json["updated"], again.json["unchanged"]) == (0, 0, 2)


@pytest.mark.parametrize("noun", ["promises", "supervisions", "answers"])
@pytest.mark.parametrize("form", ["csv", "jsonl", "md"])
def test_each_is_written_in_every_form(filled: Crm, noun: str, form: str) -> None:
    assert filled.ok("export", noun, "-o", form).out.count("\n") > 1 or noun == "answers"


@pytest.mark.parametrize(
    ("record", "spoilt"),
    [
        ("supervision", {"contact_uid": "nobody"}),
        ("supervision", {"complaint_uid": None, "callback_uid": None, "promise_uid": None}),
        ("supervision", {"every": "soon"}),
        ("supervision", {"responsible": " "}),
        ("supervision", {"reports": [{"kind": "report"}]}),
        ("supervision", {"report_on": "soon"}),
        ("answer", {"question": ""}),
        ("answer", {"used": "often"}),
        ("promise", {"due": "soonish"}),
        ("promise", {"status": "perhaps"}),
    ],
)
def test_what_no_export_writes_is_rejected(filled: Crm, record: str, spoilt: dict[str, Any]) -> None:
    rows = json.loads(filled.ok("export", "all", "-o", "json").out)
    next(row for row in rows if row["record"] == record).update(spoilt)
    result = filled(
        "import", "-", "--db", str(filled.folder / "other.db"), "-o", "json", stdin=json.dumps(rows, ensure_ascii=False)
    )
    assert (result.code, result.json["rejected"]) == (6, 1), result


def test_two_reports_of_one_second_stay_two(filled: Crm) -> None:
    filled.ok("supervision", "report", "s1", "在查", "--percent", "30")
    whole = filled.ok("export", "all", "-o", "json").out
    other = "--db", str(filled.folder / "other.db")
    for _time in range(2):
        filled.ok("import", "-", *other, stdin=whole)
        told = [report["note"] for report in filled.data("supervision", "show", "s1", *other)["reports"]]
        assert told.count("在查") == 2
    assert filled.ok("import", "-", *other, "-o", "json", stdin=whole).json["updated"] == 0
    assert filled.ok("export", "all", "-o", "json", *other).out == whole


def test_what_is_settled_is_archived_with_what_belongs_to_it(filled: Crm) -> None:
    filled.ok("answer", "delete", "a1")
    filled.ok("complaint", "close", "c1", CRM_NOW="2026-11-26T09:00:00+08:00")
    later = {"CRM_NOW": "2027-11-25T09:00:00+08:00"}
    row = filled.ok("archive", "--before", "2027-01-01", "-y", "-o", "json", **later).json
    assert row["promises"] == 0  # what took its place is still open, and the last contact stays
    filled.ok("promise", "break", "p3", "…", CRM_NOW="2026-12-04T09:00:00+08:00")
    filled.ok("log", "张三", "later", CRM_NOW="2027-01-02T09:00:00+08:00")
    row = filled.ok("archive", "--before", "2027-01-01", "-y", "-o", "json", **later).json
    assert (row["promises"], row["complaints"], row["followups"]) == (3, 1, 1)
    archived = filled.ok(
        "supervision", "list", "--all", "--db", str(filled.folder / "crm.archive.db"), "-o", "json"
    ).json
    assert sorted(item["item"] for item in archived) == ["c1", "p3"]
    filled.ok("undo")
    assert len(filled.data("supervision", "list", "--all")) == 3
