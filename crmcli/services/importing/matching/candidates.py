"""Who a row may be, and why it is turned away for that, in words."""

import sqlite3
from collections.abc import Iterable

from crmcli.errors import ConflictError
from crmcli.i18n import _, joined
from crmcli.services.importing.parties import Party
from crmcli.services.importing.plan import RejectedError

SHOWN = 5
"""How many candidates an ambiguous row names."""


def ambiguous(connection: sqlite3.Connection, party: Party, row: int, targets: Iterable[int]) -> RejectedError:
    """Return why a row is turned away that may be several records; a negative target is the row that makes it."""
    shown = sorted(targets, key=lambda target: (target < 0, abs(target)))[:SHOWN]
    (name,) = connection.execute("SELECT name FROM incoming WHERE row = ?", (row,)).fetchone()
    who = joined(_who(connection, party, target) for target in shown)
    return RejectedError("", name or "", _("may be any of several: {who}").format(who=who))


def otherwise_called(connection: sqlite3.Connection, party: Party, row: int, target: int) -> RejectedError:
    """Return why a row is turned away that has somebody's phone, and quite another name."""
    (name,) = connection.execute("SELECT name FROM incoming WHERE row = ?", (row,)).fetchone()
    message = _("a phone is also that of {who}; if both are one person, import the row with --match phone")
    return RejectedError("name", name, message.format(who=_who(connection, party, target)))


def _who(connection: sqlite3.Connection, party: Party, target: int) -> str:
    """Return the name and id of a record, or the row of the file that makes it."""
    if target > 0:
        (name,) = connection.execute(f"SELECT name FROM {party.table} WHERE id = ?", (target,)).fetchone()
        return _("{name} ({id})").format(name=name, id=target)
    found = connection.execute("SELECT name FROM incoming WHERE row = ?", (-target,)).fetchone()
    return _("{name} (row {row})").format(name=found[0] if found else "", row=-target)


def conflict(connection: sqlite3.Connection, party: Party, row: int, target: int) -> ConflictError:
    """Return why nothing is imported where nobody may be there yet."""
    return ConflictError(
        _("row {row} is there already: {who}; nothing was written").format(
            row=row, who=_who(connection, party, target)
        ),
        hint=_("see what would change with --on-duplicate update --dry-run"),
        candidates=[{"row": row, "id": target}] if target > 0 else [],
    )
