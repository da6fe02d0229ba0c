"""`crm complaint …`, and the daily `complain`: complaints, inquiries, suggestions and praise."""

from collections.abc import Callable
from datetime import datetime
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
    require_changes,
    writing,
)
from crmcli.context import Context
from crmcli.errors import UsageError
from crmcli.i18n import _
from crmcli.nouns import noun
from crmcli.options import ContactArgument, Option, Run, Where, context_of, takes, text
from crmcli.queries.reader import get
from crmcli.screens.choosing import find_contact

if TYPE_CHECKING:
    from crmcli.services.complaint import Deed
    from crmcli.store.transaction import Transaction

app = App(help=_("Complaints, inquiries, suggestions and praise, each with its deadlines and every step."))

find_complaint = find_id("complaint")

Id = Annotated[str, typer.Argument(metavar="ID", help=_("its number: 3 or c3"), show_default=False)]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help=_("numbers: 3 or c3"), show_default=False)]
Note = Annotated[str, typer.Argument(metavar="NOTE", help=_("what was said or done"), show_default=False)]
At = Annotated[str | None, typer.Option("--at", metavar="WHEN", help=_("when it happened; now by default"))]
Satisfaction = Annotated[
    int | None, typer.Option("--satisfaction", min=1, max=5, help=_("how satisfied they are, 1 to 5"), metavar="1..5")
]

FIELDS = (
    text("type", "--type", "-t", help=_("complaint, inquiry, suggestion, praise"), metavar="TYPE"),
    text("category", "--category", "-c", help=_("delivery, quality, service, billing, price, …"), metavar="CATEGORY"),
    text("severity", "--severity", "-s", help=_("low, normal, high, critical"), metavar="SEVERITY"),
    text("channel", "--channel", help=_("how it came: phone, visit, email, message, letter, web"), metavar="CHANNEL"),
    text("at", "--at", help=_("when it was received; now by default"), metavar="WHEN"),
    text("department", "--department", help=_("which department answers for it")),
    text("assignee", "--assignee", help=_("who answers for it; you, by default"), metavar="PERSON"),
)
CHANGES = (
    text("text", "--text", help=_("what they said")),
    Option("satisfaction", Satisfaction),
)


@app.command(help=_("Take a complaint, inquiry, suggestion or praise; by when to answer it follows from its severity."))
@takes(*FIELDS)
def add(
    ctx: Run,
    contact: ContactArgument,
    words: Annotated[str, typer.Argument(metavar="TEXT", help=_("what they said"), show_default=False)],
    given: dict[str, Any],
) -> None:
    """Take a complaint and print it."""
    from crmcli.services.complaint import Deed, add_complaint

    context = context_of(ctx)
    deed = Deed(context.actor, past_moment(context, given.pop("at")), context.now)
    contact_id = find_contact(context, contact)
    with writing(context) as tx:
        id_ = add_complaint(tx, contact_id, {**given, "text": words}, deed, context.settings)
        row = get(context.reader, "complaint", id_)
    context.output.record(row, noun("complaint"), _taken(context, row))


@app.command(help=_("Show one in full, with every step."))
def show(ctx: Run, complaint: Id) -> None:
    """Show a complaint."""
    from crmcli.screens.complaint import run

    context = context_of(ctx)
    run(context, find_complaint(context, complaint))


@app.command(help=_("Change complaints; another severity moves the deadlines, an empty text clears a field."))
@takes(*FIELDS, *CHANGES)
def edit(ctx: Run, given: dict[str, Any], complaints: Ids = None, where: Where = None) -> None:
    """Change one complaint or several and print them."""
    from crmcli.services.complaint import Deed, edit_complaint

    context = context_of(ctx)
    require_changes(given)
    deed = Deed(context.actor, context.now, context.now)
    received = past_moment(context, given["at"]) if given["at"] else None
    ids = chosen_ids(context, "complaint", find_complaint, complaints, where)
    confirm_many(context, _("change {count} complaints?"), ids)
    change_each(
        context,
        "complaint",
        ids,
        lambda tx, id_: edit_complaint(tx, id_, given, deed, received=received, settings=context.settings),
        lambda row: _("Changed c{id} of {contact}").format(**row) + _due(context, row),
    )


@app.command(help=_("The first answer to the customer: stops the clock of the answer."))
def respond(ctx: Run, complaint: Id, note: Note, at: At = None) -> None:
    """Record the first answer."""
    from crmcli.services.complaint import respond as take

    _step(ctx, [complaint], (note, at), take, _("Answered c{id} of {contact}"))


