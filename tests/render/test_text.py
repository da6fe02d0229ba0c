import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.render.text import cut, fit, safe, safe_lines, width


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("abc", 3),
        ("张三", 4),
        ("O'Brien", 7),
        ("é", 1),
        ("e\u0301", 1),
        ("ｶﾅ", 2),
        ("한글", 4),
        ("한", 2),
        ("😀", 2),
        ("\U0001fae8", 2),  # newer than Python 3.11's Unicode
        ("\U0002a6e0", 2),
        ("❤️", 2),
        ("1️⃣", 2),
        ("🇨🇳", 2),
        ("👨‍👩‍👧", 6),
        ("张三·采购", 9),
        ("…✓✆", 3),
    ],
)
def test_width(text: str, cells: int) -> None:
    assert width(text) == cells
    assert cut(text, cells) == text
    assert cells == 0 or cut(text, cells - 1) != text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[red]x[/]", "[red]x[/]"),
        ("[/red]x", "[/red]x"),
        ("\x1b[31mred", "␛[31mred"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("\x9b31m", "�31m"),
        ("a\nb\r\nc\td", "a⏎b⏎c d"),
        ("a\u2028b\x85c", "a⏎b⏎c"),
        ("\u202egnp.exe", "�gnp.exe"),
        ("\u2066x\u2069", "�x�"),
        ("pay\u200bpal", "pay�pal"),
        ("\ufeffname", "�name"),
        ("a\u200db", "a�b"),
        ("\udc80", "�"),
        ("\uffff", "�"),
        ("\x7f\x00", "␡␀"),
        ("张三 O'Brien é e\u0301 👨‍👩‍👧 ❤️", "张三 O'Brien é e\u0301 👨‍👩‍👧 ❤️"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\U0001fae8\ue000\u3000\xa0", "\U0001fae8\ue000\u3000\xa0"),
    ],
)
def test_data_is_printed_as_data(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_lines_of_a_text_are_safe_each() -> None:
    assert safe_lines("a\r\nb\x1b\nc") == ["a", "b␛", "c"]


@given(st.text(st.characters()))
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    shown = safe(text)
    assert safe(shown) == shown
    shown.encode()
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert {char for char in shown if unicodedata.category(char) == "Cf"} <= set("\u200c\u200d")


@given(st.text(), st.integers(0, 30), st.sampled_from(["left", "right"]))
def test_a_fitted_text_takes_exactly_its_cells(text: str, cells: int, align: str) -> None:
    assert width(fit(safe(text), cells, align)) == cells


@given(st.text(), st.integers(0, 30))
def test_what_is_cut_is_a_beginning_that_fits(text: str, cells: int) -> None:
    text = safe(text)
    assert text.startswith(cut(text, cells))
    assert width(cut(text, cells)) <= cells


def test_a_wide_character_is_never_split() -> None:
    assert fit("张三丰", 4) == "张… "
    assert fit("张三丰", 5) == "张三…"
    assert fit("张三", 6, "right") == "  张三"
    assert fit("张三", 1) == "…"
