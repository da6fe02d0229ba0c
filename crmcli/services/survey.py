"""Writing surveys: sent to a contact, and what came back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from crmcli.errors import ConflictError, UsageError
from crmcli.i18n import _, joined
from crmcli.models.survey import Question, Survey, SurveyAnswer
from crmcli.queries.surveys import awaited, require_form
from crmcli.rules.clean import printable
from crmcli.rules.names import clean
from crmcli.rules.satisfaction import DECIMALS, MOST, Answer, score
from crmcli.services.records import added, delete, id_of, load
from crmcli.services.vocabulary import require_code
from crmcli.store.transaction import Transaction

_EXAMPLE = ("90/80", "70")
"""What answers look like: with and without what was expected."""


def send_survey(
    tx: Transaction, contact_id: int, given: Mapping[str, Any], *, sent: datetime, now: datetime, force: bool
) -> int:
    """Note that a contact was sent a survey, and return its id.

    `given` may have `form`, `channel`, `complaint_id` and `owner`. Raises NotFoundError for an unknown form, UsageError
    for another contact's complaint, ConflictError when one of this form is out and has not come back, but for `force`.
    """
    form = require_form(tx.connection, given.get("form") or "")
    out = awaited(tx.connection, contact_id, form)
    if out and not force:
        raise ConflictError(
            _("survey {id} of this form has not come back yet").format(id=out["id"]),
            hint=_("--force sends another one; crm survey return {id} notes its answers").format(id=out["id"]),
        )
    survey = Survey(contact_id=contact_id, form=form, sent_at=sent, created_at=now, updated_at=now)
    _apply(tx, survey, given)
    return added(tx, survey)


def return_survey(
    tx: Transaction, id_: int, answers: Mapping[str, Answer], given: Mapping[str, Any], *, at: datetime, now: datetime
) -> None:
    """Note what came back: answers by the codes of their questions, or a plain `score`; perhaps a `comment`.

    Raises ConflictError when it came back before, UsageError for answers to questions that the form has not, for
    neither answers nor a score, and for a moment before it was sent.
    """
    survey = load(tx, Survey, id_)
    if survey.returned_at is not None:
        raise ConflictError(
            _("survey {id} has come back already").format(id=id_),
            hint=_("crm survey edit {id} --answers … changes its answers").format(id=id_),
        )
    if not answers and given.get("score") is None:
        example = " ".join(f"{code}={said}" for code, said in zip(_questions(tx, survey), _EXAMPLE, strict=False))
        raise UsageError(
            _("what did they answer?"),
            hint=_('crm survey return {id} --answers "{answers}"').format(id=id_, answers=example),
        )
    _require_order(survey.sent_at, at, id_)
    survey.returned_at = at
    edit_survey(tx, id_, answers, given, now=now)


def edit_survey(
    tx: Transaction, id_: int, answers: Mapping[str, Answer], given: Mapping[str, Any], *, now: datetime
) -> None:
    """Change what was given of a survey; answers are added to those that are there, and the score is counted anew.

    A plain `score` takes the place of what the answers give. Raises what `return_survey` raises, and ConflictError for
    answers to what has not come back.
    """
    survey = load(tx, Survey, id_)
    if (answers or given.get("score") is not None) and survey.returned_at is None:
        raise ConflictError(
            _("survey {id} has not come back yet").format(id=id_),
            hint=_("crm survey return {id} --answers …").format(id=id_),
        )
    if given.get("sent"):
        _require_order(given["sent"], survey.returned_at, id_)
        survey.sent_at = given["sent"]
    _apply(tx, survey, given)
    if answers:
        _answer(tx, survey, answers)
    if given.get("score") is not None:
        survey.score = round(float(given["score"]), DECIMALS)
    survey.updated_at = now
    tx.session.flush()


def delete_survey(tx: Transaction, id_: int) -> None:
    """Delete a survey with its answers."""
    delete(tx, Survey, id_)


def _questions(tx: Transaction, survey: Survey) -> dict[str, Question]:
    """Return what the form asks, by the codes of the questions and in its order."""
    query = select(Question).where(Question.form == survey.form).order_by(col(Question.position))
    return {question.code: question for question in tx.session.exec(query)}


def _answer(tx: Transaction, survey: Survey, answers: Mapping[str, Answer]) -> None:
    """Write answers over those that are there, and count the score."""
    questions = _questions(tx, survey)
    there = {
        answer.question_id: answer
        for answer in tx.session.exec(select(SurveyAnswer).where(SurveyAnswer.survey_id == survey.id))
    }
    for code, answer in answers.items():
        if code not in questions:
            raise UsageError(
                _("the form {form} has no question {code}").format(form=survey.form, code=code),
                hint=_("its questions are {names}").format(names=joined(questions)),
            )
        id_ = questions[code].id or 0
        row = there.setdefault(id_, SurveyAnswer(survey_id=id_of(survey), question_id=id_, experience=0))
        row.experience, row.expectation = answer.experience, answer.expectation
        tx.session.add(row)
    weights = {question.id: question.weight for question in questions.values()}
    survey.score = score([Answer(row.experience, row.expectation, weights[id_]) for id_, row in there.items()])
    tx.session.flush()


def _apply(tx: Transaction, survey: Survey, given: Mapping[str, Any]) -> None:
    """Set the fields that were given; an empty text clears one."""
    if given.get("score") is not None and not 0 <= given["score"] <= MOST:
        raise UsageError(_("a score is 0 to 100"), hint=_("--score 85"))
    if given.get("channel") is not None:
        survey.channel = require_code(tx, "channel", given["channel"]) if given["channel"].strip() else None
    if given.get("comment") is not None:
        survey.comment = printable(given["comment"]).strip() or None
    if given.get("owner") is not None:
        survey.owner = clean(given["owner"]) or None
    complaint = given.get("complaint_id")
    if complaint is not None:
        whose = tx.connection.execute("SELECT contact_id FROM complaint WHERE id = ?", (complaint,)).fetchone()
        if whose and whose[0] != survey.contact_id:
            raise UsageError(
                _("{noun} {id} is another contact's").format(noun=_("complaint"), id=complaint),
                hint=_("crm show {contact} shows whose").format(contact=whose[0]),
            )
        survey.complaint_id = complaint


def _require_order(sent: datetime, returned: datetime | None, id_: int) -> None:
    if returned is not None and returned < sent:
        raise UsageError(
            _("survey {id} would come back before it was sent").format(id=id_),
            hint=_("crm survey show {id}").format(id=id_),
        )
