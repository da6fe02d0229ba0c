import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmcli.rules.callingcodes import calling_code, split_code
from crmcli.rules.phones import digit_tokens, normalise_phone, phone_keys

MOBILE = "+8613800138000"
COUNTRIES = sorted(phonenumbers.SUPPORTED_REGIONS)
FORMATS = (
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
)
LOCAL = {("CA", "310-1234"), ("CN", "1681 2345")}
"""Examples that cannot be dialled from abroad: kept as digits."""
REWRITTEN = {("AR", "011 15-2345-6789")}
"""An Argentine mobile in its national form: phonenumbers turns 15 into 9, a look-up does not."""


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "0086 138 0013 8000",
        "8613800138000",
        "013800138000",
        "１３８００１３８０００",
        "手机: 138 0013 8000",
        "手机13800138000",
        "M: 138 0013 8000",
        "tel:+86-138-0013-8000",
        "138 0013 8000 (家)",
        "13800138000.0",
        "\u00a0138\u20110013\u20118000 ",
    ],
)
def test_one_chinese_mobile_in_every_dress(text: str) -> None:
    phone = normalise_phone(text, "CN")
    assert phone == (MOBILE, MOBILE, "13800138000", "")
    assert MOBILE in phone_keys(text, "CN")


@pytest.mark.parametrize(
    ("text", "country", "value", "extension"),
    [
        ("010-12345678", "CN", "+861012345678", ""),
        ("(010) 1234 5678", "CN", "+861012345678", ""),
        ("+86 (0)10 1234 5678", "CN", "+861012345678", ""),
        ("010-12345678-803", "CN", "+861012345678", "803"),
        ("010-12345678转803", "CN", "+861012345678", "803"),
        ("0755-2345678 分机12", "CN", "+867552345678", "12"),
        ("+8613800138000;ext=12", "CN", MOBILE, "12"),
        ("400-820-8820", "CN", "+864008208820", ""),
        ("95588", "CN", "95588", ""),
        ("110", "CN", "110", ""),
        ("8765 4321", "CN", "87654321", ""),
        ("(555) 123-4567", "US", "+15551234567", ""),
        ("1-555-234-5678 x89", "US", "+15552345678", "89"),
        ("+1 555 234 5678", "CN", "+15552345678", ""),
        ("020 7946 0123", "GB", "+442079460123", ""),
        ("+44 (0)20 7946 0123", "CN", "+442079460123", ""),
        ("030 / 123 456", "DE", "+4930123456", ""),
        ("011 86 138 0013 8000", "US", MOBILE, ""),
        ("02 1234 5678", "IT", "+390212345678", ""),
    ],
)
def test_examples(text: str, country: str, value: str, extension: str) -> None:
    phone = normalise_phone(text, country)
    assert (phone.value, phone.extension) == (value, extension)
    assert phone.key in phone_keys(text, country)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "张三",
        "abc",
        "张三13800138000",
        "13800138000张三",
        "2026-12-01",
        "2026/1/5",
        "1.38E+10",
        "1" * 30,
        "66554433/66554434",
    ],
)
def test_what_is_no_phone(text: str) -> None:
    assert phone_keys(text, "CN") == ()
    with pytest.raises(ValueError, match="not a phone number"):
        normalise_phone(text, "CN")


def test_keys_are_the_likeliest_first() -> None:
    assert phone_keys("138 0013 8000", "CN") == (MOBILE, "13800138000")
    assert phone_keys("(555) 123-4567", "US") == ("+15551234567", "5551234567")
    assert phone_keys("010-12345678", "CN")[0] == "+861012345678"
    assert phone_keys("0086 138 0013 8000", "CN")[0] == MOBILE


def test_a_lookup_and_a_chinese_number_do_without_phonenumbers() -> None:
    code = (
        "import sys; from crmcli.rules.phones import *; phone_keys('020 7946 0123', 'GB');"
        "[normalise_phone(t, 'CN') for t in ('138 0013 8000', '010-12345678', '+44 20 7946 0123', '95588')];"
        "sys.exit('phonenumbers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_calling_codes_are_those_of_phonenumbers() -> None:
    assert {c: calling_code(c) for c in COUNTRIES} == {
        c: str(phonenumbers.country_code_for_region(c)) for c in COUNTRIES
    }
    assert calling_code("cn") == "86"
    assert calling_code("XX") == ""
    assert split_code("8613800138000") == ("86", "13800138000")
    assert split_code("999123") == ("", "999123")


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_kind_of_number_of_every_country(country: str) -> None:
    for kind in phonenumbers.PhoneNumberType.values():
        number = phonenumbers.example_number_for_type(country, kind)
        if number is None:
            continue
        wanted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        for form in FORMATS:
            text = phonenumbers.format_number(number, form)
            phone = normalise_phone(text, country)
            if (country, text) not in LOCAL:
                assert phone.value == wanted, text
            if (country, text) not in REWRITTEN:
                assert phone.key in phone_keys(text, country), text


@given(st.from_regex(r"[1-9][0-9]{6,12}", fullmatch=True), st.sampled_from(["86", "44", "49", "33", "852", "91", "1"]))
def test_our_own_reading_agrees_with_phonenumbers(national: str, code: str) -> None:
    number = phonenumbers.parse(f"+{code}{national}")
    if phonenumbers.is_valid_number(number):
        wanted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert normalise_phone(f"+{code} {national}", "CN").value == wanted


@given(st.from_regex(r"0?[1-9][0-9]{8,10}", fullmatch=True))
@example("1100000200")
def test_chinese_national_numbers_agree_with_phonenumbers(text: str) -> None:
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:  # what is dialled before a number abroad, and too little after it
        return
    if phonenumbers.is_valid_number(number):
        wanted = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert normalise_phone(text, "CN").value == wanted


PHONISH = st.one_of(st.text(), st.text(alphabet="+0123456789 ()-./x转手机:;ext="), st.from_regex(r"\+?[0-9 -]{3,18}"))


@given(PHONISH, st.sampled_from(["CN", "US", "GB", "DE", "IT", "JP", "AR", "BR", "RU"]))
@example("000000000", "CN")
@example("+86 000000000", "DE")
@example("000001", "DE")
@example("10000000000000", "DE")
@example("909038774055", "BR")
def test_any_text_is_a_phone_or_refused_and_normalising_is_idempotent(text: str, country: str) -> None:
    try:
        phone = normalise_phone(text, country)
    except ValueError:
        assert phone_keys(text, country) == ()
        return
    assert phone.value
    again = normalise_phone(phone.value, country)
    assert (again.value, again.key, again.digits) == (phone.value, phone.key, phone.digits)
    assert phone.key in phone_keys(phone.value, country)


@given(st.from_regex(r"[0-9]{3,15}", fullmatch=True), st.data())
def test_the_tokens_of_a_part_follow_each_other_in_the_whole(digits: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(digits) - 3))
    end = data.draw(st.integers(start + 3, len(digits)))
    assert f" {digit_tokens(digits[start:end])} " in f" {digit_tokens(digits)} "


def test_tokens() -> None:
    assert digit_tokens("13800") == "138 380 800"
    assert digit_tokens("12") == "12"
