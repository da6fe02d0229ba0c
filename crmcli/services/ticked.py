"""What was done in another program's calendar, done here."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

from crmcli.errors import CrmError
from crmcli.exchange.csvfile import Row
from crmcli.exchange.vdir.changes import Changed, Changes
from crmcli.services.callback import cancel_callback
from crmcli.services.followup import complete_callback
from crmcli.services.promise import edit_promise, settle_promise
from crmcli.store.transaction import Transaction
from crmcli.when.zone import load_zone


class Taken(NamedTuple):
    """What was ticked off or changed, as ids; what is left to be imported; and what can't be taken over."""

    done: list[int]
    cancelled: list[int]
    promises: list[int]
    """That were settled."""
    edited: list[int]
    """Promises."""
    rest: list[Row]
    refused: list[tuple[Changed, str]]
    """What can't be taken over as it is, and why."""
    over: set[str]
    """UIDs of callbacks that were moved or reworded there and are over here: they stay as they were."""


def take_back(tx: Transaction, changes: Changes, *, now: datetime, order: str, owner: str) -> Taken:
    """Mark the open callbacks as done or cancelled that are so in the calendar, as `crm done` and `cancel` do.

    Their repeats are planned again. What we wrote and is over here is nothing to import, whatever is said of it there.
    A promise that was moved or reworded is corrected, one that was ticked off is kept.
    """
    places = {name: changes.header.index(name) for name in ("uid", "status", "done_at")}
    known = _statuses(tx, (row.cells[places["uid"]] for row in changes.rows))
    taken = Taken([], [], [], [], [], [], set())
    for row in changes.rows:
        uid, status, done_at = (row.cells[places[name]] for name in ("uid", "status", "done_at"))
        id_, here = known.get(uid, (0, ""))
        if here == "open" and status == "done":
            given = {"at": _no_later(done_at, now)}
            complete_callback(tx, id_, "", given, now=now, order=order, owner=owner)
            taken.done.append(id_)
        elif here == "open" and status == "cancelled":
            cancel_callback(tx, id_, now=now)
            taken.cancelled.append(id_)
        elif id_ and status in ("done", "cancelled"):
            continue  # it is so here, too
        elif id_ and here != "open" and uid in changes.ours:
            taken.over.add(uid)
        else:
            taken.rest.append(row)
    for entry in changes.shown:
        if entry.record == "promise":
            _take_promise(tx, entry, taken, now, order)
    return taken


def _take_promise(tx: Transaction, entry: Changed, taken: Taken, now: datetime, order: str) -> None:
    """Correct the promise, if it is open, as it was changed, and settle it if it was ticked off."""
    for (id_,) in tx.connection.execute("SELECT id FROM promise WHERE uid = ? AND status = 'open'", (entry.uid,)):
        try:
            if tx.attempt(partial(_correct, tx, id_, entry.said, now, order)):
                taken.edited.append(id_)
        except CrmError as error:
            tx.session.expire_all()  # nothing of it is half written
            taken.refused.append((entry, error.message))
            continue
        if entry.status:
            settle_promise(tx, id_, "kept" if entry.status == "done" else "cancelled", "", at=now, now=now)
            taken.promises.append(id_)


def _correct(tx: Transaction, id_: int, said: Mapping[str, str], now: datetime, order: str) -> None:
    """Correct the promise as the calendar has it, on the clocks on which it was promised."""
    there = now.astimezone(load_zone(said["zone"])) if said.get("zone") else now
    text = None if said.get("contact") else said.get("purpose")  # else the whole summary is another
    edit_promise(tx, id_, {"by": said.get("due"), "text": text or None}, now=there, order=order)


def _statuses(tx: Transaction, uids: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return id and status of the callbacks with these UIDs."""
    found = {}
    for uid in filter(None, uids):
        row = tx.connection.execute("SELECT id, status FROM callback WHERE uid = ?", (uid,)).fetchone()
        if row:
            found[uid] = (row["id"], row["status"])
    return found


def _no_later(text: str, now: datetime) -> str:
    """Return a moment that has happened: the calendar's clock may be ahead of ours, or say nothing."""
    try:
        moment = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment > now:
        return ""
    return moment.isoformat()
