"""What was done in another program's calendar, done here."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from crmcli.exchange.csvfile import Row
from crmcli.exchange.vdirback import Changes, Ticked
from crmcli.services.callback import cancel_callback
from crmcli.services.followup import complete_callback
from crmcli.services.promise import settle_promise
from crmcli.store.transaction import Transaction


class Taken(NamedTuple):
    """What was ticked off, as ids; what is left to be imported; and what a tick is not enough for."""

    done: list[int]
    cancelled: list[int]
    promises: list[int]
    rest: list[Row]
    left: list[Ticked]


def take_back(tx: Transaction, changes: Changes, *, now: datetime, order: str, owner: str) -> Taken:
    """Mark the open callbacks as done or cancelled that are so in the calendar, as `crm done` and `cancel` do.

    Their repeats are planned again. What is over on both sides is nothing to import. A promise that was ticked off is
    kept.
    """
    places = {name: changes.header.index(name) for name in ("uid", "status", "done_at")}
    known = _statuses(tx, (row.cells[places["uid"]] for row in changes.rows))
    taken = Taken([], [], [], [], [])
    for row in changes.rows:
        uid, status, done_at = (row.cells[places[name]] for name in ("uid", "status", "done_at"))
        id_, here = known.get(uid, (0, ""))
        if status not in ("done", "cancelled") or not id_:
            taken.rest.append(row)
        elif here == "open" and status == "done":
            given = {"at": _no_later(done_at, now)}
            complete_callback(tx, id_, "", given, now=now, order=order, owner=owner)
            taken.done.append(id_)
        elif here == "open":
            cancel_callback(tx, id_, now=now)
            taken.cancelled.append(id_)
    for entry in changes.ticked:
        if entry.record == "promise":
            taken.promises.extend(_settle(tx, entry, now))
        else:
            taken.left.append(entry)
    return taken


def _settle(tx: Transaction, entry: Ticked, now: datetime) -> Iterator[int]:
    """Settle the promise, if it is open, and yield its id."""
    for (id_,) in tx.connection.execute("SELECT id FROM promise WHERE uid = ? AND status = 'open'", (entry.uid,)):
        settle_promise(tx, id_, "kept" if entry.status == "done" else "cancelled", "", at=now, now=now)
        yield id_


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
