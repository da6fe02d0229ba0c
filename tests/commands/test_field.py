"""Custom fields from the command line: declared once, known everywhere."""

import json
from pathlib import Path

import pytest

from tests.conftest import Crm
from tests.kept import filled_once


@pytest.fixture
@filled_once
def utility(crm: Crm) -> Crm:
    """Give a database with a field of every kind that behaves differently, and three contacts."""
    crm.ok("field", "add", "contact", "meter", "--en", "meter", "--zh", "表号", "--alias", "电表号,表计编号")
    crm.ok("field", "add", "contact", "usage", "--type", "number", "--zh", "月用电量")
    crm.ok("field", "add", "contact", "expires", "--type", "date", "--zh", "到期日", "--remind", "30")
    crm.ok(
        "field",
        "add",
        "contact",
        "supply",
        "--type",
        "choice",
        "--zh",
        "用电类别",
        "--choice",
        "home=household|居民,shop=shop|商业",
    )
    crm.ok("field", "add", "contact", "paper", "--type", "flag", "--zh", "纸质账单", "--en", "Paper bill")
    crm.ok("field", "add", "contact", "agent", "--type", "phone", "--zh", "经办人电话")
    people = {
        "张三": ("meter=M001", "usage=320", "expires=2026-12-10", "用电类别=居民", "paper=是", "agent=139 0013 9000"),
        "李四": ("表号=M002", "usage=12,000", "expires=2027-06-01", "supply=shop", "paper=no"),
        "王五": (),
    }
    for name, fields in people.items():
        crm.ok("add", name, *(part for field in fields for part in ("--set", field)))
    return crm


def names(crm: Crm, query: str, *options: str) -> list[str]:
    return [row["name"] for row in crm.data("list", query, *options)]


def test_values_are_typed_in_json(utility: Crm) -> None:
    assert utility.data("contact", "show", "张三")["fields"] == {
        "meter": "M001",
        "usage": 320,
        "expires": "2026-12-10",
        "supply": "home",
        "paper": True,
        "agent": "+8613900139000",
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("meter:m001", ["张三"]),
        ("表号=M002", ["李四"]),
        ("usage>1000", ["李四"]),
        ("usage<=320", ["张三"]),
        ("expires<30d", ["张三"]),
        ("到期日:2027", ["李四"]),
        ("用电类别:商业", ["李四"]),
        ("supply:home,shop", ["张三", "李四"]),
        ("paper:yes", ["张三"]),
        ("paper:否", ["李四"]),
        ("agent:139-0013-9000", ["张三"]),
        ("has:supply -paper:no", ["张三"]),
        ("no:meter", ["王五"]),
    ],
)
def test_queries_know_them(utility: Crm, query: str, found: list[str]) -> None:
    assert sorted(names(utility, query)) == sorted(found)


def test_a_field_whose_name_ends_in_a_digit_is_asked_for(crm: Crm) -> None:
    """It looks like a time, as 明天10:30 does: it was searched for, and -level2:1 excluded nobody."""
    crm.ok("field", "add", "contact", "level2", "--type", "number", "--zh", "等级2")
    crm.ok("add", "张三", "--set", "level2=1", "--notes", "level2:3 等级3:3")
    crm.ok("add", "李四", "--set", "level2=20")
    assert names(crm, "level2:1") == ["张三"]
    assert sorted(names(crm, "等级2：1,20")) == ["张三", "李四"]
    assert names(crm, "-level2:1") == ["李四"]
    assert names(crm, "(level2:20)") == ["李四"]
    assert names(crm, "等级3:3") == names(crm, '"level2:3"') == ["张三"]
    crm.ok("contact", "delete", "--where", "-level2:1", "-y")
    assert names(crm, "") == ["张三"]


