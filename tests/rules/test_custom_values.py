"""Custom fields: what people write becomes what lies in the record, and back."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.rules.custom_fields import TYPES, CustomField, Labels
from crmcli.rules.custom_values import Around, read_value, value_text

AROUND = Around(datetime(2026, 11, 25, 9, tzinfo=ZoneInfo("Asia/Shanghai")), "CN")
CHOICES = {"home": Labels("household", "居民"), "shop": Labels("shop", "商业")}


def field(type_: str, *, yearly: bool = False) -> CustomField:
    choices = CHOICES if type_ == "choice" else {}
    return CustomField("contact", "x", type_, Labels("x", "某"), (), choices, yearly=yearly)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("text", "  a\u202eb ", "ab"),
        ("number", "12,345", 12345),
        ("number", "－３．５", -3.5),
        ("number", "1.2万", 12000),
        ("number", "1e-05", 0.00001),
        ("number", "-2.5E-07", -0.00000025),
        ("money", "¥1,234.50", 1234.5),
        ("money", "-￥20", -20),
        ("money", "300元", 300),
        ("money", "3.14159", 3.14),
        ("money", "100.00500", 100.01),
        ("money", "-0.125", -0.13),
        ("money", "1234.567", 1234.57),
        ("money", "1200.500", 1200.5),
        ("money", "1,234.500", 1234.5),
        ("money", "0.500", 0.5),
        ("money", "1.234万", 12340),
        ("money", "0.10000000000000001", 0.1),
        ("money", "33.333333333333336", 33.33),
        ("money", "33.33333333", 33.33),
        ("money", "100.005000000000001", 100.01),
        ("money", "-5.551115123125783e-17", 0),
        ("date", "明天", "2026-11-26"),
        ("date", "next fri", "2026-12-04"),
        ("date", "2027-02-28", "2027-02-28"),
        ("choice", "居民", "home"),
        ("choice", "SHOP", "shop"),
        ("flag", "是", True),
        ("flag", "no", False),
        ("phone", "138 0013 8000", "+8613800138000"),
        ("url", "example.cn/a?b=1", "https://example.cn/a?b=1"),
        ("number", "  ", None),
    ],
)
def test_what_is_written_is_understood(type_: str, text: str, value: object) -> None:
    read = read_value(field(type_), text, AROUND)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("number", "12,34"),
        ("number", "1e5"),
        ("number", "9" * 16),
        ("number", "9" * 15 + ".99"),
        ("money", "ten"),
        ("date", "someday"),
        ("date", "2027-02-29"),
        ("choice", "工业"),
        ("flag", "perhaps"),
        ("phone", "nobody"),
        ("url", "javascript:alert(1)"),
        ("url", "ftp://x.cn"),
        ("url", "no address"),
    ],
)
def test_what_does_not_fit_is_refused(type_: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_value(field(type_), text, AROUND)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1.234", "“1.234” can be 1234 or 1.23: write the one that it is"),
        ("1.500", "“1.500” can be 1500 or 1.50: write the one that it is"),
        ("-12.345 EUR", "“-12.345 EUR” can be -12345 or -12.35: write the one that it is"),
    ],
)
def test_an_amount_that_can_be_two_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        read_value(field("money"), text, AROUND)
    assert str(refused.value) == said


def test_an_anniversary_needs_no_year() -> None:
    assert read_value(field("date", yearly=True), "2月29日", AROUND) == "--02-29"
    assert read_value(field("date", yearly=True), "1988-05-12", AROUND) == "1988-05-12"
    assert read_value(field("date", yearly=True), "tomorrow", AROUND) == "2026-11-26"


@given(st.sampled_from(TYPES), st.text(max_size=30))
def test_a_value_is_read_back_as_it_was(type_: str, text: str) -> None:
    one = field(type_)
    try:
        value = read_value(one, text, AROUND)
    except ValueError:
        return
    if value is not None:
        assert read_value(one, value_text(one, value), AROUND) == value
