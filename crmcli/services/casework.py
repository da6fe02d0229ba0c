"""The steps of a complaint, from the first answer to the customer's last word.

Whoever took it answers for it (`responsible`) until somebody who was asked (`assignee`, or a department) accepts it:
首问负责.
"""

import json
from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import select

from crmcli.errors import ConflictError, UsageError
from crmcli.i18n import _
from crmcli.models.callback import Callback
from crmcli.models.complaint import Complaint, ComplaintLink
from crmcli.models.followup import Followup
from crmcli.rules.clean import printable
from crmcli.rules.names import clean
from crmcli.rules.service_levels import OWED_NOTHING
from crmcli.services.callback import add_callback
from crmcli.services.case import (
    Deed,
    answer,
    end_pause,
    go_on,
    level_of,
    promise,
    record,
    require_possible,
    require_steps,
    steps_of,
    take,
)
from crmcli.services.records import load
from crmcli.store.transaction import Transaction
from crmcli.when.periods import parse_period
from crmcli.when.stored import moment_text


def respond(tx: Transaction, id_: int, deed: Deed) -> None:
    """Record the first answer to the customer; raises ConflictError when there was one."""
    answer(take(tx, id_, "respond", deed), deed)
    tx.session.flush()


def comment(tx: Transaction, id_: int, deed: Deed) -> None:
    """Add a note to a complaint in any state."""
    take(tx, id_, "comment", deed)


def resolve(tx: Transaction, id_: int, deed: Deed, answer_id: int | None = None) -> None:
    """Record the solution, which is an answer as well when there was none.

    `answer_id` is what was known already and solved it again; without a note it is the note. Raises ConflictError when
    it is over, or when its type requires steps that were not taken.
    """
    complaint = load(tx, Complaint, id_)
    require_possible(tx, complaint, "resolve")
    require_steps(tx, complaint)
    if answer_id is not None:
        known = _serve_again(tx, answer_id)
        deed = deed._replace(note=deed.note.strip() or known)
    go_on(tx, complaint, deed)
    take(tx, id_, "resolve", deed, {"answer": answer_id} if answer_id is not None else None)
    complaint.resolved_at = deed.at
    complaint.responded_at = complaint.responded_at or deed.at
    tx.session.flush()


def _serve_again(tx: Transaction, answer_id: int) -> str:
    """Count that an answer served again, and return what it says."""
    sql = "UPDATE answer SET used = used + 1 WHERE id = ? RETURNING answer"
    return str(tx.connection.execute(sql, (answer_id,)).fetchone()[0])  # the model would cost every step its import


def close(tx: Transaction, id_: int, deed: Deed, satisfaction: int | None = None) -> None:
    """Record the customer's last word, perhaps with how satisfied they are, 1 to 5, and plan the return visit.

    One that was never solved (the customer let it go) may be closed too. Raises ConflictError when it is closed.
    """
    complaint = load(tx, Complaint, id_)
    require_possible(tx, complaint, "close")
    go_on(tx, complaint, deed)
    take(tx, id_, "close", deed)
    complaint.closed_at = deed.at
    complaint.satisfaction = satisfaction or complaint.satisfaction
    _plan_return_visit(tx, complaint, deed)
    tx.session.flush()


def reopen(tx: Transaction, id_: int, deed: Deed) -> None:
    """Take up again what was resolved or closed: the clocks start anew; raises ConflictError when it is open.

    A first answer that was given stays given, and the step keeps when it was solved and by when it was to be, and to
    be answered where nobody did: what came too late is a breach whatever comes after it.
    """
    before = load(tx, Complaint, id_)
    moments = {
        "solved_at": before.resolved_at or before.closed_at,
        "resolve_by": before.resolve_by,
        "respond_by": None if before.responded_at else before.respond_by,
    }
    kept = {name: moment_text(moment) for name, moment in moments.items() if moment}
    complaint = take(tx, id_, "reopen", deed, kept)
    complaint.resolved_at = complaint.closed_at = complaint.satisfaction = complaint.escalated_to = None
    promise(tx, complaint, deed, answered=complaint.responded_at is not None)
    tx.session.flush()


