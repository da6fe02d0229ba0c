"""Writing supervised items: put under supervision, reported on, escalated, closed.

An item that is settled needs no supervision any more: the view says so by itself, and takes it back should the item be
opened anew. Closing is for what is let go before.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from crmcli.errors import ConflictError, UsageError
from crmcli.i18n import _
from crmcli.models.supervision import Supervision, SupervisionReport
from crmcli.nouns import numbered
from crmcli.queries.singles import refuse_second
from crmcli.rules.clean import printable
from crmcli.rules.names import clean
from crmcli.rules.supervision import next_report
from crmcli.services.records import added, delete, id_of, load, not_found
from crmcli.store.transaction import Transaction
from crmcli.when.moments import parse_when
from crmcli.when.repeats import rhythm_in_days

_SETTLED = {
    "callback": "status <> 'open'",
    "complaint": "resolved_at IS NOT NULL OR closed_at IS NOT NULL",
    "promise": "status <> 'open'",
}
"""What can be supervised, and when it needs it no more."""


class Deed(NamedTuple):
    """Who did something, when, and what there is to say about it."""

    actor: str
    now: datetime
    note: str = ""


def supervise(tx: Transaction, item: tuple[str, int], given: Mapping[str, Any], deed: Deed, *, order: str) -> int:
    """Put an item (its noun and id) under supervision and return the supervision's id.

    `given` has `by`, who answers for it, and `every`, `until` or both. Raises ConflictError for what is settled or
    under supervision already, UsageError for what is missing, WhenError for what can't be read.
    """
    noun, item_id = item
    contact_id = _require_open_item(tx, noun, item_id)
    supervision = Supervision(
        contact_id=contact_id,
        responsible="",
        owner=deed.actor,
        created_at=deed.now,
        updated_at=deed.now,
    )
    setattr(supervision, f"{noun}_id", item_id)
    _apply(supervision, {**given, "by": given.get("by") or "", "reason": deed.note}, deed.now, order)
    new = added(tx, supervision)
    refuse_second(tx.connection, "supervision", new, _("crm supervision edit s{other}, or escalate"))
    _record(tx, supervision, "open", deed)
    return new


def edit_supervision(tx: Transaction, id_: int, given: Mapping[str, Any], deed: Deed, *, order: str) -> None:
    """Change what was given; an empty text clears `reason`, `every` or `until`. Raises ConflictError when closed."""
    supervision = _load_open(tx, id_)
    _apply(supervision, given, deed.now, order)
    supervision.updated_at = deed.now
    tx.session.flush()


def report(tx: Transaction, id_: int, deed: Deed, percent: int | None = None) -> None:
    """Note how far it is, perhaps in percent; the next report is counted from today.

    Raises ConflictError when it is closed, UsageError when nothing is said.
    """
    supervision = _load_open(tx, id_)
    if not deed.note.strip() and percent is None:
        raise UsageError(_("what is there to report?"), hint=_('crm supervision report s{id} "…"').format(id=id_))
    _go_on(supervision, deed.now)
    _record(tx, supervision, "report", deed, percent)


def escalate(tx: Transaction, id_: int, to: str, deed: Deed) -> None:
    """Let somebody else answer for it from now on; raises ConflictError when closed, UsageError for nobody new."""
    supervision = _load_open(tx, id_)
    whom = clean(to)
    if not whom or whom == supervision.responsible:
        raise UsageError(_("to whom?"), hint=_("name somebody else with --to"))
    supervision.responsible = whom
    _go_on(supervision, deed.now)
    _record(tx, supervision, "escalate", deed._replace(note=" · ".join(filter(None, (whom, deed.note.strip())))))


def close_supervision(tx: Transaction, id_: int, deed: Deed) -> None:
    """End the supervision; raises ConflictError when it is closed already."""
    supervision = _load_open(tx, id_)
    supervision.closed_at = supervision.updated_at = deed.now
    _record(tx, supervision, "close", deed)


def delete_supervision(tx: Transaction, id_: int) -> None:
    """Delete it with its reports."""
    delete(tx, Supervision, id_)


def _load_open(tx: Transaction, id_: int) -> Supervision:
    supervision = load(tx, Supervision, id_)
    if supervision.closed_at is not None:
        raise ConflictError(
            _("supervision s{id} is closed").format(id=id_),
            hint=_("crm supervision show s{id}").format(id=id_),
        )
    return supervision


def _require_open_item(tx: Transaction, noun: str, id_: int) -> int:
    """Return whose the item is; raises NotFoundError, and ConflictError when it is settled."""
    found = tx.connection.execute(f"SELECT contact_id, {_SETTLED[noun]} FROM {noun} WHERE id = ?", (id_,)).fetchone()
    if found is None:
        raise not_found(noun, id_)
    contact_id, settled = found
    if settled:
        raise ConflictError(
            _("{item} is settled").format(item=numbered(noun, id_)), hint=_("supervise what is still open")
        )
    return int(contact_id)


def _apply(supervision: Supervision, given: Mapping[str, Any], now: datetime, order: str) -> None:
    if given.get("by") is not None:
        supervision.responsible = clean(given["by"])
        if not supervision.responsible:
            raise UsageError(_("who answers for it?"), hint=_("name a person with --by"))
    if given.get("reason") is not None:
        supervision.reason = printable(given["reason"]).strip() or None
    if given.get("every") is not None:
        supervision.every = f"{rhythm_in_days(given['every'], now)}d" if given["every"] else None
    if given.get("until") is not None:
        supervision.due_on = _day(given["until"], now, order) if given["until"] else None
    if given.get("every") is not None or given.get("until") is not None or supervision.report_on is None:
        _go_on(supervision, now)


def _go_on(supervision: Supervision, now: datetime) -> None:
    """Count the next report from today; raises UsageError when nothing says when it is due."""
    every = int(supervision.every.removesuffix("d")) if supervision.every else None
    supervision.report_on = next_report(now.date(), every, supervision.due_on)
    supervision.updated_at = now
    if supervision.report_on is None:
        raise UsageError(
            _("when is there to be a report?"), hint=_("say how often with --every 2d, by when with --until, or both")
        )


def _day(text: str, now: datetime, order: str) -> date:
    """Return the day by which the item is to be settled; raises UsageError for one that is past."""
    day = parse_when(text, now, order=order).day
    if day < now.date():
        raise UsageError(_("{day} is past").format(day=day), hint=_("name a day to come with --until"))
    return day


def _record(tx: Transaction, supervision: Supervision, kind: str, deed: Deed, percent: int | None = None) -> None:
    tx.session.add(
        SupervisionReport(
            supervision_id=id_of(supervision),
            kind=kind,
            at=deed.now,
            actor=deed.actor,
            note=printable(deed.note).strip() or None,
            percent=percent,
        )
    )
    tx.session.flush()
