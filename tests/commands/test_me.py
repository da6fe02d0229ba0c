"""`me` and `我` where a person is named, and in a query: whoever works."""

import pytest

from tests.conftest import Crm


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (("add", "李四", "--owner", "我"), "owner"),
        (("company", "add", "南方电网", "--owner", "ME"), "owner"),
        (("contact", "edit", "1", "--owner", "me"), "owner"),
        (("log", "1", "hi", "--owner", "me"), "owner"),
        (("plan", "1", "tomorrow", "--owner", " 我 "), "owner"),
        (("callback", "hand-over", "1", "--to", "me"), "owner"),
        (("promise", "1", "送样品", "--by", "fri", "--owner", "me"), "owner"),
        (("survey", "send", "1", "--owner", "me"), "owner"),
        (("answer", "add", "q", "a", "--owner", "me"), "owner"),
        (("complain", "1", "late", "--assignee", "me"), "assignee"),
        (("complaint", "assign", "1", "--to", "我"), "assignee"),
        (("complaint", "escalate", "1", "--to", "me"), "escalated_to"),
        (("complaint", "accept", "1", "--by", "me"), "responsible"),
        (("supervise", "1", "--by", "我", "--every", "2d"), "responsible"),
        (("supervision", "escalate", "1", "--to", "me"), "responsible"),
    ],
)
def test_me_is_who_works(office: Crm, line: tuple[str, ...], field: str) -> None:
    [row] = [written] if isinstance(written := office.data(*line), dict) else written
    assert row[field] == "wei"


def test_me_among_several_who_hear_of_a_breach(crm: Crm) -> None:
    row = crm.data("service-level", "add", "--respond", "2h", "--escalate-to", "我，陈经理")
    assert row["escalate_to"] == "wei, 陈经理"


@pytest.mark.parametrize(
    ("setting", "said", "kept"),
    [("on_call", "me", "wei"), ("channel.desk.person", "我", "wei"), ("escalate_to", "me，陈经理", "wei, 陈经理")],
)
def test_me_in_a_setting(crm: Crm, setting: str, said: str, kept: str) -> None:
    assert crm.data("config", "set", setting, said)["value"] == kept
    assert crm.data("config", "get", setting)["value"] == kept


@pytest.fixture
def office(zs: Crm) -> Crm:
    """Give the command line on a database with records that are somebody else's."""
    zs.ok("contact", "edit", "1", "--owner", "ann")
    zs.ok("plan", "1", "tomorrow", "--owner", "ann")
    zs.ok("complain", "1", "late")
    zs.ok("complaint", "assign", "1", "--to", "ann")
    zs.ok("supervise", "c1", "--by", "ann", "--every", "2d")
    return zs


def ids(crm: Crm, *line: str) -> list[str]:
    return crm.ok(*line, "-o", "ids").out.split()


@pytest.mark.parametrize("me", ["me", "我", "ME"])
def test_a_query_knows_who_asks(crm: Crm, me: str) -> None:
    crm.ok("add", "张三")
    crm.ok("add", "Ann Lee", "--owner", "James")
    crm.ok("add", "Bob Ray", "--owner", "wei2")
    crm.ok("complain", "张三", "late")
    lists = ["list", f"owner:{me}"], ["list", f"负责人={me}"], ["complaint", "list", f"responsible:{me}"]
    assert [ids(crm, *line) for line in lists] == [["1"], ["1"], ["1"]]
    assert ids(crm, "list", f"-owner:{me}") == ["2", "3"]
    assert ids(crm, "list", f'owner:"{me}"') == ([] if me == "我" else ["2"]), "quoted, it means itself"
    assert crm.ok("list", f"owner:{me}", USER="eva").err == (
        "nothing matches; you are eva, unless crm config set user NAME says otherwise\n"
    )
    assert crm.ok("list", "owner:eva", USER="eva").err == "nothing matches\n"
