"""`crm company`: the record, its people, and what happens to them when it changes or goes."""

import pytest

from tests.conftest import Crm
from tests.kept import filled_once


@pytest.fixture
@filled_once
def firm(crm: Crm) -> Crm:
    """Give a database with 华东电力集团 and two people who work there."""
    crm.ok("company", "add", "华东电力集团", "--industry", "电力", "--region", "上海", "--phone", "021 6234 5678")
    crm.ok("add", "张三", "--company", "华东电力集团", "--title", "采购经理", "--phone", "13800138000")
    crm.ok("add", "Ann Lee", "--company", "华东电力集团")
    crm.ok("log", "张三", "called", "--at", "2026-11-20 10:00")
    return crm


def test_add_with_every_option(crm: Crm) -> None:
    row = crm.data(
        *("company", "add", "Acme 上海", "--industry", "steel", "--website", "https://acme.example"),
        *("--phone", "work=021-6234 5678", "--email", "Info@Acme.example", "--im", "微信:acme88"),
        *("--region", "上海", "--address", "南京路1号", "--owner", "张伟", "--tag", "vip，大客户"),
        *("--notes", "line one\nline two", "--set", "account=12345"),
    )
    assert {**row, "uid": ""} == {
        "id": 1,
        "uid": "",
        "name": "Acme 上海",
        "industry": "steel",
        "website": "https://acme.example",
        "phones": ["+862162345678"],
        "emails": ["info@acme.example"],
        "handles": ["wechat:acme88"],
        "region": "上海",
        "address": "南京路1号",
        "owner": "张伟",
        "tags": ["vip", "大客户"],
        "contacts": 0,
        "notes": "line one\nline two",
        "fields": {"account": "12345"},
        "reach": [
            {"kind": "phone", "label": "work", "value": "+862162345678"},
            {"kind": "email", "label": None, "value": "info@acme.example"},
            {"kind": "handle", "label": None, "value": "wechat:acme88"},
        ],
        "created_at": "2026-11-25T09:00:00+08:00",
        "updated_at": "2026-11-25T09:00:00+08:00",
    }


def test_one_that_is_there_is_not_added_twice(firm: Crm) -> None:
    result = firm("company", "add", " 华东电力集团 ", "-o", "json")
    assert result.code == 5
    assert '"candidates": [{"id": 1, "name": "华东电力集团", "region": "上海", "contacts": 2}]' in result.err
    assert firm.ok("company", "add", "华东电力集团", "--force").out == "Added 华东电力集团 (2)\n"
    assert firm("company", "show", "华东电力集团").code == 4


@pytest.mark.parametrize(
    "name", ["1", "华东电力集团", "华东", "huadong", "hddljt", "hddl", "02162345678", "+862162345678"]
)
def test_named_in_any_way(firm: Crm, name: str) -> None:
    row = firm.data("company", "show", name)
    assert (row["id"], row["contacts"]) == (1, 2)


def test_show_lists_the_people(firm: Crm) -> None:
    shown = firm.ok("company", "show", "华东").out
    assert "Industry  电力" in shown
    people = shown.split("\n\n")[1].splitlines()
    assert [line.split()[0] for line in people[1:]] == ["Ann", "张三"]
    assert "采购经理" in people[2]
    assert "Fri 20 Nov 10:00" in people[2]


def test_rename_is_found_everywhere(firm: Crm) -> None:
    row = firm.data("company", "edit", "hd", "--name", "华北电力", "--industry", "", "--add-phone", "010-62345678")
    assert (row["name"], row["industry"], len(row["phones"])) == ("华北电力", None, 2)
    assert [row["name"] for row in firm.data("contact", "list", "华北")] == ["Ann Lee", "张三"]
    assert firm.data("contact", "list", "华东") == []
    assert firm.data("company", "show", "hbdl")["id"] == 1
    assert firm("company", "show", "华东").code == 3


def test_rename_to_another_one_is_refused(firm: Crm) -> None:
    firm.ok("company", "add", "Acme")
    assert firm("company", "edit", "Acme", "--name", "华东电力集团").code == 5
    assert firm.data("company", "edit", "Acme", "--name", "acme")["name"] == "acme"
    assert firm.data("company", "edit", "Acme", "--name", "华东电力集团", "--force")["id"] == 2


