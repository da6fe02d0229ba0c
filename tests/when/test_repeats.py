from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli import i18n
from crmcli.errors import WhenError
from crmcli.when.moments import parse_when
from crmcli.when.recurrence import next_occurrence
from crmcli.when.repeats import looks_like_repeat, parse_every, parse_repeat, parse_rhythm
from crmcli.when.say import say_repeat

WEDNESDAY = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MONTHLY_31 = "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"
LEAP_DAY = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1"


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    before = i18n.language()
    yield
    i18n.activate(before)


@pytest.mark.parametrize(
    ("texts", "rule", "first"),
    [
        ("every day|daily|每天|每日|每天一次|FREQ=DAILY", "FREQ=DAILY", "2026-11-26"),
        ("every day 9:00|每天上午9点|daily at 9:00|FREQ=DAILY;BYHOUR=9", "FREQ=DAILY", "2026-11-26 09:00"),
        ("every day at 10:30|每天十点半|FREQ=DAILY;BYHOUR=10;BYMINUTE=30", "FREQ=DAILY", "2026-11-25 10:30"),
        ("every other day|隔天|每隔一天|每两天", "FREQ=DAILY;INTERVAL=2", "2026-11-27"),
        ("weekly|every week|每周|每星期|每周一次", "FREQ=WEEKLY", "2026-12-02"),
        ("every 2 weeks|biweekly|every fortnight|每两周|每2周|隔周|每两个星期", "FREQ=WEEKLY;INTERVAL=2", "2026-12-09"),
        ("every monday|every mon|weekly on monday|每周一|每星期一|每個禮拜一", "FREQ=WEEKLY;BYDAY=MO", "2026-11-30"),
        ("every monday 9:00|每周一9点|每周一 上午九点|every mon at 9am", "FREQ=WEEKLY;BYDAY=MO", "2026-11-30 09:00"),
        ("every wed|每周三", "FREQ=WEEKLY;BYDAY=WE", "2026-11-25"),  # today is one of them
        ("every wed 9:00|每周三九点", "FREQ=WEEKLY;BYDAY=WE", "2026-12-02 09:00"),  # nine has struck
        ("every mon and thu|每周一四|每周一、四|每周一和周四", "FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-26"),
        ("every 15th|monthly on the 15th", "FREQ=MONTHLY;BYMONTHDAY=15", "2026-12-15"),
        ("the last friday of every month|monthly on the last fri", "FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27"),
        ("every 2 weeks on mon|every other mon|每2周的周一", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-11-30"),
        (
            "every other fri|every second friday|every 2nd fri|each second fri",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
            "2026-11-27",
        ),
        (
            "every second friday of the month|the second friday of every month|monthly on the 2nd fri|每月第二个周五",
            "FREQ=MONTHLY;BYDAY=2FR",
            "2026-12-11",
        ),
        ("every third friday|every 3rd fri of the month", "FREQ=MONTHLY;BYDAY=3FR", "2026-12-18"),
        ("every third week on fri|every 3rd week on friday", "FREQ=WEEKLY;INTERVAL=3;BYDAY=FR", "2026-11-27"),
        ("every 2nd day|every second day", "FREQ=DAILY;INTERVAL=2", "2026-11-27"),
        ("mondays and thursdays at 9|on mondays & thursdays 9:00", "FREQ=WEEKLY;BYDAY=MO,TH", "2026-11-26 09:00"),
        ("fridays|on fridays|every friday", "FREQ=WEEKLY;BYDAY=FR", "2026-11-27"),
        ("工作日每天9点|工作日上午9点|every weekday at 9", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-26 09:00"),
        (
            "每月最后一个工作日|every month on the last working day|last business day of every month",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "2026-11-30",
        ),
        (
            "每月第一个工作日上午9点|monthly on the first working day 9:00",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1",
            "2026-12-01 09:00",
        ),
        ("周一至周五每天9点|周一到周五9点|mon-fri 9:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-26 09:00"),
        ("每逢周五|每周五", "FREQ=WEEKLY;BYDAY=FR", "2026-11-27"),
        ("every friday eod|fridays at close of business|每周五下班前", "FREQ=WEEKLY;BYDAY=FR", "2026-11-27 18:00"),
        ("every weekday|每个工作日|weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-11-25"),
        ("monthly|every month|每月|每个月", "FREQ=MONTHLY", "2026-12-25"),
        ("every 3 months|quarterly|每季度|每三个月", "FREQ=MONTHLY;INTERVAL=3", "2027-02-25"),
        ("every month on 15|15th of every month|每月15号", "FREQ=MONTHLY;BYMONTHDAY=15", "2026-12-15"),
        ("every month on 1/15|monthly on 1, 15|每月1号、15号", "FREQ=MONTHLY;BYMONTHDAY=1,15", "2026-12-01"),
        ("every month on 31|每月31号|every month on the 31st", MONTHLY_31, "2026-11-30"),
        ("every month on 31 at 10:00|每个月31号上午10点", MONTHLY_31, "2026-11-30 10:00"),
        ("every month on the last day|每月底|每月最后一天", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-11-30"),
        ("every half year|half-yearly|semiannually|每半年|every 6 months", "FREQ=MONTHLY;INTERVAL=6", "2027-05-25"),
        ("every quarter on the last day|每季度末|每季底", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1", "2026-12-31"),
        ("every quarter on the 1st|每季度第一天", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", "2027-01-01"),
        ("every 3 months on the last day|每3个月底", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1", "2026-11-30"),
        ("every first monday of the month|每月第一个周一", "FREQ=MONTHLY;BYDAY=1MO", "2026-12-07"),
        ("every last fri|last fri of each month|每月最后一个周五", "FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27"),
        ("yearly|every year|annually|每年", "FREQ=YEARLY", "2027-11-25"),
        ("every dec 1|every year on 1 dec|每年12月1日", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=1", "2026-12-01"),
        ("every year on 29 feb|每年2月29日", LEAP_DAY, "2027-02-28"),
        ("RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO|freq=weekly;byday=mo;", "FREQ=WEEKLY;BYDAY=MO", "2026-11-30"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=MONTHLY;BYMONTHDAY=31", "2026-12-31"),  # RFC 5545 skips November
        ("FREQ=WEEKLY;UNTIL=20261231T230000Z;BYDAY=TU", "FREQ=WEEKLY;UNTIL=20270101;BYDAY=TU", "2026-12-01"),
    ],
)  # fmt: skip
def test_repeats_and_where_they_begin(texts: str, rule: str, first: str) -> None:
    for text in texts.split("|"):
        repeat = parse_repeat(text, WEDNESDAY)
        when = repeat.first
        assert (repeat.rule, f"{when.day} {when.time:%H:%M}" if when.time else str(when.day)) == (rule, first), text
        assert looks_like_repeat(text), text


@pytest.mark.parametrize(
    ("now", "text", "rule", "first"),
    [
        ("2026-01-31", "monthly", MONTHLY_31, date(2026, 2, 28)),
        ("2028-02-29", "每年", LEAP_DAY, date(2029, 2, 28)),
        ("2028-02-29", "every month on 31", MONTHLY_31, date(2028, 2, 29)),
        ("2026-12-31", "every month on 31", MONTHLY_31, date(2026, 12, 31)),
        ("2026-12-31", "每周一", "FREQ=WEEKLY;BYDAY=MO", date(2027, 1, 4)),
        ("2026-11-29", "every sunday", "FREQ=WEEKLY;BYDAY=SU", date(2026, 11, 29)),
    ],
)
def test_month_ends_leap_days_and_sundays(now: str, text: str, rule: str, first: date) -> None:
    repeat = parse_repeat(text, datetime.fromisoformat(now).replace(hour=12, tzinfo=ZoneInfo("Europe/Berlin")))
    assert (repeat.rule, repeat.first.day) == (rule, first)


def test_a_moment_beside_a_repeat_is_its_first() -> None:
    start = parse_when("2027-01-31", WEDNESDAY)
    repeat = parse_repeat("monthly", WEDNESDAY, start=start)
    assert repeat == (MONTHLY_31, start)
    assert parse_repeat("every monday 9:00", WEDNESDAY, start=start).first == start._replace(time=time(9))
    timed = parse_when("2027-01-31 15:00", WEDNESDAY)
    assert parse_repeat("every monday 9:00", WEDNESDAY, start=timed).first == timed


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "every",
            "每",
            "monday",
            "every hour",
            "every tomorrow",
            "every 12/1",  # a date: no two days of every month
            "每周八",
            "每隔3天",
            "every 0 days",
            "每月13月1日",
        ),
        *("every month on 32", "every month on 30, 31", "every day on monday", "every monday 25:00", "every" * 100),
        *("FREQ=", "FREQ=OFTEN", "FREQ=DAILY;;", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;X=1", "FREQ=DAILY;FREQ=DAILY"),
        *("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=WEEKLY;COUNT=2;UNTIL=20270101", "FREQ=MONTHLY;BYMONTH=3"),
        *("FREQ=DAILY;UNTIL=20200101", "FREQ=DAILY;BYHOUR=9,10", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=DAILY;BYMINUTE=5"),
    ],
)
def test_what_cant_be_read_is_refused_with_examples(text: str) -> None:
    with pytest.raises(WhenError) as refused:
        parse_repeat(text, WEDNESDAY)
    assert "every monday 9:00" in refused.value.hint


def test_a_repeat_on_a_holiday_asks_for_the_day() -> None:
    with pytest.raises(WhenError) as refused:
        parse_repeat("每年春节", WEDNESDAY)
    assert "holiday" in refused.value.hint


@pytest.mark.parametrize("frequency", ["HOURLY", "MINUTELY", "SECONDLY"])
def test_repeats_within_a_day_are_refused_clearly(frequency: str) -> None:
    with pytest.raises(WhenError, match="once a day"):
        parse_repeat(f"FREQ={frequency}", WEDNESDAY)


@pytest.mark.parametrize("text", ["fri 15:00", "明天下午3点", "2026-12-01", "in 2 weeks", "周一"])
def test_a_moment_does_not_look_like_a_repeat(text: str) -> None:
    assert not looks_like_repeat(text)


WORDS = st.sampled_from(
    [
        *("every", "each", "day", "week", "weeks", "month", "on", "the", "and", "last", "first", "mon", "dec", "15th"),
        *(
            "9:00",
            "2",
            "31",
            "每",
            "两",
            "周",
            "一",
            "三",
            "五",
            "月",
            "号",
            "15",
            "天",
            "年",
            "第",
            "个",
            "上午",
            "点",
            "隔",
        ),
        *(
            "FREQ=",
            "DAILY",
            "WEEKLY",
            "MONTHLY",
            "YEARLY",
            ";",
            "BYDAY=",
            "MO",
            ",",
            "INTERVAL=",
            "BYMONTHDAY=",
            "COUNT=",
        ),
    ]
)
TEXTS = st.one_of(
    st.text(max_size=30),
    st.lists(WORDS, max_size=7).map("".join),
    st.lists(WORDS, max_size=7).map(" ".join),
)


@given(TEXTS, st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001 - given its zone below
def test_any_text_is_read_or_refused(text: str, moment: datetime) -> None:
    with suppress(WhenError):
        repeat = parse_repeat(text, moment.replace(tzinfo=UTC))
        assert repeat.first.day >= moment.date()
        next_occurrence(repeat.rule, repeat.first.day, repeat.first.day)


@given(
    st.sampled_from(
        [
            *("FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=YEARLY", LEAP_DAY),
            *("FREQ=WEEKLY;BYDAY=MO,WE,SU", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
            *("FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=3", "FREQ=MONTHLY;BYMONTHDAY=1,15", "FREQ=MONTHLY;BYMONTHDAY=-1"),
            *("FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR", MONTHLY_31, "FREQ=YEARLY;INTERVAL=2"),
            *("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=1", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=5"),
        ]
    ),
    st.sampled_from(["en", "zh"]),
)
def test_what_is_said_is_read_as_the_same_rule(rule: str, language: str) -> None:
    i18n.activate(language)
    assert parse_repeat(say_repeat(rule), WEDNESDAY).rule == rule
    assert parse_repeat(rule, WEDNESDAY).rule == rule


@pytest.mark.parametrize(
    ("text", "rule", "at"),
    [
        ("每天9点", "FREQ=DAILY", time(9)),
        ("每天3点半", "FREQ=DAILY", time(3, 30)),
        ("每周9时", "FREQ=WEEKLY", time(9)),
        ("每两天10点", "FREQ=DAILY;INTERVAL=2", time(10)),
        ("每月9点", "FREQ=MONTHLY", time(9)),
    ],
)
def test_the_hour_behind_a_repeat_is_no_day_of_a_month(text: str, rule: str, at: time) -> None:
    repeat = parse_repeat(text, WEDNESDAY)
    assert (repeat.rule, repeat.first.time) == (rule, at)


@pytest.mark.parametrize("text", ["2 weeks", "every 2 weeks", "biweekly", "两周", "每两周", "FREQ=WEEKLY;INTERVAL=2"])
def test_the_word_every_may_be_missing_where_it_was_said(text: str) -> None:
    start = parse_when("fri", WEDNESDAY)
    assert parse_every(text, WEDNESDAY, start=start) == ("FREQ=WEEKLY;INTERVAL=2", start)


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (("1d", "a day", "day", "daily", "every day", "天", "每天", "每日"), 1),
        (("2d", "every 2 days", "every other day", "隔天", "每两天", "FREQ=DAILY;INTERVAL=2"), 2),
        (("a week", "week", "weekly", "Every week", "周", "每周", "每星期", "每一周"), 7),
        (("两周", "每两周", "2 weeks", "fortnightly", "隔周"), 14),
        (("a month", "monthly", "每月", "每个月", "一个月"), 30),
        (("quarterly", "every quarter", "每季度", "3 months"), 90),
        (("half-yearly", "every half year", "每半年", "6 months"), 180),
        (("every 12 months", "每年", "yearly", "12 months"), 365),
    ],
)
def test_a_rhythm_is_so_many_days(texts: tuple[str, ...], days: int) -> None:
    assert {text: parse_rhythm(text, WEDNESDAY).days for text in texts} == dict.fromkeys(texts, days)


@pytest.mark.parametrize(
    "text", ["每周一", "every monday", "每天9点", "monthly on 15", "每个工作日", "FREQ=DAILY;COUNT=3"]
)
def test_a_rhythm_names_no_days(text: str) -> None:
    with pytest.raises(WhenError, match="names days"):
        parse_rhythm(text, WEDNESDAY)


@pytest.mark.parametrize("text", ["", "soon", "每", "every", "2x"])
def test_what_is_no_rhythm(text: str) -> None:
    with pytest.raises(WhenError, match="not a length of time"):
        parse_rhythm(text, WEDNESDAY)
