"""`crm service-level …`: how soon which complaints are answered and solved, and who hears when they are not."""

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
    require_changes,
    writing,
)
from crmcli.context import Context
from crmcli.i18n import _, joined
from crmcli.nouns import noun
from crmcli.options import Run, Where, context_of, people, takes, text
from crmcli.queries.reader import get

app = App(
    help=_(
        "How soon complaints are answered and solved, by type, severity and class of customer. "
        "The one that names most counts; where none fits, the settings severity.* do."
    )
)

find_level = find_id("service-level")

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help=_("its number"), show_default=False)]

FIELDS = (
    text("type", "--type", "-t", help=_("only for complaints of this type"), metavar="TYPE"),
    text("severity", "--severity", "-s", help=_("only for this severity"), metavar="SEVERITY"),
    text("class", "--class", "-c", help=_("only for customers of this class"), metavar="CLASS"),
    text("respond", "--respond", help=_("the first answer within, such as 4h or 2 working days"), metavar="PERIOD"),
    text("resolve", "--resolve", help=_("the solution within"), metavar="PERIOD"),
    text("hours", "--hours", help=_("business (hours.* in the settings) or always"), metavar="CLOCK"),
    people("escalate_to", "--escalate-to", help=_("who hears of a breach, in turn"), metavar="PERSON,…"),
)


@app.command(help=_("Add a service level; it counts for what is received from now on."))
@takes(*FIELDS)
def add(ctx: Run, given: dict[str, Any]) -> None:
    """Add a service level and print it."""
    from crmcli.services.service_level import add_level

    context = context_of(ctx)
    with writing(context) as tx:
        row = get(context.reader, "service-level", add_level(tx, given, context.settings, context.now))
    context.output.record(row, noun("service-level"), _said(context, _("Added service-level {id}"), row))


@app.command(help=_("Change service levels; an empty text clears a field."))
@takes(*FIELDS)
def edit(ctx: Run, given: dict[str, Any], levels: Ids = None, where: Where = None) -> None:
    """Change one service level or several and print them."""
    from crmcli.services.service_level import edit_level

    context = context_of(ctx)
    require_changes(given)
    ids = chosen_ids(context, "service-level", find_level, levels, where)
    confirm_many(context, "service-level", _("change {count} service levels?"), ids)
    change_each(
        context,
        "service-level",
        ids,
        lambda tx, id_: edit_level(tx, id_, given, context.settings, context.now),
        lambda row: _said(context, _("Changed service-level {id}"), row),
    )


add_list(app, "service-level")
add_show(app, "service-level", find_level)
add_delete(app, "service-level", find_level, "service_level:delete_level")


def _said(context: Context, message: str, row: Row) -> str:
    """Return what is said of one: `Added service-level 1: high · core — answer within 2h; around the clock`."""
    from crmcli.queries.vocabulary import labels

    words = labels(context.connection)
    named = (("complaint_type", row["type"]), ("severity", row["severity"]), ("class", row["class"]))
    fits = " · ".join(words.get(key) or str(key[1]) for key in named if key[1]) or _("every complaint")
    promised = [
        form.format(period=row[name], people=joined(row[name].split(", ")))
        for name, form in (
            ("respond", _("answer within {period}")),
            ("resolve", _("solve within {period}")),
            ("escalate_to", _("escalates to {people}")),
        )
        if row[name]
    ]
    promised.append(words.get(("hours", row["hours"])) or str(row["hours"]))
    return _("{label}: {value}").format(label=message.format(**row), value=f"{fits} — {_('; ').join(promised)}")
