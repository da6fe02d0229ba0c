"""What is due: callbacks, complaints near their deadline, birthdays, forgotten customers, and what comes next.

Nothing is stored and nothing runs in the background: every question is answered afresh from indexes, for the moment
that the reader stands at. What has a time is due at its instant; what has none is due on the user's own day, and late
on the next.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from crmcli.queries.reader import Reader, Row
from crmcli.rules.birthdays import age_on, celebrated_as
from crmcli.when.stored import moment_text

COUNTED = 1000
"""Nobody does more in a day: beyond so many, items are not counted."""
COUNTED_AHEAD = 100
COMING_DAYS = 6
_YEAR = 365
_NEAR = timedelta(hours=24)
"""So long before its deadline a complaint belongs to the day's work."""
_OPEN = "resolved_at IS NULL AND closed_at IS NULL"


class Due(NamedTuple):
    """Items, the most urgent first, and how many there are in all: more than COUNTED are not told apart."""

    items: list[Row]
    total: int


class Day(NamedTuple):
    """The day's work."""

    overdue: Due
    today: Due
    complaints: Due
    birthdays: Due
    forgotten: Due
    coming: list[Row]

    @property
    def items(self) -> list[Row]:
        """All items, section by section."""
        return [item for due in self[:5] for item in due.items]


class _Source(NamedTuple):
    """Where items come from: a condition that an index answers, in the order of the index."""

    columns: str
    view: str
    table: str
    """The table that the condition is about, for counting: it needs no names."""
    condition: str
    order: str
    values: Mapping[str, Any]

    def rows(self, reader: Reader, limit: int | None) -> list[Any]:
        """Return the first rows, all of them without a limit."""
        sql = f"SELECT {self.columns} FROM {self.view} WHERE {self.condition} ORDER BY {self.order} LIMIT :limit"
        return reader.all(sql, {**self.values, "limit": -1 if limit is None else limit})

    def counted(self, reader: Reader, most: int) -> int:
        """Return how many rows there are, counted up to one more than `most`."""
        sql = f"SELECT count(*) FROM (SELECT 1 FROM {self.table} WHERE {self.condition} LIMIT :limit)"
        return int(reader.all(sql, {**self.values, "limit": most + 1})[0][0])


def read_day(reader: Reader, *, birthday_days: int, forgotten_rows: int, limit: int | None = None) -> Day:
    """Return the day's work; `limit` is how many items of a kind are read, all without it.

    Of the forgotten customers only so many are read in any case, the longest overdue for their class: it may be nearly
    everybody.
    """
    today = reader.now.date()
    tomorrow = today + timedelta(days=1)
    return Day(
        overdue=_callbacks(reader, "< :now", "< :today", {}, limit),
        today=_callbacks(
            reader, ">= :now AND due_at < :midnight", "= :today", {"midnight": midnight(reader, tomorrow)}, limit
        ),
        complaints=_complaints(reader, reader.now + _NEAR, limit),
        birthdays=_birthdays(reader, birthday_days, limit),
        forgotten=_forgotten(reader, today, forgotten_rows),
        coming=_coming(reader),
    )


def read_due(reader: Reader, *, within: timedelta, notice: timedelta) -> list[Row]:
    """Return every item that is due now or within that time, complaints so much earlier than their deadline."""
    horizon = (reader.now.astimezone(UTC) + within).astimezone(reader.now.tzinfo)
    days = (horizon.date() - reader.now.date()).days
    until = {"horizon": moment_text(horizon), "last": horizon.date().isoformat()}
    found = (
        _callbacks(reader, "<= :horizon", "<= :last", until, None),
        _complaints(reader, horizon + notice, None),
        _birthdays(reader, days, None),
        _forgotten(reader, horizon.date(), None),
    )
    return [item for due in found for item in due.items]


def next_callback(reader: Reader) -> Row | None:
    """Return the first open callback after today, or None."""
    after = {"midnight": midnight(reader, reader.now.date() + timedelta(days=1))}
    ahead = _callbacks(reader, ">= :midnight", "> :today", after, 1)
    return ahead.items[0] if ahead.items else None


