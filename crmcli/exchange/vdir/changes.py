"""What was changed in a folder of calendar files since we wrote it, to be taken over."""

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from crmcli.errors import UsageError
from crmcli.exchange.csvfile import Row
from crmcli.exchange.ical import FIELDS, RECORD, read_calendar
from crmcli.exchange.vdir.item import Item, status_of

_BESIDES = {"due": ("zone",), "status": ("done_at", "changed_at")}
"""What goes with one of the fields that are compared."""


class Changed(NamedTuple):
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
    """Entries as rows, with the interface of crmcli.exchange.source.Source; and what was done to others besides."""

    encoding = "utf-8"
    delimiter = ","
    left_out: Mapping[str, int] = MappingProxyType({})

    def __init__(self, rows: Sequence[Row] = (), unsure: Sequence[str] = ()) -> None:
        self.header = list(FIELDS)
        self.rows = list(rows)
        self.paths: dict[int, Path] = {}
        """The files of the rows, by their numbers."""
        self.shown: list[Changed] = []
        """Entries of what is no callback."""
        self.alone: list[str] = []
        """The summaries of repeats of which one occurrence was moved or left out, which can't be taken over."""
        self.ours: set[str] = set()
        """The UIDs of all entries that we wrote."""
        self.both: list[Changed] = []
        """What was changed here and otherwise there."""
        self.unsure = unsure
        """The summaries of what was changed here and perhaps there, which is not taken over."""

    def __bool__(self) -> bool:
        """Tell whether there is anything to take over, or to tell."""
        return bool(self.rows or self.shown or self.alone or self.unsure)

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows."""
        return iter(self.rows)

    def close(self) -> None:
        """Do nothing: all is read."""

    def add(self, there: Item, here: Mapping[str, Item]) -> None:
        """Add what was changed in a file: what was not changed there of an entry may have been changed here.

        A file that can't be read is a row with an error.
        """
        if there.is_ours:
            ours = list(changed_in(there, here))
            self.ours |= {entry.uid for entry in ours}
            self.shown += (entry for entry in ours if entry.record)
            self.both += (entry for entry in ours if _is_other_here(there, entry, here))
            self.alone += there.alone
        if there.is_changed:
            for row in _rows(there, here):
                self.rows.append(row._replace(number=len(self.rows) + 1))
                self.paths[len(self.rows)] = there.path


def changed_in(there: Item, here: Mapping[str, Item]) -> Iterator[Changed]:
    """Yield the entries of a file of ours that are over, or say something else than we wrote."""
    said = {record["uid"]: record for record in there.records} if there.is_changed else {}
    for texts in there.properties:
        status = status_of(texts)
        if (status or there.is_changed) and "RECURRENCE-ID" not in texts:
            uid = texts.get("UID", "")
            now = _with_ours(there, said.get(uid, {}), here)
            yield Changed(there.path, texts.get(RECORD, ""), uid, texts.get("SUMMARY", ""), status, now)


def _rows(there: Item, here: Mapping[str, Item]) -> list[Row]:
    """Return what is to be imported of a file: promises and what is for looking at are not."""
    try:
        rows = list(read_calendar(BytesIO(there.content)))
    except UsageError as error:
        return [Row(0, [""] * len(FIELDS), error.message)]
    said = (_with_ours(there, dict(zip(FIELDS, row.cells, strict=False)), here) for row in rows)
    return [row._replace(cells=[*cells.values()]) for row, cells in zip(rows, said, strict=True)]


def _with_ours(there: Item, said: Mapping[str, str], here: Mapping[str, Item]) -> Mapping[str, str]:
    """Return what an entry of ours says, and as it is here what was not changed there."""
    ours = here.get(said.get("uid", ""))
    if ours is None or not there.is_ours:
        return {**said, "series": ""} if there.is_copy else said
    changed = {name for field in there.changed_since for name in (field, *_BESIDES.get(field, ()))}
    (record,) = ours.records
    return {name: said[name] if name in changed else text for name, text in record.items()}


def _is_other_here(there: Item, entry: Changed, here: Mapping[str, Item]) -> bool:
    """Return whether what was changed of an entry there was changed here, too, and is something else."""
    ours = here.get(entry.uid)
    if ours is None or not entry.said or entry.record not in ("", "promise"):
        return False
    (record,) = ours.records
    both = there.changed_since & there.changed_here(ours)
    return any(entry.said[name] != record[name] for name in both)
