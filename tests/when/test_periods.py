from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import WhenError
from crmcli.when.periods import parse_period


@pytest.mark.parametrize(
    ("texts", "minutes"),
    [
        (
            "90m|90 min|1.5h|1个半小时|一个半小时|an hour and a half|1h30m|1 hour and 30 minutes|1小时30分钟|９０分钟",
            90,
        ),
        ("2h|2 hours|two hours|两小时|两个小时", 120),
        ("半小时|半个小时|half an hour|30分|0.5h", 30),
        ("8d|8 days|8天|八天", 8 * 1440),
        ("1w|a week|一周|1星期|7天", 7 * 1440),
        ("两周|2 weeks|2w|十四天", 14 * 1440),
        ("一个月|1 month|30d|三十天", 30 * 1440),
        ("半年|half a year", 180 * 1440),
        ("1 year|1年|365d", 365 * 1440),
        ("一百二十天|120d", 120 * 1440),
        ("1 week and 2 days|a week and two days|1周2天", 9 * 1440),
    ],
)
def test_lengths_in_both_languages(texts: str, minutes: int) -> None:
    for text in texts.split("|"):
        assert parse_period(text) == timedelta(minutes=minutes), text
        assert parse_period(f" {text.upper()} ") == timedelta(minutes=minutes), text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "h",
        "3月",
        "半周",
        "half a week",
        "3个工作日",
        "-2h",
        "2h!",
        "2h" + " " * 60,
        "tomorrow",
        "and",
        "am",
        "ah",
    ],
)
def test_what_is_no_length_is_refused_with_examples(text: str) -> None:
    with pytest.raises(WhenError, match="length") as refused:
        parse_period(text)
    assert "2h" in refused.value.hint


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(WhenError):
        assert parse_period(text) >= timedelta()
