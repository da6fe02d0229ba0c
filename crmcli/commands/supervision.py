"""`crm supervision …`, and `crm supervise`: who must report on what, until it is settled."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

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
    require_changes,
)
from crmcli.context import Context
from crmcli.i18n import _
from crmcli.nouns import LETTERS, noun
from crmcli.options import Run, Where, context_of, named, number_of, person, takes, text
from crmcli.queries.reader import get

if TYPE_CHECKING:
    from crmcli.store.transaction import Transaction

app = App(
    help=_("Supervised items: a callback, complaint or promise that somebody must report on until it is settled.")
)

find_supervision = find_id("supervision")

_SUPERVISED = {LETTERS.get(name, ""): name for name in ("complaint", "promise", "callback")}
"""The letter before a number → what it names."""

Id = Annotated[str, number_of("supervision", _("its number: 3 or s3"))]
Ids = Annotated[list[str] | None, number_of("supervision", _("numbers: 3 or s3"), several=True)]

FIELDS = (
    person("by", "--by", help=_("who answers for it and reports"), metavar="PERSON"),
    text("every", "--every", help=_("how often they report: 2d, a week, 每两周"), metavar="PERIOD"),
    text("until", "--until", help=_("by when it is to be settled"), metavar="WHEN"),
)


@app.command(
    help=_("Put something under supervision.\n\nITEM is 12 for a callback, c3 for a complaint, p4 for a promise.")
)
@takes(*FIELDS)
def add(
    ctx: Run,
    item: Annotated[str, typer.Argument(metavar="ITEM", help=_("12, c3 or p4"), show_default=False)],
    given: dict[str, Any],
    reason: Annotated[str, typer.Argument(metavar="REASON", help=_("why"), show_default=False)] = "",
) -> None:
    """Put an item under supervision and print that."""
    from crmcli.services.supervision import Deed, supervise

    context = context_of(ctx)
    supervised = _item(context, item)
    order = context.settings.text("date_order")
    with context.transaction() as tx:
        id_ = supervise(tx, supervised, given, Deed(context.actor, context.now, reason), order=order)
        row = get(context.reader, "supervision", id_)
    message = _("Supervised: {item} of {contact} (s{id}) — {responsible} reports {when}")
    context.output.record(row, noun("supervision"), _said(context, message, row))


@app.command(
    help=_("Change who answers for it, why, how often they report, and by when; an empty text clears a field.")
)
@takes(*FIELDS, text("reason", "--reason", help=_("why it is supervised")))
def edit(ctx: Run, given: dict[str, Any], supervisions: Ids = None, where: Where = None) -> None:
    """Change one supervision or several and print them."""
    from crmcli.services.supervision import Deed, edit_supervision

    context = context_of(ctx)
    require_changes(given)
    ids = chosen_ids(context, "supervision", find_supervision, supervisions, where)
    confirm_many(context, "supervision", _("change {count} supervised items?"), ids)
    order, deed = context.settings.text("date_order"), Deed(context.actor, context.now)
    _change(
        context,
        ids,
        lambda tx, id_: edit_supervision(tx, id_, given, deed, order=order),
        _("Changed s{id}: {item} of {contact} — {responsible} reports {when}"),
    )


@app.command(help=_("Report how far it is; the next report is counted from today."))
def report(
    ctx: Run,
    supervision: Id,
    note: Annotated[str, typer.Argument(metavar="NOTE", help=_("what was done"), show_default=False)] = "",
    percent: Annotated[int | None, typer.Option("--percent", min=0, max=100, help=_("how much of it is done"))] = None,
) -> None:
    """Note a report and print the supervision."""
    from crmcli.services.supervision import Deed
    from crmcli.services.supervision import report as take

    context = context_of(ctx)
    deed = Deed(context.actor, context.now, note)
    message = _("Reported on s{id}: {item} of {contact} — next report {when}")
    _change(context, [find_supervision(context, supervision)], lambda tx, id_: take(tx, id_, deed, percent), message)


@app.command(help=_("Let somebody else answer for it, higher up."))
def escalate(
    ctx: Run,
    supervision: Id,
    reason: Annotated[str, typer.Argument(metavar="REASON", help=_("why"), show_default=False)] = "",
    to: Annotated[str, typer.Option("--to", metavar="PERSON", help=_("who answers for it now"), callback=named)] = "",
) -> None:
    """Escalate a supervision and print it."""
    from crmcli.services.supervision import Deed
    from crmcli.services.supervision import escalate as take

    context = context_of(ctx)
    deed = Deed(context.actor, context.now, reason)
    message = _("Escalated s{id}: {item} of {contact} — {responsible} reports {when}")
    _change(context, [find_supervision(context, supervision)], lambda tx, id_: take(tx, id_, to, deed), message)


@app.command(help=_("End the supervision. It rests by itself when what it supervises is settled."))
def close(
    ctx: Run,
    supervision: Id,
    note: Annotated[str, typer.Argument(metavar="NOTE", help=_("what came of it"), show_default=False)] = "",
) -> None:
    """Close a supervision and print it."""
    from crmcli.services.supervision import Deed, close_supervision

    context = context_of(ctx)
    deed = Deed(context.actor, context.now, note)
    message = _("Closed s{id}: {item} of {contact}")
    _change(
        context, [find_supervision(context, supervision)], lambda tx, id_: close_supervision(tx, id_, deed), message
    )


add_list(app, "supervision")
add_show(app, "supervision", find_supervision)
add_delete(app, "supervision", find_supervision, "supervision:delete_supervision")


def _item(context: Context, text: str) -> tuple[str, int]:
    """Return the noun and the id of what is to be supervised; raises UsageError for what is no number of one."""
    name = _SUPERVISED.get(text.strip()[:1].casefold(), "callback")
    return name, find_id(name)(context, text)


def _change(context: Context, ids: list[int], change: "Callable[[Transaction, int], None]", message: str) -> None:
    change_each(context, "supervision", ids, change, lambda row: _said(context, message, row))


def _said(context: Context, message: str, row: Row) -> str:
    """Return what was done, with when the next report is due, were the item open: `Fri 27 Nov 2026, in 2 days`."""
    from crmcli.when.say import echo
    from crmcli.when.value import When

    when = echo(When(date.fromisoformat(row["report_on"]), None, ""), context.now)
    if row["status"] == "settled":
        when = _("{when}, should {item} be opened again: it is settled").format(when=when, item=row["item"])
    return message.format(**{**row, "when": when})
