"""`crm contact`: the record, who is there already, how somebody is named, and every verb."""

import json
from typing import Any

import pytest

from tests.conftest import Crm
from tests.kept import filled_once

PHONE, READABLE = "+8613800138000", "+86 138 0013 8000"


@pytest.fixture
@filled_once
def known(crm: Crm) -> Crm:
    """Give a database with 张三 (1), Ann Lee (2), O'Brien (3) and 张三丰 (4)."""
    crm.ok(
        *("add", "张三", "--company", "华东电力", "--title", "采购经理", "--phone", "13800138000"),
        *("--email", "zs@east.example", "--im", "微信:ZhangSan88", "--tag", "vip", "--class", "核心"),
    )
    crm.ok("add", "Ann Lee", "--company", "Acme", "--region", "华东", "--set", "tier=gold")
    crm.ok("add", "O'Brien", "--phone", "+353 1 234 5678")
    crm.ok("add", "张三丰", "--im", "ann")
    return crm


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return [row["id"] for row in rows]


def test_add_prints_the_record(crm: Crm) -> None:
    row = crm.data(
        "add", "张三", "--company", "华东电力", "--phone", "13800138000", "--class", "有意向", "--tag", "vip"
    )
    assert row["id"] == 1
    assert (row["name"], row["company"], row["class"]) == ("张三", "华东电力", "interested")
    assert row["phones"] == [PHONE]
    assert row["tags"] == ["vip"]
    assert row["owner"] == "wei"
    assert row["created_at"] == "2026-11-25T09:00:00+08:00"


def test_add_with_every_option(known: Crm) -> None:
    row = known.data(
        *(
            "contact",
            "add",
            " 李  四 ",
            "-c",
            "南方电网",
            "-t",
            "工程师",
            "-p",
            "work=021 6234 5678",
            "-p",
            "139 0013 9000",
        ),
        *("-e", "Li@South.example", "--im", "qq:12345", "--class", "customer", "--source", "展会", "--region", "华南"),
        *("--address", "珠江路1号", "--birthday", "5月12日", "--referred-by", "zs", "--owner", "张伟"),
        *("--tag", "vip，老客户", "--tag", "VIP", "--notes", "喜欢茶\n不喝酒", "--set", "account=1=2"),
    )
    expected = {
        "id": 5,
        "name": "李四",
        "company": "南方电网",
        "title": "工程师",
        "phones": ["+862162345678", "+8613900139000"],
        "emails": ["li@south.example"],
        "handles": ["qq:12345"],
        "class": "customer",
        "source": "expo",
        "region": "华南",
        "address": "珠江路1号",
        "birthday": "--05-12",
        "referred_by": "张三",
        "owner": "张伟",
        "tags": ["vip", "老客户"],
        "notes": "喜欢茶\n不喝酒",
        "fields": {"account": "1=2"},
        "last_contact_at": None,
        "next_callback_at": None,
        "open_complaints": 0,
    }
    assert {key: row[key] for key in expected} == expected
    assert row["reach"][0] == {"kind": "phone", "label": "work", "value": "+862162345678"}
    assert len(known.data("company", "list")) == 3


def test_add_says_who_it_was(crm: Crm) -> None:
    assert crm.ok("add", "张三", "-c", "华东电力", "-t", "经理").out == "Added 张三 (1) — 华东电力 · 经理\n"
    assert crm.ok("add", "Bob", "-n").out == "dry run: Added Bob (2)\n"
    assert crm.ok("add", "Bob", "-q").out == "2\n"
    assert ids(crm.data("contact", "list")) == [2, 1]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("Somebody", "--phone", "+86 (138) 0013-8000"), READABLE),
        (("Somebody", "--phone", "0086138 0013 8000"), READABLE),
        (("Somebody", "--phone", "home=138-0013-8000"), READABLE),
        (("Somebody", "--email", "ZS@East.Example"), "zs@east.example"),
        (("Somebody", "--im", "wechat:zhangsan88"), "wechat:zhangsan88"),
        (("张三", "--company", "华东电力"), "name and company"),
        (("张三", "--company", " 华东电力 ", "--phone", "13900139000"), "name and company"),
    ],
)
def test_who_is_there_already_is_not_added_twice(known: Crm, arguments: tuple[str, ...], why: str) -> None:
    known.ok("log", "1", "called", "--at", "2026-11-21 07:30")
    result = known("add", *arguments)
    assert (result.code, result.out) == (5, "")
    assert result.err == (
        f"error: 张三 is there already (华东电力 · 采购经理 · wei · 1): last contact Sat 21 Nov, same {why}"
        " — crm show 1; add all the same with --force\n"
    )
    error = json.loads(known("add", *arguments, "-o", "json").err)["error"]
    assert (error["code"], error["kind"]) == (5, "conflict")
    assert [(who["id"], who["last_contact_at"]) for who in error["candidates"]] == [(1, "2026-11-21T07:30:00+08:00")]
    assert known.data("add", *arguments, "--force")["id"] == 5


