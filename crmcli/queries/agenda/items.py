"""What every kind of item has in common: where it is read from, how it is counted, and the order of urgency."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from crmcli.i18n import N_
from crmcli.nouns import Field, Noun
from crmcli.queries.reader import Reader, Row
from crmcli.when.stored import moment_text

COUNTED = 1000
"""Nobody does more in a day: beyond so many, items are not counted."""


FIELDS = (
    Field("kind", "text", "Kind"),
    Field("id", "number", "Id"),
    Field("contact_id", "number", "Contact id"),
    Field("contact", "text", "Contact"),
    Field("company", "text", "Company"),
    Field("title", "text", "Title"),
    Field("due_at", "text", "Due at"),
    Field("due_on", "text", "Due on"),
    Field("all_day", "flag", "All day"),
    Field("overdue", "flag", "Overdue"),
    Field("text", "text", "Text"),
    Field("owner", "text", "Owner"),
    Field("occurrence", "text", N_("Occurrence")),
    Field("action", "text", N_("Action")),
    Field("repeat", "text", "Repeat"),
    Field("deadline", "text", "Deadline"),
    Field("severity", "text", "Severity"),
    Field("type", "text", "Type"),
    Field("category", "text", "Category"),
    Field("level", "text", "Level"),
    Field("to", "text", N_("To whom")),
    Field("complaint_id", "number", "Complaint"),
    Field("item", "text", "Item"),
    Field("settle_by", "text", "Settle by"),
    Field("field", "text", "Field"),
    Field("yearly", "flag", N_("Every year")),
    Field("age", "number", N_("Age")),
    Field("days", "number", N_("Days")),
    Field("every", "number", "Every"),
    Field("class", "text", "Class"),
)
ITEM = Noun("item", "items", "", FIELDS, tuple(field.name for field in FIELDS), ())
"""An item as data: what all have, then what some kinds have, always in the same columns."""


class Due(NamedTuple):
    """Items, the most urgent first, and how many there are in all: more than COUNTED are not told apart."""

    items: list[Row]
    total: int


class Window(NamedTuple):
    """Up to when somebody asks: what has a time is due up to the moment, what has none up to the day.

    `since` is the first day of what is only of interest on its day, such as a birthday; `told` up to when what is due
    would be told if nobody looked further ahead, by default the moment.
    """

    moment: datetime
    day: date
    since: date
    told: datetime | None = None


class Source(NamedTuple):
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


def read(reader: Reader, sources: Iterable[Source], shape: Callable[[Reader, Any], Row], limit: int | None) -> Due:
    """Read the first items of all sources together; count them where they are more."""
    items: list[Row] = []
    more = 0
    for source in sources:
        rows = source.rows(reader, limit)
        items += [shape(reader, row) for row in rows]
        if limit is not None and len(rows) == limit:
            more += source.counted(reader, COUNTED) - len(rows)
    items.sort(key=urgency)
    return Due(items[:limit], min(len(items) + more, COUNTED + 1) if limit is not None else len(items))


def urgency(item: Row) -> tuple[Any, ...]:
    """Sort by day, within it by time, and what has no time last; the forgotten by how far they are over their time."""
    if item["kind"] == "forgotten":
        return (-item["days"] / item["every"], item["id"])
    return (item["due_on"], item["all_day"], item["occurrence"].rpartition("@")[2], item["id"])


def who(row: Any) -> Row:
    """Return the part of an item that says whom it is about."""
    names = row.keys()
    return {key: row[key] for key in ("contact_id", "contact", "company", "title") if key in names}


def when(due: str, *, all_day: bool) -> Row:
    """Return the part of an item that says when it is due: a local moment, or a day."""
    return {"due_at": due, "due_on": due[:10], "all_day": all_day}


def reached(moment: datetime, clock: time) -> bool:
    """Return whether the clock has shown this time of the day by then, be it before it was put back."""
    if moment.fold:
        first = datetime.combine(moment.date(), clock, tzinfo=moment.tzinfo)
        return first.astimezone(UTC) <= moment.astimezone(UTC)
    return moment.time() >= clock


def midnight(reader: Reader, day: date) -> str:
    """Return the moment at which a day begins for the user, as it is stored."""
    return moment_text(datetime.combine(day, time(), tzinfo=reader.now.tzinfo))
