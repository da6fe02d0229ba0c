"""`crm export`."""

from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli import App, QueryCommand
from crmcli.commands.verbs import chosen_columns, query_text
from crmcli.context import Context
from crmcli.errors import UsageError
from crmcli.i18n import _, ngettext
from crmcli.nouns import noun
from crmcli.options import Columns, Query, Run, Sort, Where, context_of

if TYPE_CHECKING:
    from crmcli.queries.records import Page

app = App(help=_("Write records to a file."))

_NOUNS = ("contact", "company", "followup", "callback", "complaint")
_FORMATS = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".jsonl": "jsonl", ".md": "md"}
"""What a file's name says about its format."""


@app.command(
    "export",
    cls=QueryCommand,
    help=_(
        "Write all that matches, every field of it, so that crm import reads it back. CSV unless -o says otherwise."
    ),
)
def export(
    ctx: Run,
    records: Annotated[
        str,
        typer.Argument(
            metavar="RECORDS", help=_("contacts, companies, followups, callbacks, complaints"), show_default=False
        ),
    ],
    query: Query = None,
    where: Where = None,
    columns: Columns = None,
    sort: Sort = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help=_("write a file; its ending says the format"))
    ] = None,
) -> None:
    """Write records to standard output or a file."""
    from crmcli.queries.records import page

    context = context_of(ctx)
    declaration = noun(_noun(records))
    chosen = chosen_columns(declaration, columns or "")
    format_ = _format(context, to)
    context.connection.execute("BEGIN")  # what others write meanwhile is not half in the file
    found = page(context.reader, declaration, query_text(query, where), sort or "id")
    if to is None:
        from crmcli.render.data import write

        stream = context.output.terminal.stream
        if stream:
            write(found.rows, format_, stream, declaration, chosen)
        return
    if not context.options.dry_run:
        _write_file(to.expanduser(), found, declaration.name, format_, chosen)
    count = len(found.ids)
    said = ngettext("{count} record written to {file}", "{count} records written to {file}", count)
    context.output.message(said.format(count=count, file=to))


def _write_file(path: Path, found: "Page", name: str, format_: str, columns: list[str] | None) -> None:
    """Write the records as a file of their own, whole or not at all."""
    from crmcli.exchange.files import whole_file
    from crmcli.render.data import write

    with whole_file(path) as binary:
        stream = TextIOWrapper(binary, encoding="utf-8", newline="")
        write(found.rows, format_, stream, noun(name), columns)
        stream.flush()
        stream.detach()


def _noun(text: str) -> str:
    """Return the noun that is named by its singular or plural; raises UsageError with those that there are."""
    known = {word: name for name in _NOUNS for word in (name, noun(name).plural)}
    if text.casefold() not in known:
        raise UsageError(
            _("“{records}” can't be exported").format(records=text),
            hint=_("one of: {names}").format(names=", ".join(noun(name).plural for name in _NOUNS)),
        )
    return known[text.casefold()]


def _format(context: Context, to: Path | None) -> str:
    """Return the format: that of -o, of the file's name, of CRM_OUTPUT, else csv; UsageError for a name without one."""
    if to is None or context.options.output or context.options.quiet:
        format_ = context.output.format
        return "csv" if format_ == "table" else format_
    known = _FORMATS.get(to.suffix.casefold())
    if known is None:
        raise UsageError(
            _("the name {file} does not say the format").format(file=to),
            hint=_("end it with one of {endings}, or say it with -o").format(endings=" ".join(_FORMATS)),
        )
    return known