def test_a_name_alone_meets_names_without_a_company(known: Crm) -> None:
    assert known("add", "o'brien").code == 5
    assert known.ok("add", "O'Brien", "--company", "Acme").code == 0
    assert known.ok("add", "张三").code == 0
    assert known.ok("add", "Ann Lee", "--company", "Other").code == 0


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        *[(name, 1) for name in ("1", "138 0013 8000", "+8613800138000", "008613800138000", "13800138000")],
        *[(name, 1) for name in ("ZS@east.example", "wechat:zhangsan88", "微信:ZHANGSAN88", "zhangsan88")],
        *[(name, 1) for name in ("张三", "zhangsan", "Zhang San", "zs", "ZS")],
        *[(name, 2) for name in ("Ann Lee", "ann lee", "ann l", "ANN LEE")],
        *[(name, 3) for name in ("o'b", "O'Brien", "+353 1 2345678", "00353 1 234 5678")],
        *[(name, 4) for name in ("张三丰", "zhangsanfeng", "zsf", "zhangsanf", "ann", "@ann")],
    ],
)
def test_named_in_any_way(known: Crm, name: str, id_: int) -> None:
    assert known.data("contact", "edit", name, "--notes", "x")["id"] == id_


def test_exact_beats_prefix_and_a_name_beats_a_handle(known: Crm) -> None:
    known.ok("add", "Ann")
    assert known.data("contact", "edit", "ann", "--notes", "x")["name"] == "Ann"
    assert known.data("contact", "edit", "张三", "--notes", "x")["name"] == "张三"


def test_ambiguous_names_show_who_may_be_meant(known: Crm) -> None:
    result = known("contact", "edit", "张", "--notes", "x")
    assert result.code == 4
    assert "1  张三 · 华东电力 · 采购经理 · wei\n  4  张三丰 · wei\n" in result.err
    error = json.loads(known("contact", "delete", "zhang", "-o", "json").err)["error"]
    assert (error["code"], ids(error["candidates"])) == (4, [1, 4])


@pytest.mark.parametrize(
    ("stored", "asked"), [("張國榮", "张国荣"), ("张国荣", "張國榮"), ("張國榮", "张国"), ("章三", "张三")]
)
def test_who_is_called_alike_in_other_characters_is_offered(crm: Crm, stored: str, asked: str) -> None:
    crm.ok("add", stored, "--company", "國泰電力")
    refused = crm("show", asked)
    assert (refused.code, refused.out) == (3, "")
    assert f"nobody is called “{asked}” — did you mean {stored} (1)?" in refused.err
    assert crm.ok("find", asked).err == f"nothing matches “{asked}”; did you mean {stored} (1)?\n"
    assert "did you mean 國泰電力 (1)?" in crm("company", "show", "国泰").err
    assert crm.ok("find", asked, CRM_LANG="zh").err == f"没有找到“{asked}”；是不是 {stored}（1）？\n"


def test_nobody_of_that_name(known: Crm) -> None:
    result = known("contact", "edit", "lee", "--notes", "x")
    assert result.code == 3
    assert "did you mean Ann Lee (2)?" in result.err
    assert known("contact", "edit", "9" * 5000, "--notes", "x").code == 3
    nobody = known("contact", "edit", "", "--notes", "x")
    assert (nobody.code, nobody.err) == (3, "error: nobody is called “” — see crm contact --help\n")
    assert known("show", "c1").err == "error: nobody is called “c1” — look with: crm find c1\n"
    known.ok("complain", "2", "late")
    assert known("show", "C1").err == "error: nobody is called “C1” — for the complaint: crm complaint show C1\n"


