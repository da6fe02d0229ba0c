"""Writing callbacks: planned, changed, put off, handed over, cancelled, done, and planned again where they repeat.

An occurrence of a repeat is a row of its own, and the next one is written when this one is done or cancelled. It is
counted from the day that was promised, whatever day it was put off to.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import select

from crmcli.errors import ConflictError, UsageError, WhenError
from crmcli.i18n import _
from crmcli.models.base import new_uid, uid_after
from crmcli.models.callback import Callback
from crmcli.queries.singles import refuse_second
from crmcli.rules.names import clean
from crmcli.services.records import added, delete, id_of, load
from crmcli.services.vocabulary import require_code
from crmcli.store.transaction import Transaction
from crmcli.when.moments import parse_when, require_future
from crmcli.when.recurrence import anchor_rule, count_down, following, limit_rule, rest_of
from crmcli.when.repeats import looks_like_repeat, parse_every, parse_repeat
from crmcli.when.value import YEARS, When
from crmcli.when.zone import load_zone

_REPLANNED = ("when", "every", "until", "times", "after_done")
"""What can be changed only while it is open."""


_TAKEN = """
SELECT 1 FROM callback WHERE uid = :uid UNION ALL
SELECT 1 FROM change_row
WHERE contact_id = :contact AND entity = 'callback' AND after IS NULL AND before ->> 'uid' = :uid
"""


def add_callback(
    tx: Transaction, contact_id: int, given: Mapping[str, Any], *, now: datetime, order: str, owner: str
) -> int:
    """Plan a callback from the options that were given and return its id; `when` may be a repeat, or `every` beside it.

    Raises WhenError for a moment that can't be read or is past, and UsageError for what does not go together.
    """
    first, rule = _read_moment(given["when"], given.get("every"), now=now, order=order)
    require_future(first, now)
    callback = Callback(
        contact_id=contact_id,
        kind=require_code(tx, "callback_kind", given.get("kind") or "contact"),
        **due_columns(first),
        purpose=clean(given.get("purpose") or "") or None,
        owner=clean(given.get("owner") or "") or owner,
        created_at=now,
        updated_at=now,
    )
    _set_repeat(callback, rule, first.day, given, now=now, order=order)
    return added(tx, callback)


def edit_callback(tx: Transaction, id_: int, given: Mapping[str, Any], *, now: datetime, order: str) -> None:
    """Change what was given of a callback; an empty text clears a field, and an empty `every` ends the repeat.

    A changed repeat or moment begins the series anew. Raises ConflictError when one that is over is planned anew.
    """
    callback = load(tx, Callback, id_)
    if any(given.get(name) is not None for name in _REPLANNED):
        _require_open(tx, callback)
        _replan(callback, given, now=now, order=order)
    if given.get("kind"):
        callback.kind = require_code(tx, "callback_kind", given["kind"])
    for field in ("purpose", "owner"):
        if given.get(field) is not None:
            setattr(callback, field, clean(given[field]) or None)
    callback.updated_at = now
    tx.session.flush()


def snooze_callback(tx: Transaction, id_: int, text: str, *, now: datetime, order: str) -> None:
    """Put a callback off; one with a time keeps it when only a day is named, a repeat goes on from the promised day.

    Raises ConflictError when it is over, and WhenError for a moment that can't be read or is past.
    """
    callback = load(tx, Callback, id_)
    _require_open(tx, callback)
    when = parse_when(text, now, order=order)
    instant = when.instant()
    if instant is None:
        when = _kept_time(callback, when, now)
    else:
        local = instant.astimezone(load_zone(callback.zone))
        when = When(local.date(), local.time(), callback.zone, when.written_out)
    require_future(when, now)
    due = due_columns(when)
    if due == {name: getattr(callback, name) for name in due}:
        return
    callback.snoozed_from = callback.snoozed_from or _promised_text(callback.due_on, callback.due_time)
    _set(callback, due)
    callback.updated_at = now
    tx.session.flush()


def _kept_time(callback: Callback, when: When, now: datetime) -> When:
    """Return the time that was promised on the day that is named: a day of the user's, the time in its own zone."""
    kept = when._replace(time=callback.due_time, zone=callback.zone)
    near = (kept._replace(day=kept.day + timedelta(days=days)) for days in (0, -1, 1))
    theirs = ((moment, moment.instant()) for moment in near)
    return next((moment for moment, at in theirs if at and at.astimezone(now.tzinfo).date() == when.day), kept)


def hand_over_callback(tx: Transaction, id_: int, owner: str, *, now: datetime) -> None:
    """Give a callback to another owner; raises ConflictError when it is over, UsageError when nobody is named."""
    callback = load(tx, Callback, id_)
    _require_open(tx, callback)
    callback.owner = clean(owner)
    if not callback.owner:
        raise UsageError(_("hand over to whom?"), hint=_("name the new owner with --to"))
    callback.updated_at = now
    tx.session.flush()


