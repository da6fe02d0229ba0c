"""Columns that align over all sections of one screen, and what gives way when the screen is narrow."""

from collections.abc import Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from crmcli.render.lines import DIM, TITLE, Line, Part, Span, fit_line, line, line_width, wrap

_GAP = 2
"""Cells between two columns."""
_READABLE = 6
"""Cells in which a name can still be read: three Chinese characters, or five letters and `…`."""


class Column(NamedTuple):
    """How one column behaves when the line is too long."""

    shrink: int = 0
    """0: never cut while anything else can give way; of the others those with the highest number are cut first."""
    least: int = 8
    """It is not cut below so many cells: columns are left out before (see `drop`)."""
    drop: int = 0
    """0: never left out; of the others those with the highest number go first."""
    right: bool = False
    """Aligned at its right edge."""


class Section(NamedTuple):
    """A titled block; its rows are cells, as many as there are columns or fewer."""

    title: Part
    rows: Sequence[Sequence[Part]]
    more: str = ""
    """A command for the rest, behind the title, or below it where that leaves no room: one that is cut is no use."""


def layout(sections: Sequence[Section], columns: Sequence[Column], edge: int, indent: int = 2) -> list[Line]:
    """Return titles and rows as lines of at most `edge` cells, the columns aligned over all sections.

    A section without rows is left out; one without a title has its rows alone. Columns are as wide as their widest
    cell. When that is too much, texts are cut (`Column.shrink`), then columns are left out (`Column.drop`).
    """
    tables = [[[line(cell) for cell in row] for row in section.rows] for section in sections]
    natural = [0] * len(columns)
    for row in chain.from_iterable(tables):
        for index, cell in enumerate(row):
            natural[index] = max(natural[index], line_width(cell))
    widths = column_widths(natural, columns, edge - indent)
    lines: list[Line] = []
    for section, rows in zip(sections, tables, strict=True):
        title = line(section.title) if not isinstance(section.title, str) else line(Span(section.title, TITLE))
        if rows and title:
            lines.extend(_titled(title, section.more, edge))
        lines.extend(_join(row, widths, columns, indent) for row in rows)
    return lines


def _titled(title: Line, more: str, edge: int) -> list[Line]:
    """Return the title with the command behind it, or below."""
    whole = line(title, Span(f" · {more}", DIM)) if more else title
    if not more or line_width(whole) <= edge:
        return [fit_line(whole, edge)]
    return [fit_line(title, edge), *wrap(line(Span(f"  {more}", DIM)), edge, indent=4)]


def column_widths(natural: Sequence[int], columns: Sequence[Column], room: int) -> list[int]:
    """Return the cells for each column, 0 for those left out, so that with their gaps they fit into `room` cells.

    Where a wide column finds no room any more, a narrow one that matters less may still.
    """
    least = {
        index: min(cells, columns[index].least) if columns[index].shrink else cells
        for index, cells in enumerate(natural)
        if cells
    }
    kept = {index: cells for index, cells in least.items() if not columns[index].drop}
    for index in sorted(least.keys() - kept.keys(), key=lambda index: columns[index].drop):
        if _taken(kept | {index: least[index]}) <= room:
            kept[index] = least[index]
    widths = {index: natural[index] for index in kept}
    _leave_out(widths, columns, room)
    _shrink(widths, columns, room)
    for cells in (_READABLE, 1):
        _squeeze(widths, columns, room, cells)
    return [widths.get(index, 0) for index in range(len(columns))]


def _taken(widths: dict[int, int]) -> int:
    """Return the cells that columns of these widths take with the gaps between them."""
    return sum(widths.values()) + _GAP * max(0, len(widths) - 1)


def _shrink(widths: dict[int, int], columns: Sequence[Column], room: int) -> None:
    """Cut what is flexible, each no further than its least, those with the highest `shrink` first and in proportion."""
    levels = sorted({columns[index].shrink for index in widths} - {0}, reverse=True)
    for level in levels:
        slack = {
            index: max(0, cells - columns[index].least)
            for index, cells in widths.items()
            if columns[index].shrink == level
        }
        _take(widths, slack, _taken(widths) - room)


def _leave_out(widths: dict[int, int], columns: Sequence[Column], room: int) -> None:
    """On the narrowest of screens, leave out what is cut first until what is cut last can be read."""
    flexible = sorted((index for index in widths if columns[index].shrink), key=lambda index: columns[index].shrink)
    while flexible and columns[flexible[-1]].shrink > columns[flexible[0]].shrink:
        if _taken(widths | {index: min(widths[index], _READABLE) for index in flexible}) <= room:
            return
        del widths[flexible.pop()]


def _squeeze(widths: dict[int, int], columns: Sequence[Column], room: int, least: int) -> None:
    """Cut flexible columns below their own least where nothing else can save the line."""
    slack = {index: max(0, cells - least) for index, cells in widths.items() if columns[index].shrink}
    _take(widths, slack, _taken(widths) - room)


def _take(widths: dict[int, int], slack: dict[int, int], excess: int) -> None:
    """Take `excess` cells, or as many as there are, from the columns in proportion to the slack of each."""
    total = sum(slack.values())
    for index, cells in sorted(slack.items(), key=itemgetter(1)):
        if excess <= 0 or not cells:
            continue
        share = min(cells, -(-excess * cells // total))
        widths[index] -= share
        excess -= share
        total -= cells


def _join(row: Sequence[Line], widths: Sequence[int], columns: Sequence[Column], indent: int) -> Line:
    """Return the cells as one line, each in its width; nothing follows the last one that has text."""
    spans: list[Span] = []
    blank = indent
    for cell, cells, column in zip(row, widths, columns, strict=False):
        if not cells:
            continue
        fitted = fit_line(cell, cells)
        free = cells - line_width(fitted)
        if column.right:
            blank, free = blank + free, 0
        if fitted:
            spans += [Span(" " * blank), *fitted]
            blank = 0
        blank += free + _GAP
    return tuple(spans)
