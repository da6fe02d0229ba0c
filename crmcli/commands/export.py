"""`crm export`."""

import os
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import App, QueryCommand
from crmcli.commands.verbs import chosen_columns, query_text
from crmcli.config import private_folder
from crmcli.context import Context
from crmcli.errors import UsageError
from crmcli.i18n import _, ngettext, one_of
from crmcli.nouns import noun
from crmcli.options import Columns, Query, Run, Sort, Where, context_of, flag, standard_output, takes, text

if TYPE_CHECKING:
    from crmcli.commands.formats import Records
    from crmcli.nouns import Noun

app = App(help=_("Write records to a file."))

_NOUNS = ("contact", "company", "followup", "callback", "complaint", "promise", "supervision", "answer", "survey")
_VERSIONS = ("4.0", "3.0")
_IN_FOLDERS = {"callback": "ical", "complaint": "ical", "all": "csv"}
"""What a folder has of records, unless -o says otherwise; of others it has vCards."""
_WHOLE = frozenset({"json", "jsonl"})
"""Formats in which everything has the contents of attachments."""
_TABLES = ("csv", "tsv", "xlsx", "json", "jsonl", "md")
"""As what everything can be written to a folder, a file for each noun."""
_STANDARD_OUTPUT = 1
"""Its number as an open file."""


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
        callback=standard_output,
        help=_("write a file; its ending says the format. A folder gets a .vcf or .ics for each record"),
        metavar="FILE|FOLDER/",
    ),
    text("vcard", "--vcard", help=_("which version of vCard: 4.0 (default) or 3.0"), metavar="VERSION"),
    flag("todos", "--todos", help=_("to-dos instead of events in a calendar, for todoman and reminders")),
    flag("without_files", "--without-files", help=_("of all: leave the contents of attachments out")),
    flag("guard", "--for-spreadsheet", help=_("keep text such as =1+1 from becoming a formula")),
)
def export(
    ctx: Run,
    records: Annotated[
        str,
        typer.Argument(
            metavar="RECORDS",
            help=_(
                "contacts, companies, followups, callbacks, complaints, promises, supervisions, answers, surveys, "
                "or all"
            ),
            show_default=False,
        ),
    ],
    given: dict[str, Any],
    query: Query = None,
    where: Where = None,
    columns: Columns = None,
    sort: Sort = None,
) -> None:
    """Write records to standard output or a file."""
    from crmcli.queries.everything import EVERYTHING
    from crmcli.queries.records import page

    context, to = context_of(ctx), given["to"]
    if records.casefold() == EVERYTHING.name:
        if query or where or columns or sort:
            raise UsageError(
                _("all is everything: no query, no --columns and no --sort goes with it"), hint=_one_of_nouns()
            )
        _export_all(context, given, to)
        return
    declaration = context.reader.noun(_noun(records))
    format_ = _format(context, declaration.name, to)
    chosen = _chosen(context, declaration, given, columns or "")
    context.connection.execute("BEGIN")  # what others write meanwhile is not half in the file
    found = page(context.reader, declaration, query_text(query, where), sort or "id")
    _write(context, chosen._replace(rows=found.rows), format_, to)


def _export_all(context: Context, given: dict[str, Any], to: str | None) -> None:
    """Write the records of all nouns."""
    from itertools import chain

    from crmcli.queries.everything import EVERYTHING, read_contents, read_everything

    format_ = _format(context, EVERYTHING.name, to)
    context.connection.execute("BEGIN")
    if to and _is_folder(to):
        _write_tables(context, given, format_, Path(to).expanduser())
    else:
        with_contents = format_ in _WHOLE and not given["without_files"]
        contents = read_contents(context.reader, context.database) if with_contents else ()
        rows = chain(read_everything(context.reader), contents)
        _write(context, _chosen(context, EVERYTHING, given)._replace(rows=rows), format_, to)


