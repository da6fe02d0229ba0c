"""Writing complaints: taking them, judging them, changing what is known of them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import select

from crmcli.errors import UsageError
from crmcli.i18n import _
from crmcli.models.complaint import Complaint, ComplaintStep
from crmcli.rules.clean import printable
from crmcli.rules.names import clean
from crmcli.rules.service_levels import OWED_NOTHING
from crmcli.services.case import Deed, opens_at, promise, record, require_possible, steps_of, take
from crmcli.services.casework import close, reopen
from crmcli.services.records import delete, id_of, load
from crmcli.services.vocabulary import require_code
from crmcli.store.transaction import Transaction

CODES = {
    "type": "complaint_type",
    "category": "complaint_category",
    "severity": "severity",
    "channel": "channel",
    "cause": "complaint_cause",
}
"""The fields that are chosen from the vocabulary, and their sets."""

_NEVER_EMPTY = frozenset({"type", "severity"})


def add_complaint(tx: Transaction, contact_id: int, given: Mapping[str, Any], deed: Deed) -> int:
    """Take a complaint, inquiry, suggestion or praise with its deadlines, and return its id.

    Who takes it is responsible until somebody else accepts it (首问负责). A praise is closed at once. Raises UsageError
    for an empty text and for unknown codes.
    """
    chosen = {"type": "complaint", "severity": "normal", **_codes(tx, given)}
    done = chosen["type"] in OWED_NOTHING
    complaint = Complaint(
        contact_id=contact_id,
        text=_said(given["text"]),
        status="closed" if done else "received",
        received_at=deed.at,
        closed_at=deed.at if done else None,
        department=clean(given.get("department") or "") or None,
        assignee=clean(given.get("assignee") or "") or deed.actor,
        responsible=deed.actor,
        created_at=deed.now,
        updated_at=deed.now,
        **chosen,
    )
    tx.session.add(complaint)
    tx.session.flush()
    promise(tx, complaint, deed)
    record(tx, complaint, "receive", deed, _out_of_hours(complaint, given, deed))
    return id_of(complaint)


def _out_of_hours(complaint: Complaint, given: Mapping[str, Any], deed: Deed) -> dict[str, Any] | None:
    """Return what is noted of a complaint that came while the desk was closed: when it opens, who was asked at once."""
    opens = opens_at(complaint, deed)
    if opens is None:
        return None
    on_call = clean(deed.settings.text("on_call"))
    if deed.settings.text("out_of_hours") == "wait" or not on_call or given.get("assignee"):
        return {"opens_at": opens.isoformat()}
    complaint.assignee = on_call
    return {"opens_at": opens.isoformat(), "asked": on_call}


def edit_complaint(
    tx: Transaction, id_: int, given: Mapping[str, Any], deed: Deed, *, received: datetime | None
) -> None:
    """Change what was given of a complaint; an empty text clears a field.

    While it is open, another type, severity or moment of receipt moves the deadlines. What turns out to be praise is
    closed, and what turns out to be none is open again, unless it was solved or rated.
    """
    complaint = load(tx, Complaint, id_)
    if given.get("text") is not None:
        complaint.text = _said(given["text"])
    for field in ("department", "assignee"):
        if given.get(field) is not None:
            setattr(complaint, field, clean(given[field]) or None)
    if given.get("assignee") is not None:
        complaint.responsible = complaint.assignee
    if given.get("satisfaction") is not None:
        complaint.satisfaction = given["satisfaction"]
    if received:
        _receive_at(tx, complaint, received)
    complaint.updated_at = deed.now
    _classify(tx, complaint, given, deed, received=received)
    if received:
        _note_desk(tx, complaint, deed._replace(at=received))


def assess(tx: Transaction, id_: int, deed: Deed, *, judged: Mapping[str, Any]) -> None:
    """Judge a complaint: whether it is valid, and its type, category, severity and cause.

    Of an invalid one the note must say what happens next. Raises UsageError where nothing is judged, and ConflictError
    where it does not fit.
    """
    valid = judged.get("valid")
    require_possible(tx, load(tx, Complaint, id_), "assess")  # before the user is asked for more
    if all(value is None for value in judged.values()):
        raise UsageError(_("is it valid or not?"), hint=_("say --valid or --invalid; --help lists what else"))
    if valid is False and not deed.note.strip():
        raise UsageError(
            _("what happens next? An invalid complaint is told to the customer, or handled elsewhere"),
            hint=_('crm complaint assess c{id} --invalid "…"').format(id=id_),
        )
    complaint = take(tx, id_, "assess", deed, {"valid": valid, **_codes(tx, judged)})
    if valid is not None:
        complaint.valid = int(valid)
    _classify(tx, complaint, judged, deed)


def delete_complaint(tx: Transaction, id_: int) -> None:
    """Delete a complaint with its steps."""
    delete(tx, Complaint, id_)


def _classify(
    tx: Transaction, complaint: Complaint, given: Mapping[str, Any], deed: Deed, *, received: datetime | None = None
) -> None:
    """Set the codes that were given, and what follows from them: it is open or closed as its type has it.

    What was solved or rated was over whatever its type was.
    """
    by_type = complaint.type in OWED_NOTHING and not (complaint.resolved_at or complaint.satisfaction)
    codes = _codes(tx, given)
    for field, code in codes.items():
        setattr(complaint, field, code)
    moved = received or codes.keys() & {"type", "severity"}
    if moved and complaint.resolved_at is None and complaint.closed_at is None:
        promise(tx, complaint, deed, answered=complaint.responded_at is not None and received is None)
    tx.session.flush()
    if codes.get("type") in OWED_NOTHING and complaint.closed_at is None:
        close(tx, id_of(complaint), deed._replace(note=""))
    elif by_type and complaint.type not in OWED_NOTHING and complaint.closed_at is not None:
        reopen(tx, id_of(complaint), deed._replace(note=_("it is no praise")))


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


def _note_desk(tx: Transaction, complaint: Complaint, deed: Deed) -> None:
    """Note anew, in the first step, when the desk opened for what came while it was closed."""
    opens = opens_at(complaint, deed)
    for step in steps_of(tx, complaint):
        if step.kind == "receive":
            data = json.loads(step.data or "{}")
            data.pop("opens_at", None)
            data |= {"opens_at": opens.isoformat()} if opens else {}
            step.data = json.dumps(data, ensure_ascii=False) if data else None
    tx.session.flush()


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
