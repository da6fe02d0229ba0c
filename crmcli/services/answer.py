"""Writing knowledge: answers to questions, learnt from cases that were solved, counted when they serve again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from crmcli.errors import ConflictError, UsageError
from crmcli.i18n import _
from crmcli.models.answer import Answer
from crmcli.models.complaint import Complaint, ComplaintStep
from crmcli.queries.singles import refuse_second
from crmcli.rules.clean import printable
from crmcli.rules.names import clean
from crmcli.services.records import added, delete, load
from crmcli.services.vocabulary import require_code
from crmcli.store.transaction import Transaction

_TOLD = ("resolve", "propose", "respond")
"""The steps whose note says how a case was solved, the surest first."""


def add_answer(tx: Transaction, given: Mapping[str, Any], *, now: datetime, owner: str) -> int:
    """Add an answer and return its id; with `complaint_id` the case says what is not given.

    Raises UsageError for an empty question or answer, ConflictError for a case that is not solved, or was learnt from.
    """
    case = _case(tx, given["complaint_id"]) if given.get("complaint_id") else {}
    values = {**case, **{name: value for name, value in given.items() if value}}
    answer = Answer(
        question=_said(values.get("question") or "", _("what is the question?")),
        answer=_said(values.get("answer") or "", _("what is the answer?")),
        category=require_code(tx, "complaint_category", values["category"]) if values.get("category") else None,
        complaint_id=given.get("complaint_id"),
        owner=clean(values.get("owner") or "") or owner,
        created_at=now,
        updated_at=now,
    )
    id_ = added(tx, answer)
    refuse_second(tx.connection, "answer", id_, _("crm answer edit a{other} changes it"))
    return id_


def edit_answer(tx: Transaction, id_: int, given: Mapping[str, Any], *, now: datetime) -> None:
    """Change what was given; an empty text clears a field, but for the question and the answer."""
    answer = load(tx, Answer, id_)
    if given.get("question") is not None:
        answer.question = _said(given["question"], _("what is the question?"))
    if given.get("answer") is not None:
        answer.answer = _said(given["answer"], _("what is the answer?"))
    if given.get("category") is not None:
        answer.category = require_code(tx, "complaint_category", given["category"]) if given["category"] else None
    if given.get("owner") is not None:
        answer.owner = clean(given["owner"]) or None
    answer.updated_at = now
    tx.session.flush()


def delete_answer(tx: Transaction, id_: int) -> None:
    """Delete an answer."""
    delete(tx, Answer, id_)


def _case(tx: Transaction, id_: int) -> dict[str, str | None]:
    """Return question, answer and category of a case: what the customer said, and how it was solved."""
    complaint = tx.session.get(Complaint, id_)
    if complaint is None or (complaint.resolved_at is None and complaint.closed_at is None):
        raise ConflictError(
            _("c{id} is not solved yet").format(id=id_), hint=_('crm complaint resolve c{id} "…"').format(id=id_)
        )
    steps = select(ComplaintStep).where(ComplaintStep.complaint_id == id_).order_by(col(ComplaintStep.id).desc())
    notes = {step.kind: step.note for step in reversed(tx.session.exec(steps).all()) if step.note}
    told = next((notes[kind] for kind in _TOLD if kind in notes), None)
    return {"question": complaint.text, "answer": told, "category": complaint.category}


def _said(text: str, question: str) -> str:
    said = printable(text).strip()
    if not said:
        raise UsageError(question, hint=_('crm answer add "question" "answer", or crm complaint learn c3'))
    return said
