"""`crm complaint …`, and the daily `complain`: complaints, inquiries, suggestions and praise."""

from datetime import datetime
from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.commands.answer import add_learn, similar_line
from crmcli.commands.casework import (
    STEP,
    UNLESS_CHANGED,
    Id,
    Ids,
    Note,
    Remark,
    add_steps,
    deed_of,
    find_complaint,
    run_step,
    say_due,
    unchanged_since,
)
from crmcli.commands.verbs import (
    Row,
    add_delete,
    add_list,
    change_each,
    chosen_ids,
    confirm_many,
    find_id,
    past_moment,
    require_changes,
    writing,
)
from crmcli.completion import complete_word
from crmcli.context import Context
from crmcli.i18n import _
from crmcli.nouns import noun
from crmcli.options import ContactArgument, Option, Run, Where, context_of, number_of, person, takes, text
from crmcli.queries.reader import get, get_many
from crmcli.screens.choosing import find_contact

app = App(help=_("Complaints, inquiries, suggestions and praise, each with its deadlines and every step."))

Unclosed = Annotated[str, number_of("complaint", _("its number: 3 or c3"), query="-status:closed")]
Over = Annotated[str, number_of("complaint", _("its number: 3 or c3"), query="status:resolved,closed")]
Satisfaction = Annotated[
    int | None, typer.Option("--satisfaction", min=1, max=5, help=_("how satisfied they are, 1 to 5"), metavar="1..5")
]

FIELDS = (
    text(
        "type",
        "--type",
        "-t",
        help=_("complaint, inquiry, suggestion, praise"),
        metavar="TYPE",
        autocompletion=complete_word("complaint_type"),
    ),
    text(
        "category",
        "--category",
        "-c",
        help=_("delivery, quality, service, billing, price, …"),
        metavar="CATEGORY",
        autocompletion=complete_word("complaint_category"),
    ),
    text(
        "severity",
        "--severity",
        "-s",
        help=_("low, normal, high, critical"),
        metavar="SEVERITY",
        autocompletion=complete_word("severity"),
    ),
    text(
        "channel",
        "--channel",
        help=_("how it came: phone, visit, email, message, letter, web"),
        metavar="CHANNEL",
        autocompletion=complete_word("channel"),
    ),
    text("at", "--at", help=_("when it was received; now by default"), metavar="WHEN"),
    text("department", "--department", help=_("which department answers for it")),
    person("assignee", "--assignee", help=_("who is asked to handle it; you, by default"), metavar="PERSON"),
)
CHANGES = (
    text("text", "--text", help=_("what they said")),
    text("cause", "--cause", help=_("why it happened")),
    Option("satisfaction", Satisfaction),
    UNLESS_CHANGED,
)


@app.command(help=_("Take a complaint, inquiry, suggestion or praise; by when to answer it follows from its severity."))
@takes(*FIELDS)
def add(
    ctx: Run,
    contact: ContactArgument,
    words: Annotated[str, typer.Argument(metavar="TEXT", help=_("what they said"), show_default=False)],
    given: dict[str, Any],
) -> None:
    """Take a complaint and print it, with the answers to similar ones."""
    from crmcli.queries.answers import similar
    from crmcli.services.complaint import add_complaint

    context = context_of(ctx)
    deed = deed_of(context, at=given.pop("at"))
    contact_id = find_contact(context, contact)
    with writing(context) as tx:
        id_ = add_complaint(tx, contact_id, {**given, "text": words}, deed)
        row = get(context.reader, "complaint", id_)
    answers = similar(context.reader, row["text"])
    context.output.record({**row, "answers": answers}, noun("complaint"), _taken(context, row))
    if answers:
        context.output.message(similar_line(answers))


@app.command(help=_("Show one in full, with every step."))
def show(ctx: Run, complaint: Id) -> None:
    """Show a complaint."""
    from crmcli.screens.complaint import run

    context = context_of(ctx)
    run(context, find_complaint(context, complaint))


