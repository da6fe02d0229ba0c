"""Callbacks, deadlines and birthdays as a calendar.

Callbacks come back through crmcli.exchange.ical as they were; the others are for looking at, and are not read.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, BinaryIO, NamedTuple
from zoneinfo import ZoneInfo

from crmcli.exchange.contentline import escape, fold
from crmcli.exchange.ical import OWN, RECORD, SECOND, ZONE
from crmcli.exchange.zones import definition
from crmcli.i18n import _
from crmcli.rules.birthdays import LEAP_YEAR
from crmcli.rules.persons import NOBODY
from crmcli.when.recurrence import anchor_rule, join_rule, plain_rule, split_rule

_PRODUCT = "-//crmcli//EN"
_TODO_STATUS = {"open": "NEEDS-ACTION", "done": "COMPLETED", "cancelled": "CANCELLED"}


class Entry(NamedTuple):
    """One event or to-do."""

    uid: str
    summary: str
    due: date | datetime
    """A day, or a moment in the zone whose clock it keeps."""
    stamp: datetime
    """When it was last changed."""
    rule: str = ""
    description: str = ""
    status: str = "open"
    done_at: datetime | None = None
    own: tuple[tuple[str, str | None], ...] = ()
    """Properties that only we read; None and empty ones are left out."""
    more: tuple[str, ...] = ()
    """Lines that end the entry, alarms among them."""


def callback_entry(row: dict[str, Any]) -> Entry:
    """Return a callback (a row of the noun, with `zone`) as an entry."""
    purpose = row.get("purpose") or ""
    first, end, _more = purpose.partition("\n")
    contact = row.get("contact") or ""
    due: date | datetime = date.fromisoformat(row["due_on"])
    if row.get("due_at"):
        due = datetime.fromisoformat(row["due_at"]).astimezone(ZoneInfo(row.get("zone") or "UTC"))
    return Entry(
        uid=row["uid"],
        summary=f"{contact}: {first}" if first else contact,
        due=due,
        stamp=_stamp(row),
        rule=row.get("repeat") or "",
        description=purpose if end else "",
        status=row.get("status") or "open",
        done_at=datetime.fromisoformat(row["done_at"]) if row.get("done_at") else None,
        own=(
            ("X-CRM-CONTACT", contact),
            (ZONE, row.get("zone")),
            *((property_, _own(row.get(field))) for field, property_ in OWN.items() if field != "owner"),
            *([(OWN["owner"], row["owner"] or NOBODY)] if "owner" in row else ()),
        ),
    )


def _own(value: str | bool | None) -> str | None:
    """Return the text of a field that only we read; false is what a callback is anyway."""
    return ("true" if value else None) if isinstance(value, bool) else value


def deadline_entry(row: dict[str, Any], zone: str) -> Entry | None:
    """Return the deadline of a complaint (a row of the noun) as an entry; None when it has none left."""
    if not row.get("deadline_at"):
        return None
    due = datetime.fromisoformat(row["deadline_at"]).astimezone(ZoneInfo(zone))
    summary = _("{contact}: complaint").format(contact=row.get("contact") or "")
    own = ((RECORD, "complaint"),)
    return Entry(f"{row['uid']}-deadline", summary, due, _stamp(row), description=row.get("text") or "", own=own)


def birthday_entry(row: dict[str, Any]) -> Entry | None:
    """Return the birthday of a contact (a row of the noun) as an entry that comes every year; None without one."""
    if not row.get("birthday"):
        return None
    day = date.fromisoformat(row["birthday"].replace("--", f"{LEAP_YEAR}-", 1))
    summary = _("{name}'s birthday").format(name=row["name"])
    rule = plain_rule(anchor_rule("FREQ=YEARLY", day))
    return Entry(f"{row['uid']}-birthday", summary, day, _stamp(row), rule, own=((RECORD, "birthday"),))


def write_calendar(
    stream: BinaryIO, entries: Iterable[Entry], *, todos: bool = False, about: tuple[str, ...] = ()
) -> int:
    """Write a calendar of events, or of to-dos (todoman, reminders), and return how many there were.

    `about` are lines that concern the whole calendar.
    """
    written = 0
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", *about]
    stream.write("".join(map(fold, head)).encode())
    defined: set[str] = set()
    for entry in entries:
        zone = _zone(entry.due)
        if zone and zone not in defined:
            defined.add(zone)
            stream.write(definition(zone).encode())
        stream.write("".join(map(fold, _lines(entry, todo=todos))).encode())
        written += 1
    stream.write(b"END:VCALENDAR\r\n")
    return written


def _stamp(row: dict[str, Any]) -> datetime:
    text = row.get("updated_at") or row.get("created_at")
    return datetime.fromisoformat(text) if text else datetime.fromtimestamp(0, UTC)


def _zone(due: date | datetime) -> str:
    """Return the IANA name of a moment's zone, empty for a day and for UTC."""
    key = due.tzinfo.key if isinstance(due, datetime) and isinstance(due.tzinfo, ZoneInfo) else ""
    return "" if key == "UTC" else key


