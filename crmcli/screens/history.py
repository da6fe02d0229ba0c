"""What was changed, when and by whom: the list of changes, and one contact's, field by field."""

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from crmcli.context import Context
from crmcli.i18n import N_, _
from crmcli.nouns import NOUNS, Field, noun
from crmcli.queries.history import in_journal, list_changes, name_of
from crmcli.queries.vocabulary import labels
from crmcli.render.layout import Column, Section, layout
from crmcli.render.lines import DIM, GOOD, ID, LATE, NAME, Line, Span, line, wrap
from crmcli.render.values import Reader, said, value_line
from crmcli.screens.working import working
from crmcli.store.relations import WITHIN

_ENTITIES = {
    "contact_point": N_("reach"),
    "tag": N_("tag"),
    "complaint_step": N_("step"),
    "complaint_link": N_("link"),
    "survey_answer": N_("survey answer"),
    "vocabulary": N_("word"),
    "supervision_report": N_("report"),
    "service_level": N_("service level"),
    "custom_field": N_("field"),
    "preset": N_("preset"),
    "former_uid": N_("former uid"),
    "distinct_pair": N_("pair of two"),
}
"""What people call the records that are no nouns of the command line."""
_SUMMARY = ("name", "value", "text", "purpose", "note", "reason", "question", "channel", "code")
"""The columns of which the first that is filled tells a record."""
_NOUNS = {"custom_field": "field", "service_level": "service-level"}
"""Tables that are called another way on the command line."""
_TECHNICAL = frozenset({"due_at", "due_by", "snoozed_from", "anchor", "series", "zone"})
"""Columns that are left out for people: others that change with them say the same."""
_POINTERS = {"company_id": ("company", N_("Company")), "referred_by_id": ("contact", N_("Referred by"))}
_STYLES = {"created": GOOD, "deleted": LATE}


def show_changes(context: Context, contact: int | None, limit: int | None) -> None:
    """Print changes, newest first: a page of them on a screen, all of them as data."""
    output = context.output
    if limit is None:
        limit = 0 if output.data else context.settings.number("page")
    with working(context):
        rows = list_changes(context.reader, contact, limit + 1 if limit else 0)
    shown = rows[:limit] if limit else rows
    if output.data:
        output.records(shown, noun("change"), now=context.now)
    elif contact is None:
        output.screen(_table(context, shown))
    else:
        output.screen(_story(context, shown))
    if len(shown) < len(rows):
        output.note(_("the first {count}; --limit 0 shows all").format(count=limit))
    elif not rows and not output.data:
        output.note(_("nothing was changed yet"))


def known_contact(context: Context, text: str) -> int | None:
    """Return the id of a contact that is deleted, but whose number the journal knows."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0  # noqa: PLR2004 - SQLite's largest
    return number if in_journal(context.reader, number) else None


def told(changes: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield what people are told of the details of a change: custom fields one by one, and nothing technical."""
    items = chain.from_iterable(map(_by_custom_field, changes))
    return (item for item in items if item["field"] not in _TECHNICAL)


def by_record(changes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the details without the parts of what came or went whole: with it they are one record."""
    whole = {(item["entity"], item["id"]) for item in changes if item["field"] is None}
    for item in changes:
        image = (item["after"] or item["before"]) if item["field"] is None and item["entity"] in WITHIN else {}
        if not any((column.removesuffix("_id"), value) in whole for column, value in image.items()):
            yield item


def detail_lines(context: Context, items: Iterable[dict[str, Any]], edge: int) -> Iterator[Line]:
    """Yield what was done to each record, indented: created, deleted, or a field's value before and after."""
    reader = Reader(context.now, labels(context.connection))
    for item in items:
        yield from wrap(line("  ", _detail(context, item, reader)), edge, indent=4)


def _by_custom_field(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what was changed of one field; of custom fields, which are kept as one, an item each."""
    if item["field"] != "fields":
        yield item
        return
    before, after = (json.loads(item[when] or "{}") for when in ("before", "after"))
    for name in before | after:
        if before.get(name) != after.get(name):
            yield {**item, "field": name, "before": before.get(name), "after": after.get(name)}


def _table(context: Context, rows: list[dict[str, Any]]) -> list[Line]:
    columns = [
        Column(shrink=2, least=24),
        Column(),
        Column(shrink=1, drop=2),
        Column(drop=1, right=True),
        Column(drop=3),
        Column(right=True),
    ]
    header = [Span(_(label), DIM) for label in ("Command", "When", "Who", "Rows", "", "Id")]
    body = []
    for row in rows:
        over = row["undone_by"] is not None
        style = DIM if over else ""
        when = said(row["at"], context.now)
        cells = [Span(text, style) for text in (row["command"], when, row["actor"], str(row["rows"]))]
        body.append(
            [Span(row["command"], DIM if over else NAME), *cells[1:], Span(_mark(row), DIM), Span(str(row["id"]), ID)]
        )
    return layout([Section("", [header, *body])], columns, context.output.terminal.width, indent=0) if rows else []


def _story(context: Context, rows: list[dict[str, Any]]) -> Iterator[Line]:
    """Yield each change with what it did."""
    edge = context.output.terminal.width
    for row in rows:
        over = row["undone_by"] is not None
        about = f"{said(row['at'], context.now)}  {row['actor']}  "
        yield from wrap(
            line(
                Span(about, DIM),
                Span(row["command"], DIM if over else NAME),
                Span(f"  {_mark(row)}", DIM),
                Span(f"  {row['id']}", ID),
            ),
            edge,
            indent=2,
        )
        yield from detail_lines(context, told(row["changes"]), edge)


def _mark(row: dict[str, Any]) -> str:
    """Return what a change has to do with another one."""
    if row["undone_by"] is not None:
        return _("undone by {id}").format(id=row["undone_by"])
    return _("takes back {id}").format(id=row["undoes"]) if row["undoes"] is not None else ""


def _detail(context: Context, item: dict[str, Any], reader: Reader) -> Line:
    entity = item["entity"]
    name = _(_ENTITIES.get(entity, entity))
    if item["field"] is None:
        what = _("created") if item["what"] == "created" else _("deleted")
        image = item["after"] or item["before"]
        summary = next((str(image[column]) for column in _SUMMARY if image.get(column)), "")
        return line(Span(what, _STYLES[item["what"]]), f" {name} {item['id']}", f"  {summary}" if summary else "")
    label, before, after = _values(context, item, reader)
    nothing: Line = (Span("—", DIM),)
    return line(Span(f"{name} {item['id']}  {label}  ", DIM), before or nothing, Span(" → ", DIM), after or nothing)


def _values(context: Context, item: dict[str, Any], reader: Reader) -> tuple[str, Line, Line]:
    """Return a field's label and its value before and after, as people read them."""
    name = item["field"]
    if name in _POINTERS:
        party, label = _POINTERS[name]
        before, after = (
            line(name_of(context.reader, party, item[when])) if item[when] else () for when in ("before", "after")
        )
        return _(label), before, after
    entity = _NOUNS.get(item["entity"], item["entity"])
    declared = context.reader.noun(entity).field(name) if entity in NOUNS else None
    field = declared or Field(name, "text", name.replace("_", " "))
    before, after = (value_line({name: item[when]}, field, reader) for when in ("before", "after"))
    return _(field.label), before, after
