from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcli.nouns import noun
from crmcli.render.lines import GOOD, LATE, SOON, UNLIMITED, Line, paint
from crmcli.render.table import list_table, record_card
from crmcli.render.text import width as cells
from crmcli.render.values import deadline_style
from crmcli.rules.grouping import readable_phone

LABELS = {("class", "interested"): "Interested", ("callback_kind", "visit"): "Visit"}
CONTACTS: list[dict[str, Any]] = [
    {
        "id": 1,
        "name": "张三",
        "company": "华东电力",
        "title": "采购经理",
        "class": "interested",
        "phones": ["+8613800138000", "+862112345678"],
        "last_contact_at": "2026-11-19T10:00:00+08:00",
        "next_callback_at": "2026-11-27T15:00:00+08:00",
    },
    {
        "id": 1234,
        "name": "O'Brien [red]x[/]",
        "company": "Acme \x1b[31m",
        "title": None,
        "class": "new-code",
        "phones": [],
        "last_contact_at": None,
        "next_callback_at": "2026-11-24",
    },
]


def shown(lines: list[Line]) -> list[str]:
    return [paint(line, colour=False) for line in lines]


def test_list_at_120_columns(now: datetime) -> None:
    assert shown(list_table(CONTACTS, noun("contact"), width=120, now=now, labels=LABELS)) == [
        "Name               Company     Phones                Class       Last contact  Next callback  Title       Id",
        "张三               华东电力    +86 138 0013 8000 +1  Interested  19 Nov 10:00  27 Nov 15:00   采购经理     1",
        "O'Brien [red]x[/]  Acme ␛[31m                        new-code                  24 Nov                   1234",
    ]


def test_list_at_80_columns(now: datetime) -> None:
    assert shown(list_table(CONTACTS, noun("contact"), width=80, now=now, labels=LABELS)) == [
        "Name               Company     Phones                Next callback    Id",
        "张三               华东电力    +86 138 0013 8000 +1  27 Nov 15:00      1",
        "O'Brien [red]x[/]  Acme ␛[31m                        24 Nov         1234",
    ]


def test_list_at_20_columns(now: datetime) -> None:
    assert shown(list_table(CONTACTS, noun("contact"), width=20, now=now, labels=LABELS)) == [
        "Name              Id",
        "张三               1",
        "O'Brien [red]…  1234",
    ]


def test_nothing_is_cut_in_a_pipe(now: datetime) -> None:
    row = {**CONTACTS[0], "company": "华" * 300}
    text = shown(list_table([row], noun("contact"), width=UNLIMITED, now=now))[1]
    assert "华" * 300 in text
    assert "+86 138 0013 8000, +862112345678" in text


def test_columns_can_be_chosen(now: datetime) -> None:
    table = list_table(CONTACTS, noun("contact"), ["id", "title"], width=80, now=now, title="All")
    assert shown(table) == ["All", "  Id  Title", "   1  采购经理", "1234"]


def test_no_rows_no_table(now: datetime) -> None:
    assert list_table([], noun("contact"), width=80, now=now) == []


@pytest.mark.parametrize(
    ("due", "style"),
    [
        ("2026-11-24", LATE),
        ("2026-11-25", SOON),
        ("2026-11-26", ""),
        ("2026-11-25T08:59:00+08:00", LATE),
        ("2026-11-25T09:00:00+08:00", SOON),
        ("2026-11-26T08:59:00+08:00", SOON),
        ("2026-11-26T09:00:00+08:00", ""),
        ("2026-11-24T23:00:00+08:00", LATE),
        ("whenever", ""),
        (None, ""),
    ],
)
def test_red_is_late_yellow_is_soon(due: str, style: str, now: datetime) -> None:
    assert deadline_style(due, now) == style


def test_what_is_done_is_not_late(now: datetime) -> None:
    callback = {"id": 1, "contact": "张三", "due": "2026-11-24", "status": "done", "overdue": False}
    (_header, line) = list_table([callback], noun("callback"), width=80, now=now)
    styles = {span.text: span.style for span in line}
    assert styles["24 Nov"] == "dim"
    assert styles["done"] == GOOD


@pytest.mark.parametrize(
    ("phone", "text"),
    [
        ("+8613800138000", "+86 138 0013 8000"),
        ("+8613800138000;ext=5", "+86 138 0013 8000;ext=5"),
        ("+862112345678", "+862112345678"),
        ("95588", "95588"),
        ("+12125550100", "+12125550100"),
    ],
)
def test_phones_in_groups(phone: str, text: str) -> None:
    assert readable_phone(phone) == text


def test_card(now: datetime) -> None:
    complaint = {
        "id": 3,
        "uid": "x",
        "contact_id": 1,
        "contact": "张三",
        "text": "交付延迟三天\nthe second time this year, he is angry",
        "category": None,
        "breached": False,
        "deadline_at": "2026-11-25T17:00:00+08:00",
        "satisfaction": 0,
        "steps": [{"at": "2026-11-25T08:00:00+08:00", "actor": "张伟", "note": None, "status": "received"}],
        "fields": {"车牌": "沪A"},
    }
    assert shown(record_card(complaint, noun("complaint"), width=40, now=now)) == [
        "Id            c3",
        "Contact       张三",
        "Text          交付延迟三天",
        "              the second time this year,",
        "              he is angry",
        "Deadline      25 Nov 17:00",
        "Satisfaction  0",
        "Steps         25 Nov 08:00 · 张伟 ·",
        "              received",
        "fields        车牌: 沪A",
    ]


anything = (
    st.none() | st.text() | st.integers() | st.booleans() | st.lists(st.text(), max_size=3) | st.just({"a": "\n"})
)
rows = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(1, 10**9)},
        optional=dict.fromkeys(("name", "company", "class", "phones", "next_callback_at", "tags"), anything),
    ),
    min_size=1,
    max_size=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.integers(20, 130), st.sampled_from([None, ("tags", "name", "id"), ("id", "company"), ("phones",)]))
def test_no_line_is_longer_than_the_terminal_and_no_id_is_cut(
    now: datetime, records: list[dict[str, Any]], width: int, columns: tuple[str, ...] | None
) -> None:
    lines = shown(list_table(records, noun("contact"), columns, width=width, now=now))
    assert len(lines) == len(records) + 1
    assert all(cells(line) <= width for line in lines)
    if columns is None or "id" in columns:
        assert all(str(row["id"]) in line for row, line in zip(records, lines[1:], strict=True))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.integers(20, 130))
def test_no_line_of_a_card_is_longer_than_the_terminal(
    now: datetime, records: list[dict[str, Any]], width: int
) -> None:
    for row in records:
        assert all(cells(line) <= width for line in shown(record_card(row, noun("contact"), width=width, now=now)))