def assign(tx: Transaction, id_: int, deed: Deed, *, to: str = "", department: str = "") -> None:
    """Ask a person, a department or both to take a complaint over; raises ConflictError when it is over.

    Who asks themselves has accepted.
    """
    person, office = clean(to), clean(department)
    complaint = take(tx, id_, "assign", deed, {"to": person or None, "department": office or None})
    complaint.assignee = person or None
    complaint.department = office or complaint.department
    if person == deed.actor:
        record(tx, complaint, "accept", deed._replace(note=""))
        complaint.responsible = person
    tx.session.flush()


def accept(tx: Transaction, id_: int, deed: Deed) -> None:
    """Answer for a complaint from now on, for who was asked; raises ConflictError when nobody was."""
    complaint = take(tx, id_, "accept", deed)
    complaint.assignee = complaint.responsible = deed.actor
    tx.session.flush()


def decline(tx: Transaction, id_: int, deed: Deed) -> None:
    """Say no, with the reason: whoever answers for the complaint goes on answering for it."""
    complaint = take(tx, id_, "decline", deed)
    complaint.assignee = complaint.responsible
    tx.session.flush()


def propose(tx: Transaction, id_: int, deed: Deed, *, options: Sequence[str] = ()) -> None:
    """Propose what to do, one option or several; without any the note is the one. UsageError without either."""
    offered = [*filter(None, map(clean, options))] or [*filter(None, [clean(deed.note)])]
    if not offered:
        raise UsageError(
            _("what is proposed?"), hint=_('crm complaint propose c{id} --option "…" --option "…"').format(id=id_)
        )
    take(tx, id_, "propose", deed, {"options": offered})


def approve(tx: Transaction, id_: int, deed: Deed, *, option: int | None = None) -> None:
    """Approve one of the options that were proposed last, the only one by default; UsageError when it is not clear."""
    complaint = load(tx, Complaint, id_)
    require_possible(tx, complaint, "approve")
    proposed = [step.data for step in steps_of(tx, complaint) if step.kind == "propose"]
    offered = json.loads(proposed[-1] or "{}").get("options", []) if proposed else []
    chosen = option or (1 if len(offered) <= 1 else 0)
    if not 1 <= chosen <= max(len(offered), 1):
        raise UsageError(
            _("which option? {options}").format(
                options=" · ".join(f"{number} {text}" for number, text in enumerate(offered, 1))
            ),
            hint=_("name it: crm complaint approve c{id} --option 1").format(id=id_),
        )
    take(tx, id_, "approve", deed, {"option": chosen, "text": offered[chosen - 1]} if offered else None)


def reject(tx: Transaction, id_: int, deed: Deed) -> None:
    """Reject what was proposed, with the reason: something else must be proposed."""
    take(tx, id_, "reject", deed)


def wait(tx: Transaction, id_: int, deed: Deed) -> None:
    """Wait for the customer: the clocks stand until it is resumed; raises ConflictError when it waits already."""
    take(tx, id_, "wait", deed).waiting_since = deed.at
    tx.session.flush()


def resume(tx: Transaction, id_: int, deed: Deed) -> None:
    """Go on: the deadlines lie as far ahead as they did when the waiting began; raises ConflictError without any."""
    end_pause(take(tx, id_, "resume", deed), deed)
    tx.session.flush()


def escalate(tx: Transaction, id_: int, deed: Deed, *, to: str = "") -> None:
    """Let somebody higher know: the one named, else the next of the service level after who knows already.

    Raises UsageError when there is nobody.
    """
    complaint = load(tx, Complaint, id_)
    require_possible(tx, complaint, "escalate")
    ladder = level_of(tx, complaint, deed.settings).escalate_to
    higher = ladder[ladder.index(complaint.escalated_to) + 1 :] if complaint.escalated_to in ladder else ladder
    person = clean(to) or next(iter(higher), "")
    if not person:
        raise UsageError(
            _("there is nobody to escalate c{id} to").format(id=id_),
            hint=_("name a person with --to, or set who hears of it: crm config set escalate_to 张经理,李总"),
        )
    take(tx, id_, "escalate", deed, {"to": person}).escalated_to = person
    tx.session.flush()


