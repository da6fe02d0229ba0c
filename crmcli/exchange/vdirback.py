"""What was changed in a folder of calendar files since we wrote it, and clearing away what we wrote and is over."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from crmcli.errors import UsageError
from crmcli.exchange.blocks import charset_of, read_blocks
from crmcli.exchange.contentline import parse, unfold
from crmcli.exchange.csvfile import Row
from crmcli.exchange.feed import changed_here, changed_there, is_changed, is_ours, is_put_back, is_same
from crmcli.exchange.folder import content_of, uids_of
from crmcli.exchange.ical import FIELDS, RECORD, read_calendar
from crmcli.exchange.sniff import records_in

_OVER = {"COMPLETED": "done", "CANCELLED": "cancelled"}
_ENTRIES = frozenset({"VEVENT", "VTODO"})
_ALONE = frozenset({"RECURRENCE-ID", "EXDATE", "RDATE"})
"""Says of one occurrence of a repeat that it is another day, or none."""
_BESIDES = {"due": ("zone",), "status": ("done_at", "changed_at")}
"""What goes with one of the fields that are compared."""


Seen = Mapping[Path, bytes]
"""The files of a folder and what was in each when it was looked at: who changes one later is heard the next time."""


class Entry(NamedTuple):
    """An entry of ours that was ticked off or changed."""

    path: Path
    record: str
    """What it is: promise, complaint, …; empty for a callback."""
    uid: str
    summary: str
    status: str
    """done or cancelled; empty where it was not ticked off."""
    said: Mapping[str, str]
    """What it says now, by FIELDS, if that is something else than we wrote; of a promise no contact, but its text."""


class Changes:
    """Entries as rows, with the same interface as crmcli.exchange.source.Source; and what was done to others besides.

    And the summaries of repeats of which one occurrence was moved or left out, which can't be taken over, and of what
    was changed here and perhaps there; and `both`, what was changed here and otherwise there.
    """

    encoding = "utf-8"
    delimiter = ","
    left_out: Mapping[str, int] = MappingProxyType({})

    def __init__(
        self, rows: list[Row], shown: Sequence[Entry] = (), alone: Sequence[str] = (), unsure: Sequence[str] = ()
    ) -> None:
        self.header = list(FIELDS)
        self.rows = rows
        self.shown = shown
        self.alone = alone
        self.unsure = unsure
        self.both: list[Entry] = []
        self.paths: dict[int, Path] = {}
        """The files of the rows, by their numbers."""

    def __bool__(self) -> bool:
        """Tell whether there is anything to take over, or to tell."""
        return bool(self.rows or self.shown or self.alone or self.unsure)

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows."""
        return iter(self.rows)

    def close(self) -> None:
        """Do nothing: all is read."""


def look_into(folder: Path) -> Seen:
    """Return the calendar files of a folder, in which other programs may write meanwhile. Raises OSError."""
    if not folder.is_dir():
        return {}
    paths = sorted(path for path in records_in(folder) if path.suffix.lower() == ".ics")
    return {path: content for path in paths if (content := content_of(path)) is not None}


def read_changes(seen: Seen, unsure: Mapping[Path, str], files: Mapping[str, bytes]) -> Changes:
    """Return the entries of the files that say something else than when we wrote them, and of those that we did not.

    A file that can't be read is a row with an error. What is `unsure` (path → summary) is not taken over. What was
    not changed there of an entry is as it is in `files`: it may have been changed here.
    """
    shown: list[Entry] = []
    alone: list[str] = []
    changes = Changes([], shown, alone, [*unsure.values()])
    for path, content in seen.items():
        if path in unsure:
            continue
        if is_ours(content):
            ours = [entry._replace(said=_with_ours(content, entry.said, files)) for entry in _entries(path, content)]
            shown += (entry for entry in ours if entry.record)
            changes.both += (entry for entry in ours if _is_other_here(content, entry, files))
            alone += _alone(content)
        if is_changed(content):
            try:
                read = [
                    row._replace(cells=[*_with_ours(content, _by_name(row), files).values()])
                    for row in read_calendar(BytesIO(content))
                ]
            except UsageError as error:
                read = [Row(0, [""] * len(FIELDS), error.message)]
            rows = [row._replace(number=len(changes.rows) + place) for place, row in enumerate(read, 1)]
            changes.rows += rows
            changes.paths |= {row.number: path for row in rows}
    return changes


def was_changed(seen: Seen) -> bool:
    """Return whether an entry that we wrote was changed or ticked off there."""
    return any(is_ours(content) and _is_touched(content) for content in seen.values())


