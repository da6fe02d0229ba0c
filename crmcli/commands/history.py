"""`crm history` and `crm undo`."""

from itertools import islice
from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.completion import complete_contact
from crmcli.context import Context
from crmcli.errors import NotFoundError
from crmcli.i18n import _, ngettext
from crmcli.nouns import noun
from crmcli.options import Limit, Run, context_of
from crmcli.screens.choosing import find_contact

app = App(help=_("What was changed, when and by whom, and taking it back."))

_SHOWN = 20
"""How much of a dry run is shown on a terminal."""
_MANY = 100
"""So many records that who took them back by a slip wants to know at once how they come again."""


@app.command(help=_("Show what was changed, newest first; with a contact, what happened to it field by field."))
def show(
    ctx: Run,
    contact: Annotated[
        str | None, typer.Argument(metavar="CONTACT", autocompletion=complete_contact, show_default=False)
    ] = None,
    limit: Limit = None,
) -> None:
    """Show the journal."""
    from crmcli.screens.history import show_changes

    context = context_of(ctx)
    show_changes(context, None if contact is None else _contact(context, contact), limit)


@app.command(
    help=_("Take back the last change, or the one named, whole: an import too. Undoing an undo does the change again.")
)
def undo(
    ctx: Run,
    change: Annotated[
        int | None,
        typer.Argument(
            metavar="CHANGE", min=1, max=2**63 - 1, help=_("its number; see crm history"), show_default=False
        ),
    ] = None,
) -> None:
    """Take back a change and print the change that did so."""
    from crmcli.queries.history import count_records, details
    from crmcli.queries.reader import get
    from crmcli.screens.working import working
    from crmcli.services.undo import undo_change
    from crmcli.store.connection import require_file

    context = context_of(ctx)
    require_file(context.database)  # where nothing is, nothing was changed
    with context.transaction() as tx, working(context):
        undone = undo_change(tx, change)
        row = get(context.reader, "change", tx.change)
        records = count_records(context.reader, tx.change)
        items = list(details(context.reader, tx.change)) if context.options.dry_run else []
    said = _("Did {id} again: {command} ({records})") if undone.again else _("Undid {id}: {command} ({records})")
    count = ngettext("{count} record", "{count} records", records).format(count=records)
    message = said.format(id=undone.change, command=undone.command, records=count)
    if context.options.dry_run:
        row["changes"] = items
    elif records > _MANY and not undone.again:
        message += _("; crm undo {change} does it again").format(change=tx.change)
    context.output.record(row, noun("change"), message)
    if not context.output.data:
        _show_details(context, items)


def _contact(context: Context, text: str) -> int:
    """Return the id of a contact, who may be deleted when named by number."""
    from crmcli.screens.history import known_contact

    try:
        return find_contact(context, text)
    except NotFoundError:
        deleted = known_contact(context, text)
        if deleted is None:
            raise
        return deleted


def _show_details(context: Context, changes: list[dict[str, Any]]) -> None:
    """Show on a terminal what a dry run would take back, or the beginning of it."""
    from crmcli.screens.history import by_record, detail_lines, told

    output = context.output
    items = [*told(by_record(changes))]
    output.screen(detail_lines(context, islice(items, _SHOWN), output.terminal.width))
    if len(items) > _SHOWN:
        output.note(_("and {count} more; -o json shows all").format(count=len(items) - _SHOWN))
