"""`crm contact …`, and the daily `add`, `show` and `list`."""

from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.commands.merging import add_distinct, add_dupes, add_merge
from crmcli.commands.party import CHANGES, KEPT, REACH, WHERE, note_undeclared, say_written
from crmcli.commands.privacy import add_privacy
from crmcli.commands.verbs import (
    add_delete,
    add_list,
    change_each,
    chosen_ids,
    confirm_many,
    require_changes,
    writing,
)
from crmcli.completion import complete_word
from crmcli.context import Context
from crmcli.i18n import _
from crmcli.options import ContactArgument, Force, Run, Where, context_of, takes, text
from crmcli.queries.reader import get
from crmcli.screens.choosing import find_contact

app = App(help=_("People: who they are, how to reach them, and what class of customer they are."))

FIELDS = (
    text("company", "--company", "-c", help=_("where they work; added when it is new")),
    text("title", "--title", "-t", help=_("their position")),
    *REACH,
    text(
        "class",
        "--class",
        help=_("core, potential, interested, not-interested, customer, collection"),
        metavar="CLASS",
        autocompletion=complete_word("class"),
    ),
    text(
        "source",
        "--source",
        help=_("where they came from: expo, referral, web, …"),
        metavar="SOURCE",
        autocompletion=complete_word("source"),
    ),
    *WHERE,
    text("birthday", "--birthday", help=_("1988-05-12, or 05-12 without the year"), metavar="DATE"),
    text("referred_by", "--referred-by", help=_("the contact who sent them"), metavar="CONTACT"),
    *KEPT,
)


@app.command(
    help=_("Add a contact. Somebody who is there already (same phone, e-mail, or name and company) is not added twice.")
)
@takes(*FIELDS)
def add(
    ctx: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    given: dict[str, Any],
    force: Force = False,
) -> None:
    """Add a contact and print it."""
    from crmcli.services.contact import add_contact

    context = context_of(ctx)
    values = {**_resolved(context, given), "name": name}
    with writing(context) as tx:
        id_ = add_contact(
            tx,
            values,
            now=context.now,
            country=context.settings.text("country"),
            order=context.settings.text("date_order"),
            owner=context.actor,
            force=force,
        )
        row = get(context.reader, "contact", id_)
    said = say_written(context, _("Added {name} ({id})").format(**row), (row["company"], row["title"]), given, row)
    context.output.record(row, context.reader.noun("contact"), said)
    note_undeclared(context, "contact", given)


@app.command(help=_("Show everything about a contact on one screen."))
def show(ctx: Run, contact: ContactArgument) -> None:
    """Show the 360° view."""
    from crmcli.screens.show import run

    run(context_of(ctx), contact)


@app.command(
    help=_("Change contacts. A list option such as --phone replaces, --add-phone adds; an empty text clears a field.")
)
@takes(*FIELDS, *CHANGES)
def edit(
    ctx: Run,
    given: dict[str, Any],
    contacts: Annotated[list[str] | None, typer.Argument(metavar="[CONTACT]...", show_default=False)] = None,
    where: Where = None,
) -> None:
    """Change one contact or several and print them."""
    from crmcli.services.contact import edit_contact

    context = context_of(ctx)
    require_changes(given)
    values = _resolved(context, given)
    ids = chosen_ids(context, "contact", find_contact, contacts, where)
    confirm_many(context, "contact", _("change {count} contacts?"), ids)
    country, order = context.settings.text("country"), context.settings.text("date_order")
    change_each(
        context,
        "contact",
        ids,
        lambda tx, id_: edit_contact(
            tx, id_, values, now=context.now, country=country, order=order, owner=context.actor
        ),
        lambda row: say_written(context, _("Changed {name} ({id})").format(**row), (), given, row),
    )
    note_undeclared(context, "contact", given)
    _note_shared(context, ids, given)


add_list(app, "contact")
add_delete(app, "contact", find_contact, "contact:delete_contact")
add_privacy(app)
add_dupes(app, "contact")
add_merge(app, "contact", find_contact)
add_distinct(app, "contact", find_contact)


def _note_shared(context: Context, ids: list[int], given: dict[str, Any]) -> None:
    """Say who else has a way to be reached that was given: it may be the same person, or a slip."""
    from crmcli.rules.grouping import readable_phone
    from crmcli.services.contact import others_reached

    for row in others_reached(context.reader, ids, given):
        said = _("{name} ({id}) has {value}, too; if they are one: {command}")
        command = f"crm contact merge {row['id']} {ids[0]}"
        context.output.note(said.format(**row, value=readable_phone(row["why"]), command=command))


def _resolved(context: Context, given: dict[str, Any]) -> dict[str, Any]:
    """Return the options with the referring contact found."""
    values = dict(given)
    reference = values.pop("referred_by")
    if reference is not None:
        values["referred_by_id"] = find_contact(context, reference) if reference else None
    return values
