"""The vocabulary, set by set: code, labels, other words for it, and a class's rhythm."""

from itertools import groupby
from typing import Any

from crmcli.context import Context
from crmcli.i18n import _, joined
from crmcli.nouns import noun
from crmcli.queries.records import page
from crmcli.queries.vocabulary import fields_of
from crmcli.render.layout import Column, Section, layout
from crmcli.render.lines import DIM, NAME, TITLE, Line, Part, Span, line

_COLUMNS = (Column(), Column(), Column(), Column(), Column(shrink=1, least=8, drop=1))


def run(context: Context, query: str) -> int:
    """Print the words that match the query, grouped by set."""
    rows = list(page(context.reader, noun("vocabulary"), query).rows)
    sections = [
        Section(_title(set_), [_word(row) for row in words])
        for set_, words in groupby(rows, key=lambda row: row["set"])
    ]
    output = context.output
    for section in sections:
        shown = layout([Section("", section.rows)], _COLUMNS, output.terminal.width)
        output.screen([*([()] if section is not sections[0] else []), line(section.title), *shown])
    if not sections:
        output.note(_("nothing matches"))
    return 0


def _title(set_: str) -> Line:
    """Return a set's name and the fields that are chosen from it."""
    where = joined(f"{_(name)} · {_(label)}" for name, _field, label in fields_of(set_))
    return line(Span(set_, TITLE), f"  {where}" if where else "")


def _word(row: dict[str, Any]) -> list[Part]:
    every = _("every {days} days").format(days=row["cadence_days"]) if row["cadence_days"] else ""
    aliases = joined(filter(None, row["aliases"].split("|")))
    return [Span(row["code"], NAME), row["en"], row["zh"], every, Span(aliases, DIM)]
