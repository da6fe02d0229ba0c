import tomllib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crmcli.rules.tomltext import changed

LINES = (
    *("page = 5", 'language="zh"', "# of ours", "", 'on_call="""a\nb"""', 'days_off = "2026-12-24"', "[[x]]"),
    *('severity.low.respond="2d"', 'severity . low . resolve = "3d"', '"severity"."low"."respond"="2d"'),
    *("[severity.low]", "[severity]", 'low.respond="4d"', 'low={respond="2d"}', 'severity={low={respond="2d"}}'),
    *("[channel.x]", 'channel.x.url="env:X"', "[calendar] # c", 'alarm="15m"', 'calendar.alarm="5m"', "channel = 5"),
)
NAMES = ("page", "severity.low.respond", "severity.high.resolve", "channel.y.person", "calendar.alarm")


@given(st.lists(st.sampled_from(LINES), max_size=6), st.sampled_from(NAMES), st.sampled_from(["", "\n"]))
def test_one_value_changes_and_nothing_else(lines: list[str], name: str, end: str) -> None:
    text = "\n".join(lines) + end
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    try:
        after = tomllib.loads(changed(text, name, "new"))
    except ValueError:
        assert "={" in text
        return
    *heads, key = name.split(".")
    table = before
    for head in heads:
        if not isinstance(table.get(head), dict):
            table[head] = {}
        table = table[head]
    table[key] = "new"
    assert after == before


@pytest.mark.parametrize(
    ("text", "name", "new"),
    [
        ('severity.low.respond="2d"', "page", 'severity.low.respond="2d"\npage = 20\n'),
        (
            'severity.low.respond="2d"\ncalendar.alarm="5m"\n',
            "severity.high.resolve",
            'severity.high.resolve = 20\nseverity.low.respond="2d"\ncalendar.alarm="5m"\n',
        ),
    ],
)
def test_dotted_names_stay_outside_of_new_tables(text: str, name: str, new: str) -> None:
    assert changed(text, name, 20) == new
