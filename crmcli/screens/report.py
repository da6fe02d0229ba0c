"""A report on the screen: the figures that matter first, how they went over time, and a table with bars."""

from collections.abc import Iterator, Sequence

from crmcli.context import Context
from crmcli.i18n import _
from crmcli.nouns import Field
from crmcli.queries.reports import REPORTS
from crmcli.queries.reports.asking import BEFORE, Figure, Report, Row, Table
from crmcli.queries.surveys import question_labels
from crmcli.queries.vocabulary import labels
from crmcli.render.chart import bar, sparkline
from crmcli.render.layout import Column, Section, layout
from crmcli.render.lines import BAR, DIM, GOOD, LATE, NAME, SOON, TITLE, Line, Span, line, line_width, wrap
from crmcli.render.values import Labels
from crmcli.when.calendar import say_days

_NONE = "–"
_BANDS = ((70, LATE), (90, SOON))
"""Below which share of a hundred a figure is alarming, and below which it is not good: the bands of surveys, too."""
_BARS = (24, 16, 12, 8)
"""Cells of the longest bar: the most that leaves the table whole; none where even the shortest does not."""
_GAP = 2
"""Cells between two columns."""
_MINUTES_OF_AN_HOUR = 60
_TEN_HOURS = 600


def run(context: Context, name: str, report: Report, where: str) -> int:
    """Print a report."""
    words = words_of(context)
    edge = context.output.terminal.width
    context.output.screen([*_title(name, report, where, edge)])
    if not report.total["count"] and not report.total.get(f"{BEFORE}count"):
        context.output.note(_("nothing to report"))
        return 0
    context.output.screen([*_headline(report, edge), *_trend(report, edge), (), *_main_table(report, words, edge)])
    for part in report.parts.values():
        if any(row["count"] for row in part.rows):
            context.output.screen([(), *_table(part, words, edge)])
    return 0


def words_of(context: Context) -> Labels:
    """Return what the codes of groups are called."""
    return labels(context.connection) | question_labels(context.connection)


def _title(name: str, report: Report, where: str, edge: int) -> list[Line]:
    """Return what is reported, over which days, and what is compared with."""
    parts = [say_days(report.days), *([where] if where else [])]
    if report.before:
        parts.append(_("in brackets {days}").format(days=say_days(report.before)))
    return wrap(line(Span(_(REPORTS[name].title), TITLE), "  ", Span(" · ".join(parts), DIM)), edge)


def _headline(report: Report, edge: int) -> list[Line]:
    """Return the figures that matter most, a line for each kind of them."""
    figures = {figure.name: figure for figure in report.figures}
    lines: list[Line] = []
    width = max(line_width(line(_(said.title) + "  " * bool(said.title))) for said in report.headline)
    for title, said in report.headline:
        measured = [report.total[name] for name, *_messages in said if figures[name].kind != "count"]
        if measured and all(value is None for value in measured):  # nothing but how many there were not
            continue
        head = line(Span(_(title), DIM), " " * (width - line_width(line(_(title)))))
        shown: list[Line] = []
        for name, *messages in said:
            before, _value, after = _(messages[-1 if report.total[name] == 1 else 0]).partition("{}")
            value = _value_of(report.total, figures[name])
            shown.append(line(before, value, after, _compared(report.total, figures[name])))
        between = [part for one in shown for part in (line(Span(" · ", DIM)), one)][1:]
        lines += wrap(line(head, *between), edge, indent=width)
    return lines


def _trend(report: Report, edge: int) -> list[Line]:
    """Return how many there were over time, the latest that the line has room for."""
    shown = report.trend[-max(1, edge - 2 * max(len(name) for name, _count in report.trend) - 4) :]
    if len(shown) < 2:  # noqa: PLR2004 - one point is no line
        return []
    (first, _first), *_between, (last, _last) = shown
    return [line(Span(first, DIM), " ", sparkline([count for _name, count in shown]), " ", Span(last, DIM))]


def _main_table(report: Report, words: Labels, edge: int) -> list[Line]:
    """Return a row for each group, and one of all when there are several."""
    if not report.groups:
        return []
    rows = [*report.rows, *([report.total] if len(report.rows) > 1 else [])]
    return _table(Table(report.groups, report.figures, rows), words, edge)


