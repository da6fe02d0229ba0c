"""Sheets put together as an XLSX file, and cells that a spreadsheet does not take for formulas.

XlsxWriter, because it writes in constant memory, needs nothing else and is maintained; openpyxl's write-only mode
needs twice the time. Text is always written as text: `=1+1` is no formula and 0138… keeps its zero.
"""

from collections.abc import Iterable
from contextlib import closing
from functools import cache
from shutil import copyfileobj
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, BinaryIO

from crmcli.exchange.worksheet import FORMULA, Cell, Sheet, Worksheet

ZONE = "Time zone"
"""The custom property that names the zone of a workbook's moments; programs that save the workbook again keep it."""


def guarded(text: str) -> str:
    """Return a cell of a CSV file so that a spreadsheet does not take it for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(FORMULA) else text


def write_sheet(
    stream: BinaryIO,
    header: Iterable[str],
    rows: Iterable[Iterable[Cell]],
    *,
    name: str = "",
    zone: str = "",
    guard: bool = False,
) -> int:
    """Write an XLSX file with one sheet; see `write_workbook`."""
    return write_workbook(stream, [Sheet(name, list(header), rows)], zone=zone, guard=guard)


def write_workbook(
    stream: BinaryIO, sheets: Iterable[Sheet], *, title: str = "", zone: str = "", guard: bool = False
) -> int:
    """Write an XLSX file, return the number of rows; moments as the wall's clock shows them there.

    Cells know no zone: that of the moments is written as a property of the document (see `ZONE`). One that has a
    `title` is read by people: it prints on pages that say so, as wide as the sheet, headings in lines, fractions with
    one digit.

    With `guard`, text that looks like a formula is marked as text (Excel's quote prefix), so that it stays one when
    somebody edits the cell; its content is the same. Raises CrmError where a spreadsheet can't hold what there is.
    """
    if not stream.seekable():  # a pipe: a workbook is put together back and forth
        with TemporaryFile() as file:
            written = write_workbook(file, sheets, title=title, zone=zone, guard=guard)
            file.seek(0)
            copyfileobj(file, stream)
        return written
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, closing(_Sink(stream)) as sink:
        options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd", "strings_to_urls": False}
        workbook = _load_workbook()(sink, {**options, "tmpdir": folder})
        if zone:
            workbook.set_custom_property(ZONE, zone, "text")
        try:
            written = sum(_fill(Worksheet(workbook, sheet, title=title, guard=guard), sheet) for sheet in sheets)
        finally:
            _finish(workbook, folder)
        if sink.error:
            raise sink.error
    return written


def _fill(worksheet: Worksheet, sheet: Sheet) -> int:
    """Write all the rows, and return how many they are."""
    written = 0
    worksheet.write(0, sheet.header)
    for row in sheet.rows:
        written += 1
        worksheet.write(written, row)
    if sheet.total:
        worksheet.write(written + 1, sheet.total, bold=True)
    worksheet.finish(written)
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


@cache
def _load_workbook() -> Any:
    """Load XlsxWriter: 50 ms that only an export to XLSX pays for."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it has no types

    return Workbook


def _load_file_error() -> Any:
    """Return what XlsxWriter makes of every OSError."""
    from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]  # it has no types

    return FileCreateError
