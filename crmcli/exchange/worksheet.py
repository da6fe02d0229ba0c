"""One sheet of a workbook that is being written: its cells, how wide its columns are, its chart, how it prints."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from unicodedata import east_asian_width

from crmcli.errors import CrmError
from crmcli.i18n import _

Cell = str | int | float | date | datetime | None
_MOST_ROWS = 1 << 20
_LONGEST_CELL = (1 << 15) - 1
_LARGEST_NUMBER = 10**15
"""Spreadsheets keep fifteen digits; larger numbers are written as text."""
_MEASURED = 200
"""Rows that say how wide a column is; what follows may be cut on the screen."""
_NARROWEST, _WIDEST = 6, 50
"""Cells of a column."""
_PAGE = 160
"""Cells of a page's width that can still be read."""
_ABOVE = 120
"""Characters above a printed page: a line of it, and half of the 255 that there may be, with each & written twice."""
_LINE = 16
"""Points of a line of headings."""
_BROKEN = 15
"""Cells after which a heading that people read goes on in the next line."""
_BESIDE = 3
"""Cells of the button beside a heading that filters its column."""
FORMULA = tuple("=+-@\t\r")
"""What a spreadsheet takes a text for a formula by."""


class Sheet(NamedTuple):
    """What a sheet of a workbook holds."""

    name: str
    header: Sequence[str]
    rows: Iterable[Iterable[Cell]]
    total: Sequence[Cell] = ()
    """A row of its own below the others, in bold."""
    drawn: bool = False
    """Whether the second column is drawn as a chart over the first."""


class Worksheet:
    """One sheet that is being written."""

    def __init__(self, workbook: Any, sheet: Sheet, *, title: str, guard: bool) -> None:
        self._workbook = workbook
        self._content = sheet
        self._sheet = workbook.add_worksheet(sheet.name[:31] or None)
        self._bold = workbook.add_format({"bold": True})
        self._heading = workbook.add_format({"bold": True, "text_wrap": bool(title), "valign": "top"})
        self._quoted = workbook.add_format({"quote_prefix": True}) if guard else None
        self._day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._fractions = {bold: workbook.add_format({"num_format": "0.0", "bold": bold}) for bold in (False, True)}
        self._widths = [min(_width(heading) + _BESIDE, _BROKEN if title else _WIDEST) for heading in sheet.header]
        self._title = title
        if title:
            lines = max((-(-_width(heading) // (_BROKEN - _BESIDE)) for heading in sheet.header), default=1)
            self._sheet.set_row(0, _LINE * lines)

    def write(self, number: int, cells: Iterable[Cell], *, bold: bool = False) -> None:
        """Write a row; raises CrmError when it does not fit."""
        if number >= _MOST_ROWS:
            raise CrmError(
                _("a spreadsheet has at most {most} rows").format(most=f"{_MOST_ROWS:,}"),
                hint=_("export as CSV, or fewer records with --where"),
            )
        for column, cell in enumerate(cells):
            if number <= _MEASURED and number:
                self._measure(column, cell)
            if isinstance(cell, datetime):
                self._sheet.write_datetime(number, column, cell.replace(tzinfo=None), self._moment)
            elif isinstance(cell, date):
                self._sheet.write_datetime(number, column, cell, self._day)
            elif isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < _LARGEST_NUMBER:
                self._number(number, column, cell, bold=bold)
            elif cell is not None and cell != "":
                self._text(number, column, cell if isinstance(cell, str) else str(cell), bold=bold)

    def _number(self, number: int, column: int, value: float, *, bold: bool) -> None:
        form = self._fractions[bold] if self._title and value != int(value) else None
        self._sheet.write_number(number, column, value, form or (self._bold if bold else None))

    def _text(self, number: int, column: int, text: str, *, bold: bool) -> None:
        if len(text.encode("utf-16-le")) // 2 > _LONGEST_CELL:
            raise CrmError(
                _("row {row}: a cell of a spreadsheet holds at most {most} characters").format(
                    row=number + 1, most=f"{_LONGEST_CELL:,}"
                ),
                hint=_("export as CSV, which holds any text"),
            )
        form = self._heading if not number else self._bold if bold else None
        if form is None and text.startswith(FORMULA):
            form = self._quoted
        self._sheet.write_string(number, column, text, form)

    def _measure(self, column: int, cell: Cell) -> None:
        """Note how wide the column must be to show the cell."""
        if column < len(self._widths) and self._widths[column] < _WIDEST and cell is not None:
            shown = cell.isoformat(timespec="minutes") if isinstance(cell, datetime) else str(cell)
            self._widths[column] = max(self._widths[column], _width(shown))

    def finish(self, rows: int) -> None:
        """Keep the header in view, let its columns be filtered, and make them as wide as what they hold."""
        self._sheet.freeze_panes(1, 0)
        for column, width in enumerate(self._widths):
            self._sheet.set_column(column, column, min(max(width, _NARROWEST), _WIDEST) + 1)
        if self._widths:
            self._sheet.autofilter(0, 0, rows, len(self._widths) - 1)
        if self._content.drawn and rows:
            self._draw(rows)
        if self._title:
            self._prepare_for_print()

    def _prepare_for_print(self) -> None:
        """Print on A4, on one page's width where that can still be read, else the first column on each."""
        self._sheet.set_landscape()
        self._sheet.set_paper(9)
        self._sheet.repeat_rows(0)
        title = self._title if len(self._title) <= _ABOVE else f"{self._title[: _ABOVE - 1]}…"
        self._sheet.set_header("&L" + title.replace("&", "&&"))
        self._sheet.set_footer("&R&P / &N")
        if sum(self._widths) <= _PAGE:
            self._sheet.fit_to_pages(1, 0)
        else:
            self._sheet.repeat_columns(0)

    def _draw(self, rows: int) -> None:
        name, heading = self._sheet.get_name(), self._content.header[1]
        chart = self._workbook.add_chart({"type": "column"})
        places = {"categories": [name, 1, 0, rows, 0], "values": [name, 1, 1, rows, 1]}
        chart.add_series({"name": heading, **places})
        chart.set_legend({"none": True})
        self._sheet.insert_chart(1, len(self._widths) + 1, chart)


def _width(text: str) -> int:
    """Return the cells that a text takes, by its widest line."""
    return max(sum(1 + (east_asian_width(char) in "WF") for char in row) for row in text[: _WIDEST * 4].split("\n"))
