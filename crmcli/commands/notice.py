"""`crm notice …`: what the customers of a kind are owed to be told, as rules that plan callbacks."""

from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.commands.verbs import add_list, change_each, print_written, require_changes
from crmcli.context import Context
from crmcli.i18n import _, ngettext
from crmcli.nouns import noun
from crmcli.options import Run, context_of, flag, takes, text
from crmcli.queries.reader import get, get_many

app = App(help=_("Notices to customers: what expires, falls due or is due for a visit, as rules that plan callbacks."))

Code = Annotated[str, typer.Argument(metavar="CODE", help=_("its code, or a label"), show_default=False)]

FIELDS = (
    text("en", "--en", help=_("what it is, in English: the callback's purpose")),
    text("zh", "--zh", help=_("the same in Chinese")),
    text("kind", "--kind", help=_("the kind of callback"), metavar="KIND"),
    text("query", "--of", help=_("only the contacts that match; see crm guide queries"), metavar="QUERY"),
    text("field", "--field", help=_("a date of the contact: birthday, or a custom field"), metavar="FIELD"),
    text("before", "--before", help=_("so long before that date"), metavar="PERIOD"),
    text("every", "--every", help=_("or so long after the last contact"), metavar="PERIOD"),
)
CHANGES = (flag("hidden", "--hide/--unhide", help=_("plan no more callbacks")),)


@app.command(help=_("Add a rule: a callback so long before a date, or so long after the last contact."))
@takes(*FIELDS)
def add(
    ctx: Run,
    code: Annotated[str, typer.Argument(metavar="CODE", help=_("a short name for it"), show_default=False)],
    given: dict[str, Any],
) -> None:
    """Add a rule and print it."""
    from crmcli.services.notices import add_notice

    context = context_of(ctx)
    with context.transaction() as tx:
        row = get(context.reader, "notice", add_notice(tx, context.reader, code, given))
    context.output.record(row, noun("notice"), _said(_("Added notice {code}: {en}, {zh}"), row))


@app.command(help=_("Show a rule."))
def show(ctx: Run, code: Code) -> None:
    """Show a rule."""
    from crmcli.queries.vocabulary import labels

    context = context_of(ctx)
    row = get(context.reader, "notice", _found(context, code))
    context.output.card(row, noun("notice"), now=context.now, labels=labels(context.connection))


@app.command(help=_("Change a rule; callbacks that it planned stay, but for those that plan withdraws."))
@takes(*FIELDS, *CHANGES)
def edit(ctx: Run, code: Code, given: dict[str, Any]) -> None:
    """Change a rule and print it."""
    from crmcli.services.notices import edit_notice

    context = context_of(ctx)
    require_changes(given)
    change_each(
        context,
        "notice",
        [_found(context, code)],
        lambda tx, id_: edit_notice(tx, context.reader, id_, given),
        lambda row: _said(_("Changed notice {code}: {en}, {zh}"), row),
    )


@app.command(help=_("Delete a rule; callbacks that it planned stay."))
def delete(ctx: Run, code: Code) -> None:
    """Delete a rule."""
    from crmcli.services.notices import delete_notice

    context = context_of(ctx)
    row = get(context.reader, "notice", _found(context, code))
    with context.transaction() as tx:
        delete_notice(tx, row["id"])
    said = _("Deleted notice {code}; crm undo brings it back")
    context.output.record(row, noun("notice"), said.format(**row))


@app.command(
    help=_(
        "Plan the callbacks that the rules want by next week; none is ever planned twice. What was planned for a date "
        "that is another now, or gone, is withdrawn, if nobody has touched it."
    )
)
def plan(
    ctx: Run,
    codes: Annotated[list[str] | None, typer.Argument(metavar="[CODE]...", show_default=False)] = None,
) -> None:
    """Plan callbacks and print them."""
    from crmcli.services.notices import plan_notices

    context = context_of(ctx)
    only = frozenset(_found(context, code) for code in codes or ())
    withdrawn: list[dict[str, Any]] = []
    with context.transaction() as tx:
        planned = plan_notices(tx, context.reader, context.actor, only, withdrawn=withdrawn)
        rows = get_many(context.reader, "callback", planned)
    for row in withdrawn:
        context.output.note(
            _("Withdrawn, since the date is another now, or gone: {contact}: {purpose} ({id})").format(**row)
        )
    context.output.several = True
    print_written(context, "callback", rows, _planned(context))
    count = ngettext("{count} callback planned", "{count} callbacks planned", len(rows))
    context.output.note(count.format(count=len(rows)) if rows else _("every notice is planned already"))


add_list(app, "notice")


def _planned(context: Context) -> Any:
    from datetime import date

    from crmcli.when.say import say_moment

    def say(row: dict[str, Any]) -> str:
        day = say_moment(date.fromisoformat(row["due_on"]), None, context.now)
        return _("Planned {contact}: {purpose} ({id}) — {day}").format(**{**row, "day": day})

    return say


def _found(context: Context, code: str) -> int:
    from crmcli.services.notices import find_notice

    return find_notice(context.reader, code)


def _said(message: str, row: dict[str, Any]) -> str:
    when = _("every {period}").format(period=row["every"]) if row["every"] else ""
    if row["field"]:
        when = row["field"] + (f", {_('{period} before').format(period=row['before'])}" if row["before"] else "")
    return f"{message.format(**row)} — {when}"
