"""`crm callback …`, and the daily `plan`, `done` and `snooze`."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import App
from crmcli.commands.logged import (
    HAPPENED,
    NEXT,
    PROMISED,
    note_planned_before,
    note_promise,
    print_logged,
    say_planned,
    what_of,
)
from crmcli.commands.verbs import (
    add_delete,
    add_list,
    add_show,
    change_each,
    chosen_ids,
    confirm_many,
    find_id,
    listed,
    print_written,
    refuse_divided,
    require_changes,
)
from crmcli.completion import complete_word
from crmcli.context import Context
from crmcli.i18n import _
from crmcli.options import ContactArgument, Run, Where, context_of, flag, number, number_of, person, takes, text
from crmcli.queries.reader import get, get_many
from crmcli.screens.choosing import find_contact

if TYPE_CHECKING:
    from crmcli.store.transaction import Transaction

app = App(help=_("What is promised: when to call, visit, collect or deliver, once or again and again."))

find_callback = find_id("callback")

FIELDS = (
    text(
        "kind",
        "--kind",
        "-k",
        help=_("contact, visit, collection, delivery, other"),
        metavar="KIND",
        autocompletion=complete_word("callback_kind"),
    ),
    text(
        "every", "--every", help=_("repeat: week, 2 weeks, monday, month on 15, 每周一, or an RRULE"), metavar="REPEAT"
    ),
    text("until", "--until", help=_("the last day of the repeat"), metavar="DATE"),
    number("times", "--times", help=_("how often, this one included"), least=1, most=9999),
    flag("after_done", "--after-done/--after-due", help=_("count a repeat from the day it was done, not due")),
    person("owner", "--owner", help=_("who does it; you, by default")),
)
CHANGES = (
    text("when", "--when", help=_("a new moment or repeat"), metavar="WHEN"),
    text("purpose", "--purpose", help=_("a new purpose")),
)
Id = Annotated[str, number_of("callback")]
Ids = Annotated[list[str] | None, number_of("callback", several=True)]


@app.command(
    help=_(
        "Plan a callback.\n\nWHEN is a moment (fri, tomorrow 3pm, +3d, 下周五下午3点), all day without a time; "
        'or a repeat ("every monday 9:00", 每月15号). With --every beside it, WHEN is the first occurrence.'
    )
)
@takes(*FIELDS)
def add(
    ctx: Run,
    contact: ContactArgument,
    when: Annotated[str, typer.Argument(metavar="WHEN", show_default=False)],
    given: dict[str, Any],
    purpose: Annotated[str, typer.Argument(metavar="PURPOSE", show_default=False)] = "",
) -> None:
    """Plan a callback and print it."""
    from crmcli.services.callback import add_callback

    context = context_of(ctx)
    order = context.settings.text("date_order")
    refuse_divided(context, purpose, when)
    values = {**given, "when": when, "purpose": purpose}
    contact_id = find_contact(context, contact)
    with context.transaction() as tx:
        id_ = add_callback(tx, contact_id, values, now=context.now, order=order, owner=context.actor)
        row = get(context.reader, "callback", id_)
    print_logged(context, "callback", row, say_planned(context, row), [])
    note_planned_before(context, row)


@app.command(
    help=_(
        "A callback is done: log what happened.\n\nNOTE is the text, the purpose without it. A repeat is planned "
        "again, counted from the day that was due, without what was missed meanwhile; --next plans another one."
    )
)
@takes(*HAPPENED, *NEXT, *PROMISED)
def done(
    ctx: Run,
    callback: Id,
    given: dict[str, Any],
    note: Annotated[str, typer.Argument(metavar="NOTE", show_default=False)] = "",
) -> None:
    """Mark a callback as done, log the follow-up, and print the callback."""
    from crmcli.services.followup import complete_callback

    context = context_of(ctx)
    refuse_divided(context, note, given["next"], given["at"], given["by"])
    id_ = find_callback(context, callback)
    with context.transaction() as tx:
        order = context.settings.text("date_order")
        logged = complete_callback(tx, id_, note, given, now=context.now, order=order, owner=context.actor)
        row = get(context.reader, "callback", id_)
        planned = get_many(context.reader, "callback", [id_ for id_ in (logged.planned, logged.repeated) if id_])
        promised = note_promise(context, tx, get(context.reader, "followup", logged.followup), given)
    said = _("Done {contact}: {what} ({id})").format(contact=row["contact"], id=row["id"], what=what_of(context, row))
    print_logged(context, "callback", row, said, planned, promised)


@app.command(
    help=_(
        "Put a callback off.\n\nWHEN counts from now: +2d is the day after tomorrow. One with a time keeps it when "
        "WHEN names a day alone (edit --when changes that); a repeat goes on from the day that was promised."
    )
)
def snooze(ctx: Run, callback: Id, when: Annotated[str, typer.Argument(metavar="WHEN", show_default=False)]) -> None:
    """Put a callback off and print it."""
    from crmcli.services.callback import snooze_callback

    context = context_of(ctx)
    id_ = find_callback(context, callback)
    order = context.settings.text("date_order")
    before = get(context.reader, "callback", id_)["due"]
    later, sooner = (
        _("Put off {contact}: {what} ({id}) — {when}"),
        _("Brought forward {contact}: {what} ({id}) — {when}"),
    )
    change_each(
        context,
        "callback",
        [id_],
        lambda tx, id_: snooze_callback(tx, id_, when, now=context.now, order=order),
        lambda row: say_planned(context, row, sooner if row["due"] < before else later),
    )


@app.command(help=_("Change callbacks.\n\nAn empty text clears a field, an empty --every ends the repeat."))
@takes(*CHANGES, *FIELDS)
def edit(ctx: Run, given: dict[str, Any], ids: Ids = None, where: Where = None) -> None:
    """Change one callback or several and print them."""
    from crmcli.services.callback import edit_callback

    context = context_of(ctx)
    require_changes(given)
    chosen = _chosen(context, ids, where, _("change {count} callbacks?"))
    order = context.settings.text("date_order")
    _change(
        context,
        chosen,
        lambda tx, id_: edit_callback(tx, id_, given, now=context.now, order=order),
        _("Changed {contact}: {what} ({id}) — {when}"),
    )


@app.command("hand-over", help=_("Give callbacks to somebody else."))
@takes(person("to", "--to", help=_("the new owner"), metavar="OWNER"))
def hand_over(ctx: Run, given: dict[str, Any], ids: Ids = None, where: Where = None) -> None:
    """Give one callback or several to another owner and print them."""
    from crmcli.services.callback import hand_over_callback

    context = context_of(ctx)
    owner = given["to"] or ""
    chosen = _chosen(context, ids, where, _("hand over {count} callbacks?"))
    _change(
        context,
        chosen,
        lambda tx, id_: hand_over_callback(tx, id_, owner, now=context.now),
        _("Handed over to {owner}: {contact} · {what} ({id}) — {when}"),
    )


@app.command(help=_("Cancel callbacks.\n\nA repeat goes on with its next occurrence, unless --series ends it."))
@takes(flag("series", "--series", help=_("end the whole repeat")))
def cancel(ctx: Run, given: dict[str, Any], ids: Ids = None, where: Where = None) -> None:
    """Cancel one callback or several and print them."""
    from crmcli.services.callback import cancel_callback
    from crmcli.store.summaries import summarised_once

    context = context_of(ctx)
    chosen = _chosen(context, ids, where, _("cancel {count} callbacks?"))
    with context.transaction() as tx:
        with summarised_once(tx, len(chosen)):
            later = dict(cancel_callback(tx, id_, now=context.now, series=bool(given["series"])) for id_ in chosen)
        rows = get_many(context.reader, "callback", list(later))
        planned = {id_: get(context.reader, "callback", next_) for id_, next_ in later.items() if next_}
    rows = [{**row, "next": planned[row["id"]]} if row["id"] in planned else row for row in rows]
    message = _("Cancelled {contact}: {what} ({id}) — {when}")
    print_written(context, "callback", rows, lambda row: say_planned(context, row, message))
    if not context.output.data:
        for row in planned.values():
            context.output.message(say_planned(context, row))


@app.command(help=_("Open a callback again that was done or cancelled."))
def reopen(ctx: Run, callback: Annotated[str, number_of("callback", query="-status:open")]) -> None:
    """Open a callback again and print it."""
    from crmcli.services.callback import reopen_callback

    context = context_of(ctx)
    id_ = find_callback(context, callback)
    _change(
        context,
        [id_],
        lambda tx, id_: reopen_callback(tx, id_, now=context.now),
        _("Opened again {contact}: {what} ({id}) — {when}"),
    )


add_list(app, "callback")
add_show(app, "callback", find_callback)
add_delete(app, "callback", find_callback, "callback:delete_callback")


def _chosen(context: Context, ids: list[str] | None, where: str | None, question: str) -> list[int]:
    """Return the callbacks that were named, or the open ones that `--where` finds, after asking about several."""
    chosen = chosen_ids(context, "callback", find_callback, ids, where, narrow=partial(listed, "callback"))
    confirm_many(context, "callback", question, chosen)
    return chosen


def _change(context: Context, ids: list[int], change: "Callable[[Transaction, int], None]", message: str) -> None:
    change_each(context, "callback", ids, change, lambda row: say_planned(context, row, message))
