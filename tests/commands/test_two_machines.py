"""One person with two machines, each of which imports the other's export of everything."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Crm
from tests.exchanges import AT, at, carry, exchange


def values(crm: Crm, *names: str) -> list[Any]:
    row = crm.data("contact", "show", "1")
    return [row[name] for name in names]


def test_a_word_that_is_changed_back_to_what_its_preset_says_is_so_on_both(crm: Crm, other: Crm) -> None:
    word = ("vocabulary", "edit", "class", "core", "--every")
    (usual,) = [row["cadence_days"] for row in crm.data("vocabulary", "list", "class") if row["code"] == "core"]
    at("08:00", crm, *word, "77")
    exchange("08:10", crm, other)
    at("08:20", other, *word, str(usual))
    exchange("08:30", crm, other)
    for machine in (crm, other):
        rows = machine.data("vocabulary", "list", "class")
        assert [row["cadence_days"] for row in rows if row["code"] == "core"] == [usual]


def test_what_was_done_here_stays_whichever_machine_exports_first(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "add", "张三", "--title", "buyer")
    at("08:00", crm, "plan", "张三", "tomorrow", "call")
    at("08:00", crm, "complain", "张三", "late")
    at("08:00", crm, "promise", "张三", "sample", "--by", "fri")
    carry("08:10", crm, other)
    at("08:20", other, "contact", "edit", "张三", "--title", "head")
    at("08:20", other, "done", "1", "did it")
    at("08:20", other, "complaint", "resolve", "c1", "sent")
    at("08:20", other, "promise", "keep", "p1")
    assert carry("08:30", crm, other)["updated"] == 0
    exchange("08:40", crm, other)
    for machine in (crm, other):
        assert values(machine, "title") == ["head"]
        assert [machine.data(*noun, "show", "1")["status"] for noun in (["callback"], ["complaint"], ["promise"])] == [
            "done",
            "resolved",
            "kept",
        ]


def test_of_each_value_the_one_that_was_said_last_counts(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "add", "张三", "--title", "t", "--region", "r", "--notes", "n", "--set", "level=1")
    carry("08:00", crm, other)
    at("08:10", crm, "contact", "edit", "张三", "--title", "crm", "--set", "level=crm")
    at("08:20", other, "contact", "edit", "张三", "--title", "other", "--region", "other", "--set", "meter=other")
    at("08:30", crm, "contact", "edit", "张三", "--notes", "crm")
    exchange("08:40", crm, other)
    for machine in (crm, other):
        assert values(machine, "title", "region", "notes") == ["other", "other", "crm"]
        assert values(machine, "fields") == [{"level": "crm", "meter": "other"}]


def test_what_was_emptied_there_becomes_empty_here(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "add", "张三", "--title", "buyer", "--company", "华东", "--set", "level=1", "--set", "meter=2")
    at("08:00", crm, "plan", "张三", "every monday", "call")
    at("08:00", crm, "complain", "张三", "late")
    at("08:00", crm, "complaint", "wait", "c1")
    at("08:00", crm, "survey", "send", "张三")
    at("08:00", crm, "survey", "return", "1", "--score", "80", "--comment", "nice")
    exchange("08:10", crm, other)
    at("08:20", other, "contact", "edit", "张三", "--title", "", "--company", "", "--unset", "level")
    at("08:20", other, "callback", "edit", "1", "--every", "")
    at("08:20", other, "complaint", "resume", "c1")
    at("08:20", other, "survey", "edit", "1", "--comment", "")
    at("08:30", crm, "contact", "edit", "张三", "--region", "east")
    exchange("08:40", crm, other)
    for machine in (crm, other):
        assert values(machine, "title", "company", "fields", "region") == [None, None, {"meter": "2"}, "east"]
        assert machine.data("callback", "show", "1")["repeat"] is None
        assert machine.data("complaint", "show", "1")["waiting_since"] is None
        assert machine.data("survey", "show", "1")["comment"] is None


def test_what_is_declared_loses_on_both_what_it_lost_on_one(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "vocabulary", "add", "source", "talk", "--alias", "lecture")
    at("08:00", crm, "field", "add", "contact", "level", "--alias", "tier")
    at("08:00", crm, "notice", "add", "check", "--every", "90d", "--of", "tag:vip")
    exchange("08:10", crm, other)
    at("08:20", other, "vocabulary", "edit", "source", "talk", "--remove-alias", "lecture")
    at("08:20", other, "field", "edit", "contact", "level", "--remove-alias", "tier")
    at("08:20", other, "notice", "edit", "check", "--of", "")
    exchange("08:30", crm, other)
    for machine in (crm, other):
        assert machine.data("vocabulary", "show", "source", "talk")["aliases"] == ""
        assert machine.data("field", "show", "contact", "level")["aliases"] == ""
        assert machine.data("notice", "show", "check")["query"] == ""


def test_what_was_taken_back_is_no_newer_than_before(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "add", "张三", "--title", "t")
    carry("08:00", crm, other)
    at("08:10", other, "contact", "edit", "张三", "--title", "other")
    at("08:20", crm, "contact", "edit", "张三", "--title", "mistake")
    at("08:20", crm, "undo")
    exchange("08:30", crm, other)
    assert [values(machine, "title") for machine in (crm, other)] == [["other"], ["other"]]


def test_whose_company_was_deleted_and_came_back_is_there_since_when_they_were(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "add", "张三", "--company", "华东电力")
    carry("08:10", crm, other)
    at("08:20", other, "contact", "edit", "张三", "--company", "北方电力")
    at("08:30", crm, "contact", "edit", "张三", "--company", "南方电网")
    at("08:40", crm, "company", "delete", "南方电网", "-y")
    at("08:50", crm, "undo")
    exchange("09:00", crm, other)
    assert [values(machine, "company") for machine in (crm, other)] == [["南方电网"], ["南方电网"]]


def test_an_import_that_was_taken_back_can_be_made_again(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "add", "张三", "--title", "t")
    carry("08:00", crm, other)
    at("08:10", crm, "contact", "edit", "张三", "--title", "crm")
    carry("08:20", crm, other)
    at("08:30", other, "undo")
    assert values(other, "title") == ["t"]
    assert carry("08:40", crm, other)["updated"] == 1
    assert values(other, "title") == ["crm"]


def test_words_and_declarations_that_were_changed_here_stay(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "field", "add", "contact", "level", "--en", "Level")
    at("08:00", crm, "vocabulary", "edit", "class", "core", "--every", "20")
    at("08:00", crm, "service-level", "add", "--severity", "low", "--respond", "2h")
    at("08:00", crm, "notice", "add", "check", "--every", "90d")
    at("08:00", crm, "answer", "add", "How?", "so")
    carry("08:10", crm, other)
    at("08:20", other, "field", "edit", "contact", "level", "--en", "Grade")
    at("08:20", other, "vocabulary", "edit", "class", "core", "--every", "40")
    at("08:20", other, "service-level", "edit", "1", "--respond", "4h")
    at("08:20", other, "notice", "edit", "check", "--every", "30d")
    at("08:20", other, "answer", "edit", "1", "--answer", "so and so")
    assert carry("08:30", crm, other)["change"] is None
    exchange("08:40", crm, other)
    for machine in (crm, other):
        assert machine.data("field", "show", "contact", "level")["en"] == "Grade"
        assert machine.data("vocabulary", "show", "class", "core")["cadence_days"] == 40
        assert machine.data("service-level", "show", "1")["respond"] == "4h"
        assert machine.data("notice", "show", "check")["every"] == "30d"
        assert machine.data("answer", "show", "1")["answer"] == "so and so"


def test_since_when_somebody_is_a_customer_is_known_there(crm: Crm, other: Crm) -> None:
    for noun, name in (("contact", "张三"), ("company", "华东电力")):
        at("08:00", crm, noun, "add", name)
    at("08:10", crm, "complain", "张三", "late")
    at("08:20", crm, "contact", "consent", "张三", "email", "yes")
    carry("09:00", crm, other)
    for noun in ("contact", "company", "complaint", "consent"):
        made = [
            [row["created_at"] for row in map(json.loads, machine.ok("export", "all", "-o", "jsonl").out.splitlines())
             if row["record"] == noun]
            for machine in (crm, other)
        ]  # fmt: skip
        assert made[0] == made[1] != [], noun


def test_who_is_there_already_keeps_the_day_since_when(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "add", "张三", "-p", "13800138000")
    at("07:00", other, "add", "张三", "-p", "13800138000")
    exchange("09:00", crm, other)
    assert [values(machine, "created_at") for machine in (crm, other)] == [
        ["2026-11-25T08:00:00+08:00"],
        ["2026-11-25T07:00:00+08:00"],
    ]


def test_who_was_merged_there_and_is_known_here_by_a_phone_alone(crm: Crm, other: Crm) -> None:
    at("08:00", other, "add", "张三", "-p", "13800138000")
    at("08:00", crm, "add", "张三", "-p", "13800138000", "--company", "华东")
    at("08:00", crm, "add", "Zhang", "-e", "zhang@example.cn")
    at("08:00", crm, "contact", "merge", "1", "2", "-y")
    at("08:00", crm, "contact", "consent", "1", "email", "yes")
    at("08:00", crm, "survey", "send", "1")
    at("08:00", crm, "contact", "edit", "1", "--name", "张三丰")
    exchange("08:10", crm, other)
    assert [row["name"] for row in other.data("list")] == ["张三丰"]
    assert values(other, "consent") == [["email"]]
    at("08:20", crm, "log", "1", "called")
    at("08:20", crm, "contact", "edit", "1", "--phone", "13900139000")
    at("08:30", crm, "contact", "edit", "1", "--name", "张大")
    carry("08:40", other, crm)
    exchange("08:50", crm, other)
    for machine in (crm, other):
        assert [row["name"] for row in machine.data("list")] == ["张大"]
        assert [row["contact"] for row in machine.data("followup", "list")] == ["张大"]
        assert machine.data("contact", "show", "1")["uid"] not in values(machine, "fields")[0].values()


def test_a_company_that_was_deleted_on_one_machine_comes_back_with_its_people(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "add", "张三", "--company", "华东")
    at("08:00", crm, "contact", "edit", "张三", "--title", "buyer")
    carry("08:10", crm, other)
    at("08:20", crm, "company", "delete", "1", "-y")
    exchange("08:30", crm, other)
    assert [values(machine, "company") for machine in (crm, other)] == [["华东"], ["华东"]]


@pytest.mark.parametrize("changed", ["x", [1], {"title": "soon"}, {"title": 1}, {"title": None}])
def test_what_no_export_writes_about_ages_says_nothing(crm: Crm, changed: Any) -> None:
    crm.ok("add", "张三", "--title", "t")
    uid = crm.data("contact", "show", "1")["uid"]
    row = {"record": "contact", "uid": uid, "name": "张三", "title": "new", "changed": changed}
    assert crm.data("import", "-", stdin=json.dumps(row) + "\n")["updated"] == 1
    assert values(crm, "title") == ["new"]


def test_a_clock_that_is_a_little_behind_turns_nothing_away(crm: Crm, other: Crm) -> None:
    at("08:02", crm, "add", "张三")
    at("08:02", crm, "log", "张三", "called")
    at("08:02", crm, "complain", "张三", "late")
    at("08:03", crm, "complaint", "resolve", "c1", "sent")
    at("08:03", crm, "promise", "张三", "sample", "--by", "fri")
    at("08:03", crm, "promise", "keep", "p1")
    at("08:03", crm, "plan", "张三", "tomorrow", "call")
    at("08:03", crm, "done", "1")
    text = crm.ok("export", "all", "-o", "jsonl", CRM_NOW=AT.format("08:03")).out
    summary = other.data("import", "-", stdin=text, CRM_NOW=AT.format("08:00"))
    assert (summary["created"], summary["rejected"]) == (summary["read"], 0)
    assert [row["at"] for row in other.data("followup", "list")] == [row["at"] for row in crm.data("followup", "list")]


def test_what_two_agree_to_who_are_one_elsewhere_is_there_once(crm: Crm, other: Crm) -> None:
    for name in ("张三", "李四"):
        at("08:00", crm, "add", name)
    at("08:00", crm, "contact", "consent", "李四", "email", "no")
    carry("08:10", crm, other)
    at("08:20", other, "contact", "merge", "1", "2", "-y")
    carry("08:30", other, crm)
    carry("08:40", crm, other)
    assert [row["answer"] for row in other.data("contact", "consent", "1")] == ["no"]


def test_what_both_imported_from_one_file_is_one_to_what_belongs_to_it(crm: Crm, other: Crm, tmp_path: Path) -> None:
    file = tmp_path / "complaints.csv"
    file.write_text("contact,text,received_at\n张三,late,2026-11-20 09:00\n", "utf-8")
    at("08:00", crm, "add", "张三")
    carry("08:10", crm, other)
    for machine in (crm, other):
        at("08:20", machine, "import", str(file), "--as", "complaints")
    at("08:30", crm, "supervise", "c1", "why", "--by", "lin", "--every", "2d")
    at("08:30", crm, "survey", "send", "张三", "--complaint", "1")
    at("08:30", other, "log", "张三", "called", "--complaint", "1")
    exchange("08:40", crm, other)
    for machine in (crm, other):
        assert [row["complaint_id"] for row in machine.data("followup", "list")] == [1]
        assert [row["complaint_id"] for row in machine.data("survey", "list")] == [1]
        assert machine.data("complaint", "show", "1")["supervised_by"] == "lin"


def test_an_export_from_before_a_merge_leaves_what_was_merged(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "add", "张三", "--notes", "one")
    at("08:00", crm, "add", "李四", "--title", "buyer", "--notes", "two")
    old = crm.ok("export", "all", "-o", "jsonl", CRM_NOW=AT.format("08:00")).out
    at("08:10", crm, "contact", "merge", "1", "2", "-y")
    carry("08:20", crm, other)
    before = values(other, "notes", "title", "name")
    assert before[0].startswith("one\ntwo\n")
    other.ok("import", "-", stdin=old)
    assert values(other, "notes", "title", "name") == before


def test_what_somebody_else_emptied_of_theirs_stays_here(crm: Crm, other: Crm) -> None:
    at("08:00", other, "add", "张三", "-p", "13800138000", "--region", "east")
    at("08:10", crm, "add", "张三", "-p", "13800138000", "--region", "west", "--set", "level=1")
    at("08:20", other, "contact", "edit", "张三", "--set", "level=2")
    at("08:30", crm, "contact", "edit", "张三", "--region", "", "--unset", "level")
    carry("08:40", crm, other)
    assert values(other, "region") == ["east"]
    assert values(other, "fields")[0]["level"] == "2"


def test_what_an_import_emptied_comes_back_with_undo(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "add", "张三", "--title", "buyer", "--set", "level=1")
    carry("08:10", crm, other)
    at("08:20", crm, "contact", "edit", "张三", "--title", "", "--unset", "level", "--region", "east")
    carry("08:30", crm, other)
    assert values(other, "title", "fields", "region") == [None, {}, "east"]
    other.ok("undo")
    assert values(other, "title", "fields", "region") == ["buyer", {"level": "1"}, None]


def test_a_dry_run_says_what_becomes_empty(crm: Crm, other: Crm) -> None:
    at("08:00", crm, "add", "张三", "--title", "buyer", "--company", "Acme", "--set", "size=10")
    carry("08:10", crm, other)
    at("08:20", crm, "contact", "edit", "张三", "--title", "", "--company", "", "--unset", "size")
    text = crm.ok("export", "all", "-o", "jsonl").out
    assert json.loads(text.splitlines()[1])["company"] is None
    told = other.ok("import", "-", "--dry-run", stdin=text)
    assert "1 updated" in told.out
    line = next(line for line in (told.out + told.err).splitlines() if "张三" in line)
    assert [change for change in ("Title: buyer → ", "Company: Acme → ", "size: 10 → ") if change not in line] == []
    assert values(other, "title", "company") == ["buyer", "Acme"]
    other.ok("import", "-", stdin=text)
    assert values(other, "title", "company", "fields") == [None, None, {}]