def test_lists_sort_and_show_them(utility: Crm) -> None:
    assert names(utility, "", "--sort", "-usage") == ["李四", "张三", "王五"]
    shown = utility.ok("list", "supply:居民", "--columns", "name,supply,usage", "--lang", "zh").out
    assert [line.split() for line in shown.splitlines()] == [["姓名", "用电类别", "月用电量"], ["张三", "居民", "320"]]
    assert utility.data("list", "meter:M001", "--columns", "meter,paper") == [{"meter": "M001", "paper": True}]


def test_the_screen_of_a_contact_has_them(utility: Crm) -> None:
    english, chinese = (utility.ok("show", "李四", "--lang", lang).out for lang in ("en", "zh"))
    assert "Paper bill no" in english
    assert "household" not in english
    assert "用电类别 商业" in chinese


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("usage=much", "is no number"),
        ("expires=someday", "can't be read"),
        ("\u202eexpires=someday", "can't be read"),
        ("supply=工业", "is none of: household, shop"),
        ("paper=perhaps", "neither yes nor no"),
        ("agent=x", "phone"),
    ],
)
def test_what_does_not_fit_is_refused(utility: Crm, given: str, said: str) -> None:
    result = utility("contact", "edit", "张三", "--set", given)
    assert result.code == 2
    assert said in result.err
    assert "crm field show contact" in result.err


def test_a_required_field_is_demanded_of_new_records_alone(utility: Crm) -> None:
    utility.ok("field", "edit", "contact", "meter", "--required")
    refused = utility("add", "赵六")
    assert (refused.code, "meter is required" in refused.err) == (2, True)
    utility.ok("add", "赵六", "--set", "电表号=M006")
    utility.ok("contact", "edit", "王五", "--notes", "he has none yet")
    assert utility("contact", "edit", "赵六", "--unset", "meter").code == 2
    done = utility("import", "-", "-o", "json", stdin="姓名,表号\n孙七,M007\n周八,\n王五,\n")
    assert done.code == 6
    assert [(error["row"], error["field"]) for error in done.json["errors"]] == [(3, "meter")]
    assert done.json["created"] == 1


@pytest.mark.parametrize("heading", ["meter", "表号", "电表号", "Meter"])
def test_imports_know_every_name(utility: Crm, heading: str) -> None:
    utility.ok("import", "-", stdin=f"姓名,{heading},Paper bill\n陈静,M009,是\n")
    assert utility.data("contact", "show", "陈静")["fields"] == {"meter": "M009", "paper": True}


def test_an_import_refuses_what_does_not_fit(utility: Crm) -> None:
    done = utility(
        "import", "-", "-o", "json", stdin="姓名,月用电量,到期日\n陈静,much,2027-01-01\n何九,88,soon\n邓十,5,\n"
    )
    assert [error["field"] for error in done.json["errors"]] == ["usage", "expires"]
    assert utility.data("contact", "show", "邓十")["fields"] == {"usage": 5}


@pytest.mark.parametrize("ending", ["csv", "tsv", "xlsx", "json", "jsonl", "vcf"])
def test_an_export_imports_again(utility: Crm, tmp_path: Path, ending: str) -> None:
    utility.ok("contact", "edit", "张三", "--set", "茶=龙井", "--set", "usage=0.5")
    before = utility.data("list", "--sort", "id")
    file = str(tmp_path / f"contacts.{ending}")
    utility.ok("export", "contacts", "--to", file)
    assert utility.data("import", file)["unchanged"] == 3
    utility.ok("contact", "delete", "张三", "李四", "王五", "-y")
    utility.ok("import", file)
    after = utility.data("list", "--sort", "id")
    assert [row["fields"] for row in after] == [row["fields"] for row in before]


def test_a_whole_database_takes_its_fields_along(utility: Crm, tmp_path: Path) -> None:
    file = str(tmp_path / "all.json")
    utility.ok("export", "all", "--to", file)
    other = ("--db", str(tmp_path / "other.db"))
    utility.ok("import", file, *other)
    assert utility.data("field", "list", *other) == utility.data("field", "list")
    assert names(utility, "usage>1000", *other) == ["李四"]
    assert utility.data("import", file, *other)["created"] == 0


