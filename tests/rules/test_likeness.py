"""How alike names and records are: what people mean by one person, and by two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.rules.likeness import (
    LEAST,
    Party,
    Way,
    companies_alike,
    contacts_alike,
    firm_name,
    name_forms,
    name_likeness,
    within,
)

PHONE = Way("phone", "+8613800138000", "+8613800138000", "13800138000", 2)
NAMES = st.one_of(
    st.text(max_size=12),
    st.text("张三李四王晓小明欧阳娜", min_size=1, max_size=4),
    st.lists(st.sampled_from(["Ann", "Lee", "Jörg", "Mueller", "B.", "O'Brien", "de", "Müller"]), max_size=4).map(
        " ".join
    ),
)
PARTIES = st.builds(
    Party,
    NAMES,
    st.lists(
        st.builds(
            Way, st.just("phone"), st.sampled_from(["+8613800138000", "62345678"]), st.text(), st.just(""), st.just(2)
        )
    ).map(tuple),
    st.sampled_from(["", "Acme", "Acme Ltd", "华东电力", "华东电力有限公司"]),
    st.sampled_from(["", "1988-05-12", "--05-12", "1990-01-01"]),
    st.sampled_from(["", "上海"]),
    st.integers(1, 9),
)


@pytest.mark.parametrize(
    ("a", "b", "how"),
    [
        ("Ann Lee", "ann  LEE", "name"),
        ("Ann Lee", "Dr. Ann Lee", "name"),
        ("O'Brien", "OBrien", "name"),
        ("张三", "张三先生", "name"),
        ("Lee Ann", "Ann Lee", "order"),
        ("Lee, Ann", "Ann Lee", "order"),
        ("García Pérez, José", "Jose Garcia Perez", "order"),
        ("Müller, Jörg", "Joerg Mueller", "spelling"),
        ("Jean-Luc Picard", "Jeanluc Picard", "spelling"),
        ("Zhang San", "张三", "pinyin"),
        ("San Zhang", "张三", "pinyin"),
        ("Xiaoming Zhang", "张晓明", "pinyin"),
        ("Ouyang Nana", "欧阳娜娜", "pinyin"),
        ("Lv Bu", "吕布", "pinyin"),
        ("王晓明", "王小明", "sound"),
        ("张三", "张三 Sam", "part"),
        ("A. Lee", "Ann Lee", "part"),
        ("Ann Lee", "Ann B. Lee", "part"),
        ("Jon Smith", "John Smith", "typo"),
        ("Smith, Jon", "John Smith", "typo"),
        ("Micheal Schmidt", "Michael Schmitt", "typo"),
        ("张三", "张四", ""),
        ("王小明", "王小红", ""),
        ("Bob Li", "Rob Li", ""),
        ("Ann Lee", "Bob Lee", ""),
        ("Sam 李", "Sam 王", ""),
        ("李", "王", ""),
        ("…", "!", ""),
    ],
)
def test_names(a: str, b: str, how: str) -> None:
    assert name_likeness(name_forms(a), name_forms(b)) == how
    assert name_likeness(name_forms(b), name_forms(a)) == how


@pytest.mark.parametrize(
    ("name", "core", "form"),
    [
        ("华东电力有限公司", "华东电力", "有限公司"),
        ("华东电力股份有限公司", "华东电力", "股份有限公司"),
        ("Acme Co., Ltd.", "acme", "ltd"),
        ("Acme Limited", "acme", "ltd"),
        ("Foo S.p.A.", "foo", "spa"),
        ("Bär & Söhne GmbH & Co. KG", "bar sohne", "gmbhkg"),
        ("Inc", "inc", ""),
        ("公司", "公司", ""),
    ],
)
def test_legal_forms(name: str, core: str, form: str) -> None:
    assert firm_name(name) == (core, form)


@pytest.mark.parametrize(
    ("a", "b", "how"),
    [
        ("华东电力", "华东电力有限公司", "form"),
        ("Acme", "ACME Inc.", "form"),
        ("Siemens AG", "Siemens", "form"),
        ("Acme Ltd", "Acme GmbH", "other_form"),
        ("华东电力", "华东电力集团有限公司", "group"),
        ("Huadong Dianli", "华东电力公司", "pinyin"),
        ("Microsfot Inc", "Microsoft", "typo"),
        ("华东电力", "华南电力", ""),
        ("华东电力", "华东电气", ""),
    ],
)
def test_companies(a: str, b: str, how: str) -> None:
    likeness = companies_alike(Party(a), Party(b))
    assert likeness.why == ((how,) if how else ())
    assert (likeness.score >= LEAST) == bool(how)


def test_what_is_shared_decides() -> None:
    stranger = contacts_alike(Party("Ann Lee", (PHONE,)), Party("Bob Smith", (PHONE,)))
    friend = contacts_alike(Party("Ann Lee", (PHONE,), "Acme"), Party("Lee Ann", (PHONE,), "Other"))
    assert (stranger.why, friend.why) == (("phone",), ("phone", "order"))
    assert LEAST <= stranger.score < 60
    assert friend.score > 90


@pytest.mark.parametrize(
    "way",
    [
        PHONE._replace(holders=40),
        PHONE._replace(value="+8613800138000;ext=12"),
        Way("email", "info@acme.cn", "info@acme.cn", "", 2),
    ],
)
def test_what_an_office_shares_makes_nobody_the_same(way: Way) -> None:
    other = way._replace(value=way.key)
    assert contacts_alike(Party("Ann Lee", (way,)), Party("Bob Smith", (other,))).score < LEAST


def test_a_number_without_its_country() -> None:
    local = Way("phone", "62345678", "62345678", "62345678", 1)
    whole = Way("phone", "+862162345678", "+862162345678", "2162345678", 1)
    abroad = Way("phone", "+4962345678", "+4962345678", "62345678", 1)
    assert contacts_alike(Party("Ann", (local,)), Party("Ann", (whole,))).why[0] == "phone"
    assert "phone" not in contacts_alike(Party("Ann", (abroad,)), Party("Ann", (whole,))).why


def test_what_speaks_against_it() -> None:
    one = Party("张伟", (PHONE,), "Acme", "1988-05-12")
    another_phone = PHONE._replace(key="+8613900139000", value="+8613900139000", digits="13900139000")
    assert contacts_alike(one, one._replace(birthday="1990-01-01")).score < contacts_alike(one, one).score
    assert contacts_alike(one, one._replace(birthday="--05-12")).score >= 95
    assert contacts_alike(Party("张伟"), Party("张伟", company="Acme")).score >= LEAST
    assert contacts_alike(Party("张伟", namesakes=9), Party("张伟", company="Acme", namesakes=9)).score < LEAST
    assert contacts_alike(Party("张伟", (PHONE,), "A"), Party("张伟", (another_phone,), "B")).score < LEAST


@given(a=PARTIES, b=PARTIES)
def test_it_is_the_same_from_both_sides_and_never_fails(a: Party, b: Party) -> None:
    for alike in (contacts_alike, companies_alike):
        one, other = alike(a, b), alike(b, a)
        assert one.score == other.score
        assert 0 <= one.score <= 100
        assert bool(one.why) >= bool(one.score)


def _edits(a: str, b: str) -> int:
    """Count edits by the textbook (optimal string alignment)."""
    rows = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            if not i or not j:
                rows[i][j] = i + j
                continue
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
            if min(i, j) > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(a=st.text("ab", max_size=7), b=st.text("ab", max_size=7), most=st.integers(0, 2))
def test_typing_errors_are_counted_as_by_the_textbook(a: str, b: str, most: int) -> None:
    assert within(a, b, most) == (_edits(a, b) <= most)