def _table(table: Table, words: Labels, edge: int) -> list[Line]:
    """Return a row for each group, with a bar.

    Figures that matter least give way to the bars, and on the narrowest of screens all but the first.
    """
    rows = table.rows
    names = [[line(Span(_(field.label), DIM)), *_names(rows, field, words)] for field in table.groups]
    figures = [figure for figure in table.figures if figure.brief and any(row[figure.name] for row in rows)]
    values = {
        figure: [
            line(Span(_(figure.brief), DIM)),
            *(line(_value_of(row, figure), _compared(row, figure)) for row in rows),
        ]
        for figure in figures
    }
    while (room := edge - _width([*names, *values.values()]) - _GAP) < _BARS[-1]:
        least = max(values, key=lambda figure: figure.drop)
        if not least.drop:
            break
        del values[least]
    cells = next((cells for cells in _BARS if cells <= room), 0)
    shares = [row["count"] if table.groups[0].name in row else 0 for row in rows]
    bars = [(), *(line(Span(bar(share, max(shares, default=0), cells), BAR)) for share in shares)]
    shown = zip(*names, bars, *values.values(), strict=True)
    columns = [
        *[Column(shrink=1) for _field in names],
        Column(),
        *[Column(right=True, drop=place) for place in range(len(values))],
    ]
    return layout([Section("", list(shown))], columns, edge, indent=0)


def _width(columns: Sequence[Sequence[Line]]) -> int:
    """Return the cells that the columns take side by side."""
    return sum(max(map(line_width, column)) for column in columns) + _GAP * (len(columns) - 1)


def _names(rows: Sequence[Row], field: Field, words: Labels) -> Iterator[Line]:
    """Yield what each row is about, in the words of the vocabulary."""
    for row in rows:
        yield line(Span(name_of(row, field, words), NAME if row.get(field.name) is not None else DIM))


def name_of(row: Row, field: Field, words: Labels) -> str:
    """Return what a row is about in one of its groups, in the words of the vocabulary."""
    code = row.get(field.name)
    if code is None:
        return _("none") if field.name in row else _("all")
    return words.get((field.vocabulary, code), str(code))


def _value_of(row: Row, figure: Figure) -> Span:
    """Return a figure as people read it."""
    value = row[figure.name]
    if value is None:
        return Span(_NONE, DIM)
    return Span(_said(value, figure.kind), _style(value, figure.kind))


def _compared(row: Row, figure: Figure) -> Span:
    """Return in brackets what the figure is compared with."""
    if BEFORE + figure.name not in row:
        return Span("")
    value = row[BEFORE + figure.name]
    return Span(f" ({_NONE if value is None else _said(value, figure.kind)})", DIM)


def _said(value: float, kind: str) -> str:
    """Return a value with its unit."""
    match kind:
        case "minutes" if value < _MINUTES_OF_AN_HOUR:
            return _("{} min").format(round(value))
        case "minutes":
            hours = value / _MINUTES_OF_AN_HOUR
            return _("{} h").format(f"{hours:.1f}" if value < _TEN_HOURS else round(hours))
        case "percent":  # rounded down: 99.9% is not all
            return f"{int(value)}%"
        case "rating" | "score" | "gap":
            return f"{value:.1f}"
    return f"{value:,}"


def _style(value: float, kind: str) -> str:
    """Return the colour of a share: red below 70, yellow below 90, green from there on."""
    if kind not in ("percent", "score"):
        return ""
    return next((style for least, style in _BANDS if value < least), GOOD)


def list_reports(context: Context) -> int:
    """Print which reports there are."""
    rows: Sequence[Row] = [
        {"name": name, "title": _(entry.title), "summary": _(entry.summary)} for name, entry in REPORTS.items()
    ]
    if context.output.data:
        context.output.records(rows, None, now=context.now)
        return 0
    cells = [[Span(f"crm report {row['name']}", NAME), row["title"], Span(row["summary"], DIM)] for row in rows]
    columns = [Column(), Column(), Column(shrink=1)]
    context.output.screen(layout([Section("", cells)], columns, context.output.terminal.width, indent=0))
    return 0
