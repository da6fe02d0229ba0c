"""One value of a record as people read it: moments as said, codes as labels, phones in groups, deadlines in colour."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from crmcli.i18n import joined
from crmcli.nouns import Field, numbered
from crmcli.render.fields import Row, is_empty
from crmcli.render.lines import DIM, GOOD, ID, LATE, SOON, Line, styled
from crmcli.rules.grouping import readable_phone
from crmcli.when.say import say_moment, say_repeat

Labels = Mapping[tuple[str, str], str]
"""(set of the vocabulary, code) → label in the language in use."""

FLAG = "✓"
_POINTS = frozenset({"phones", "emails", "handles"})
_MET_BY = {
    "due": "done_at",
    "due_on": "done_at",
    "due_at": "done_at",
    "deadline_at": "resolved_at",
    "respond_by": "responded_at",
    "resolve_by": "resolved_at",
}
"""Which moment says that a deadline needs no attention any more."""
_GOOD_STATUS = frozenset({"done", "resolved", "closed", "kept"})
_OVER_STATUS = _GOOD_STATUS | {"cancelled", "broken", "renegotiated"}
_SOON = timedelta(hours=24)


class Reader(NamedTuple):
    """For whom a value is shown: when, in which words, and whether space is scarce."""

    now: datetime
    labels: Labels
    brief: bool = False
    """Of several phones or addresses show the first and how many more there are."""
    noun: str = ""
    """What the records are: the letter before their numbers."""


def value_line(row: Row, field: Field, reader: Reader) -> Line:
    """Return the value of this field as one line; () when there is none."""
    value = row.get(field.name)
    if is_empty(value):
        return ()
    if field.kind == "list" and isinstance(value, list) and field.name in _POINTS and reader.brief and len(value) > 1:
        return (*styled(_words(value[0], field, reader), ""), *styled(f" +{len(value) - 1}", DIM))
    return styled(_words(value, field, reader), _style(row, field, value, reader.now))


def moment_of(value: Any) -> tuple[date, time | None] | None:
    """Return day and time of an ISO 8601 text, no time for a date, None for anything else."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment.date(), moment.time() if "T" in value or " " in value else None


def said(value: str, now: datetime) -> str:
    """Return an ISO 8601 moment or date the way people say it, any other text as it is."""
    moment = moment_of(value)
    return say_moment(*moment, now) if moment else value


def deadline_style(value: Any, now: datetime) -> str:
    """Return the style of an open deadline: LATE when past, SOON within a day, else none; a date lasts all day."""
    moment = moment_of(value)
    if moment is None:
        return ""
    day, clock = moment
    if clock is None:
        return LATE if day < now.date() else SOON if day == now.date() else ""
    due = datetime.fromisoformat(value)
    left = (due if due.tzinfo else due.replace(tzinfo=now.tzinfo)) - now
    return LATE if left < timedelta() else SOON if left < _SOON else ""


def amount(value: float) -> str:
    """Return an amount of money as people read it: `1,234.50`."""
    return f"{value:,.2f}"


def _words(value: Any, field: Field, reader: Reader) -> str:
    """Return the value as text."""
    if isinstance(value, list):
        return joined(_words(item, field, reader) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool) or field.kind == "flag":
        return FLAG if value else ""
    if field.custom == "money" and isinstance(value, int | float):
        return amount(value)
    text = numbered(reader.noun, value) if field.name == "id" else str(value)
    if field.kind == "moment" or field.future:
        return said(text, reader.now)
    if field.kind == "code":
        text = reader.labels.get((field.vocabulary, text), text)
    elif field.match == "phone":
        text = readable_phone(text)
    elif field.name == "repeat":
        text = say_repeat(text)
    return text


def _style(row: Row, field: Field, value: Any, now: datetime) -> str:
    """Return what the colour of the value says: red late, yellow soon, green good."""
    if field.name == "id":
        return ID
    if field.name == "status":
        return GOOD if value in _GOOD_STATUS else DIM if value in _OVER_STATUS else ""
    if field.name in {"overdue", "breached"}:
        return LATE
    if not field.future or not field.late:
        return ""
    over = row.get("status") in _OVER_STATUS or not is_empty(row.get(_MET_BY.get(field.name, "")))
    return DIM if over else deadline_style(value, now)
