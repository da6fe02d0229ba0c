"""How alike two questions are."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.rules.answers import LEAST, likeness, ranking_query, tokens

texts = st.text(max_size=60) | st.text("延迟交付货物 latewrong", max_size=30)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("货物交付延迟三天", "交付延迟怎么办", True),
        ("The invoices are wrong again", "wrong invoice", True),
        ("Delivery was delayed", "deliveries are delayed", True),
        ("发票 invoice 抬头错误", "发票抬头写错", True),
        ("交付延迟", "发票错误", False),
        ("it is the same as it was", "what is that about", False),
        ("", "", False),
    ],
)
def test_what_is_asked_again(one: str, other: str, alike: bool) -> None:
    assert (likeness(one, other) >= LEAST) == alike


@given(texts, texts)
def test_likeness_is_mutual_and_of_itself_whole(one: str, other: str) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1.0000001
    assert not tokens(one) or likeness(one, one) == pytest.approx(1)


@given(texts)
def test_no_text_is_an_operator_of_the_index(text: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE x USING fts5(t)")
    query = ranking_query(text)
    assert not query or connection.execute("SELECT * FROM x WHERE x MATCH ?", (query,)).fetchall() == []


def test_common_words_are_nothing_to_look_for() -> None:
    assert tokens("What is it about the 发票?") == ["发票"]
    assert tokens("票") == ["票"]
