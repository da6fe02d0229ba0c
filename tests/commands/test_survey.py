"""`crm survey` and `crm question`: sent, returned, and everything that a noun does."""

import json
from contextlib import closing
from typing import Any

import pytest

from crmcli.context import Context
from tests.conftest import Crm, content, opened
from tests.kept import filled_once

LATER = "2026-11-27T10:00:00+08:00"


@pytest.fixture
@filled_once
def sent(crm: Crm) -> Crm:
    """Give two customers, a complaint c1 of the first, and survey 1 about it."""
    crm.ok("add", "张三", "--class", "core")
    crm.ok("add", "李四", "--class", "core")
    crm.ok("complain", "张三", "late")
    crm.ok("survey", "send", "--complaint", "c1", "--channel", "微信")
    return crm


def test_send_one(sent: Crm) -> None:
    row = sent.data("survey", "show", "1")
    assert {
        name: row[name] for name in ("contact", "complaint_id", "form", "channel", "owner", "score", "answers")
    } == {
        "contact": "张三",
        "complaint_id": 1,
        "form": "service",
        "channel": "message",
        "owner": "wei",
        "score": None,
        "answers": [],
    }
    assert row["sent_at"] == "2026-11-25T09:00:00+08:00"
    again = sent("survey", "send", "张三")
    assert (again.code, "has not come back yet" in again.err) == (5, True)
    assert sent.data("survey", "send", "张三", "--force", "--at", "yesterday")["id"] == 2
    assert sent.ok("undo").code == 0
    assert len(sent.data("survey", "list")) == 1


def test_send_many_leaves_out_who_has_one(sent: Crm) -> None:
    assert sent("survey", "send", "--where", "class:core").code == 0
    assert [row["contact"] for row in sent.data("survey", "list", "--sort", "id")] == ["张三", "李四"]
    result = sent.ok("survey", "send", "--where", "class:core")
    assert (result.out, result.err) == ("", "2 have one already that is not back\n")
    assert sent("survey", "send", "--where", "class:core", "--force").code == 2
    assert sent.ok("survey", "send", "--where", "class:core", "--force", "-n", "-q").out == "3\n4\n"
    assert sent.ok("survey", "send", "--where", "class:core", "--force", "-y", "-q").out == "3\n4\n"


def test_return_with_answers(sent: Crm) -> None:
    result = sent.ok("survey", "return", "1", "--answers", "in-time=60/90 result=80/85", CRM_NOW=LATER)
    assert result.out == "Survey 1 of 张三 came back: 72 of 100 · they had expected 15.0 more\n"
    row = sent.data("survey", "show", "1")
    assert (row["returned_at"], row["score"], row["gap"]) == (LATER, 72.0, 15.0)
    assert row["answers"] == [
        {"form": "service", "code": "in-time", "moment": "during", "experience": 60, "expectation": 90},
        {"form": "service", "code": "result", "moment": "after", "experience": 80, "expectation": 85},
    ]
    assert sent("survey", "return", "1", "--score", "5").code == 5
    changed = sent.data("survey", "edit", "1", "--answers", "in-time=100", "--comment", "还可以")
    assert (changed["score"], changed["gap"], changed["comment"]) == (88.0, 5.0, "还可以")
    sent.ok("undo")
    assert sent.data("survey", "show", "1") == {**row, "updated_at": row["updated_at"]}
    shown = sent.ok("survey", "show", "1", COLUMNS="80").out
    assert "Was it done in time?" in shown
    assert "+30" in shown


def test_return_with_points_alone(sent: Crm) -> None:
    assert sent.data("survey", "return", "1", "--score", "86.5")["score"] == 86.5
    assert [row["id"] for row in sent.data("survey", "list", "score>=80")] == [1]
    assert sent.data("survey", "list", "returned:none") == []


