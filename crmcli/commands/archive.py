"""`crm archive`: move what is over and old into a database of its own."""

from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.context import Context
from crmcli.errors import ConflictError, WhenError
from crmcli.i18n import _
from crmcli.nouns import Field, Noun
from crmcli.options import Run, context_of
from crmcli.render.counts import counted

app = App()

ARCHIVE = Noun(
    name="archive",
    plural="archives",
    view="",
    fields=(
        Field("path", "text", "File"),
        Field("before", "moment", "Before"),
        Field("followups", "number", "Follow-ups"),
        Field("callbacks", "number", "Callbacks"),
        Field("complaints", "number", "Complaints"),
        Field("promises", "number", "Promises"),
        Field("change", "number", "Change"),
    ),
    columns=("path", "before", "followups", "callbacks", "complaints", "promises", "change"),
    sort=(),
)
"""What was archived, as data."""


@app.command(
    help=_(
        "Move what is over and old into a database of its own: follow-ups (but for everybody's last), callbacks that "
        "are done or cancelled, closed complaints, settled promises. Read it with --db."
    )
)
def archive(
    ctx: Run,
    before: Annotated[str, typer.Option("--before", metavar="DATE", help=_("what is older"), show_default=False)],
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help=_("the archive; NAME.archive.db beside the database by default")),
    ] = None,
) -> None:
    """Say what would go, ask, copy, compare, and delete; crm undo brings it back."""
    from crmcli.services.archive import archive_before, find_old
    from crmcli.store.copies import archive_path

    context = context_of(ctx)
    limit = _limit(context, before)
    path = to.expanduser() if to else archive_path(context.database)
    if path.resolve() == context.database.resolve():
        raise ConflictError(_("{path} is the database itself").format(path=path), hint=_("name another file with --to"))
    row: dict[str, Any] = {"path": str(path), "before": limit.isoformat(), "change": None}
    row |= _counts(find_old(context.connection, limit))
    nothing = _("nothing that is over is older than {day}").format(day=limit.date())
    if not any(row[name] for name in ("followups", "callbacks", "complaints", "promises")):
        context.output.record(row, ARCHIVE, nothing)
        return
    context.confirm(_("archive {what} to {path}?").format(what=_what(row), path=path))
    if not context.options.dry_run:
        with context.transaction() as tx:
            row |= _counts(archive_before(tx, context.database, path, limit))
        if not tx.kept:  # another run has archived it meanwhile
            context.output.record(row, ARCHIVE, nothing)
            return
        row["change"] = tx.change
    context.output.record(row, ARCHIVE, _("Archived {what} to {path}").format(what=_what(row), path=path))
    if row["change"]:
        context.output.note(
            _("crm undo {change} brings them back; the archive keeps its copy").format(change=row["change"])
        )


def _limit(context: Context, text: str) -> datetime:
    """Return the beginning of the day that is named; raises WhenError for one that is still to come."""
    from crmcli.when.moments import parse_when

    when = parse_when(text, context.now, order=context.settings.text("date_order"), future=False)
    limit = datetime.combine(when.day, when.time or time(), tzinfo=context.now.tzinfo)
    if limit > context.now:
        raise WhenError(_("“{text}” is still to come").format(text=text), hint=_("name a day in the past"))
    return limit


def _counts(found: dict[str, int]) -> dict[str, int]:
    return {f"{table}s": count for table, count in found.items()}


def _what(row: dict[str, Any]) -> str:
    return counted(row, "followups", "callbacks", "complaints", "promises")
