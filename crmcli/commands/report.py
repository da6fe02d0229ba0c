"""`crm report …`: figures over complaints, promises and follow-ups."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import App
from crmcli.context import Context
from crmcli.errors import NotFoundError, UsageError
from crmcli.i18n import _, ngettext, one_of
from crmcli.options import Run, Where, context_of, many, standard_output, takes, text

if TYPE_CHECKING:
    from crmcli.queries.reports.asking import Asked, Report
    from crmcli.when.calendar import Days

app = App()

OPTIONS = (
    many(
        "by",
        "--by",
        help=_("what to count by: category, person, month, …; several with commas; total"),
        metavar="GROUP",
    ),
    text("within", "--in", help=_("which days: 2026-11, “last month”, Q3 2026, this year, …"), metavar="PERIOD"),
    text("since", "--from", help=_("from which day or period on"), metavar="PERIOD"),
    text("until", "--until", help=_("up to which day or period"), metavar="PERIOD"),
    text(
        "compare",
        "--compare",
        help=_("with the same days a year ago (year), the days before them (previous), or another period"),
        metavar="year|previous|PERIOD",
    ),
    text(
        "to",
        "--to",
        callback=standard_output,
        help=_("write a file; its ending says the format: .xlsx, .csv, .json, .md, …"),
        metavar="FILE",
    ),
)


def _names() -> list[str]:
    from crmcli.queries.reports import REPORTS

    return [*REPORTS]


Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help=_("complaints, satisfaction, promises or followups"),
        show_default=False,
        autocompletion=_names,
    ),
]
_YEAR = frozenset(("year", "yoy", "同比", "去年同期"))
_PREVIOUS = frozenset(("previous", "before", "环比", "上期"))


@app.command(
    "report",
    help=_(
        "Reports on screen, as data or in a file; without a name, which there are. Times are minutes: median and 90th "
        "percentile as MEDIAN and PERCENTILE.INC of spreadsheets; shares are percent.\n\nWith --as-of, cases are as "
        "their steps had left them by then; what was corrected later (an edit, a promise opened again), and who a "
        "customer is, count as they are now."
    ),
)
@takes(*OPTIONS)
def report(
    ctx: Run,
    given: dict[str, Any],
    name: Name = "",
    where: Where = None,
) -> None:
    """Print a report."""
    from crmcli.queries.reports import read_report
    from crmcli.screens.report import list_reports, run

    context = context_of(ctx)
    if not name:
        list_reports(context)
        return
    chosen = _report_named(name)
    asked = _asked(context, given, where or "")
    answer = read_report(chosen, context.reader, asked)
    if given["to"]:
        _write(context, chosen, answer, asked, given["to"])
    elif context.output.data:
        context.output.document(_document(context, chosen, answer, asked), answer.rows, answer.noun)
    else:
        run(context, chosen, answer, asked.where)


def _report_named(text_: str) -> str:
    """Return the report of this name, or of this title in either language; raises NotFoundError."""
    from crmcli.queries.reports import REPORTS

    for name, entry in REPORTS.items():
        if text_.strip().casefold() in (name, name.removesuffix("s"), entry.title.casefold(), _(entry.title)):
            return name
    raise NotFoundError(
        _("there is no report “{name}”").format(name=text_),
        hint=one_of(REPORTS),
    )


def _asked(context: Context, given: dict[str, Any], where: str) -> "Asked":
    """Return what is asked for; raises UsageError for periods that do not go together, WhenError for none."""
    from crmcli.queries.reports.asking import Asked
    from crmcli.rules.service_levels import BUSINESS, desk_calendar
    from crmcli.when.calendar import passed

    by = [word.strip() for words in given["by"] or () for word in words.replace("，", ",").split(",") if word.strip()]
    days = _days(context, given)
    before = _before(context, given["compare"], days)
    if days is not None and before is not None:
        days = passed(
            days, context.now.date()
        )  # as those that it is compared with: the rest is neither kept nor missed
    return Asked(tuple(by), days, before, where, lambda: desk_calendar(BUSINESS, context.settings, context.now))


def _days(context: Context, given: dict[str, Any]) -> "Days | None":
    """Return the days of --in, or of --from and --until."""
    from crmcli.when.calendar import BEGINNING, END, Days

    within, since, until = given["within"], given["since"], given["until"]
    if not (within or since or until):
        return None
    if within and (since or until):
        raise UsageError(
            _("--in says the days already"), hint=_("leave out --in, or --from and --until: one of the two")
        )
    if within:
        return _period(context, within)
    days = Days(_period(context, since).first if since else BEGINNING, _period(context, until).last if until else END)
    if days.first > days.last:
        raise UsageError(_("--until lies before --from"), hint=_("say both in their order"))
    return days


def _before(context: Context, compare: str | None, days: "Days | None") -> "Days | None":
    """Return the days that are compared with."""
    from crmcli.when.calendar import BEGINNING, END, days_before, year_before

    if not compare:
        return None
    if days is None or days.first == BEGINNING:
        raise UsageError(_("compare which days?"), hint=_("say them with --in, or with --from"))
    today = context.now.date()
    days = days._replace(last=today) if days.last == END else days
    if compare.strip().casefold() in _YEAR:
        return year_before(days, today)
    if compare.strip().casefold() in _PREVIOUS:
        return days_before(days, today)
    return _period(context, compare)


def _period(context: Context, said: str) -> "Days":
    from crmcli.when.spans import parse_days

    return parse_days(said, context.now, order=context.settings.text("date_order"))


def _document(context: Context, name: str, report: "Report", asked: "Asked") -> dict[str, Any]:
    """Return the whole answer as JSON has it: what was asked, the rows, all together, and how it went over time."""
    return {
        "report": name,
        "as_of": context.now.isoformat(),
        "from": report.days.first.isoformat(),
        "to": report.days.last.isoformat(),
        "before": {"from": report.before.first.isoformat(), "to": report.before.last.isoformat()}
        if report.before
        else None,
        "where": asked.where,
        "by": [field.name for field in report.groups],
        "rows": report.rows,
        "total": report.total,
        "trend": [{"part": name, "count": count} for name, count in report.trend],
        **{name: table.rows for name, table in report.parts.items()},
    }


def _write(context: Context, name: str, report: "Report", asked: "Asked", to: str) -> None:
    """Write the report as a file: in JSON whole, else its rows."""
    from io import TextIOWrapper

    from crmcli.commands.formats import Records, format_of_file, require_format, write_records
    from crmcli.commands.reportbook import write_book
    from crmcli.exchange.files import whole_file
    from crmcli.render.data import write

    format_ = format_of_file(to, context.options.output, report.noun.name)
    context.set_option("output", None)
    records = Records(report.noun, report.rows, context.zone)
    require_format(records, format_)
    with whole_file(Path(to).expanduser(), dry_run=context.options.dry_run) as stream:
        if format_ == "json":
            text_ = TextIOWrapper(stream, encoding="utf-8", newline="")
            write(_document(context, name, report, asked), format_, text_, None)
            text_.flush()
            text_.detach()
        elif format_ == "xlsx":
            write_book(stream, context, name, report, asked.where)
        else:
            write_records(stream, records, format_)
    said = ngettext("{count} row written to {file}", "{count} rows written to {file}", len(report.rows))
    context.output.record({"rows": len(report.rows), "path": to}, None, said.format(count=len(report.rows), file=to))