def _plan_return_visit(tx: Transaction, complaint: Complaint, deed: Deed) -> None:
    """Plan to ask again after so long as the settings say for the severity, unless that is planned and not done yet."""
    name = f"return_visit.{complaint.severity}"
    after = deed.settings.text(name) if name in deed.settings.values else ""
    notice = f"complaint:{complaint.id}"
    if not after or complaint.type in OWED_NOTHING or _is_planned(tx, notice):
        return
    day = max((deed.at + parse_period(after)).date(), deed.now.date() + timedelta(days=1))
    id_ = add_callback(
        tx,
        complaint.contact_id,
        {"when": day.isoformat(), "purpose": _("after c{id}: {text}").format(id=complaint.id, text=complaint.text)},
        now=deed.now,
        order=deed.settings.text("date_order"),
        owner=complaint.responsible or deed.actor,
    )
    callback = tx.session.get(Callback, id_)
    assert callback is not None  # noqa: S101 - it was just written
    callback.notice = notice


def _is_planned(tx: Transaction, notice: str) -> bool:
    """Return whether the return visit is planned; one that is over, since the case was reopened, makes way for another.

    It goes on telling which complaint it followed.
    """
    earlier = tx.session.exec(select(Callback).where(Callback.notice == notice)).first()
    if earlier and earlier.status != "open":
        earlier.notice = f"{notice}#{earlier.uid}"
        return False
    return earlier is not None


def link(
    tx: Transaction,
    id_: int,
    deed: Deed,
    *,
    followup: int | None = None,
    other: int | None = None,
    improvement: str = "",
) -> None:
    """Connect a complaint with a follow-up, with another complaint, or with the improvement that came of it.

    Raises NotFoundError for what is not there, UsageError for what can't be connected, ConflictError for what is.
    """
    text = printable(improvement).strip()
    if followup is None and other is None and not text:
        raise UsageError(_("link it with what?"), hint=_("with --followup ID, --complaint ID or --improvement TEXT"))
    named = {"followup": followup, "complaint": other, "improvement": text or None}
    complaint = take(tx, id_, "link", deed, {name: value for name, value in named.items() if value is not None})
    if followup is not None:
        _link_followup(tx, complaint, followup)
    if other is not None:
        _require_unlinked(tx, complaint, load(tx, Complaint, other))
        tx.session.add(ComplaintLink(complaint_id=id_, other_id=other, created_at=deed.now))
    if text:
        tx.session.add(ComplaintLink(complaint_id=id_, improvement=text, created_at=deed.now))
    tx.session.flush()


def _link_followup(tx: Transaction, complaint: Complaint, followup_id: int) -> None:
    followup = tx.session.get(Followup, followup_id)
    if followup is None or followup.contact_id != complaint.contact_id:
        raise UsageError(
            _("follow-up {id} is not of the customer of c{complaint}").format(id=followup_id, complaint=complaint.id),
            hint=_("crm followup list contact_id:{contact} shows theirs").format(contact=complaint.contact_id),
        )
    if followup.complaint_id is not None:
        said = _("follow-up {id} is about c{complaint} already")
        move = _("to have it here in its place: crm followup edit {id} --complaint c{complaint}")
        raise ConflictError(
            said.format(id=followup_id, complaint=followup.complaint_id),
            hint=move.format(id=followup_id, complaint=complaint.id) if followup.complaint_id != complaint.id else "",
        )
    followup.complaint_id = complaint.id


def _require_unlinked(tx: Transaction, complaint: Complaint, other: Complaint) -> None:
    if other.id == complaint.id:
        raise UsageError(_("c{id} can't be linked with itself").format(id=other.id), hint=_("name another complaint"))
    pairs = [(complaint.id, other.id), (other.id, complaint.id)]
    known = "SELECT 1 FROM complaint_link WHERE complaint_id = ? AND other_id = ?"
    if any(tx.connection.execute(known, pair).fetchone() for pair in pairs):
        raise ConflictError(
            _("c{id} and c{other} are linked already").format(id=complaint.id, other=other.id),
            hint=_("crm complaint show c{id}").format(id=complaint.id),
        )
