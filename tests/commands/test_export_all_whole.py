"""What a database knows beside its records comes back from an export of everything, into an empty one."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Crm


@pytest.fixture
def other(crm: Crm, tmp_path: Path) -> Crm:
    """Give an empty database."""
    (tmp_path / "other").mkdir()
    return Crm(tmp_path / "other", crm._monkeypatch)  # noqa: SLF001 - a second database beside the first


def carried(crm: Crm, other: Crm) -> dict[str, Any]:
    """Import everything into the other database, where it is the same and the second time unchanged."""
    text = crm.ok("export", "all", "-o", "jsonl").out
    summary: dict[str, Any] = other.data("import", "-", stdin=text)
    assert (summary["created"], summary["rejected"]) == (summary["read"], 0)
    again = other.data("import", "-", stdin=text)
    assert (again["unchanged"], again["change"]) == (again["read"], None)
    assert crm.data("import", "-", stdin=text)["unchanged"] == summary["read"]
    return summary


@pytest.mark.parametrize(
    ("noun", "one", "another"),
    [("contact", "Jonathan Smith", "Smith Jonathan"), ("company", "华东电力", "华东电力有限公司")],
)
def test_pairs_that_are_two_are_two_there(crm: Crm, other: Crm, noun: str, one: str, another: str) -> None:
    crm.ok(noun, "add", one)
    crm.ok(noun, "add", "passing by")
    crm.ok(noun, "delete", "2", "-y")
    crm.ok(noun, "add", another, "--force")
    assert len(crm.data(noun, "dupes")) == 1
    crm.ok(noun, "distinct", "1", "3")
    carried(crm, other)
    assert other.data(noun, "dupes") == []
    other.ok("undo")
    assert other.data(noun, "list") == []


@pytest.mark.parametrize("noun", ["contact", "company"])
def test_a_merged_record_is_known_there_by_its_former_uid(crm: Crm, other: Crm, noun: str) -> None:
    crm.ok(noun, "add", "华东电力")
    crm.ok(noun, "add", "Huadong", "--force")
    old = crm.ok("export", "all", "-o", "jsonl").out
    crm.ok(noun, "merge", "1", "2", "-y")
    carried(crm, other)
    assert other.data("import", "-", stdin=old)["created"] == 0
    assert [row["name"] for row in other.data(noun, "list")] == ["华东电力"]


def test_who_is_not_merged_there_stays_a_record(crm: Crm, other: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("add", "李四")
    other.ok("import", "-", stdin=crm.ok("export", "all", "-o", "jsonl").out)
    crm.ok("contact", "merge", "1", "2", "-y")
    merged = crm.ok("export", "all", "-o", "jsonl").out
    for _time in range(2):
        summary = other.data("import", "-", stdin=merged)
        assert (summary["created"], summary["skipped"]) == (0, 1)
    assert len(other.data("list")) == 2


def test_what_belongs_to_a_merged_contact_belongs_to_the_one_that_is_left(crm: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("add", "李四")
    crm.ok("complain", "李四", "late")
    crm.ok("supervise", "c1", "why", "--by", "lin", "--every", "2d")
    crm.ok("survey", "send", "李四")
    old = crm.ok("export", "all", "-o", "jsonl").out
    crm.ok("contact", "merge", "1", "2", "-y")
    assert crm.data("import", "-", stdin=old)["rejected"] == 0


def test_identities_of_nobody_are_told(crm: Crm) -> None:
    lines = [
        '{"record": "former", "noun": "contact", "uid": "a", "left_uid": "b"}',
        '{"record": "distinct", "noun": "company", "one_uid": "a", "other_uid": "b"}',
        '{"record": "distinct", "noun": "vocabulary", "one_uid": "a", "other_uid": "b"}',
    ]
    run = crm("import", "-", "-o", "json", stdin="\n".join(lines))
    assert (run.code, [error["field"] for error in run.json["errors"]]) == (6, ["left_uid", "one_uid", "noun"])


@pytest.mark.parametrize("format_", ["json", "jsonl", "csv", "tsv"])
@pytest.mark.parametrize("records", ["companies", "contacts"])
def test_labels_of_numbers_and_addresses_come_back(crm: Crm, other: Crm, records: str, format_: str) -> None:
    noun = {"companies": "company", "contacts": "contact"}[records]
    crm.ok(noun, "add", "华东电力", "-p", "switchboard=021-62345678", "-p", "13800138000", "-e", "work=a@example.cn")
    assert [point["label"] for point in crm.data(noun, "show", "1")["reach"]] == ["switchboard", None, "work"]
    text = crm.ok("export", records, "-o", format_).out
    other.ok("import", "-", "--as", records, stdin=text)
    assert other.data(noun, "show", "1")["reach"] == crm.data(noun, "show", "1")["reach"]
    assert other.data("import", "-", "--as", records, stdin=text)["unchanged"] == 1


def test_labels_of_companies_are_in_everything(crm: Crm, other: Crm) -> None:
    crm.ok("company", "add", "华东电力", "-p", "switchboard=021-62345678", "-e", "work=a@example.cn")
    carried(crm, other)
    assert [point["label"] for point in other.data("company", "show", "1")["reach"]] == ["switchboard", "work"]


def test_what_a_notice_planned_is_not_planned_again_there(crm: Crm, other: Crm) -> None:
    crm.ok("add", "passing by")
    crm.ok("contact", "delete", "1", "-y")
    crm.ok("field", "add", "contact", "expiry", "--type", "date")
    crm.ok("notice", "add", "expires", "--field", "expiry", "--before", "3d")
    crm.ok("add", "张三", "--set", "expiry=2026-11-30")
    crm.ok("notice", "plan")
    crm.ok("done", "1")
    (planned,) = crm.data("callback", "list", "--all")
    assert planned["notice"] == "expires:2@2026-11-30"
    carried(crm, other)
    assert [row["notice"] for row in other.data("callback", "list", "--all")] == ["expires:1@2026-11-30"]
    other.ok("notice", "plan")
    assert len(other.data("callback", "list", "--all")) == 1
    other.ok("undo")
    assert other.data("callback", "list", "--all") == []


def test_a_return_visit_is_not_planned_again_there(crm: Crm, other: Crm) -> None:
    crm.ok("add", "张三")
    crm.ok("complain", "张三", "passing by")
    crm.ok("complaint", "delete", "1", "-y")
    crm.ok("complain", "张三", "late", "--severity", "high")
    config = crm.folder / "config.toml"
    config.write_text('[return_visit]\nhigh = "7d"\n', "utf-8")
    crm.ok("complaint", "resolve", "c2", "sent")
    crm.ok("complaint", "close", "c2", CRM_CONFIG=str(config))
    assert crm.data("complaint", "show", "c2")["return_visit_id"] == 1
    carried(crm, other)
    assert other.data("complaint", "show", "c1")["return_visit_id"] == 1


def test_steps_name_the_complaint_and_the_follow_up_that_were_linked(crm: Crm, other: Crm) -> None:
    crm.ok("add", "张三")
    for text in ("passing by", "late", "broken"):
        crm.ok("complain", "张三", text)
    crm.ok("complaint", "delete", "c1", "-y")
    crm.ok("log", "张三", "passing by")
    crm.ok("log", "张三", "called")
    crm.ok("followup", "delete", "1", "-y")
    crm.ok("complaint", "link", "c2", "--complaint", "3")
    crm.ok("complaint", "link", "c2", "--followup", "2")
    for question in ("passing by", "How?"):
        crm.ok("answer", "add", question, "So")
    crm.ok("answer", "delete", "1", "-y")
    crm.ok("complaint", "resolve", "c2", "--answer", "2")
    carried(crm, other)
    named = [step["data"] for step in other.data("complaint", "show", "c1")["steps"] if step["data"]]
    assert named == [{"complaint": 2}, {"followup": 1}, {"answer": 1}]


@pytest.mark.parametrize(
    "data",
    [
        *("abc", 5, [1], {"complaint": [1]}, {"options": 3}, {"options": [[]]}, {"text": "x"}, {"opens_at": "soon"}),
        *({"before": 1}, {"before": {"severity": []}}, {"followup": 2**63}, {"followup": 1}, {"option": 10**30}),
    ],
)
def test_a_step_that_says_what_none_says_is_rejected(crm: Crm, data: Any) -> None:
    crm.ok("add", "张三")
    step = {"kind": "receive", "at": "2026-11-01T10:00:00+08:00", "actor": "wei", "status": "received", "note": None}
    row = {"record": "complaint", "uid": "u", "contact": "张三", "text": "late", "steps": [{**step, "data": data}]}
    run = crm("import", "-", "-o", "json", stdin=json.dumps(row) + "\n")
    assert (run.code, [error["field"] for error in run.json["errors"]]) == (6, ["steps"])


def test_what_no_export_writes_as_the_planner_is_nobody(crm: Crm) -> None:
    crm.ok("add", "张三")
    uid = crm.data("contact", "show", "张三")["uid"]
    planners = [
        "x",
        "expires:1@2026-11-30",
        "complaint:1",
        f"a b:{uid}@2026-11-30",
        f"expires:{uid}@soon",
        "complaint:",
    ]
    for number, planner in enumerate(planners):
        row = {"record": "callback", "uid": f"u{number}", "contact_uid": uid, "due": "2026-12-01", "notice": planner}
        assert crm.data("import", "-", stdin=json.dumps({**row, "purpose": str(number)}) + "\n")["created"] == 1
    assert {row["notice"] for row in crm.data("callback", "list")} == {None}


def in_use(crm: Crm) -> list[str]:
    return [row["name"] for row in crm.data("preset", "list") if row["current"]]


def test_the_preset_in_use_is_in_use_there(crm: Crm, other: Crm) -> None:
    own = crm.folder / "mine.toml"
    own.write_text(crm.ok("preset", "show", "library", "--toml").out, "utf-8")
    for name in (str(own), "utility"):
        crm.ok("preset", "use", name, "-y")
    text = crm.ok("export", "all", "-o", "jsonl").out
    assert other.data("import", "-", stdin=text)["rejected"] == 0
    assert in_use(other) == ["utility"]
    origins = [[(row["code"], row["origin"]) for row in each.data("question", "list")] for each in (crm, other)]
    assert origins[0] == origins[1]
    assert other.ok("preset", "show", "mine", "--toml").out == crm.ok("preset", "show", "mine", "--toml").out
    again = other.data("import", "-", stdin=text)
    assert (again["unchanged"], again["change"]) == (again["read"], None)
    other.ok("undo")
    assert in_use(other) == ["general"]


def test_a_preset_that_was_chosen_stays_in_use(crm: Crm, other: Crm) -> None:
    crm.ok("preset", "use", "utility", "-y")
    other.ok("preset", "use", "library", "-y")
    text = "".join(line for line in crm.ok("export", "all", "-o", "jsonl").out.splitlines(True) if '"preset"' in line)
    assert other.data("import", "-", stdin=text)["created"] == 1
    assert in_use(other) == ["library"]
    assert other.data("import", "-", stdin=text)["unchanged"] == 1


@pytest.mark.parametrize("text", ["", "x = [", "x = 1", "[vocabulary]\nclass = 3"])
def test_what_is_no_preset_is_rejected(crm: Crm, text: str) -> None:
    row = {"record": "preset", "name": "mine", "text": text, "current": True}
    assert crm("import", "-", stdin=json.dumps(row) + "\n").code == 6
    assert in_use(crm) == ["general"]


def test_what_was_done_about_a_complaint_on_one_machine_comes_to_the_other(crm: Crm, other: Crm) -> None:
    def carry(start: Crm, end: Crm) -> dict[str, Any]:
        summary: dict[str, Any] = end.data("import", "-", stdin=start.ok("export", "all", "-o", "jsonl").out)
        return summary

    crm.ok("add", "张三", "--phone", "13800138000")
    crm.ok("complain", "张三", "晚了", "--at", "2026-11-20 09:00")
    carry(crm, other)
    other.ok("complaint", "respond", "c1", "在查", "--at", "2026-11-20 10:00")
    other.ok("complaint", "propose", "c1", "--option", "换", "--option", "退", "--at", "2026-11-20 11:00")
    other.ok("complaint", "resolve", "c1", "换了", "--at", "2026-11-20 12:00")
    before = crm.data("complaint", "show", "c1")
    assert carry(other, crm)["updated"] == 1
    steps = [crm_.data("complaint", "show", "c1")["steps"] for crm_ in (crm, other)]
    assert steps[0] == steps[1]
    assert [step["note"] for step in steps[0]][1::2] == ["在查", "换了"]
    assert carry(other, crm)["updated"] == carry(crm, other)["updated"] == 0
    crm.ok("undo")
    assert crm.data("complaint", "show", "c1") == before


_OWNED = ("contact", "company", "callback", "followup", "promise")


def test_what_is_nobodys_is_nobodys_there(crm: Crm, other: Crm, tmp_path: Path) -> None:
    """It is everybody's, so everybody is reminded of it; and where only the assignee is nobody, that is so there."""
    crm.ok("add", "Ann", "--owner", "", "--company", "Acme")
    crm.ok("company", "edit", "Acme", "--owner", "")
    crm.ok("log", "Ann", "asked", "--next", "fri", "--promise", "a sample", "--by", "fri")
    for noun in ("followup", "callback", "promise"):
        crm.ok(noun, "edit", "1", "--owner", "")
    crm.ok("complain", "Ann", "late")
    crm.ok("complaint", "edit", "1", "--assignee", "")
    carried(crm, other)
    for noun in _OWNED:
        assert [row["owner"] for row in other.data(noun, "list")] == [None], noun
    assert [(row["assignee"], row["responsible"]) for row in other.data("complaint", "list")] == [(None, None)]
    other.anew()
    crm.ok("export", "contacts", "--to", str(tmp_path / "contacts.csv"))
    other.ok("import", str(tmp_path / "contacts.csv"))
    assert [row["owner"] for row in other.data("list")] == [None]


