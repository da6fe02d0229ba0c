"""Queries as SQL: examples, refusals, sorting."""

from pathlib import Path

import pytest

from crmcli import i18n
from crmcli.errors import QueryError, UsageError
from crmcli.nouns import NOUNS, noun
from crmcli.queries.reader import Reader
from crmcli.queries.where import compile_query, compile_sort, query_fields
from crmcli.rules.query import MAX_CONDITIONS, MAX_DEPTH
from crmcli.store.database import open_database
from tests.wheres import CONTACT, NOW, Record, database, found, order_by, surroundings

PEOPLE: list[Record] = [
    {
        "name": "张三",
        "company": "华东电力（上海）公司",
        "region": "华东",
        "class": "interested",
        "birthday": "1980-12-01",
        "last_contact_at": "2026-11-20T16:00:00Z",  # today 00:00
        "next_due": "2026-11-28",
        "open_complaints": 2,
        "created_at": "2026-10-31T16:00:00Z",  # 1 November 00:00
        "tags": ["VIP", "a b"],
        "points": [("phone", "+8613800138000"), ("handle", "wechat:ZhangSan88"), ("email", "zs@acme.cn")],
    },
    {
        "name": "O'Brien 100%",
        "company": "ACME_1",
        "region": "",
        "class": "core",
        "birthday": "--11-21",
        "last_contact_at": "2026-10-22T02:30:15Z",  # exactly 30 days ago
        "next_due": "2026-11-20T02:00:00Z",
        "open_complaints": 0,
        "created_at": "2026-10-31T15:59:59Z",
        "points": [("phone", "+861088886666")],
    },
    {"name": "none", "birthday": "--01-02", "created_at": "2025-01-01T00:00:00Z", "tags": ["vipers"]},
]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [1, 2, 3]),
        ("class:interested tag:vip last_contact<30d -region:华北 (region:华东 or region:华南)", [1]),
        ("公司:华东", [1]),
        ("company:华东电力（上海）公司", [1]),
        ("class:有意向", [1]),
        ("class:core,有意向", [1, 2]),
        ("class:inter*", [1]),
        ("-class:core", [1, 3]),
        ("name:o'b", [2]),
        ("name=O'BRIEN", []),
        ('name="o\'brien 100%"', [2]),
        ("name:%", [2]),
        ("company:e_1", [2]),
        ("company:e%1", []),
        ("name:张*", [1]),
        ("name:三*", []),
        ("name:none", []),
        ('name:"none"', [3]),
        ("region:none", [2, 3]),
        ('region:""', [2, 3]),
        ("region:无,华东", [1, 2, 3]),
        ("region:any", [1]),
        ("id:1,3", [1, 3]),
        ("id>=2 id<3", [2]),
        ("id:１", [1]),
        ("id:1.0,99999999999999999999", [1]),
        ("open_complaints>0", [1]),
        ("-open_complaints>0", [2, 3]),
        ("tag:vip", [1]),
        ("tag:VIP*", [1, 3]),
        ("-tag:vip", [2, 3]),
        ('标签:"A B"', [1]),
        ("no:tags", [2]),
        ("tags:any", [1, 3]),
        ("has:phone,email", [1, 2]),
        ("phone:138*", [1]),
        ("phone:010*", [2]),
        ("phone:+86138*", [1]),
        ('phone:"138 0013 8000"', [1]),
        ("phone:8613800138000", [1]),
        ("phone:0013", [1]),
        ("phone=0013", []),
        ("phone=13800138000", [1]),
        ("phone:none", [3]),
        ("email:acme", [1]),
        ("wechat=zhangsan88", [1]),
        ("handle:zhang*", [1]),
        ("handle:san88*", []),
        ("birthday:12-01", [1]),
        ("birthday:12", [1]),
        ("生日:11月", [2]),
        ("birthday:today", [2]),
        ("birthday:1980", [1]),
        ("birthday<1990-01-01", [1]),
        ("birthday<=0d", [2]),
        ("birthday<11d", [1, 2]),
        ("birthday<=42d", [1, 2, 3]),
        ("birthday>30d", [3]),
        ("birthday<0d", []),
        ("last_contact<30d", [1]),
        ("last_contact<=30d", [1, 2]),
        ("last_contact>=30d", [2]),
        ("last_contact>30d", []),
        ("-last_contact<30d", [2, 3]),
        ("last_contact:30d", [1, 2]),
        ("last_contact:today", [1]),
        ("last_contact:none", [3]),
        ("created:2026-11", [1]),
        ("created:2026-10", [2]),
        ("created:2026", [1, 2]),
        ("created:2026年", [1, 2]),
        ("created:上个月", [2]),
        ('created:"last month"', [2]),
        ("created:本月", [1]),
        ("created<本月", [2, 3]),
        ("created>上个月", [1]),
        ("created<=上个月", [2, 3]),
        ("created:去年", [3]),
        ("created:25年", [3]),
        ("created:26年10月", [2]),
        ("created<20年", []),
        ("created<9年", [1, 2, 3]),
        ('created:"Oct 2026"', [2]),
        ("created:2026-Q4", [1, 2]),
        ("created:10月", [2]),
        ("created:november", [1]),
        ("created<11月", [2, 3]),
        ("created:12月", []),
        ("created:一月", []),
        ("created:第四季度", [1, 2]),
        ("created:H2", [1, 2]),
        ("last_contact:本周", [1]),
        ("last_contact:最近两周", [1]),
        ("next_callback:下周", [1]),
        ('next_callback:"next week"', [1]),
        ("next_callback<=下周", [1, 2]),
        ("next_callback>下周", []),
        ("next_callback:11月", [1, 2]),
        ("next_callback:nov", [1, 2]),
        ("next_callback:12月", []),
        ("next_callback<十二月份", [1, 2]),
        ("next_callback<1月", [1, 2]),
        ("next_callback:Q4", [1, 2]),
        ("birthday:本月", [2]),
        ("birthday:december", [1]),
        ("birthday:Q1", [3]),
        ("birthday:本周", [2]),
        ("birthday:下个月", [1]),
        ("birthday:下周", []),
        ("birthday:下下周", [1]),
        ("birthday>本月", [1]),
        ("created>=2026-11-01", [1]),
        ("created<=2026-10-31", [2, 3]),
        ("created:2026-10-31T16:00Z", [1]),
        ('created:"2026-11-01 00:00"', [1]),
        ("next_callback<7d", [1, 2]),
        ("next_callback:7d", [1]),
        ("next_callback<6d", [2]),
        ("next_callback:2026-11-28", [1]),
        ("next_callback>2026-11-28", []),
        ("next_callback<now", [2]),
        ("next_callback_at:none", [3]),
        ("not (name:张 or name:o)", []),
        ("-(-name:张)", [1]),
    ],
)
def test_examples(query: str, ids: list[int]) -> None:
    assert found(database(PEOPLE), query) == ids


