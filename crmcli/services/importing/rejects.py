"""The rows that were turned away: as errors, and in a form that can be corrected and imported again."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crmcli.exchange.csvfile import write_rows
from crmcli.exchange.files import whole_file
from crmcli.exchange.jsonfile import Objects
from crmcli.exchange.source import Source
from crmcli.i18n import _
from crmcli.services.importing.labels import field_label

ROW, ERROR = "_row", "_error"
"""Columns that are added; an import takes no notice of them."""

LISTED = 1000
"""How many errors the summary lists."""


def first_errors(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the first errors as the contract's objects, in the order of the file."""
    rows = connection.execute("SELECT row, field, value, message FROM rejected ORDER BY row LIMIT ?", (LISTED,))
    return [
        {"row": row, "field": field or None, "value": value, "message": message} for row, field, value, message in rows
    ]


def rejected_rows(connection: sqlite3.Connection) -> set[int]:
    """Return the numbers of all rows that were turned away."""
    return {row for (row,) in connection.execute("SELECT row FROM rejected")}


def said_reason(field: str | None, message: str) -> str:
    """Return why a row was turned away, beginning with what its field is called."""
    return _("{label}: {value}").format(label=field_label(field), value=message) if field else message


def _kept(header: list[str]) -> list[int]:
    """Return the columns of the file itself: those that an earlier import of rejected rows added are not."""
    return [index for index, heading in enumerate(header) if heading not in (ROW, ERROR)]


def write_rejects(connection: sqlite3.Connection, rows: Source, path: Path) -> None:
    """Write the rejected rows beside the file's own columns; raises OSError.

    A file that was not plain UTF-8 came from a spreadsheet, which wants the mark that says so.
    """
    header = [*(rows.header[index] for index in _kept(rows.header)), ROW, ERROR]
    encoding = "utf-8" if rows.encoding == "utf-8" else "utf-8-sig"
    with whole_file(path) as stream:
        write_rows(stream, header, _rejected_rows(connection, rows.header), encoding=encoding, delimiter=rows.delimiter)


def write_rejected_objects(connection: sqlite3.Connection, objects: Objects, path: Path) -> None:
    """Write the rejected records of an export of everything as JSONL, each with its number and the reason.

    Raises OSError.
    """
    rows = connection.execute("SELECT row, field, message FROM rejected").fetchall()
    reasons = {row: said_reason(field, message) for row, field, message in rows}
    with whole_file(path) as stream:
        for number, record in objects.chosen(reasons):
            line = json.dumps({**record, ROW: number, ERROR: reasons[number]}, ensure_ascii=False)
            stream.write(f"{line}\n".encode(errors="replace"))


def _rejected_rows(connection: sqlite3.Connection, header: list[str]) -> Iterator[list[str]]:
    """Yield the rejected rows: the file's own columns, row number, reason, then cells that have no heading."""
    kept = _kept(header)
    rows = connection.execute(
        "SELECT r.row, r.field, r.message, c.cells FROM rejected r JOIN incoming_cells c USING (row) ORDER BY r.row"
    )
    for row, field, message, text in rows:
        cells: list[str] = json.loads(text)
        yield [*(cells[index] for index in kept), str(row), said_reason(field, message), *cells[len(header) :]]
