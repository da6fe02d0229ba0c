"""Calendars (iCalendar, vCalendar 1.0) as rows, one an event or to-do: they become callbacks.

A file is read twice, as vCards are: once for its time zones and the properties that no field has.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import cache
from typing import BinaryIO
from zoneinfo import ZoneInfo

from crmcli.errors import UsageError
from crmcli.exchange.blocks import Block, charset_of, read_blocks
from crmcli.exchange.contentline import Property, name_of, parse, unfold
from crmcli.exchange.csvfile import Row
from crmcli.exchange.text import seekable
from crmcli.exchange.vcard import MOST_OTHERS
from crmcli.exchange.zones import Zones
from crmcli.i18n import _

OWN = {
    "contact_uid": "X-CRM-CONTACT-UID",
    "kind": "X-CRM-KIND",
    "anchor": "X-CRM-ANCHOR",
    "after_done": "X-CRM-AFTER-DONE",
    "series": "X-CRM-SERIES",
    "snoozed_from": "X-CRM-SNOOZED-FROM",
    "owner": "X-CRM-OWNER",
}
"""Fields of a callback that a calendar has no place for, and the properties in which we write them."""
ZONE = "X-CRM-ZONE"
"""The property with a callback's zone: programs that move it write its moment in UTC."""
FIELDS = ("uid", "contact", "due", "zone", "purpose", "repeat", "status", "done_at", "changed_at", *OWN)
"""The columns of every event; `due` is a day, or a moment with its offset (without where the file names no zone),
`zone` the IANA zone in which a repeat keeps its time, `changed_at` when a program last changed it."""
SECOND = "X-CRM-SECOND"
"""Says of a moment in an hour that comes twice that it is in the second."""
RECORD = "X-CRM-RECORD"
"""Says of what we write besides callbacks (deadlines, birthdays) that it is none."""
LEAD = "X-CRM-LEAD"
"""What the summary of such an entry begins with, before the text that may be changed."""

_NAMES = frozenset({"VEVENT", "VTODO", "VTIMEZONE"})
_KNOWN = frozenset({"SUMMARY", "DESCRIPTION", "DTSTART", "DUE", "STATUS", "COMPLETED", "UID", "ATTENDEE"})
_ABOUT_THE_ENTRY = (
    r"DTSTAMP|CREATED|LAST-MODIFIED|SEQUENCE|TRANSP|CLASS|DTEND|DURATION|PERCENT-COMPLETE|ORGANIZER|REQUEST-STATUS"
    r"|X-CRM-.*|X-MICROSOFT-.*|X-MS-.*|X-MOZ-.*|X-APPLE-.*|X-LIC-.*|X-ALT-DESC|X-GOOGLE-.*|X-EVOLUTION-.*"
)
_LEFT_OUT = frozenset({"ATTACH", "EXDATE", "EXRULE", "RDATE"})
_STATUSES = {"COMPLETED": "done", "CANCELLED": "cancelled", "NEEDS-ACTION": "open", "IN-PROCESS": "open"}
_TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d))?(Z?))?")
_NAMED = re.compile(r"(.+?)\s*(?:: |：)\s*(.+)", re.DOTALL)
_UNTIL = re.compile(r"UNTIL=(\d{8}T\d{6}Z)")


