"""What every noun's list, show, edit and delete have in common."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import NEGATED, App, QueryCommand
from crmcli.context import Context
from crmcli.errors import NotFoundError, UsageError, WhenError
from crmcli.i18n import _, joined, ngettext
from crmcli.nouns import LETTERS, Noun, numbered
from crmcli.nouns import noun as declaration_of
from crmcli.options import After, Columns, Limit, Query, Run, Sort, Where, context_of, number_of
from crmcli.rules.clean import printable

if TYPE_CHECKING:
    from datetime import datetime

    from crmcli.store.transaction import Transaction

Row = dict[str, Any]
Find = Callable[[Context, str], int]
"""Returns the id of the record that a text names."""
_FIRST = {"contact": "crm add", "survey": "crm survey send", "attachment": "crm attach"}
"""What makes the first record, where it is not the noun's `add`."""
_NAMED = 5
"""So many of the records that a question is about are named."""
_WIDEST = 24
"""Cells of a name in a question; a complaint's is its text."""


def add_list(app: App, name: str) -> None:
    """Give a noun its `list`; one that declares what is `listed` shows that alone unless asked for more."""
    all_ = typer.Option("--all", "-a", help=_("also what is over"), hidden=declaration_of(name).listed is None)

    def run(
        ctx: Run,
        query: Query = None,
        where: Where = None,
        sort: Sort = None,
        limit: Limit = None,
        after: After = None,
        columns: Columns = None,
        everything: Annotated[bool, all_] = False,
    ) -> None:
        context, text = context_of(ctx), query_text(query, where)
        chosen = text if everything else listed(name, text)
        begin = find_id(name)(context, after) if after else None
        show_list(context, name, chosen, sort=sort or "", limit=limit, after=begin, columns=columns or "")

    run.__doc__ = _("List what matches the query: words, field:value, field<value, -not, or, (…).")
    app.command("list", cls=QueryCommand)(run)


def query_text(query: Sequence[str] | None, where: str | None) -> str:
    """Return the query that a list's arguments and its `--where` make together."""
    return " ".join([*(query or ()), *([f"({where})"] if _said(where) else ())]).replace(NEGATED, "-")


def _said(where: str | None) -> str:
    """Return a query, empty where it says nothing to the eye: a script's variable that nobody has filled."""
    return where if where and printable(where).strip() else ""


def listed(name: str, query: str) -> str:
    """Return the query narrowed to what still needs doing, unless it says itself which records it wants."""
    from crmcli.queries.where import mentions

    declared = declaration_of(name)
    if declared.listed is None or mentions(query, declared) & {*declared.listed.unless}:
        return query
    return f"({query}) {declared.listed.query}" if query.strip() else declared.listed.query


def show_list(
    context: Context,
    name: str,
    query: str,
    *,
    sort: str = "",
    limit: int | None = None,
    after: int | None = None,
    columns: str = "",
) -> None:
    """Print the records that match: a page of them in a table, all of them as data."""
    from crmcli.queries.records import page
    from crmcli.queries.vocabulary import labels

    noun = context.reader.noun(name)
    output = context.output
    if limit is None:
        limit = 0 if output.data else context.settings.number("page")
    found = page(context.reader, noun, query, sort, limit, after=after, ids_alone=output.format == "ids")
    shown = chosen_columns(noun, columns)
    output.records(found.rows, noun, shown, now=context.now, labels={} if output.data else labels(context.connection))
    if found.more:
        said = (
            _("the next {count}; {option} goes on")
            if after
            else _("the first {count}; {option} goes on, --limit 0 shows all")
        )
        output.note(said.format(count=limit, option=f"--after {numbered(name, found.last or 0)}"))
    elif found.last is None and not output.data:
        narrowed = noun.listed is not None and query == noun.listed.query
        if after:
            said = _("nothing comes after it")
        elif not narrowed and query.strip():
            said = _nothing_matches(context, noun, query)
        elif narrowed and page(context.reader, noun, "", limit=1).last:
            said = _("nothing is open; --all shows the others")
        else:
            said = _("nothing is there yet — begin with: {command}").format(command=_FIRST.get(name, f"crm {name} add"))
        output.note(said)


def _nothing_matches(context: Context, noun: Noun, query: str) -> str:
    """Return that there is nothing, and who the user is taken for where that was asked."""
    from crmcli.queries.where import asks_for_me

    if not asks_for_me(query, noun):
        return _("nothing matches")
    said = _("nothing matches; you are {name}, unless crm config set user NAME says otherwise")
    return said.format(name=context.actor)


