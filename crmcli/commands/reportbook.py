"""A report as a workbook for people: headings and groups in their words, a last row of all, a sheet for each table."""

from collections.abc import Iterator
from typing import BinaryIO

from crmcli.context import Context
from crmcli.exchange.sheetout import write_workbook
from crmcli.exchange.worksheet import Cell, Sheet
from crmcli.i18n import _
from crmcli.nouns import Field
from crmcli.queries.reports import REPORTS
from crmcli.queries.reports.asking import BEFORE, Report, Row, Table
from crmcli.render.values import Labels
from crmcli.screens.report import name_of, words_of
from crmcli.when.calendar import say_days


def write_book(stream: BinaryIO, context: Context, name: str, report: Report, where: str) -> None:
    """Write the report: its table, how it went over time with a chart, and what else it has to say."""
    title = _(REPORTS[name].title)
    about = " · ".join([f"{title} {say_days(report.days)}", *([where] if where else [])])
    write_workbook(stream, _sheets(title, report, words_of(context)), title=about, zone=context.zone.key)


def _sheets(title: str, report: Report, words: Labels) -> Iterator[Sheet]:
    rows, fields = report.rows if report.groups else [report.total], report.noun.fields
    total = report.total if len(rows) > 1 else None
    yield _sheet(title, Table(report.groups, report.figures, rows), fields, words, total)
    if len(report.trend) > 1 and any(count for _name, count in report.trend):
        yield Sheet(_("Over time"), [_("Period"), _(report.figures[0].label)], report.trend, drawn=True)
    for part in report.parts.values():
        if any(row["count"] for row in part.rows):
            figures = (Field(figure.name, "number", figure.label) for figure in part.figures)
            yield _sheet(_(part.groups[0].label), part, (*part.groups, *figures), words)


def _sheet(name: str, table: Table, fields: tuple[Field, ...], words: Labels, total: Row | None = None) -> Sheet:
    """Return a table; `total` is its last row."""

    def cells(row: Row) -> list[Cell]:
        return [name_of(row, field, words) if field in table.groups else row.get(field.name) for field in fields]

    header = [_heading(field) for field in fields]
    return Sheet(name, header, map(cells, table.rows), cells(total) if total else ())


def _heading(field: Field) -> str:
    label = _(field.label)
    return _("{label}, before").format(label=label) if field.name.startswith(BEFORE) else label
