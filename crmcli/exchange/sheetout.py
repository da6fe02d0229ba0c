"""Rows as an XLSX file, and cells that a spreadsheet does not take for formulas.

XlsxWriter, because it writes in constant memory, needs nothing else and is maintained; openpyxl's write-only mode
needs twice the time. Text is always written as text: `=1+1` is no formula and 0138… keeps its zero.
"""

from collections.abc import Iterable
from contextlib import closing
from datetime import date, datetime
from functools import cache
from shutil import copyfileobj
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, BinaryIO

from crmcli.errors import CrmError
from crmcli.i18n import _

Cell = str | int | float | date | datetime | None
_MOST_ROWS = 1 << 20
_LONGEST_CELL = (1 << 15) - 1
_LARGEST_NUMBER = 10**15
"""Spreadsheets keep fifteen digits; larger numbers are written as text."""
ZONE = "Time zone"
"""The custom property that names the zone of a workbook's moments; programs that save the workbook again keep it."""
_FORMULA = tuple("=+-@\t\r")


def guarded(text: str) -> str:
    """Return a cell of a CSV file so that a spreadsheet does not take it for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def write_sheet(
    stream: BinaryIO,
    header: Iterable[str],
    rows: Iterable[Iterable[Cell]],
    *,
    name: str = "",
    zone: str = "",
    guard: bool = False,
) -> int:
    """Write an XLSX file with one sheet, return the number of rows; moments as the wall's clock shows them there.

    Cells know no zone: that of the moments is written as a property of the document (see `ZONE`).

    With `guard`, text that looks like a formula is marked as text (Excel's quote prefix), so that it stays one when
    somebody edits the cell; its content is the same. Raises CrmError where a spreadsheet can't hold what there is.
    """
    if not stream.seekable():  # a pipe: a workbook is put together back and forth
        with TemporaryFile() as file:
            written = write_sheet(file, header, rows, name=name, zone=zone, guard=guard)
            file.seek(0)
            copyfileobj(file, stream)
        return written
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, closing(_Sink(stream)) as sink:
        options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd", "strings_to_urls": False}
        workbook = _load_workbook()(sink, {**options, "tmpdir": folder})
        if zone:
            workbook.set_custom_property(ZONE, zone, "text")
        try:
            written = _fill(_Sheet(workbook, name, guard=guard), list(header), rows)
        finally:
            _finish(workbook, folder)
        if sink.error:
            raise sink.error
    return written


def _fill(sheet: "_Sheet", titles: list[str], rows: Iterable[Iterable[Cell]]) -> int:
    """Write all the rows, and return how many they are."""
    written = 0
    sheet.write(0, titles, bold=True)
    for row in rows:
        written += 1
        sheet.write(written, row)
    sheet.finish(titles, written)
    return written


def _finish(workbook: Any, folder: str) -> None:
    """Put the workbook together from its temporary files; raises OSError when they have no room."""
    try:
        workbook.close()
    except _load_file_error() as error:
        raise OSError(*error.args[0].args[:2], folder) from error


class _Sink:
    """What a workbook is put together in. It takes the rest without a word when the disk is full, or it is closed.

    The archive that a failure breaks off would write its end later, fail again, and print a traceback.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream: BinaryIO | None = stream
        self.error: OSError | None = None

    def _attempt(self, method: str, *arguments: Any) -> Any:
        if self._stream is None or self.error:
            return 0
        try:
            return getattr(self._stream, method)(*arguments)
        except OSError as error:
            self.error = error
            return 0

    def write(self, content: bytes) -> int:
        """Take a piece."""
        return int(self._attempt("write", content))

    def tell(self) -> int:
        """Return where it is."""
        return int(self._attempt("tell"))

    def seek(self, place: int, whence: int = 0) -> int:
        """Go there."""
        return int(self._attempt("seek", place, whence))

    def flush(self) -> None:
        """Hand over what was taken."""
        self._attempt("flush")

    def close(self) -> None:
        """Let the stream go."""
        self._stream = None


class _Sheet:
    """One worksheet that is being written."""

    def __init__(self, workbook: Any, name: str, *, guard: bool) -> None:
        self._sheet = workbook.add_worksheet(name[:31] or None)
        self._bold = workbook.add_format({"bold": True})
        self._quoted = workbook.add_format({"quote_prefix": True}) if guard else None
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})

    def write(self, number: int, cells: Iterable[Cell], *, bold: bool = False) -> None:
        """Write a row; raises CrmError when it does not fit."""
        if number >= _MOST_ROWS:
            raise CrmError(
                _("a spreadsheet has at most {most} rows").format(most=f"{_MOST_ROWS:,}"),
                hint=_("export as CSV, or fewer records with --where"),
            )
        for column, cell in enumerate(cells):
            if isinstance(cell, datetime):
                self._sheet.write_datetime(number, column, cell.replace(tzinfo=None), self._moment)
            elif isinstance(cell, date):
                self._sheet.write_datetime(number, column, cell, self._day)
            elif isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < _LARGEST_NUMBER:
                self._sheet.write_number(number, column, cell)
            elif cell is not None and cell != "":
                self._text(number, column, cell if isinstance(cell, str) else str(cell), bold=bold)

    def _text(self, number: int, column: int, text: str, *, bold: bool) -> None:
        if len(text.encode("utf-16-le")) // 2 > _LONGEST_CELL:
            raise CrmError(
                _("row {row}: a cell of a spreadsheet holds at most {most} characters").format(
                    row=number + 1, most=f"{_LONGEST_CELL:,}"
                ),
                hint=_("export as CSV, which holds any text"),
            )
        form = self._bold if bold else self._quoted if text.startswith(_FORMULA) else None
        self._sheet.write_string(number, column, text, form)

    def finish(self, titles: list[str], rows: int) -> None:
        """Keep the header in view, and let its columns be filtered."""
        self._sheet.freeze_panes(1, 0)
        if titles:
            self._sheet.autofilter(0, 0, rows, len(titles) - 1)


@cache
def _load_workbook() -> Any:
    """Load XlsxWriter: 50 ms that only an export to XLSX pays for."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it has no types

    return Workbook


def _load_file_error() -> Any:
    """Return what XlsxWriter makes of every OSError."""
    from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]  # it has no types

    return FileCreateError
