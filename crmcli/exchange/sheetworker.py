"""Reads a spreadsheet from standard input and prints its rows as JSON lines: a process of its own, see sheets.py.

First an object: `{"sheet": name, "first": first column, "last": [last row of each column]}`, or
`{"error": why, "sheets": [names]}`. Then `[number, [cells]]` for each row that is not blank, `null`, and where nobody
named a sheet `[name, rows]` for each of the others that show something.
"""

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

_MEMORY = 3 << 30
"""Bytes, where the system can limit them; a sheet of a million rows and twenty columns needs about a third."""
_SECOND = timedelta(seconds=1)


def main() -> None:
    """Print the rows of the sheet that the first argument names (empty: the first that shows something)."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    except PasswordError:
        _print({"error": "protected", "sheets": []})
        return
    sheet = _chosen(workbook, sys.argv[1])
    if sheet is None:
        _print({"error": "sheet" if sys.argv[1] else "empty", "sheets": workbook.sheet_names})
        return
    last = [0] * sheet.width
    for number, cells in _rows(sheet):
        last = [number if cell else before for cell, before in zip(cells, last, strict=True)]
    _print({"sheet": sheet.name, "first": sheet.start[1] if sheet.start else 0, "last": last})
    for row in _rows(sheet):
        _print(row)
    _print(None)
    sys.stdout.flush()  # what is wrong with a sheet that nobody asked for must not cost the rows
    for other in () if sys.argv[1] else _visible(workbook):
        if other.name != sheet.name:
            _print([other.name, other.height])


def _chosen(workbook: CalamineWorkbook, wanted: str) -> CalamineSheet | None:
    """Return the sheet of this name or number (from 1); without either the first that is visible and has cells."""
    names = workbook.sheet_names
    if wanted:
        same = [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
        if same:
            return workbook.get_sheet_by_name(same[0])
        index = int(wanted) - 1 if wanted.isascii() and wanted.isdecimal() else -1
        return workbook.get_sheet_by_name(names[index]) if 0 <= index < len(names) else None
    return next(_visible(workbook), None)


def _visible(workbook: CalamineWorkbook) -> Iterator[CalamineSheet]:
    """Yield the sheets that are visible and have cells."""
    for about in workbook.sheets_metadata:
        if about.typ == SheetTypeEnum.WorkSheet and about.visible == SheetVisibleEnum.Visible:
            sheet = workbook.get_sheet_by_name(about.name)
            if sheet.height:
                yield sheet


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each row that is not blank; a cell that was merged downwards is that of each row."""
    start = sheet.start[1] if sheet.start else 0
    begun: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or []:
        if bottom > top and 0 <= left - start < sheet.width:  # programs merge empty cells beside a table, too
            begun.setdefault(top, []).append((left - start, bottom))
    going: dict[int, tuple[int, str]] = {}
    for row, cells in enumerate(sheet.iter_rows()):
        texts = [_text(cell) for cell in cells]
        if not any(texts):
            continue
        going |= {left: (bottom, texts[left]) for left, bottom in begun.get(row, [])}
        for left, (bottom, text) in going.items():
            texts[left] = texts[left] or text * (row <= bottom)
        yield row + 1, texts


def _text(cell: Any) -> str:
    """Return what a cell means: whole numbers without a point, days and moments as ISO has them, errors as nothing."""
    said = _SAID.get(type(cell))
    return said(cell) if said else ""


def _number(number: float) -> str:
    """Return a number without an exponent: a phone stays the digits that it was typed in."""
    text = repr(number)
    if "n" in text:  # inf, nan
        return ""
    plain = format(Decimal(text), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _rounded(moment: datetime) -> datetime:
    """Return the nearest second: spreadsheets count in fractions of days."""
    return (moment + _SECOND / 2).replace(microsecond=0) if moment.year < date.max.year else moment


def _moment(moment: datetime) -> str:
    moment = _rounded(moment)
    day = moment.date().isoformat()
    return day if moment.time() == time() else f"{day} {_clock(moment.time())}"


def _time(clock: time) -> str:
    return _clock(_rounded(datetime.combine(date.min, clock)).time())


def _duration(span: timedelta) -> str:
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}" + f":{seconds:02}" * bool(seconds)


def _clock(clock: time) -> str:
    return clock.isoformat("seconds" if clock.second else "minutes")


_SAID: dict[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda flag: "true" if flag else "false",
    int: str,
    float: _number,
    datetime: _moment,
    date: date.isoformat,
    time: _time,
    timedelta: _duration,
}


def _print(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")


if __name__ == "__main__":
    main()
