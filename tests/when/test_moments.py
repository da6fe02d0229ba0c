"""The contract's “When”, at several moments of reference, in both languages."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from crmcli.errors import WhenError
from crmcli.when.moments import parse_due, parse_past, parse_when, require_future

WEDNESDAY = "2026-11-25T10:00"
MONTH_END = "2027-01-31T18:30"  # a Sunday
LEAP_DAY = "2028-02-29T00:00"
YEAR_END = "2026-12-31T23:59"
SUNDAY = "2026-11-29T12:00"


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def read(text: str, now: str, *, order: str = "md", future: bool = True) -> str:
    when = parse_when(text, at(now), order=order, future=future)
    return f"{when.day} {when.time:%H:%M}" if when.time else str(when.day)


@pytest.mark.parametrize("now", [WEDNESDAY, MONTH_END, LEAP_DAY, YEAR_END, SUNDAY])
@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2026-12-01", "2026/12/1", "1 Dec 2026", "December 1st, 2026", "1.12.2026", "20261201"], "2026-12-01"),
        (["2026年12月1日", "二〇二六年十二月一日", "２０２６年１２月１日", "26年12月1号"], "2026-12-01"),
        (["2026-12-01T15:00", "2026-12-01 15:00+08:00", "2026-12-01T07:00:00Z", "2026-12-1 3pm"], "2026-12-01 15:00"),
        (["2026年12月1日 15:30", "2026年12月1日下午三点半", "2026 年 12 月 1 日 15时30分"], "2026-12-01 15:30"),
    ],
)
def test_what_is_written_out_is_the_same_at_any_moment(texts: list[str], expected: str, now: str) -> None:
    for text in texts:
        assert read(text, now) == expected
        assert parse_when(text, at(now)).written_out


@pytest.mark.parametrize(
    ("texts", "clock", "days"),
    [
        ("today|今天|今日", "", "2026-11-25, 2027-01-31, 2028-02-29, 2026-12-31, 2026-11-29"),
        ("tomorrow|tmr|明天", "", "2026-11-26, 2027-02-01, 2028-03-01, 2027-01-01, 2026-11-30"),
        (
            "day after tomorrow|后天|過兩天|+2d",
            "",
            "2026-11-27, 2027-02-02, 2028-03-02, 2027-01-02, 2026-12-01",
        ),
        (
            "大后天|in 3 days|+3d|3d|3天后|三天后",
            "",
            "2026-11-28, 2027-02-03, 2028-03-03, 2027-01-03, 2026-12-02",
        ),
        ("in a week|+1w|一周后|1星期后", "", "2026-12-02, 2027-02-07, 2028-03-07, 2027-01-07, 2026-12-06"),
        ("in 1 month|一个月后", "", "2026-12-25, 2027-02-28, 2028-03-29, 2027-01-31, 2026-12-29"),
        ("in 1 year|一年后", "", "2027-11-25, 2028-01-31, 2029-02-28, 2027-12-31, 2027-11-29"),
        ("fri|friday|周五|星期五|礼拜五|週五", "", "2026-11-27, 2027-02-05, 2028-03-03, 2027-01-01, 2026-12-04"),
        (
            "next fri|下周五|下个星期五|friday next week",
            "",
            "2026-12-04, 2027-02-05, 2028-03-10, 2027-01-08, 2026-12-04",
        ),
        ("this fri|这周五|本周五", "", "2026-11-27, 2027-01-29, 2028-03-03, 2027-01-01, 2026-11-27"),
        ("last fri|上周五", "", "2026-11-20, 2027-01-22, 2028-02-25, 2026-12-25, 2026-11-20"),
        ("下下周一", "", "2026-12-07, 2027-02-08, 2028-03-13, 2027-01-11, 2026-12-07"),
        ("next week|下周", "", "2026-11-30, 2027-02-01, 2028-03-06, 2027-01-04, 2026-11-30"),
        ("sun|星期天|周日", "", "2026-11-29, 2027-01-31, 2028-03-05, 2027-01-03, 2026-11-29"),
        ("weekend|周末", "", "2026-11-28, 2027-02-06, 2028-03-04, 2027-01-02, 2026-12-05"),
        ("end of week", "", "2026-11-27, 2027-02-05, 2028-03-03, 2027-01-01, 2026-12-04"),
        ("end of month|eom|月底|本月底", "", "2026-11-30, 2027-01-31, 2028-02-29, 2026-12-31, 2026-11-30"),
        ("下月底|下个月底|end of next month", "", "2026-12-31, 2027-02-28, 2028-03-31, 2027-01-31, 2026-12-31"),
        (
            "下个月1号|下月1号|next month|1st of next month",
            "",
            "2026-12-01, 2027-02-01, 2028-03-01, 2027-01-01, 2026-12-01",
        ),
        ("end of year|年底", "", "2026-12-31, 2027-12-31, 2028-12-31, 2026-12-31, 2026-12-31"),
        ("end of quarter|季度末", "", "2026-12-31, 2027-03-31, 2028-03-31, 2026-12-31, 2026-12-31"),
        ("12月10日|十二月十日|12月10号|dec 10", "", "2026-12-10, 2027-12-10, 2028-12-10, 2027-12-10, 2026-12-10"),
        ("15号|the 15th|十五号", "", "2026-12-15, 2027-02-15, 2028-03-15, 2027-01-15, 2026-12-15"),
        (
            "明年3月|明年三月份|march next year|early march next year|明年3月初|明年3月上旬",
            "",
            "2027-03-01, 2028-03-01, 2029-03-01, 2027-03-01, 2027-03-01",
        ),
        ("3月|三月份|march|mar.", "", "2027-03-01, 2027-03-01, 2028-03-01, 2027-03-01, 2027-03-01"),
        (
            "3月中旬|三月中|mid march|mid-march|the middle of march",
            "",
            "2027-03-15, 2027-03-15, 2028-03-15, 2027-03-15, 2027-03-15",
        ),
        ("12月下旬|late december|late-dec", "", "2026-12-21, 2027-12-21, 2028-12-21, 2027-12-21, 2026-12-21"),
        ("end of december|12月末", "", "2026-12-31, 2027-12-31, 2028-12-31, 2026-12-31, 2026-12-31"),
        ("月中|中旬|mid-month|middle of the month", "", "2026-12-15, 2027-02-15, 2028-03-15, 2027-01-15, 2026-12-15"),
        ("下月中旬|mid next month|下个月中", "", "2026-12-15, 2027-02-15, 2028-03-15, 2027-01-15, 2026-12-15"),
        ("年中|mid-year|middle of the year", "", "2027-06-30, 2027-06-30, 2028-06-30, 2027-06-30, 2027-06-30"),
        ("明年年中|middle of next year", "", "2027-06-30, 2028-06-30, 2029-06-30, 2027-06-30, 2027-06-30"),
        ("明年年底|明年底|end of next year", "", "2027-12-31, 2028-12-31, 2029-12-31, 2027-12-31, 2027-12-31"),
        (
            "a week from tomorrow|in a week from tomorrow|1 week after tomorrow|明天之后一周|明天后1周",
            "",
            "2026-12-03, 2027-02-08, 2028-03-08, 2027-01-08, 2026-12-07",
        ),
        (
            "two weeks from next fri|下周五之后两周|下周五以后两个星期",
            "",
            "2026-12-18, 2027-02-19, 2028-03-24, 2027-01-22, 2026-12-18",
        ),
        ("31号", "", "2026-12-31, 2027-01-31, 2028-03-31, 2026-12-31, 2026-12-31"),
        ("2月29日|feb 29", "", "2028-02-29, 2028-02-29, 2028-02-29, 2028-02-29, 2028-02-29"),
        ("明年3月1日|mar 1 next year", "", "2027-03-01, 2028-03-01, 2029-03-01, 2027-03-01, 2027-03-01"),
        (
            "tomorrow 3pm|明天下午3点|明天 15:00",
            "15:00",
            "2026-11-26, 2027-02-01, 2028-03-01, 2027-01-01, 2026-11-30",
        ),
        ("后天上午", "09:00", "2026-11-27, 2027-02-02, 2028-03-02, 2027-01-02, 2026-12-01"),
        ("12/01 9:30|9:30 12/01", "09:30", "2026-12-01, 2027-12-01, 2028-12-01, 2027-12-01, 2026-12-01"),
        ("周三下午两点半|wed 2:30pm", "14:30", "2026-11-25, 2027-02-03, 2028-03-01, 2027-01-06, 2026-12-02"),
        ("next fri 15:00", "15:00", "2026-12-04, 2027-02-05, 2028-03-10, 2027-01-08, 2026-12-04"),
        (
            "in 2 weeks at 10:00|in a fortnight at 10:00|两周后十点",
            "10:00",
            "2026-12-09, 2027-02-14, 2028-03-14, 2027-01-14, 2026-12-13",
        ),
        (
            "+2h|in 2 hours|两个小时后|2小时后",
            "",
            "2026-11-25 12:00, 2027-01-31 20:30, 2028-02-29 02:00, 2027-01-01 01:59, 2026-11-29 14:00",
        ),
        (
            "半小时后|in half an hour|+30m",
            "",
            "2026-11-25 10:30, 2027-01-31 19:00, 2028-02-29 00:30, 2027-01-01 00:29, 2026-11-29 12:30",
        ),
        ("noon|中午", "12:00", "2026-11-25, 2027-02-01, 2028-02-29, 2027-01-01, 2026-11-30"),
        ("midnight|半夜", "00:00", "2026-11-26, 2027-02-01, 2028-03-01, 2027-01-01, 2026-11-30"),
    ],
)
def test_the_contract_at_five_moments(texts: str, clock: str, days: str) -> None:
    expected = [f"{day} {clock}".strip() for day in days.split(", ")]
    for text in texts.split("|"):
        assert [read(text, now) for now in (WEDNESDAY, MONTH_END, LEAP_DAY, YEAR_END, SUNDAY)] == expected, text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("明早", "2026-11-26 09:00"),
        ("今晚", "2026-11-25 19:00"),
        ("明晚8点", "2026-11-26 20:00"),
        ("今晚12点", "2026-11-26 00:00"),
        ("tonight at 12", "2026-11-26 00:00"),
        ("晚上8点半", "2026-11-25 20:30"),
        ("凌晨2点", "2026-11-26 02:00"),
        ("9点一刻", "2026-11-26 09:15"),
        ("15时30分", "2026-11-25 15:30"),
        ("傍晚", "2026-11-25 19:00"),
        ("this afternoon", "2026-11-25 14:00"),
        ("周三 十点", "2026-12-02 10:00"),  # ten o'clock has come
        ("wed 10:01", "2026-11-25 10:01"),
        ("1个半小时后", "2026-11-25 11:30"),
        ("in 3 working days", "2026-11-30"),
        ("3个工作日后", "2026-11-30"),
        ("3天前", "2026-11-22"),
        ("3 days ago at 9:00", "2026-11-22 09:00"),
        ("Fri 4 Dec 15:00", "2026-12-04 15:00"),
        ("12月4日 周五 15:00", "2026-12-04 15:00"),
        ("9点12月1日", "2026-12-01 09:00"),
        ("现在", "2026-11-25 10:00"),
        ("24:00", "2026-11-26 00:00"),
        ("tomorrow night", "2026-11-26 19:00"),
        ("tomorrow night at 8", "2026-11-26 20:00"),
        ("fri night 9pm", "2026-11-27 21:00"),
        ("fri night at 1", "2026-11-28 01:00"),
        ("明天夜里9点", "2026-11-26 21:00"),
        ("明天夜里2点", "2026-11-26 02:00"),
        ("in 1 week and 2 days", "2026-12-04"),
        ("in 1 hour and 30 minutes", "2026-11-25 11:30"),
        ("evening 1am", "2026-11-26 01:00"),
        ("this evening at 4", "2026-11-25 16:00"),
        ("傍晚4点半", "2026-11-25 16:30"),
        ("今晚4点", "2026-11-26 04:00"),
        ("十年", "2036-11-25"),
        ("eod", "2026-11-25 18:00"),
        ("今年12月", "2026-12-01"),
        ("dec 2027", "2027-12-01"),
        ("2027年3月", "2027-03-01"),
        ("27年3月底", "2027-03-31"),
        ("12月前", "2026-12-01"),
        ("by mid december", "2026-12-15"),
        ("first monday of december 9am", "2026-12-07 09:00"),
        ("last friday in january 2027 at 10:30", "2027-01-29 10:30"),
        ("next monday in the morning", "2026-11-30 09:00"),
        ("a week from friday at 3pm", "2026-12-04 15:00"),
        ("周五下午3点之后三天", "2026-11-30 15:00"),
        ("3 working days after friday", "2026-12-02"),
    ],
)
def test_more_ways_to_say_it(text: str, expected: str) -> None:
    assert read(text, WEDNESDAY) == expected
    assert read(f"  {text.upper()} ", WEDNESDAY) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fri", "2026-11-20"),
        ("wed", "2026-11-25"),
        ("12/01", "2025-12-01"),
        ("12月10日", "2025-12-10"),
        ("15:00", "2026-11-24 15:00"),
        ("9:00", "2026-11-25 09:00"),
        ("15号", "2026-11-15"),
        ("12月底", "2025-12-31"),
        ("周五下午3点", "2026-11-20 15:00"),
        ("12月中旬", "2025-12-15"),
    ],
)
def test_of_what_has_happened_the_most_recent_is_meant(text: str, expected: str) -> None:
    assert read(text, WEDNESDAY, future=False) == expected


def test_the_order_of_month_and_day_is_the_users() -> None:
    assert read("12/01", WEDNESDAY) == "2026-12-01"
    assert read("12/01", WEDNESDAY, order="dm") == "2027-01-12"
    assert read("31/12/2026", WEDNESDAY, order="dm") == "2026-12-31"


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "abc", "9", "15", "at", "the", "next", "下", "周", "月", "😀", "\0", "x" * 201, "today " * 10_000),
        *("2026-02-30", "2026-13-01", "25:00", "12:60", "13月1日", "31/12", "32号", "0月1日", "2月30日", "13pm", "0am"),
        *(
            "today tomorrow",
            "fri fri",
            "fri 5 dec",
            "明天昨天",
            "+2h 10:00",
            "上午15点",
            "1.5天半后",
            "in 3 days later",
            "tomorrow afternoon 9am",
            "this evening 9:30am",
            "this evening 4am",
            "evening at 3",
            "26年",  # this year, not 26 years from now
            "明天夜里7点",
            "11月",  # the month that it is: no day
            "dec 10:30",  # no time on the first of it, either
            "12月10:30",
            "next december",
            "10 to 12",  # a stretch of time
            "this quarter",
            "mid quarter",
            "5 to half past 3",
            "next monday of december",
            "下班后",
            "mid",
            "middle of",
            "13月中旬",
            "周五之后",
            "后一周",
            "2 hours after tomorrow",
            "a week from",
            "a week from 3pm",
        ),
        *(
            "本周",
            "本月",
            "99999y",
            "in 99999 years",
            "9999-12-31",
            "0001-01-01",
            "2026-12-01T15:00+99:00",
            "tomorrowx",
        ),
        *("fri 9-10", "周五 9-10"),  # from nine to ten, not 10 September, which is a Friday next year
    ],
)
def test_what_cant_be_read_is_refused_with_examples(text: str) -> None:
    with pytest.raises(WhenError) as refused:
        parse_when(text, at(WEDNESDAY))
    assert refused.value.code == 2
    assert "tomorrow 3pm" in refused.value.hint
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("text", ["12月", "march", "明年3月", "2026年11月", "a week from friday", "周五后一周"])
def test_what_has_happened_has_a_day_not_a_month(text: str) -> None:
    with pytest.raises(WhenError):
        read(text, WEDNESDAY, future=False)


@pytest.mark.parametrize(
    "text",
    [
        *("春节后", "国庆后", "中秋节", "年后", "节前", "元旦", "圣诞节之后", "after christmas", "Xmas", "new year"),
        *("chinese new year", "two weeks after easter", "过完年"),
    ],
)
def test_of_a_holiday_the_day_is_asked_for(text: str) -> None:
    with pytest.raises(WhenError) as refused:
        read(text, WEDNESDAY)
    assert "holiday" in refused.value.hint
    assert "tomorrow 3pm" not in refused.value.hint


def test_a_past_moment_is_refused_unless_written_out() -> None:
    now = at(WEDNESDAY)
    for text in ("yesterday", "上周五", "today 9:59", "上午9点 今天"):
        with pytest.raises(WhenError, match="past"):
            require_future(parse_when(text, now), now)
    for text in ("today", "2026-11-24", "2020年1月1日", "now", "10:00", "fri"):
        require_future(parse_when(text, now), now)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12月1日", "2026-12-01"),
        ("12/01 9:30", "2026-12-01 09:30"),
        ("11月20日", "2026-11-20"),
        ("1月5日", "2027-01-05"),
        ("6月30日", "2026-06-30"),
        ("周五", "2026-11-27"),
        ("明年3月", "2027-03-01"),
        ("明年12月", "2027-12-01"),
        ("周五后一周", "2026-12-04"),
        ("昨天", "2026-11-24"),
        ("2020-01-01", "2020-01-01"),
    ],
)
def test_what_a_table_says_is_due_on_a_day_without_a_year_is_due_on_the_nearest(text: str, expected: str) -> None:
    when = parse_due(text, at(WEDNESDAY))
    assert (f"{when.day} {when.time:%H:%M}" if when.time else str(when.day)) == expected


def test_what_is_due_some_day_cant_be_read() -> None:
    with pytest.raises(WhenError):
        parse_due("回头再说", at(WEDNESDAY))


def test_now_must_tell_its_zone() -> None:
    with pytest.raises(TypeError):
        parse_when("today", datetime.fromisoformat("2026-11-25T10:00+08:00"))


def test_a_date_alone_lasts_all_day() -> None:
    when = parse_when("2026-12-01", at(WEDNESDAY))
    assert (when.day, when.time, when.zone, when.instant()) == (date(2026, 12, 1), None, "Asia/Shanghai", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("today", WEDNESDAY), ("yesterday", "2026-11-24T12:00"), ("10:00", WEDNESDAY), ("周三9点", "2026-11-25T09:00")],
)
def test_what_has_happened_has_a_moment(text: str, expected: str) -> None:
    moment = parse_past(text, at(WEDNESDAY))
    assert moment == at(expected)
    assert moment.tzinfo == at(WEDNESDAY).tzinfo


@pytest.mark.parametrize("text", ["tomorrow", "2026-11-25 10:01", "+1m", "next friday"])
def test_what_is_to_come_has_not_happened(text: str) -> None:
    with pytest.raises(WhenError):
        parse_past(text, at(WEDNESDAY))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("周五前", "by friday"),
        ("周五下午5点之前", "by fri 5pm"),
        ("月底以前", "by end of month"),
        ("12月5日前", "by 5 dec"),
    ],
)
def test_no_later_than_a_day_is_that_day_of_what_is_to_come(text: str, same: str) -> None:
    assert read(text, WEDNESDAY) == read(same, WEDNESDAY)
    for wrong in ("前", text + "前"):
        with pytest.raises(WhenError):
            read(wrong, WEDNESDAY)
    with pytest.raises(WhenError):
        read(text, WEDNESDAY, future=False)
