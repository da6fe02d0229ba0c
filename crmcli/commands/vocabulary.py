"""`crm vocabulary …`: the words that classes, sources, kinds, categories and severities are chosen from."""

from typing import Annotated, Any

import typer

from crmcli.cli import App, QueryCommand
from crmcli.commands.verbs import (
    change_each,
    confirm_many,
    find_id,
    listed,
    print_written,
    query_text,
    require_changes,
    show_list,
)
from crmcli.context import Context
from crmcli.i18n import _
from crmcli.nouns import noun
from crmcli.options import After, Columns, Limit, Query, Run, Sort, Where, context_of, many, takes, text
from crmcli.queries.reader import get, get_many

app = App(help=_("The words that classes, sources, kinds and severities are chosen from, in both languages."))

SetName = Annotated[str, typer.Argument(metavar="SET", help=_("class, source, severity, …"), show_default=False)]
Word = Annotated[str, typer.Argument(metavar="CODE", help=_("its code, or a label"), show_default=False)]
Words = Annotated[list[str], typer.Argument(metavar="CODE...", help=_("codes, or labels"), show_default=False)]

FIELDS = (
    text("en", "--en", help=_("the English label")),
    text("zh", "--zh", help=_("the Chinese label")),
    many("aliases", "--alias", help=_("another word for it; several with commas")),
    text(
        "every",
        "--every",
        help=_("a class or tag: contact its customers so often: 30, 2 weeks, 每月; 0 for never"),
        metavar="PERIOD",
    ),
    text(
        "requires",
        "--requires",
        help=_(
            "a complaint's type: the steps that it takes before it is solved, such as assess,approve; empty for none"
        ),
        metavar="STEPS",
    ),
)
CHANGES = (
    many("add_aliases", "--add-alias", help=_("one more word for it")),
    many("remove_aliases", "--remove-alias", help=_("a word that means it no more")),
)


@app.command("list", cls=QueryCommand, help=_("List the words, of one set or of all, or what matches a query."))
def list_words(
    ctx: Run,
    query: Query = None,
    where: Where = None,
    sort: Sort = None,
    limit: Limit = None,
    after: After = None,
    columns: Columns = None,
    everything: Annotated[bool, typer.Option("--all", "-a", help=_("also what is no longer offered"))] = False,
) -> None:
    """List the vocabulary: by set on a screen, else as any list."""
    from crmcli.queries.vocabulary import sets
    from crmcli.screens.vocabulary import run

    context = context_of(ctx)
    words = list(query or ())
    if words and words[0] in sets(context.connection):
        words[0] = f"set={words[0]}"
    asked = query_text(words, where)
    if not everything:
        asked = listed("vocabulary", asked)
    if context.output.data or sort or columns or after or limit is not None:
        begin = find_id("vocabulary")(context, after) if after else None
        show_list(context, "vocabulary", asked, sort=sort or "", limit=limit, after=begin, columns=columns or "")
    else:
        run(context, asked)


@app.command(help=_("Show a word in full."))
def show(ctx: Run, set_: SetName, code: Word) -> None:
    """Show a word."""
    from crmcli.queries.vocabulary import find_word

    context = context_of(ctx)
    row = get(context.reader, "vocabulary", find_word(context.connection, set_, code))
    context.output.card(row, noun("vocabulary"), now=context.now)


@app.command(help=_("Add a word to a set."))
@takes(*FIELDS)
def add(ctx: Run, set_: SetName, code: Word, given: dict[str, Any]) -> None:
    """Add a word and print it."""
    from crmcli.services.vocabulary import add_word

    context = context_of(ctx)
    with context.transaction() as tx:
        row = get(context.reader, "vocabulary", add_word(tx, set_, code, _with_days(context, given)))
    context.output.record(row, noun("vocabulary"), _said(_("Added {code} to {set}: {en}, {zh}"), row))


@app.command(help=_("Change a word's labels, its aliases or a class's rhythm; its code stays."))
@takes(*FIELDS, *CHANGES)
def edit(ctx: Run, set_: SetName, code: Word, given: dict[str, Any]) -> None:
    """Change a word and print it."""
    from crmcli.queries.vocabulary import find_word
    from crmcli.services.vocabulary import edit_word

    context = context_of(ctx)
    require_changes(given)
    values = _with_days(context, given)
    ids = [find_word(context.connection, set_, code)]
    change_each(
        context,
        "vocabulary",
        ids,
        lambda tx, id_: edit_word(tx, id_, values),
        lambda row: _said(_("Changed {code} of {set}: {en}, {zh}"), row),
    )


@app.command(help=_("Delete words that no record uses."))
def delete(ctx: Run, set_: SetName, codes: Words) -> None:
    """Delete words."""
    from crmcli.queries.vocabulary import find_word
    from crmcli.services.vocabulary import delete_word

    context = context_of(ctx)
    ids = list(dict.fromkeys(find_word(context.connection, set_, code) for code in codes))
    rows = get_many(context.reader, "vocabulary", ids)
    confirm_many(context, "vocabulary", _("delete {count} words?"), ids)
    with context.transaction() as tx:
        for id_ in ids:
            delete_word(tx, id_)
    said = _("Deleted {code} of {set}; crm undo brings it back")
    print_written(context, "vocabulary", rows, lambda row: said.format(**row))


def _with_days(context: Context, given: dict[str, Any]) -> dict[str, Any]:
    """Return what was given, `every` as the number of days that a word keeps; 0 for none."""
    from crmcli.when.repeats import rhythm_in_days

    every = given["every"]
    if every is None:
        return given
    return {**given, "cadence_days": 0 if every.strip() in ("", "0") else rhythm_in_days(every, context.now)}


def _said(message: str, row: dict[str, Any]) -> str:
    every = _("every {days} days").format(days=row["cadence_days"]) if row["cadence_days"] else ""
    return message.format(**row) + (f" · {every}" if every else "")