def test_who_was_deleted_and_how_they_come_back(known: Crm) -> None:
    known.ok("contact", "delete", "1")
    change = known.data("history", "--limit", "1")[0]["id"]
    for command in (("show", "1"), ("contact", "edit", "1", "--notes", "x")):
        gone = known(*command)
        said = f"error: there is no contact 1: change {change} deleted it — crm undo {change} brings it back\n"
        assert (gone.code, gone.err) == (3, said)
    assert known("show", "98").err == "error: there is no contact 98 — look with: crm find 98\n"
    known.ok("undo", str(change))
    assert known.data("show", "1")["name"] == "张三"


def test_edit_replaces_and_clears(known: Crm) -> None:
    row = known.data("contact", "edit", "1", "--name", "章三", "--title", "", "--company", "", "--phone", "13900139000")
    assert (row["name"], row["title"], row["company"], row["phones"]) == ("章三", None, None, ["+8613900139000"])
    assert row["updated_at"] == "2026-11-25T09:00:00+08:00"
    row = known.data("contact", "edit", "章三", "--phone", "", "--email", "", "--tag", "", "--class", "", "--im", "")
    assert [row[key] for key in ("phones", "emails", "tags", "class", "handles")] == [[], [], [], None, []]
    known.ok("contact", "edit", "1", "--birthday", "1988-05-12", "--source", "web", "--referred-by", "2")
    row = known.data("contact", "edit", "1", "--birthday", "", "--source", "", "--referred-by", "")
    assert [row[key] for key in ("birthday", "source", "referred_by")] == [None, None, None]


def test_who_looks_after_them_is_one_line(known: Crm) -> None:
    """As imports read it: what is exported comes back as it was."""
    assert known.data("contact", "edit", "2", "--owner", " Wang\u2028 Fang\n")["owner"] == "Wang Fang"
    assert known.data("company", "add", "新公司", "--owner", "Wang\nFang")["owner"] == "Wang Fang"
    assert known.data("contact", "edit", "2", "--owner", " ")["owner"] is None


def test_edit_lists(known: Crm) -> None:
    row = known.data("contact", "edit", "1", "--add-phone", "021 6234 5678", "--add-phone", "138 0013 8000")
    assert row["phones"] == [PHONE, "+862162345678"]
    row = known.data(
        "contact", "edit", "1", "--remove-phone", "138-0013-8000", "--add-tag", "老客户", "--remove-tag", "VIP"
    )
    assert (row["phones"], row["tags"]) == (["+862162345678"], ["老客户"])
    row = known.data(
        "contact", "edit", "1", "--add-email", "a@b.cn", "--remove-im", "微信:zhangsan88", "--add-im", "qq:1"
    )
    assert (row["emails"], row["handles"]) == (["zs@east.example", "a@b.cn"], ["qq:1"])
    assert known("contact", "edit", "1", "--remove-email", "no@b.cn").code == 2


def test_edit_says_who_else_has_a_number(known: Crm) -> None:
    known.ok("add", "李四", "--phone", "13900139000")
    id_ = str(known.data("list", "李四")[0]["id"])
    assert known.ok("contact", "edit", id_, "--add-phone", "13900139000").err == ""
    said = known.ok("contact", "edit", id_, "--add-phone", "138 0013 8000").err
    assert "张三 (1) has +86 138 0013 8000, too" in said


def test_edit_custom_fields(known: Crm) -> None:
    row = known.data("contact", "edit", "2", "--set", "tier=silver", "--set", "等级= 三 ")
    assert row["fields"] == {"tier": "silver", "等级": "三"}
    assert known.data("contact", "edit", "2", "--unset", "tier")["fields"] == {"等级": "三"}
    assert known.data("contact", "edit", "2", "--set", "等级=")["fields"] == {}
    assert known("contact", "edit", "2", "--unset", "tier").code == 2


def test_edit_several_at_once(known: Crm) -> None:
    assert known("contact", "edit", "1", "2", "--owner", "李四").code == 2
    assert ids(known.data("contact", "edit", "zs", "2", "1", "--owner", "李四", "-y")) == [1, 2]
    assert known("contact", "edit", "--where", "owner:李四", "--owner", "王五").code == 2
    assert known.ok("contact", "edit", "--where", "owner:李四", "--owner", "王五", "-n").out == (
        "dry run: Changed Ann Lee (2)\ndry run: Changed 张三 (1)\n"
    )
    assert known.ok("contact", "edit", "--where", "owner:李四", "--owner", "王五", "-y", "-q").out == "2\n1\n"
    assert known("contact", "edit", "--where", "owner:李四", "--owner", "x", "-y").code == 3
    assert known.ok("contact", "edit", "--where", "owner:王五 class:core", "--class", "customer").code == 0


