"""What was changed in a folder of calendar files since we wrote it, and clearing away what we wrote and is over."""

from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from crmcli.errors import UsageError
from crmcli.exchange.csvfile import Row
from crmcli.exchange.feed import is_changed, is_ours
from crmcli.exchange.folder import uids_of
from crmcli.exchange.ical import FIELDS, read_calendar
from crmcli.exchange.sniff import records_in


class Changes:
    """Entries as rows, with the same interface as crmcli.exchange.source.Source."""

    encoding = "utf-8"
    delimiter = ","
    left_out: Mapping[str, int] = MappingProxyType({})

    def __init__(self, rows: list[Row]) -> None:
        self.header = list(FIELDS)
        self.rows = rows

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows."""
        return iter(self.rows)

    def close(self) -> None:
        """Do nothing: all is read."""


def read_changes(folder: Path) -> Changes:
    """Return the entries of the files that say something else than when we wrote them, and of those that we did not.

    A file that can't be read is a row with an error. Raises OSError.
    """
    rows: list[Row] = []
    for path in _files(folder):
        content = path.read_bytes()
        if is_changed(content):
            try:
                read = [row._replace(cells=row.cells[: len(FIELDS)]) for row in read_calendar(BytesIO(content))]
            except UsageError as error:
                read = [Row(0, [""] * len(FIELDS), f"{path.name}: {error.message}")]
            rows += [row._replace(number=len(rows) + place) for place, row in enumerate(read, 1)]
    return Changes(rows)


def remove_over(folder: Path, kept: Collection[str]) -> int:
    """Remove the files that we wrote but for those with these UIDs, and return how many there were. Raises OSError."""
    removed = 0
    for path in _files(folder):
        if is_ours(path.read_bytes()) and not uids_of(path) & set(kept):
            path.unlink()
            removed += 1
    return removed


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in records_in(folder) if path.suffix.lower() == ".ics") if folder.is_dir() else []
