"""Records as tables and cards: what matters first, ids at the right edge, no boxes."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from crmcli.i18n import _
from crmcli.nouns import Field, Noun
from crmcli.render.fields import Row, all_fields, chosen_fields, is_empty, raised
from crmcli.render.layout import Column, Section, layout
from crmcli.render.lines import DIM, NAME, UNLIMITED, Line, Span, line, styled, wrap
from crmcli.render.text import fit, safe
from crmcli.render.text import width as cells_of
from crmcli.render.values import Labels, Reader, said, value_line

_NAME_CELLS = 24
"""A longer name is cut before another column is left out."""
_PHONE_CELLS = 20
"""A number in its groups and how many more there are: half a number can't be dialled."""
_LEAST = {"text": 10, "list": 12, "json": 10}
"""Cells below which a column of this kind is left out rather than cut; of other kinds a part says nothing."""
_HIDDEN = frozenset(
    {"uid", "contact_uid", "reach", "due_on", "due_at", "all_day", "zone", "anchor", "series", "snoozed_from"}
)
"""Fields that a card leaves out: they are for programs, or another field says the same."""


def list_table(
    rows: Iterable[Row],
    noun: Noun | None,
    columns: Sequence[str] | None = None,
    *,
    width: int,
    now: datetime,
    labels: Labels | None = None,
    title: str = "",
) -> list[Line]:
    """Return the rows as an aligned table of at most `width` cells (20 at least); [] when there are no rows.

    On a narrow terminal texts are cut, then columns are left out from the right, what lies ahead last; the name and the
    id stay. Columns that `columns` did not ask for are left out as well when no row has a value for them.
    """
    rows = [raised(row, noun, columns) for row in rows]
    if not rows:
        return []
    fields = _columns(rows, noun, columns)
    reader = Reader(now, labels or {}, brief=width < UNLIMITED, noun=noun.name if noun else "")
    name = noun.columns[0] if noun else fields[0].name
    body = [[_cell(row, field, reader, name) for field in fields] for row in rows]
    header = [styled(_(field.label), DIM) for field in fields]
    shapes = [_shape(field, index, name) for index, field in enumerate(fields)]
    return layout([Section(title, [header, *body])], shapes, width, indent=0)


def record_card(row: Row, noun: Noun | None, *, width: int, now: datetime, labels: Labels | None = None) -> list[Line]:
    """Return one record as `label  value` lines of at most `width` cells, without empty fields, long texts wrapped."""
    reader = Reader(now, labels or {}, noun=noun.name if noun else "")
    row = raised(row, noun)
    fields = [field for field in all_fields(noun, row) if _on_card(row, field)]
    edge = min(max((cells_of(safe(_(field.label))) for field in fields), default=0) + 2, width // 2)
    lines = []
    for field in fields:
        heading = fit(safe(_(field.label)), edge - 2) + "  "
        for paragraph in _paragraphs(row, field, reader):
            content = (
                [Span(span.text, NAME) for span in paragraph] if noun and field.name == noun.columns[0] else paragraph
            )
            lines += wrap(line(Span(heading, DIM), *content), width, indent=edge)
            heading = " " * edge
    return lines


def _columns(rows: Sequence[Row], noun: Noun | None, columns: Sequence[str] | None) -> list[Field]:
    """Return the fields that are shown as columns."""
    if columns:
        return chosen_fields(noun, columns)
    fields = chosen_fields(noun, noun.columns) if noun else all_fields(None, rows[0])
    shown = [field for field in fields if any(not is_empty(row.get(field.name)) for row in rows)]
    return shown or fields[:1]


def _cell(row: Row, field: Field, reader: Reader, name: str) -> Line:
    """Return the value as one cell, bold when it is the record's name."""
    content = value_line(row, field, reader)
    return tuple(Span(span.text, NAME) for span in content) if field.name == name else content


def _shape(field: Field, index: int, name: str) -> Column:
    """Return how the column gives way: see `list_table`."""
    if field.name == "id":
        return Column(right=True)
    if field.name == name or index == 0:
        return Column(shrink=1, least=_NAME_CELLS)
    if field.match == "phone":
        return Column(shrink=1, least=_PHONE_CELLS, drop=index + 1)
    if field.kind in _LEAST:
        return Column(shrink=2, least=_LEAST[field.kind], drop=index + 1)
    return Column(shrink=1, least=UNLIMITED, drop=1 if field.future else index + 1, right=field.kind == "number")


def _on_card(row: Row, field: Field) -> bool:
    """Return whether a card shows this field of the row."""
    value = row.get(field.name)
    return not is_empty(value) and value is not False and field.name not in _HIDDEN and not field.name.endswith("_id")


def _paragraphs(row: Row, field: Field, reader: Reader) -> list[Line]:
    """Return the value as lines: those of a text, the entries of an object, one a line for a list of objects."""
    value = row[field.name]
    if isinstance(value, str) and field.kind == "text" and not value.isprintable():
        return [line(text) for text in value.splitlines()]
    if isinstance(value, dict):
        return [line(f"{key}: {item}") for key, item in value.items()]
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return [line(" · ".join(_entry(item, field, reader))) for item in value]
    return [value_line(row, field, reader)]


def _entry(entry: Row, field: Field, reader: Reader) -> list[str]:
    """Return the values of one object of a list (a report on what is supervised) as they are said."""

    def told(key: str, value: Any) -> str:
        if key == "at":
            return said(value, reader.now)
        if key == "kind":
            return reader.labels.get((field.vocabulary, value), str(value))
        return f"{value}%" if key == "percent" else str(value)

    return [told(key, value) for key, value in entry.items() if not is_empty(value)]
