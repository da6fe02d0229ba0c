"""`crm survey …`: how satisfied customers are, on a scale of 100 points."""

import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import App
from crmcli.commands.verbs import (
    Row,
    add_delete,
    add_list,
    change_each,
    chosen_ids,
    confirm_many,
    find_id,
    past_moment,
    print_written,
    require_changes,
    writing,
)
from crmcli.completion import complete_contact
from crmcli.context import Context
from crmcli.errors import UsageError
from crmcli.i18n import _, ngettext
from crmcli.options import Option, Run, Where, context_of, person, takes, text
from crmcli.queries.reader import get, get_many
from crmcli.screens.choosing import find_contact

if TYPE_CHECKING:
    from crmcli.queries.surveys import Asked
    from crmcli.rules.satisfaction import Answer

app = App(help=_("Surveys of 100 points: sent, returned, and what was expected against what was experienced."))

find_survey = find_id("survey")

Contacts = Annotated[
    list[str] | None,
    typer.Argument(metavar="[CONTACT]...", help=_("to whom"), autocompletion=complete_contact, show_default=False),
]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", show_default=False)]
Id = Annotated[str, typer.Argument(metavar="ID", show_default=False)]
Force = Annotated[bool, typer.Option("--force", help=_("although one has not come back yet"))]

_COMPLAINT = text("complaint", "--complaint", help=_("the complaint that it is about"), metavar="ID")
_CHANNEL = text("channel", "--channel", help=_("by which channel: phone, email, message, letter, web, …"))
_OWNER = person("owner", "--owner", help=_("who sent it; you, by default"))
_ANSWERS = text(
    "answers",
    "--answers",
    help=_("experience, and what was expected if they told: 0 to 100 each"),
    metavar='"q1=90/80 q2=70"',
)
_SCORE = Option(
    "score",
    Annotated[
        float | None,
        typer.Option("--score", metavar="POINTS", min=0, max=100, help=_("the points as a whole, 0 to 100")),
    ],
)
_COMMENT = text("comment", "--comment", help=_("what they wrote besides"))


@app.command(help=_("Note that customers were sent a survey: one, several, or all that match."))
@takes(
    text("form", "--form", help=_("which form; see crm question list"), metavar="NAME"),
    _COMPLAINT,
    _CHANNEL,
    text("at", "--at", help=_("when it was sent; now by default"), metavar="WHEN"),
    _OWNER,
)
def send(ctx: Run, given: dict[str, Any], contacts: Contacts = None, where: Where = None, force: Force = False) -> None:
    """Send surveys and print them."""
    from crmcli.queries.surveys import awaited, require_form
    from crmcli.services.survey import send_survey

    context = context_of(ctx)
    sent = past_moment(context, given.pop("at"))
    form = require_form(context.connection, given["form"] or "")
    given = {**_resolved(context, given), "owner": given["owner"] or context.actor}
    if given.get("complaint_id") and not contacts and not where:
        contacts = [str(get(context.reader, "complaint", given["complaint_id"])["contact_id"])]
    chosen = chosen_ids(context, "contact", find_contact, contacts, where, "survey send")
    asked = [id_ for id_ in chosen if force or len(chosen) == 1 or not awaited(context.connection, id_, form)]
    confirm_many(context, "contact", _("send {count} surveys?"), asked)
    with writing(context) as tx:
        ids = [send_survey(tx, id_, given, sent=sent, now=context.now, force=force) for id_ in asked]
        rows = get_many(context.reader, "survey", ids)
    print_written(context, "survey", rows, lambda row: _("Sent survey {id} ({form}) to {contact}").format(**row))
    if len(asked) < len(chosen):
        left = len(chosen) - len(asked)
        said = ngettext("{count} has one already that is not back", "{count} have one already that is not back", left)
        context.output.note(said.format(count=left))


@app.command("return", help=_("Note what came back: answers, or points as a whole; on a terminal you are asked."))
@takes(_ANSWERS, _SCORE, _COMMENT, text("at", "--at", help=_("when it came back; now by default"), metavar="WHEN"))
def return_(ctx: Run, given: dict[str, Any], survey: Id) -> None:
    """Note the answers of a survey and print it."""
    from crmcli.services.survey import return_survey

    context = context_of(ctx)
    at = past_moment(context, given.pop("at"))
    id_ = find_survey(context, survey)
    row = get(context.reader, "survey", id_)
    answers = _answers(given.pop("answers"))
    if not answers and given["score"] is None and row["returned_at"] is None and context.interactive:
        answers = _ask(context, row)
    change_each(
        context,
        "survey",
        [id_],
        lambda tx, one: return_survey(tx, one, answers, given, at=at, now=context.now),
        _say_returned,
    )