@pytest.mark.parametrize(
    ("query", "said", "hint"),
    [
        ("regoin:x", "no field “regoin”", "region"),
        ("qqqqqqqq:x", "no field", "the fields are id, uid, name"),
        ("fields:x", "can't ask for fields", ""),
        ("has:fone", "no field “fone”", "phone"),
        ("class:gold", "no value “gold”", "vocabulary"),
        ("id:x", "with a number", "id>3"),
        ("id:1.", "with a number", ""),
        ("id:nan", "with a number", ""),
        ("id:1*", "no beginning", ""),
        ("name>a", "can't be compared with >", ""),
        ("id>1,234", "one value", "without"),
        ("last_contact<=2026-11-01,2026-11-02", "one value", ""),
        ("created:2026-13-01", "outside the calendar", ""),
        ("created:0000", "outside the calendar", ""),
        ("created:13月", "outside the calendar", ""),
        ("created:9999", "outside the calendar", ""),
        ("created>=0001-01-01", "outside the calendar", ""),
        ("last_contact<99999y", "outside the calendar", ""),
        ("birthday:02-30", "outside the calendar", ""),
        ("last_contact:whenever", "whenever", ""),
    ],
)
def test_refusals_say_what_to_do(query: str, said: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        compile_query(query, CONTACT, surroundings())
    assert said in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("类别:nothing", "类别"),
        ("class>core", "类别=值"),
        ("open_complaints>x", "未结投诉>3"),
        ("clas:x", "类别"),
        ("nothing:x", "姓名、公司、"),
    ],
)
def test_refusals_in_chinese_call_fields_what_a_chinese_query_may(query: str, said: str) -> None:
    before = i18n.language()
    i18n.activate("zh")
    try:
        with pytest.raises(QueryError) as refused:
            compile_query(query, CONTACT, surroundings())
    finally:
        i18n.activate(before)
    assert said in f"{refused.value.message} {refused.value.hint}"


