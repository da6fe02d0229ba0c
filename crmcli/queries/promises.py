"""How reliably promises are kept (承诺兑现率), by person or month of the day that was promised."""

from datetime import date

from crmcli.nouns.promise import NOUN
from crmcli.queries.reader import Reader, Row

GROUPS = {"owner": "owner", "month": "substr(due_on, 1, 7)", "all": "NULL"}
"""By what promises are put together → its SQL."""

_FULFILLED = next(field.expression for field in NOUN.fields if field.name == "fulfilled")
_COUNTS = {
    "promised": "status NOT IN ('renegotiated', 'cancelled')",
    "in_time": f"{_FULFILLED} = 1",
    "late": f"status = 'kept' AND {_FULFILLED} = 0",
    "broken": "status = 'broken'",
    "overdue": f"status = 'open' AND {_FULFILLED} = 0",
    "open": f"status = 'open' AND {_FULFILLED} IS NULL",
    "renegotiated": "status = 'renegotiated'",
    "cancelled": "status = 'cancelled'",
}
"""What is counted: `promised` = `in_time` + `late` + `broken` + `overdue` + `open`."""


def read_fulfilment(reader: Reader, since: date, until: date, by: str = "owner") -> list[Row]:
    """Return a row for each group of the promises that were due from one day to another, both included.

    `by` is one of GROUPS, its value under `group`. `rate` is the share, 0 to 1, of what was kept in time among all that
    is decided: in time, late, broken and overdue; None where nothing is. What was renegotiated or cancelled does not
    count, the promise in its place does.
    """
    counts = ", ".join(f"count(*) FILTER (WHERE {condition}) AS {name}" for name, condition in _COUNTS.items())
    rows = reader.all(
        f'SELECT {GROUPS[by]} AS "group", {counts}, avg({_FULFILLED}) FILTER '
        "(WHERE status NOT IN ('renegotiated', 'cancelled')) AS rate "
        f"FROM {NOUN.view} WHERE due_on BETWEEN :since AND :until GROUP BY 1 ORDER BY 1 NULLS LAST",
        {"since": since.isoformat(), "until": until.isoformat()},
    )
    return [dict(row) for row in rows]
