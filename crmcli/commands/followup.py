"""`crm followup …`, and the daily `log`."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import App
from crmcli.commands.logged import HAPPENED, NEXT, PROMISED, note_promise, print_logged, say_code, say_planned
from crmcli.commands.verbs import (
    add_delete,
    add_list,
    add_show,
    change_each,
    chosen_ids,
    confirm_many,
    find_id,
    refuse_divided,
    require_changes,
)
from crmcli.completion import complete_record
from crmcli.context import Context
from crmcli.i18n import _
from crmcli.options import ContactArgument, Run, Where, context_of, person, takes, text
from crmcli.queries.reader import Row, get, get_many
from crmcli.screens.choosing import find_contact

if TYPE_CHECKING:
    from crmcli.store.transaction import Transaction

app = App(help=_("What happened: calls, visits, messages, notes."))

find_followup = find_id("followup")
find_callback = find_id("callback")
find_complaint = find_id("complaint")

FIELDS = (
    *HAPPENED,
    person("owner", "--owner", help=_("who it was; you, by default")),
    text(
        "callback",
        "--callback",
        help=_("the callback that this did"),
        metavar="ID",
        autocompletion=complete_record("callback"),
    ),
    text(
        "complaint",
        "--complaint",
        help=_("the complaint that it was about"),
        metavar="ID",
        autocompletion=complete_record("complaint"),
    ),
)
CHANGES = (text("text", "--text", help=_("a new text")),)


@app.command(
    help=_(
        "Log what happened with a contact: a call just now, unless --kind and --at say otherwise.\n\nTEXT - reads "
        "standard input. --next plans the next callback in the same breath, --promise with --by notes what was "
        "promised; --callback marks the one that this did as done."
    )
)
@takes(*FIELDS, *NEXT, *PROMISED)
def add(
    ctx: Run,
    contact: ContactArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", show_default=False)],
    given: dict[str, Any],
) -> None:
    """Log a follow-up and print it."""
    from crmcli.services.followup import add_followup

    context = context_of(ctx)
    values = {**_resolved(context, given), "text": _standard_input() if text == "-" else text}
    refuse_divided(context, text, given["next"], given["at"], given["by"])
    id_ = find_contact(context, contact)
    with context.transaction() as tx:
        logged = add_followup(
            tx, id_, values, now=context.now, order=context.settings.text("date_order"), owner=context.actor
        )
        row = get(context.reader, "followup", logged.followup)
        planned = get_many(context.reader, "callback", [id_ for id_ in (logged.planned, logged.repeated) if id_])
        promised = note_promise(context, tx, row, given)
    said = _say(context, _("Logged {contact}: {kind} ({id}), {at}"), row)
    print_logged(context, "followup", row, said, planned, promised)


@app.command(help=_("Change follow-ups.\n\nAn empty text clears a field."))
@takes(*CHANGES, *FIELDS)
def edit(
    ctx: Run,
    given: dict[str, Any],
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", show_default=False)] = None,
    where: Where = None,
) -> None:
    """Change one follow-up or several and print them."""
    from crmcli.services.followup import edit_followup

    context = context_of(ctx)
    require_changes(given)
    values = _resolved(context, given)
    chosen = chosen_ids(context, "followup", find_followup, ids, where)
    confirm_many(context, "followup", _("change {count} follow-ups?"), chosen)
    order = context.settings.text("date_order")
    planned: list[Row] = []

    def change(tx: "Transaction", id_: int) -> None:
        repeated = edit_followup(tx, id_, values, now=context.now, order=order)
        planned.extend(get_many(context.reader, "callback", [repeated] if repeated else []))

    said = _("Changed {contact}: {kind} ({id}), {at}")
    change_each(context, "followup", chosen, change, lambda row: _say(context, said, row))
    if not context.output.data:
        for callback in planned:
            context.output.message(say_planned(context, callback))


add_list(app, "followup")
add_show(app, "followup", find_followup)
add_delete(app, "followup", find_followup, "followup:delete_followup")


def _resolved(context: Context, given: dict[str, Any]) -> dict[str, Any]:
    """Return the options with the callback and the complaint found."""
    values = dict(given)
    for name, find in (("callback", find_callback), ("complaint", find_complaint)):
        reference = values.pop(name)
        if reference is not None:
            values[f"{name}_id"] = find(context, reference)
    return values


def _standard_input() -> str:
    """Return what is on standard input; bytes that are not UTF-8 become replacement characters."""
    return sys.stdin.buffer.read().decode("utf-8-sig", "replace") if sys.stdin else ""


def _say(context: Context, message: str, row: Row) -> str:
    from crmcli.render.values import said

    kind = say_code(context, "followup_kind", row["kind"])
    return message.format(contact=row["contact"], id=row["id"], kind=kind, at=said(row["at"], context.now))
