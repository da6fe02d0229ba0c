"""A calendar that other programs show: what is planned as events with alarms, or as to-dos.

Unlike an export (crmcli.exchange.icalout) it is for looking at, so a repeat is told as programs expand it: from the
occurrence that is open, with what is left of a count. Nothing in it says when it was written: the same records give the
same bytes.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from crmcli.exchange.contentline import escape
from crmcli.exchange.ical import LEAD, OWN, RECORD, ZONE
from crmcli.exchange.icalout import Entry, birthday_entry, callback_entry, deadline_entry, utc_text, write_calendar
from crmcli.i18n import _
from crmcli.when.recurrence import next_occurrence, plain_rule, rest_of, split_rule

Row = dict[str, Any]

_REFRESHED = "PT15M"


class Look(NamedTuple):
    """How entries are written."""

    zone: ZoneInfo
    """Of what has none of its own."""
    todos: bool = False
    """To-dos instead of events."""
    folder: bool = False
    """Whether it is a file of a folder whose changes come back: it says only what can be read back."""
    alarm: timedelta | None = timedelta(minutes=15)
    """So long before what has a time there is an alarm; None for none."""
    morning: time | None = time(9)
    """When there is one for what lasts all day; None for none."""
    lasts: timedelta = timedelta(minutes=30)
    """So long an event takes that has a time."""


def callback_entries(row: Row, look: Look) -> list[Entry]:
    """Return an open callback (a row of the view, with `phone`).

    A repeat that was put off is two entries, the occurrence and what comes after it: a folder can't hold two, there it
    is the occurrence alone. So is, in a file too, one that counts from the day on which it is done, which nobody knows.
    """
    entry = callback_entry({**row, "after_done": bool(row["after_done"])})
    due = _wall(row["due_on"], row["due_time"])
    promised = _wall(*row["snoozed_from"].split("T")) if row["snoozed_from"] else due
    entry = entry._replace(due=_zoned(due, row["zone"], row["due_at"]), rule="")
    entries = [entry]
    if row["repeat"] and not row["after_done"] and not look.todos:
        first = _occurrence(row, _day(promised) - timedelta(days=1))
        if promised == due and first == _day(due):
            entries = [_series(entry, row, first)]
        elif not look.folder and (later := _occurrence(row, max(_day(promised), _day(due)))):
            clock = promised.time() if isinstance(promised, datetime) else None
            moment = datetime.combine(later, clock) if clock else later
            series = entry._replace(uid=f"{entry.uid}-series", due=_zoned(moment, row["zone"]))
            entries.append(_series(series, row, later))
    return [_finished(each, row, look) for each in entries]


def promise_entries(row: Row, look: Look) -> list[Entry]:
    """Return an open promise (a row of the view, with `phone`)."""
    first, end, _more = row["text"].partition("\n")
    lead = _("{contact}: promised: {text}").format(contact=row["contact"], text="")
    entry = Entry(
        uid=row["uid"],
        summary=lead + first,
        due=_zoned(_wall(row["due_on"], row["due_time"]), row["zone"], row["due_at"]),
        stamp=datetime.fromisoformat(row["updated_at"]),
        description=row["text"] if end else "",
        own=((RECORD, "promise"), (ZONE, row["zone"]), (LEAD, lead.strip())),
    )
    return [_finished(entry, row, look)]


def supervision_entries(row: Row, look: Look) -> list[Entry]:
    """Return when a supervised item (a row of the view, with `phone`) wants its report, or is to be settled."""
    about = row["reason"] or row["about"] or row["item"]
    who = row["responsible"] or row["owner"] or ""
    entry = Entry(
        uid=row["uid"],
        summary=_("{contact}: report of {who}: {about}").format(contact=row["contact"], who=who, about=about),
        due=date.fromisoformat(row["due"]),
        stamp=datetime.fromisoformat(row["updated_at"]),
        own=((RECORD, "supervision"),),
    )
    return [_finished(entry, row, look)]


def deadline_entries(row: Row, look: Look) -> list[Entry]:
    """Return the deadline of a complaint (a row of the view, with `phone`), if it has one left."""
    entry = deadline_entry(row, look.zone.key)
    if entry is None:
        return []
    answer, solve = _("{contact}: answer complaint c{id}"), _("{contact}: solve complaint c{id}")
    summary = (answer if row["deadline_kind"] == "respond" else solve).format(contact=row["contact"], id=row["id"])
    return [_finished(entry._replace(summary=summary), row, look)]


def birthday_entries(row: Row, look: Look) -> list[Entry]:
    """Return the birthday of a contact (a row of the view), if it is known."""
    entry = birthday_entry(row)
    return [_finished(entry, row, look)] if entry else []


def feed(records: Iterable[list[Entry]], look: Look, name: str) -> tuple[bytes, int]:
    """Return the calendar of all records' entries as one file, and how many records it has."""
    about = (
        "CALSCALE:GREGORIAN",
        f"NAME:{escape(name)}",
        f"X-WR-CALNAME:{escape(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{_REFRESHED}",
        f"X-PUBLISHED-TTL:{_REFRESHED}",
    )
    stream, count = BytesIO(), 0

    def entries() -> Iterator[Entry]:
        nonlocal count
        for record in records:
            count += bool(record)
            yield from record

    write_calendar(stream, entries(), todos=look.todos, about=about)
    return stream.getvalue(), count


