"""`crm export`."""

from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import App, QueryCommand
from crmcli.commands.verbs import chosen_columns, query_text
from crmcli.context import Context
from crmcli.errors import UsageError
from crmcli.i18n import _, ngettext
from crmcli.nouns import noun
from crmcli.options import Columns, Query, Run, Sort, Where, context_of, flag, takes, text

if TYPE_CHECKING:
    from crmcli.commands.formats import Records

app = App(help=_("Write records to a file."))

_NOUNS = ("contact", "company", "followup", "callback", "complaint")
_VERSIONS = ("4.0", "3.0")


@app.command(
    "export",
    cls=QueryCommand,
    help=_(
        "Write all that matches, every field of it, so that crm import reads it back. CSV unless -o says otherwise: "
        "csv, tsv, json, jsonl, md, xlsx, vcard, ical."
    ),
)
@takes(
    text(
        "to",
        "--to",
        help=_("write a file; its ending says the format. A folder gets a .vcf or .ics for each record"),
        metavar="FILE|FOLDER/",
    ),
    text("vcard", "--vcard", help=_("which version of vCard: 4.0 (default) or 3.0"), metavar="VERSION"),
    flag("todos", "--todos", help=_("to-dos instead of events in a calendar, for todoman and reminders")),
    flag("guard", "--for-spreadsheet", help=_("keep text such as =1+1 from becoming a formula")),
)
def export(
    ctx: Run,
    records: Annotated[
        str,
        typer.Argument(
            metavar="RECORDS", help=_("contacts, companies, followups, callbacks, complaints"), show_default=False
        ),
    ],
    given: dict[str, Any],
    query: Query = None,
    where: Where = None,
    columns: Columns = None,
    sort: Sort = None,
) -> None:
    """Write records to standard output or a file."""
    from crmcli.commands.formats import Records, require_format
    from crmcli.queries.records import page

    context = context_of(ctx)
    declaration = noun(_noun(records))
    to = given["to"]
    format_ = _format(context, declaration.name, to)
    chosen = Records(
        declaration,
        (),
        context.zone,
        chosen_columns(declaration, columns or ""),
        version=_version(given["vcard"]),
        todos=bool(given["todos"]),
        guard=bool(given["guard"]),
    )
    require_format(chosen, format_)
    context.connection.execute("BEGIN")  # what others write meanwhile is not half in the file
    found = page(context.reader, declaration, query_text(query, where), sort or "id")
    chosen = chosen._replace(rows=found.rows)
    if to is None:
        _print(context, chosen, format_)
    else:
        _write(context, chosen, format_, to)


def _print(context: Context, records: "Records", format_: str) -> None:
    """Write the records to standard output; raises UsageError for what a terminal can't show."""
    from shutil import copyfileobj

    from crmcli.commands.formats import FILES, write_records, write_text
    from crmcli.render.text import safe_lines

    terminal = context.output.terminal
    stream = terminal.stream
    if stream is None:
        return
    if format_ not in FILES:
        write_text(stream, records, format_)
        return
    if terminal.interactive and format_ == "xlsx":
        raise UsageError(_("a spreadsheet can't be shown on a terminal"), hint=_("write it to a file: --to FILE.xlsx"))
    with TemporaryFile() as file:
        write_records(file, records, format_)
        file.seek(0)
        if terminal.interactive:  # nothing in a card is for the terminal to obey
            stream.writelines(f"{line}\n" for line in safe_lines(file.read().decode()))
            return
        stream.flush()
        copyfileobj(file, stream.buffer)


def _write(context: Context, records: "Records", format_: str, to: str) -> None:
    """Write the records as a file, whole or not at all, or as a file each in a folder, and say how many they were."""
    import os

    from crmcli.commands.formats import SUFFIXES, write_items, write_records
    from crmcli.exchange.files import whole_file
    from crmcli.exchange.folder import write_folder

    path = Path(to).expanduser()
    if _is_folder(to):
        items = write_items(records, format_)
        count = sum(1 for _item in items) if context.options.dry_run else write_folder(path, SUFFIXES[format_], items)
    else:
        with whole_file(Path(os.devnull) if context.options.dry_run else path) as stream:
            count = write_records(stream, records, format_)
    said = ngettext("{count} record written to {file}", "{count} records written to {file}", count)
    context.output.record({"records": count, "path": to}, None, said.format(count=count, file=to))


def _is_folder(to: str) -> bool:
    return to.endswith("/") or Path(to).expanduser().is_dir()


def _noun(text: str) -> str:
    """Return the noun that is named by its singular or plural; raises UsageError with those that there are."""
    known = {word: name for name in _NOUNS for word in (name, noun(name).plural)}
    if text.casefold() not in known:
        raise UsageError(
            _("“{records}” can't be exported").format(records=text),
            hint=_("one of: {names}").format(names=", ".join(noun(name).plural for name in _NOUNS)),
        )
    return known[text.casefold()]


def _version(text: str | None) -> str:
    if text and text not in _VERSIONS:
        raise UsageError(
            _("{option} can't be {chosen}").format(option="--vcard", chosen=repr(text)),
            hint=_("one of: {names}").format(names=", ".join(_VERSIONS)),
        )
    return text or _VERSIONS[0]


def _format(context: Context, name: str, to: str | None) -> str:
    """Return the format: that of -o, of the file's name or the folder's records, of CRM_OUTPUT, else csv.

    With a file, -o says how it is written and not what is printed besides. Raises UsageError for an unknown format, and
    for a name that says none.
    """
    from crmcli.commands.formats import ENDINGS, FILES, SUFFIXES
    from crmcli.render.output import FORMATS

    chosen = context.options.output
    if chosen and chosen not in (*FORMATS, *FILES):
        raise UsageError(
            _("there is no output format {format}").format(format=chosen),
            hint=_("one of: {names}").format(names=", ".join((*FORMATS, *sorted(FILES)))),
        )
    if to is not None or chosen in FILES:
        context.set_option("output", None)
    format_: str | None
    if to is None:
        format_ = chosen if chosen in FILES else "ids" if context.options.quiet else chosen or context.output.format
    elif _is_folder(to):
        format_ = chosen or ("ical" if name in {"callback", "complaint"} else "vcard")
        if format_ not in SUFFIXES:
            raise UsageError(_("{path} is a folder").format(path=to), hint=_("name a file in it"))
    else:
        format_ = chosen or ENDINGS.get(Path(to).suffix.casefold())
    if format_ is None:
        raise UsageError(
            _("the name {file} does not say the format").format(file=to),
            hint=_("end it with one of {endings}, or say it with -o").format(endings=" ".join(ENDINGS)),
        )
    return "csv" if format_ == "table" else format_
