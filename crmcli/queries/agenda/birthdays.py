"""Birthdays, that of 29 February on the 28th when there is no 29th."""

from datetime import date, timedelta
from typing import Any

from crmcli.queries.agenda.items import Due, Window, when, who
from crmcli.queries.reader import Reader, Row
from crmcli.rules.birthdays import age_on, celebrated_as

_YEAR = 365


def due(reader: Reader, window: Window, limit: int | None = None) -> Due:
    """Return the birthdays of the window's days, one day after the other as far as they are wanted."""
    days = (window.day - window.since).days
    found: list[Row] = []
    for ahead in range(min(days, _YEAR) + 1):
        day = window.since + timedelta(days=ahead)
        for birthday in celebrated_as(day):
            rows = reader.all(
                "SELECT id, id AS contact_id, name AS contact, company, title, birthday, owner FROM contacts "
                "WHERE birthday IS NOT NULL AND substr(birthday, -5) = :birthday ORDER BY id LIMIT :limit",
                {"birthday": birthday, "limit": -1 if limit is None else limit + 1 - len(found)},
            )
            found += [_birthday(row, day) for row in rows]
        if limit is not None and len(found) > limit:
            return Due(found[:limit], limit + 1)
    return Due(found, len(found))


def _birthday(row: Any, day: date) -> Row:
    return {
        "kind": "birthday",
        "id": row["id"],
        **who(row),
        **when(day.isoformat(), all_day=True),
        "overdue": False,
        "text": row["birthday"],
        "age": age_on(row["birthday"], day),
        "owner": row["owner"],
        "occurrence": f"birthday:{row['id']}@{day.year}",
    }