def anybody(reader: Reader) -> bool:
    """Return whether there is any contact at all."""
    return bool(reader.all("SELECT EXISTS (SELECT 1 FROM contacts)")[0][0])


def midnight(reader: Reader, day: date) -> str:
    """Return the moment at which a day begins for the user, as it is stored."""
    return moment_text(datetime.combine(day, time(), tzinfo=reader.now.tzinfo))


def _callbacks(reader: Reader, moment: str, day: str, values: Mapping[str, Any], limit: int | None) -> Due:
    """Return the open callbacks whose moment, or whose day when they have none, compares so."""
    return _due(reader, _planned(moment, day, values), _callback, limit)


def _planned(moment: str, day: str, values: Mapping[str, Any]) -> tuple[_Source, _Source]:
    columns = "id, contact_id, contact, company, title, kind, due_on, due_at, purpose, repeat, owner"
    timed = f"status = 'open' AND due_at IS NOT NULL AND due_at {moment}"
    all_day = f"status = 'open' AND due_at IS NULL AND due_on {day}"
    return (
        _Source(columns, "callbacks", "callback", timed, "due_at", values),
        _Source(columns, "callbacks", "callback", all_day, "due_on", values),
    )


def _callback(reader: Reader, row: Any) -> Row:
    due = reader.local(row["due_at"]) or row["due_on"]
    all_day = row["due_at"] is None
    return {
        "kind": "callback",
        "id": row["id"],
        **_who(row),
        **_when(due, all_day=all_day),
        "overdue": row["due_on"] < reader.clock["today"] if all_day else row["due_at"] < reader.clock["now"],
        "text": row["purpose"] or "",
        "action": row["kind"],
        "repeat": row["repeat"],
        "owner": row["owner"],
        "occurrence": f"callback:{row['id']}@{row['due_at'] or row['due_on']}",
    }


def _complaints(reader: Reader, until: datetime, limit: int | None) -> Due:
    """Return the open complaints with a deadline up to that moment.

    The deadline is the first that was not met; once the one for the solution has passed, it is that one.
    """
    solution = "resolve_by <= :now OR responded_at IS NOT NULL OR respond_by IS NULL OR resolve_by <= respond_by"
    source = _Source(
        "id, contact_id, contact, company, type, category, severity, text, assignee AS owner, "
        f"coalesce({solution}, 0) AS solve, CASE WHEN {solution} THEN resolve_by ELSE respond_by END AS deadline",
        "complaints",
        "complaint",
        f"id IN (SELECT id FROM (SELECT id FROM complaint WHERE {_OPEN} AND resolve_by <= :until "
        "ORDER BY resolve_by LIMIT :limit) UNION "
        f"SELECT id FROM (SELECT id FROM complaint WHERE {_OPEN} AND responded_at IS NULL AND respond_by <= :until "
        "ORDER BY respond_by LIMIT :limit))",
        "deadline",
        {"until": moment_text(until)},
    )
    return _due(reader, [source], _complaint, limit)


def _complaint(reader: Reader, row: Any) -> Row:
    deadline = "resolve" if row["solve"] else "respond"
    return {
        "kind": "complaint",
        "id": row["id"],
        **_who(row),
        **_when(reader.local(row["deadline"]) or "", all_day=False),
        "overdue": row["deadline"] < reader.clock["now"],
        "text": row["text"],
        "deadline": deadline,
        "severity": row["severity"],
        "type": row["type"],
        "category": row["category"],
        "owner": row["owner"],
        "occurrence": f"complaint:{row['id']}:{deadline}@{row['deadline']}",
    }


def _birthdays(reader: Reader, days: int, limit: int | None) -> Due:
    """Return the birthdays from today up to so many days ahead, a day after the other as far as they are wanted."""
    found: list[Row] = []
    for ahead in range(min(days, _YEAR) + 1):
        day = reader.now.date() + timedelta(days=ahead)
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
        **_who(row),
        **_when(day.isoformat(), all_day=True),
        "overdue": False,
        "text": row["birthday"],
        "age": age_on(row["birthday"], day),
        "owner": row["owner"],
        "occurrence": f"birthday:{row['id']}@{day.year}",
    }


