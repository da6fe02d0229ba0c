"""A file of surveys: whose each row is, and writing it."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from crmcli.errors import ConflictError, UsageError
from crmcli.exchange.csvfile import Row
from crmcli.i18n import _
from crmcli.queries.surveys import forms
from crmcli.rules.clean import printable
from crmcli.rules.names import clean, name_key, unpadded
from crmcli.rules.satisfaction import parse_answers
from crmcli.services.importing import cells as cell
from crmcli.services.importing.differences import Written
from crmcli.services.importing.plan import Plan, RejectedError, Summary
from crmcli.services.importing.staging import Sound, Staged, reject, stage
from crmcli.services.importing.surveys import put_survey
from crmcli.services.importing.words import Words
from crmcli.store.transaction import Transaction
from crmcli.when.stored import moment_text

_WHO = """
SELECT c.uid FROM contact c LEFT JOIN company k ON k.id = c.company_id
WHERE CASE WHEN :uid <> ''
    THEN c.uid = :uid OR c.id IN (SELECT contact_id FROM former_uid WHERE uid = :uid)
    ELSE c.name_key = :name AND (:company = '' OR k.name_key = :company) END
"""
_KNOWN = "SELECT s.* FROM survey s JOIN contact c ON c.id = s.contact_id WHERE c.uid = :contact_uid AND s.form = :form"
_SENT_THEN = f"{_KNOWN} AND s.sent_at IN (:sent_at, :also) ORDER BY s.id LIMIT 1"
_SAYING_SO = f"""
{_KNOWN} AND (:score = '' OR s.score = CAST(:score AS REAL)) AND (:comment = '' OR s.comment = :comment)
AND NOT EXISTS (
    SELECT 1 FROM json_each(nullif(:answers, '')) a WHERE NOT EXISTS (
        SELECT 1 FROM survey_answer o JOIN question q ON q.id = o.question_id
        WHERE o.survey_id = s.id AND q.form = a.value ->> 'form' AND q.code = a.value ->> 'code'
        AND o.experience IS a.value ->> 'experience' AND o.expectation IS a.value ->> 'expectation'
    )
)
ORDER BY s.id LIMIT 1
"""
"""Of a row that names no moment, what it says tells which survey it is."""


class _Reader:
    """Takes the rows as they are: what they say is read when they are written."""

    columns: tuple[str, ...] = ("record",)
    filled: tuple[str, ...] = ("record",)

    def __init__(self, plan: Plan, words: Words) -> None:
        self.words = words
        self._headers = plan.headers

    def read(self, rows: Sequence[Sound], staged: Staged) -> None:
        """Add the rows to the batch."""
        for number, cells in rows:
            record = {field: str(text) for field, text in self._headers.record(cells).items()}
            staged.rows.append([number, json.dumps(record)])


def import_surveys(tx: Transaction, rows: Iterable[Row], plan: Plan) -> Summary:
    """Write surveys, known by uid, else by contact, form and when they were sent; return what became of them.

    Raises ConflictError where nothing may be there yet.
    """
    words = Words(tx, exported=plan.exported)
    counts = {"created": 0, "updated": 0, "unchanged": 0, "skipped": 0}
    read = stage(tx.connection, rows, plan, _Reader(plan, words))
    written = Written(tx, "survey") if plan.compare else None
    for row, record in tx.connection.execute("SELECT row, record FROM incoming ORDER BY row").fetchall():
        try:
            cells = _cells(tx, json.loads(record), plan)
            done = _put(tx, row, cells, plan, words)
            counts[done] += 1
            if written:
                written.note(row, cells, done)
        except RejectedError as error:
            reject(tx.connection, row, error)
    return Summary(
        read=read,
        created=counts["created"],
        updated=counts["updated"],
        skipped=counts["skipped"],
        differences=tuple(written.lines) if written else (),
    )


def _put(tx: Transaction, row: int, cells: dict[str, str], plan: Plan, words: Words) -> str:
    """Write one survey unless it is there and may not be touched."""
    known = tx.connection.execute("SELECT id FROM survey WHERE uid = ?", (cells["uid"],)).fetchone()
    if known and plan.on_duplicate == "fail":
        raise ConflictError(
            _("row {row} is there already: {noun} {id}; nothing was written").format(
                row=row, noun=_("survey"), id=known[0]
            ),
            hint=_("see what would change with --on-duplicate update --dry-run"),
        )
    if known and plan.on_duplicate == "skip":
        return "skipped"
    return put_survey(tx, cells, words=words, now=plan.now)


def _cells(tx: Transaction, record: dict[str, str], plan: Plan) -> dict[str, str]:
    """Return what a row says as an export says it: uids, moments with their offsets, answers as JSON."""
    contact = {
        "uid": record.get("contact_uid", ""),
        "name": name_key(unpadded(clean(record.get("contact", "")))),
        "company": name_key(clean(record.get("company", ""))),
    }
    found = tx.connection.execute(_WHO, contact).fetchall()
    if len(found) != 1:
        said = _("there is no such contact") if not found else _("several contacts have this name")
        raise RejectedError("contact", record.get("contact", ""), said)
    anew = plan.on_duplicate == "create"
    uid = "" if anew else record.get("uid", "")
    there = tx.connection.execute("SELECT * FROM survey WHERE uid = ?", (uid,)).fetchone()
    form = there["form"] if there else next(iter(forms(tx.connection)), "")
    form = clean(record.get("form", "")) or form
    moments = {name: cell.happened(name, record.get(name, ""), plan) for name in ("sent_at", "returned_at")}
    sent_at, also = moments["sent_at"] if record.get("sent_at") else moments["returned_at"]
    cells = {
        **record,
        "contact_uid": found[0][0],
        "form": form,
        "sent_at": sent_at or "",
        "also": also or "",
        "score": record.get("score", ""),
        "comment": printable(record.get("comment", "")).strip(),
        "answers": _answers(form, record.get("answers", "")),
    }
    if not (there or anew):
        there = tx.connection.execute(_SENT_THEN if sent_at else _SAYING_SO, cells).fetchone()
    cells |= _moments(cells, moments, there, plan)
    if not plan.exported and cell.is_before(cells["returned_at"], cells["sent_at"], plan.now):
        raise RejectedError("returned_at", record["returned_at"], _("it was sent later than that"))
    owner = record.get("owner") or ("" if there else plan.new_owner or "")
    return {**cells, "owner": owner, "uid": uid or (there["uid"] if there else uuid4().hex)}


def _moments(
    cells: dict[str, str], said: dict[str, tuple[str | None, str | None]], there: Any, plan: Plan
) -> dict[str, str]:
    """Return when a survey was sent and came back; one that is there keeps what the row says less precisely, or not.

    What was answered came back: it is known by now, and of a new survey no other moment is.
    """
    now = moment_text(plan.now)
    kept = {name: there[name] if there else None for name in said}
    at = {name: kept[name] if kept[name] in told else told[0] or kept[name] for name, told in said.items()}
    sent_at = at["sent_at"] or cells["sent_at"] or now
    answered = cells["score"] or cells["answers"]
    return {
        "sent_at": sent_at,
        "returned_at": at["returned_at"] or ((now if there else sent_at) if answered else ""),
    }


def _answers(form: str, text: str) -> str:
    """Return answers as JSON; they may be written as `q1=90/80 q2=70`, too."""
    if not text or text.startswith("["):
        return text
    try:
        answers = parse_answers(text)
    except UsageError as error:
        raise RejectedError("answers", text[:60], error.message) from error
    return json.dumps(
        [
            {"form": form, "code": code, "experience": answer.experience, "expectation": answer.expectation}
            for code, answer in answers.items()
        ]
    )