def test_flags_and_declared_expressions() -> None:
    condition = compile_query("overdue:yes", noun("callback"), surroundings())
    assert ":today" in condition.sql
    assert condition.sql.endswith(" = :q0")
    assert condition.parameters == {"q0": 1}
    assert compile_query("overdue:否", noun("callback"), surroundings()).parameters == {"q0": 0}
    with pytest.raises(QueryError, match="yes or no"):
        compile_query("overdue:maybe", noun("callback"), surroundings())


def test_a_free_word_asks_the_search_index() -> None:
    assert "search MATCH :q0" in compile_query("张三", CONTACT, surroundings()).sql
    assert "LIKE" in compile_query("，", CONTACT, surroundings()).sql
    assert compile_query('""', CONTACT, surroundings()).sql == "FALSE"
    assert "LIKE" in compile_query("core", noun("vocabulary"), surroundings()).sql


def test_sorting_puts_missing_values_last() -> None:
    connection = database(PEOPLE)
    assert found(connection, "", sort="last_contact") == [2, 1, 3]
    assert found(connection, "", sort="-last_contact") == [1, 2, 3]
    assert found(connection, "", sort="-id") == [3, 2, 1]
    assert found(connection, "", sort="-open_complaints,name") == [1, 2, 3]
    assert order_by("-last_contact_at，姓名", CONTACT) == "last_contact_at DESC NULLS LAST, sort_key, id"
    assert order_by("", CONTACT) == "sort_key, id"
    for wrong in ("nam", "tags", "name,", "id; DROP TABLE contacts"):
        with pytest.raises(QueryError):
            compile_sort(wrong, CONTACT, NOW)


@pytest.mark.parametrize("name", NOUNS)
def test_every_declared_field_exists_in_its_view(name: str, tmp_path: Path) -> None:
    reader = Reader(open_database(tmp_path / "crm.db"), NOW)
    declared = noun(name)
    for field, kind, label in query_fields(declared):
        assert label
        sort = "id" if kind == "list" else f"-{field}"
        condition = compile_query(f"has:{field} -{field}:none text", declared, surroundings())
        sql = f"SELECT id FROM {declared.view} WHERE {condition.sql} ORDER BY {order_by(sort, declared)}"
        assert reader.all(sql, condition.parameters) == []


def test_the_largest_queries_run(tmp_path: Path) -> None:
    reader = Reader(open_database(tmp_path / "crm.db"), NOW)
    leaf = "(handle=a or tag:b,c*)"
    nested = leaf
    for level in range(MAX_DEPTH - 1):
        nested = f"(id:1 or {nested})" if level % 2 else f"(id:1 {nested})"
    negated = "-" * (MAX_DEPTH - 1) + leaf
    wide = " ".join(["a"] * MAX_CONDITIONS)
    values = "name:" + ",".join(["a"] * MAX_CONDITIONS)
    for query in (nested, negated, wide, values, " or ".join(["next_callback<7d"] * (MAX_CONDITIONS // 3))):
        condition = compile_query(query, CONTACT, surroundings())
        page = f"SELECT id FROM contacts WHERE id > 0 AND {condition.sql} ORDER BY {order_by('', CONTACT)}"
        assert reader.all(f"SELECT * FROM ({page})", condition.parameters) == []


@pytest.mark.parametrize(
    ("code", "sql", "bound"),
    [
        ("open", "status = 'open'", []),  # as the index of the open ones says it
        ("x' OR 1 --", "status = :q0", ["x' OR 1 --"]),  # of a file that somebody else prepared
    ],
)
def test_only_words_of_the_programs_own_are_written_out(code: str, sql: str, bound: list[str]) -> None:
    known = surroundings()._replace(code_of=lambda _set, _text: code)
    condition = compile_query("status:open", noun("callback"), known)
    assert (condition.sql, [*condition.parameters.values()]) == (sql, bound)
