"""Entries of ours in a folder from which a server has dropped what only we read; what others changed is kept by it."""

import re
from collections.abc import Mapping
from pathlib import Path

from crmcli.exchange.feed import UNKNOWN, WRITTEN, is_ours
from crmcli.exchange.ical import RECORD
from crmcli.exchange.vdirback import Seen, entries_of, was_changed

_OUR_LINES = re.compile(rb"^X-CRM-[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", re.MULTILINE)
_BEGIN = re.compile(rb"^BEGIN:(?:VEVENT|VTODO)\r?\n", re.MULTILINE | re.IGNORECASE)
_MARKED = re.compile(rb"^(" + WRITTEN.encode() + rb":)[0-9a-f-]+", re.MULTILINE)
_OUR_UID = re.compile(r"[0-9a-f]{32}(-\w+)?")


def completed(seen: Seen, files: Mapping[str, bytes], *, ours_alone: bool) -> Seen:
    """Return the files, those of our UIDs with the dropped lines as they would be written now.

    So they can tell whether they differ from what is here, but for what is decided here and was changed since. With
    `ours_alone`, only those that we were the first to write: a series of another program is read as that means it.
    """
    return {path: _completed(content, files, ours_alone) for path, content in seen.items()}


def unsure(seen: Seen, whole: Seen, files: Mapping[str, bytes]) -> dict[Path, str]:
    """Return the completed files that differ from what is here, which was changed since: path → summary.

    Nobody knows whether somebody has changed them, too, before.
    """
    differ = [path for path in seen if whole[path] is not seen[path] and was_changed({path: whole[path]})]
    return {path: _first(seen[path]).get("SUMMARY", "") for path in differ if _is_older(seen[path], files)}


def _completed(content: bytes, files: Mapping[str, bytes], ours_alone: bool) -> bytes:
    if is_ours(content):
        return content
    uid = _uid(content)
    if uid not in files or (ours_alone and not _OUR_UID.fullmatch(uid)):
        return content
    here = files[uid]
    if _is_decided_here(here) and _is_older(content, files):
        here = _MARKED.sub(rb"\g<1>" + UNKNOWN.encode(), here)
    lines = b"".join(_OUR_LINES.findall(here))
    return _BEGIN.sub(lambda begin: begin[0] + lines, content, count=1)


def _is_decided_here(content: bytes) -> bool:
    """Return whether what an entry of ours says is never taken over: it is neither a callback nor a promise."""
    return _first(content).get(RECORD, "promise") != "promise"


def _is_older(content: bytes, files: Mapping[str, bytes]) -> bool:
    there, here = (_first(each).get("LAST-MODIFIED", "") for each in (content, files[_uid(content)]))
    return there.endswith("Z") and there < here


def _uid(content: bytes) -> str:
    return _first(content).get("UID", "").removeprefix("urn:uuid:")


def _first(content: bytes) -> dict[str, str]:
    return next(entries_of(content), {})
