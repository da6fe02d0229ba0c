"""Birthdays: as people and programs write them, and the day on which they are celebrated."""

from datetime import date

import pytest

from crmcli.errors import WhenError
from crmcli.rules.birthdays import celebrated_as, next_celebration, parse_birthday


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("1988-05-12", "1988-05-12"),
        ("1988年5月12日", "1988-05-12"),
        ("19880512", "1988-05-12"),
        ("5/12/1988", "1988-05-12"),
        ("12.5.1988", "1988-05-12"),
        ("05-12", "--05-12"),
        ("--05-12", "--05-12"),
        ("5月12日", "--05-12"),
        ("02-29", "--02-29"),
        ("May 12, 1988", "1988-05-12"),
        ("12 May 1988", "1988-05-12"),
        ("12th of may 1988", "1988-05-12"),
        ("12-May-1988", "1988-05-12"),
        ("May 3 1988", "1988-05-03"),
        ("Sept. 9", "--09-09"),
        ("3rd February", "--02-03"),
        ("一九八八年五月十二日", "1988-05-12"),
        ("五月三号", "--05-03"),
        ("十二月三十一日", "--12-31"),
        ("1988年5月12号", "1988-05-12"),
        ("\uff11\uff19\uff18\uff18/\uff15/12", "1988-05-12"),
        ("13/5/1988", "1988-05-13"),
    ],
)
def test_birthdays_as_they_are_written(text: str, stored: str) -> None:
    assert parse_birthday(text) == stored


@pytest.mark.parametrize(
    ("text", "stored"),
    [("5/12/1988", "1988-12-05"), ("5/13/1988", "1988-05-13"), ("5/12", "--12-05"), ("05-12", "--05-12")],
)
def test_day_first_where_the_settings_say_so(text: str, stored: str) -> None:
    assert parse_birthday(text, order="dm") == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "May",
        "May 1988",
        "Feb 30",
        "三十二日",
        "五月",
        "Maybe 3",
        "32 May 1988",
        "1989-02-29",
        "13/40/1988",
        "12",
        "1988",
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(WhenError):
        parse_birthday(text)


def test_nobody_is_born_tomorrow() -> None:
    today = date(2026, 11, 25)
    assert parse_birthday("2026-11-25", today) == "2026-11-25"
    assert parse_birthday("12-31", today) == "--12-31"
    with pytest.raises(WhenError):
        parse_birthday("2026-11-26", today)


def test_the_29th_of_february_is_celebrated_on_the_28th_of_a_common_year() -> None:
    assert next_celebration("2000-02-29", date(2027, 1, 1)) == date(2027, 2, 28)
    assert next_celebration("2000-02-29", date(2028, 1, 1)) == date(2028, 2, 29)
    assert celebrated_as(date(2027, 2, 28)) == ("02-28", "02-29")
    assert celebrated_as(date(2028, 2, 28)) == ("02-28",)