def test_declaring_takes_over_what_was_free_text(crm: Crm) -> None:
    crm.ok("add", "张三", "--set", "车牌=沪A12345", "--set", "里程=12000")
    added = crm.ok("field", "add", "contact", "mileage", "--type", "number", "--zh", "里程")
    assert "1 record had it already" in added.err
    assert crm.data("contact", "show", "张三")["fields"] == {"车牌": "沪A12345", "mileage": 12000}
    refused = crm("field", "add", "contact", "plate", "--type", "number", "--zh", "车牌", "-o", "json")
    assert refused.code == 5
    assert json.loads(refused.err)["error"]["candidates"] == [
        {"id": 1, "name": "张三", "value": "沪A12345", "why": "“沪A12345” is no number"}
    ]
    crm.ok("undo")
    assert crm.data("contact", "show", "张三")["fields"] == {"车牌": "沪A12345", "里程": "12000"}


def test_a_type_is_changed_or_refused(utility: Crm) -> None:
    assert "2 values read anew" in utility.ok("field", "edit", "contact", "usage", "--type", "money").err
    utility.ok("field", "edit", "contact", "usage", "--type", "text")
    assert utility.data("contact", "show", "张三")["fields"]["usage"] == "320"
    utility.ok("undo")
    assert utility.data("contact", "show", "张三")["fields"]["usage"] == 320
    assert "nothing changed" in utility.ok("field", "edit", "contact", "usage", "--type", "money").out
    assert utility("field", "edit", "contact", "meter", "--type", "date").code == 5
    assert utility("field", "edit", "contact", "supply", "--remove-choice", "shop").code == 5
    utility.ok("field", "edit", "contact", "supply", "--add-choice", "farm=farm|农业")
    utility.ok("contact", "edit", "王五", "--set", "supply=农业")


def test_deleting_keeps_values_or_drops_them(utility: Crm) -> None:
    kept = utility.ok("field", "delete", "contact", "supply")
    assert "2 records keep it as free text" in kept.err
    assert utility.data("contact", "show", "张三")["fields"]["supply"] == "household"
    utility.ok("undo")
    assert utility.data("contact", "show", "张三")["fields"]["supply"] == "home"
    assert utility("field", "delete", "contact", "supply", "--drop-values").code == 2
    utility.ok("field", "delete", "contact", "supply", "--drop-values", "-n")
    assert sorted(names(utility, "has:supply")) == ["张三", "李四"]
    utility.ok("field", "delete", "contact", "supply", "--drop-values", "-y")
    assert "supply" not in utility.data("contact", "show", "张三")["fields"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("contact", "phones"), 5),
        (("contact", "电话号"), 0),
        (("contact", "x", "--zh", "姓名"), 5),
        (("contact", "meter"), 5),
        (("contact", "x", "--alias", "表号"), 5),
        (("contact", 'a"b'), 2),
        (("contact", "1st"), 2),
        (("contact", "x" * 41), 2),
        (("followup", "x"), 2),
        (("contact", "x", "--type", "colour"), 2),
        (("contact", "x", "--type", "choice"), 2),
        (("contact", "x", "--choice", "a"), 2),
        (("contact", "x", "--remind", "3"), 2),
        (("company", "meter"), 0),
    ],
)
def test_what_can_be_declared(utility: Crm, arguments: tuple[str, ...], code: int) -> None:
    assert utility("field", "add", *arguments).code == code


def test_companies_have_fields_too(crm: Crm) -> None:
    crm.ok("field", "add", "company", "licence", "--type", "date", "--zh", "执照到期", "--required")
    assert crm("company", "add", "华东电力").code == 2
    crm.ok("company", "add", "华东电力", "--set", "licence=2027-01-01")
    assert [row["name"] for row in crm.data("company", "list", "licence<60d")] == ["华东电力"]
    assert "执照到期" in crm.ok("company", "show", "华东电力", "--lang", "zh").out
    crm.ok("add", "张三", "--company", "南方电网")  # named in passing: nobody is asked for its licence