def test_edit_several(firm: Crm) -> None:
    firm.ok("company", "add", "Acme", "--region", "上海")
    assert firm("company", "edit", "--where", "region:上海", "--owner", "李四").code == 2
    rows = firm.data("company", "edit", "--where", "region:上海", "--owner", "李四", "-y")
    assert [(row["name"], row["owner"]) for row in rows] == [("Acme", "李四"), ("华东电力集团", "李四")]
    assert firm.data("company", "edit", "1", "--tag", "a,b", "--remove-tag", "B", "--set", "x=1")["tags"] == ["a"]
    assert firm.data("company", "edit", "1", "--unset", "x", "--remove-phone", "021-62345678")["phones"] == []


def test_delete_keeps_the_people(firm: Crm) -> None:
    said = "Deleted 华东电力集团 (1); crm undo brings it back\n2 contacts have no company now\n"
    assert firm.ok("company", "delete", "华东").out == said
    assert [(row["name"], row["company"]) for row in firm.data("contact", "list")] == [
        ("Ann Lee", None),
        ("张三", None),
    ]
    assert firm.data("contact", "list", "电力") == []
    firm.ok("undo")
    assert {row["company"] for row in firm.data("contact", "list")} == {"华东电力集团"}
    assert len(firm.data("contact", "list", "电力")) == 2


def test_list(firm: Crm) -> None:
    firm.ok("company", "add", "Acme", "--industry", "steel")
    assert [row["name"] for row in firm.data("company", "list")] == ["Acme", "华东电力集团"]
    assert [row["id"] for row in firm.data("company", "list", "contacts>1")] == [1]
    assert [row["id"] for row in firm.data("company", "list", "-industry:steel")] == [1]
    assert [row["id"] for row in firm.data("company", "list", "phone:62345678")] == [1]
    assert firm.ok("company", "list", "--sort", "-contacts", "-q").out == "1\n2\n"
    assert (
        firm.ok("company", "list", "--columns", "name,region", "-o", "csv").out.splitlines()[2] == "华东电力集团,上海"
    )


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (2, ("add", " ")),
        (2, ("add", "X", "--phone", "none")),
        (2, ("add", "X", "--set", "account")),
        (2, ("edit", "1")),
        (2, ("edit", "--owner", "x")),
        (2, ("edit", "1", "--name", "")),
        (2, ("edit", "1", "--remove-phone", "13900139000")),
        (3, ("edit", "nobody", "--owner", "x")),
        (3, ("show", "nobody")),
        (3, ("delete", "99")),
        (2, ("delete", "1", "2")),
        (2, ("list", "colour:red")),
    ],
)
def test_what_can_not_be_done(firm: Crm, code: int, arguments: tuple[str, ...]) -> None:
    firm.ok("company", "add", "Acme")
    before = firm.ok("company", "list", "-o", "json").out
    result = firm("company", *arguments)
    assert (result.code, result.out) == (code, "")
    assert firm.ok("company", "list", "-o", "json").out == before


@pytest.mark.parametrize("typed", ["华东", "huadong", "hddl"])
def test_who_works_there_is_found_by_its_name_pinyin_and_initials(firm: Crm, typed: str) -> None:
    firm.ok("add", "Ben")
    firm.ok("plan", "张三", "fri")
    firm.ok("survey", "send", "张三")
    assert {row["contact"] for row in firm.data("find", typed) if row["kind"] == "contact"} == {"张三", "Ann Lee"}
    for noun, there in (("contact", 2), ("followup", 1), ("callback", 1), ("survey", 1)):
        assert len(firm.data(noun, "list", typed)) == there, noun
        assert firm.data(noun, "list", f"not {typed}") == (firm.data("list", "Ben") if noun == "contact" else []), noun


def test_a_company_that_is_there_is_named_once(crm: Crm) -> None:
    crm.ok("company", "add", "Acme")
    known = crm("company", "add", "acme")
    assert (known.code, known.err.count("Acme"), known.err.count("\n")) == (5, 1, 1)
    assert crm("company", "add", "acme", "-o", "json").err.count('"candidates": [{"id": 1') == 1
