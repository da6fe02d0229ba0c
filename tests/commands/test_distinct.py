"""What is remembered of records being the same or not: merged ones by their former uid, and pairs that are two."""

from contextlib import AbstractContextManager
from typing import Any

import pytest

from crmcli.context import Context
from crmcli.store.transaction import Transaction
from tests.conftest import Crm, content
from tests.kept import filled_once


@pytest.fixture
@filled_once
def pair(crm: Crm) -> Crm:
    """Give 张三 twice, and somebody else."""
    crm.ok("add", "张三", "-c", "华东电力", "-p", "13800138000", "-t", "采购经理")
    crm.ok("add", "Zhang San", "--force", "-c", "华东电力有限公司", "-p", "13900139000", "--class", "core")
    crm.ok("add", "Ann Lee", "-p", "13700137000")
    return crm


def pairs(crm: Crm, noun: str = "contact") -> list[tuple[int, int]]:
    return [(row["a"]["id"], row["b"]["id"]) for row in crm.data(noun, "dupes")]


def imported(crm: Crm, *arguments: str, **kwargs: str) -> dict[str, int]:
    summary = crm.data("import", *arguments, **kwargs)
    return {name: summary[name] for name in ("created", "updated", "unchanged", "rejected") if summary[name]}


# distinct


def test_a_pair_that_is_two_is_not_shown_again(pair: Crm) -> None:
    assert pairs(pair) == [(1, 2)]
    row = pair.data("contact", "distinct", "Zhang San", "1")
    assert (row["ids"], row["distinct"], row["pairs"]) == ([2, 1], True, 1)
    assert pairs(pair) == []
    assert pair.data("contact", "distinct", "1", "2")["pairs"] == 0
    assert pair.data("contact", "distinct", "1", "2", "--forget")["pairs"] == 1
    assert "nothing changed" in pair.ok("contact", "distinct", "1", "2", "--forget").out
    assert pairs(pair) == [(1, 2)]


def test_it_can_be_undone_and_tried(pair: Crm) -> None:
    pair.ok("contact", "distinct", "1", "2", "-n")
    assert pairs(pair) == [(1, 2)]
    pair.ok("contact", "distinct", "1", "2")
    pair.ok("undo")
    assert pairs(pair) == [(1, 2)]


def test_companies_likewise(pair: Crm) -> None:
    assert pairs(pair, "company") == [(1, 2)]
    pair.ok("company", "distinct", "1", "2")
    assert pairs(pair, "company") == []
    assert pairs(pair) == [(1, 2)]


@pytest.mark.parametrize("ids", [("1",), ("1", "1")])
def test_one_is_no_pair(pair: Crm, ids: tuple[str, ...]) -> None:
    assert pair("contact", "distinct", *ids).code == 2
    assert pair("contact", "distinct", "1", "99").code == 3


