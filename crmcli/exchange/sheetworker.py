"""Reads a spreadsheet from standard input and prints its rows as JSON lines: a process of its own, see sheets.py.

First an object: `{"sheet": name, "first": first column, "last": [last row of each column], "deep": {row: last row}}`
(rows that would be a heading of several), or `{"error": why, "sheets": [names]}`. Then `[number, [cells], is a title]`
for each row that is not blank, `null`, and where nobody named a sheet `[name, rows]` for each of the others that show
something.
"""

import io
import json
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

_MEMORY = 3 << 30
"""Bytes, where the system can limit them; a sheet of a million rows and twenty columns needs about a third."""
_SECOND = timedelta(seconds=1)
_ACROSS = 3
"""Columns over which a title reaches at least, in a table that has more."""
_DEEPEST = 4
"""Rows of a heading."""
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
Merged = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell, each as row and column from 0."""


def main() -> None:
    """Print the rows of the sheet that the first argument names (empty: the first that shows something)."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    file = io.BytesIO(sys.stdin.buffer.read())
    try:
        workbook = CalamineWorkbook.from_filelike(file)
    except PasswordError:
        _print({"error": "protected", "sheets": []})
        return
    sheet = _chosen(workbook, sys.argv[1])
    if sheet is None:
        _print({"error": "sheet" if sys.argv[1] else "empty", "sheets": workbook.sheet_names})
        return
    merged = sheet.merged_cell_ranges or _merged_in_open_document(file, sheet.name)
    last = [0] * sheet.width
    for number, cells, _title in _rows(sheet, merged):
        last = [number if cell else before for cell, before in zip(cells, last, strict=True)]
    first = sheet.start[1] if sheet.start else 0
    _print({"sheet": sheet.name, "first": first, "last": last, "deep": dict(_deep(merged))})
    for row in _rows(sheet, merged):
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


def _rows(sheet: CalamineSheet, merged: Sequence[Merged]) -> Iterator[tuple[int, list[str], bool]]:
    """Yield number and cells of each row that is not blank, and whether it is but a title above those below it.

    A cell that was merged downwards is that of each row; a title is one that was merged across.
    """
    start = sheet.start[1] if sheet.start else 0
    begun: dict[int, list[tuple[int, int]]] = {}
    across: dict[int, int] = {}
    for (top, left), (bottom, right) in merged:
        if bottom > top and 0 <= left - start < sheet.width:  # programs merge empty cells beside a table, too
            begun.setdefault(top, []).append((left - start, bottom))
        elif right - left + 1 >= min(_ACROSS, sheet.width):
            across[top] = left - start
    going: dict[int, tuple[int, str]] = {}
    for row, cells in enumerate(sheet.iter_rows()):
        texts = [_text(cell) for cell in cells]
        if not any(texts):
            continue
        title = row in across and [*map(bool, texts)] == [column == across[row] for column in range(len(texts))]
        going |= {left: (bottom, texts[left]) for left, bottom in begun.get(row, [])}
        for left, (bottom, text) in going.items():
            texts[left] = texts[left] or text * (row <= bottom)
        yield row + 1, texts, title


def _deep(merged: Sequence[Merged]) -> Iterator[tuple[int, int]]:
    """Yield the rows in which some cells were merged across and others downwards, and how far these reach."""
    across = {top for (top, _left), (bottom, _right) in merged if top == bottom}
    for (top, _left), (bottom, _right) in merged:
        if top in across and top < bottom < top + _DEEPEST:
            yield top + 1, bottom + 1


def _merged_in_open_document(file: io.BytesIO, name: str) -> list[Merged]:
    """Return the cells of a sheet that were merged, which calamine does not tell of ODS; none for other files."""
    try:
        with zipfile.ZipFile(file) as archive:
            content = archive.read("content.xml")
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return []
    if b"-spanned" not in content:
        return []
    found: list[Merged] = []
    place = {"inside": 0, "row": 0, "column": 0, "rows": 1}

    def begin(tag: str, attributes: dict[str, str]) -> None:
        said = {key.removeprefix(_TABLE): value for key, value in attributes.items()}
        match tag.removeprefix(_TABLE):
            case "table":
                place.update(inside=said.get("name") == name, row=0)
            case "table-row":
                place.update(column=0, rows=int(said.get("number-rows-repeated", 1)))
            case "table-cell" | "covered-table-cell":
                down, across = (int(said.get(f"number-{way}-spanned", 1)) - 1 for way in ("rows", "columns"))
                row, column = place["row"], place["column"]
                if place["inside"] and (down or across):
                    found.append(((row, column), (row + down, column + across)))
                place["column"] += int(said.get("number-columns-repeated", 1))

    def end(tag: str) -> None:
        if tag == f"{_TABLE}table-row":
            place["row"] += place["rows"]

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    with suppress(expat.ExpatError, ValueError):  # calamine may read what is wrong; what came before it counts
        parser.Parse(content, True)
    return found


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