@app.command(help=_("Change surveys: answers, points, the comment, when they were sent."))
@takes(
    _ANSWERS,
    _SCORE,
    _COMMENT,
    _CHANNEL,
    _COMPLAINT,
    _OWNER,
    text("sent", "--sent", help=_("when it was sent"), metavar="WHEN"),
)
def edit(ctx: Run, given: dict[str, Any], surveys: Ids = None, where: Where = None) -> None:
    """Change one survey or several and print them."""
    from crmcli.services.survey import edit_survey

    context = context_of(ctx)
    require_changes(given)
    answers = _answers(given.pop("answers"))
    given["sent"] = past_moment(context, given["sent"]) if given["sent"] else None
    ids = chosen_ids(context, "survey", find_survey, surveys, where)
    confirm_many(context, "survey", _("change {count} surveys?"), ids)
    change_each(
        context,
        "survey",
        ids,
        partial(edit_survey, answers=answers, given=_resolved(context, given), now=context.now),
        lambda row: _say(row, _("Changed survey {id} of {contact}")),
    )


@app.command(help=_("Show one in full, question by question."))
def show(ctx: Run, survey: Id) -> None:
    """Show a survey."""
    from crmcli.screens.survey import run

    context = context_of(ctx)
    run(context, find_survey(context, survey))


@app.command(help=_("Print a form to hand out, in Markdown; with a number, for the one whom that survey was sent to."))
def form(
    ctx: Run,
    survey: Annotated[str, typer.Argument(metavar="ID", show_default=False)] = "",
    name: Annotated[
        str, typer.Option("--form", metavar="NAME", help=_("which form; see crm question list"), show_default=False)
    ] = "",
) -> None:
    """Print a form."""
    from crmcli.screens.survey import run_form

    context = context_of(ctx)
    run_form(context, name, find_survey(context, survey) if survey else None)


add_list(app, "survey")
add_delete(app, "survey", find_survey, "survey:delete_survey")


def _answers(said: str | None) -> "dict[str, Answer]":
    from crmcli.rules.satisfaction import parse_answers

    return parse_answers(said) if said and said.strip() else {}


def _resolved(context: Context, given: dict[str, Any]) -> dict[str, Any]:
    """Return the options with the complaint found."""
    values = dict(given)
    reference = values.pop("complaint", None)
    if reference:
        values["complaint_id"] = find_id("complaint")(context, reference)
    return values


def _ask(context: Context, row: Row) -> "dict[str, Answer]":
    """Ask on the terminal what was answered to each question; an empty line leaves one out."""
    from crmcli.queries.surveys import asked_of
    from crmcli.rules.satisfaction import parse_answers

    answers: dict[str, Answer] = {}
    sys.stderr.write(_("experience, or experience/expectation, 0 to 100; nothing leaves a question out") + "\n")
    for asked in asked_of(context.connection, row["form"]):
        said = _line(asked)
        while said:
            try:
                answers |= parse_answers(f"{asked.code}={said}")
                break
            except UsageError as error:
                context.output.note(error.message)
                said = _line(asked)
    return answers


def _line(asked: "Asked") -> str:
    """Return what is typed for a question, nothing at the end of the input."""
    from crmcli.render.text import safe

    sys.stderr.write(safe(f"{asked.text} "))
    sys.stderr.flush()
    return sys.stdin.readline().strip().replace(" ", "")


def _say_returned(row: Row) -> str:
    if row["score"] is None:  # they answered what has no weight
        return _say(row, _("Survey {id} of {contact} came back"))
    return _say(row, _("Survey {id} of {contact} came back: {score} of 100"))


def _say(row: Row, message: str) -> str:
    """Return what was done, and of what came back by how much it fell short."""
    said = message.format(**{**row, "score": f"{row['score'] or 0:g}"})
    return said + (_(" · they had expected {gap} more").format(gap=row["gap"]) if (row["gap"] or 0) > 0 else "")
