"""`crm backup`: copy the whole database, or list the copies that there are."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import App
from crmcli.context import Context
from crmcli.i18n import _, ngettext
from crmcli.nouns import Field, Noun
from crmcli.options import Run, context_of
from crmcli.render.counts import counted
from crmcli.rules.sizes import readable_size

if TYPE_CHECKING:
    from crmcli.store.backup import Backup

app = App()

BACKUP = Noun(
    name="backup",
    plural="backups",
    view="",
    fields=(
        Field("name", "text", "File"),
        Field("path", "text", "Path"),
        Field("at", "moment", "When"),
        Field("reason", "text", "Before"),
        Field("bytes", "number", "Bytes"),
        Field("size", "text", "Size"),
    ),
    columns=("name", "at", "reason", "size"),
    sort=("at",),
)


@app.command(help=_("Copy the whole database into one checked file; others may go on writing meanwhile."))
def backup(
    ctx: Run,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="DIR", help=_("the folder; backups beside the database when not given")),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option("--keep", metavar="N", min=1, help=_("delete the oldest of your backups there, but for so many")),
    ] = None,
    show: Annotated[bool, typer.Option("--list", help=_("only list the backups that are there"))] = False,
) -> None:
    """Make a backup, or list those of the folder."""
    from crmcli.store.backup import default_folder

    context = context_of(ctx)
    folder = to.expanduser() if to else default_folder(context.database)
    if show:
        _list(context, folder)
    else:
        _make(context, folder, keep)


def _make(context: Context, folder: Path, keep: int | None) -> None:
    from crmcli.store.backup import back_up, prune
    from crmcli.store.files import lost
    from crmcli.store.health.attachments import said_lost

    dry_run = context.options.dry_run
    made, contents = back_up(context.database, folder, context.now, dry_run=dry_run)
    removed = prune(context.database, folder, keep, made.path, zone=context.zone, dry_run=dry_run) if keep else []
    row = {**_row(made), **contents.counts, "removed": [str(path) for path in removed]}
    said = _("Backed up {what} to {path} ({size})").format(
        what=counted(row, "contacts"), path=made.path, size=readable_size(made.size)
    )
    context.output.record(row, BACKUP, said)
    if not dry_run and (gone := said_lost(lost(made.path, folder / context.database.name))):
        context.output.note(gone)
    if removed:
        note = ngettext("deleted {count} older backup", "deleted {count} older backups", len(removed))
        context.output.note(note.format(count=len(removed)))


def _list(context: Context, folder: Path) -> None:
    """List the folder's backups, newest first."""
    from crmcli.store.backup import list_backups

    rows = [_row(found) for found in reversed(list_backups(context.database, folder, context.zone))]
    context.output.records(rows, BACKUP, None if context.output.data else BACKUP.columns, now=context.now)
    said = _("in {folder}") if rows else _("no backup in {folder} yet")
    context.output.note(said.format(folder=folder))


def _row(backup: "Backup") -> dict[str, Any]:
    """Return a backup as a record; what names it is its path."""
    return {
        "id": str(backup.path),
        "name": backup.path.name,
        "path": str(backup.path),
        "at": backup.at,
        "reason": backup.reason,
        "bytes": backup.size,
        "size": readable_size(backup.size),
    }
