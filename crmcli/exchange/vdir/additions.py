"""What others added to an entry of ours, such as a place or an alarm: it stays when the entry is written anew."""

import re
from collections.abc import Iterator
from io import BytesIO

from crmcli.errors import UsageError
from crmcli.exchange.blocks import charset_of, read_blocks
from crmcli.exchange.contentline import name_of
from crmcli.exchange.vdir.item import COMPONENTS
from crmcli.exchange.vdir.mark import ALARM, inserted

_TEXT = {"UID", "SUMMARY", "DESCRIPTION", "X-ALT-DESC", "STATUS", "COMPLETED", "PERCENT-COMPLETE", "TRANSP"}
_TIME = {"DTSTART", "DTEND", "DUE", "DURATION", "X-MICROSOFT-CDO-ALLDAYEVENT", "X-FUNAMBOL-ALLDAY", "X-MOZ-LASTACK"}
_REPEAT = {"RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
_WRITTEN = {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"}
_OURS = frozenset(_TEXT | _TIME | _REPEAT | _WRITTEN)
"""What we say ourselves, or what says the same once more: kept, it would speak of another day than the new entry."""
_OUR_OWN = "X-CRM-"

_ALARM = re.compile(rb"^BEGIN:VALARM\r?\n.*?^END:VALARM\r?\n", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_RINGS = re.compile(rb"^(?:TRIGGER(?:;[^:\r\n]*)?|" + ALARM.encode() + rb"):[ \t]*(\S*)", re.MULTILINE | re.IGNORECASE)
_OUR_ALARM = re.compile(rb"^" + ALARM.encode() + rb":\S*", re.MULTILINE)
_LENGTH = re.compile(rb"([-+]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_SECONDS = (7 * 24 * 3600, 24 * 3600, 3600, 60, 1)
_END = re.compile(rb"^END:(?:VEVENT|VTODO)\r\n", re.MULTILINE)


def with_additions(there: bytes, here: bytes) -> bytes:
    """Return an entry's file as we write it, with what others added to the one that is there."""
    added = "".join(f"{line}\r\n" for line in _added(there)).encode("latin-1")
    alarms = b"".join(_added_alarms(there, here))
    return _END.sub(lambda end: alarms + end[0], inserted(here, added), count=1)


def _added_alarms(there: bytes, here: bytes) -> list[bytes]:
    """Return the alarms that ring at another time than ours did and does; the first is ours where nothing tells."""
    alarms = _ALARM.findall(there)
    was = _OUR_ALARM.search(there)
    ours = {_rings(each[0]) for each in (was or _ALARM.search(there), _OUR_ALARM.search(here)) if each}
    return [alarm for alarm in alarms if _rings(alarm) not in ours]


def _rings(text: bytes) -> int | bytes:
    """Return how many seconds before or after it an alarm rings, however its trigger is put; else what it says."""
    found = _RINGS.search(text)
    said = found[1].upper() if found else b""
    length = _LENGTH.fullmatch(said)
    if length is None:
        return said
    sign, *parts = length.groups()
    return (-1 if sign == b"-" else 1) * sum(int(part or 0) * each for part, each in zip(parts, _SECONDS, strict=True))


def _added(content: bytes) -> Iterator[str]:
    """Yield the lines, still folded, of the properties that are none of ours."""
    stream = BytesIO(content)
    try:
        block = next(read_blocks(stream, charset_of(stream), COMPONENTS), None)
    except UsageError:
        return
    is_added = False
    for line in block.lines if block else ():
        if line[:1] not in {" ", "\t"}:
            name = name_of(line)
            is_added = bool(name) and name not in _OURS and not name.startswith(_OUR_OWN)
        if is_added:
            yield line.rstrip("\r")