def cancel_callback(tx: Transaction, id_: int, *, now: datetime, series: bool = False) -> tuple[int, int | None]:
    """Cancel a callback; return its id and that of the next occurrence of a repeat, None when none follows.

    With `series` the repeat ends: whichever occurrence is named, the open one is cancelled and no other follows. Raises
    ConflictError when it is over already.
    """
    callback = load(tx, Callback, id_)
    if series:
        callback = _open_of_series(tx, callback) or callback
    _require_open(tx, callback)
    callback.status = "cancelled"
    callback.updated_at = now
    later = None if series else _plan_next(tx, callback, now, now=now)
    tx.session.flush()
    return id_of(callback), later


def reopen_callback(tx: Transaction, id_: int, *, now: datetime) -> None:
    """Open a callback again that was done or cancelled; raises ConflictError when it, or another of its series, is."""
    callback = load(tx, Callback, id_)
    if callback.status == "open":
        raise ConflictError(_("callback {id} is open").format(id=id_), hint=_("crm callback show {id}").format(id=id_))
    callback.status, callback.done_at, callback.updated_at = "open", None, now
    tx.session.flush()
    refuse_second(tx.connection, "callback", id_, _("crm undo takes back what planned it"))


def mark_done(tx: Transaction, callback: Callback, at: datetime, *, now: datetime) -> int | None:
    """Mark a callback as done at a moment and return the id of the next occurrence of a repeat, None when none follows.

    Raises ConflictError when it is over already.
    """
    _require_open(tx, callback)
    callback.status, callback.done_at, callback.updated_at = "done", at, now
    return _plan_next(tx, callback, at, now=now)


def plan_following(tx: Transaction, id_: int, *, now: datetime) -> int | None:
    """Plan what follows an occurrence that is over and return its id; None when nothing follows, or it is there.

    Another program may have planned it, for the same moment.
    """
    callback = load(tx, Callback, id_)
    since = callback.done_at or now
    there = tx.connection.execute("SELECT 1 FROM callback WHERE uid = ?", (uid_after(callback.uid),)).fetchone()
    if callback.status == "open" or there or _open_of_series(tx, callback):
        return None
    when, _rule = _next_moment(callback, since, now)
    open_then = select(Callback).where(Callback.contact_id == callback.contact_id, Callback.status == "open")
    if when and any((each.due_on, each.due_at) == (when.day, when.instant()) for each in tx.session.exec(open_then)):
        return None
    return _plan_next(tx, callback, since, now=now)


def delete_callback(tx: Transaction, id_: int) -> None:
    """Delete a callback; the follow-up that did it stays, and a repeat is not planned again."""
    delete(tx, Callback, id_)


def _require_open(tx: Transaction, callback: Callback) -> None:
    if callback.status == "open":
        return
    message = _("callback {id} is done already") if callback.status == "done" else _("callback {id} is cancelled")
    later = _open_of_series(tx, callback)
    hint = (
        _("its repeat goes on with: crm callback show {id}") if later else _("crm callback reopen {id} opens it again")
    )
    raise ConflictError(message.format(id=callback.id), hint=hint.format(id=(later or callback).id))


def _open_of_series(tx: Transaction, callback: Callback) -> Callback | None:
    """Return the open occurrence of the series that a callback belongs to, if any."""
    if callback.series is None:
        return None
    query = select(Callback).where(Callback.series == callback.series, Callback.status == "open")
    return tx.session.exec(query).first()


# what is promised


def _read_moment(text: str, every: str | None, *, now: datetime, order: str) -> tuple[When, str | None]:
    """Return the moment that is planned, the first of a repeat, and the repeat's rule."""
    if looks_like_repeat(text):
        if every:
            raise UsageError(
                _("WHEN is a repeat itself, --every another one"),
                hint=_('as in: crm plan CONTACT "fri 9:00" --every "2 weeks"'),
            )
        repeat = parse_repeat(text, now)
        return repeat.first, repeat.rule
    when = parse_when(text, now, order=order)
    if not every:
        return when, None
    repeat = parse_every(every, now, start=when)
    return repeat.first, repeat.rule


def due_columns(when: When) -> dict[str, Any]:
    """Return the columns that hold a moment: what was promised, and the instant derived from it, to the minute."""
    if when.time is not None:
        when = when._replace(time=when.time.replace(second=0, microsecond=0))
    return {"due_on": when.day, "due_time": when.time, "zone": when.zone, "due_at": when.instant()}


def _promised_text(day: date, clock: time | None) -> str:
    """Return the day, and the time if there is one, as `snoozed_from` keeps them."""
    return f"{day}T{clock:%H:%M}" if clock else day.isoformat()


def _promise_at(callback: Callback, day: date, clock: time | None) -> None:
    """Let a callback be promised for this day and time; one that was put off stays so."""
    if callback.snoozed_from:
        callback.snoozed_from = _promised_text(day, clock)
    else:
        _set(callback, due_columns(When(day, clock, callback.zone)))