def _wall(day: str, clock: str | None = None) -> date | datetime:
    """Return a day, or the moment that a clock on the wall shows."""
    return datetime.fromisoformat(f"{day}T{clock}") if clock else date.fromisoformat(day)


def _day(due: date | datetime) -> date:
    return due.date() if isinstance(due, datetime) else due


def _zoned(due: date | datetime, zone: str, at: str | None = None) -> date | datetime:
    """Return a moment on the clock of its zone, though the clock may never show it: as promised (RFC 5545, 3.3.5).

    `at` is the moment itself, which tells the two apart that a clock shows twice.
    """
    if not isinstance(due, datetime):
        return due
    first = due.replace(tzinfo=ZoneInfo(zone))
    second = first.replace(fold=1)
    return second if at and second.astimezone(UTC) == datetime.fromisoformat(at) else first


def _occurrence(row: Row, after: date) -> date | None:
    """Return the first day of the series after another."""
    return next_occurrence(row["repeat"], date.fromisoformat(row["anchor"]), after)


def _series(entry: Entry, row: Row, first: date) -> Entry:
    """Return the entry with its rule, as it goes on from the occurrence `first`; a count is counted from there."""
    rule = row["repeat"]
    if "COUNT" not in split_rule(rule):
        return entry._replace(rule=rule)
    own = tuple((name, first.isoformat() if name == OWN["anchor"] else text) for name, text in entry.own)
    return entry._replace(rule=rest_of(rule, date.fromisoformat(row["anchor"]), first), own=own)


def _finished(entry: Entry, row: Row, look: Look) -> Entry:
    """Return the entry with what programs show or need besides."""
    stamp = entry.stamp
    created = datetime.fromisoformat(row["created_at"]) if row.get("created_at") else stamp
    timed = isinstance(entry.due, datetime)
    more = [f"LAST-MODIFIED:{utc_text(stamp)}", f"SEQUENCE:{max(0, int((stamp - created).total_seconds()))}"]
    if not look.todos:
        more.append(f"DURATION:{_duration(look.lasts)}" if timed else "TRANSP:TRANSPARENT")
    more += _alarm(entry, look, timed=timed)
    if look.folder:
        return entry._replace(more=tuple(more))
    about = " · ".join(filter(None, (row.get("phone"), row.get("company"), row.get("title"))))
    own = ((RECORD, dict(entry.own).get(RECORD) or "callback"),)  # an import takes no notice of a feed
    return entry._replace(
        description="\n".join(filter(None, (entry.description, about))),
        rule=entry.rule and plain_rule(entry.rule),
        own=own,
        more=tuple(more),
    )


def _alarm(entry: Entry, look: Look, *, timed: bool) -> list[str]:
    """Return the lines of the alarm: before what has a time, else in the morning of the day."""
    if timed:
        lead = None if look.alarm is None else -look.alarm
    else:
        lead = None if look.morning is None else timedelta(hours=look.morning.hour, minutes=look.morning.minute)
    if lead is None:
        return []
    related = ";RELATED=END" if look.todos else ""
    description = f"DESCRIPTION:{escape(entry.summary)}"
    return ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER{related}:{_duration(lead)}", description, "END:VALARM"]


def _duration(length: timedelta) -> str:
    """Return a length as RFC 5545 writes it: `-PT15M`, `PT9H`, `P1D`."""
    sign, minutes = ("-", -length) if length < timedelta() else ("", length)
    days, rest = minutes.days, minutes.seconds // 60
    hours, left = divmod(rest, 60)
    clock = f"{f'{hours}H' if hours else ''}{f'{left}M' if left or not (hours or days) else ''}"
    return f"{sign}P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"
