"""What every file that can be imported looks like to who imports it, whatever its kind."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Protocol

from crmcli.errors import UsageError
from crmcli.exchange.csvfile import Row, read_rows
from crmcli.exchange.folder import read_folder
from crmcli.exchange.ical import read_calendar
from crmcli.exchange.jsonfile import read_objects
from crmcli.exchange.sheets import read_sheet
from crmcli.exchange.sniff import kind_of
from crmcli.exchange.text import seekable
from crmcli.exchange.vcard import read_cards
from crmcli.i18n import _

_MOST_COLUMNS = 20_000
"""Of a file; a spreadsheet has 16,384 at most."""
SPREADSHEETS = frozenset({"xlsx", "xls", "ods"})


class Source(Protocol):
    """A header and rows; of a file without columns (vCard, iCalendar) the header names the fields."""

    header: list[str]
    encoding: str
    """Python's name of the encoding, in which rejected rows can be written."""
    delimiter: str

    @property
    def left_out(self) -> Mapping[str, int]:
        """What the file holds and no column does (photos, alarms), and how often; complete when all rows were read."""

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows, once; raises UsageError where the file can't be read on."""

    def close(self) -> None:
        """Give up reading; nothing happens when all was read, or the second time."""


class Nothing:
    """A file that holds nothing, as an export of nothing does: a Source without header and rows."""

    header: list[str]
    encoding = "utf-8"
    delimiter = ","
    left_out: Mapping[str, int] = MappingProxyType({})

    def __init__(self) -> None:
        self.header = []

    def __iter__(self) -> Iterator[Row]:
        """Yield nothing."""
        return iter(())

    def close(self) -> None:
        """Do nothing: there is nothing to read."""


_NOTHING = {
    "json": rb"(\xef\xbb\xbf)?\s*\[\s*\]\s*",
    "ical": rb"(\xef\xbb\xbf)?BEGIN:VCALENDAR\r?\n((?!BEGIN:).*\n)*END:VCALENDAR\s*",
}
"""What a file of this kind consists of that is whole and has no record."""
_NAMED = frozenset({".vcf", ".jsonl"})
"""Files that have no byte where there is no record; of any other kind an empty one is cut off."""
_SHORT = 1 << 12
"""Bytes of a file in which nothing can be told with so many words."""
_READERS: dict[str, Callable[[BinaryIO], Source]] = {
    "csv": read_rows,
    "vcard": read_cards,
    "ical": read_calendar,
    "json": read_objects,
    "jsonl": read_objects,
}


def open_source(file: Path | BinaryIO, sheet: str = "") -> tuple[str, Source]:
    """Return what kind of file it is (see kind_of; for a folder that of its files) and the reader that fits it.

    `sheet` is the name of a spreadsheet's sheet, or its number from 1. A stream belongs to the reader from then on.
    Raises UsageError for what can't be imported, OSError for what can't be opened.
    """
    if isinstance(file, Path):
        if file.is_dir():
            items = read_folder(file)
            return items.kind, items
        file = file.open("rb")
    stream = seekable(file)
    try:
        kind = kind_of(stream)
        if _holds_nothing(kind, stream):
            stream.close()
            return kind, Nothing()
        return kind, _of_bearable_width(_read(kind, stream, sheet))
    except BaseException:
        stream.close()
        raise


def _holds_nothing(kind: str, stream: BinaryIO) -> bool:
    """Tell whether it is a whole file without a record; one without a byte has nothing but its name to tell it by."""
    start = stream.read(_SHORT)
    stream.seek(0)
    if not start:
        return Path(str(getattr(stream, "name", ""))).suffix.lower() in _NAMED
    return kind in _NOTHING and re.fullmatch(_NOTHING[kind], start) is not None


def _of_bearable_width(source: Source) -> Source:
    """Return the source; UsageError when it has more columns than any table means."""
    if len(source.header) > _MOST_COLUMNS:
        source.close()
        raise UsageError(
            _("the file has more than {most} columns").format(most=f"{_MOST_COLUMNS:,}"),
            hint=_("each row should be a record, each column one of its fields"),
        )
    return source


def _read(kind: str, stream: BinaryIO, sheet: str) -> Source:
    if kind in SPREADSHEETS:
        return read_sheet(stream, sheet)
    if sheet:
        raise UsageError(_("only a spreadsheet has sheets"), hint=_("leave --sheet out"))
    return _READERS[kind](stream)
