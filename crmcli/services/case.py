"""One complaint at work: taking a step, recording it, and its clocks.

The clocks stand while it waits for the customer. Escalations come due as time passes, whoever looks; they are recorded
with the next step that is taken, each at its own moment.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import col, select

from crmcli.config import Settings
from crmcli.errors import ConflictError, UsageError
from crmcli.i18n import _, joined
from crmcli.models.complaint import Complaint, ComplaintStep
from crmcli.queries.service_levels import class_of, service_levels
from crmcli.queries.vocabulary import labels
from crmcli.rules.business_hours import Calendar, opening, paused
from crmcli.rules.clean import printable
from crmcli.rules.escalation import escalations
from crmcli.rules.service_levels import ServiceLevel, deadlines, desk_calendar, service_level
from crmcli.rules.workflow import CHANGED, FOLLOWED, MOVES, Facts, missing_steps, possible_steps
from crmcli.services.records import id_of, load
from crmcli.store.transaction import Transaction
from crmcli.when.periods import parse_period
from crmcli.when.stored import moment_text

THE_PROGRAM = "crm"
"""Who escalates when time has passed."""

_WITHOUT_NOTE = frozenset(
    {"close", "assign", "accept", "assess", "propose", "approve", "wait", "resume", "escalate", "link"}
)
"""Steps that may speak for themselves."""
_ANSWERS = ("respond", "resolve")
"""Steps that may be the first answer to the customer."""


class Deed(NamedTuple):
    """Who took a step, when it happened, when it is recorded, by whose settings, and what there is to say about it."""

    actor: str
    at: datetime
    now: datetime
    settings: Settings
    note: str = ""


def take(tx: Transaction, id_: int, kind: str, deed: Deed, data: Mapping[str, Any] | None = None) -> Complaint:
    """Move a complaint by a step, record it, and return it; what was to be escalated until then is recorded first.

    Raises ConflictError, saying what is possible, when the step does not fit; UsageError for a note or a moment.
    """
    complaint = load(tx, Complaint, id_)
    require_possible(tx, complaint, kind)
    if kind not in _WITHOUT_NOTE and not deed.note.strip():
        raise UsageError(
            _("say what was said or done: the note is empty"),
            hint=_('crm complaint {step} c{id} "…"').format(step=kind, id=id_),
        )
    _require_order(tx, complaint, kind, deed.at)
    _record_escalations(tx, complaint, deed)
    complaint.status = MOVES[kind][complaint.status]
    complaint.updated_at = deed.now
    record(tx, complaint, kind, deed, data)
    return complaint


def _require_order(tx: Transaction, complaint: Complaint, kind: str, at: datetime) -> None:
    """Raise UsageError for a step that would lie before what it follows: its clocks would count hours twice."""
    later = {
        "receive": _("c{id} was received later than that"),
        "wait": _("c{id} began to wait later than that"),
        "resume": _("c{id} was resumed later than that"),
        "resolve": _("c{id} was resolved later than that"),
        "close": _("c{id} was closed later than that"),
        "reopen": _("c{id} was reopened later than that"),
    }
    before = [step.kind for step in steps_of(tx, complaint) if step.at > at and step.kind in FOLLOWED.get(kind, ())]
    if at < complaint.received_at or before:
        raise UsageError(
            later[before[-1] if before else "receive"].format(id=complaint.id),
            hint=_("crm complaint show c{id}").format(id=complaint.id),
        )


def require_possible(tx: Transaction, complaint: Complaint, kind: str) -> None:
    """Raise ConflictError, saying what is possible now, when a step does not fit the state of a complaint."""
    possible = possible_steps(complaint.status, _facts(complaint))
    if kind in possible:
        return
    status = labels(tx.connection).get(("complaint_status", complaint.status), complaint.status)
    fits = complaint.status in MOVES[kind]
    messages = {
        "respond": _("c{id} was answered already"),
        "accept": _("nobody was asked to take c{id} over: {responsible} answers for it"),
        "decline": _("nobody was asked to take c{id} over: {responsible} answers for it"),
        "wait": _("c{id} is waiting for the customer already"),
        "resume": _("c{id} is not waiting for the customer"),
    }
    message = messages[kind] if fits else _("c{id} is {status}: {step} does not fit")
    raise ConflictError(
        message.format(id=complaint.id, status=status, step=kind, responsible=complaint.responsible),
        hint=_("possible now: {steps}").format(steps=joined(possible)),
    )


def require_steps(tx: Transaction, complaint: Complaint) -> None:
    """Raise ConflictError when the complaint's type requires a step that was not taken; not of an invalid one."""
    row = tx.connection.execute(
        """SELECT requires FROM vocabulary WHERE "set" = 'complaint_type' AND code = ?""", (complaint.type,)
    ).fetchone()
    missing = missing_steps(row and row[0], [step.kind for step in steps_of(tx, complaint)])
    if missing and complaint.valid != 0:
        raise ConflictError(
            _("before c{id} is solved, it needs: {steps}").format(id=complaint.id, steps=joined(missing)),
            hint=f"crm complaint {missing[0]} c{complaint.id} …",
        )


def record(tx: Transaction, complaint: Complaint, kind: str, deed: Deed, data: Mapping[str, Any] | None = None) -> None:
    """Write down a step before the complaint is changed by it, with what reports of earlier moments need to know."""
    said = {**(data or {}), **({"before": _as_it_is(complaint, CHANGED[kind])} if kind in CHANGED else {})}
    tx.session.add(
        ComplaintStep(
            complaint_id=id_of(complaint),
            kind=kind,
            at=deed.at,
            actor=deed.actor,
            status=complaint.status,
            note=printable(deed.note).strip() or None,
            data=json.dumps(said, ensure_ascii=False) if said else None,
        )
    )
    tx.session.flush()


