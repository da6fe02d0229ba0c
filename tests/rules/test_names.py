import sqlite3
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.rules.clean import printable
from crmcli.rules.names import clean, clean_name, fts_query, name_key, search_name, segment, sort_key
from crmcli.rules.phones import digit_tokens
from crmcli.rules.pinyin import pinyin


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  张三 ", "张三"),
        ("张\u3000三", "张三"),
        ("欧 阳 娜  娜", "欧阳娜娜"),
        ("张三 李四", "张三 李四"),
        ("张 三丰", "张 三丰"),
        ("A 厂", "A 厂"),
        ("김 철", "김 철"),
        ("Ann\t\n Lee", "Ann Lee"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\u202eb\u2066c\u200b", "abc"),
        ("[/red]x", "[/red]x"),
        ("O'Brien\x00", "O'Brien"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ],
)
def test_clean_names(text: str, name: str) -> None:
    assert clean_name(text) == name


@pytest.mark.parametrize("text", ["", "  ", "\u200b\u202e", "\u200d", "\x00"])
def test_empty_names_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        clean_name(text)


def test_printable_keeps_lines() -> None:
    assert printable("a\r\nb\rc\x1b[2J\td\u2028e") == "a\nb\nc[2J\td\ne"


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("张三", "zhangsan", "zs"),
        ("欧阳娜娜", "ouyangnana", "oynn"),
        ("单雄信", "shanxiongxin", "sxx"),
        ("解晓东", "xiexiaodong", "xxd"),
        ("仇英", "qiuying", "qy"),
        ("查良镛", "zhaliangyong", "zly"),
        ("曾志伟", "zengzhiwei", "zzw"),
        ("任正非", "renzhengfei", "rzf"),
        ("区小明", "ouxiaoming", "oxm"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("万俟卨", "moqixie", "mqx"),
        ("长孙无忌", "zhangsunwuji", "zswj"),
        ("王长江", "wangchangjiang", "wcj"),
        ("吕布", "lvbu", "lb"),
        ("張偉", "zhangwei", "zw"),
        ("张三Bob", "zhangsanbob", "zsb"),
        ("Bob 张", "bobzhang", "bz"),
        ("买买提·艾力", "maimaitiaili", "mmtal"),
        ("华东电力有限公司", "huadongdianliyouxiangongsi", "hddlyxgs"),
    ],
)
def test_pinyin(name: str, full: str, initials: str) -> None:
    assert pinyin(name) == (full, initials)


@pytest.mark.parametrize("name", ["Ann Lee", "Zoë", "김철수", "さくら", "", "…"])
def test_no_pinyin_without_chinese(name: str) -> None:
    assert pinyin(name) is None


def test_order() -> None:
    names = ["章子怡", "Zoe", "张三", "Ann", "李四", "Émile", "Dan", "张艺谋", "Zhou", "白居易"]
    assert sorted(names, key=sort_key) == [
        "Ann", "白居易", "Dan", "Émile", "李四", "张三", "张艺谋", "章子怡", "Zhou", "Zoe",
    ]  # fmt: skip


def test_keys() -> None:
    assert name_key(" Ａnn  LEE ") == "ann lee"
    assert name_key("Straße") == name_key("STRASSE")


def test_segments() -> None:
    assert segment("call Ann") == "call Ann"
    assert segment("价格8折,call") == "价 格 8 折 ,call"
    assert segment("𠮷野家") == "𠮷 野 家"


