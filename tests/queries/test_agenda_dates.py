"""Dates in custom fields: when they are told of, and that their table always follows the records."""

import json
import os
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.queries.agenda import Plan, dates, read_due
from crmcli.queries.agenda.items import Window
from crmcli.queries.reader import Reader
from crmcli.rules.birthdays import next_celebration
from crmcli.store import quick
from tests.conftest import Crm
from tests.rows import Rows

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rows]:
    before = dict(os.environ)
    found = Rows(tmp_path_factory.mktemp("dates") / "crm.db")
    os.environ.update(
        {"CRM_DB": str(found.connection.execute("PRAGMA database_list").fetchone()[2]), "TZ": "Asia/Shanghai"}
    )
    os.environ["HOME"] = str(tmp_path_factory.mktemp("home"))
    time.tzset()
    yield found
    os.environ.clear()
    os.environ.update(before)
    time.tzset()


def declare(
    rows: Rows, code: str, remind: int | None, *, yearly: int = 0, type_: str = "date", noun: str = "contact"
) -> None:
    rows.connection.execute(
        "INSERT OR REPLACE INTO custom_field "
        "(noun, code, type, en, zh, aliases, required, remind_days, yearly, position, hidden) "
        "VALUES (?, ?, ?, ?, ?, '', 0, ?, ?, 1, 0)",
        (noun, code, type_, code, code, remind, yearly),
    )


def put(rows: Rows, id_: int, **fields: Any) -> int:
    rows.connection.execute("UPDATE contact SET fields = ? WHERE id = ?", (json.dumps(fields), id_))
    return id_


def clear(rows: Rows) -> None:
    rows.connection.execute("DELETE FROM contact")
    rows.connection.execute("DELETE FROM custom_field")


def told(rows: Rows, today: date) -> list[str]:
    now = datetime.combine(today, datetime.min.time(), tzinfo=SHANGHAI)
    return [
        item["due_on"] for item in read_due(Reader(rows.connection, now), within=timedelta(), plans={"date": Plan()})
    ]


@pytest.mark.parametrize(
    ("on", "remind", "yearly", "today", "expected"),
    [
        ("2026-12-25", 30, 0, "2026-11-25", "2026-12-25"),
        ("2026-12-26", 30, 0, "2026-11-25", None),
        ("2026-11-25", 0, 0, "2026-11-25", "2026-11-25"),
        ("2026-11-24", 0, 0, "2026-11-25", "2026-11-24"),  # late, until it is changed
        ("2026-10-26", 0, 0, "2026-11-25", "2026-10-26"),
        ("2026-10-25", 0, 0, "2026-11-25", None),  # nobody cares any more
        ("2026-11-25", None, 0, "2026-11-25", None),
        ("2016-11-30", 5, 1, "2026-11-25", "2026-11-30"),
        ("2016-12-01", 5, 1, "2026-11-25", None),
        ("2016-11-24", 5, 1, "2026-11-25", None),
        ("--01-02", 10, 1, "2026-12-25", "2027-01-02"),
        ("2020-02-29", 0, 1, "2027-02-28", "2027-02-28"),
        ("2020-02-29", 0, 1, "2028-02-28", None),
        ("2020-02-29", 0, 1, "2028-02-29", "2028-02-29"),
        ("--02-29", 3, 1, "2027-02-25", "2027-02-28"),
    ],
)
def test_when_a_date_is_told_of(
    rows: Rows, on: str, remind: int | None, yearly: int, today: str, expected: str | None
) -> None:
    clear(rows)
    declare(rows, "x", remind, yearly=yearly)
    put(rows, rows.contact(), x=on)
    assert told(rows, date.fromisoformat(today)) == ([expected] if expected else [])


DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


@given(DAYS, DAYS, st.integers(0, 400), st.booleans())
def test_the_quick_look_never_misses_one(rows: Rows, on: date, today: date, remind: int, yearly: bool) -> None:
    clear(rows)
    declare(rows, "x", remind, yearly=int(yearly))
    put(rows, rows.contact(created=f"{today}T00:00:00Z"), x=on.isoformat())
    found = told(rows, today)
    now = datetime.combine(today, datetime.min.time(), tzinfo=SHANGHAI)
    clock = SimpleNamespace(
        time=now.timestamp, localtime=time.localtime, gmtime=time.gmtime, strftime=time.strftime, tzset=time.tzset
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick, "time", clock)
        assert not (quick.nothing_due() and found)
    if yearly:
        assert bool(found) == ((next_celebration(on.isoformat(), today) - today).days <= remind)
    else:
        assert bool(found) == (-dates.OVER <= (on - today).days <= remind)


