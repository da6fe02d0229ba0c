"""Pairs of records that may be one, and what becomes of each field when they are made one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crmcli.context import Context
from crmcli.i18n import N_, _, joined
from crmcli.nouns import noun
from crmcli.queries.likely import likely_pairs, pair_rows
from crmcli.queries.records import select_ids
from crmcli.queries.vocabulary import labels
from crmcli.render.fields import is_empty, raised
from crmcli.render.layout import Column, Section, layout
from crmcli.render.lines import DIM, GOOD, ID, NAME, Line, Part, Span, line, wrap
from crmcli.render.values import Reader, value_line
from crmcli.rules.likeness import LEAST
from crmcli.rules.merging import JOINED, SINGLE

_WHY = {
    "phone": N_("phone"),
    "email": N_("e-mail"),
    "handle": N_("handle"),
    "name": N_("name"),
    "order": N_("name in another order"),
    "spelling": N_("spelling"),
    "pinyin": N_("pinyin"),
    "sound": N_("sounds the same"),
    "typo": N_("typing error"),
    "part": N_("part of the name"),
    "company": N_("company"),
    "company_missing": N_("one without company"),
    "birthday": N_("birthday"),
    "form": N_("name without legal form"),
    "other_form": N_("name, other legal form"),
    "group": N_("name without “group”"),
}
"""What people call the reasons of `rules.likeness`."""
_MOVED = (
    ("contact", N_("contacts")),
    ("followup", N_("follow-ups")),
    ("callback", N_("callbacks")),
    ("complaint", N_("complaints")),
    ("promise", N_("promises")),
    ("supervision", N_("supervised items")),
    ("survey", N_("surveys")),
    ("contact_point", N_("phones, e-mails and handles")),
    ("tag", N_("tags")),
)


def show_pairs(context: Context, name: str, query: str, least: int | None, limit: int | None) -> None:
    """Print the pairs of contacts or companies (`name`) that may be one, best first: a page of them on a screen."""
    output = context.output
    if limit is None:
        limit = 0 if output.data else context.settings.number("page")
    among = {*select_ids(context.reader, noun(name), query)} if query.strip() else None
    pairs = likely_pairs(context.reader, name, LEAST if least is None else least, among)
    shown = pairs[:limit] if limit else pairs
    if output.format == "ids":
        output.records([{"id": id_} for pair in shown for id_ in (pair.a, pair.b)], None, now=context.now)
    elif output.data:
        output.records(pair_rows(context.reader, name, shown), None, ("score", "why", "a", "b"), now=context.now)
    elif not pairs:
        output.note(_("no two look like one"))
    else:
        output.screen(_pairs_table(context, list(pair_rows(context.reader, name, shown))))
        names = {"noun": name, "a": pairs[0].a, "b": pairs[0].b}
        output.note(_("make one of two: crm {noun} merge {a} {b}").format(**names))
        output.note(_("or say that they are two: crm {noun} distinct {a} {b}").format(**names))
    if len(shown) < len(pairs):
        output.note(_("the first {count}; --limit 0 shows all").format(count=limit))


def merge_lines(
    context: Context, name: str, before: Sequence[Mapping[str, Any]], after: Mapping[str, Any], moved: Mapping[str, int]
) -> Iterator[Line]:
    """Yield each field that any of the records has: what each says, and what the one that stays will say."""
    reader = Reader(context.now, labels(context.connection))
    merged = (JOINED | {*SINGLE[name]}) - {"notes"}
    declared = context.reader.noun(name)
    before, after = [raised(row, declared) for row in before], raised(after, declared)
    fields = [field for field in declared.fields if field.custom or field.name in merged]
    shown = [field for field in fields if any(not is_empty(row[field.name]) for row in (*before, after))]
    header: list[Part] = [Span(_("Field"), DIM), *(Span(_("{name} ({id})").format(**row), DIM) for row in before)]
    rows: list[list[Part]] = [[*header, Span(_("Merged"), DIM)]]
    for field in shown:
        values = [value_line(row, field, reader) for row in (*before, after)]
        style = NAME if after[field.name] == before[0][field.name] else GOOD
        rows.append([_(field.label), *values[:-1], tuple(Span(span.text, style) for span in values[-1])])
    columns = [Column(), *(Column(shrink=1, least=10) for _row in (*before, after))]
    edge = context.output.terminal.width
    yield from layout([Section("", rows)], columns, edge, indent=0)
    for text in (after["notes"] or "").splitlines():
        yield from wrap(line(Span(_("{purpose}: ").format(purpose=_("Notes")), DIM), text), edge, indent=2)
    counts = [f"{_(label)} {moved[entity]}" for entity, label in _MOVED if moved.get(entity)]
    if counts:
        yield line(Span(_("it gets: "), DIM), joined(counts))


def _pairs_table(context: Context, rows: Sequence[dict[str, Any]]) -> list[Line]:
    """Return a table with a pair a line."""
    who = (Column(shrink=1, least=8), Column(shrink=2, least=4, drop=2), Column(right=True))
    columns = [Column(right=True), *who, *who, Column(shrink=2, least=10, drop=1)]
    heads = (N_("Score"), *(N_("Name"), "", N_("Id")) * 2, N_("Why"))
    body: list[list[Part]] = [[Span(_(head) if head else "", DIM) for head in heads]]
    for row in rows:
        cells: list[Part] = [str(row["score"])]
        for party in (row["a"], row["b"]):
            about = party.get("company") or party.get("region") or ""
            cells += [Span(party["name"], NAME), about, Span(str(party["id"]), ID)]
        body.append([*cells, Span(joined(_(_WHY[word]) for word in row["why"]), DIM)])
    return layout([Section("", body)], columns, context.output.terminal.width, indent=0)
