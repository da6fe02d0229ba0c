"""The steps of a complaint as commands: what all of them share, and those of a service desk."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import Annotated, Any

import typer

from crmcli.cli import App
from crmcli.commands.verbs import Row, change_each, chosen_ids, confirm_many, find_id, past_moment, refuse_divided
from crmcli.context import Context
from crmcli.errors import ConflictError, UsageError
from crmcli.i18n import _, joined
from crmcli.options import Run, Where, context_of, flag, many, named, number, number_of, person, takes, text

find_complaint = find_id("complaint")

Id = Annotated[str, number_of("complaint", _("its number: 3 or c3"))]
Ids = Annotated[list[str] | None, number_of("complaint", _("numbers: 3 or c3"), several=True)]
Note = Annotated[str, typer.Argument(metavar="NOTE", help=_("what was said or done"), show_default=False)]
Remark = Annotated[str, typer.Argument(metavar="NOTE", help=_("what there is to say about it"), show_default=False)]

UNLESS_CHANGED = text(
    "if_status",
    "--if-status",
    help=_("only while it is in this state, or one of several with commas"),
    metavar="STATUS",
)
STEP = (
    text("at", "--at", help=_("when it happened; now by default"), metavar="WHEN"),
    person("by", "--by", help=_("who did it or decided it; you, by default"), metavar="PERSON"),
    UNLESS_CHANGED,
)
"""The options of every step."""

_FREE = frozenset({"comment", "link"})
"""Steps that decide nothing: two people may take them at the same moment."""


def run_step(
    ctx: typer.Context,
    step: str,
    references: Sequence[str] | None,
    given: dict[str, Any],
    said: str | Callable[[Row], str],
    *,
    note: str = "",
    where: str | None = None,
    **values: Any,
) -> None:
    """Take a step on complaints, by the function of that name in `services.casework`, and print them.

    What somebody else did with one of them since the command was typed makes it a conflict: only one of two can win.
    """
    context = context_of(ctx)
    refuse_divided(context, note, given["at"])
    ids = chosen_ids(context, "complaint", find_complaint, references, where)
    unchanged = unchanged_since(context, () if step in _FREE else ids, given["if_status"])
    confirm_many(context, "complaint", _("change {count} complaints?"), ids)
    module = import_module(f"crmcli.services.{'complaint' if step == 'assess' else 'casework'}")
    take = partial(getattr(module, step), **values)
    deed = deed_of(context, note, at=given["at"], by=given["by"])

    def change(tx: Any, id_: int) -> None:
        unchanged(id_)
        take(tx, id_, deed=deed)

    def say(row: Row) -> str:
        form = said if isinstance(said, str) else said(row)
        return form.format(**row) + say_due(context, row)

    change_each(context, "complaint", ids, change, say)


def deed_of(context: Context, note: str = "", *, at: str | None = None, by: str | None = None) -> Any:
    """Return who does what when, as the services take it."""
    from crmcli.rules.names import clean
    from crmcli.services.case import Deed

    return Deed(clean(by or "") or context.actor, past_moment(context, at), context.now, context.settings, note)


def unchanged_since(context: Context, ids: Sequence[int], if_status: str | None) -> Callable[[int], None]:
    """Return what raises ConflictError, inside the transaction, for a complaint that is no longer as it is now.

    Or, with `if_status`, for one that is in none of these states.
    """
    from crmcli.queries.reader import get, get_many
    from crmcli.queries.vocabulary import labels

    seen = {row["id"]: row for row in get_many(context.reader, "complaint", ids)}
    wanted = _statuses(context, if_status or "")

    def check(id_: int) -> None:
        row = get(context.reader, "complaint", id_)
        hint = _("crm complaint show c{id}").format(id=id_)
        if wanted and row["status"] not in wanted:
            status = labels(context.connection).get(("complaint_status", row["status"]), row["status"])
            raise ConflictError(_("c{id} is {status} by now").format(id=id_, status=status), hint=hint)
        if id_ in seen and row != seen[id_]:
            raise ConflictError(_("somebody else has just changed c{id}").format(id=id_), hint=hint)

    return check


def say_due(context: Context, row: Row, dash: str = " — ") -> str:
    """Return by when something is owed, behind a dash; nothing when nothing is."""
    if row["deadline_at"] is None:
        return ""
    from crmcli.when.say import say_distance, say_moment

    due = datetime.fromisoformat(row["deadline_at"])
    answer = row["responded_at"] is None and row["deadline_at"] == row["respond_by"]
    form = _("answer by {moment}, {distance}") if answer else _("solve by {moment}, {distance}")
    day, clock = due.date(), due.timetz()
    return dash + form.format(
        moment=say_moment(day, clock, context.now), distance=say_distance(day, clock, context.now)
    )


def _statuses(context: Context, text: str) -> set[str]:
    """Return the codes of the states that a list with commas names; raises UsageError for one that is none."""
    from crmcli.queries.vocabulary import choices, code_of

    wanted = set()
    for word in filter(None, (part.strip() for part in text.replace("，", ",").split(","))):
        code = code_of(context.connection, "complaint_status", word)
        if code is None:
            raise UsageError(
                _("“{text}” is none of: {codes}").format(
                    text=word, codes=joined(choices(context.connection, "complaint_status"))
                ),
                hint=_("crm vocabulary list shows them with their labels"),
            )
        wanted.add(code)
    return wanted


JUDGED = (
    flag("valid", "--valid/--invalid", help=_("whether they are right")),
    text("type", "--type", "-t", help=_("complaint, inquiry, suggestion, praise"), metavar="TYPE"),
    text("category", "--category", "-c", help=_("delivery, quality, service, billing, price, …"), metavar="CATEGORY"),
    text("severity", "--severity", "-s", help=_("low, normal, high, critical"), metavar="SEVERITY"),
    text("cause", "--cause", help=_("mistake, process, product, supplier, communication, …"), metavar="CAUSE"),
)
OPTIONS = (many("options", "--option", help=_("one of several that the customer may choose from")),)
CHOSEN = (number("option", "--option", help=_("which of the options that were proposed"), least=1),)
LINKED = (
    text("followup", "--followup", help=_("a follow-up that was about it"), metavar="ID"),
    text("other", "--complaint", help=_("another complaint that belongs to it"), metavar="ID"),
    text("improvement", "--improvement", help=_("what was improved because of it")),
)


def add_steps(app: App) -> None:
    """Give `complaint` the steps of a service desk, in a panel of their own."""
    desk = partial(app.command, rich_help_panel=_("The service desk"))
    desk(help=_("Judge it: valid or not, of which type, category and severity, and why it happened."))(assess)
    desk(help=_("Ask a person or a department to take it over; you answer for it until they accept."))(assign)
    desk(help=_("Take it over: you answer for it from now on."))(accept)
    desk(help=_("Say no to taking it over, and why."))(decline)
    desk(help=_("Propose what to do about it: one option, or several."))(propose)
    desk(help=_("Approve what was proposed."))(approve)
    desk(help=_("Reject what was proposed, and say why."))(reject)
    desk(help=_("Wait for the customer: its clocks stand until it is resumed."))(wait)
    desk(help=_("Go on: the customer has done their part."))(resume)
    desk(help=_("Let somebody higher know."))(escalate)
    desk(help=_("Connect it with a follow-up, another complaint, or the improvement that came of it."))(link)


@takes(*JUDGED, *STEP)
def assess(ctx: Run, complaint: Id, given: dict[str, Any], note: Remark = "") -> None:
    """Judge a complaint."""

    def said(row: Row) -> str:
        if row["valid"] is False and row["closed_at"] is None:
            return _("Assessed c{id} of {contact}: not valid — when they know: crm complaint close c{id}")
        return _("Assessed c{id} of {contact}")

    judged = {option.name: given.pop(option.name) for option in JUDGED}
    run_step(ctx, "assess", [complaint], given, said, note=note, judged=judged)


@takes(*STEP)
def assign(
    ctx: Run,
    given: dict[str, Any],
    complaints: Ids = None,
    to: Annotated[
        str, typer.Option("--to", metavar="PERSON", help=_("who is asked to take it over"), callback=named)
    ] = "",
    department: Annotated[str, typer.Option("--department", help=_("which department is asked"))] = "",
    note: Annotated[str, typer.Option("--note", help=_("why"))] = "",
    where: Where = None,
) -> None:
    """Hand over one complaint or several."""
    if not to.strip() and not department.strip():
        raise UsageError(_("to whom?"), hint=_("name a person with --to, a department with --department, or both"))

    def said(row: Row) -> str:
        whom = " · ".join(filter(None, (row["assignee"], row["department"]))).replace("{", "{{").replace("}", "}}")
        if row["assignee"] == row["responsible"] and row["assignee"]:
            return _("c{id} of {contact} is with {whom} now").replace("{whom}", whom)
        until = (
            _("c{id} of {contact}: {whom} was asked; {responsible} answers for it until: crm complaint accept c{id}")
            if row["responsible"]
            else _("c{id} of {contact}: {whom} was asked; nobody answers for it until: crm complaint accept c{id}")
        )
        return until.replace("{whom}", whom)

    run_step(ctx, "assign", complaints, given, said, note=note, where=where, to=to, department=department)


@takes(*STEP)
def accept(ctx: Run, complaint: Id, given: dict[str, Any], note: Remark = "") -> None:
    """Take a complaint over."""
    run_step(ctx, "accept", [complaint], given, _("{responsible} answers for c{id} of {contact} now"), note=note)


@takes(*STEP)
def decline(ctx: Run, complaint: Id, note: Note, given: dict[str, Any]) -> None:
    """Say no."""
    said = _("Declined c{id} of {contact}: {responsible} goes on answering for it")
    run_step(ctx, "decline", [complaint], given, said, note=note)


@takes(*OPTIONS, *STEP)
def propose(ctx: Run, complaint: Id, given: dict[str, Any], note: Remark = "") -> None:
    """Propose a solution."""
    options = given.pop("options") or ()
    said = _("Proposed for c{id} of {contact} — next: crm complaint approve c{id}")
    run_step(ctx, "propose", [complaint], given, said, note=note, options=options)


@takes(*CHOSEN, *STEP)
def approve(ctx: Run, complaint: Id, given: dict[str, Any], note: Remark = "") -> None:
    """Approve a proposal."""
    option = given.pop("option")
    run_step(ctx, "approve", [complaint], given, _("Approved for c{id} of {contact}"), note=note, option=option)


@takes(*STEP)
def reject(ctx: Run, complaint: Id, note: Note, given: dict[str, Any]) -> None:
    """Reject a proposal."""
    said = _("Rejected what was proposed for c{id} of {contact} — next: crm complaint propose c{id}")
    run_step(ctx, "reject", [complaint], given, said, note=note)


@takes(*STEP)
def wait(ctx: Run, complaint: Id, given: dict[str, Any], note: Remark = "") -> None:
    """Wait for the customer."""
    said = _("c{id} waits for {contact}; when they have answered: crm complaint resume c{id}")
    run_step(ctx, "wait", [complaint], given, said, note=note)


@takes(*STEP)
def resume(ctx: Run, complaint: Id, given: dict[str, Any], note: Remark = "") -> None:
    """Go on."""
    run_step(ctx, "resume", [complaint], given, _("c{id} of {contact} goes on"), note=note)


@takes(*STEP)
def escalate(
    ctx: Run,
    complaint: Id,
    given: dict[str, Any],
    note: Remark = "",
    to: Annotated[
        str, typer.Option("--to", metavar="PERSON", help=_("whom; the next of its service level"), callback=named)
    ] = "",
) -> None:
    """Escalate."""
    said = _("Escalated c{id} of {contact} to {escalated_to}")
    run_step(ctx, "escalate", [complaint], given, said, note=note, to=to)


@takes(*LINKED, *STEP)
def link(ctx: Run, complaint: Id, given: dict[str, Any], note: Remark = "") -> None:
    """Connect a complaint."""
    context = context_of(ctx)
    followup, other, improvement = (given.pop(option.name) for option in LINKED)
    run_step(
        ctx,
        "link",
        [complaint],
        given,
        _("Linked c{id} of {contact}"),
        note=note,
        followup=find_id("followup")(context, followup) if followup else None,
        other=find_complaint(context, other) if other else None,
        improvement=improvement or "",
    )
