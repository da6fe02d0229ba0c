"""Stretches of the calendar, as reports are asked for, and what to compare them with."""

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmcli.guide
from crmcli.errors import WhenError
from crmcli.i18n import activate
from crmcli.when.calendar import PARTS, Days, days_before, part_name, part_of, parts_of, say_days, year_before
from crmcli.when.spans import parse_days

WEDNESDAY = datetime(2026, 11, 25, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
LEAP_DAY = datetime(2028, 2, 29, 23, 59, tzinfo=ZoneInfo("Europe/Berlin"))

DAYS = st.dates(date(1901, 1, 1), date(2190, 12, 31))
STRETCHES = st.tuples(DAYS, st.integers(0, 800)).map(lambda pair: Days(pair[0], pair[0] + timedelta(days=pair[1])))


def read(text: str, now: datetime = WEDNESDAY) -> str:
    first, last = parse_days(text, now)
    return f"{first} {last}"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ("2026|2026年|this year|今年|本年|二〇二六年|2026-01-01 to 2026-12-31", "2026-01-01 2026-12-31"),
        ("last year|去年|2025", "2025-01-01 2025-12-31"),
        ("前年", "2024-01-01 2024-12-31"),
        ("this month|2026-11|2026/11|11/2026|November 2026|nov", "2026-11-01 2026-11-30"),
        ("本月|这个月|11月|2026年11月|十一月份|今年11月", "2026-11-01 2026-11-30"),
        ("last month|上个月|上月|2026-10|Oct|１０月", "2026-10-01 2026-10-31"),
        ("上上个月", "2026-09-01 2026-09-30"),
        ("December|12月|去年十二月|dec last year|2025-12", "2025-12-01 2025-12-31"),
        ("3月上旬|early march|三月份上旬", "2026-03-01 2026-03-10"),
        ("10月中旬|mid october|mid-oct 2026|2026年10月中旬", "2026-10-11 2026-10-20"),
        ("去年2月下旬|late february last year|late feb 2025", "2025-02-21 2025-02-28"),
        ("上月上旬|上个月上旬|early last month", "2026-10-01 2026-10-10"),
        ("中旬|本月中旬|mid-month|mid this month", "2026-11-11 2026-11-20"),
        ("下旬|late this month", "2026-11-21 2026-11-30"),
        ("下个月的下旬|late next month", "2026-12-21 2026-12-31"),
        ("明年3月|march next year", "2027-03-01 2027-03-31"),
        ("后年三月", "2028-03-01 2028-03-31"),
        ("10月中旬至11月上旬|mid oct to early nov", "2026-10-11 2026-11-10"),
        ("next month|下个月|下月", "2026-12-01 2026-12-31"),
        ("Q3 2026|2026-Q3|2026Q3|Q3|third quarter|the 3rd quarter of 2026|last quarter", "2026-07-01 2026-09-30"),
        ("第三季度|三季度|2026年第三季度|上季度|上个季度", "2026-07-01 2026-09-30"),
        ("this quarter|本季度|q4|第4季度", "2026-10-01 2026-12-31"),
        ("去年第三季度|Q3 last year|2025年三季度", "2025-07-01 2025-09-30"),
        ("H1|first half of 2026|上半年|2026年上半年", "2026-01-01 2026-06-30"),
        ("去年下半年|2025-H2", "2025-07-01 2025-12-31"),
        ("this week|本周|这个星期|2026-W48|2026w48", "2026-11-23 2026-11-29"),
        ("last week|上周|上个礼拜", "2026-11-16 2026-11-22"),
        ("today|今天|2026-11-25|last 1 day", "2026-11-25 2026-11-25"),
        ("yesterday|昨天|11/24", "2026-11-24 2026-11-24"),
        ("last 30 days|最近30天|近三十天|the past 30 days|过去30天", "2026-10-27 2026-11-25"),
        ("last 3 months|近三个月", "2026-08-26 2026-11-25"),
        ("last 2 weeks|最近两周|过去14天", "2026-11-12 2026-11-25"),
        ("2026-09 to 2026-11|2026-09..2026-11|Sep to Nov 2026", "2026-09-01 2026-11-30"),
        ("9月至11月|从9月到11月|2026年9月至11月", "2026-09-01 2026-11-30"),
        ("1 Oct – 3 Nov 2024|2024年10月1日至11月3日|oct 1 2024 - nov 3", "2024-10-01 2024-11-03"),
        ("2026-11-24 to today|11月24日到今天", "2026-11-24 2026-11-25"),
        ("1 Nov - 15 Nov|2026-11-01..2026-11-15|11月1日到11月15日", "2026-11-01 2026-11-15"),
    ],
)
def test_periods_in_both_languages(texts: str, expected: str) -> None:
    for text in texts.split("|"):
        assert read(text) == expected, text
        assert read(f" {text.upper()} ") == expected, text


