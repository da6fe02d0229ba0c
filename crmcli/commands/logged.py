"""What `log`, `done` and `plan` share: the options for what happened and what is next, and how it is confirmed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from crmcli.completion import complete_word
from crmcli.context import Context
from crmcli.errors import UsageError
from crmcli.i18n import _
from crmcli.nouns import noun
from crmcli.options import text

if TYPE_CHECKING:
    from crmcli.store.transaction import Transaction

Row = dict[str, Any]

HAPPENED = (
    text(
        "kind",
        "--kind",
        "-k",
        help=_("call, visit, reception, meeting, email, message, mailing, note"),
        metavar="KIND",
        autocompletion=complete_word("followup_kind"),
    ),
    text("at", "--at", help=_("when it was; now, by default"), metavar="WHEN"),
    text("minutes", "--minutes", "-m", help=_("how long it took: 45, or 1h 30m"), metavar="MINUTES"),
    text(
        "direction",
        "--direction",
        help=_("in or out: who called whom"),
        metavar="in|out",
        autocompletion=complete_word("direction"),
    ),
    text("outcome", "--outcome", help=_("what came of it")),
)
NEXT = (
    text("next", "--next", help=_("plan the next callback, or a repeat"), metavar="WHEN"),
    text("purpose", "--purpose", help=_("what the next callback is for")),
    text("next_kind", "--next-kind", help=_("contact, visit, collection, delivery, other"), metavar="KIND"),
)


PROMISED = (
    text("promise", "--promise", help=_("what was promised to them")),
    text("by", "--by", help=_("by when it was promised"), metavar="WHEN"),
)


def note_promise(context: Context, tx: "Transaction", followup: Row, given: Mapping[str, Any]) -> Row | None:
    """Note what was promised in a follow-up, and return the promise; None when nothing was."""
    if given["promise"] is None:
        if given["by"]:
            raise UsageError(_("--by is the day of a promise"), hint=_("say what was promised with --promise"))
        return None
    from crmcli.queries.reader import get
    from crmcli.services.promise import add_promise

    values = {"text": given["promise"], "by": given["by"], "followup_id": followup["id"]}
    values["complaint_id"] = followup["complaint_id"]
    order, owner = context.settings.text("date_order"), followup["owner"] or context.actor
    id_ = add_promise(tx, followup["contact_id"], values, now=context.now, order=order, owner=owner)
    return get(context.reader, "promise", id_)


def print_logged(
    context: Context, name: str, row: Row, said: str, planned: list[Row], promised: Row | None = None
) -> None:
    """Print what was written: as data the record, what comes of it under `next` and `promise`; else a line each."""
    output = context.output
    row = {**row, "next": planned[0]} if planned else row
    output.record({**row, "promise": promised} if promised else row, noun(name), said)
    if not output.data:
        for callback in planned:
            output.message(say_planned(context, callback))
            note_planned_before(context, callback)
        if promised:
            output.message(say_promise(context, promised))


def note_planned_before(context: Context, callback: Row) -> None:
    """Remark that the very same callback is open already, if it is: perhaps somebody typed it twice."""
    from crmcli.queries.duplicates import planned_before

    before = planned_before(context.reader, callback["id"])
    if before:
        context.output.note(_("the very same is planned already: {id}; crm undo takes this one back").format(id=before))


def say_promise(context: Context, row: Row, message: str = "") -> str:
    """Return `Promised 张三: 送样品 (p3) — by Fri 27 Nov 2026, in 2 days`, or another message with the same names."""
    said = message or _("Promised {contact}: {text} (p{id}) — by {when}")
    return said.format(**{**row, "when": say_due(context, row)})


def say_planned(context: Context, row: Row, done: str = "") -> str:
    """Return `Planned 张三: visit 送样品 (12) — Fri 4 Dec 2026 15:00, in 9 days · every week`.

    `done` is what was done to it, where it was not planned: a message with the same names, and perhaps its owner.
    """
    from crmcli.when.say import say_repeat

    said = (done or _("Planned {contact}: {what} ({id}) — {when}")).format(
        **{**row, "what": what_of(context, row), "when": say_due(context, row)}
    )
    return f"{said} · {say_repeat(row['repeat'])}" if row["repeat"] else said


def say_due(context: Context, row: Row) -> str:
    """Return when a callback or promise is due, as it is understood: `Fri 4 Dec 2026 15:00, in 9 days`."""
    from crmcli.when.say import echo
    from crmcli.when.value import When

    now = context.now.replace(second=0)  # promises are made to the minute: +2h is in 2 h
    if row["due_at"] is None:
        return echo(When(date.fromisoformat(row["due_on"]), None, row["zone"]), now)
    due = datetime.fromisoformat(row["due_at"])
    return echo(When(due.date(), due.timetz(), row["zone"]), now)


def what_of(context: Context, row: Row) -> str:
    """Return the kind and the purpose of a callback."""
    label = say_code(context, "callback_kind", row["kind"])
    return f"{label} {row['purpose']}" if row["purpose"] else label


def say_code(context: Context, set_: str, code: str) -> str:
    """Return the label of a code in the language in use."""
    from crmcli.queries.vocabulary import labels

    return labels(context.connection).get((set_, code), code)
