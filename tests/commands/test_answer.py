"""Knowledge: learnt from a case, suggested for the next one, counted when it serves again."""

import pytest

from crmcli.store.database import open_database
from crmcli.store.search import differences
from tests.conftest import Crm
from tests.kept import filled_once


@pytest.fixture
@filled_once
def learnt(crm: Crm) -> Crm:
    """Give a case that was solved and what was learnt from it, and an answer that nobody asked for yet."""
    crm.ok("add", "张三")
    crm.ok("complain", "张三", "货物交付延迟了三天", "-c", "delivery")
    crm.ok("complaint", "respond", "c1", "在查")
    crm.ok("complaint", "resolve", "c1", "空运补发并道歉")
    crm.ok("complaint", "learn", "c1")
    crm.ok("answer", "add", "Invoice has the wrong tax number", "Issue a new one", "--category", "billing")
    return crm


def test_a_case_becomes_an_answer(learnt: Crm) -> None:
    row = learnt.data("answer", "show", "a1")
    assert (row["question"], row["answer"], row["category"]) == ("货物交付延迟了三天", "空运补发并道歉", "delivery")
    assert (row["complaint_id"], row["used"], row["owner"]) == (1, 0, "wei")
    again = learnt("complaint", "learn", "c1")
    assert (again.code, "a1" in again.err) == (5, True)
    learnt.ok("complain", "张三", "还没解决")
    assert learnt("answer", "add", "--from", "c2").code == 5


def test_a_similar_case_is_told_what_is_known(learnt: Crm) -> None:
    said = learnt.ok("complain", "张三", "交付又延迟").out.splitlines()
    assert said[1] == "similar: a1 货物交付延迟了三天 → 空运补发并道歉"
    assert [row["id"] for row in learnt.data("complaint", "show", "c2")["answers"]] == [1]
    assert "空运补发" in learnt.ok("complaint", "show", "c2").out
    taken = learnt.data("complain", "张三", "My invoices have wrong numbers")
    assert [row["id"] for row in taken["answers"]] == [2]
    assert learnt.data("complain", "张三", "天气不好")["answers"] == []
    assert "similar" not in learnt.ok("complain", "张三", "天气不好").out
    assert learnt.ok("complain", "张三", "交付延迟", "-q").out == "6\n"


def test_an_answer_that_serves_again_is_counted(learnt: Crm) -> None:
    learnt.ok("complain", "张三", "交付又延迟")
    solved = learnt.data("complaint", "resolve", "c2", "--answer", "a1")
    assert (solved["status"], solved["steps"][-1]["note"]) == ("resolved", "空运补发并道歉")
    assert learnt.data("answer", "show", "1")["used"] == 1
    learnt.ok("undo")
    assert learnt.data("answer", "show", "1")["used"] == 0
    solved = learnt.data("complaint", "resolve", "c2", "这次陆运", "--answer", "1")
    assert solved["steps"][-1]["note"] == "这次陆运"
    assert [row["id"] for row in learnt.data("answer", "list")] == [1, 2]


def test_found_changed_deleted_and_taken_back(learnt: Crm) -> None:
    assert [(row["kind"], row["contact"]) for row in learnt.data("find", "tax number")] == [("answer", None)]
    learnt.ok("find", "tax number")
    learnt.ok("answer", "edit", "a2", "--question", "税号错误", "--category", "")
    assert learnt.data("find", "tax number") == []
    assert learnt.data("complain", "张三", "发票的税号错误")["answers"][0]["id"] == 2
    learnt.ok("answer", "delete", "a2")
    assert learnt.data("complain", "张三", "发票的税号错误")["answers"] == []
    learnt.ok("undo", "-y", "9")
    assert learnt.data("complain", "张三", "发票的税号错误")["answers"][0]["id"] == 2
    assert differences(open_database(learnt.db)) == 0


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        (("answer", "add"), 2, "what is the question?"),
        (("answer", "add", "question"), 2, "what is the answer?"),
        (("answer", "edit", "a1", "--answer", " "), 2, "what is the answer?"),
        (("answer", "edit", "a1"), 2, "nothing to change"),
        (("answer", "show", "a9"), 3, "no answer 9"),
        (("complaint", "resolve", "c1", "--answer", "a9"), 3, "no answer 9"),
        (("complaint", "learn", "c9"), 3, "no complaint"),
    ],
)
def test_what_is_wrong_is_said(learnt: Crm, line: tuple[str, ...], code: int, said: str) -> None:
    result = learnt(*line)
    assert (result.code, said in result.err, result.err.count("\n")) == (code, True, 1), result