@app.command(help=_("Add a note."))
def comment(ctx: Run, complaint: Id, note: Note, at: At = None) -> None:
    """Add a note, in any state."""
    from crmcli.services.complaint import comment as take

    _step(ctx, [complaint], (note, at), take, _("Noted on c{id} of {contact}"))


@app.command(help=_("It is solved; counts as answered too. Close it when the customer agrees."))
def resolve(ctx: Run, complaint: Id, note: Note, at: At = None) -> None:
    """Record the solution."""
    from crmcli.services.complaint import resolve as take

    said = _("Resolved c{id} of {contact} — when they agree: crm complaint close c{id}")
    _step(ctx, [complaint], (note, at), take, said)


@app.command(help=_("The customer has had the last word."))
def close(
    ctx: Run,
    complaint: Id,
    note: Annotated[str, typer.Argument(metavar="[NOTE]", help=_("what they said"), show_default=False)] = "",
    satisfaction: Satisfaction = None,
    at: At = None,
) -> None:
    """Close a complaint."""
    from crmcli.services.complaint import close as take

    _step(ctx, [complaint], (note, at), partial(take, satisfaction=satisfaction), _("Closed c{id} of {contact}"))


@app.command(help=_("Take up again what was resolved or closed; its clock starts anew."))
def reopen(ctx: Run, complaint: Id, note: Note, at: At = None) -> None:
    """Reopen a complaint."""
    from crmcli.services.complaint import reopen as take

    settings = context_of(ctx).settings
    _step(ctx, [complaint], (note, at), partial(take, settings=settings), _("Reopened c{id} of {contact}"))


@app.command(help=_("Hand complaints to another person or department."))
def assign(
    ctx: Run,
    complaints: Ids = None,
    to: Annotated[str, typer.Option("--to", metavar="PERSON", help=_("who answers for it now"))] = "",
    department: Annotated[str, typer.Option("--department", help=_("which department answers for it"))] = "",
    note: Annotated[str, typer.Option("--note", help=_("why"))] = "",
    where: Where = None,
) -> None:
    """Hand over one complaint or several."""
    from crmcli.services.complaint import assign as take

    if not to.strip() and not department.strip():
        raise UsageError(_("to whom?"), hint=_("name a person with --to, a department with --department, or both"))
    said = _("c{id} of {contact} is with {whom} now")
    _step(ctx, complaints, (note, None), partial(take, to=to, department=department), said, where)


add_list(app, "complaint")
add_delete(app, "complaint", find_complaint, "complaint:delete_complaint")


def _step(
    ctx: typer.Context,
    references: list[str] | None,
    told: tuple[str, str | None],
    take: "Callable[[Transaction, int, Deed], None]",
    said: str,
    where: str | None = None,
) -> None:
    """Take one step on complaints and print them; `told` is the note and when it happened."""
    from crmcli.services.complaint import Deed

    context = context_of(ctx)
    note, at = told
    deed = Deed(context.actor, past_moment(context, at), context.now, note)
    ids = chosen_ids(context, "complaint", find_complaint, references, where)
    confirm_many(context, _("change {count} complaints?"), ids)
    change_each(
        context,
        "complaint",
        ids,
        lambda tx, id_: take(tx, id_, deed),
        lambda row: said.format(**row, whom=_whom(row)) + _due(context, row),
    )


def _taken(context: Context, row: Row) -> str:
    """Return what is said of a new complaint: `Took complaint c3 from 张三 — high · answer by today 13:00, in 4 h`."""
    from crmcli.queries.vocabulary import labels

    words = labels(context.connection)
    severity = words.get(("severity", row["severity"]), row["severity"])
    said = _("Took {type} c{id} from {contact}").format(
        type=words.get(("complaint_type", row["type"]), row["type"]), id=row["id"], contact=row["contact"]
    )
    due = _due(context, row, " · ")
    return f"{said} — {severity}{due}" if due else said


def _due(context: Context, row: Row, dash: str = " — ") -> str:
    """Return by when something is owed, behind a dash; nothing when nothing is."""
    if row["deadline_at"] is None:
        return ""
    from crmcli.when.say import say_distance, say_moment

    due = datetime.fromisoformat(row["deadline_at"])
    answer = row["responded_at"] is None and row["deadline_at"] == row["respond_by"]
    form = _("answer by {moment}, {distance}") if answer else _("solve by {moment}, {distance}")
    moment = say_moment(due.date(), due.time(), context.now)
    return dash + form.format(moment=moment, distance=say_distance(due.date(), due.time(), context.now))


def _whom(row: Row) -> str:
    return " · ".join(filter(None, (row["assignee"], row["department"])))