def _forgotten(reader: Reader, on: date, limit: int | None) -> Due:
    """Return the contacts without contact for more days than their class allows, and without a callback.

    The longest overdue come first, measured by what their class allows: 60 days of 30 before 100 of 90.
    """
    last = (
        "SELECT f.text FROM followups f WHERE f.contact_id = s.contact_id AND f.kind <> 'note' "
        "ORDER BY f.at DESC LIMIT 1"
    )
    sources = [
        _Source(
            f"s.contact_id, s.touched_at, s.class, {cadence} AS every, c.name AS contact, c.company, c.title, c.owner, "
            f"({last}) AS text",
            "contact_state s JOIN contacts c ON c.id = s.contact_id",
            "contact_state s",
            "s.class = :class AND s.open_callbacks = 0 AND s.touched_at < :before",
            "s.touched_at",
            {"class": code, "before": midnight(reader, _days_before(on, cadence))},
        )
        for code, cadence in _cadences(reader)
    ]
    return _due(reader, sources, _forgotten_contact, limit)


def _forgotten_contact(reader: Reader, row: Any) -> Row:
    touched = reader.local(row["touched_at"]) or ""
    since = date.fromisoformat(touched[:10])
    due = (since + timedelta(days=row["every"])).isoformat()
    return {
        "kind": "forgotten",
        "id": row["contact_id"],
        **_who(row),
        **_when(due, all_day=True),
        "overdue": due < reader.clock["today"],
        "text": row["text"] or "",
        "days": (reader.now.date() - since).days,
        "every": row["every"],
        "class": row["class"],
        "owner": row["owner"],
        "occurrence": f"forgotten:{row['contact_id']}@{row['touched_at']}",
    }


def _cadences(reader: Reader) -> list[tuple[str, int]]:
    sql = """SELECT code, cadence_days FROM vocabulary WHERE "set" = 'class' AND cadence_days > 0"""
    return [(row[0], row[1]) for row in reader.all(sql)]


def _days_before(day: date, days: int) -> date:
    """Return the day so many days earlier, no earlier than the calendar begins."""
    return date.fromordinal(max(1, day.toordinal() - days))


def _coming(reader: Reader) -> list[Row]:
    """Return the next days on which callbacks are planned, and how many."""
    coming = []
    for ahead in range(1, COMING_DAYS + 1):
        day = reader.now.date() + timedelta(days=ahead)
        values = {
            "day": day.isoformat(),
            "from": midnight(reader, day),
            "to": midnight(reader, day + timedelta(days=1)),
        }
        sources = _planned(">= :from AND due_at < :to", "= :day", values)
        count = sum(source.counted(reader, COUNTED_AHEAD) for source in sources)
        if count:
            coming.append({"on": values["day"], "count": min(count, COUNTED_AHEAD + 1)})
    return coming


def _due(reader: Reader, sources: Iterable[_Source], shape: Callable[[Reader, Any], Row], limit: int | None) -> Due:
    """Read the first items of all sources together; count them where they are more."""
    items: list[Row] = []
    more = 0
    for source in sources:
        rows = source.rows(reader, limit)
        items += [shape(reader, row) for row in rows]
        if limit is not None and len(rows) == limit:
            more += source.counted(reader, COUNTED) - len(rows)
    items.sort(key=_urgency)
    return Due(items[:limit], min(len(items) + more, COUNTED + 1) if limit is not None else len(items))


def _urgency(item: Row) -> tuple[Any, ...]:
    """Sort by day, within it by time, and what has no time last; the forgotten by how far they are over their time."""
    if item["kind"] == "forgotten":
        return (-item["days"] / item["every"], item["id"])
    return (item["due_on"], item["all_day"], item["occurrence"].rpartition("@")[2], item["id"])


def _who(row: Any) -> Row:
    names = row.keys()
    return {key: row[key] for key in ("contact_id", "contact", "company", "title") if key in names}


def _when(due: str, *, all_day: bool) -> Row:
    return {"due_at": due, "due_on": due[:10], "all_day": all_day}