def _as_it_is(complaint: Complaint, names: Sequence[str]) -> dict[str, Any]:
    values = {name: getattr(complaint, name) for name in names}
    return {name: moment_text(value) if isinstance(value, datetime) else value for name, value in values.items()}


def steps_of(tx: Transaction, complaint: Complaint) -> Sequence[ComplaintStep]:
    """Return the steps that were taken on a complaint, in their order."""
    query = select(ComplaintStep).where(ComplaintStep.complaint_id == complaint.id).order_by(col(ComplaintStep.id))
    return tx.session.exec(query).all()


# the clocks


def promise(tx: Transaction, complaint: Complaint, deed: Deed, *, answered: bool = False) -> None:
    """Set the deadlines anew, from when the clock started; that of an answer which was given stays.

    So whether it was in time stays known. Pauses that are over count as they did.
    """
    level = level_of(tx, complaint, deed.settings)
    calendar = desk_calendar(level.hours, deed.settings, deed.now)
    for name, until in (("resolve_by", None), *([] if answered else [("respond_by", complaint.responded_at)])):
        since, pauses = _clock(tx, complaint, until)
        due = getattr(deadlines(complaint.type, since, level, calendar), name)
        for begin, end in pauses:
            due = due and paused(due, begin, end, calendar)
        setattr(complaint, name, due)
    complaint.hours = level.hours if complaint.resolve_by else None


def level_of(tx: Transaction, complaint: Complaint, settings: Settings) -> ServiceLevel:
    """Return the service level of a complaint, by type, severity and its customer's class."""
    case = {
        "type": complaint.type,
        "severity": complaint.severity,
        "class": class_of(tx.connection, complaint.contact_id),
    }
    return service_level(settings, service_levels(tx.connection), case)


def opens_at(complaint: Complaint, deed: Deed) -> datetime | None:
    """Return when the desk opens that a complaint came to while it was closed; None when it was open."""
    calendar = _calendar(complaint, deed)
    opens = opening(deed.at, calendar) if calendar else deed.at
    return opens.astimezone(deed.now.tzinfo) if opens > deed.at else None


def go_on(tx: Transaction, complaint: Complaint, deed: Deed) -> None:
    """End a pause, if there is one, for a step that needs no waiting."""
    if complaint.waiting_since is not None:
        record(tx, complaint, "resume", deed._replace(note=""))
        end_pause(complaint, deed)


def end_pause(complaint: Complaint, deed: Deed) -> None:
    """Let the clocks go on: the deadlines lie as far ahead as they did when the pause began."""
    _postpone(complaint, deed, ["resolve_by"] if complaint.responded_at else ["respond_by", "resolve_by"])
    complaint.waiting_since = None


def answer(complaint: Complaint, deed: Deed) -> None:
    """Note the first answer to the customer; while the complaint waits, the time that it stood does not count."""
    if complaint.responded_at is None:
        _postpone(complaint, deed, ["respond_by"])
        complaint.responded_at = deed.at


def _postpone(complaint: Complaint, deed: Deed, names: Sequence[str]) -> None:
    since, calendar = complaint.waiting_since, _calendar(complaint, deed)
    for name in names:
        due = getattr(complaint, name)
        if due and since:
            setattr(complaint, name, paused(due, since, deed.at, calendar))


def _record_escalations(tx: Transaction, complaint: Complaint, deed: Deed) -> None:
    """Write down which escalations came due before this step and are not written down yet."""
    until = min(deed.at, complaint.waiting_since or deed.at)
    missed = {
        "respond": complaint.respond_by if complaint.responded_at is None else None,
        "resolve": complaint.resolve_by,
    }
    late = {name: due for name, due in missed.items() if due and due < until}
    if not late or complaint.resolved_at or complaint.closed_at:
        return
    people = level_of(tx, complaint, deed.settings).escalate_to
    every = parse_period(deed.settings.text("escalate_every"))
    known = [json.loads(step.data or "{}") for step in steps_of(tx, complaint) if step.kind == "escalate"]
    for due in escalations(late, until, people, every):
        data = {"to": due.to, "deadline": due.deadline, "level": due.level, "of": late[due.deadline].isoformat()}
        if data not in known:
            record(tx, complaint, "escalate", deed._replace(actor=THE_PROGRAM, at=due.at, note=""), data)
            complaint.escalated_to = due.to


def _clock(
    tx: Transaction, complaint: Complaint, answered_at: datetime | None = None
) -> tuple[datetime, list[tuple[datetime, datetime]]]:
    """Return when the clock of a complaint started, which is when it was last reopened, and the pauses since then.

    With the moment of the first answer it is the clock that this stopped: what came after it counts no more.
    """
    since, pauses, begin = complaint.received_at, list[tuple[datetime, datetime]](), None
    for step in steps_of(tx, complaint):
        if answered_at and (step.kind in _ANSWERS or step.at > answered_at):
            break
        if step.kind == "reopen":
            since, pauses, begin = step.at, [], None
        elif step.kind == "wait":
            begin = step.at
        elif step.kind == "resume" and begin:
            pauses.append((begin, step.at))
            begin = None
    if answered_at and begin:
        pauses.append((begin, answered_at))
    return since, pauses


def _calendar(complaint: Complaint, deed: Deed) -> Calendar | None:
    return desk_calendar(complaint.hours, deed.settings, deed.now)


def _facts(complaint: Complaint) -> Facts:
    return Facts(
        answered=complaint.responded_at is not None,
        asked=complaint.responsible is None or complaint.assignee != complaint.responsible,
        waiting=complaint.waiting_since is not None,
    )
