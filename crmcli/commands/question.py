"""`crm question …`: what the forms of surveys ask."""

from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.commands.verbs import (
    add_delete,
    add_list,
    add_show,
    change_each,
    chosen_ids,
    confirm_many,
    require_changes,
)
from crmcli.context import Context
from crmcli.i18n import _
from crmcli.nouns import noun
from crmcli.options import Run, Where, context_of, flag, number, takes, text
from crmcli.queries.reader import get
from crmcli.rules.satisfaction import MOST_WEIGHT

app = App(help=_("The questions of surveys: before, during and after the service, in both languages."))

_PLACES = 1000

FIELDS = (
    text("en", "--en", help=_("the question in English")),
    text("zh", "--zh", help=_("the question in Chinese")),
    text("moment", "--moment", help=_("before, during or after the service"), metavar="MOMENT"),
    number("weight", "--weight", help=_("its share of the score; 1 by default"), most=MOST_WEIGHT),
)
Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", help=_("its id, its code, or form/code"), show_default=False),
]


def find(context: Context, said: str) -> int:
    """Return the id of a question."""
    from crmcli.queries.surveys import find_question

    return find_question(context.connection, said)


@app.command(help=_("Add a question to a form; the form begins with its first one."))
@takes(*FIELDS)
def add(
    ctx: Run,
    form: Annotated[str, typer.Argument(metavar="FORM", show_default=False)],
    code: Annotated[str, typer.Argument(metavar="CODE", help=_("what answers call it: speed, q1"), show_default=False)],
    given: dict[str, Any],
) -> None:
    """Add a question and print it."""
    from crmcli.services.question import add_question

    context = context_of(ctx)
    with context.transaction() as tx:
        row = get(context.reader, "question", add_question(tx, form, code, given))
    context.output.record(row, noun("question"), _("Added question {code} to form {form}: {en}, {zh}").format(**row))


@app.command(help=_("Change questions; scores of what came back before stay."))
@takes(
    *FIELDS,
    number("position", "--position", help=_("its place in the form"), least=1, most=_PLACES),
    flag("hidden", "--hide/--unhide", help=_("ask it no longer; what was answered is kept")),
)
def edit(ctx: Run, given: dict[str, Any], questions: Ids = None, where: Where = None) -> None:
    """Change one question or several and print them."""
    from crmcli.services.question import edit_question

    context = context_of(ctx)
    require_changes(given)
    ids = chosen_ids(context, "question", find, questions, where)
    confirm_many(context, "question", _("change {count} questions?"), ids)
    change_each(
        context,
        "question",
        ids,
        lambda tx, id_: edit_question(tx, id_, given),
        lambda row: _("Changed question {code} of form {form}: {en}, {zh}").format(**row),
    )


add_list(app, "question")
add_show(app, "question", find)
add_delete(app, "question", find, "question:delete_question")
