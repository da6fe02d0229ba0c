"""What `find` finds, in which order, and that nothing typed can break it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.queries.reader import Reader
from crmcli.queries.search import Found, find
from crmcli.store.search import rebuild
from tests.conftest import Crm
from tests.kept import filled_once
from tests.rows import NOW, Rows, days


def search(crm: Crm, text: str, *options: str) -> list[tuple[str, int]]:
    return [(hit["kind"], hit["id"]) for hit in crm.data("find", text, *options)]


@pytest.fixture
@filled_once
def filled(crm: Crm) -> Crm:
    """Two customers, and something said, planned and complained about."""
    zhang = ("张三", "--phone", "138 0013 8000", "--email", "zs@east.example", "--im", "wechat:zhang88")
    crm.ok("add", *zhang, "--company", "华东电力", "--title", "采购经理", "--tag", "vip", "--notes", "喜欢茶, 不喝酒")
    crm.ok("add", "Ann O'Brien", "--phone", "+49 30 1234567", "--company", "Acme", "--set", "account=77123")
    crm.ok("log", "张三", "价格谈到8折，要样品", "--at", "2026-11-20 10:00")
    crm.ok("log", "Ann O'Brien", "Price agreed", "--at", "2026-11-21 10:00")
    crm.ok("plan", "张三", "2026-12-04 15:00", "送样品")
    crm.ok("complain", "Ann O'Brien", "样品 late again", "--category", "delivery")
    return crm


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("张三", ("contact", 1)),
        ("三", ("contact", 1)),
        ("张", ("contact", 1)),
        ("zhangsan", ("contact", 1)),
        ("zhangs", ("contact", 1)),
        ("zs", ("contact", 1)),
        ("san", ("contact", 1)),
        ("138 0013 8000", ("contact", 1)),
        ("+86 138-0013-8000", ("contact", 1)),
        ("0013", ("contact", 1)),
        ("0013 80", ("contact", 1)),
        ("030 1234567", ("contact", 2)),
        ("ZS@East.example", ("contact", 1)),
        ("zhang88", ("contact", 1)),
        ("brien", ("contact", 2)),
        ("O'Brien", ("contact", 2)),
        ("obrien", ("contact", 2)),
        ("ann", ("contact", 2)),
        ("华东", ("company", 1)),
        ("hddl", ("company", 1)),
        ("acme", ("company", 2)),
        ("采购", ("contact", 1)),
        ("VIP", ("contact", 1)),
        ("不喝酒", ("contact", 1)),
        ("77123", ("contact", 2)),
        ("8折", ("followup", 1)),
        ("AGREED", ("followup", 2)),
        ("agr", ("followup", 2)),
        ("送样品", ("callback", 1)),
        ("late", ("complaint", 1)),
        ("样品 late", ("complaint", 1)),
    ],
)
def test_finds(filled: Crm, text: str, first: tuple[str, int]) -> None:
    assert search(filled, text)[:1] == [first]


def test_texts_come_newest_first_after_names(filled: Crm) -> None:
    assert search(filled, "样品") == [("callback", 1), ("complaint", 1), ("followup", 1)]
    assert search(filled, "an")[0] == ("contact", 2)


def test_a_company_is_followed_by_who_works_there(filled: Crm) -> None:
    assert search(filled, "华东电力") == [("company", 1), ("contact", 1)]


@pytest.mark.parametrize(
    ("text", "together", "apart"),
    [
        ("A厂", "在A厂工作", "B厂, 方案A"),
        ("a厂", "Ａ 厂", "B厂, 方案A"),
        ("厂A", "老厂A区", "A厂"),
        ("8折", "谈到8折", "打9折, 8件"),
        ("发票X1", "发票X12已寄", "发票Y1, X1"),
    ],
)
def test_letters_beside_chinese_are_found_together(crm: Crm, text: str, together: str, apart: str) -> None:
    crm.ok("add", "Ann", "--notes", together)
    crm.ok("add", "Bob", "--notes", apart)
    assert search(crm, text) == [("contact", 1)]
    assert [row["id"] for row in crm.data("contact", "list", text)] == [1]


def test_parts_are_found_apart_where_they_are_nowhere_together(crm: Crm) -> None:
    crm.ok("add", "王五", "--company", "Acme 北京")
    assert search(crm, "王五acme") == [("contact", 1)]
    assert search(crm, "北京acme") == [("company", 1), ("contact", 1)]


def test_a_hit_says_whom_it_is_about_and_shows_the_place(filled: Crm) -> None:
    hit = filled.data("find", "8折")[0]
    assert hit == {
        "kind": "followup",
        "id": 1,
        "contact_id": 1,
        "contact": "张三",
        "text": "价格谈到8折，要样品",
        "at": "2026-11-20T10:00:00+08:00",
    }
    assert filled.data("find", "0013")[0]["text"] == "华东电力 · 采购经理 · +8613800138000"
    filled.ok("log", "张三", "a" * 200 + " 找到 " + "b" * 200)
    assert "找到" in filled.data("find", "找到")[0]["text"]
    assert len(filled.data("find", "找到")[0]["text"]) < 90


def test_nothing_found_is_no_failure(filled: Crm) -> None:
    assert filled.data("find", "nothing like it") == []
    result = filled.ok("find", "nothing like it")
    assert (result.out, "nothing matches" in result.err) == ("", True)


def test_limit(crm: Crm) -> None:
    rows = Rows(crm.db)
    who = rows.contact()
    for number in range(30):
        rows.followup(who, NOW - days(number), text=f"offer {number}")
    rebuild(rows.connection)
    assert search(crm, "offer") == [("followup", id_) for id_ in range(1, 21)]
    assert "--limit" in crm.ok("find", "offer").err
    assert len(search(crm, "offer", "--limit", "3")) == 3
    assert len(search(crm, "offer", "--limit", "0")) == 30
    assert not crm.ok("find", "offer", "--limit", "0").err


def test_deleted_is_not_found(filled: Crm) -> None:
    filled.ok("contact", "delete", "张三")
    assert search(filled, "张三") == []
    filled.ok("undo")
    assert search(filled, "8折") == [("followup", 1)]


_HOSTILE = ('"', "'", "*", "NEAR(a b)", "name:x", "a AND", "(", "-", "^a", "a\0b", "\ud800", "[red]", "%", "_", "\\")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    rows = Rows(tmp_path_factory.mktemp("search") / "crm.db")
    rows.followup(rows.contact("张三"), text="NEAR name:x a* [red] 100%")
    rebuild(rows.connection)
    return rows


@given(st.text(max_size=60) | st.lists(st.sampled_from(_HOSTILE), max_size=6).map(" ".join))
def test_no_text_breaks_it(shared: Rows, text: str) -> None:
    found = find(Reader(shared.connection, NOW), text, 20)
    assert isinstance(found, Found)
    assert all(row["text"] is not None for row in found.rows)


@pytest.mark.parametrize("text", ["b " * 5000, "张" * 5000, "1" * 5000, "ab " * 200, "😀", ""])
def test_no_length_breaks_it(shared: Rows, text: str) -> None:
    assert find(Reader(shared.connection, NOW), text, 20).rows == []


def test_a_common_word_reads_no_more_than_it_needs(tmp_path: Path) -> None:
    rows = Rows(tmp_path / "crm.db")
    who = rows.contact()
    for number in range(2500):
        rows.followup(who, NOW - days(number), text="报价 offer")
    rebuild(rows.connection)
    asked: list[str] = []
    rows.connection.set_trace_callback(asked.append)
    for text in ("报价", "offer"):
        found = find(Reader(rows.connection, NOW), text, 20)
        assert (len(found.rows), found.more) == (20, True)
    assert all("LIMIT" in sql for sql in asked if "MATCH" in sql)
