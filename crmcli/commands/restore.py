"""`crm restore`: put a backup in the database's place; what was there is kept."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import App
from crmcli.context import Context
from crmcli.i18n import _
from crmcli.options import Run, context_of
from crmcli.render.counts import counted

if TYPE_CHECKING:
    from crmcli.store.backup import Contents

app = App()


@app.command(help=_("Put a backup in the database's place; the replaced file is kept beside it."))
def restore(
    ctx: Run,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=_("a backup; crm backup --list shows them"), show_default=False)
    ],
) -> None:
    """Check the backup, ask, and replace the database by it."""
    from crmcli.store.driver import is_encrypted
    from crmcli.store.files import copy_missing, lost
    from crmcli.store.health.attachments import said_lost
    from crmcli.store.restore import prepared, present_contents, put_in_place

    context = context_of(ctx)
    database, file = context.database, file.expanduser()
    place = database.resolve() if database.exists() else database  # a link stays one
    with prepared(file, place) as backup:
        present = present_contents(database)
        opened = present is not None and is_encrypted(place)  # by the key that is set
        if database.exists():
            context.confirm(
                _("replace {database} ({present}) by {file} ({backup})?").format(
                    database=database,
                    present=_told(context, present) if present else _("unreadable"),
                    file=file,
                    backup=_told(context, backup.contents),
                )
            )
        replaced = None if context.options.dry_run else put_in_place(backup.copy, place, context.now)
    if not context.options.dry_run:
        copy_missing(file.with_name(database.name), database)
    row: dict[str, Any] = {"path": str(database), "restored": str(file), "replaced": replaced and str(replaced)}
    row |= {**backup.contents.counts, "schema": backup.contents.schema}
    said = _("Restored {database} from {file}: {contents}").format(
        database=database, file=file, contents=_told(context, backup.contents)
    )
    context.output.record(row, None, said)
    if not context.options.dry_run and (gone := said_lost(lost(place, database))):
        context.output.note(gone)
    if replaced:
        _say_replaced(context, replaced, other_key=is_encrypted(place) and not opened)


def _say_replaced(context: Context, replaced: Path, *, other_key: bool) -> None:
    context.output.note(_("what was there is now {path}").format(path=replaced))
    if other_key:
        context.output.note(_("the key that is set is the key of {path} now").format(path=context.database))


def _told(context: Context, contents: "Contents") -> str:
    """Return how much is in a database, and when it was last changed."""
    from datetime import datetime

    from crmcli.when.say import say_moment

    told = counted(contents.counts, "contacts", "followups")
    if not contents.newest:
        return told
    at = datetime.fromisoformat(contents.newest).astimezone(context.zone)
    return told + _(", last changed {when}").format(when=say_moment(at.date(), at.time(), context.now))
