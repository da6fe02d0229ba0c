"""The search index filled while a long file is read: whatever its rows turn out to be, it is as if made anew."""

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.store.connection import connect
from crmcli.store.search import differences
from tests.conftest import Crm

HEADER = ("name", "company", "phones", "emails", "title", "tags", "referred_by", "shoe size")
CELLS = (
    st.sampled_from(["张三", "Ann O'Brien", "李四", "Bob", ""]),
    st.sampled_from(["", "华东电力", "ACME", "Acme", "acme"]),
    st.sampled_from(["", "13800138000", "138 0013 8001; 13800138001", "020-88880000", "no number"]),
    st.sampled_from(["", "a@x.cn", "B@x.cn,b@x.cn", "c@x.cn"]),
    st.sampled_from(["", "经理", "Buyer"]),
    st.sampled_from(["", "vip", "VIP; vip; 展会", "展会，b"]),
    st.sampled_from(["", "张三"]),
    st.sampled_from(["", "42"]),
)
ROWS = st.lists(st.one_of(st.tuples(*CELLS), st.just(("",) * len(HEADER)), st.just((*HEADER, "more"))), max_size=9)
"""Rows that are the same people more often than not, blank rows and broken ones."""


def imported(crm: Crm, rows: list[tuple[str, ...]], *arguments: str) -> dict[str, Any]:
    file = crm.folder / "leads.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([HEADER, *rows])
    summary: dict[str, Any] = crm("import", str(file), "--extra", "fields", *arguments, "-o", "json").json
    return summary


def records(crm: Crm, noun: str) -> list[dict[str, Any]]:
    """Return the records without what differs each time, and without their order."""
    left_out = ("id", "uid", "company_id", "referred_by_id")
    rows = [{name: row[name] for name in row if name not in left_out} for row in crm.data(noun, "list")]
    return sorted(rows, key=str)


def check_index(crm: Crm) -> None:
    """The index is what it would be if it were made anew."""
    connection = connect(crm.db)
    assert differences(connection) == 0
    connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    connection.close()


def check_ids(crm: Crm) -> None:
    """What was added in bulk has ids that follow each other, as the journal says."""
    connection = connect(crm.db)
    for entity, first, last in connection.execute("SELECT entity, first_id, last_id FROM change_range"):
        there = connection.execute(f"SELECT count(*) FROM {entity} WHERE id BETWEEN ? AND ?", (first, last))
        assert there.fetchone()[0] == last - first + 1
    connection.close()


@settings(max_examples=16)
@given(ROWS, ROWS, st.sampled_from(["update", "skip", "create"]), st.sampled_from(["contacts", "companies"]))
def test_a_long_file_is_indexed_as_a_short_one_is(
    tmp_path_factory: pytest.TempPathFactory, known: Any, rows: Any, on_duplicate: str, records_are: str
) -> None:
    arguments = ("--as", records_are, "--on-duplicate", on_duplicate)
    with pytest.MonkeyPatch.context() as patch:
        short, long = (Crm(tmp_path_factory.mktemp(name), patch) for name in ("short", "long"))
        for crm in (short, long):
            imported(crm, known, "--as", records_are)
        expected = imported(short, rows, *arguments)
        patch.setattr("crmcli.commands.importing._LONG", 0)
        before = records(long, "contact"), records(long, "company")
        summary = imported(long, rows, *arguments)
        assert summary == expected
        check_index(long)
        check_ids(long)
        for noun in ("contact", "company"):
            assert records(long, noun) == records(short, noun)
        if summary["change"]:
            long.ok("undo")
            check_index(long)
        assert (records(long, "contact"), records(long, "company")) == before


def test_the_last_records_take_the_places_of_rows_that_became_none(
    tmp_path: Path, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("name,phone\n张三,13800138000\n张三,138 0013 8000\n李四,13900139000\n\nBob,12345678901234\n王五,\n")
    monkeypatch.setattr("crmcli.commands.importing._LONG", 0)
    crm.ok("import", str(file))
    assert {row["id"]: row["name"] for row in crm.data("contact", "list")} == {
        1: "张三",
        2: "Bob",
        3: "李四",
        4: "王五",
    }
    check_index(crm)
    check_ids(crm)
