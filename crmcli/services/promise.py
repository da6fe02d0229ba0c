"""Writing promises: made, kept, broken, cancelled, or renegotiated: then a new one takes the old one's place."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import select

from crmcli.errors import ConflictError, UsageError
from crmcli.i18n import _
from crmcli.models.promise import Promise
from crmcli.queries.singles import refuse_second
from crmcli.queries.vocabulary import labels
from crmcli.rules.clean import printable
from crmcli.rules.names import clean
from crmcli.services.callback import due_columns
from crmcli.services.records import added, delete, load
from crmcli.store.transaction import Transaction
from crmcli.when.moments import parse_past, parse_when, require_future

_ABOUT = ("complaint", "followup")
"""What a promise may have been made about."""


def add_promise(
    tx: Transaction, contact_id: int, given: Mapping[str, Any], *, now: datetime, order: str, owner: str
) -> int:
    """Note a promise from the options that were given (`text`, `by`, perhaps `at` and what it is about); return its id.

    Raises WhenError for a moment that can't be read or does not fit, UsageError for an empty text and for what is
    another contact's.
    """
    promise = Promise(
        contact_id=contact_id,
        text=_said(given.get("text") or ""),
        made_at=parse_past(given["at"], now, order=order) if given.get("at") else now,
        **_due(given.get("by") or "", now, order),
        owner=clean(given.get("owner") or "") or owner,
        created_at=now,
        updated_at=now,
    )
    _link(tx, promise, given)
    return added(tx, promise)


def edit_promise(tx: Transaction, id_: int, given: Mapping[str, Any], *, now: datetime, order: str) -> None:
    """Correct what was given of a promise; raises ConflictError for another moment of one that is over.

    A moment that was agreed anew is no correction: see `renegotiate_promise`.
    """
    promise = load(tx, Promise, id_)
    if given.get("text") is not None:
        promise.text = _said(given["text"])
    if given.get("at"):
        promise.made_at = parse_past(given["at"], now, order=order)
        if promise.settled_at and promise.settled_at < promise.made_at:
            raise UsageError(
                _("p{id} was settled earlier than that").format(id=id_), hint=_("crm promise show p{id}").format(id=id_)
            )
    if given.get("by") is not None:
        _require_open(tx, promise)
        _set(promise, _due(given["by"], now, order))
    if given.get("owner") is not None:
        promise.owner = clean(given["owner"]) or None
    _link(tx, promise, given)
    promise.updated_at = now
    tx.session.flush()


def settle_promise(tx: Transaction, id_: int, status: str, note: str, *, at: datetime, now: datetime) -> None:
    """Say that a promise was `kept`, `broken` or `cancelled` at a moment, and why.

    Raises ConflictError when it is over already, UsageError for a moment before it was made and when nobody says why it
    was broken.
    """
    promise = load(tx, Promise, id_)
    _require_open(tx, promise)
    reason = printable(note).strip()
    if status == "broken" and not reason:
        raise UsageError(
            _("why was it broken? The reason is empty"), hint=_('crm promise break p{id} "…"').format(id=id_)
        )
    if at < promise.made_at:
        raise UsageError(
            _("p{id} was made later than that").format(id=id_), hint=_("crm promise show p{id}").format(id=id_)
        )
    _set(promise, {"status": status, "settled_at": at, "outcome": reason or None, "updated_at": now})
    tx.session.flush()


def renegotiate_promise(tx: Transaction, id_: int, by: str, note: str, *, now: datetime, order: str) -> int:
    """Agree on another moment: the promise stays as it was made, a new one takes its place; return the new one's id.

    Raises ConflictError when it is over already, and WhenError for a moment that can't be read or is past.
    """
    promise = load(tx, Promise, id_)
    settle_promise(tx, id_, "renegotiated", note, at=now, now=now)
    later = Promise(
        **promise.model_dump(include={"contact_id", "text", "owner", "followup_id", "complaint_id"}),
        **_due(by, now, order),
        made_at=now,
        replaces_id=id_,
        created_at=now,
        updated_at=now,
    )
    new = added(tx, later)
    tx.connection.execute(  # who answers for it goes on reporting
        "UPDATE supervision SET promise_id = ? WHERE promise_id = ? AND closed_at IS NULL", (new, id_)
    )
    return new


def reopen_promise(tx: Transaction, id_: int, *, now: datetime) -> None:
    """Open a promise again that was settled by mistake; raises ConflictError when it is open, or was replaced."""
    promise = load(tx, Promise, id_)
    if promise.status == "open":
        raise ConflictError(_("promise p{id} is open").format(id=id_), hint=_("crm promise show p{id}").format(id=id_))
    _set(promise, {"status": "open", "settled_at": None, "outcome": None, "updated_at": now})
    tx.session.flush()
    refuse_second(tx.connection, "promise", id_, _("delete that one first: crm promise delete p{other}"))


def delete_promise(tx: Transaction, id_: int) -> None:
    """Delete a promise; one that took its place stays. Who reported on it does so on the one that it replaced."""
    tx.connection.execute(
        "UPDATE supervision SET promise_id = p.replaces_id FROM promise p "
        "WHERE p.id = ? AND p.replaces_id IS NOT NULL AND promise_id = p.id",
        (id_,),
    )
    delete(tx, Promise, id_)


def _due(text: str, now: datetime, order: str) -> dict[str, Any]:
    """Return the columns that hold by when it is promised."""
    if not text.strip():
        raise UsageError(_("by when?"), hint=_('crm promise 张三 "…" --by fri'))
    when = parse_when(text, now, order=order)
    require_future(when, now)
    return {**due_columns(when), "due_by": when.end()}


def _require_open(tx: Transaction, promise: Promise) -> None:
    if promise.status != "open":
        status = labels(tx.connection).get(("promise_status", promise.status), promise.status)
        later = _replacement(tx, promise)
        hint = (
            _("what took its place: crm promise show p{id}") if later else _("crm promise reopen p{id} opens it again")
        )
        raise ConflictError(
            _("promise p{id} is {status} already").format(id=promise.id, status=status),
            hint=hint.format(id=later or promise.id),
        )


def _replacement(tx: Transaction, promise: Promise) -> int | None:
    """Return the promise that took the place of one that was renegotiated, if any."""
    return tx.session.exec(select(Promise.id).where(Promise.replaces_id == promise.id)).first()


def _link(tx: Transaction, promise: Promise, given: Mapping[str, Any]) -> None:
    """Let it name the follow-up or complaint that it was made in; raises UsageError for another contact's."""
    for noun in _ABOUT:
        id_ = given.get(f"{noun}_id")
        if id_ is None:
            continue
        for (owner,) in tx.connection.execute(f"SELECT contact_id FROM {noun} WHERE id = ?", (id_,)):
            if owner != promise.contact_id:
                raise UsageError(
                    _("{noun} {id} is another contact's").format(noun=_(noun), id=id_),
                    hint=_("crm show {contact} shows whose").format(contact=owner),
                )
        setattr(promise, f"{noun}_id", id_)


def _said(text: str) -> str:
    said = printable(text).strip()
    if not said:
        raise UsageError(_("what was promised? The text is empty"), hint=_('crm promise 张三 "…" --by fri'))
    return said


def _set(promise: Promise, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(promise, name, value)
