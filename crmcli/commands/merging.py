"""`dupes`, `merge` and `distinct`, for contacts and companies: which records are one, and which only look alike."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import App, QueryCommand
from crmcli.commands.verbs import Find, query_text
from crmcli.completion import complete_company, complete_contact
from crmcli.context import Context
from crmcli.i18n import _, joined
from crmcli.options import Limit, Query, Run, Where, context_of

if TYPE_CHECKING:
    from crmcli.store.transaction import Transaction

Row = dict[str, Any]


def add_dupes(app: App, name: str) -> None:
    """Give a noun its `dupes`: which of its records may be one."""
    company = typer.Option(
        "--company", "-c", help=_("only who works there"), metavar="COMPANY", hidden=name != "contact"
    )

    def run(
        ctx: Run,
        query: Query = None,
        where: Where = None,
        company: Annotated[str | None, company] = None,
        least: Annotated[
            int | None, typer.Option("--min", min=1, max=100, metavar="SCORE", help=_("how alike at least, 1 to 100"))
        ] = None,
        limit: Limit = None,
    ) -> None:
        from crmcli.screens.choosing import find_company
        from crmcli.screens.dupes import show_pairs

        context = context_of(ctx)
        asked = query_text(query, where)
        if company:
            asked = f"({asked}) " * bool(asked) + f"company_id:{find_company(context, company)}"
        show_pairs(context, name, asked, least, limit)

    run.__doc__ = _("List pairs that may be one and the same, with a score and why; a query says among which.")
    app.command("dupes", cls=QueryCommand)(run)


def add_merge(app: App, name: str, find: Find) -> None:
    """Give a noun its `merge`: several records become the first one."""
    argument = typer.Argument(
        metavar=f"{name.upper()}...",
        help=_("the one that stays, then those that become part of it"),
        autocompletion=complete_contact if name == "contact" else complete_company,
        show_default=False,
    )
    fields = typer.Option(
        "--take", metavar="FIELDS", help=_("fields whose value comes from the others, separated by commas")
    )

    def run(
        ctx: Run, records: Annotated[list[str], argument], take: Annotated[list[str] | None, fields] = None
    ) -> None:
        taken = [field.strip() for text in take or () for field in text.split(",") if field.strip()]
        context = context_of(ctx)
        _merge(context, name, [find(context, text) for text in records], taken)

    run.__doc__ = _("Make one of several: the first stays and gets all that the others have; crm undo takes it back.")
    app.command("merge")(run)


def add_distinct(app: App, name: str, find: Find) -> None:
    """Give a noun its `distinct`: records that look alike and are not the same."""
    argument = typer.Argument(
        metavar=f"{name.upper()}...",
        help=_("two or more that are each somebody else"),
        autocompletion=complete_contact if name == "contact" else complete_company,
        show_default=False,
    )

    def run(
        ctx: Run,
        records: Annotated[list[str], argument],
        forget: Annotated[bool, typer.Option("--forget", help=_("forget it: dupes shows them again"))] = False,
    ) -> None:
        from crmcli.queries.reader import get
        from crmcli.services.distinct import set_distinct

        context = context_of(ctx)
        ids = [find(context, text) for text in records]
        with context.transaction() as tx:
            rows = [get(context.reader, name, id_) for id_ in ids]  # somebody may have deleted one just now
            changed = set_distinct(tx, name, ids, distinct=not forget)
        message = _("{names} may be one again") if forget else _("{names} are not the same: dupes leaves them out")
        if forget and not changed:
            message = _("{names}: nobody said that they are two; nothing changed")
        said = message.format(names=_named(rows))
        context.output.record({"noun": name, "ids": ids, "distinct": not forget, "pairs": changed}, None, said)

    run.__doc__ = _("Say that records which look alike are not the same, so that dupes leaves them out.")
    app.command("distinct")(run)


def _merge(context: Context, name: str, ids: list[int], take: list[str]) -> None:
    """Show what becomes of each field, ask, merge, and print the record that stays."""
    from crmcli.queries.reader import get
    from crmcli.screens.working import working
    from crmcli.services.merge import merge_parties, require_mergeable

    def merge(tx: "Transaction") -> Row:
        merge_parties(tx, name, ids, take, now=context.now)
        return get(context.reader, name, ids[0])

    require_mergeable(name, ids, take)
    before = [get(context.reader, name, id_) for id_ in ids]  # somebody may have deleted one just now
    if not context.output.data and (context.interactive or context.options.dry_run):
        _preview(context, name, before, merge)
    survivor = before[0]
    question = _("merge {others} into {name} ({id})?").format(others=_named(before[1:]), **survivor)
    context.confirm(question)
    with context.transaction() as tx, working(context):
        row = merge(tx)
    message = _("Merged {others} into {name} ({id}); crm undo takes it back").format(others=_named(before[1:]), **row)
    context.output.record({**row, "merged": ids[1:]}, context.reader.noun(name), message)


def _preview(context: Context, name: str, before: list[Row], merge: Any) -> None:
    """Do it, show what came of it, and take it back."""
    from crmcli.queries.history import moved_records
    from crmcli.screens.dupes import merge_lines
    from crmcli.screens.working import working
    from crmcli.store.transaction import Author, write

    with write(context.connection, Author(context.actor, context.now, ""), dry_run=True) as tx, working(context):
        after = merge(tx)
        moved = moved_records(context.reader, tx.change, name)
    context.output.screen(merge_lines(context, name, before, after, moved))


def _named(rows: list[Row]) -> str:
    return joined(_("{name} ({id})").format(**row) for row in rows)