def test_a_hidden_field_stays_with_those_who_have_it(utility: Crm) -> None:
    utility.ok("field", "edit", "contact", "meter", "--hide", "--required")
    assert "meter" not in [row["code"] for row in utility.data("field", "list")]
    assert "meter" in [row["code"] for row in utility.data("field", "list", "--all")]
    assert "M001" in utility.ok("show", "张三").out
    assert names(utility, "meter:M001") == ["张三"]
    utility.ok("add", "赵六")
    header, first, *_rest = utility.ok("export", "contacts", "-o", "csv", "--sort", "id").out.splitlines()
    assert "meter" not in header.split(",")
    assert "M001" in first
    unknown = utility("import", "-", "--map", "姓名=qqqqqqqq", stdin="姓名\n张三\n").err
    assert "usage" in unknown
    assert "meter" not in unknown


def test_a_merge_shows_each_field_and_keeps_both_values(utility: Crm) -> None:
    shown = utility.ok("contact", "merge", "1", "2", "-n", "--lang", "zh").out
    assert any(line.split() == ["表号", "M001", "M002", "M001"] for line in shown.splitlines())
    assert any(line.split() == ["用电类别", "居民", "商业", "居民"] for line in shown.splitlines())
    utility.ok("contact", "merge", "1", "2", "-y")
    row = utility.data("contact", "show", "1")
    assert (row["fields"]["meter"], row["fields"]["usage"]) == ("M001", 320)
    assert "M002" in row["notes"]


@pytest.mark.parametrize("days", [10**6, 10**10, 10**30])
def test_nobody_is_reminded_further_ahead_than_calendars_go(crm: Crm, days: int) -> None:
    assert crm("field", "add", "contact", "expires", "--type", "date", "--remind", str(days)).code == 2
    for number in ("remind_days", "position"):
        field = {"record": "field", "noun": "contact", "code": "expires", "type": "date", number: days * 10**20}
        assert crm("import", "-", stdin=json.dumps(field)).code == 6
    crm.ok("add", "Ann", "--set", "expires=2026-12-01")
    crm.ok("today")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_field_takes_a_built_in_name_of_either_language(crm: Crm, lang: str) -> None:
    crm.ok("add", "张三", "--company", "南方电网")
    for word in ("公司", "地区", "company", "Region"):
        assert crm("field", "add", "contact", word, CRM_LANG=lang).code == 5
    assert crm("field", "add", "contact", "city", "--zh", "地区", CRM_LANG=lang).code == 5
    assert [row["name"] for row in crm.data("list", "公司:南方", CRM_LANG=lang)] == ["张三"]


@pytest.mark.parametrize("noun", ["contact", "company"])
def test_a_date_that_was_given_is_said_as_it_was_understood(crm: Crm, noun: str) -> None:
    crm.ok("field", "add", noun, "合同到期", "--type", "date")
    crm.ok("field", "add", noun, "founded", "--type", "date", "--yearly")
    added = crm.ok(noun, "add", "华东", "--set", "合同到期=下周五", "--set", "size=9").out
    assert added == "Added 华东 (1) — 合同到期: Fri 4 Dec 2026, in 9 days\n"
    changed = crm.ok(noun, "edit", "1", "--set", "founded=5/12", "--set", " 合同到期 =明天", CRM_LANG="zh").out
    assert changed == "已修改：华东（1） — founded：5月12日 · 合同到期：2026年11月26日 周四，1天后\n"
    assert crm.ok(noun, "edit", "1", "--set", "合同到期=", "--notes", "x").out == "Changed 华东 (1)\n"


@pytest.mark.parametrize("noun", ["contact", "company"])
def test_an_amount_that_was_given_is_said_as_it_was_understood(crm: Crm, noun: str) -> None:
    crm.ok("field", "add", noun, "fee", "--type", "money", "--en", "Fee", "--zh", "费用")
    assert crm.ok(noun, "add", "华东", "--set", "fee=¥1.2万").out == "Added 华东 (1) — Fee: 12,000.00\n"
    assert (
        crm.ok(noun, "edit", "1", "--set", "费用=1234.5", CRM_LANG="zh").out == "已修改：华东（1） — 费用：1,234.50\n"
    )
    refused = crm(noun, "edit", "1", "--set", "fee=1.234")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("error: Fee: “1.234” can be 1234 or 1.23: write the one that it is")
    assert crm.data(noun, "show", "1")["fields"] == {"fee": 1234.5}


