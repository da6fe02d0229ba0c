"""Writing complaints: taking them, and every step until they are closed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import col, select

from crmcli.config import Settings
from crmcli.errors import ConflictError, NotFoundError, UsageError
from crmcli.i18n import _
from crmcli.models.complaint import Complaint, ComplaintStep
from crmcli.queries.vocabulary import labels
from crmcli.rules.clean import printable
from crmcli.rules.service_levels import OWED_NOTHING, deadlines, service_level
from crmcli.rules.workflow import MOVES, possible_steps
from crmcli.services.vocabulary import require_code
from crmcli.store.transaction import Transaction

CODES = {"type": "complaint_type", "category": "complaint_category", "severity": "severity", "channel": "channel"}
"""The fields that are chosen from the vocabulary, and their sets."""

_WITHOUT_NOTE = frozenset({"close", "assign"})
"""Steps that may speak for themselves."""

_NEVER_EMPTY = frozenset({"type", "severity"})


class Deed(NamedTuple):
    """Who took a step, when it happened, when it is recorded, and what there is to say about it."""

    actor: str
    at: datetime
    now: datetime
    note: str = ""


def add_complaint(tx: Transaction, contact_id: int, given: Mapping[str, Any], deed: Deed, settings: Settings) -> int:
    """Take a complaint, inquiry, suggestion or praise with its deadlines, and return its id.

    Who takes it is responsible until it is handed over (首问负责). A praise is closed at once. Raises UsageError for an
    empty text and for unknown codes.
    """
    chosen = {"type": "complaint", "severity": "normal", **_codes(tx, given)}
    done = chosen["type"] in OWED_NOTHING
    complaint = Complaint(
        contact_id=contact_id,
        text=_said(given["text"]),
        status="closed" if done else "received",
        received_at=deed.at,
        closed_at=deed.at if done else None,
        department=(given.get("department") or "").strip() or None,
        assignee=(given.get("assignee") or "").strip() or deed.actor,
        created_at=deed.now,
        updated_at=deed.now,
        **chosen,
    )
    _promise(complaint, deed.at, settings)
    tx.session.add(complaint)
    tx.session.flush()
    _record(tx, complaint, "receive", deed)
    return _id(complaint)


def edit_complaint(
    tx: Transaction, id_: int, given: Mapping[str, Any], deed: Deed, *, received: datetime | None, settings: Settings
) -> None:
    """Change what was given of a complaint; an empty text clears a field.

    While it is open, another type, severity or moment of receipt moves the deadlines. What turns out to be praise is
    closed, and what turns out to be none is open again.
    """
    complaint = load_complaint(tx, id_)
    praise = complaint.type in OWED_NOTHING
    if given.get("text") is not None:
        complaint.text = _said(given["text"])
    for field in ("department", "assignee"):
        if given.get(field) is not None:
            setattr(complaint, field, given[field].strip() or None)
    if given.get("satisfaction") is not None:
        complaint.satisfaction = given["satisfaction"]
    codes = _codes(tx, given)
    for field, code in codes.items():
        setattr(complaint, field, code)
    if received:
        _receive_at(tx, complaint, received)
    moved = received or codes.keys() & {"type", "severity"}
    if moved and complaint.resolved_at is None and complaint.closed_at is None:
        answered = complaint.responded_at is not None and received is None
        _promise(complaint, _clock_start(tx, complaint), settings, answered=answered)
    complaint.updated_at = deed.now
    tx.session.flush()
    if complaint.type in OWED_NOTHING and complaint.closed_at is None:
        close(tx, id_, deed)
    elif praise and complaint.type not in OWED_NOTHING:
        reopen(tx, id_, deed._replace(note=_("it is no praise")), settings)


def delete_complaint(tx: Transaction, id_: int) -> None:
    """Delete a complaint with its steps."""
    tx.session.delete(load_complaint(tx, id_))
    tx.session.flush()


def load_complaint(tx: Transaction, id_: int) -> Complaint:
    """Return a complaint; raises NotFoundError."""
    complaint = tx.session.get(Complaint, id_)
    if complaint is None:
        raise NotFoundError(_("there is no complaint c{id}").format(id=id_), hint=_("crm complaint list shows them"))
    return complaint


def respond(tx: Transaction, id_: int, deed: Deed) -> None:
    """Record the first answer to the customer; raises ConflictError when there was one."""
    _step(tx, id_, "respond", deed).responded_at = deed.at
    tx.session.flush()


def comment(tx: Transaction, id_: int, deed: Deed) -> None:
    """Add a note to a complaint in any state."""
    _step(tx, id_, "comment", deed)


def resolve(tx: Transaction, id_: int, deed: Deed) -> None:
    """Record the solution, which is an answer as well when there was none; raises ConflictError when it is over."""
    complaint = _step(tx, id_, "resolve", deed)
    complaint.resolved_at = deed.at
    complaint.responded_at = complaint.responded_at or deed.at
    tx.session.flush()


def close(tx: Transaction, id_: int, deed: Deed, satisfaction: int | None = None) -> None:
    """Record the customer's last word, perhaps with how satisfied they are, 1 to 5.

    One that was never solved (the customer let it go) may be closed too. Raises ConflictError when it is closed.
    """
    complaint = _step(tx, id_, "close", deed)
    complaint.closed_at = deed.at
    complaint.satisfaction = satisfaction or complaint.satisfaction
    tx.session.flush()


def reopen(tx: Transaction, id_: int, deed: Deed, settings: Settings) -> None:
    """Take up again what was resolved or closed: the clocks start anew; raises ConflictError when it is open.

    A first answer that was given stays given.
    """
    complaint = _step(tx, id_, "reopen", deed)
    complaint.resolved_at = complaint.closed_at = complaint.satisfaction = None
    _promise(complaint, deed.at, settings, answered=complaint.responded_at is not None)
    tx.session.flush()


def assign(tx: Transaction, id_: int, deed: Deed, *, to: str = "", department: str = "") -> None:
    """Hand a complaint to another person, department or both; raises ConflictError when it is over."""
    whom = " · ".join(filter(None, (to.strip(), department.strip(), deed.note.strip())))
    complaint = _step(tx, id_, "assign", deed._replace(note=whom))
    complaint.assignee = to.strip() or complaint.assignee
    complaint.department = department.strip() or complaint.department
    tx.session.flush()


def _step(tx: Transaction, id_: int, kind: str, deed: Deed) -> Complaint:
    """Move a complaint and record the step; raises ConflictError saying what is possible when the step does not fit."""
    complaint = load_complaint(tx, id_)
    answered = complaint.responded_at is not None
    possible = possible_steps(complaint.status, answered=answered)
    if kind not in possible:
        status = labels(tx.connection).get(("complaint_status", complaint.status), complaint.status)
        raise ConflictError(
            _("c{id} was answered already").format(id=id_)
            if kind == "respond" and complaint.status in MOVES[kind]
            else _("c{id} is {status}: {step} does not fit").format(id=id_, status=status, step=kind),
            hint=_("possible now: {steps}").format(steps=", ".join(possible)),
        )
    if kind not in _WITHOUT_NOTE and not deed.note.strip():
        raise UsageError(
            _("say what was said or done: the note is empty"),
            hint=_('crm complaint {step} c{id} "…"').format(step=kind, id=id_),
        )
    if deed.at < complaint.received_at:
        raise UsageError(
            _("c{id} was received later than that").format(id=id_),
            hint=_("crm complaint show c{id}").format(id=id_),
        )
    complaint.status = MOVES[kind][complaint.status]
    complaint.updated_at = deed.now
    _record(tx, complaint, kind, deed)
    return complaint


def _record(tx: Transaction, complaint: Complaint, kind: str, deed: Deed) -> None:
    tx.session.add(
        ComplaintStep(
            complaint_id=_id(complaint),
            kind=kind,
            at=deed.at,
            actor=deed.actor,
            status=complaint.status,
            note=printable(deed.note).strip() or None,
        )
    )
    tx.session.flush()


def _promise(complaint: Complaint, since: datetime, settings: Settings, *, answered: bool = False) -> None:
    """Set the deadlines; that of an answer which was given stays, so that whether it was in time stays known."""
    due = deadlines(complaint.type, since, service_level(settings, complaint.severity))
    complaint.resolve_by = due.resolve_by
    complaint.respond_by = complaint.respond_by if answered else due.respond_by


def _clock_start(tx: Transaction, complaint: Complaint) -> datetime:
    """Return when the clock of a complaint started: when it was last reopened, else when it was received."""
    query = select(ComplaintStep.at).where(ComplaintStep.complaint_id == complaint.id, ComplaintStep.kind == "reopen")
    return tx.session.exec(query.order_by(col(ComplaintStep.id).desc())).first() or complaint.received_at


def _receive_at(tx: Transaction, complaint: Complaint, received: datetime) -> None:
    """Correct when a complaint was received, in its first step too; raises UsageError when a later step was earlier."""
    steps = tx.session.exec(select(ComplaintStep).where(ComplaintStep.complaint_id == complaint.id)).all()
    if any(step.at < received for step in steps if step.kind != "receive"):
        raise UsageError(
            _("c{id} has a step that was earlier than that").format(id=complaint.id),
            hint=_("crm complaint show c{id}").format(id=complaint.id),
        )
    complaint.received_at = received
    for step in steps:
        if step.kind == "receive":
            step.at = received
    if complaint.type in OWED_NOTHING and complaint.closed_at:
        complaint.closed_at = max(complaint.closed_at, received)


def _codes(tx: Transaction, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the codes of the given words; an empty one clears what may be empty."""
    codes: dict[str, Any] = {}
    for field, set_ in CODES.items():
        word = given.get(field)
        if word is not None:
            codes[field] = require_code(tx, set_, word) if word.strip() or field in _NEVER_EMPTY else None
    return codes


def _said(text: str) -> str:
    """Return what the customer said; raises UsageError when that is nothing."""
    said = printable(text).strip()
    if not said:
        raise UsageError(_("what did they say? The text is empty"), hint=_('crm complain 张三 "late again"'))
    return said


def _id(complaint: Complaint) -> int:
    assert complaint.id is not None  # noqa: S101 - it was flushed
    return complaint.id