def _chosen(context: Context, declaration: "Noun", given: dict[str, Any], columns: str = "") -> "Records":
    """Return how records are to be written, as the options say."""
    from crmcli.commands.formats import Records

    return Records(
        declaration,
        (),
        context.zone,
        chosen_columns(declaration, columns),
        version=_version(given["vcard"]),
        todos=bool(given["todos"]),
        guard=bool(given["guard"]),
    )


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


def _write(context: Context, records: "Records", format_: str, to: str | None) -> None:
    """Write the records as a file, or as a file each in a folder, and say how many they were; without either print."""
    from crmcli.commands.formats import SUFFIXES, require_format, write_items
    from crmcli.exchange.files import open_already
    from crmcli.exchange.folder import write_folder

    require_format(records, format_)
    if to is None or (open_already(Path(to)) == _STANDARD_OUTPUT and not context.options.dry_run):
        _print(context, records, format_)
        return
    path = Path(to).expanduser()
    if _is_folder(to):
        items = write_items(records, format_)
        count = (
            sum(1 for _item in items) if context.options.dry_run else write_folder(path, SUFFIXES[format_], items).items
        )
    else:
        count = _write_file(context, records, format_, path)
    _say(context, count, to)


def _write_tables(context: Context, given: dict[str, Any], format_: str, folder: Path) -> None:
    """Write a file for each noun into the folder, and say how many records they have."""
    from crmcli.commands.formats import ENDINGS, require_format
    from crmcli.exchange.folder import telling_what_is_there
    from crmcli.queries.records import page

    ending = next(ending for ending, known in ENDINGS.items() if known == format_)
    if not context.options.dry_run:
        private_folder(folder)
    count = 0
    with telling_what_is_there() as written:
        for name in _NOUNS:
            declaration = context.reader.noun(name)
            records = _chosen(context, declaration, given)._replace(
                rows=page(context.reader, declaration, "", "id").rows
            )
            require_format(records, format_)
            path = folder / f"{declaration.plural}{ending}" if folder.is_dir() else Path(os.devnull)  # in a dry run
            count += _write_file(context, records, format_, path)
            written.append(path)
    _say(context, count, given["to"])
    context.output.note(_("these are tables to look at; what is imported again whole is: crm export all --to all.json"))


def _write_file(context: Context, records: "Records", format_: str, path: Path) -> int:
    """Write the file, in a dry run to nowhere, and return how many records it has."""
    from crmcli.commands.formats import write_records
    from crmcli.exchange.files import whole_file

    with whole_file(path, dry_run=context.options.dry_run) as stream:
        return write_records(stream, records, format_)


def _say(context: Context, count: int, to: str) -> None:
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
            hint=_one_of_nouns(),
        )
    return known[text.casefold()]


def _one_of_nouns() -> str:
    return one_of([*(noun(name).plural for name in _NOUNS), "all"])


def _version(text: str | None) -> str:
    if text and text not in _VERSIONS:
        raise UsageError(
            _("{option} can't be “{chosen}”").format(option="--vcard", chosen=text),
            hint=one_of(_VERSIONS),
        )
    return text or _VERSIONS[0]


def _format(context: Context, name: str, to: str | None) -> str:
    """Return the format: that of -o, of the file's name or the folder's records, of CRM_OUTPUT, else csv.

    With a file, -o says how it is written and not what is printed besides. Raises UsageError for an unknown format, and
    for a name that says none.
    """
    from crmcli.commands.formats import FILES, SUFFIXES, format_of_file, require_known

    chosen = context.options.output
    require_known(chosen)
    if to is not None or chosen in FILES:
        context.set_option("output", None)
    if to is None:
        format_ = chosen if chosen in FILES else "ids" if context.options.quiet else chosen or context.output.format
    elif _is_folder(to):
        format_ = chosen or _IN_FOLDERS.get(name, "vcard")
        if format_ not in (_TABLES if name == "all" else SUFFIXES):
            raise UsageError(_("{path} is a folder").format(path=to), hint=_("name a file in it"))
    else:
        format_ = format_of_file(to, chosen, name)
    return ("json" if name == "all" else "csv") if format_ == "table" else format_
