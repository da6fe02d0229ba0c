"""Records as data: json, jsonl, csv, tsv, md, ids, plain.

In csv and tsv a cell keeps everything: line breaks are quoted, items of a list are joined with `; ` (`rules.lists`
says how, and reads it back), objects and lists of objects are JSON, flags `true` and `false`, nothing is an empty cell.
`plain` and `md` are for eyes and for cut, awk and grep: a cell is one harmless line. Rows are written as they come, so
that memory does not grow with them.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple, TextIO

from crmcli.i18n import _
from crmcli.nouns import Field, Noun
from crmcli.render.fields import Row, all_fields, chosen_fields, is_empty, raised
from crmcli.render.text import safe, safe_lines
from crmcli.rules.lists import join

_UNSEEN = r"[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
"""What JSON may hold as it is but a terminal would obey, or UTF-8 can't hold."""


_WHOLE = frozenset({"json", "jsonl"})
"""Formats that can hold objects: a database's own fields stay in theirs."""


class _Job(NamedTuple):
    """What one writer needs."""

    rows: Iterator[Row]
    fields: Sequence[Field]
    selected: bool
    stream: TextIO


def write(
    rows: Iterable[Row] | Row,
    format: str,  # noqa: A002 - the word that users know
    stream: TextIO,
    noun: Noun | None,
    columns: Sequence[str] | None = None,
) -> None:
    """Write the rows (or the one row, a mapping) to the stream, one at a time.

    `columns` selects fields and their order; without it all are written, in the order of their declaration, undeclared
    keys last. `json` writes an array for rows and an object for a row.
    """
    single = isinstance(rows, Mapping)
    incoming = iter((rows,) if isinstance(rows, Mapping) else rows)
    first = list(islice(incoming, 1))
    fields = chosen_fields(noun, columns) if columns else all_fields(noun, first[0] if first else {})
    through: Iterator[Row] = chain(first, incoming)
    if noun and noun.own_fields and (columns or format not in _WHOLE):
        through = (raised(row, noun, columns) for row in through)
    job = _Job(through, fields, bool(columns), stream)
    if single and format == "json":
        stream.write(json_text(_object(job, next(job.rows)), stream, indent=2) + "\n")
    else:
        _WRITERS[format](job)


def value_text(value: Any) -> str:
    """Return a value as the text of one cell; see the top of the file."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return join(value)
    return json.dumps(value, ensure_ascii=False)


def json_text(content: Any, stream: TextIO, indent: int | None = None) -> str:
    """Return JSON that this stream can hold and no terminal obeys: UTF-8 as it is, anything unsafe escaped."""
    ascii_only = (getattr(stream, "encoding", None) or "utf-8").replace("-", "").lower() != "utf8"
    text = json.dumps(content, ensure_ascii=ascii_only, indent=indent)
    return re.sub(_UNSEEN, lambda found: f"\\u{ord(found[0]):04x}", text)


def _write_json(job: _Job) -> None:
    opening = "[\n  "
    for row in job.rows:
        job.stream.write(opening + json_text(_object(job, row), job.stream, indent=2).replace("\n", "\n  "))
        opening = ",\n  "
    job.stream.write("[]\n" if opening[0] == "[" else "\n]\n")


def _write_jsonl(job: _Job) -> None:
    for row in job.rows:
        job.stream.write(json_text(_object(job, row), job.stream) + "\n")


def _object(job: _Job, row: Row) -> dict[str, Any]:
    """Return the row with its keys in order; selected fields are there even when the row has none."""
    ordered = {field.name: row.get(field.name) for field in job.fields if job.selected or field.name in row}
    return ordered if job.selected or len(ordered) == len(row) else {**ordered, **row}


def _write_csv(job: _Job, delimiter: str = ",") -> None:
    names = [field.name for field in job.fields]
    shown = safe if job.stream.isatty() else str  # a file keeps what a terminal would obey
    header = dict(zip(names, names, strict=True))
    for row in chain((header,), job.rows):
        cells = [_quoted(shown(value_text(row.get(name))), delimiter) for name in names]
        job.stream.write((delimiter.join(cells) or '""') + "\n")


def _quoted(text: str, delimiter: str) -> str:
    """Return the text as a cell of RFC 4180; the csv module would leave a lone CR bare, where its reader breaks."""
    if delimiter in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _write_tsv(job: _Job) -> None:
    _write_csv(job, "\t")


def _write_plain(job: _Job) -> None:
    names = [field.name for field in job.fields]
    for row in job.rows:
        job.stream.write("\t".join(safe(value_text(row.get(name)), newline=" ") for name in names) + "\n")


def _write_md(job: _Job) -> None:
    names = [field.name for field in job.fields]
    _write_md_row(job.stream, [_(field.label) for field in job.fields])
    _write_md_row(job.stream, ["---"] * len(names))
    for row in job.rows:
        _write_md_row(job.stream, [_md(value_text(row.get(name))) for name in names])


def _write_md_row(stream: TextIO, cells: Sequence[str]) -> None:
    stream.write(f"| {' | '.join(cells)} |\n")


def _md(text: str) -> str:
    """Return the text as a cell of GitHub's Markdown tables: nothing in it ends the cell or is HTML."""
    escaped = re.sub(r"[\\|<]", lambda found: "&lt;" if found[0] == "<" else "\\" + found[0], text)
    return "<br>".join(safe_lines(escaped))


def _write_ids(job: _Job) -> None:
    for row in job.rows:
        if not is_empty(row.get("id")):
            job.stream.write(f"{safe(str(row['id']))}\n")


_WRITERS: dict[str, Callable[[_Job], None]] = {
    "json": _write_json,
    "jsonl": _write_jsonl,
    "csv": _write_csv,
    "tsv": _write_tsv,
    "md": _write_md,
    "ids": _write_ids,
    "plain": _write_plain,
}
FORMATS = tuple(_WRITERS)