def test_an_imported_amount_that_can_be_two_is_rejected(crm: Crm, tmp_path: Path) -> None:
    crm.ok("field", "add", "contact", "fee", "--type", "money")
    file = tmp_path / "fees.csv"
    file.write_text("name,fee\nAnn,1.234\nBob,1200.500\nCy,0.10000000000000001\n")
    imported = crm("import", str(file), "-o", "json")
    assert imported.code == 6
    assert [(e["row"], e["field"], e["value"]) for e in imported.json["errors"]] == [(2, "fee", "1.234")]
    assert "1234 or 1.23" in imported.json["errors"][0]["message"]
    assert {row["name"]: row["fields"]["fee"] for row in crm.data("list")} == {"Bob": 1200.5, "Cy": 0.1}


def test_a_birthday_too(crm: Crm) -> None:
    assert (
        crm.ok("add", "Ann", "-t", "CEO", "--birthday", "5/12/1988").out
        == "Added Ann (1) — CEO · Birthday: 12 May 1988\n"
    )
    assert crm.ok("contact", "edit", "1", "--birthday", "29 Feb").out == "Changed Ann (1) — Birthday: 29 Feb\n"
    assert crm.ok("contact", "edit", "1", "--birthday", "1988-05-12", CRM_LANG="zh").out.endswith("：1988年5月12日\n")
    assert crm.ok("contact", "edit", "1", "--birthday", "").out == "Changed Ann (1)\n"
    assert crm.ok("contact", "edit", "1", "--birthday", "12/5", "-q").out == "1\n"


@pytest.mark.parametrize("noun", ["contact", "company"])
def test_free_text_is_said_to_be_none_of_the_declared_fields(crm: Crm, noun: str) -> None:
    crm.ok("field", "add", noun, "meter", "--zh", "表号")
    note = crm.ok(noun, "add", "华东", "--set", "metre=1").err
    assert note == (
        "“metre” is not declared: kept as free text, which queries can't name; did you mean meter? "
        f"crm field add {noun} metre declares it\n"
    )
    assert "crm field add" in crm.ok(noun, "edit", "1", "--set", "合同 号=7").err
    assert crm.data(noun, "show", "1")["fields"] == {"metre": "1", "合同 号": "7"}
    for known in ("表号=2", "external_id=9", "metre="):
        assert crm.ok(noun, "edit", "1", "--set", known).err == ""
    assert crm.ok(noun, "edit", "1", "--set", "metre=1", "-q").err == ""
    assert crm.ok(noun, "edit", "1", "--set", "metre=1", "--unset", "metre").err == ""


def test_who_was_there_before_a_field_was_required_comes_back_from_an_export(crm: Crm, tmp_path: Path) -> None:
    """They were turned away: an export of everything did not hold everything."""
    crm.ok("company", "add", "Acme")
    crm.ok("add", "张三")
    for noun in ("company", "contact"):
        crm.ok("field", "add", noun, "licence", "--required")
    crm.ok("export", "all", "--to", str(tmp_path / "all.json"))
    crm.anew()
    assert crm.data("import", str(tmp_path / "all.json"))["rejected"] == 0
    assert crm("import", "-", stdin="name,phone\n李四,13800138000\n").code == 6


def test_a_label_is_said_once(crm: Crm) -> None:
    assert (
        crm.ok("field", "add", "contact", "合同到期", "--type", "date").out
        == "Added field 合同到期 of contact (date)\n"
    )
    said = crm.ok("field", "add", "contact", "meter", "--zh", "表号").out
    assert said == "Added field meter of contact: 表号 (text)\n"