def test_edit_is_whole_or_not_at_all(known: Crm) -> None:
    assert known("contact", "edit", "1", "2", "--remove-phone", "13800138000", "-y").code == 2
    assert known.data("contact", "list", "id:1")[0]["phones"] == [PHONE]


def test_delete_takes_along_what_belongs_to_them(known: Crm) -> None:
    known.ok("contact", "edit", "2", "--referred-by", "1")
    known.ok("log", "1", "called", "--next", "fri 15:00")
    known.ok("complain", "1", "late")
    gone = "what went along: 1 follow-up, 1 callback, 1 complaint\n"
    tried = known.ok("contact", "delete", "zs", "-n").out
    assert tried.startswith("dry run: Deleted 张三 (1)")
    assert tried.endswith(f"dry run: {gone}")
    assert known.ok("contact", "delete", "zs").out == f"Deleted 张三 (1); crm undo brings it back\n{gone}"
    for noun in ("followup", "callback", "complaint"):
        assert known.data(noun, "list", "--all") == []
    assert known.data("contact", "list", "id:2")[0]["referred_by"] is None
    assert known("contact", "delete", "1").code == 3
    known.ok("undo")
    assert known.data("contact", "list", "referred_by:张三")[0]["id"] == 2
    for noun in ("followup", "callback", "complaint"):
        assert len(known.data(noun, "list", "--all")) == 1


def test_nobody_is_written_as_in_files(known: Crm) -> None:
    assert known.data("contact", "edit", "1", "--owner", "-")["owner"] is None
    assert known.data("add", "新人", "--owner", "-")["owner"] is None


@pytest.mark.parametrize("name", ["name", "电话", "Phones", "class"])
def test_a_field_that_contacts_have_is_no_custom_one(known: Crm, name: str) -> None:
    refused = known("contact", "edit", "1", "--set", f"{name}=x")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"error: “{name}” is a field of its own, not a custom one — ")
    known.ok("contact", "edit", "1", "--set", f"{name}=")


def test_delete_several(known: Crm) -> None:
    assert known("contact", "delete", "1", "2").code == 2
    assert known("contact", "delete", "--where", "class:core or tag:none").code == 2
    assert ids(known.data("contact", "delete", "1", "Ann Lee", "-y")) == [1, 2]
    assert ids(known.data("contact", "list")) == [3, 4]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (["class:核心"], [1]),
        (["tag:vip", "or", "region:华东"], [2, 1]),
        (["-has:company"], [3, 4]),
        (["-有：公司"], [3, 4]),
        (["-类别：核心", "-region：none"], [2]),
        (["phone:1380013"], [1]),
        (["+86 138 0013 8000"], [1]),
        (["+353", "1", "234", "5678"], [3]),
        (["三"], [1, 4]),
        (["--where", "company:acme"], [2]),
        (["zs", "--where", "class:core"], [1]),
        (["--sort", "-id"], [4, 3, 2, 1]),
        (["--sort", "id", "--limit", "2"], [1, 2]),
        (["nothing"], []),
    ],
)
def test_list_queries(known: Crm, query: list[str], found: list[int]) -> None:
    assert ids(known.data("list", *query)) == found


def test_what_a_query_chose_is_a_list_as_data(known: Crm) -> None:
    """A script does not know how many match: of a single one it got an object, and jq '.[].id' failed."""
    assert ids(known.data("contact", "edit", "--where", "class:core", "--region", "华东", "-y")) == [1]
    assert ids(known.data("contact", "edit", "1", "1", "--region", "华南", "-y")) == [1]
    assert known.data("contact", "edit", "1", "--region", "华北")["id"] == 1
    assert ids(known.data("contact", "delete", "--where", "class:core", "-y")) == [1]