class Entries:
    """The events and to-dos of a file as rows, with the same interface as crmcli.exchange.csvfile.Rows.

    A row's number is that of the entry. `left_out` counts, while the rows are read, alarms, exceptions of repeats, and
    entries that are no callbacks.
    """

    header: list[str]
    encoding: str
    delimiter = ","

    def __init__(self, stream: BinaryIO, *, records: bool = False) -> None:
        self._stream = seekable(stream)
        self._left_out = {"RECURRENCE-ID"} if records else {RECORD, "RECURRENCE-ID"}
        self.left_out: dict[str, int] = Counter()
        self.encoding = charset_of(self._stream)
        self._zones = Zones()
        others: dict[str, None] = {}
        found = 0
        for block in read_blocks(self._stream, self.encoding, _NAMES):
            if block.name == "VTIMEZONE":
                self._zones.define(block.lines, self.encoding)
            else:
                found += 1
                others |= dict.fromkeys(filter(_is_other, map(name_of, unfold(block.lines, old=False))))
        if not found:
            raise UsageError(_("the calendar has no events and no to-dos"), hint=_("an event begins with BEGIN:VEVENT"))
        self._others = list(others)[:MOST_OTHERS]
        self.header = [*FIELDS, *self._others]

    def __iter__(self) -> Iterator[Row]:
        """Yield a row for each event and to-do; UsageError where the file can't be read on."""
        blocks = read_blocks(self._stream, self.encoding, _NAMES)
        for number, block in enumerate((block for block in blocks if block.name != "VTIMEZONE"), 1):
            if not block.complete:
                message = _("the entry is cut off: END:{name} is missing").format(name=block.name)
                yield Row(number, [""] * len(self.header), message)
                continue
            lines = [parse(line, self.encoding) for line in unfold(block.lines, old=False)]
            fields = self._fields(block, [line for line in lines if line])
            if fields:
                yield Row(number, [fields.get(name, "") for name in self.header])
        self.close()

    def close(self) -> None:
        """Give up reading."""
        self._stream.close()

    def _fields(self, block: Block, lines: list[Property]) -> dict[str, str]:
        """Return the columns that an entry fills; none for what is no callback."""
        first: dict[str, Property] = {}
        for line in lines:
            first.setdefault(line.name, line)
        texts = {name: line.text for name, line in first.items()}
        if self._left_out & texts.keys():
            self.left_out[texts.get(RECORD) or "RECURRENCE-ID"] += 1
            return {}
        beyond = [
            name for line in lines if (name := line.name) in _LEFT_OUT or (_is_other(name) and name not in self._others)
        ]
        self.left_out.update(Counter([*beyond, *block.inner]))
        due, zone = self._due(first, texts.get(ZONE, ""))
        contact, purpose = _who_and_what(lines, texts)
        done = first.get("COMPLETED") or first.get("X-CRM-DONE-AT")
        changed = first.get("LAST-MODIFIED")
        return {
            "uid": texts.get("UID", ""),
            "contact": contact,
            "due": due,
            "zone": zone,
            "purpose": purpose,
            "repeat": _repeat(texts.get("RRULE", ""), zone),
            "status": _status(texts),
            "done_at": self._moment(done)[0] if done else "",
            "changed_at": self._moment(changed)[0] if changed else "",
            **{field: texts.get(property_, "") for field, property_ in OWN.items()},
            **{name: "; ".join(line.text for line in lines if line.name == name) for name in self._others},
        }

    def _due(self, first: dict[str, Property], own_zone: str) -> tuple[str, str]:
        """Return when it is, and in which zone: the day by which a to-do is due, the beginning of an event."""
        line = first.get("DUE") or first.get("DTSTART")
        due, zone = self._moment(line, second=SECOND in first) if line else ("", "")
        if zone in {"", "UTC"} and isinstance(known := self._zones.find(own_zone), ZoneInfo):
            zone = known.key
        return due, zone

    def _moment(self, line: Property, *, second: bool = False) -> tuple[str, str]:
        """Return a day, or a moment and its zone; what is neither stays as it is, for the import to refuse."""
        match = _TIME.fullmatch(line.text)
        if match is None:
            return line.text, ""
        year, month, day, hour, minute, seconds, utc = match.groups()
        with suppress(ValueError, OverflowError):
            if hour is None:
                return date(int(year), int(month), int(day)).isoformat(), ""
            name = line.parameter("TZID")
            zone = UTC if utc else self._zones.find(name) if name else None
            clock = (int(hour), int(minute), min(int(seconds or 0), 59))
            moment = datetime(int(year), int(month), int(day), *clock, tzinfo=zone, fold=second)
            key = "UTC" if utc else zone.key if isinstance(zone, ZoneInfo) else ""
            return moment.isoformat(timespec="seconds" if moment.second else "minutes"), key
        return line.text, ""


@cache
def _is_other(name: str) -> bool:
    """Tell whether no field holds what the property says."""
    if name in _KNOWN or name in _LEFT_OUT or name in {"RRULE", "RECURRENCE-ID", "BEGIN", "END", ""}:
        return False
    return not re.fullmatch(_ABOUT_THE_ENTRY, name)


def _who_and_what(lines: list[Property], texts: dict[str, str]) -> tuple[str, str]:
    """Return contact and purpose: ours as we wrote them, else who is invited, else what stands before a colon."""
    summary, more = texts.get("SUMMARY", ""), texts.get("DESCRIPTION", "")
    contact, lead = texts.get("X-CRM-CONTACT", ""), texts.get(LEAD)
    if lead and summary.startswith(lead):
        return "", _whole(summary.removeprefix(lead).strip(), more)
    if contact:
        summary = "" if summary == contact else summary.removeprefix(f"{contact}: ")
        return contact, _whole(summary, more)
    invited = [line for line in lines if line.name == "ATTENDEE"]
    if invited:
        address = re.sub("^mailto:", "", invited[0].text, flags=re.IGNORECASE)
        contact = address if "@" in address else invited[0].parameter("CN") or address
    elif named := _NAMED.fullmatch(summary):
        contact, summary = named[1], named[2]
    return contact or summary, "\n".join(filter(None, (summary, more)))


def _whole(summary: str, more: str) -> str:
    """Return a text whose first line stands in the summary, and the whole in the description where it has several."""
    whole = more.partition("\n")[0].strip() == summary
    return more if whole and more else "\n".join(filter(None, (summary, more)))


def _status(texts: dict[str, str]) -> str:
    """Return `open`, `done` or `cancelled`; nothing for an event, which has no way to say that it is done but ours."""
    status = texts.get("STATUS", "").upper()
    if status in _STATUSES:
        return _STATUSES[status]
    if "COMPLETED" in texts or texts.get("PERCENT-COMPLETE") == "100":
        return "done"
    return texts.get("X-CRM-STATUS", "")


def _repeat(rule: str, zone: str) -> str:
    """Return the rule with the last day as the calendar's zone has it."""

    def day(match: re.Match[str]) -> str:
        moment = datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return f"UNTIL={moment.astimezone(ZoneInfo(zone or 'UTC')):%Y%m%d}"

    with suppress(ValueError, OverflowError):
        return _UNTIL.sub(day, rule.upper())
    return rule.upper()


def read_calendar(stream: BinaryIO, *, records: bool = False) -> Entries:
    """Return the rows of a calendar file; with `records` also of what we wrote that is no callback.

    Raises UsageError when it has no event and no to-do, or (while reading) one that never ends.
    """
    return Entries(stream, records=records)