def untouched(seen: Seen, files: Mapping[str, bytes]) -> dict[Path, str]:
    """Return the UIDs of our files in which nothing that we read was changed; what `files` have need not be read."""
    uids = {content: uid for uid, content in files.items()}
    found = {}
    for path, content in seen.items():
        if content in uids:
            found[path] = uids[content]
        elif is_ours(content) and not _is_touched(content):
            found[path] = next(entries_of(content), {}).get("UID", "")
    return found


def kept(seen: Seen, known: Mapping[Path, str], files: Mapping[str, bytes]) -> set[Path]:
    """Return which of our untouched files need not be written though they differ: somebody has added a place, an alarm.

    The alarm stays until the record is another one here, the place then, too (see crmcli.exchange.additions).
    """
    return {path for path, uid in known.items() if is_same(seen[path], files.get(uid, b""))}


def put_back(seen: Seen, files: Mapping[str, bytes]) -> list[Entry]:
    """Return the entries that were changed there and of which something is lost when these files are written.

    So is what was said, more than a tick, of one that is no callback and that has gone here.
    """

    def is_lost(content: bytes, entry: Entry) -> bool:
        here = files.get(entry.uid)
        return is_put_back(content, here) if here else bool(entry.record) and not entry.status

    ours = [(path, content) for path, content in seen.items() if is_ours(content)]
    entries = [(content, entry) for path, content in ours for entry in _entries(path, content)]
    return [entry for content, entry in entries if is_lost(content, entry)]


def remove_over(seen: Seen, kept: Collection[str], known: Mapping[Path, str]) -> int:
    """Remove the files that we wrote but for those with these UIDs, and return how many there were. Raises OSError.

    `known` are the UIDs of files that need not be read for them.
    """
    left = set(kept)
    over = [path for path, content in seen.items() if is_ours(content) and left.isdisjoint(uids_of(path, known))]
    removed = [path for path in over if content_of(path) == seen[path]]
    for path in removed:
        path.unlink(missing_ok=True)
    return len(removed)


def _entries(path: Path, content: bytes) -> Iterator[Entry]:
    """Yield the entries of a file of ours that are over, or say something else than we wrote."""
    rows = read_calendar(BytesIO(content), records=True) if is_changed(content) else None
    said = {row.cells[0]: _by_name(row) for row in rows or ()}
    for texts in entries_of(content):
        status = _status(texts)
        if (status or rows) and "RECURRENCE-ID" not in texts:
            uid = texts.get("UID", "")
            yield Entry(path, texts.get(RECORD, ""), uid, texts.get("SUMMARY", ""), status, said.get(uid, {}))


def _by_name(row: Row) -> dict[str, str]:
    return dict(zip(FIELDS, row.cells, strict=False))


def _with_ours(content: bytes, said: Mapping[str, str], files: Mapping[str, bytes]) -> Mapping[str, str]:
    """Return what an entry of ours says, and as it is here what was not changed there."""
    here = files.get(said.get("uid", ""))
    if here is None or not is_ours(content):
        return said
    changed = changed_there(content)
    there = {name for field in changed for name in (field, *_BESIDES.get(field, ()))}
    (ours,) = read_calendar(BytesIO(here), records=True)
    return {name: said[name] if name in there else text for name, text in _by_name(ours).items()}


def _is_other_here(content: bytes, entry: Entry, files: Mapping[str, bytes]) -> bool:
    """Return whether what was changed of an entry there was changed here, too, and is something else."""
    here = files.get(entry.uid)
    if here is None or not entry.said or entry.record not in ("", "promise"):
        return False
    (ours,) = read_calendar(BytesIO(here), records=True)
    both = changed_there(content) & changed_here(content, here)
    return any(entry.said[name] != text for name, text in _by_name(ours).items() if name in both)


def _is_touched(content: bytes) -> bool:
    return is_changed(content) or any(_status(texts) or _ALONE & texts.keys() for texts in entries_of(content))


def _status(texts: Mapping[str, str]) -> str:
    return _OVER.get(texts.get("STATUS", "").upper(), "")


def _alone(content: bytes) -> Iterator[str]:
    """Yield the summaries of the entries that say something of one occurrence of a repeat."""
    return (texts.get("SUMMARY", "") for texts in entries_of(content) if _ALONE & texts.keys())


def entries_of(content: bytes) -> Iterator[dict[str, str]]:
    """Yield what the entries say, by the names of their properties."""
    stream = BytesIO(content)
    charset = charset_of(stream)
    for block in read_blocks(stream, charset, _ENTRIES):
        lines = (parse(line, charset) for line in unfold(block.lines, old=False))
        yield {line.name: line.text for line in lines if line}
