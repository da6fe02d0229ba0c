"""What `log`, `done` and `plan` share: the options for what happened and what is next, and how it is confirmed."""

from datetime import date, datetime
from typing import Any

from crmcli.context import Context
from crmcli.i18n import _
from crmcli.nouns import noun
from crmcli.options import text

Row = dict[str, Any]

HAPPENED = (
    text(
        "kind", "--kind", "-k", help=_("call, visit, reception, meeting, email, message, mailing, note"), metavar="KIND"
    ),
    text("at", "--at", help=_("when it was; now, by default"), metavar="WHEN"),
    text("minutes", "--minutes", "-m", help=_("how long it took: 45, or 1h 30m"), metavar="MINUTES"),
    text("direction", "--direction", help=_("in or out: who called whom"), metavar="in|out"),
    text("outcome", "--outcome", help=_("what came of it")),
)
NEXT = (
    text("next", "--next", help=_("plan the next callback, or a repeat"), metavar="WHEN"),
    text("purpose", "--purpose", help=_("what the next callback is for")),
    text("next_kind", "--next-kind", help=_("contact, visit, collection, delivery, other"), metavar="KIND"),
)


def print_logged(context: Context, name: str, row: Row, said: str, planned: list[Row]) -> None:
    """Print what was written: as data the record, with what is planned next under `next`; else a line for each."""
    output = context.output
    output.record({**row, "next": planned[0]} if planned else row, noun(name), said)
    if not output.data:
        for callback in planned:
            output.message(say_planned(context, callback))


def say_planned(context: Context, row: Row, done: str = "") -> str:
    """Return `Planned 张三 (12): visit 送样品 — Fri 4 Dec 2026 15:00, in 9 days · every week`.

    `done` is what was done to it, where it was not planned: a message with the same names, and perhaps its owner.
    """
    from crmcli.when.say import say_repeat

    said = (done or _("Planned {contact} ({id}): {what} — {when}")).format(
        **{**row, "what": what_of(context, row), "when": say_due(context, row)}
    )
    return f"{said} · {say_repeat(row['repeat'])}" if row["repeat"] else said


def say_due(context: Context, row: Row) -> str:
    """Return when a callback is due, as it is understood: `Fri 4 Dec 2026 15:00, in 9 days`."""
    from crmcli.when.say import echo
    from crmcli.when.value import When

    now = context.now.replace(second=0)  # promises are made to the minute: +2h is in 2 h
    if row["due_at"] is None:
        return echo(When(date.fromisoformat(row["due_on"]), None, row["zone"]), now)
    due = datetime.fromisoformat(row["due_at"])
    return echo(When(due.date(), due.time(), row["zone"]), now)


def what_of(context: Context, row: Row) -> str:
    """Return the kind and the purpose of a callback."""
    label = say_code(context, "callback_kind", row["kind"])
    return f"{label} {row['purpose']}" if row["purpose"] else label


def say_code(context: Context, set_: str, code: str) -> str:
    """Return the label of a code in the language in use."""
    from crmcli.queries.vocabulary import labels

    return labels(context.connection).get((set_, code), code)
