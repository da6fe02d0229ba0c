"""How reliably promises are kept: the report counts what each record says of itself (`fulfilled`)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.queries.reader import Reader, get_many
from crmcli.queries.reports.asking import TOTAL, Asked
from crmcli.queries.reports.promises import read
from crmcli.rules.statistics import percent
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
        settled = None if status == "open" else moment_text(min(due + days(after), NOW))
        rows.promise(
            who,
            due.date().isoformat(),
            status=status,
            made_at=moment_text(NOW - days(60)),
            settled_at=settled,
            owner=owner,
        )
    reader = Reader(rows.connection, NOW)
    records = get_many(reader, "promise", [row[0] for row in rows.connection.execute("SELECT id FROM promise")])
    counted = 0
    for row in read(reader, Asked(by=("person",))).rows:
        mine = [record for record in records if record["owner"] == row["person"]]
        decided = [record["fulfilled"] for record in mine if record["fulfilled"] is not None]
        assert row["fulfilment"] == percent(sum(decided), len(decided))
        assert row["count"] == len(mine)
        counted += row["count"]
    assert counted == len(records)
    total = read(reader, Asked(by=(TOTAL,))).total
    decided = [record["fulfilled"] for record in records if record["fulfilled"] is not None]
    assert total["fulfilment"] == percent(sum(decided), len(decided))
