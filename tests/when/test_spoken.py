"""Days and hours as people say them: of a month by its weekdays, of quarters, beside the hour, when work ends."""

import pytest

from crmcli.errors import WhenError
from tests.when.test_moments import LEAP_DAY, MONTH_END, SUNDAY, WEDNESDAY, YEAR_END, read


@pytest.mark.parametrize(
    ("texts", "clock", "days"),
    [
        (
            "friday week|a week on friday|fri week",
            "",
            "2026-12-04, 2027-02-12, 2028-03-10, 2027-01-08, 2026-12-11",
        ),
        (
            "friday after next|the friday after next|下下周五",
            "",
            "2026-12-11, 2027-02-12, 2028-03-17, 2027-01-15, 2026-12-11",
        ),
        ("the week after next|下下周", "", "2026-12-07, 2027-02-08, 2028-03-13, 2027-01-11, 2026-12-07"),
        (
            "in two weeks' time|in 2 weeks’ time|in a fortnight's time|in two weeks",
            "",
            "2026-12-09, 2027-02-14, 2028-03-14, 2027-01-14, 2026-12-13",
        ),
        (
            "next quarter|start of next quarter|下季度|下个季度初|start of the quarter|季初",
            "",
            "2027-01-01, 2027-04-01, 2028-04-01, 2027-01-01, 2027-01-01",
        ),
        ("end of next quarter|下季度末", "", "2027-03-31, 2027-06-30, 2028-06-30, 2027-03-31, 2027-03-31"),
        (
            "first monday of december|1st mon in dec|the first monday in december|12月第一个周一",
            "",
            "2026-12-07, 2027-12-06, 2028-12-04, 2027-12-06, 2026-12-07",
        ),
        (
            "second friday of next month|下个月第二个周五|下月的第二个星期五",
            "",
            "2026-12-11, 2027-02-12, 2028-03-10, 2027-01-08, 2026-12-11",
        ),
        (
            "last working day of the month|the last business day of month",
            "",
            "2026-11-30, 2027-02-26, 2028-02-29, 2026-12-31, 2026-11-30",
        ),
        ("last day of february|2月最后一天", "", "2027-02-28, 2027-02-28, 2028-02-29, 2027-02-28, 2027-02-28"),
        ("third friday of january 2027|2027年1月第三个周五", "", ", ".join(["2027-01-15"] * 5)),
        (
            "eod friday|friday close of business|cob fri|周五下班前",
            "18:00",
            "2026-11-27, 2027-02-05, 2028-03-03, 2027-01-01, 2026-12-04",
        ),
        (
            "first thing tomorrow|tomorrow first thing|first thing tomorrow morning|明天一早",
            "09:00",
            "2026-11-26, 2027-02-01, 2028-03-01, 2027-01-01, 2026-11-30",
        ),
        (
            "half past 3pm tomorrow|tomorrow afternoon at half past three|tomorrow 3.30pm|明天下午三点半",
            "15:30",
            "2026-11-26, 2027-02-01, 2028-03-01, 2027-01-01, 2026-11-30",
        ),
        (
            (
                "quarter to five in the afternoon tomorrow|15 minutes to 5 pm tomorrow|明天下午差一刻五点"
                "|明天下午五点差15分|1645 hours tomorrow|tomorrow 1645h"
            ),
            "16:45",
            "2026-11-26, 2027-02-01, 2028-03-01, 2027-01-01, 2026-11-30",
        ),
        (
            "tomorrow at a quarter to one|明天差一刻一点|明天一点差一刻",
            "12:45",
            "2026-11-26, 2027-02-01, 2028-03-01, 2027-01-01, 2026-11-30",
        ),
        (
            "three o'clock in the afternoon tomorrow|tomorrow at three in the afternoon|tomorrow three pm|明天下午3点",
            "15:00",
            "2026-11-26, 2027-02-01, 2028-03-01, 2027-01-01, 2026-11-30",
        ),
        (
            "一刻钟后|in a quarter of an hour|in 15 minutes",
            "",
            "2026-11-25 10:15, 2027-01-31 18:45, 2028-02-29 00:15, 2027-01-01 00:14, 2026-11-29 12:15",
        ),
    ],
)
def test_what_is_said_at_five_moments(texts: str, clock: str, days: str) -> None:
    expected = [f"{day} {clock}".strip() for day in days.split(", ")]
    for text in texts.split("|"):
        assert [read(text, now) for now in (WEDNESDAY, MONTH_END, LEAP_DAY, YEAR_END, SUNDAY)] == expected, text


@pytest.mark.parametrize(
    "text", ["12:15 in the morning", "tomorrow 12:30 in the morning", "12:00 this morning", "早上12点", "2430 hours"]
)
def test_what_may_be_noon_or_midnight_is_asked_for(text: str) -> None:
    with pytest.raises(WhenError):
        read(text, WEDNESDAY)
