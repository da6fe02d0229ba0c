"""Surveys and their questions as the export of another database has them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crmcli.i18n import _
from crmcli.rules.clean import printable
from crmcli.rules.names import clean
from crmcli.rules.satisfaction import MOST, Answer, score
from crmcli.services.importing import cells as cell
from crmcli.services.importing.identity import id_of, left_of
from crmcli.services.importing.plan import RejectedError
from crmcli.services.importing.told import completed, filling, stamps
from crmcli.services.importing.words import Words
from crmcli.store.transaction import Transaction

_QUESTION = """
INSERT INTO question (form, code, moment, en, zh, weight, position, origin, hidden)
VALUES (:form, :code, :moment, :en, :zh, :weight, :position, :origin, :hidden)
ON CONFLICT (form, code) DO UPDATE SET moment = excluded.moment, en = excluded.en, zh = excluded.zh,
    weight = excluded.weight, position = excluded.position, origin = excluded.origin, hidden = excluded.hidden
WHERE (moment, en, zh, weight, position, origin, hidden) IS NOT (excluded.moment, excluded.en, excluded.zh,
    excluded.weight, excluded.position, excluded.origin, excluded.hidden)
"""
_SURVEY = f"""
INSERT INTO survey (uid, contact_id, complaint_id, form, channel, sent_at, returned_at, score, comment, owner,
    created_at, updated_at)
VALUES (:uid, :contact_id, :complaint_id, :form, :channel, :sent_at, :returned_at, :score, :comment, :owner,
    :created_at, :updated_at)
{filling("survey", ("complaint_id", "form", "channel", "sent_at", "returned_at", "score", "comment", "owner"))}
"""
_ANSWER = """
INSERT INTO survey_answer (survey_id, question_id, expectation, experience)
VALUES (:survey, :question, :expectation, :experience)
ON CONFLICT (survey_id, question_id) DO UPDATE
SET expectation = excluded.expectation, experience = excluded.experience
WHERE (expectation, experience) IS NOT (excluded.expectation, excluded.experience)
"""
_MOMENTS = frozenset({"before", "during", "after"})


def put_question(tx: Transaction, cells: Mapping[str, str]) -> str:
    """Add or change a question as another database has it; return created, updated or unchanged.

    Raises RejectedError for what no question can be.
    """
    cells = completed(tx, "question", ("form", "code"), cells)
    form, code, moment = (clean(cells.get(name, "")) for name in ("form", "code", "moment"))
    if not form or not code or moment not in _MOMENTS:
        raise cell.not_exported("code", code)
    known = tx.connection.execute("SELECT 1 FROM question WHERE form = ? AND code = ?", (form, code)).fetchone()
    values = {
        "form": form,
        "code": code,
        "moment": moment,
        "en": clean(cells.get("en", "")) or code,
        "zh": clean(cells.get("zh", "")) or code,
        "weight": _whole("weight", cells.get("weight") or "1"),
        "position": _whole("position", cells.get("position") or "1"),
        "origin": cells.get("origin") or None,
        "hidden": int(cells.get("hidden") == "true"),
    }
    changed = tx.connection.execute(_QUESTION, values).rowcount
    return ("updated" if known else "created") if changed else "unchanged"


def put_survey(tx: Transaction, cells: Mapping[str, str], words: Words, now: datetime) -> str:
    """Add or change a survey with its answers, known by its uid; return created, updated or unchanged.

    Raises RejectedError when its contact is not there, and for what no survey can be.
    """
    uid = cells.get("uid", "")
    contact = left_of(tx, "contact", cells.get("contact_uid", ""))
    if not uid or contact is None:
        raise RejectedError("contact_uid", cells.get("contact_uid", ""), _("there is no such contact"))
    channel = words.code("channel", "channel", cells["channel"]) if cells.get("channel") else None
    words.add("channel", [channel] if channel else [])
    values = {
        "uid": uid,
        "contact_id": contact,
        "complaint_id": id_of(tx, "complaint", cells.get("complaint_uid", "")),
        "form": clean(cells.get("form", "")),
        "channel": channel,
        "sent_at": cell.moment("sent_at", cells.get("sent_at", "")),
        "returned_at": cell.moment("returned_at", cells["returned_at"]) if cells.get("returned_at") else None,
        "score": _points(cells["score"]) if cells.get("score") else None,
        "comment": printable(cells.get("comment", "")).strip() or None,
        "owner": clean(cells.get("owner", "")) or None,
        **stamps(cells, now),
    }
    answers = _answers(tx, cells.get("answers", ""))
    if values["score"] is None and answers:
        values["score"] = score([Answer(one["experience"], one["expectation"], one["weight"]) for one in answers])
    known = id_of(tx, "survey", uid)
    changed = tx.connection.execute(_SURVEY, values).rowcount
    survey = known or id_of(tx, "survey", uid)
    for answer in answers:
        changed += tx.connection.execute(_ANSWER, {**answer, "survey": survey}).rowcount
    return ("updated" if known else "created") if changed else "unchanged"


def _answers(tx: Transaction, text: str) -> list[dict[str, Any]]:
    """Return the answers, each with the id of its question; RejectedError for what an export does not write."""
    answers = []
    try:
        for answer in json.loads(text or "[]"):
            row = tx.connection.execute(
                "SELECT id, weight FROM question WHERE form = ? AND code = ?",
                (cell.told(answer["form"]), cell.told(answer["code"])),
            ).fetchone()
            points = [answer["experience"], *([] if answer["expectation"] is None else [answer["expectation"]])]
            if row is None or not all(isinstance(value, int) and 0 <= value <= MOST for value in points):
                raise cell.not_exported("answers", text)
            told = {name: answer[name] for name in ("experience", "expectation")}
            answers.append({"question": row["id"], "weight": row["weight"], **told})
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise cell.not_exported("answers", text) from error
    return answers


def _points(text: str) -> float:
    try:
        points = float(text)
    except ValueError:
        points = -1
    if not 0 <= points <= MOST:
        raise RejectedError("score", text[:60], _("a score is 0 to 100"))
    return points


def _whole(field: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:  # noqa: PLR2004 - SQLite's integers
        raise cell.not_exported(field, text)
    return int(text)