@app.command(
    help=_("Change complaints; another severity moves the deadlines of open ones, an empty text clears a field.")
)
@takes(*FIELDS, *CHANGES)
def edit(ctx: Run, given: dict[str, Any], complaints: Ids = None, where: Where = None) -> None:
    """Change one complaint or several and print them."""
    context = context_of(ctx)
    if_status = given.pop("if_status")
    require_changes(given)
    received = past_moment(context, given["at"]) if given["at"] else None
    ids = chosen_ids(context, "complaint", find_complaint, complaints, where)
    unchanged = unchanged_since(context, ids, if_status)
    confirm_many(context, "complaint", _("change {count} complaints?"), ids)
    from crmcli.services.complaint import edit_complaint

    deed = deed_of(context)

    def change(tx: Any, id_: int) -> None:
        unchanged(id_)
        edit_complaint(tx, id_, given, deed, received=received)

    moving = any(given[name] is not None for name in ("type", "severity", "at"))
    closed = {row["id"]: row["closed_at"] for row in get_many(context.reader, "complaint", ids)}

    def said(row: Row) -> str:
        comes_of_it = ""
        if bool(closed[row["id"]]) != bool(row["closed_at"]):
            comes_of_it = _("; it is closed now") if row["closed_at"] else _("; it is open again")
        elif moving and row["resolve_by"] and (row["resolved_at"] or row["closed_at"]):
            comes_of_it = _("; it is over: its deadlines stay")
        return _("Changed c{id} of {contact}").format(**row) + say_due(context, row) + comes_of_it

    change_each(context, "complaint", ids, change, said)


@app.command(help=_("The first answer to the customer: stops the clock of the answer."))
@takes(*STEP)
def respond(ctx: Run, complaint: Id, note: Note, given: dict[str, Any]) -> None:
    """Record the first answer."""
    run_step(ctx, "respond", [complaint], given, _("Answered c{id} of {contact}"), note=note)


@app.command(help=_("Add a note."))
@takes(*STEP)
def comment(ctx: Run, complaint: Id, note: Note, given: dict[str, Any]) -> None:
    """Add a note, in any state."""
    run_step(ctx, "comment", [complaint], given, _("Noted on c{id} of {contact}"), note=note)


@app.command(help=_("It is solved; counts as answered too. Close it when the customer agrees."))
@takes(
    *STEP, text("answer", "--answer", help=_("the answer that solved it; it says what the note doesn't"), metavar="ID")
)
def resolve(ctx: Run, complaint: Id, given: dict[str, Any], note: Remark = "") -> None:
    """Record the solution."""
    said = _("Resolved c{id} of {contact} — when they agree: crm complaint close c{id}")
    answer = given["answer"] and find_id("answer")(context_of(ctx), given["answer"])
    run_step(ctx, "resolve", [complaint], given, said, note=note, answer_id=answer or None)


@app.command(help=_("The customer has had the last word."))
@takes(*STEP)
def close(
    ctx: Run, complaint: Unclosed, given: dict[str, Any], note: Remark = "", satisfaction: Satisfaction = None
) -> None:
    """Close a complaint."""
    reader = context_of(ctx).reader

    def said(row: Row) -> str:
        visits = [*filter(None, [row["return_visit_id"]])]
        known = get_many(reader, "callback", visits)  # one that a dry run has planned is gone again
        if not visits or any(visit["status"] != "open" for visit in known):
            return _("Closed c{id} of {contact}")
        return _("Closed c{id} of {contact}; the return visit is callback {return_visit_id}")

    run_step(ctx, "close", [complaint], given, said, note=note, satisfaction=satisfaction)


@app.command(help=_("Take up again what was resolved or closed; its clock starts anew."))
@takes(*STEP)
def reopen(ctx: Run, complaint: Over, note: Note, given: dict[str, Any]) -> None:
    """Reopen a complaint."""
    run_step(ctx, "reopen", [complaint], given, _("Reopened c{id} of {contact}"), note=note)


add_steps(app)
add_learn(app, find_complaint)
add_list(app, "complaint")
add_delete(app, "complaint", find_complaint, "complaint:delete_complaint")


def _taken(context: Context, row: Row) -> str:
    """Return what is said of a new complaint: `Took complaint c3 from 张三 — high · answer by today 13:00, in 4 h`."""
    from crmcli.queries.vocabulary import labels

    words = labels(context.connection)
    severity = words.get(("severity", row["severity"]), row["severity"])
    said = _("Took {type} c{id} from {contact}").format(
        type=words.get(("complaint_type", row["type"]), row["type"]), id=row["id"], contact=row["contact"]
    )
    due = say_due(context, row, " · ")
    return f"{said} — {severity}{due}{_out_of_hours(context, row)}" if due else said


def _out_of_hours(context: Context, row: Row) -> str:
    """Return what applies to a complaint that came while the desk was closed: when it opens, or who was asked."""
    data = row["steps"][0]["data"] or {}
    if "opens_at" not in data:
        return ""
    if "asked" in data:
        return _("; out of hours: {person} was asked at once").format(person=data["asked"])
    from crmcli.when.say import say_moment

    opens = datetime.fromisoformat(data["opens_at"])
    return _("; out of hours: the desk opens {moment}").format(
        moment=say_moment(opens.date(), opens.time(), context.now)
    )