def index(*records: tuple[str, str, str]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute(
        'CREATE VIRTUAL TABLE search USING fts5(name, reach, body, tokenize="unicode61 remove_diacritics 2")'
    )
    rows = [(search_name(name), digit_tokens(phone), segment(body)) for name, phone, body in records]
    connection.executemany("INSERT INTO search VALUES (?, ?, ?)", rows)
    return connection


@pytest.fixture(scope="module")
def people() -> sqlite3.Connection:
    return index(
        ("张三", "13800138000", "价格谈到8折,要样品"),
        ("O'Brien", "5551234567", "called at 3pm"),
        ("欧阳娜娜", "1012345678", "华东电力 SF1234567890"),
        ("Zoë Müller", "2079461234", "2026-12-01"),
        ("Łukasz Straße", "", ""),
        ("Søren Ængel", "", ""),
    )


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("张三", 1),
        ("三", 1),
        ("zs", 1),
        ("zhangs", 1),
        ("zhangsan", 1),
        ("zhang san", 1),
        ("san", 1),
        ("ZS", 1),
        ("mueller", 4),
        ("lukasz", 5),
        ("STRASSE", 5),
        ("Straß", 5),
        ("soren", 6),
        ("soer aeng", 6),
        ("Søren", 6),
        ("138 0013", 1),
        ("0013", 1),
        ("138-0013-8000", 1),
        ("+86 138 0013 8000", 1),
        ("8折", 1),
        ("样品 张三", 1),
        ("brien", 2),
        ("obrien", 2),
        ("O'Brien", 2),
        ("O’Brien", 2),
        ("3pm", 2),
        ("(555) 123", 2),
        ("oynn", 3),
        ("nana", 3),
        ("ouyang", 3),
        ("电力", 3),
        ("SF123", 3),
        ("010-1234", 3),
        ("muller", 4),
        ("zoe", 4),
        ("2026-12-01", 4),
    ],
)
def test_what_finds_whom(people: sqlite3.Connection, typed: str, found: int) -> None:
    assert people.execute("SELECT rowid FROM search WHERE search MATCH ?", (fts_query(typed),)).fetchall() == [(found,)]


@pytest.mark.parametrize("typed", ["name:三四", "张 AND 李", "三张", "brian", "139", '" OR "三'])
def test_what_finds_nobody(people: sqlite3.Connection, typed: str) -> None:
    assert not people.execute("SELECT 1 FROM search WHERE search MATCH ?", (fts_query(typed),)).fetchall()


@pytest.mark.parametrize("typed", ["", " ", "***", '"', "()", "—", "\x00"])
def test_punctuation_matches_nothing(typed: str) -> None:
    assert fts_query(typed) == ""


TYPED = st.one_of(st.text(), st.text(alphabet="张三ab1 \"*():^-+{}\x00'éANDORNEAR"))


@given(TYPED)
def test_no_text_is_an_error_to_fts5(typed: str) -> None:
    expression = fts_query(typed)
    if expression:
        connection = index(("张三", "13800138000", ""))
        connection.execute("SELECT 1 FROM search WHERE search MATCH ?", (expression,)).fetchall()
        connection.close()


@given(st.text(alphabet=st.one_of(st.sampled_from("张三欧阳娜李华东"), st.sampled_from("abzÉü '")), min_size=1))
def test_every_name_finds_itself(text: str) -> None:
    name = clean(text)
    expression = fts_query(name)
    if expression:
        connection = index((name, "", ""))
        assert connection.execute("SELECT 1 FROM search WHERE search MATCH ?", (expression,)).fetchone(), expression
        connection.close()


ANY = st.text(alphabet=st.characters(max_codepoint=sys.maxunicode))


@given(ANY)
@settings(max_examples=300)
def test_cleaning_is_idempotent_and_leaves_no_control(text: str) -> None:
    line, lines = clean(text), printable(text)
    assert clean(line) == line
    assert printable(lines) == lines
    assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in line)
    assert "\x1b" not in lines
    assert name_key(name_key(line)) == name_key(line)
    line.encode()


@given(ANY)
def test_every_text_can_be_sorted_segmented_and_searched(text: str) -> None:
    name = clean(text)
    assert isinstance(sort_key(name), str)
    assert "".join(segment(text).split()) == "".join(unicodedata.normalize("NFKC", text).split())
    search_name(name)
    pinyin(name)
