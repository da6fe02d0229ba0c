"""`crm company …`: the organisations that contacts work for."""

from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.commands.merging import add_distinct, add_dupes, add_merge
from crmcli.commands.party import CHANGES, KEPT, REACH, WHERE, note_undeclared, say_written
from crmcli.commands.verbs import add_delete, add_list, change_each, chosen_ids, confirm_many, require_changes
from crmcli.i18n import _
from crmcli.options import CompanyArgument, Force, Run, Where, context_of, takes, text
from crmcli.queries.reader import get
from crmcli.screens.choosing import find_company

app = App(help=_("Companies: the organisations that contacts work for."))

FIELDS = (
    text("industry", "--industry", help=_("what business they are in")),
    text("website", "--website", help=_("their website"), metavar="URL"),
    *REACH,
    *WHERE,
    *KEPT,
)


@app.command(help=_("Add a company. One that is there already is not added twice."))
@takes(*FIELDS)
def add(
    ctx: Run,
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    given: dict[str, Any],
    force: Force = False,
) -> None:
    """Add a company and print it."""
    from crmcli.services.company import add_company

    context = context_of(ctx)
    with context.transaction() as tx:
        id_ = add_company(
            tx,
            {**given, "name": name},
            now=context.now,
            country=context.settings.text("country"),
            order=context.settings.text("date_order"),
            owner=context.actor,
            force=force,
        )
        row = get(context.reader, "company", id_)
    said = say_written(context, _("Added {name} ({id})").format(**row), (), given, row)
    context.output.record(row, context.reader.noun("company"), said)
    note_undeclared(context, "company", given)


@app.command(help=_("Show a company and the people who work there."))
def show(ctx: Run, company: CompanyArgument) -> None:
    """Show a company."""
    from crmcli.screens.company import run

    context = context_of(ctx)
    run(context, find_company(context, company))


@app.command(
    help=_("Change companies. A list option such as --phone replaces, --add-phone adds; an empty text clears a field.")
)
@takes(*FIELDS, *CHANGES)
def edit(
    ctx: Run,
    given: dict[str, Any],
    companies: Annotated[list[str] | None, typer.Argument(metavar="[COMPANY]...", show_default=False)] = None,
    where: Where = None,
    force: Force = False,
) -> None:
    """Change one company or several and print them."""
    from crmcli.services.company import edit_company

    context = context_of(ctx)
    require_changes(given)
    ids = chosen_ids(context, "company", find_company, companies, where)
    confirm_many(context, "company", _("change {count} companies?"), ids)
    country, order = context.settings.text("country"), context.settings.text("date_order")
    change_each(
        context,
        "company",
        ids,
        lambda tx, id_: edit_company(tx, id_, given, now=context.now, country=country, order=order, force=force),
        lambda row: say_written(context, _("Changed {name} ({id})").format(**row), (), given, row),
    )
    note_undeclared(context, "company", given)


add_list(app, "company")
add_delete(app, "company", find_company, "company:delete_company")
add_dupes(app, "company")
add_merge(app, "company", find_company)
add_distinct(app, "company", find_company)
