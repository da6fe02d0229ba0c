"""Pages of a list: one after another they are the list, whatever its order, and what is read costs no memory."""

import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.nouns import noun
from crmcli.queries.reader import Reader
from crmcli.queries.records import page, select_ids
from tests.conftest import Crm
from tests.rows import NOW, Rows

CONTACT = noun("contact")
SORTS = (
    "",
    "name",
    "-name",
    "-last_contact_at",
    "last_contact_at",
    "next_callback_at",
    "class,-name",
    "-class",
    "id",
    "-id",
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    rows = Rows(tmp_path_factory.mktemp("records") / "crm.db")
    for number in range(60):
        who = rows.contact(f"王{number % 7}", class_=(None, "core", "interested")[number % 3])
        if number % 4 == 0:
            rows.followup(who, NOW - timedelta(days=number % 8))
        if number % 5 == 0:
            rows.callback(who, NOW + timedelta(days=number % 3))
    return Reader(rows.connection, NOW)


@given(sort=st.sampled_from(SORTS), limit=st.integers(1, 25), query=st.sampled_from(("", "class:core", "-class:core")))
def test_pages_one_after_another_are_the_list(reader: Reader, sort: str, limit: int, query: str) -> None:
    everything = [row["id"] for row in page(reader, CONTACT, query, sort).rows]
    ids: list[int] = []
    last: int | None = None
    more = True
    while more:
        found = page(reader, CONTACT, query, sort, limit, after=last)
        ids += [row["id"] for row in found.rows]
        last, more = found.last, found.more
    assert ids == everything == select_ids(reader, CONTACT, query, sort)


def test_a_list_of_everything_takes_no_memory_with_its_length(tmp_path: Path) -> None:
    rows = Rows(tmp_path / "crm.db")
    for _ in range(3_000):
        rows.contact()
    reader = Reader(rows.connection, NOW)
    peaks = []
    for query in ("id<=600", ""):
        tracemalloc.start()
        assert sum(1 for _row in page(reader, CONTACT, query).rows) >= 600
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.1


def test_next_page(crm: Crm) -> None:
    for name in ("Ann", "Bob", "Cid"):
        crm.ok("add", name)
    first = crm.ok("list", "--limit", "2")
    assert first.err == "the first 2; --after 2 goes on, --limit 0 shows all\n"
    assert crm.ok("list", "--limit", "1", "--after", "1").err == "the next 1; --after 2 goes on\n"
    assert crm.ok("list", "--after", "2", "-q").out == "3\n"
    assert crm.ok("list", "--after", "3").err == "nothing comes after it\n"
    assert crm("list", "--after", "9").code == 3
    assert crm("list", "--after", "Ann").code == 2


@pytest.mark.parametrize("limit", [2**63 - 1, 2**64, 10**30])
def test_no_number_of_rows_is_too_large(crm: Crm, limit: int) -> None:
    crm.ok("add", "张三")
    assert crm("config", "set", "page", str(limit)).code == 2
    assert [row["name"] for row in crm.data("list", "--limit", str(limit))] == ["张三"]
