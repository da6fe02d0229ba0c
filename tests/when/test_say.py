import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli import i18n
from crmcli.when.moments import parse_when
from crmcli.when.say import echo, say_distance, say_moment, say_overdue, say_repeat
from crmcli.when.value import When

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
LANGUAGES = st.sampled_from(["en", "zh"])


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    before = i18n.language()
    yield
    i18n.activate(before)


@pytest.mark.parametrize(
    ("day", "clock", "english", "chinese"),
    [
        ("2026-11-25", "15:00", "today 15:00 | in 5 h | ", "今天 15:00 | 5小时后 | "),
        ("2026-11-25", "", "today | today | ", "今天 | 今天 | "),
        ("2026-11-25", "10:00", "today 10:00 | now | ", "今天 10:00 | 现在 | "),
        ("2026-11-25", "10:20", "today 10:20 | in 20 min | ", "今天 10:20 | 20分钟后 | "),
        ("2026-11-25", "09:40", "today 09:40 | 20 min ago | 20 min overdue", "今天 09:40 | 20分钟前 | 逾期20分钟"),
        ("2026-11-25", "07:30", "today 07:30 | 2 h ago | 2 h overdue", "今天 07:30 | 2小时前 | 逾期2小时"),
        ("2026-11-26", "", "tomorrow | in 1 day | ", "明天 | 1天后 | "),
        ("2026-11-27", "10:00", "Fri 27 Nov 10:00 | in 2 days | ", "后天 10:00 | 2天后 | "),
        ("2026-12-04", "15:00", "Fri 4 Dec 15:00 | in 9 days | ", "12月4日 周五 15:00 | 9天后 | "),
        ("2027-12-04", "", "Sat 4 Dec 2027 | in 374 days | ", "2027年12月4日 周六 | 374天后 | "),
        ("2026-11-24", "", "yesterday | 1 day ago | 1 day overdue", "昨天 | 1天前 | 逾期1天"),
        (
            "2026-11-22",
            "09:00",
            "Sun 22 Nov 09:00 | 3 days ago | 3 days overdue",
            "11月22日 周日 09:00 | 3天前 | 逾期3天",
        ),
    ],
)
def test_moments_as_people_say_them(day: str, clock: str, english: str, chinese: str) -> None:
    when = (date.fromisoformat(day), time.fromisoformat(clock) if clock else None)
    for language, expected in (("en", english), ("zh", chinese)):
        i18n.activate(language)
        assert f"{say_moment(*when, NOW)} | {say_distance(*when, NOW)} | {say_overdue(*when, NOW)}" == expected


def test_short_and_full_forms() -> None:
    when = When(date(2026, 12, 4), time(15), "Asia/Shanghai")
    i18n.activate("en")
    assert say_overdue(date(2026, 11, 23), None, NOW, short=True) == "2 days"
    assert echo(when, NOW) == "Fri 4 Dec 2026 15:00, in 9 days"
    assert echo(When(NOW.date(), None, "Asia/Shanghai"), NOW) == "Wed 25 Nov 2026, today"
    i18n.activate("zh")
    assert say_overdue(date(2026, 11, 23), None, NOW, short=True) == "2天"
    assert echo(when, NOW) == "2026年12月4日 周五 15:00，9天后"


def test_distances_count_elapsed_hours_across_a_clock_change() -> None:
    i18n.activate("en")
    night = datetime(2026, 3, 28, 22, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert say_distance(date(2026, 3, 29), time(8), night) == "in 9 h"
    autumn = datetime(2026, 10, 24, 22, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert say_distance(date(2026, 10, 25), time(8), autumn) == "in 11 h"


@pytest.mark.parametrize(
    ("rule", "english", "chinese"),
    [
        ("FREQ=DAILY", "every day", "每天"),
        ("FREQ=DAILY;INTERVAL=2", "every 2 days", "每2天"),
        ("FREQ=WEEKLY", "every week", "每周"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "every Mon, Thu", "每周一、周四"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "every 2 weeks on Mon, Thu", "每2周的周一、周四"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday", "每个工作日"),
        ("FREQ=MONTHLY;INTERVAL=3", "every 3 months", "每3个月"),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "every month on the last working day",
            "每月最后一个工作日",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", "every month on the 31st", "每月31日"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,22", "every month on the 1st, 22nd", "每月1日、22日"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day", "每月最后一天"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Fri", "每月最后一个周五"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1", "every year on 29 Feb", "每年2月29日"),
        ("FREQ=YEARLY;COUNT=3", "every year, 3 times", "每年，共3次"),
        ("FREQ=WEEKLY;COUNT=1", "every week, once", "每周，共1次"),
        ("FREQ=WEEKLY;UNTIL=20261231", "every week, until Thu 31 Dec 2026", "每周，到2026年12月31日 周四为止"),
    ],
)
def test_repeats_as_people_say_them(rule: str, english: str, chinese: str) -> None:
    i18n.activate("en")
    assert say_repeat(rule) == english
    i18n.activate("zh")
    assert say_repeat(rule) == chinese


@pytest.mark.parametrize(
    "rule",
    [
        *("", "x", "FREQ=", "FREQ=HOURLY", "FREQ=DAILY;INTERVAL=x", "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;UNTIL=soon"),
        *("FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=MONTHLY;BYMONTHDAY=1,15;BYSETPOS=-1", "FREQ=MONTHLY;BYMONTHDAY=-2"),
        *("FREQ=MONTHLY;BYDAY=5MO", "FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=1", "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO"),
    ],
)
def test_a_rule_without_words_is_said_as_it_is(rule: str) -> None:
    for language in ("en", "zh"):
        i18n.activate(language)
        assert say_repeat(rule) == rule


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001 - given its zone below
    st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
    st.integers(0, 364),
    st.none() | st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    st.booleans(),
    LANGUAGES,
)
def test_what_is_said_is_read_as_the_same_moment(
    moment: datetime, zone: str, days: int, clock: time | None, year_always: bool, language: str
) -> None:
    i18n.activate(language)
    now = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    day = now.date() + timedelta(days=days)
    if clock and not days and clock <= now.time():
        clock = None
    said = say_moment(day, clock, now, year_always=year_always)
    assert parse_when(said, now)[:2] == (day, clock), said
    assert parse_when(echo(When(day, clock, zone), now).replace("，", ",").split(",")[0], now)[:2] == (day, clock)


def test_saying_does_not_load_the_parser() -> None:
    code = "import sys, crmcli.when.say; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"dateutil", "dataclasses", "crmcli.when.moments", "crmcli.when.grammar", "unicodedata"} & set(loaded)
