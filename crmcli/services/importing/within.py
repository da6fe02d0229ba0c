"""Records that name others within a text: an export of everything does so by uid, the database by id."""

import re

from crmcli.queries.everything import PLANNER, STEP_LINKS
from crmcli.rules.custom_fields import is_code
from crmcli.services.importing.surveys import id_of
from crmcli.store.transaction import Transaction

_TOLD = re.compile(r"([^:]+):(.+)@(\d{4}-\d\d-\d\d)", re.ASCII)
_RETURN_VISIT = re.compile(r"complaint:(.+)")


def name_planners(tx: Transaction) -> None:
    """Let callbacks say what planned them, so that it does not plan them again, as the links of `temp.link` have it."""
    links = "SELECT uid, target FROM link WHERE record = 'callback' AND field = ?"
    for uid, target in tx.connection.execute(links, (PLANNER,)).fetchall():
        planner = _planner(tx, target)
        if planner:
            tx.connection.execute(
                "UPDATE OR IGNORE callback SET notice = ? WHERE uid = ? AND notice IS NULL", (planner, uid)
            )


def _planner(tx: Transaction, target: str) -> str | None:
    """Return what planned a callback as it is stored; None where that is not here, or no export of ours wrote it."""
    told = _TOLD.fullmatch(target)
    if told:
        contact = id_of(tx, "contact", told[2])
        return f"{told[1]}:{contact}@{told[3]}" if contact and is_code(told[1]) else None
    visit = _RETURN_VISIT.fullmatch(target)
    complaint = visit and id_of(tx, "complaint", visit[1])
    return f"complaint:{complaint}" if complaint else None


def name_in_steps(tx: Transaction) -> None:
    """Let the steps of complaints name complaints and follow-ups by their ids here; nothing where they are not here."""
    for table in STEP_LINKS:
        tx.connection.execute(
            f"UPDATE complaint_step SET data = json_set(data, '$.{table}', "
            f"(SELECT id FROM {table} WHERE uid = complaint_step.data ->> '$.{table}')) "
            f"WHERE json_type(data, '$.{table}') = 'text'"
        )