def chosen_columns(noun: Any, columns: str) -> list[str] | None:
    """Return the fields that were chosen, by name or as a list heads them; raises UsageError for what is neither."""
    headed = {word.casefold(): field.name for field in reversed(noun.fields) for word in (field.label, _(field.label))}
    chosen = [column.strip() for column in columns.split(",") if column.strip()]
    chosen = [column if noun.field(column) else headed.get(column.casefold(), column) for column in chosen]
    unknown = [column for column in chosen if noun.field(column) is None]
    if unknown:
        raise UsageError(
            _("there is no column {column}").format(column=unknown[0]),
            hint=_("the columns are {names}").format(names=joined(field.name for field in noun.fields)),
        )
    return chosen or None


def find_id(name: str) -> Find:
    """Return a function that finds a record of this noun by its number."""

    def find(context: Context, text: str) -> int:
        from crmcli.queries.reader import get

        number = text.strip().removeprefix("#")
        letter = LETTERS.get(name, "")
        number = number.removeprefix(letter).removeprefix(letter.upper())
        if not number.isascii() or not number.isdigit():
            raise UsageError(
                _("“{text}” is no number of a {noun}").format(text=text, noun=_(name)),
                hint=_("crm {noun} list shows them").format(noun=name),
            )
        if len(number) > 18:  # noqa: PLR2004 - SQLite's largest integer has 19 digits
            raise NotFoundError(_("there is no {noun} {id}").format(noun=_(name), id=number))
        return int(get(context.reader, name, int(number))["id"])

    return find


def chosen_ids(
    context: Context,
    name: str,
    find: Find,
    references: Sequence[str] | None,
    where: str | None,
    command: str = "",
    *,
    narrow: Callable[[str], str] = str,
) -> list[int]:
    """Return the ids of what was named and of what matches `--where`, each once.

    A query that says nothing names nobody, though a list shows all by it.
    Raises UsageError for neither, and points at the command where it is not the noun's own.
    """
    where = _said(where)
    if not references and not where:
        raise UsageError(
            _("which {noun}? Name one, or several with --where").format(noun=_(name)),
            hint=_("see crm {noun} --help").format(noun=command or name),
        )
    ids = [find(context, text) for text in references or ()]
    if where:
        from crmcli.queries.records import select_ids

        ids += select_ids(context.reader, declaration_of(name), narrow(where))
        if not ids:
            raise NotFoundError(_("nothing matches {query}").format(query=where), hint=_("see crm guide queries"))
    context.output.several = bool(where) or len(ids) > 1
    return list(dict.fromkeys(ids))


def confirm_many(context: Context, name: str, question: str, ids: Sequence[int]) -> None:
    """Ask before something is done to several records, naming the first; one alone is done, since it can be undone."""
    from crmcli.queries.reader import get_many
    from crmcli.render.text import fit

    if len(ids) <= 1:
        return
    if context.interactive:
        first = map(partial(_called, name), get_many(context.reader, name, ids[:_NAMED]))
        named = [_("{name} ({id})").format(name=fit(one["what"], _WIDEST).rstrip(), id=one["id"]) for one in first]
        context.note(joined([*named, "…"] if len(ids) > _NAMED else named))
    context.confirm(question.format(count=len(ids)))


def print_written(context: Context, name: str, rows: Sequence[Row], say: Callable[[Row], str]) -> None:
    """Print what was written: a line for each record; as data the record, or a list if several were asked for."""
    if not context.output.data or (len(rows) == 1 and not context.output.several):
        for row in rows:
            context.output.record(row, context.reader.noun(name), say(row))
    else:
        context.output.records(rows, context.reader.noun(name), now=context.now)


@contextmanager
def writing(context: Context) -> "Iterator[Transaction]":
    """Begin a write transaction; when it is done, say which words the vocabulary learnt from it."""
    from crmcli.queries.vocabulary import words_added

    with context.transaction() as tx:
        yield tx
        added = words_added(tx.connection, tx.change)
    for set_, word in added:
        context.output.note(
            _("new {set}: “{word}”; crm vocabulary edit gives it labels").format(set=_(set_), word=word)
        )


def change_each(
    context: Context,
    name: str,
    ids: Sequence[int],
    change: "Callable[[Transaction, int], None]",
    say: Callable[[Row], str],
) -> None:
    """Change each of the records in one transaction and print them as they are then, and which were so already."""
    from crmcli.queries.reader import get_many
    from crmcli.screens.working import working
    from crmcli.store.summaries import summarised_once

    with writing(context) as tx, working(context):
        with summarised_once(tx, len(ids)):
            changed = {id_ for id_ in ids if tx.attempt(partial(change, tx, id_))}
        rows = get_many(context.reader, name, ids)
    print_written(context, name, rows, lambda row: say(row) if row["id"] in changed else _unchanged(name, row))