def test_a_part_without_a_year_is_the_latest_that_has_begun() -> None:
    assert read("feb", LEAP_DAY) == "2028-02-01 2028-02-29"
    assert read("3月", LEAP_DAY) == "2027-03-01 2027-03-31"
    assert read("Q1", LEAP_DAY) == "2028-01-01 2028-03-31"
    assert read("Q2", LEAP_DAY) == "2027-04-01 2027-06-30"
    assert read("last 1 year", LEAP_DAY) == "2027-03-01 2028-02-29"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "2026-13",
            "Q5",
            "third half",
            "32 Nov",
            "last 2 hours",
            "tomorrow 3pm",
            "month",
            "Q",
            "9999",
            "2026-W60",
        ),
        *("第五季度", "0月", "13月", "近三个工作日", "2026-11 to 2026-09", "a to b", "…", "x" * 300),
    ],
)
def test_what_is_no_period_is_refused_with_examples(text: str) -> None:
    with pytest.raises(WhenError, match="period") as refused:
        parse_days(text, WEDNESDAY)
    assert "last quarter" in refused.value.hint


@given(st.text(max_size=60), DAYS)
def test_any_text_is_read_or_refused(text: str, today: date) -> None:
    with suppress(WhenError):
        days = parse_days(text, datetime.combine(today, time(9), tzinfo=ZoneInfo("UTC")))
        assert days.first <= days.last


@given(DAYS, st.sampled_from(sorted(PARTS)))
def test_what_a_part_is_called_is_read_as_the_part(day: date, part: str) -> None:
    one = part_of(day, part)
    assert one.first <= day <= one.last
    assert part_of(one.first, part) == part_of(one.last, part) == one
    assert parse_days(part_name(one.first, part), WEDNESDAY) == one


@given(STRETCHES, st.sampled_from(sorted(PARTS)))
def test_parts_cover_the_days_and_no_day_twice(days: Days, part: str) -> None:
    parts = parts_of(days, part)
    assert parts[0].first <= days.first <= parts[0].last
    assert parts[-1].first <= days.last <= parts[-1].last
    assert all(one.next == other.first for one, other in pairwise(parts))
    assert len({part_name(one.first, part) for one in parts}) == len(parts)


@given(STRETCHES, DAYS)
def test_what_is_compared_lies_before_and_is_no_longer_than_what_has_passed(days: Days, today: date) -> None:
    for before in (year_before(days, today), days_before(days, today)):
        assert before.first <= before.last
        assert before.first < days.first
    if days.last <= today:
        assert days_before(days, today).next <= days.first
    else:
        passed = max(1, (today - days.first).days + 1)
        assert year_before(days, today).length <= passed + 2


def test_a_year_ago_and_the_days_before() -> None:
    today = date(2026, 11, 25)
    march, year = Days(date(2026, 3, 1), date(2026, 3, 31)), Days(date(2026, 1, 1), date(2026, 12, 31))
    assert days_before(march, today) == Days(date(2026, 2, 1), date(2026, 2, 28))
    assert year_before(year, today) == Days(date(2025, 1, 1), date(2025, 11, 25))
    assert days_before(year, today) == Days(date(2025, 1, 1), date(2025, 11, 25))
    assert year_before(Days(date(2028, 2, 1), date(2028, 2, 29)), date(2029, 1, 1)).last == date(2027, 2, 28)
    assert year_before(Days(date(2027, 2, 1), date(2027, 2, 28)), date(2029, 1, 1)).last == date(2026, 2, 28)
    assert year_before(Days(date(2029, 2, 1), date(2029, 2, 28)), date(2030, 1, 1)).last == date(2028, 2, 29)
    week = Days(date(2026, 11, 16), date(2026, 11, 22))
    assert days_before(week, today) == Days(date(2026, 11, 9), date(2026, 11, 15))


@given(STRETCHES, st.sampled_from(["en", "zh"]))
def test_what_is_said_of_days_is_read_as_the_same_days(days: Days, language: str) -> None:
    activate(language)
    try:
        said = say_days(days)
    finally:
        activate("en")
    assert parse_days(said, WEDNESDAY) == days, said


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_period_of_the_guide_is_read(language: str) -> None:
    page = (Path(crmcli.guide.__file__).parent / f"dates.{language}.md").read_text("utf-8")
    paragraph = next(part for part in page.split("\n\n") if "crm report --in" in part)
    periods = [text for text in re.findall(r"`([^`]+)`", paragraph) if not text.startswith("crm")]
    assert len([parse_days(period, WEDNESDAY) for period in periods]) > 15
