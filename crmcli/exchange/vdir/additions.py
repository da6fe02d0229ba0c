"""What others added to an entry of ours, such as a place or a colour: it stays when the entry is written anew."""

from collections.abc import Iterator
from io import BytesIO

from crmcli.errors import UsageError
from crmcli.exchange.blocks import charset_of, read_blocks
from crmcli.exchange.contentline import name_of
from crmcli.exchange.vdir.item import COMPONENTS
from crmcli.exchange.vdir.mark import inserted

_TEXT = {"UID", "SUMMARY", "DESCRIPTION", "X-ALT-DESC", "STATUS", "COMPLETED", "PERCENT-COMPLETE", "TRANSP"}
_TIME = {"DTSTART", "DTEND", "DUE", "DURATION", "X-MICROSOFT-CDO-ALLDAYEVENT", "X-FUNAMBOL-ALLDAY", "X-MOZ-LASTACK"}
_REPEAT = {"RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
_WRITTEN = {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"}
_OURS = frozenset(_TEXT | _TIME | _REPEAT | _WRITTEN)
"""What we say ourselves, or what says the same once more: kept, it would speak of another day than the new entry."""
_OUR_OWN = "X-CRM-"


def with_additions(there: bytes, here: bytes) -> bytes:
    """Return an entry's file as we write it, with what others added to the one that is there; alarms are ours."""
    added = "".join(f"{line}\r\n" for line in _added(there)).encode("latin-1")
    return inserted(here, added) if added else here


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