def require_changes(given: Mapping[str, Any]) -> None:
    """Refuse (UsageError) an edit that says nothing to change."""
    if all(value is None or value == [] for value in given.values()):
        raise UsageError(_("nothing to change was given"), hint=_("name a field, such as --notes; --help lists them"))


def refuse_divided(context: Context, said: str, *moments: str | None) -> None:
    """Refuse (UsageError) a moment that the shell divided: `fri 15:00` without quotes would lose its time.

    `said` is the text that would have taken it: the word behind the moment, or a clock's time wherever it stands. 早
    before it is a greeting.
    """
    if not said or not any(moments):
        return
    from crmcli.when.moments import parse_when
    from crmcli.when.repeats import looks_like_repeat, parse_repeat

    before = {typed.rpartition("=")[2] for typed, following in pairwise(context.arguments) if following == said}
    clock = any(map(str.isdigit, said))
    for moment in filter(None, moments):
        whole = f"{moment} {said}"
        if clock or moment in before:
            with suppress(WhenError):
                if looks_like_repeat(whole):
                    parse_repeat(whole, context.now)
                else:
                    parse_when(whole, context.now, order=context.settings.text("date_order"))
                raise UsageError(
                    _("“{text}” belongs to the moment before it").format(text=said),
                    hint=_('write the moment in quotes: "{moment}"').format(moment=whole),
                )


def past_moment(context: Context, text: str | None) -> "datetime":
    """Return the moment at which something happened, now when nobody says.

    A day alone means its noon, today now. Raises WhenError for what can't be read and for what is still to come.
    """
    from crmcli.when.moments import parse_past

    if not text:
        return context.now
    return parse_past(text, context.now, order=context.settings.text("date_order"))


def _deleted(name: str, row: Row) -> str:
    return _("Deleted {what} ({id}); crm undo brings it back").format(**_called(name, row))


def _say_along(context: Context, along: Mapping[str, int], left: int) -> None:
    """Say what went along with what was deleted, and whom a company has left."""
    from crmcli.render.counts import counted_any

    what = counted_any(along)
    if what:
        context.output.message(_("what went along: {what}").format(what=what))
    if left:
        said = ngettext("{count} contact has no company now", "{count} contacts have no company now", left)
        context.output.message(said.format(count=left))


def _unchanged(name: str, row: Row) -> str:
    return _("{what} ({id}) was so already: nothing changed").format(**_called(name, row))


def _called(name: str, row: Row) -> dict[str, str]:
    """Return what a record is called beside its number: whose it is comes first, as where it was changed."""
    text = (row.get("text") or row.get("purpose") or "").partition("\n")[0]
    about = _("{contact}: {text}").format(contact=row["contact"], text=text) if text and row.get("contact") else text
    what = next(filter(None, (row.get("name"), about, row.get("contact"), row.get("code"))), _(name))
    return {"what": what, "id": numbered(name, row["id"])}


def add_show(app: App, name: str, find: Find) -> None:
    """Give a noun its `show`: one record in full."""

    def run(ctx: Run, id: Annotated[str, number_of(name)]) -> None:  # noqa: A002
        from crmcli.queries.reader import get
        from crmcli.queries.vocabulary import labels

        context = context_of(ctx)
        row = get(context.reader, name, find(context, id))
        context.output.card(row, context.reader.noun(name), now=context.now, labels=labels(context.connection))

    run.__doc__ = _("Show one in full.")
    app.command("show")(run)


def add_delete(app: App, name: str, find: Find, delete: str) -> None:
    """Give a noun its `delete`; `delete` is `module:function` of `services`, imported when it runs."""

    def run(
        ctx: Run,
        ids: Annotated[list[str] | None, number_of(name, several=True)] = None,
        where: Where = None,
    ) -> None:
        from importlib import import_module

        from crmcli.queries.history import gone_with, left_by
        from crmcli.queries.reader import get_many
        from crmcli.screens.working import working
        from crmcli.store.summaries import summarised_once

        context = context_of(ctx)
        module, _colon, function = delete.partition(":")
        remove = getattr(import_module(f"crmcli.services.{module}"), function)
        chosen = chosen_ids(context, name, find, ids, where)
        rows = get_many(context.reader, name, chosen)
        confirm_many(context, name, _("delete {count} records?"), chosen)
        with context.transaction() as tx, working(context), summarised_once(tx, len(chosen)):
            for id_ in chosen:
                remove(tx, id_)
            along, left = gone_with(context.reader, tx.change, name), left_by(context.reader, tx.change, name)
        print_written(context, name, rows, partial(_deleted, name))
        _say_along(context, along, left)

    run.__doc__ = _("Delete one or several; crm undo brings them back.")
    app.command("delete")(run)
