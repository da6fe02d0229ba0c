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
from crmcli.exchange.feed import is_changed, is_ours
from crmcli.exchange.folder import content_of, uids_of
from crmcli.exchange.ical import FIELDS, RECORD, read_calendar
from crmcli.exchange.sniff import records_in

_OVER = {"COMPLETED": "done", "CANCELLED": "cancelled"}
_ENTRIES = frozenset({"VEVENT", "VTODO"})
_ALONE = frozenset({"RECURRENCE-ID", "EXDATE", "RDATE"})
"""Says of one occurrence of a repeat that it is another day, or none."""


Seen = Mapping[Path, bytes]
"""The files of a folder and what was in each when it was looked at: who changes one later is heard the next time."""


class Ticked(NamedTuple):
    """An entry of ours that is no callback, and was ticked off."""

    record: str
    """What it is: promise, complaint, …"""
    uid: str
    summary: str
    status: str
    """done or cancelled."""


class Changes:
    """Entries as rows, with the same interface as crmcli.exchange.source.Source; and what was ticked off besides.

    And the summaries of repeats of which one occurrence was moved or left out, which can't be taken over, and of what
    was changed here and perhaps there.
    """

    encoding = "utf-8"
    delimiter = ","
    left_out: Mapping[str, int] = MappingProxyType({})

    def __init__(
        self, rows: list[Row], ticked: Sequence[Ticked] = (), alone: Sequence[str] = (), unsure: Sequence[str] = ()
    ) -> None:
        self.header = list(FIELDS)
        self.rows = rows
        self.ticked = ticked
        self.alone = alone
        self.unsure = unsure

    def __bool__(self) -> bool:
        """Tell whether there is anything to take over, or to tell."""
        return bool(self.rows or self.ticked or self.alone or self.unsure)

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


def read_changes(seen: Seen, unsure: Mapping[Path, str]) -> Changes:
    """Return the entries of the files that say something else than when we wrote them, and of those that we did not.

    A file that can't be read is a row with an error. What is `unsure` (path → summary) is not taken over.
    """
    rows: list[Row] = []
    ticked: list[Ticked] = []
    alone: list[str] = []
    for path, content in seen.items():
        if path in unsure:
            continue
        if is_ours(content):
            ticked += _ticked(content)
            alone += _alone(content)
        if is_changed(content):
            try:
                read = [row._replace(cells=row.cells[: len(FIELDS)]) for row in read_calendar(BytesIO(content))]
            except UsageError as error:
                read = [Row(0, [""] * len(FIELDS), f"{path.name}: {error.message}")]
            rows += [row._replace(number=len(rows) + place) for place, row in enumerate(read, 1)]
    return Changes(rows, ticked, alone, [*unsure.values()])


def was_changed(seen: Seen) -> bool:
    """Return whether an entry that we wrote was changed or ticked off there."""
    ours = [content for content in seen.values() if is_ours(content)]
    return any(is_changed(content) or any(_ticked(content)) or any(_alone(content)) for content in ours)


def remove_over(seen: Seen, kept: Collection[str]) -> int:
    """Remove the files that we wrote but for those with these UIDs, and return how many there were. Raises OSError."""
    left = set(kept)
    over = [path for path, content in seen.items() if is_ours(content) and left.isdisjoint(uids_of(path))]
    removed = [path for path in over if content_of(path) == seen[path]]
    for path in removed:
        path.unlink(missing_ok=True)
    return len(removed)


def _ticked(content: bytes) -> Iterator[Ticked]:
    """Yield the entries that an import does not read and that are over."""
    for texts in entries_of(content):
        status = _OVER.get(texts.get("STATUS", "").upper())
        if status and RECORD in texts:
            yield Ticked(texts[RECORD], texts.get("UID", ""), texts.get("SUMMARY", ""), status)


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
