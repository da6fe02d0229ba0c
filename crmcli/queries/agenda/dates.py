"""Dates in custom fields that want attention: a contract that ends, an anniversary, the next inspection.

A field says itself how many days before it reminds. What has passed stays until the date is changed, but no longer than
OVER days; what comes back every year is celebrated as birthdays are, that of 29 February on the 28th of a common year.
A callback that a notice planned for a date covers it: it is said once.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from crmcli.queries.agenda.items import Due, Source, Window, read, when, who
from crmcli.queries.custom_fields import custom_fields
from crmcli.queries.reader import Reader, Row
from crmcli.rules.birthdays import celebrated_as, next_celebration
from crmcli.rules.custom_fields import CustomField

OVER = 30
"""So many days a date that has passed is still told of."""
_YEAR = 365
_COLUMNS = 'd.contact_id, d.code, d."on", c.name AS contact, c.company, c.title, c.owner'
_ON = 'd."on"'
_VIEW = "field_date d JOIN contacts c ON c.id = d.contact_id"


def due(reader: Reader, window: Window, limit: int | None = None) -> Due:
    """Return the dates of which their fields remind within the window, those that have lately passed too."""
    fields = {
        field.code: field
        for field in custom_fields(reader.connection, "contact")
        if field.type == "date" and field.remind_days is not None and not field.hidden
    }
    sources = (_source(field, window) for field in fields.values())
    return read(reader, sources, partial(_item, fields, window.since), limit)


def _source(field: CustomField, window: Window) -> Source:
    ahead = timedelta(days=field.remind_days or 0)
    if field.yearly:
        days = [*_celebrated(window.since, window.day + ahead)]
        values = {f"d{number}": day for number, day in enumerate(days)}
        named = ", ".join(f":{name}" for name in values) or "NULL"
        values |= {"year": str(window.since.year), "next_year": str(window.since.year + 1)}
        unplanned = _unplanned(_celebrated_in(":year"), _celebrated_in(":next_year"))
        condition = f'd.code = :code AND substr(d."on", -5) IN ({named}) AND {unplanned}'
        order = 'substr(d."on", -5) < :d0, substr(d."on", -5)'
        return Source(_COLUMNS, _VIEW, "field_date d", condition, order, {"code": field.code, **values})
    values = {
        "code": field.code,
        "first": (window.since - timedelta(days=OVER)).isoformat(),
        "last": (window.day + ahead).isoformat(),
    }
    condition = f'd.code = :code AND d."on" BETWEEN :first AND :last AND {_unplanned(_ON)}'
    return Source(_COLUMNS, _VIEW, "field_date d", condition, 'd."on"', values)


def _celebrated_in(year: str) -> str:
    """Return the day on which a date is celebrated in a year that is bound."""
    last_of_february = f"date({year} || '-03-01', '-1 day')"
    return f"""CASE substr(d."on", -5) WHEN '02-29' THEN {last_of_february} ELSE {year} || substr(d."on", -6) END"""


def _unplanned(*days: str) -> str:
    """Return the condition that no notice has planned a callback for a date on one of these days."""
    keys = ", ".join(f"n.code || ':' || d.contact_id || '@' || {day}" for day in days)
    return (
        f"NOT EXISTS (SELECT 1 FROM notice n JOIN callback b ON b.notice IN ({keys}) "
        "WHERE n.field = d.code AND b.status <> 'cancelled')"
    )


def _celebrated(first: date, last: date) -> Iterator[str]:
    """Yield what is celebrated from one day to another, a year at most."""
    days = min((last - first).days, _YEAR)
    yield from dict.fromkeys(day for ahead in range(days + 1) for day in celebrated_as(first + timedelta(days=ahead)))


def _item(fields: dict[str, CustomField], since: date, reader: Reader, row: Any) -> Row:
    field = fields[row["code"]]
    on = next_celebration(row["on"], since).isoformat() if field.yearly else row["on"]
    return {
        "kind": "date",
        "id": row["contact_id"],
        **who(row),
        **when(on, all_day=True),
        "overdue": on < reader.clock["today"],
        "text": field.labels.said(),
        "field": row["code"],
        "yearly": field.yearly,
        "owner": row["owner"],
        "occurrence": f"date:{row['contact_id']}:{row['code']}@{on}",
    }