def test_points_lie_in_the_band_that_they_show(sent: Crm) -> None:
    assert sent.data("survey", "return", "1", "--score", "69.96")["score"] == 70.0
    with closing(opened(sent.db)) as connection:  # an earlier version, or another program's export
        connection.execute("UPDATE survey SET score = 69.96")
    total = sent.data("report", "satisfaction")["total"]
    assert (total["score"], total["dissatisfied"], total["satisfied"]) == (70.0, 0, 1)
    for query, found in (("score<70", []), ("score:70", [1]), ("score>=70", [1])):
        assert [row["id"] for row in sent.data("survey", "list", query)] == found
    assert sent.data("survey", "list", "--sort", "-score", "--columns", "id,score") == [{"id": 1, "score": 70.0}]
    assert sent.data("survey", "show", "1")["score"] == 70.0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("return", "1"), 2, 'crm survey return 1 --answers "promise=90/80 manner=70"'),
        (("return", "1", "--answers", "foo=9"), 2, "has no question foo"),
        (("return", "1", "--answers", "result=900"), 2, "is no answer"),
        (("return", "1", "--score", "101"), 2, "--score"),
        (("return", "1", "--score", "9", "--at", "2026-11-01"), 2, "before it was sent"),
        (("return", "9", "--score", "9"), 3, "no survey 9"),
        (("edit", "1", "--score", "9"), 5, "not come back"),
        (("edit", "1"), 2, "nothing to change"),
        (("send", "李四", "--form", "nope"), 3, "no form"),
        (("send", "李四", "--complaint", "c1"), 2, "another contact"),
        (("send",), 2, "which contact?"),
        (("form", "--form", "nope"), 3, "the forms are service"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_written(
    sent: Crm, arguments: tuple[str, ...], code: int, said: str
) -> None:
    before = sent.data("survey", "list")
    result = sent("survey", *arguments)
    assert (result.code, result.out) == (code, "")
    assert said in result.err
    assert sent.data("survey", "list") == before


def test_the_form_to_hand_out(sent: Crm) -> None:
    english = sent.ok("survey", "form", "1").out
    assert "| 3. Was it done in time? (in-time) | | |" in english
    assert "For 张三 · survey 1" in english
    assert "| 3. 处理是否及时？ (in-time) | | |" in sent.ok("survey", "form", CRM_LANG="zh").out
    assert [row["code"] for row in sent.data("survey", "form")][-1] == "recommend"


def test_questions(sent: Crm) -> None:
    row = sent.data("question", "add", "visit", "friendly", "--zh", "态度", "--moment", "服务中", "--weight", "3")
    assert (row["moment"], row["en"], row["weight"], row["position"]) == ("during", "态度", 3, 1)
    two_lines = sent.data("question", "add", "call", "polite", "--en", "Were\nthey polite?")
    assert (two_lines["en"], two_lines["zh"]) == ("Were they polite?", "Were they polite?")
    assert sent("question", "add", "visit", "friendly", "--en", "?").code == 5
    assert sent("question", "add", "visit", "a b", "--en", "?").code == 2
    assert sent("question", "add", "visit", "b").code == 2
    sent.ok("question", "add", "service", "friendly", "--en", "Friendly?")
    ambiguous = sent("question", "edit", "friendly", "--hide")
    assert (ambiguous.code, "form/code" in ambiguous.err) == (4, True)
    assert sent.data("question", "edit", "visit/friendly", "--en", "Friendly?")["en"] == "Friendly?"
    sent.ok("survey", "send", "李四", "--form", "visit")
    sent.ok("survey", "return", "2", "--answers", "friendly=50")
    refused = sent("question", "delete", "visit/friendly")
    assert (refused.code, "--hide" in refused.err) == (5, True)
    sent.ok("question", "edit", "visit/friendly", "--hide")
    assert sent("survey", "send", "张三", "--form", "visit").code == 3
    assert [one["code"] for one in sent.data("question", "list", "form:visit", "--all")] == ["friendly"]
    assert "Deleted friendly" in sent.ok("question", "delete", "service/friendly").out


@pytest.mark.parametrize("option", ["--weight", "--position"])
def test_a_number_that_no_form_needs_is_refused(sent: Crm, option: str) -> None:
    for number in ("99999999999999999999", "9223372036854775807", "100000"):
        refused = sent("question", "edit", "recommend", option, number)
        assert (refused.code, refused.out, refused.err.count("\n")) == (2, "", 1)


def test_questions_of_two_forms_with_one_code_are_two(sent: Crm) -> None:
    sent.ok("question", "add", "visit", "recommend", "--en", "Welcome back?", "--zh", "欢迎再来？")
    sent.ok("survey", "return", "1", "--answers", "recommend=90")
    sent.ok("survey", "send", "李四", "--form", "visit")
    sent.ok("survey", "return", "2", "--answers", "recommend=10 ")
    rows = sent.data("report", "satisfaction", "--by", "question")["rows"]
    assert [(row["question"], row["experience"]) for row in rows] == [
        ("service/recommend", 90),
        ("visit/recommend", 10),
    ]
    assert "Welcome back? (visit)" in sent.ok("report", "satisfaction", "--by", "question").out


def test_a_notice_called_complaint_plans_no_return_visits(crm: Crm) -> None:
    crm.ok("add", "张三", "--birthday", "11-26")
    crm.ok("notice", "add", "complaint", "--field", "birthday", "--before", "1d")
    crm.ok("notice", "plan")
    assert len(crm.data("callback", "list")) == 1
    assert crm.data("report", "satisfaction", "--in", "2026")["total"]["visits"] == 0


def told(row: dict[str, Any]) -> str:
    """Return what a record says in any database."""
    return json.dumps({name: row[name] for name in row if name not in {"id", "origin", "created_at", "updated_at"}})


def test_everything_comes_back_elsewhere(sent: Crm) -> None:
    sent.ok("question", "add", "visit", "friendly", "--zh", "态度")
    sent.ok("question", "edit", "recommend", "--weight", "5")
    sent.ok("survey", "return", "1", "--answers", "in-time=60/90 recommend=70", "--comment", "a, b\nc")
    path = sent.folder / "all.json"
    sent.ok("export", "all", "--to", str(path))
    there = str(sent.folder / "there.db")
    assert sent.data("import", str(path), "--db", there)["rejected"] == 0
    for name in ("survey", "question"):
        mine, theirs = (sent.data(name, "list", "--all", *more) for more in ((), ("--db", there)))
        assert sorted(map(told, mine)) == sorted(map(told, theirs))
    again = sent.data("import", str(path), "--db", there)
    assert again["unchanged"] == again["read"]
    assert sent.ok("export", "surveys", "-o", "csv").out.count("in-time") == 1


def test_a_spoilt_export_is_turned_away(sent: Crm) -> None:
    sent.ok("survey", "return", "1", "--score", "50")
    records = sent.ok("export", "all", "-o", "json").json
    survey = next(row for row in records if row["record"] == "survey")
    for spoilt in ({"score": 500}, {"answers": [{"code": "x"}]}, {"sent_at": "soon"}, {"contact_uid": "nobody"}):
        rows = [row for row in records if row["record"] == "contact"] + [{**survey, **spoilt, "uid": "other"}]
        result = sent("import", "-", "-o", "json", stdin=json.dumps(rows))
        assert (result.code, result.json["rejected"]) == (6, 1), spoilt


def test_whoever_is_erased_leaves_no_survey(sent: Crm) -> None:
    sent.ok("survey", "return", "1", "--answers", "result=50", "--comment", "unmistakable")
    assert sent.data("contact", "export-all", "张三")["surveys"][0]["comment"] == "unmistakable"
    sent.ok("contact", "erase", "张三", "-y")
    assert b"unmistakable" not in content(sent.db)
    with closing(opened(sent.db)) as connection:
        assert connection.execute("SELECT count(*) FROM survey_answer").fetchone() == (0,)


def test_on_a_terminal_each_question_is_asked(sent: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Context, "interactive", property(lambda _context: True))
    result = sent.ok("survey", "return", "1", stdin="80/90\n\n900\n60\n")
    assert "Survey 1 of 张三 came back: 66.7 of 100" in result.out  # (80 · 1 + 60 · 2) / 3
    assert result.err.count("Was it done in time?") == 2
    answers = sent.data("survey", "show", "1")["answers"]
    assert [(one["code"], one["experience"], one["expectation"]) for one in answers] == [
        ("promise", 80, 90),
        ("in-time", 60, None),
    ]


def test_a_file_of_surveys(sent: Crm) -> None:
    sent.ok("survey", "return", "1", "--answers", "in-time=60/90 recommend=70")
    exported = sent.ok("export", "surveys", "-o", "csv").out
    again = sent.data("import", "-", "--as", "surveys", stdin=exported)
    assert (again["read"], again["unchanged"], again["change"]) == (1, 1, None)
    sent.ok("survey", "delete", "1")
    assert sent.data("import", "-", "--as", "surveys", stdin=exported)["created"] == 1
    assert sent.data("survey", "list")[0]["score"] == 65.0
    sheet = (
        "客户,发放时间,回收时间,答案,得分\n李四,2026-11-20,2026-11-21,result=80 in-time=50/60,\n"
        "张三,2026-11-20,,,\n王五,2026-11-20,,,50\n"
    )
    result = sent("import", "-", "--as", "surveys", "-o", "json", stdin=sheet)
    assert (result.code, result.json["created"], result.json["rejected"]) == (6, 2, 1)
    row = sent.data("survey", "list", "contact:李四")[0]
    assert (row["score"], row["gap"], row["form"]) == (68.0, 10.0, "service")  # (80 · 3 + 50 · 2) / 5
    assert sent("import", "-", "--as", "surveys", "-o", "json", stdin=sheet).json["unchanged"] == 2
    skipped = sent("import", "-", "--as", "surveys", "--on-duplicate", "skip", "-o", "json", stdin=sheet)
    assert skipped.json["skipped"] == 2
    assert sent("import", "-", "--as", "surveys", "--on-duplicate", "fail", stdin=exported).code == 5


def test_a_row_that_says_only_what_changed_leaves_the_rest(sent: Crm) -> None:
    sent.ok("survey", "return", "1", "--score", "80", "--comment", "very good")
    before = sent.data("survey", "list")[0]
    for row in (
        f"客户,uid,渠道\n张三,{before['uid']},phone\n",
        f"客户,发放时间,渠道\n张三,{before['sent_at']},phone\n",
    ):
        sent.data("import", "-", "--as", "surveys", stdin=row, USER="somebody-else")
        after = sent.data("survey", "list")[0]
        assert after["channel"] == "phone"
        assert {**after, "channel": "", "updated_at": ""} == {**before, "channel": "", "updated_at": ""}


def test_a_file_from_before_a_merge_names_the_one_that_is_left(sent: Crm) -> None:
    exported = sent.ok("export", "surveys", "-o", "csv").out
    sent.ok("add", "张三丰")
    sent.ok("contact", "merge", "张三丰", "张三", "-y")
    again = sent.data("import", "-", "--as", "surveys", stdin=exported)
    assert (again["read"], again["unchanged"]) == (1, 1)


def test_answers_without_weight_give_no_points(sent: Crm) -> None:
    sent.ok("question", "edit", "recommend", "--weight", "0")
    assert sent.ok("survey", "return", "1", "--answers", "recommend=10").out == "Survey 1 of 张三 came back\n"
    assert sent.data("survey", "show", "1")["score"] is None
