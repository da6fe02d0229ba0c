"""CSV: rows of cells from bytes of any encoding, delimiter and line end, and back."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple


class Row(NamedTuple):
    """One record of the file."""

    number: int
    """As a spreadsheet shows it: blank rows count, the header is usually 1."""
    cells: list[str]
    """As many as the header has; more only when `error` says so."""
    error: str = ""
    """Translated; empty when the row is sound."""


class Rows:
    """The header, and the records on iteration (once)."""

    header: list[str]
    encoding: str
    delimiter: str

    def __iter__(self) -> Iterator[Row]:
        """Yield the records that are not blank."""
        raise NotImplementedError


def read_rows(stream: BinaryIO) -> Rows:
    """Return the rows of a CSV file; UsageError when it is none or has no header."""
    raise NotImplementedError


def write_rows(
    stream: BinaryIO,
    header: Iterable[str],
    rows: Iterable[Iterable[str]],
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
    line_end: str = "\n",
) -> int:
    """Write header and rows, return the number of rows; `utf-8-sig` writes the BOM that Excel wants."""
    raise NotImplementedError
