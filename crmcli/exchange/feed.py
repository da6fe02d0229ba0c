"""A calendar that other programs show: what is planned as events with alarms, or as to-dos.

Unlike an export (crmcli.exchange.icalout) it is for looking at, so a repeat is told as programs expand it: from the
occurrence that is open, with what is left of a count. Nothing in it says when it was written: the same records give the
same bytes.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from types import MappingProxyType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from crmcli.errors import UsageError
from crmcli.exchange.contentline import escape, fold
from crmcli.exchange.ical import LEAD, OWN, RECORD, ZONE, read_calendar
from crmcli.exchange.icalout import Entry, birthday_entry, callback_entry, deadline_entry, utc_text, write_calendar
from crmcli.i18n import _
from crmcli.rules.names import clean
from crmcli.when.recurrence import next_occurrence, plain_rule, rest_of, split_rule

Row = dict[str, Any]

WRITTEN = "X-CRM-WRITTEN"
"""What the entry said when we wrote it, what was in its file, and each of SAID, as short hashes: who changes it leaves
them."""
SAID = ("due", "contact", "purpose", "repeat", "status")
"""What is taken over where it is changed."""

_MARK = re.compile(
    rb"^" + WRITTEN.encode() + rb":(?P<mark>(?P<said>\w+)(?:-(?P<written>\w+))?(?:-(?P<each>\w+))?)\r?\n", re.MULTILINE
)
_EACH = 5
"""Digits of the hash of one of SAID: all five are still one line."""
INNER_END = re.compile(rb"^(?:BEGIN:VALARM|END:VTODO|END:VEVENT)\r\n", re.MULTILINE)
"""Before it lines may be added to the first entry of a file of ours."""
_REFRESHED = "PT15M"
_TO_THE_MINUTE = len("2026-12-04T15:00")


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


def items(
    records: Iterable[list[Entry]], look: Look, marks: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[str, bytes]]:
    """Yield the UID and the file of each record, as a folder of them has it.

    `marks` are those of the files that are there (see `marks_of`): what was written once need not be read for its mark.
    """
    for record in records:
        if record:
            stream = BytesIO()
            write_calendar(stream, record, todos=look.todos)
            plain = stream.getvalue()
            written = _short(plain)
            mark = fold(f"{WRITTEN}:{marks.get(written) or _new_mark(plain, written)}").encode()
            yield record[0].uid, INNER_END.sub(mark + rb"\g<0>", plain, count=1)


def marks_of(contents: Iterable[bytes]) -> dict[str, str]:
    """Return the marks of files, by the hash of what was written."""
    found = filter(None, map(_MARK.search, contents))
    return {mark["written"].decode(): mark["mark"].decode() for mark in found if mark["written"]}


def is_ours(content: bytes) -> bool:
    """Return whether we wrote the file, whatever was done to it since."""
    return _mark(content) != ""


def is_changed(content: bytes) -> bool:
    """Return whether a calendar file says something else than when we wrote it, or was never ours."""
    return not is_ours(content) or _mark(content) not in (_said(content), UNKNOWN)


def is_same(there: bytes, here: bytes) -> bool:
    """Return whether we wrote a file that is there as we would write it here, whatever was done to it since."""
    return is_ours(there) and _MARK.findall(there) == _MARK.findall(here)


def changed_there(there: bytes) -> frozenset[str]:
    """Return which of SAID was changed in a file of ours: all of it where the file does not tell."""
    written, now = _each(there), _texts(there)
    if len(now) != 1 or not written:
        return frozenset(SAID)
    here = map(_hash_of_one, now[0])
    return frozenset(name for name, was, is_ in zip(SAID, written, here, strict=True) if was != is_)


def changed_here(there: bytes, here: bytes) -> frozenset[str]:
    """Return which of SAID we would write here otherwise than it was written there."""
    written, now = _each(there), _each(here)
    return frozenset(name for name, was, is_ in zip(SAID, written, now, strict=False) if was != is_)


def is_put_back(there: bytes, here: bytes) -> bool:
    """Return whether a file that is written anew loses something that was changed there.

    How a text is spaced, the second of a moment and how a rule is put need not come back as they were.
    """
    changed = changed_there(there)

    def gist(content: bytes) -> list[list[object]]:
        repeats = b"BEGIN:VEVENT" in content  # a to-do is one occurrence
        entries = (
            (due[:_TO_THE_MINUTE], contact, clean(purpose), repeats and bool(repeat), status)
            for due, contact, purpose, repeat, status in _texts(content)
        )
        return [[text for name, text in zip(SAID, entry, strict=True) if name in changed] for entry in entries]

    return gist(there) != gist(here)


def _new_mark(plain: bytes, written: str) -> str:
    """Return the mark of an entry as it is written; the file of a record has one, or the series besides."""
    texts = _texts(plain)
    return f"{_short(repr(texts).encode())}-{written}-{''.join(map(_hash_of_one, texts[0]))}"


def _hash_of_one(text: str) -> str:
    return _short(text.encode())[:_EACH]


def _each(content: bytes) -> list[str]:
    found = _MARK.search(content)
    each = (found["each"] or b"").decode() if found else ""
    return [each[place : place + _EACH] for place in range(0, len(each), _EACH)]


def _mark(content: bytes) -> str:
    found = _MARK.search(content)
    return found["said"].decode() if found else ""


def _said(content: bytes) -> str:
    """Return a short hash of what the entries of a file say, in whatever order and zone they say it."""
    try:
        return _short(repr(_texts(content)).encode())
    except UsageError:
        return ""


def _texts(content: bytes) -> list[list[str]]:
    """Return what the entries of a file say. Raises UsageError."""
    entries = read_calendar(BytesIO(content), records=True)
    places = [entries.header.index(name) for name in SAID]
    rows = ([row.cells[place] for place in places] for row in entries)
    return [[_instant(due), *others] for due, *others in rows]


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


UNKNOWN = _short(b"[]")
"""The mark of an entry of which nobody knows what it said when it was written."""


def _instant(due: str) -> str:
    """Return a moment in UTC; a day, or what is neither, as it is."""
    try:
        moment = datetime.fromisoformat(due) if "T" in due else None
    except ValueError:
        return due
    return moment.astimezone(UTC).isoformat() if moment and moment.tzinfo else due


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
