"""What follows the occurrence of a repeat that a file says is over: planned as `crm done` and `cancel` plan it."""

import sqlite3
from collections.abc import Sequence
from functools import cache
from types import ModuleType

from crmcli.services.importing.plan import Plan
from crmcli.store.transaction import Transaction

_OPEN = """
SELECT r.id FROM changed h CROSS JOIN incoming i ON i.row = h.row CROSS JOIN callback r ON r.id = h.id
WHERE r.status = 'open' AND r.rule IS NOT NULL AND i.uid = r.uid AND i.status IN ('done', 'cancelled')
ORDER BY r.id
"""
"""Rows that name no uid may mean another occurrence than the one that is open, and those of other programs the series
itself; what an export of everything has of a series is in it."""


@cache
def _load_callbacks() -> ModuleType:
    """Load what plans callbacks, for the first that is over: SQLAlchemy takes half a second."""
    from crmcli.services import callback

    return callback


def about_to_end(connection: sqlite3.Connection) -> list[int]:
    """Return the ids of the open occurrences of repeats that the rows which are to be written say are over."""
    return [id_ for (id_,) in connection.execute(_OPEN).fetchall()]


def plan_following(tx: Transaction, ended: Sequence[int], plan: Plan) -> int:
    """Plan what follows these occurrences, unless the file has brought it; return how many callbacks that were."""
    planned = [_load_callbacks().plan_following(tx, id_, now=plan.now) for id_ in ended]
    return len([id_ for id_ in planned if id_ is not None])
