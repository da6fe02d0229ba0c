"""`crm attachment …`, and the daily `attach`: material and proof that belong to a contact."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.commands.verbs import (
    Row,
    add_delete,
    add_list,
    add_show,
    change_each,
    chosen_ids,
    confirm_many,
    find_id,
    print_written,
    require_changes,
)
from crmcli.config import private_folder
from crmcli.context import Context
from crmcli.errors import CrmError
from crmcli.i18n import _, ngettext
from crmcli.nouns import Field, Noun
from crmcli.options import ContactArgument, Run, Where, context_of, flag, takes, text
from crmcli.rules.sizes import readable_size
from crmcli.screens.choosing import find_contact

app = App(help=_("Files that belong to a contact: material that was sent, contracts, proof."))

find_attachment = find_id("attachment")

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", show_default=False)]

VERIFIED = Noun(
    name="verified",
    plural="verified",
    view="",
    fields=(
        Field("id", "number", "Id"),
        Field("name", "text", "File"),
        Field("contact", "text", "Contact"),
        Field("ok", "flag", "OK"),
        Field("problem", "text", "Found"),
    ),
    columns=("name", "contact", "ok", "problem", "id"),
    sort=(),
)
"""One file that was read through."""

_OPENERS = {"darwin": "open", "win32": "explorer"}


@app.command(help=_("Keep files for a contact; what was --sent to them before is said, and kept all the same."))
def add(
    ctx: Run,
    contact: ContactArgument,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", show_default=False)],
    label: Annotated[str | None, typer.Option("--label", "-l", metavar="TEXT", help=_("what it is"))] = None,
    sent: Annotated[bool, typer.Option("--sent", help=_("it was sent to them"))] = False,
    complaint: Annotated[str, typer.Option("--complaint", metavar="ID", help=_("the complaint it belongs to"))] = "",
    followup: Annotated[str, typer.Option("--followup", metavar="ID", help=_("the follow-up it belongs to"))] = "",
) -> None:
    """Copy files into the store beside the database, and print what is known of them."""
    from crmcli.queries.reader import get_many
    from crmcli.services.attachment import attach, earlier
    from crmcli.store.files import staged

    context = context_of(ctx)
    contact_id = find_contact(context, contact)
    given = {
        "label": label,
        "sent": sent or None,
        "complaint_id": find_id("complaint")(context, complaint) if complaint else None,
        "followup_id": find_id("followup")(context, followup) if followup else None,
    }
    with staged(context.database, [file.expanduser() for file in files]) as copies, context.transaction() as tx:
        before = earlier(context.reader, contact_id, [copy.sha256 for copy in copies], sent=sent)
        ids = attach(tx, contact_id, copies, given, now=context.now)
        if not context.options.dry_run:
            for copy in copies:
                copy.keep()
        rows = get_many(context.reader, "attachment", ids)
    print_written(context, "attachment", rows, _attached)
    for row in before:
        _warn(context, row, sent=sent)


@app.command(help=_("Change what an attachment is called, what it is, or whether it was sent."))
@takes(
    text("name", "--name", help=_("a new file name")),
    text("label", "--label", "-l", help=_("what it is")),
    flag("sent", "--sent/--not-sent", help=_("it was sent to them, or was not")),
)
def edit(ctx: Run, given: dict[str, Any], ids: Ids = None, where: Where = None) -> None:
    """Change one attachment or several and print them."""
    from crmcli.services.attachment import edit_attachment

    context = context_of(ctx)
    require_changes(given)
    chosen = chosen_ids(context, "attachment", find_attachment, ids, where)
    confirm_many(context, "attachment", _("change {count} attachments?"), chosen)
    change_each(
        context,
        "attachment",
        chosen,
        lambda tx, id_: edit_attachment(tx, id_, given, now=context.now),
        lambda row: _("Changed {name} ({id})").format(**row),
    )


@app.command("open", help=_("Open it with the program that the system has for such files."))
def open_(ctx: Run, attachment: Annotated[str, typer.Argument(metavar="ID", show_default=False)]) -> None:
    """Open a copy under its own name, since the stored file has none that says what it is."""
    import subprocess
    from tempfile import mkdtemp

    from crmcli.services.attachment import copy_out

    context = context_of(ctx)
    row, content = _content(context, attachment)
    copy = copy_out(content, Path(mkdtemp(prefix="crm-")), row["name"])
    opener = _OPENERS.get(sys.platform, "xdg-open")
    try:
        subprocess.run([opener, copy], check=True, env=dict(context.environ), stdin=subprocess.DEVNULL)  # noqa: S603 - the system's own opener
    except (OSError, subprocess.CalledProcessError) as error:
        raise CrmError(
            _("{program} could not open {name}").format(program=opener, name=row["name"]),
            hint=_("the copy is {path}").format(path=copy),
        ) from error
    context.output.record({**row, "path": str(copy)}, None, _("Opened a copy: {path}").format(path=copy))


@app.command(help=_("Copy attachments into a folder under their own names; none that is there is overwritten."))
def export(
    ctx: Run,
    ids: Ids = None,
    where: Where = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="DIR", help=_("the folder; this one by default"))] = None,
) -> None:
    """Copy files out of the store."""
    from crmcli.services.attachment import copy_out, free_path

    context = context_of(ctx)
    folder = to.expanduser() if to else Path()
    for id_ in chosen_ids(context, "attachment", find_attachment, ids, where):
        row, content = _content(context, str(id_))
        if context.options.dry_run:
            path = free_path(folder, row["name"])
        else:
            private_folder(folder)
            path = copy_out(content, folder, row["name"])
        context.output.record({**row, "path": str(path)}, None, _("Wrote {path}").format(path=path))


@app.command(help=_("Read files through: are they what they were? Exit 1 when one is not."))
def verify(ctx: Run, ids: Ids = None, where: Where = None) -> int:
    """Compare the stored contents with their hashes, all of them when none is named."""
    from crmcli.queries.reader import get_many
    from crmcli.queries.records import select_ids
    from crmcli.store.files import path_of, problem_of

    context = context_of(ctx)
    reader = context.reader
    if ids or where:
        chosen = chosen_ids(context, "attachment", find_attachment, ids, where)
    else:
        chosen = select_ids(reader, reader.noun("attachment"), "")
    rows = []
    for row in get_many(reader, "attachment", chosen):
        problem = problem_of(path_of(context.database, row["sha256"]), row["sha256"])
        rows.append({key: row[key] for key in ("id", "name", "contact")} | {"ok": not problem, "problem": problem})
    wrong = [row for row in rows if not row["ok"]]
    if context.output.data or wrong:
        context.output.records(rows if context.output.data else wrong, VERIFIED, now=context.now)
    else:
        said = ngettext("{count} attachment is what it was", "{count} attachments are what they were", len(rows))
        context.output.message(said.format(count=len(rows)))
    return 1 if wrong else 0


add_list(app, "attachment")
add_show(app, "attachment", find_attachment)
add_delete(app, "attachment", find_attachment, "attachment:delete_attachment")


def _content(context: Context, reference: str) -> tuple[Row, Path]:
    """Return an attachment and where its content is, which is whole."""
    from crmcli.queries.reader import get
    from crmcli.store.files import require_whole

    row = get(context.reader, "attachment", find_attachment(context, reference))
    return row, require_whole(context.database, row["sha256"], row["name"])


def _attached(row: Row) -> str:
    said = _("Attached {name} ({id}) to {contact}, {size}").format(**row, size=readable_size(row["bytes"]))
    return f"{said} · {row['label']}" if row["label"] else said


def _warn(context: Context, row: Row, *, sent: bool) -> None:
    """Say that the contact has this already, and since when."""
    from datetime import datetime

    from crmcli.when.say import say_moment

    at = datetime.fromisoformat(row["sent_at"] if sent else row["created_at"])
    said = (
        _("{contact} was sent this already: {name} ({id}), {when}")
        if sent
        else _("{contact} has this already: {name} ({id}), since {when}")
    )
    context.output.note(said.format(**row, when=say_moment(at.date(), at.time(), context.now)))
