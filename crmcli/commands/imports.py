"""`crm import`."""

from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.commands.importing import run
from crmcli.i18n import _
from crmcli.options import Run, context_of, many, takes, text

app = App(help=_("Read records from a file."))


@app.command(
    "import",
    help=_("Read a file, - for standard input. Who is there already is updated; crm undo takes it all back."),
)
@takes(
    text(
        "as",
        "--as",
        help=_(
            "what the rows are: contacts (default), companies, followups, callbacks, complaints, promises, surveys, all"
        ),
        metavar="RECORDS",
    ),
    many("map", "--map", help=_("which field a column is; - leaves it out"), metavar="HEADING=FIELD"),
    text("save_map", "--save-map", help=_("keep this mapping under a name"), metavar="NAME"),
    text("use_map", "--use-map", help=_("take a mapping that was kept"), metavar="NAME"),
    text(
        "match",
        "--match",
        help=_("who is there already: same uid,external,email,phone,handle,name+company"),
        metavar="KEYS",
    ),
    text("on_duplicate", "--on-duplicate", help=_("update (default), skip, create or fail"), metavar="ACTION"),
    text("extra", "--extra", help=_("fields: columns that no field has become custom fields"), metavar="fields"),
    text("sheet", "--sheet", help=_("which sheet of a spreadsheet: its name, or its number"), metavar="SHEET"),
    text("rejects", "--rejects", help=_("write what can't be taken to this file, to be corrected"), metavar="FILE"),
)
def import_(
    ctx: Run, file: Annotated[str, typer.Argument(metavar="FILE|-", show_default=False)], given: dict[str, Any]
) -> None:
    """Import a file and print what became of its rows."""
    code = run(context_of(ctx), file, given)
    if code:
        raise typer.Exit(code)