def test_what_is_nobodys_is_nobodys_as_a_card_or_in_a_calendar_too(crm: Crm, other: Crm, tmp_path: Path) -> None:
    """What another program added beside it, without saying whose it is, is the user's; who has an owner keeps it."""
    crm.ok("add", "Ann", "--owner", "")
    crm.ok("add", "Ben", "--owner", "li")
    for name, owner in (("Ann", ""), ("Ben", "li")):
        crm.ok("plan", name, "fri")
        crm.ok("callback", "edit", "1" if name == "Ann" else "2", "--owner", owner)
    for noun, name in (("contacts", "a.vcf"), ("callbacks", "a.ics")):
        crm.ok("export", noun, "--to", str(tmp_path / name))
    with (tmp_path / "a.vcf").open("a", encoding="utf-8") as file:
        file.write("BEGIN:VCARD\nVERSION:4.0\nUID:1\nFN:Cy\nEND:VCARD\n")
    for name in ("a.vcf", "a.ics"):
        other.ok("import", str(tmp_path / name))
    assert [row["owner"] for row in other.data("list", "--sort", "name")] == [None, "li", "wei"]
    assert [row["owner"] for row in other.data("callback", "list", "--sort", "id")] == [None, "li"]
    other.ok("contact", "edit", "Ann", "--owner", "wu")
    assert other.data("import", str(tmp_path / "a.vcf"))["unchanged"] == 3


def test_who_said_no_yes_and_no_on_one_day_says_no_there(crm: Crm, other: Crm) -> None:
    """The second no was taken for the first: whoever had withdrawn their consent had given it on the other machine."""
    crm.ok("add", "Ann")
    for answer in ("no", "yes"):
        crm.ok("contact", "consent", "Ann", "email", answer, "--at", "2026-11-20")
    carried(crm, other)
    assert other.data("list")[0]["consent"] == ["email"]
    crm.ok("contact", "consent", "Ann", "email", "no", "--at", "2026-11-20")
    text = crm.ok("export", "all", "-o", "jsonl").out
    assert other.data("import", "-", stdin=text)["created"] == 1
    assert other.data("list")[0]["consent"] == []
    assert other.data("import", "-", stdin=text)["change"] is None
