"""What was done in another program's calendar, done here."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from crmcli.exchange.csvfile import Row
from crmcli.exchange.vdirback import Changes
from crmcli.services.callback import cancel_callback
from crmcli.services.followup import complete_callback
from crmcli.store.transaction import Transaction


class Ticked(NamedTuple):
    """What was ticked off, and what is left to be imported."""

    done: list[int]
    cancelled: list[int]
    rest: list[Row]


def take_back(tx: Transaction, changes: Changes, *, now: datetime, order: str, owner: str) -> Ticked:
    """Mark the open callbacks as done or cancelled that are so in the calendar, as `crm done` and `cancel` do.

    Their repeats are planned again. What is over on both sides is nothing to import.
    """
    places = {name: changes.header.index(name) for name in ("uid", "status", "done_at")}
    known = _statuses(tx, (row.cells[places["uid"]] for row in changes.rows))
    ticked = Ticked([], [], [])
    for row in changes.rows:
        uid, status, done_at = (row.cells[places[name]] for name in ("uid", "status", "done_at"))
        id_, here = known.get(uid, (0, ""))
        if status not in ("done", "cancelled") or not id_:
            ticked.rest.append(row)
        elif here == "open" and status == "done":
            given = {"at": _no_later(done_at, now)}
            complete_callback(tx, id_, "", given, now=now, order=order, owner=owner)
            ticked.done.append(id_)
        elif here == "open":
            cancel_callback(tx, id_, now=now)
            ticked.cancelled.append(id_)
    return ticked


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