def _promised(callback: Callback) -> tuple[date, time | None]:
    """Return the day and time that were promised before the callback was put off."""
    if not callback.snoozed_from:
        return callback.due_on, callback.due_time
    day, _at, clock = callback.snoozed_from.partition("T")
    return date.fromisoformat(day), time.fromisoformat(clock) if clock else None


def _set(callback: Callback, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(callback, name, value)


# repeats


def _set_repeat(
    callback: Callback, rule: str | None, first: date, given: Mapping[str, Any], *, now: datetime, order: str
) -> None:
    """Let the callback repeat from its first day, with the end that was given; without a rule it happens once."""
    until, times, after_done = given.get("until"), given.get("times"), given.get("after_done")
    if rule is None:
        if until or times or after_done:
            raise UsageError(_("only what repeats has an end, or is counted"), hint=_("add the repeat: --every week"))
        callback.rule, callback.anchor, callback.after_done = None, None, 0
        return
    if until and times:
        raise UsageError(
            _("a repeat ends at a day or after so many times"), hint=_("give --until or --times, not both")
        )
    last = parse_when(until, now, order=order).day if until else None
    if last is not None and last < first:
        raise WhenError(
            _("the repeat would end on {last}, before it begins on {first}").format(last=last, first=first),
            hint=_("give a later day with --until"),
        )
    callback.rule, callback.anchor = limit_rule(rule, until=last, times=times), first
    callback.series = callback.series or new_uid()
    if after_done is not None:
        callback.after_done = int(after_done)


def _replan(callback: Callback, given: Mapping[str, Any], *, now: datetime, order: str) -> None:
    """Move a callback or change how it repeats; the series begins anew with this occurrence."""
    first, clock = _promised(callback)
    rule = callback.rule
    if rule is not None and callback.anchor is not None and not callback.after_done:
        rule = rest_of(rule, callback.anchor, first)
    every = given.get("every")
    if given.get("when") is not None:
        when, said = _read_moment(given["when"], every, now=now, order=order)
        require_future(when, now)
        _set(callback, {**due_columns(when), "snoozed_from": None})
        first = when.day
        rule = said or (anchor_rule(rule, first) if rule else None)
    elif every:
        repeat = parse_every(every, now, start=When(first, None, callback.zone))
        rule = repeat.rule
        _promise_at(callback, first, repeat.first.time or clock)
    if every == "":
        rule = None
    _set_repeat(callback, rule, first, given, now=now, order=order)


def _plan_next(tx: Transaction, callback: Callback, since: datetime, *, now: datetime) -> int | None:
    """Plan what follows an occurrence that was done or cancelled at `since`; return its id, None when none follows."""
    tx.session.flush()
    when, rule = _next_moment(callback, since, now)
    if when is None:
        return None
    later = Callback(
        uid=_uid_after(tx, callback),
        contact_id=callback.contact_id,
        kind=callback.kind,
        **due_columns(when),
        purpose=callback.purpose,
        owner=callback.owner,
        rule=rule,
        anchor=callback.anchor,
        after_done=callback.after_done,
        series=callback.series,
        created_at=now,
        updated_at=now,
    )
    return added(tx, later)


def _uid_after(tx: Transaction, callback: Callback) -> str:
    """Return the uid of what follows an occurrence: on two machines on which it is done, it is one, not two.

    Once it was deleted, another one follows: both may be brought back.
    """
    uid = uid_after(callback.uid)
    taken = tx.connection.execute(_TAKEN, {"uid": uid, "contact": callback.contact_id}).fetchone()
    return new_uid() if taken else uid


def _next_moment(callback: Callback, since: datetime, now: datetime) -> tuple[When | None, str | None]:
    """Return when the series goes on, and its rule from there; None when it has ended, or nobody will live to see it.

    Days are those of the callback's zone, or the user's where it has no time: a day is due by the user's. Occurrences
    that are past when this one is done are skipped, so that what was missed does not pile up; one that counts from the
    day it was done may be late at once, because it is.
    """
    rule = callback.rule
    if rule is not None and callback.after_done:
        rule = count_down(rule)
    if rule is None or callback.anchor is None:
        return None, None
    promised, clock = _promised(callback)
    zone = load_zone(callback.zone) if clock else now.tzinfo
    today = now.astimezone(zone).date()
    done = since.astimezone(zone).date()
    if callback.after_done:
        day = following(rule, callback.anchor, promised, done, after_done=True)
    else:
        past = today - timedelta(days=1)
        if callback.status == "cancelled":
            done = past  # today's own occurrence, if there is one, still stands
        day = following(rule, callback.anchor, max(promised, past), done)
        if day == today and clock and datetime.combine(day, clock, tzinfo=zone) <= now:
            day = following(rule, callback.anchor, day, day)
    return (When(day, clock, callback.zone) if day and day.year in YEARS else None), rule
