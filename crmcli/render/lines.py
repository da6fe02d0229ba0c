"""Lines of styled text, and columns that align over all sections of a screen.

A `Line` is a tuple of spans; a cell of a table is a line as well. Everything that comes from the database is made safe here, whoever
built the span. The style names are few on purpose: one colour has one meaning.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from crmcli.render.text import cut, safe, width

LATE = "red"
SOON = "yellow"
GOOD = "green"
DIM = "dim"
NAME = "bold"
TITLE = "bold"
MATCH = "bold underline"
ID = "cyan dim"

UNLIMITED = 1 << 20
"""The width of what is no terminal: nothing is cut in a pipe."""
GAP = 2
"""Cells between two columns."""


class Span(NamedTuple):
    """A piece of text in one style: words such as `bold`, `dim`, `red`, separated by spaces."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


class Column(NamedTuple):
    """How one column behaves when the line is too long."""

    shrink: int = 0
    """0: never cut while anything else can give way; of the others those with the highest number are cut first."""
    least: int = 8
    """It is not cut below so many cells, it goes (see `drop`) before."""
    drop: int = 0
    """0: never left out; of the others the one with the highest number goes first."""
    right: bool = False
    """Aligned at its right edge."""


class Section(NamedTuple):
    """A titled block; its rows are cells, as many as there are columns or fewer."""

    title: str | Line
    rows: Sequence[Sequence[str | Line]]


def line(*parts: str | Span | Line) -> Line:
    """Return one line of the parts, one after the other."""
    raise NotImplementedError


def styled(text: str, style: str) -> Line:
    """Return the text in one style."""
    return (Span(text, style),)


def highlight(text: str, words: Iterable[str], style: str = "") -> Line:
    """Return the text with every occurrence of the words (any case) marked as a match."""
    raise NotImplementedError


def line_width(content: Line) -> int:
    """Return the cells that the line takes."""
    raise NotImplementedError


def fit_line(content: Line, cells: int) -> Line:
    """Return the line, cut with `…` where it is longer than so many cells."""
    raise NotImplementedError


def spread(left: Line, right: Line, edge: int) -> Line:
    """Return one line with `right` ending at cell `edge`; where both don't fit, `left` is cut."""
    raise NotImplementedError


def wrap(content: Line, edge: int, indent: int = 0) -> list[Line]:
    """Return the line broken at spaces (and between CJK characters) into lines of at most `edge` cells, all but the first indented."""
    raise NotImplementedError


def layout(sections: Sequence[Section], columns: Sequence[Column], edge: int, indent: int = 2) -> list[Line]:
    """Return titles and rows as lines of at most `edge` cells, the columns aligned over all sections."""
    raise NotImplementedError


def paint(content: Line, *, colour: bool) -> str:
    """Return the line as a terminal wants it: with colour codes, or plain; without a line break."""
    raise NotImplementedError
