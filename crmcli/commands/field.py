"""`crm field …`: the fields that contacts and companies have beyond the built-in ones."""

from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.commands.verbs import Row, add_list, change_each, require_changes
from crmcli.context import Context
from crmcli.errors import UsageError
from crmcli.i18n import _, joined, ngettext, one_of
from crmcli.nouns import noun
from crmcli.options import Option, Run, context_of, flag, many, takes, text
from crmcli.queries.reader import get
from crmcli.rules.custom_fields import PARTIES, CustomField
from crmcli.when.value import MOST_DAYS

app = App(help=_("Fields of your own for contacts and companies: typed, with labels in both languages."))

Of = Annotated[
    str,
    typer.Argument(
        metavar="NOUN", help=_("contact or company"), show_default=False, autocompletion=lambda: list(PARTIES)
    ),
]
Code = Annotated[str, typer.Argument(metavar="CODE", help=_("what --set and queries call it"), show_default=False)]
Remind = Annotated[
    int | None,
    typer.Option(
        "--remind", min=-1, max=MOST_DAYS, metavar="DAYS", help=_("a date: remind so many days before; -1 for never")
    ),
]

FIELDS = (
    text(
        "type",
        "--type",
        help=_("text, number, money (the amount, no currency), date, choice, flag, phone or url"),
        metavar="TYPE",
    ),
    text("en", "--en", help=_("the English label")),
    text("zh", "--zh", help=_("the Chinese label")),
    many("aliases", "--alias", help=_("another heading that imports have for it; several with commas")),
    many("choices", "--choice", help=_("what may be chosen; several with commas"), metavar="CODE=EN|ZH"),
    flag("required", "--required/--optional", help=_("a new record must have it")),
    Option("remind_days", Remind),
    flag("yearly", "--yearly/--once", help=_("a date that comes back every year")),
)
CHANGES = (
    many("add_aliases", "--add-alias", help=_("one more heading")),
    many("remove_aliases", "--remove-alias", help=_("a heading that means it no more")),
    many("add_choices", "--add-choice", help=_("one more choice"), metavar="CODE=EN|ZH"),
    many("remove_choices", "--remove-choice", help=_("a choice that goes"), metavar="CODE"),
    flag("hidden", "--hide/--unhide", help=_("offer it no longer; records keep what they have")),
)


@app.command(help=_("Declare a field. Values that records keep under its name already become its values."))
@takes(*FIELDS)
def add(ctx: Run, of: Of, code: Code, given: dict[str, Any]) -> None:
    """Declare a field and print it."""
    from crmcli.services.custom_fields import add_field

    context = context_of(ctx)
    with context.transaction() as tx:
        id_, taken = add_field(tx, _noun(of), code, given, _around(context))
        row = get(context.reader, "field", id_)
    labels = joined(dict.fromkeys(label for label in (row["en"], row["zh"]) if label != row["code"]))
    said = (
        _("Added field {code} of {noun}: {labels} ({type})") if labels else _("Added field {code} of {noun} ({type})")
    )
    said = said.format(code=row["code"], labels=labels, type=_(row["type"]), noun=_(row["noun"]))
    context.output.record(row, noun("field"), said)
    if taken:
        kept = ngettext("{count} record had it already", "{count} records had it already", taken)
        context.output.note(kept.format(count=taken))


@app.command(help=_("Show a field: its type, its labels, what may be chosen, how many records have it."))
def show(ctx: Run, of: Of, code: Code) -> None:
    """Show a field."""
    from crmcli.services.custom_fields import count_values

    context = context_of(ctx)
    field = _found(context, of, code)
    row = get(context.reader, "field", field.id) | {"records": count_values(context.connection, field)}
    if not context.output.data:
        row["choices"] = {code: f"{labels.en}, {labels.zh}" for code, labels in field.choices.items()}
        row["type"] = _(field.type)
        row[_("records that have it")] = row.pop("records")
    context.output.card(row, noun("field"), now=context.now)


@app.command(help=_("Change a field; values are converted to a new type, or it is refused. The code stays."))
@takes(*FIELDS, *CHANGES)
def edit(ctx: Run, of: Of, code: Code, given: dict[str, Any]) -> None:
    """Change a field and print it."""
    from crmcli.services.custom_fields import edit_field

    context = context_of(ctx)
    require_changes(given)
    converted = 0

    def change(tx: Any, id_: int) -> None:
        nonlocal converted
        converted = edit_field(tx, id_, given, _around(context))

    def said(row: Row) -> str:
        words = {"type": _(row["type"]), "noun": _(row["noun"])}
        return _("Changed field {code} of {noun}: {en}, {zh} ({type})").format(**row | words)

    change_each(context, "field", [_found(context, of, code).id], change, said)
    if converted:
        count = ngettext("{count} value read anew", "{count} values read anew", converted).format(count=converted)
        context.output.note(count)


@app.command(help=_("Delete a field; records keep its values as free text, unless they are dropped."))
def delete(
    ctx: Run,
    of: Of,
    code: Code,
    *,
    drop_values: Annotated[bool, typer.Option("--drop-values", help=_("take it from all records"))] = False,
) -> None:
    """Delete a field."""
    from crmcli.services.custom_fields import count_values, delete_field

    context = context_of(ctx)
    field = _found(context, of, code)
    row = get(context.reader, "field", field.id)
    count = count_values(context.connection, field)
    if drop_values and count:
        question = ngettext("take {code} from {count} record?", "take {code} from {count} records?", count)
        context.confirm(question.format(code=field.code, count=count))
    with context.transaction() as tx:
        delete_field(tx, field, drop_values=drop_values)
    said = _("Deleted field {code} of {noun}; crm undo brings it back").format(code=field.code, noun=_(field.noun))
    context.output.record({**row, "records": count}, noun("field"), said)
    if count:
        kept = (
            ngettext("{count} record had it: dropped", "{count} records had it: dropped", count)
            if drop_values
            else ngettext("{count} record keeps it as free text", "{count} records keep it as free text", count)
        )
        context.output.note(kept.format(count=count))


add_list(app, "field")


def _noun(of: str) -> str:
    wanted = of.casefold().strip()
    found = next((name for name in PARTIES if wanted in (name, noun(name).plural, _(name).casefold())), None)
    if found is None:
        raise UsageError(
            _("“{noun}” has no custom fields").format(noun=of),
            hint=one_of(PARTIES),
        )
    return found


def _found(context: Context, of: str, code: str) -> CustomField:
    from crmcli.queries.custom_fields import find_field

    return find_field(context.connection, _noun(of), code)


def _around(context: Context) -> Any:
    from crmcli.rules.custom_values import Around

    return Around(context.now, context.settings.text("country"), context.settings.text("date_order"))
