"""CSV: rows of cells from bytes of any encoding, delimiter and line end, and back."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, dropwhile, islice
from types import MappingProxyType
from typing import BinaryIO, NamedTuple, TextIO

from crmcli.errors import UsageError
from crmcli.exchange.text import decode
from crmcli.i18n import _, ngettext

DELIMITERS = ",;\t|"
_SAMPLE = 1 << 16
_SAMPLED_ROWS = 50
_LOOKED_AT = 25
"""Rows among which the header is."""
_TABLE = 3
"""Cells that make a row of a table of what stands below lines of text."""
_LARGEST_CELL = 1 << 24
"""Characters. A larger one is half the file behind a quotation mark that is never closed."""
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n?', re.IGNORECASE)


class Row(NamedTuple):
    """One record of the file."""

    number: int
    """As a spreadsheet shows it: blank rows count, the header is usually 1."""
    cells: list[str]
    """As many as the header has; more only when `error` says so."""
    error: str = ""
    """Translated; empty when the row is sound."""


class Rows:
    """The header, and the records on iteration, once; blank ones (nothing in any cell) are left out.

    The file is closed at its end and after an error; who stops reading before calls `close`.
    """

    header: list[str]
    """Headings without outer spaces and line breaks, in their order; may repeat, may be empty."""
    encoding: str
    """Python's name of the encoding."""
    delimiter: str
    left_out: Mapping[str, int] = MappingProxyType({})
    """What no cell holds; nothing in a CSV file. See crmcli.exchange.source."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._ended = False
        self.encoding = text.encoding
        told, self._skip = _separator_line(text)
        self.delimiter = told or _delimiter(text, self._skip)
        self._records = self._read()
        top = list(islice(self._records, _LOOKED_AT))
        if not top:
            raise UsageError(_("the file is empty"), hint=_("its first row names the columns"))
        found = _header_among([cells for _number, cells in top])
        cells = top[found][1]
        self._records = chain(top[found + 1 :], self._records)
        self.header = [" ".join(cell.replace("\ufeff", "").split()) for cell in cells]

    def __iter__(self) -> Iterator[Row]:
        """Yield the records that are not blank; UsageError where the file can't be read on."""
        try:
            width = len(self.header)
            for number, cells in self._records:
                found = len(cells)
                if found == width:
                    yield Row(number, cells)
                elif found < width:
                    yield Row(number, cells + [""] * (width - found))
                elif any(cells[width:]):
                    message = ngettext(
                        "{found} cells, but the header has {width}", "{found} cells, but the header has {width}", found
                    )
                    yield Row(number, cells, message.format(found=found, width=width))
                else:
                    yield Row(number, cells[:width])
        finally:
            self.close()

    def close(self) -> None:
        """Give up reading."""
        self._text.close()

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        """Yield number and cells of each record that is not blank."""
        self._text.seek(0)
        lines = self._lines()
        for _line in range(self._skip):
            next(lines, "")
        csv.field_size_limit(_LARGEST_CELL)
        number = 0
        try:
            for number, cells in enumerate(csv.reader(lines, delimiter=self.delimiter), 1):
                if self._ended:  # the reader asked for more, because it was still inside quotes
                    raise _never_closed(number)
                if any(cells):
                    yield number, cells
        except csv.Error as error:
            raise _never_closed(number + 1) from error

    def _lines(self) -> Iterator[str]:
        yield from self._text
        self._ended = True


def read_rows(stream: BinaryIO) -> Rows:
    """Return the rows of a CSV file; encoding and delimiter are told from the content.

    Raises UsageError when it is no text, is empty, or (while reading) has a quotation mark that is never closed.
    """
    return Rows(decode(stream))


def _never_closed(number: int) -> UsageError:
    return UsageError(
        _('row {number}: a quotation mark (") is opened and never closed').format(number=number),
        hint=_("close it, or write it twice where the mark itself is meant"),
    )


def _separator_line(text: TextIO) -> tuple[str, int]:
    """Return the delimiter of a first line `sep=;`, which Excel writes and hides, and how many lines to skip for it."""
    text.seek(0)
    match = _SEPARATOR_LINE.fullmatch(text.readline(len('"sep=;"\r\n')))
    return (match[1], 1) if match else ("", 0)


def _delimiter(text: TextIO, skip: int) -> str:
    """Return the delimiter that divides most rows like the header, `,` when none divides it.

    Where none divides the first lines, they are a title or notes (see `_header_among`), and those that follow count.
    """
    text.seek(0)
    sample = text.read(_SAMPLE).removeprefix("\ufeff")
    lines = io.StringIO(sample, newline="").readlines()[skip:]
    if len(sample) == _SAMPLE:
        lines = lines[:-1] or lines
    found = {}
    for delimiter in DELIMITERS:
        records = filter(any, csv.reader(lines, delimiter=delimiter))
        found[delimiter] = [len(cells) for cells in islice(records, _SAMPLED_ROWS)]
    if not any(widths[0] > 1 for widths in found.values() if widths):
        found = {delimiter: [*dropwhile((1).__eq__, widths)] for delimiter, widths in found.items()}
    best, best_score = ",", (0.0, 0)
    for delimiter, widths in found.items():
        if widths and widths[0] > 1:
            score = (widths.count(widths[0]) / len(widths), widths[0])
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _header_among(records: list[list[str]]) -> int:
    """Return which of the first records is the header: LinkedIn writes notes above it, some programs a title."""
    filled = [sum(map(bool, cells)) for cells in records]
    first = next(index for index, count in enumerate([*filled, 2]) if count > 1)
    return first if first < len(filled) and filled[first] >= _TABLE else 0


class _LineEnds:
    """A file for csv.writer that turns its line ends, which make it quote cells with CR or LF, into the wanted ones."""

    def __init__(self, text: TextIO, line_end: str) -> None:
        self._text = text
        self._line_end = line_end

    def write(self, record: str) -> int:
        return self._text.write(record.removesuffix("\r\n") + self._line_end)


def write_rows(
    stream: BinaryIO,
    header: Iterable[str],
    rows: Iterable[Iterable[str]],
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
    line_end: str = "\n",
) -> int:
    """Write header and rows, return the number of rows; the encoding `utf-8-sig` writes the BOM that Excel wants.

    What is written is read back by `read_rows` cell by cell, except rows that are empty throughout. The stream is
    left open.
    """
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    written = 0
    try:
        writer = csv.writer(_LineEnds(text, line_end), delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow(row)
            written += 1
        text.flush()
    finally:
        text.detach()
    return written
