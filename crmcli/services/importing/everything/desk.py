"""Supervised items and answers as the export of another database has them."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crmcli.i18n import _
from crmcli.rules.clean import printable
from crmcli.rules.names import clean
from crmcli.services.importing import cells as cell
from crmcli.services.importing.identity import id_of, left_of
from crmcli.services.importing.plan import RejectedError
from crmcli.services.importing.told import completed, filling, stamps
from crmcli.services.importing.words import Words
from crmcli.store.transaction import Transaction
from crmcli.when.value import MOST_DAYS

_ITEMS = ("callback", "complaint", "promise")
_SUPERVISION = f"""
INSERT INTO supervision (uid, contact_id, callback_id, complaint_id, promise_id, responsible, reason, due_on, every,
    report_on, closed_at, owner, created_at, updated_at)
VALUES (:uid, :contact_id, :callback_id, :complaint_id, :promise_id, :responsible, :reason, :due_on, :every,
    :report_on, :closed_at, :owner, :created_at, :updated_at)
{filling("supervision", ("responsible", "reason", "due_on", "every", "report_on", "closed_at", "owner"))}
"""
_FOLLOWS = """
UPDATE supervision SET promise_id = :promise_id, updated_at = max(updated_at, :updated_at)
WHERE uid = :uid AND promise_id <> :promise_id
AND (SELECT status FROM promise p WHERE p.id = supervision.promise_id) = 'renegotiated'
"""
"""Who answers for a promise that was renegotiated goes on reporting, on the one that took its place."""
_REPORT = """
INSERT INTO supervision_report (supervision_id, kind, at, actor, note, percent)
SELECT :supervision, :kind, :at, :actor, :note, :percent
WHERE :nth > (
    SELECT count(*) FROM supervision_report
    WHERE supervision_id = :supervision AND kind = :kind AND at = :at AND note IS :note AND percent IS :percent
)
"""
"""Two reports of one second may say the same: the second of the export is the second here."""
_ANSWER = f"""
INSERT INTO answer (uid, question, answer, category, complaint_id, used, owner, created_at, updated_at)
VALUES (:uid, :question, :answer, :category, :complaint_id, :used, :owner, :created_at, :updated_at)
{filling("answer", ("question", "answer", "category", "complaint_id", "used", "owner"))}
"""


def put_supervision(tx: Transaction, cells: Mapping[str, str], now: datetime) -> str:
    """Add or change a supervised item with its reports, known by its uid; return created, updated or unchanged.

    Raises RejectedError when its contact or what it supervises is not there, and for what no export writes.
    """
    uid = cells.get("uid", "")
    contact = left_of(tx, "contact", cells.get("contact_uid", ""))
    if not uid or contact is None:
        raise RejectedError("contact_uid", cells.get("contact_uid", ""), _("there is no such contact"))
    items = {f"{item}_id": id_of(tx, item, cells.get(f"{item}_uid", "")) for item in _ITEMS}
    if len([id_ for id_ in items.values() if id_ is not None]) != 1:
        raise RejectedError("item", cells.get("item", ""), _("what it supervises is not there"))
    every = cells.get("every", "")
    responsible = clean(cells.get("responsible", ""))
    if not (every == "" or _is_rhythm(every)) or not responsible:
        raise cell.not_exported("every" if responsible else "responsible", every if responsible else "")
    values: dict[str, Any] = {
        "uid": uid,
        "contact_id": contact,
        **items,
        "responsible": responsible,
        "reason": printable(cells.get("reason", "")).strip() or None,
        "every": every or None,
        "due_on": cell.day("settle_by", cells.get("settle_by", "")),
        "report_on": cell.day("report_on", cells.get("report_on", "")),
        "closed_at": cell.moment("closed_at", cells["closed_at"]) if cells.get("closed_at") else None,
        "owner": clean(cells.get("owner", "")) or None,
        **stamps(cells, now),
    }
    reports = _reports(cells.get("reports", ""))
    known = id_of(tx, "supervision", uid)
    changed = sum(tx.connection.execute(statement, values).rowcount for statement in (_FOLLOWS, _SUPERVISION))
    supervision = known or id_of(tx, "supervision", uid)
    nth: Counter[tuple[Any, ...]] = Counter()
    for report in reports:
        alike = (report["kind"], report["at"], report["note"], report["percent"])
        nth[alike] += 1
        numbered = {**report, "supervision": supervision, "nth": nth[alike]}
        changed += tx.connection.execute(_REPORT, numbered).rowcount
    return ("updated" if known else "created") if changed else "unchanged"


def put_answer(tx: Transaction, cells: Mapping[str, str], words: Words, now: datetime) -> str:
    """Add or change an answer, known by its uid; return created, updated or unchanged.

    Raises RejectedError for what no export writes.
    """
    cells = completed(tx, "answer", ("uid",), cells)
    uid = cells.get("uid", "")
    question, answer = (printable(cells.get(name, "")).strip() for name in ("question", "answer"))
    if not uid or not question or not answer:
        raise cell.not_exported("question", question)
    category = words.code("complaint_category", "category", cells["category"]) if cells.get("category") else None
    words.add("complaint_category", [category] if category else [])
    values = {
        "uid": uid,
        "question": question,
        "answer": answer,
        "category": category,
        "complaint_id": id_of(tx, "complaint", cells.get("complaint_uid", "")),
        "used": cell.number("used", cells.get("used", "")) or 0,
        "owner": clean(cells.get("owner", "")) or None,
        **stamps(cells, now),
    }
    known = id_of(tx, "answer", uid)
    changed = tx.connection.execute(_ANSWER, values).rowcount
    return ("updated" if known else "created") if changed else "unchanged"


def _is_rhythm(text: str) -> bool:
    found = re.fullmatch(r"(\d{1,6})d", text, re.ASCII)
    return found is not None and 1 <= int(found[1]) <= MOST_DAYS


def _percent(said: Any) -> int | None:
    """Return how much is done, 0 to 100, None where nobody said it; raises ValueError for anything else."""
    if said is not None and not (isinstance(said, int) and 0 <= said <= 100):  # noqa: PLR2004 - all of it
        raise ValueError(said)
    return said


def _reports(text: str) -> list[dict[str, Any]]:
    """Return the reports; RejectedError for what an export does not write."""
    try:
        return [
            {
                "kind": str(report["kind"]),
                "at": cell.moment("reports", report["at"]),
                "actor": str(report["actor"]),
                "note": report["note"] and str(report["note"]),
                "percent": _percent(report["percent"]),
            }
            for report in json.loads(text or "[]")
        ]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise cell.not_exported("reports", text) from error
