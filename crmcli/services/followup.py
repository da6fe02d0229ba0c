"""Writing follow-ups: what happened, the callback that it did, and what is planned next."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from crmcli.errors import UsageError, WhenError
from crmcli.i18n import _
from crmcli.models.callback import Callback
from crmcli.models.followup import Followup
from crmcli.queries.vocabulary import codes, labels
from crmcli.rules.clean import printable
from crmcli.rules.names import clean
from crmcli.services.callback import add_callback, mark_done
from crmcli.services.records import delete, load
from crmcli.services.vocabulary import require_code
from crmcli.store.transaction import Transaction
from crmcli.when.moments import parse_past
from crmcli.when.periods import minutes_of

_KIND_OF_CALLBACK = {"delivery": "visit"}
"""What doing a callback was, where it is not the kind of follow-up of the same code (visit) and not a call."""


class Logged(NamedTuple):
    """The ids of what was written: the follow-up, what `--next` planned, and the next occurrence of a repeat."""

    followup: int
    planned: int | None
    repeated: int | None


def add_followup(
    tx: Transaction, contact_id: int, given: Mapping[str, Any], *, now: datetime, order: str, owner: str
) -> Logged:
    """Log what happened with a contact, from the options that were given.

    `callback_id` is the callback that this did: it is marked as done, and a repeat planned again. `next` plans another.
    Raises UsageError for an empty text and what can't be read, WhenError for a moment that is still to come, and
    ConflictError for a callback that is over already.
    """
    if not given.get("next") and (given.get("purpose") or given.get("next_kind")):
        raise UsageError(
            _("a purpose belongs to what is planned next"), hint=_("say when with --next, or plan it with: crm plan")
        )
    followup = Followup(
        contact_id=contact_id,
        kind=require_code(tx, "followup_kind", given.get("kind") or "call"),
        at=parse_past(given["at"], now, order=order) if given.get("at") else now,
        text="",
        owner=owner,
        created_at=now,
        updated_at=now,
    )
    _apply(tx, followup, given)
    tx.session.add(followup)
    repeated = None
    if given.get("callback_id") is not None:
        repeated = mark_done(tx, _callback_of(tx, followup, given["callback_id"]), followup.at, now=now)
    tx.session.flush()
    planned = _plan_next(tx, contact_id, given, now=now, order=order, owner=owner)
    assert followup.id is not None  # noqa: S101 - it was flushed
    return Logged(followup.id, planned, repeated)


def complete_callback(
    tx: Transaction, id_: int, note: str, given: Mapping[str, Any], *, now: datetime, order: str, owner: str
) -> Logged:
    """Mark a callback as done by logging the follow-up that did it; see `add_followup` for the options.

    Without a note the purpose is the text; the kind of the follow-up and of what is planned next follow the callback's.
    """
    callback = load(tx, Callback, id_)
    text = note.strip() or callback.purpose or labels(tx.connection)["callback_kind", callback.kind]
    values = {
        **given,
        "text": text,
        "callback_id": id_,
        "kind": given.get("kind") or _kind_of(tx, callback),
        "next_kind": given.get("next_kind") or (callback.kind if given.get("next") else None),
    }
    return add_followup(tx, callback.contact_id, values, now=now, order=order, owner=owner)


def edit_followup(tx: Transaction, id_: int, given: Mapping[str, Any], *, now: datetime, order: str) -> int | None:
    """Change what was given of a follow-up; an empty text clears a field, but for the text itself.

    A callback that it is linked with and that is open is marked as done; return the id of the next occurrence that is
    planned with it, None when none is.
    """
    repeated = None
    followup = load(tx, Followup, id_)
    if given.get("kind"):
        followup.kind = require_code(tx, "followup_kind", given["kind"])
    if given.get("at"):
        followup.at = parse_past(given["at"], now, order=order)
    if given.get("callback_id") is not None:
        callback = _callback_of(tx, followup, given["callback_id"])
        if callback.status == "open":
            repeated = mark_done(tx, callback, followup.at, now=now)
    _apply(tx, followup, given)
    followup.updated_at = now
    tx.session.flush()
    return repeated


def delete_followup(tx: Transaction, id_: int) -> None:
    """Delete a follow-up; a callback that it did stays done."""
    delete(tx, Followup, id_)


def _apply(tx: Transaction, followup: Followup, given: Mapping[str, Any]) -> None:
    if given.get("text") is not None:
        followup.text = printable(given["text"]).strip()
        if not followup.text:
            raise UsageError(_("the text is empty"), hint=_("say in a few words what happened"))
    if given.get("direction") is not None:
        followup.direction = require_code(tx, "direction", given["direction"]) if given["direction"] else None
    if given.get("minutes") is not None:
        followup.minutes = _minutes(given["minutes"]) if given["minutes"] else None
    for field in ("outcome", "owner"):
        if given.get(field) is not None:
            setattr(followup, field, clean(given[field]) or None)
    if given.get("complaint_id") is not None:
        id_ = given["complaint_id"]
        whose = tx.connection.execute("SELECT contact_id FROM complaint WHERE id = ?", (id_,)).fetchone()
        if whose is not None:
            _require_same_contact(followup, whose[0], _("complaint"), id_)
        followup.complaint_id = id_


def _minutes(text: str) -> int:
    """Return a duration in whole minutes: `45`, or a length such as `1h 30m` or `半小时`."""
    try:
        return minutes_of(text)
    except WhenError as error:
        raise UsageError(
            _("“{text}” is no duration").format(text=text), hint=_("minutes, or a length of time: 45, 90m, 1h 30m")
        ) from error


def _callback_of(tx: Transaction, followup: Followup, id_: int) -> Callback:
    """Link the follow-up with the callback that it did; raises UsageError when that is another contact's."""
    callback = load(tx, Callback, id_)
    _require_same_contact(followup, callback.contact_id, _("callback"), id_)
    followup.callback_id = id_
    return callback


def _require_same_contact(followup: Followup, contact_id: int, noun: str, id_: int) -> None:
    if contact_id != followup.contact_id:
        raise UsageError(
            _("{noun} {id} is another contact's").format(noun=noun, id=id_),
            hint=_("crm show {contact} shows whose").format(contact=contact_id),
        )


def _kind_of(tx: Transaction, callback: Callback) -> str:
    """Return the kind of the follow-up that a callback becomes."""
    kind = _KIND_OF_CALLBACK.get(callback.kind, callback.kind)
    return kind if kind in codes(tx.connection, "followup_kind") else "call"


def _plan_next(
    tx: Transaction, contact_id: int, given: Mapping[str, Any], *, now: datetime, order: str, owner: str
) -> int | None:
    if not given.get("next"):
        return None
    said = {"when": "next", "purpose": "purpose", "kind": "next_kind", "owner": "owner"}
    values = {name: given.get(option) for name, option in said.items()}
    return add_callback(tx, contact_id, values, now=now, order=order, owner=owner)
