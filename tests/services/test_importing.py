"""Importing, as properties that hold for any file: nothing is lost or doubled, and what is derived stays right."""

import csv
import io
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmcli.services.importing.matching import match_rows
from crmcli.store import bulk
from crmcli.store.connection import connect
from crmcli.store.search import rebuild
from tests.conftest import Crm

FIELDS = ("uid", "name", "company", "phone", "email", "title", "class", "tags", "referred_by")
PEOPLE = [
    {"name": "张三", "company": "华东电力", "phone": "13800138000", "email": "z@x.cn", "class": "core"},
    {"name": "李四", "company": "华东电力", "phone": "13900139000", "email": "li@x.cn", "tags": "a; b"},
    {"name": "赵六", "company": "南方电网", "phone": "13700137000", "email": "", "title": "经理"},
    {"name": "Ann Lee", "company": "", "phone": "+49 30 123456", "email": "ann@x.de", "referred_by": "张三"},
    {"name": "王五", "company": "", "phone": "", "email": "", "class": "有意向", "tags": "b"},
]
"""Whatever a row says of one of them is true, and no two share a name or a way to be reached."""

MANY = 2_100
"""Rows: more than are staged at once."""

SEEN = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sets(st.sampled_from(FIELDS))), max_size=12)
"""Rows that each know a part of somebody, and always where they work: see the test of what a name alone can't say."""


def table(seen: list[tuple[dict[str, str], set[str]]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, FIELDS)
    writer.writeheader()
    for person, known in seen:
        writer.writerow({name: value for name, value in person.items() if name in ("name", "company") or name in known})
    return stream.getvalue()


@contextmanager
def new_crm(factory: pytest.TempPathFactory) -> Iterator[Crm]:
    with pytest.MonkeyPatch.context() as patch:
        yield Crm(factory.mktemp("crm"), patch)


def imported(crm: Crm, text: str, *arguments: str) -> dict[str, Any]:
    summary: dict[str, Any] = crm("import", "-", *arguments, "-o", "json", stdin=text).json
    names = ("created", "updated", "unchanged", "skipped", "rejected")
    assert sum(summary[name] for name in names) == summary["read"]
    return summary


def derived(connection: sqlite3.Connection) -> list[Any]:
    """Return what the program keeps beside the tables: summaries and the search index."""
    state = connection.execute("SELECT * FROM contact_state ORDER BY contact_id").fetchall()
    found = connection.execute("SELECT rowid, name, reach, body FROM search ORDER BY rowid").fetchall()
    return [*map(tuple, state), *map(tuple, found)]


def check_derived(crm: Crm) -> None:
    connection = connect(crm.db)
    kept = derived(connection)
    connection.execute("DELETE FROM contact_state")
    connection.execute("INSERT INTO contact_state SELECT * FROM contact_state_now")
    rebuild(connection)
    assert kept == derived(connection)
    for name, last in connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall():
        highest = connection.execute(f"SELECT coalesce(max(id), 0) FROM {name}").fetchone()[0]
        assert last >= highest
    assert not connection.execute("PRAGMA foreign_key_check").fetchall()
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert connection.execute("SELECT change_id, bulk FROM journal_state").fetchall()[0][:] == (None, 0)
    connection.close()


@settings(max_examples=15)
@given(SEEN, SEEN)
def test_again_changes_nothing_and_undo_takes_all_back(
    tmp_path_factory: pytest.TempPathFactory, first: Any, second: Any
) -> None:
    with new_crm(tmp_path_factory) as crm:
        imported(crm, table(first))
        check_derived(crm)
        before = crm.data("contact", "list"), crm.data("company", "list")
        summary = imported(crm, table(second))
        check_derived(crm)
        again = imported(crm, table(second))
        assert (again["created"], again["updated"], again["change"]) == (0, 0, None)
        assert again["rejected"] >= summary["rejected"]  # a name alone may have become that of several
        if summary["change"]:
            crm.ok("undo")
            check_derived(crm)
        assert (crm.data("contact", "list"), crm.data("company", "list")) == before


@settings(max_examples=15)
@given(SEEN)
def test_nobody_is_lost_and_nobody_is_made_of_two(tmp_path_factory: pytest.TempPathFactory, seen: Any) -> None:
    with new_crm(tmp_path_factory) as crm:
        summary = imported(crm, table(seen))
        rows = crm.data("contact", "list")
        assert {row["name"] for row in rows} == {person["name"] for person, _known in seen}
        assert len(rows) == summary["created"]
        for row in rows:
            assert any(_is(row, person) for person in PEOPLE)
        if not summary["rejected"]:
            said = {
                value for person, known in seen for field in known & {"email"} for value in [person[field]] if value
            }
            assert {email for row in rows for email in row["emails"]} == said


def _is(row: dict[str, Any], person: dict[str, str]) -> bool:
    """Tell whether a contact has nothing that is not true of the person."""
    return (
        row["name"] == person["name"]
        and row["company"] in (None, person["company"])
        and row["title"] in (None, person.get("title"))
        and {*row["emails"]} <= {person["email"]}
        and {*row["tags"]} <= {*person.get("tags", "").split("; ")}
    )


MIXED = st.lists(
    st.fixed_dictionaries(
        {
            "uid": st.sampled_from(("", "u1", "u2")),
            "name": st.sampled_from(("张三", "李四", "Ann Lee", "ann lee")),
            "company": st.sampled_from(("", "华东电力", "南方电网")),
            "phone": st.sampled_from(("", "13800138000", "138 0013 8000", "010-12345678", "+49 30 123456")),
            "email": st.sampled_from(("", "z@x.cn", "Z@X.cn", "info@x.cn")),
        }
    ),
    min_size=2,
    max_size=8,
)
"""Rows of which any may be any other."""


@settings(max_examples=25)
@given(MIXED, st.sampled_from(("", "uid,phone", "email,name", "name+company")), st.integers(-1, 6))
def test_which_rows_are_one_another_does_not_depend_on_how_many_are_remembered(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]], match: str, most: int
) -> None:
    text = table([(row, set(FIELDS)) for row in rows])
    arguments = ("--match", match) if match else ()
    outcomes = []
    for remembered in (most, len(text)):
        with new_crm(tmp_path_factory) as crm, pytest.MonkeyPatch.context() as patch:
            patch.setattr("crmcli.services.importing.matching.keys._MOST", remembered)
            summary = imported(crm, text, *arguments)
            people = crm.data("contact", "list", "--sort", "id", "--columns", "name,company,phones,emails,uid")
            outcomes.append((summary["created"], summary["rejected"], [person | {"uid": ""} for person in people]))
    assert outcomes[0] == outcomes[1]