def test_list_formats(known: Crm) -> None:
    def shown(*options: str) -> list[str]:
        return known.ok("contact", "list", "--columns", "name,phones,id", "--sort", "id", *options).out.splitlines()

    assert shown("-o", "csv")[:2] == ["name,phones,id", f"张三,{PHONE},1"]
    assert shown("-o", "tsv")[1] == f"张三\t{PHONE}\t1"
    assert shown("-o", "plain")[0] == f"张三\t{PHONE}\t1"
    assert shown("-o", "md")[0] == "| Name | Phones | Id |"
    assert json.loads(shown("-o", "jsonl")[0]) == {"name": "张三", "phones": [PHONE], "id": 1}
    assert shown("-o", "ids") == shown("-q") == ["1", "2", "3", "4"]
    first = known.ok("list", "--limit", "1", "-q").out.strip()
    assert known.ok("list", "--limit", "1").err == f"the first 1; --after {first} goes on, --limit 0 shows all\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("add",),
        ("add", " "),
        ("add", "X", "--phone", "none"),
        ("add", "X", "--email", "none"),
        ("add", "X", "--class", "none"),
        ("add", "X", "--birthday", "2001-02-30"),
        ("add", "X", "--birthday", "2026-11-26"),
        ("contact", "edit", "1", "2", "--referred-by", "2", "-y"),
        ("add", "X", "--set", "account"),
        ("add", "X", "--colour", "red"),
        ("contact", "edit", "1"),
        ("contact", "edit", "--notes", "x"),
        ("contact", "edit", "1", "--name", " "),
        ("contact", "list", "colour:red"),
        ("contact", "list", "--sort", "colour"),
        ("contact", "list", "--columns", "colour"),
        ("contact", "list", "-o", "xml"),
        ("contact", "delete"),
    ],
)
def test_wrong_usage(known: Crm, arguments: tuple[str, ...]) -> None:
    before = known.ok("list", "-o", "json").out
    result = known(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.count("\n") == 1
    assert known.ok("list", "-o", "json").out == before


def test_referred_by_somebody_unknown(known: Crm) -> None:
    assert known("add", "X", "--referred-by", "nobody").code == 3
    assert known("add", "X", "--referred-by", "张").code == 4


def test_a_number_of_another_country_is_found_as_it_is_dialled_there(crm: Crm) -> None:
    crm.ok("add", "Ann Lee", "--phone", "+1 415 555 2671")
    crm.ok("add", "张三", "--phone", "13800138000")
    assert crm.data("show", "(415) 555-2671")["name"] == "Ann Lee"
    assert crm.data("show", "415-555-2671")["name"] == "Ann Lee"
    assert crm("show", "555-9999").code == 3


def test_who_works_is_a_clean_line(crm: Crm) -> None:
    crm.ok("config", "set", "user", "\x1b[31mwei\u202e\n li")
    assert crm.data("add", "张三")["owner"] == "[31mwei li"
    crm.ok("config", "set", "user", "\u202e")
    assert crm.data("add", "李四", USER="wei")["owner"]


def test_an_edit_that_changes_nothing_says_so_and_is_no_change(known: Crm) -> None:
    known.ok("contact", "edit", "2", "--title", "CEO")
    later = {"CRM_NOW": "2026-11-25T10:00:00+08:00"}
    for same in (("--title", "CEO"), ("--remove-tag", "nobody"), ("--set", "tier=gold", "--region", "华东")):
        said = known.ok("contact", "edit", "2", *same, **later)
        assert said.out == "Ann Lee (2) was so already: nothing changed\n"
    assert known.ok("contact", "edit", "2", "3", "--title", "CEO", "-y", **later).out == (
        "Ann Lee (2) was so already: nothing changed\nChanged O'Brien (3)\n"
    )
    rows = {row["id"]: row["updated_at"][11:13] for row in known.data("contact", "list")}
    assert (rows[2], rows[3]) == ("09", "10")
    known.ok("undo")
    assert known.data("contact", "show", "2")["title"] == "CEO"
    assert "contact edit 2 --title CEO" in known.ok("undo").out


@pytest.mark.parametrize("blank", ["", " ", "\u3000", "\u200b"])
def test_a_query_that_says_nothing_is_not_everybody(crm: Crm, blank: str) -> None:
    """A script's empty variable, with `-y` behind it."""
    for name in ("张三", "李四"):
        crm.ok("add", name)
        crm.ok("plan", name, "fri")
    for command in (
        ("contact", "delete"),
        ("contact", "edit", "--region", "x"),
        ("callback", "cancel"),
        ("survey", "send"),
    ):
        refused = crm(*command, "--where", blank, "-y")
        assert (refused.code, refused.out) == (2, ""), command
    assert len(crm.data("contact", "list", "--where", blank)) == 2
    crm.ok("contact", "delete", "张三", "--where", blank, "-y")
    assert [row["name"] for row in crm.data("contact", "list")] == ["李四"]
