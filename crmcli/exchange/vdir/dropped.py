"""Entries of ours from which a server has dropped what only we read; what others changed is kept by it."""

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from crmcli.exchange.ical import RECORD
from crmcli.exchange.vdir.item import Item
from crmcli.exchange.vdir.mark import UNKNOWN, WRITTEN

_OUR_LINES = re.compile(rb"^X-CRM-[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", re.MULTILINE)
_BEGIN = re.compile(rb"^BEGIN:(?:VEVENT|VTODO)\r?\n", re.MULTILINE | re.IGNORECASE)
_MARKED = re.compile(rb"^(" + WRITTEN.encode() + rb":)[0-9a-f-]+", re.MULTILINE)
_OUR_UID = re.compile(r"[0-9a-f]{32}(-\w+)?")


Ended = Callable[[Collection[str]], Mapping[str, str]]
"""Returns of entries by their UIDs when what they show was last changed here, if the calendar is not to have them."""


def over(there: Mapping[Path, Item], here: Mapping[str, Item], ended: Ended) -> dict[Path, Item]:
    """Return the files without a mark that show what is over here, and were not changed since."""
    items = [item for item in there.values() if not (item.is_copy or item.is_ours or item.uid in here)]
    ours = {item.path: item for item in items if _OUR_UID.fullmatch(item.uid)}
    when = {uid: re.sub("[-:]", "", at) for uid, at in ended([item.uid for item in ours.values()]).items()}
    return {
        path: Item(item.content, path, is_over=True)
        for path, item in ours.items()
        if item.uid in when and item.first.get("LAST-MODIFIED", "") <= when[item.uid]
    }


def completed(there: Mapping[Path, Item], here: Mapping[str, Item], *, ours_alone: bool) -> dict[Path, Item]:
    """Return the files, those of our UIDs with the dropped lines as they would be written now.

    So they can tell whether they differ from what is here, but for what is decided here and was changed since. With
    `ours_alone`, only those that we were the first to write: a series of another program is read as that means it.
    """
    return {path: _completed(item, here, ours_alone) for path, item in there.items()}


def unsure(there: Mapping[Path, Item], whole: Mapping[Path, Item], here: Mapping[str, Item]) -> dict[Path, str]:
    """Return the completed files that differ from what is here, which was changed since: path → summary.

    Nobody knows whether somebody has changed them, too, before.
    """
    differ = [path for path, item in there.items() if whole[path] is not item and whole[path].is_touched]
    pairs = {path: (there[path], here[there[path].uid]) for path in differ}
    return {
        path: item.first.get("SUMMARY", "")
        for path, (item, ours) in pairs.items()
        if _is_older(item, ours) or _is_renamed(item, ours)
    }


def _completed(there: Item, here: Mapping[str, Item], ours_alone: bool) -> Item:
    if there.is_ours or there.uid not in here or (ours_alone and not _OUR_UID.fullmatch(there.uid)):
        return there
    ours = here[there.uid]
    content = ours.content
    if _is_decided_here(ours) and _is_older(there, ours):
        content = _MARKED.sub(rb"\g<1>" + UNKNOWN.encode(), content)
    lines = b"".join(_OUR_LINES.findall(content))
    return Item(_BEGIN.sub(lambda begin: begin[0] + lines, there.content, count=1), there.path)


def _is_decided_here(ours: Item) -> bool:
    """Return whether what an entry of ours says is never taken over: it is neither a callback nor a promise."""
    return ours.first.get(RECORD, "promise") != "promise"


def _is_older(there: Item, here: Item) -> bool:
    """Return whether it was changed before ours; of a file that is sent to nobody, DTSTAMP says it, too (RFC 5545)."""
    was, is_ = (item.first.get("LAST-MODIFIED") or item.first.get("DTSTAMP", "") for item in (there, here))
    return was.endswith("Z") and was < is_


def _is_renamed(there: Item, here: Item) -> bool:
    """Return whether it begins with another name: a callback is not changed when its contact's name is."""
    (was, colon, _text), (is_, *_) = (item.first.get("SUMMARY", "").partition(": ") for item in (there, here))
    return RECORD not in here.first and bool(colon) and was != is_
