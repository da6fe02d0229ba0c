"""`crm answer …`: knowledge, kept as questions and their answers."""

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
from crmcli.i18n import _
from crmcli.nouns import noun
from crmcli.options import Run, Where, context_of, number_of, person, takes, text
from crmcli.queries.reader import get

app = App(help=_("Knowledge: questions that were answered before; crm complain suggests those that fit."))

find_answer = find_id("answer")

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help=_("numbers: 3 or a3"), show_default=False)]

FIELDS = (
    text("category", "--category", "-c", help=_("delivery, quality, service, billing, price, …"), metavar="CATEGORY"),
    person("owner", "--owner", help=_("who knows about it; you, by default")),
)


@app.command(help=_("Keep an answer; with --from the case says what is not given, its text and how it was solved."))
@takes(text("case", "--from", help=_("the complaint that was solved so"), metavar="ID"), *FIELDS)
def add(
    ctx: Run,
    given: dict[str, Any],
    question: Annotated[str, typer.Argument(metavar="QUESTION", help=_("what is asked"), show_default=False)] = "",
    answer: Annotated[str, typer.Argument(metavar="ANSWER", help=_("what to say or do"), show_default=False)] = "",
) -> None:
    """Keep an answer and print it."""
    context = context_of(ctx)
    case = given.pop("case")
    complaint_id = find_id("complaint")(context, case) if case is not None else None
    keep_answer(context, {**given, "question": question, "answer": answer, "complaint_id": complaint_id})


@app.command(help=_("Change answers; an empty text clears a field."))
@takes(
    text("question", "--question", help=_("what is asked")),
    text("answer", "--answer", help=_("what to say or do")),
    *FIELDS,
)
def edit(ctx: Run, given: dict[str, Any], answers: Ids = None, where: Where = None) -> None:
    """Change one answer or several and print them."""
    from crmcli.services.answer import edit_answer

    context = context_of(ctx)
    require_changes(given)
    ids = chosen_ids(context, "answer", find_answer, answers, where)
    confirm_many(context, "answer", _("change {count} answers?"), ids)
    message = _("Changed a{id}: {question}")
    change_each(
        context,
        "answer",
        ids,
        lambda tx, id_: edit_answer(tx, id_, given, now=context.now),
        lambda row: message.format(**row),
    )


add_list(app, "answer")
add_show(app, "answer", find_answer)
add_delete(app, "answer", find_answer, "answer:delete_answer")


def keep_answer(context: Context, given: dict[str, Any]) -> None:
    """Keep an answer and print it."""
    from crmcli.services.answer import add_answer

    with writing(context) as tx:
        id_ = add_answer(tx, given, now=context.now, owner=context.actor)
        row = get(context.reader, "answer", id_)
    context.output.record(row, noun("answer"), _("Learnt a{id}: {question} — {answer}").format(**row))


def add_learn(app: App, find_complaint: Any) -> None:
    """Give complaints `learn`: a case that was solved becomes an answer."""

    def learn(
        ctx: Run,
        complaint: Annotated[str, number_of("complaint", _("its number: 3 or c3"), query="status:resolved,closed")],
        answer: Annotated[
            str, typer.Argument(metavar="ANSWER", help=_("what to say or do; how it was solved by default"))
        ] = "",
    ) -> None:
        """Keep what was learnt from a case."""
        context = context_of(ctx)
        keep_answer(context, {"complaint_id": find_complaint(context, complaint), "answer": answer})

    app.command("learn", help=_("Keep how it was solved as an answer to similar cases."))(learn)


def similar_line(rows: list[Row]) -> str:
    """Return `similar: a4 交付延迟怎么办 → 先道歉，再补发`, or the questions of several."""
    said = [_("a{id} {question}").format(**row) for row in rows]
    if len(rows) == 1:
        said = [_("a{id} {question} → {answer}").format(**rows[0])]
    return _("similar: {answers}").format(answers=" · ".join(" ".join(text.split()) for text in said))
