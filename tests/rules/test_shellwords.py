"""Texts in suggested commands, as a shell reads them."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.rules.shellwords import argument, word


@given(st.text(min_size=1))
def test_a_shell_reads_the_text_again(text: str) -> None:
    assert shlex.split(word(text)) == [text]


@pytest.mark.parametrize("text", ["张三", "Zoë", "/home/wei/crm.db", "a@b.cn", "class:core"])
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert word(text) == text


def test_what_begins_like_an_option_is_none() -> None:
    assert (argument("-1"), argument("-a b"), argument("a-b")) == ("-- -1", "-- '-a b'", "a-b")
