"""Records that name others within a text: an export of everything does so by uid, the database by id."""

import re

from crmcli.queries.everything import STEP_LINKS
from crmcli.queries.versions import PLANNER
from crmcli.rules.custom_fields import is_code
from crmcli.services.importing.identity import id_of, left_of
from crmcli.store.transaction import Transaction

_TOLD = re.compile(r"([^:]+):(.+)@(\d{4}-\d\d-\d\d)", re.ASCII)
_PLANNED = """
SELECT i.row, l.target FROM link l CROSS JOIN incoming i ON i.uid = l.uid
WHERE l.record = 'callback' AND l.field = ? AND i.row NOT IN (SELECT row FROM match)
"""
_RETURN_VISIT = re.compile(r"complaint:([^#]+)(#.+)?")
_NAMED = """
UPDATE OR IGNORE callback SET notice = :planner
WHERE uid = :uid AND (notice IS NULL OR :planner GLOB notice || '#*')
"""
"""A return visit that another has followed makes way for that one."""


def name_planners(tx: Transaction) -> None:
    """Let callbacks say what planned them, so that it does not plan them again, as the links of `temp.link` have it."""
    links = "SELECT uid, target FROM link WHERE record = 'callback' AND field = ? ORDER BY target LIKE '%#%' DESC"
    for uid, target in tx.connection.execute(links, (PLANNER,)).fetchall():
        planner = _planner(tx, target)
        if planner:
            tx.connection.execute(_NAMED, {"planner": planner, "uid": uid})


def match_planned(tx: Transaction) -> None:
    """Match rows of callbacks that are here by what planned them: it plans the same on two machines."""
    rows = tx.connection.execute(_PLANNED, (PLANNER,)).fetchall()
    for row, target in rows:
        planner = _planner(tx, target)
        tx.connection.execute(
            "INSERT OR IGNORE INTO match SELECT ?, id, 1 FROM callback "
            "WHERE notice = ? AND id NOT IN (SELECT target FROM match)",
            (row, planner),
        )


def _planner(tx: Transaction, target: str) -> str | None:
    """Return what planned a callback as it is stored; None where that is not here, or no export of ours wrote it."""
    told = _TOLD.fullmatch(target)
    if told:
        contact = left_of(tx, "contact", told[2])
        return f"{told[1]}:{contact}@{told[3]}" if contact and is_code(told[1]) else None
    visit = _RETURN_VISIT.fullmatch(target)
    complaint = visit and id_of(tx, "complaint", visit[1])
    return f"complaint:{complaint}{visit[2] or ''}" if visit and complaint else None


def name_in_steps(tx: Transaction) -> None:
    """Let the steps of complaints name complaints and follow-ups by their ids here; nothing where they are not here."""
    for table in STEP_LINKS:
        tx.connection.execute(
            f"UPDATE complaint_step SET data = json_set(data, '$.{table}', "
            f"(SELECT id FROM {table} WHERE uid = complaint_step.data ->> '$.{table}')) "
            f"WHERE json_type(data, '$.{table}') = 'text'"
        )
