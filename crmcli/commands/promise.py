"""`crm promise …`: alone it makes a promise, with a verb it is the noun."""

from functools import partial
from typing import Annotated, Any

import typer

from crmcli.cli import App, DefaultGroup
from crmcli.commands.logged import say_promise
from crmcli.commands.verbs import (
    Row,
    add_delete,
    add_list,
    add_show,
    change_each,
    chosen_ids,
    confirm_many,
    find_id,
    past_moment,
    refuse_divided,
    require_changes,
)
from crmcli.completion import complete_record
from crmcli.context import Context
from crmcli.i18n import _
from crmcli.nouns import noun
from crmcli.options import ContactArgument, Run, Where, context_of, number_of, person, takes, text
from crmcli.queries.reader import get
from crmcli.screens.choosing import find_contact

app = App(
    help=_(
        "What was promised to customers, by when, and whether it was kept.\n\n"
        'crm promise CONTACT "…" --by WHEN is short for crm promise add …, which also takes a customer whose name is '
        "one of the verbs."
    ),
    cls=DefaultGroup,
)

find_promise = find_id("promise")

Id = Annotated[str, number_of("promise", _("its number: 3 or p3"))]
Over = Annotated[str, number_of("promise", _("its number: 3 or p3"), query="-status:open")]
Ids = Annotated[list[str] | None, number_of("promise", _("numbers: 3 or p3"), several=True)]
Note = Annotated[str, typer.Argument(metavar="NOTE", help=_("what came of it"), show_default=False)]
At = Annotated[str | None, typer.Option("--at", metavar="WHEN", help=_("when it happened; now by default"))]

FIELDS = (
    text("by", "--by", help=_("by when: a moment, or a day to its end"), metavar="WHEN"),
    text("at", "--at", help=_("when it was promised; now by default"), metavar="WHEN"),
    person("owner", "--owner", help=_("who promised it; you, by default")),
    text("followup", "--followup", help=_("the follow-up in which it was promised"), metavar="ID"),
    text(
        "complaint",
        "--complaint",
        help=_("the complaint that it is about"),
        metavar="ID",
        autocompletion=complete_record("complaint"),
    ),
)


@app.command(help=_("Promise a customer something."))
@takes(*FIELDS)
def add(
    ctx: Run,
    contact: ContactArgument,
    words: Annotated[str, typer.Argument(metavar="TEXT", help=_("what was promised"), show_default=False)],
    given: dict[str, Any],
) -> None:
    """Note a promise and print it."""
    from crmcli.services.promise import add_promise

    context = context_of(ctx)
    values = {**_resolved(context, given), "text": words}
    contact_id = find_contact(context, contact)
    order = context.settings.text("date_order")
    with context.transaction() as tx:
        id_ = add_promise(tx, contact_id, values, now=context.now, order=order, owner=context.actor)
        row = get(context.reader, "promise", id_)
    context.output.record(row, noun("promise"), say_promise(context, row))


@app.command(help=_("Correct promises; what was agreed anew is crm promise renegotiate."))
@takes(text("text", "--text", help=_("what was promised")), *FIELDS)
def edit(ctx: Run, given: dict[str, Any], promises: Ids = None, where: Where = None) -> None:
    """Change one promise or several and print them."""
    from crmcli.services.promise import edit_promise

    context = context_of(ctx)
    require_changes(given)
    values = _resolved(context, given)
    ids = chosen_ids(context, "promise", find_promise, promises, where)
    confirm_many(context, "promise", _("change {count} promises?"), ids)
    order = context.settings.text("date_order")
    message = _("Changed {contact}: {text} (p{id}) — by {when}")
    change_each(
        context,
        "promise",
        ids,
        lambda tx, id_: edit_promise(tx, id_, values, now=context.now, order=order),
        lambda row: say_promise(context, row, message),
    )


@app.command(help=_("It was kept."))
def keep(ctx: Run, promise: Id, note: Note = "", at: At = None) -> None:
    """Say that a promise was kept and print it."""
    _settle(ctx, promise, "kept", note, at)


@app.command("break", help=_("It was broken, and why."))
def break_(
    ctx: Run,
    promise: Id,
    reason: Annotated[str, typer.Argument(metavar="REASON", help=_("why"), show_default=False)],
    at: At = None,
) -> None:
    """Say that a promise was broken and print it."""
    _settle(ctx, promise, "broken", reason, at)


@app.command(help=_("Nobody expects it any more: it counts neither as kept nor as broken."))
def cancel(ctx: Run, promise: Id, note: Note = "", at: At = None) -> None:
    """Cancel a promise and print it."""
    _settle(ctx, promise, "cancelled", note, at)


@app.command(help=_("Agree on another moment: the old promise stays as it was made, and a new one takes its place."))
def renegotiate(
    ctx: Run,
    promise: Id,
    when: Annotated[str, typer.Argument(metavar="WHEN", help=_("by when now"), show_default=False)],
    note: Annotated[str, typer.Argument(metavar="NOTE", help=_("why"), show_default=False)] = "",
) -> None:
    """Renegotiate a promise and print the new one."""
    from crmcli.services.promise import renegotiate_promise

    context = context_of(ctx)
    refuse_divided(context, note, when)
    id_ = find_promise(context, promise)
    order = context.settings.text("date_order")
    with context.transaction() as tx:
        later = renegotiate_promise(tx, id_, when, note, now=context.now, order=order)
        row = get(context.reader, "promise", later)
    message = _("Promised {contact} anew (p{id} in place of p{replaces_id}): {text} — by {when}")
    context.output.record(row, noun("promise"), say_promise(context, row, message))


@app.command(help=_("Open a promise again that was settled by mistake."))
def reopen(ctx: Run, promise: Over) -> None:
    """Open a promise again and print it."""
    from crmcli.services.promise import reopen_promise

    context = context_of(ctx)
    message = _("Opened again {contact}: {text} (p{id}) — by {when}")
    change_each(
        context,
        "promise",
        [find_promise(context, promise)],
        lambda tx, id_: reopen_promise(tx, id_, now=context.now),
        lambda row: say_promise(context, row, message),
    )


add_list(app, "promise")
add_show(app, "promise", find_promise)
add_delete(app, "promise", find_promise, "promise:delete_promise")


def _settle(ctx: typer.Context, reference: str, status: str, note: str, at: str | None) -> None:
    """Settle a promise and print it."""
    from crmcli.services.promise import settle_promise

    context = context_of(ctx)
    refuse_divided(context, note, at)
    change_each(
        context,
        "promise",
        [find_promise(context, reference)],
        partial(settle_promise, status=status, note=note, at=past_moment(context, at), now=context.now),
        lambda row: _settled(context, row),
    )


def _settled(context: Context, row: Row) -> str:
    """Return `Kept: 张三 · 送样品 (p3)`; when that was too late, this too."""
    message = {
        "kept": _("Kept: {contact} · {text} (p{id})")
        if row["fulfilled"]
        else _("Kept late: {contact} · {text} (p{id})"),
        "broken": _("Broken: {contact} · {text} (p{id})"),
        "cancelled": _("Cancelled: {contact} · {text} (p{id})"),
    }
    return say_promise(context, row, message[row["status"]])


def _resolved(context: Context, given: dict[str, Any]) -> dict[str, Any]:
    """Return the options with the follow-up and the complaint found."""
    values = dict(given)
    for name in ("followup", "complaint"):
        reference = values.pop(name)
        if reference is not None:
            values[f"{name}_id"] = find_id(name)(context, reference)
    return values
