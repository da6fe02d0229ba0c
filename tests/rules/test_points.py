"""Ways to reach somebody, read one by one and column by column."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmcli.rules.columns import each
from crmcli.rules.points import read_point, read_usual

PHONES = st.from_regex(r"[+0-9][0-9 ()./='-]{6,18}", fullmatch=True) | st.from_regex(
    r"(\+86|0086|86|0)? ?1[3-9]([ -]?[0-9]){9}", fullmatch=True
)
EMAILS = st.emails() | st.from_regex(r"[\w.+'<>;:= -]{1,12}@[\w.-]{1,12}", fullmatch=True)


@given(st.lists(PHONES | st.text(max_size=20)), st.sampled_from(["CN", "DE", "US"]), st.sampled_from(["", "work"]))
@example(["13800138000", "138 0013 8000", "+86 138-0013-8000", "无", ""], "CN", "")
def test_phones_of_a_column_are_what_each_would_be(texts: list[str], country: str, hint: str) -> None:
    check("phone", texts, country, hint)


@given(st.lists(EMAILS | st.text(max_size=20)), st.sampled_from(["", "home"]))
@example(["Ann@Acme.COM", "ann@acme.com;", "mailto:ann@acme.com", "a@b"], "")
def test_addresses_of_a_column_are_what_each_would_be(texts: list[str], hint: str) -> None:
    check("email", texts, "CN", hint)


def check(kind: str, texts: list[str], country: str, hint: str) -> None:
    found = read_usual(kind, texts, country, hint)
    assert len(found) == len(texts)
    for text, point in zip(texts, found, strict=True):
        assert point is None or point == read_point(kind, text, country, hint)


@pytest.mark.parametrize(
    ("kind", "text"), [("phone", "138 0013 8000"), ("phone", "+8613800138000"), ("email", "Ann.Lee+x@mail.example")]
)
def test_nearly_all_are_usual(kind: str, text: str) -> None:
    assert read_usual(kind, [text], "CN") != [None]


def test_what_comes_again_is_read_once() -> None:
    asked: list[str] = []

    def read(text: str) -> str:
        asked.append(text)
        return text.upper()

    assert each(read, ["b", "a", "b", "a", "a"]) == ["B", "A", "B", "A", "A"]
    assert asked == ["b", "a"]