def _lines(entry: Entry, *, todo: bool) -> Iterator[str]:
    name = "VTODO" if todo else "VEVENT"
    yield f"BEGIN:{name}"
    yield f"UID:{escape(entry.uid)}"
    yield f"DTSTAMP:{utc_text(entry.stamp)}"
    if entry.rule or not todo:
        yield "DTSTART" + _when(entry)
    if todo:
        yield "DUE" + _when(entry)
        yield f"STATUS:{_TODO_STATUS[entry.status]}"
    elif entry.status == "cancelled":
        yield "STATUS:CANCELLED"
    if todo and entry.done_at:
        yield f"COMPLETED:{utc_text(entry.done_at)}"
    if entry.rule:
        yield f"RRULE:{_rule(entry.rule, entry.due)}"
    yield f"SUMMARY:{escape(entry.summary)}"
    state = (
        ()
        if todo
        else (
            ("X-CRM-STATUS", entry.status * (entry.status == "done")),
            ("X-CRM-DONE-AT", utc_text(entry.done_at) if entry.done_at else ""),
        )
    )
    second = (SECOND, "TRUE" if entry.rule and _is_second(entry.due) else "")
    for property_, text in (("DESCRIPTION", entry.description), *entry.own, second, *state):
        if text:
            yield f"{property_}:{escape(text)}"
    yield from entry.more
    yield f"END:{name}"


def _when(entry: Entry) -> str:
    """Return the end of a line that says when: a day, a moment on the clock of its zone, or one in UTC.

    Of an hour that comes twice a zone's clock means the first (RFC 5545, 3.3.5): the second is said in UTC. A repeat
    stays on its clock all the same, or it would move with the next change; that it is the second only we read.
    """
    due = entry.due
    if not isinstance(due, datetime):
        return f";VALUE=DATE:{due:%Y%m%d}"
    zone = "" if _is_second(due) and not entry.rule else _zone(due)
    return f";TZID={zone}:{due:%Y%m%dT%H%M%S}" if zone else f":{utc_text(due)}"


def _is_second(due: date | datetime) -> bool:
    """Return whether a moment is in an hour that comes twice, and in the second."""
    return isinstance(due, datetime) and bool(due.fold) and due.utcoffset() != due.replace(fold=0).utcoffset()


def utc_text(moment: datetime) -> str:
    """Return a moment as RFC 5545 writes it in UTC."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _rule(rule: str, due: date | datetime) -> str:
    """Return the rule with its last day as RFC 5545 wants it beside a moment: in UTC, the day's last second."""
    parts = split_rule(rule)
    if "UNTIL" in parts and isinstance(due, datetime):
        day = date.fromisoformat(parts["UNTIL"][:8])
        parts["UNTIL"] = utc_text(datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=due.tzinfo))
    return join_rule(parts)