def test_who_is_deleted_between_finding_and_writing_is_told(pair: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = Context.transaction

    def after_another(context: Context) -> AbstractContextManager[Transaction]:
        monkeypatch.setattr(Context, "transaction", begin)
        pair.ok("contact", "delete", "1", "-y")
        return begin(context)

    monkeypatch.setattr(Context, "transaction", after_another)
    refused = pair("contact", "distinct", "1", "2")
    assert (refused.code, refused.out) == (3, "")
    assert refused.err.startswith("error: there is no contact 1: change 4 deleted it")


def test_who_is_not_one_of_two_is_not_what_they_become(crm: Crm) -> None:
    for number in range(4):
        crm.ok("add", "张三", "--force", "-c", "华东电力", "-p", f"1380013800{number}")
    crm.ok("contact", "distinct", "2", "3", "4")
    crm.ok("contact", "merge", "1", "2", "-y")
    assert pairs(crm) == []
    crm.ok("undo")
    assert pairs(crm) == [(1, 2), (1, 3), (1, 4)]


# former uids


def merged(crm: Crm, file: str) -> dict[str, Any]:
    """Export, then merge the second contact into the first; return the one that is left."""
    crm.ok("export", "contacts", "--to", file)
    row: dict[str, Any] = crm.data("contact", "merge", "1", "2", "-y")
    return row


@pytest.mark.parametrize("file", ["old.csv", "old.json", "old.vcf", "old.xlsx", "folder/"])
def test_a_file_from_before_a_merge_doubles_nobody(pair: Crm, file: str) -> None:
    before = merged(pair, f"{pair.folder}/{file}")
    counts = imported(pair, f"{pair.folder}/{file}")
    assert "created" not in counts
    assert "rejected" not in counts
    after = pair.data("contact", "show", "1")
    for name in ("name", "company", "title", "class", "phones"):
        assert after[name] == before[name]
    assert imported(pair, f"{pair.folder}/{file}") == {"unchanged": 3}


def test_what_is_new_under_a_former_uid_goes_to_the_one_that_is_left(pair: Crm) -> None:
    uid = pair.data("contact", "show", "2")["uid"]
    pair.ok("contact", "merge", "1", "2", "-y")
    text = f"uid,name,email,title,region\n{uid},Zhang San,zs@x.cn,Buyer,上海\n"
    assert imported(pair, "-", stdin=text) == {"updated": 1}
    row = pair.data("contact", "show", "1")
    assert (row["name"], row["title"], row["emails"], row["region"]) == ("张三", "采购经理", ["zs@x.cn"], "上海")
    assert imported(pair, "-", stdin=text) == {"unchanged": 1}
    followups = f"contact_uid,text\n{uid},called\n"
    assert imported(pair, "-", "--as", "followups", stdin=followups) == {"created": 1}
    assert pair.data("followup", "list")[0]["contact_id"] == 1


def test_a_former_uid_is_known_after_another_merge_and_forgotten_by_undo(pair: Crm) -> None:
    uid = pair.data("contact", "show", "2")["uid"]
    pair.ok("contact", "merge", "1", "2", "-y")
    pair.ok("contact", "merge", "3", "1", "-y")
    text = f"uid,name,region\n{uid},Zhang San,上海\n"
    assert imported(pair, "-", stdin=text) == {"updated": 1}
    assert pair.data("contact", "show", "3")["region"] == "上海"
    for _change in range(3):
        pair.ok("undo")
    assert imported(pair, "-", stdin=text) == {"updated": 1}
    assert pair.data("contact", "show", "2")["region"] == "上海"


def test_companies_are_known_by_their_former_uid(pair: Crm) -> None:
    uid = pair.data("company", "show", "2")["uid"]
    pair.ok("company", "merge", "1", "2", "-y")
    text = f"uid,name,industry\n{uid},华东电力有限公司,电力\n"
    assert imported(pair, "-", "--as", "companies", stdin=text) == {"updated": 1}
    row = pair.data("company", "show", "1")
    assert (row["name"], row["industry"]) == ("华东电力", "电力")


def test_an_export_of_everything_from_before_points_at_who_is_left(pair: Crm) -> None:
    pair.ok("contact", "edit", "3", "--referred-by", "2")
    pair.ok("log", "2", "called")
    pair.ok("contact", "consent", "2", "email", "yes")
    file = f"{pair.folder}/all.json"
    pair.ok("export", "all", "--to", file)
    pair.ok("contact", "merge", "1", "2", "-y")
    pair.ok("company", "merge", "1", "2", "-y")
    state = [pair.data(noun, "list") for noun in ("contact", "company", "followup")]
    counts = imported(pair, file)
    assert "created" not in counts
    assert "rejected" not in counts
    again = [pair.data(noun, "list") for noun in ("contact", "company", "followup")]
    for rows, known in zip(again, state, strict=True):
        assert [{**row, "updated_at": ""} for row in rows] == [{**row, "updated_at": ""} for row in known]


def test_erasing_forgets_former_uids(pair: Crm) -> None:
    uid = pair.data("contact", "show", "2")["uid"]
    pair.ok("contact", "merge", "1", "2", "-y")
    pair.ok("contact", "erase", "1", "-y")
    assert uid.encode() not in content(pair.db)