CODES = ("x", "y", "z")
VALUES = st.one_of(st.none(), st.integers(), st.booleans(), st.sampled_from(["2026-12-01", "--02-29", "text", ""]))
STEPS = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 3), st.dictionaries(st.sampled_from(CODES), VALUES)),
    st.tuples(st.just("new"), st.just(0), st.just({})),
    st.tuples(st.just("gone"), st.integers(0, 3), st.just({})),
    st.tuples(st.just("declare"), st.sampled_from(CODES), st.sampled_from(["date", "text"])),
    st.tuples(st.just("company"), st.sampled_from(CODES), st.just("date")),
    st.tuples(st.just("hide"), st.sampled_from(CODES), st.integers(0, 1)),
    st.tuples(st.just("rename"), st.sampled_from(CODES), st.sampled_from(CODES)),
    st.tuples(st.just("undeclare"), st.sampled_from(CODES), st.just(0)),
)


def do(rows: Rows, what: str, which: Any, value: Any) -> None:
    ids = [row[0] for row in rows.connection.execute("SELECT id FROM contact ORDER BY id")]
    run = rows.connection.execute
    match what:
        case "put" if ids:
            put(rows, ids[which % len(ids)], **{code: one for code, one in value.items() if one is not None})
        case "new":
            put(rows, rows.contact(), x="2027-01-01")
        case "gone" if ids:
            run("DELETE FROM contact WHERE id = ?", (ids[which % len(ids)],))
        case "declare":
            run("DELETE FROM custom_field WHERE noun = 'contact' AND code = ?", (which,))
            declare(rows, which, 3, type_=value)
        case "company":
            run("DELETE FROM custom_field WHERE noun = 'company' AND code = ?", (which,))
            declare(rows, which, 3, noun="company")
        case "hide":
            run("UPDATE custom_field SET hidden = ? WHERE code = ?", (value, which))
        case "rename":
            run("UPDATE OR IGNORE custom_field SET code = ? WHERE noun = 'contact' AND code = ?", (value, which))
        case "undeclare":
            run("DELETE FROM custom_field WHERE code = ?", (which,))


@given(st.lists(STEPS, max_size=12))
def test_the_table_follows_whatever_happens(rows: Rows, steps: list[tuple[str, Any, Any]]) -> None:
    clear(rows)
    for step in steps:
        do(rows, *step)
        kept, afresh = (
            sorted(map(tuple, rows.connection.execute(f"SELECT * FROM {table}")))
            for table in ("field_date", "field_date_now")
        )
        assert kept == afresh


def test_many_are_found_by_an_index(rows: Rows) -> None:
    clear(rows)
    for yearly in (0, 1):
        declare(rows, "x", 30, yearly=yearly)
        plan: list[str] = []
        rows.connection.set_trace_callback(plan.append)
        dates.due(Reader(rows.connection, datetime.now(SHANGHAI)), Window(datetime.now(SHANGHAI), TODAY, TODAY))
        rows.connection.set_trace_callback(None)
        asked = next(sql for sql in plan if "FROM field_date" in sql)
        steps = [row["detail"] for row in rows.connection.execute(f"EXPLAIN QUERY PLAN {asked}")]
        assert any(
            "USING INDEX ix_field_date" in step or "USING COVERING INDEX ix_field_date" in step for step in steps
        )


def test_an_import_and_its_undoing_keep_the_table(crm: Crm) -> None:
    crm.ok("field", "add", "contact", "expires", "--type", "date", "--remind", "30")
    crm.ok("import", "-", stdin="name,expires\nAnn,2026-12-01\nBob,2027-12-01\nCid,\n")
    assert [(item["contact"], item["field"], item["due_on"]) for item in crm.data("remind")["items"]] == [
        ("Ann", "expires", "2026-12-01")
    ]
    assert "Tue 1 Dec" in crm.ok("today").out
    assert "1 date" in crm.ok("today").out
    crm.ok("import", "-", stdin="name,expires\nAnn,2027-12-01\nBob,2026-12-02\n")
    assert [item["contact"] for item in crm.data("today")["items"]] == ["Bob"]
    crm.ok("undo")
    assert [item["contact"] for item in crm.data("today")["items"]] == ["Ann"]
    crm.ok("undo", "2")
    assert crm.data("today")["items"] == []
    crm("doctor")
    assert crm.db.exists()


def test_once_is_once_until_the_date_changes(crm: Crm) -> None:
    crm.ok("field", "add", "contact", "expires", "--type", "date", "--remind", "30", "--en", "contract")
    crm.ok("add", "Ann", "--set", "expires=2026-12-01")
    assert "contract" in crm.ok("remind", "--once").out
    assert not crm.ok("remind", "--once").out
    crm.ok("contact", "edit", "Ann", "--set", "expires=2026-12-02")
    assert "contract" in crm.ok("remind", "--once").out


def test_the_setting_of_the_kind_counts(crm: Crm, tmp_path: Path) -> None:
    crm.ok("field", "add", "contact", "expires", "--type", "date", "--remind", "30")
    crm.ok("add", "Ann", "--set", "expires=2026-12-01")
    config = tmp_path / "config.toml"
    config.write_text('[remind.date]\nsend = "no"\n', "utf-8")
    assert crm.data("remind", "--config", str(config))["items"] == []
