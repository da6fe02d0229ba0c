"""How reliably promises are kept, recomputed from the records."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.queries.promises import read_fulfilment
from crmcli.queries.reader import Reader, get_many
from crmcli.when.stored import moment_text
from tests.rows import NOW, Rows, days

made = st.tuples(
    st.sampled_from(["open", "kept", "broken", "renegotiated", "cancelled"]),
    st.integers(-40, 40),  # days from now until it is due
    st.integers(-3, 3),  # days from then until it was settled
    st.sampled_from(["wei", "lin", None]),
)


@given(st.lists(made, max_size=12))
def test_the_rate_is_that_of_the_records(
    tmp_path_factory: pytest.TempPathFactory, promises: list[tuple[str, int, int, str | None]]
) -> None:
    rows = Rows(tmp_path_factory.mktemp("promises") / "crm.db")
    who = rows.contact()
    for status, ahead, after, owner in promises:
        due = NOW + days(ahead)
        settled = None if status == "open" else moment_text(due + days(after))
        rows.promise(who, due.date().isoformat(), status=status, settled_at=settled, owner=owner)
    reader = Reader(rows.connection, NOW)
    since, until = date(2026, 11, 1), date(2026, 12, 15)
    ids = [row[0] for row in rows.connection.execute("SELECT id FROM promise")]
    records = [
        row for row in get_many(reader, "promise", ids) if since.isoformat() <= row["due_on"] <= until.isoformat()
    ]
    found = {row["group"]: row for row in read_fulfilment(reader, since, until)}
    assert found.keys() == {row["owner"] for row in records}
    for owner, row in found.items():
        mine = [record for record in records if record["owner"] == owner]
        decided = [record["fulfilled"] for record in mine if record["fulfilled"] is not None]
        assert row["rate"] == (sum(decided) / len(decided) if decided else None)
        assert row["promised"] == sum(row[name] for name in ("in_time", "late", "broken", "overdue", "open"))
        assert len(mine) == row["promised"] + row["renegotiated"] + row["cancelled"]
    months = read_fulfilment(reader, since, until, "month")
    whole = read_fulfilment(reader, since, until, "all")
    assert sum(row["promised"] for row in months) == sum(row["promised"] for row in whole)