@settings(max_examples=15)
@given(MIXED)
def test_again_changes_nothing_whoever_shares_a_number_or_a_name(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    text = table([(row | {"uid": ""}, set(FIELDS)) for row in rows])
    with new_crm(tmp_path_factory) as crm:
        summary = imported(crm, text)
        if summary["rejected"]:  # who else they might have been may be known by now, from further down in the file
            imported(crm, text)
        again = imported(crm, text)
        assert (again["created"], again["updated"], again["change"]) == (0, 0, None)


def test_many_rows_build_the_indexes_anew_and_are_journalled_in_a_few_lines(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "FEW", MANY - 1)
    lines = ["name,phone,company,class,tags"]
    lines += [f"客户{n},{13800000000 + n},公司{n % 140},core,t{n % 3}" for n in range(MANY)]
    summary = imported(crm, "\n".join(lines))
    assert summary["created"] == MANY
    check_derived(crm)
    connection = connect(crm.db)
    assert connection.execute("SELECT count(*) FROM change_row").fetchone()[0] == 0
    assert dict(connection.execute("SELECT entity, last_id - first_id + 1 FROM change_range").fetchall()) == {
        "company": 140,
        "contact": MANY,
        "contact_point": MANY,
        "tag": MANY,
    }
    indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'contact' ORDER BY name"
    kept = connection.execute(indexes).fetchall()
    other = Crm(crm.folder / "other", crm._monkeypatch)  # noqa: SLF001 - another database beside the first
    other.folder.mkdir()
    other.ok("contact", "list")
    assert [row[0] for row in kept] == [row[0] for row in connect(other.db).execute(indexes)]
    connection.close()
    assert imported(crm, "\n".join(lines))["unchanged"] == MANY


def test_an_import_that_fails_half_way_leaves_everything_as_it_was(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.ok("add", "张三", "--phone", "13800138000")
    before = Path(crm.db).read_bytes()

    def fail(*arguments: Any) -> None:
        match_rows(*arguments)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("crmcli.services.importing.match_rows", fail)
    result = crm("import", "-", stdin="name,phone\n李四,13900139000\n张三,13800138000\n")
    assert result.code == 7
    assert result.err.count("\n") == 1
    assert [row["name"] for row in crm.data("contact", "list")] == ["张三"]
    assert len(Path(crm.db).read_bytes()) == len(before)


def test_a_name_alone_is_whoever_has_no_company(crm: Crm) -> None:
    """Once a row told the company, a row without one is somebody else: matching never guesses."""
    imported(crm, "name,phone\n赵六,13700137000\n")
    both = "name,company,phone,title\n赵六,,,经理\n赵六,南方电网,13700137000,\n"
    assert imported(crm, both)["updated"] == 2
    again = imported(crm, both)
    assert (again["created"], again["unchanged"]) == (1, 1)
    assert imported(crm, both)["unchanged"] == 2


def test_who_became_alike_is_not_told_apart_by_name(crm: Crm) -> None:
    imported(crm, "name,company,phone\n张三,华东电力,\n张三,,13800138000\n")
    both = "name,company,phone\n张三,华东电力,\n张三,华东电力,13800138000\n"
    assert imported(crm, both)["updated"] == 1
    again = imported(crm, both)
    assert (again["rejected"], again["unchanged"], again["change"]) == (1, 1, None)
