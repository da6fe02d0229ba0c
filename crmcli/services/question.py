"""Writing the questions of surveys' forms."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from crmcli.errors import ConflictError, NotFoundError, UsageError
from crmcli.i18n import _
from crmcli.models.survey import Question, SurveyAnswer
from crmcli.rules.names import clean
from crmcli.services.records import id_of
from crmcli.services.vocabulary import require_code
from crmcli.store.transaction import Transaction

_SIGNS = frozenset(" =＝/／,，;；:：")
"""What separates answers from one another and from their questions."""


def add_question(tx: Transaction, form: str, code: str, given: Mapping[str, Any]) -> int:
    """Add a question at the end of a form, which begins with it, and return its id.

    Raises UsageError for a code that can't be answered to and for a question without words, ConflictError when the form
    has it already.
    """
    name, code = clean(form), clean(code)
    if not name or not code or _SIGNS & {*code} or _SIGNS & {*name}:
        raise UsageError(
            _("form and code are words without spaces and signs"),
            hint=_('crm question add service speed --en "It was done quickly" --zh 办理及时'),
        )
    said = given.get("en") or given.get("zh")
    if not said:
        raise UsageError(_("what does it ask?"), hint=_("say it with --en, --zh or both"))
    last = tx.session.exec(select(func.max(col(Question.position))).where(Question.form == name)).one()
    question = Question(
        form=name,
        code=code,
        moment="after",
        en=clean(said),
        zh=clean(said),
        position=(last or 0) + 1,
    )
    if tx.session.exec(select(Question.id).where(Question.form == name, Question.code == code)).first():
        raise ConflictError(
            _("form {form} has a question {code} already").format(form=name, code=code),
            hint=_("crm question edit {form}/{code} changes it").format(form=name, code=code),
        )
    tx.session.add(question)
    _apply(tx, question, given)
    tx.session.flush()
    return id_of(question)


def edit_question(tx: Transaction, id_: int, given: Mapping[str, Any]) -> None:
    """Change what was given of a question; scores that were counted before stay."""
    _apply(tx, _load(tx, id_), given)
    tx.session.flush()


def delete_question(tx: Transaction, id_: int) -> None:
    """Delete a question that nobody has answered; raises ConflictError for another."""
    question = _load(tx, id_)
    if tx.session.exec(select(SurveyAnswer.id).where(SurveyAnswer.question_id == id_)).first():
        raise ConflictError(
            _("question {code} has been answered").format(code=question.code),
            hint=_("crm question edit {id} --hide asks it no longer").format(id=id_),
        )
    tx.session.delete(question)
    tx.session.flush()


def _load(tx: Transaction, id_: int) -> Question:
    question = tx.session.get(Question, id_)
    if question is None:
        raise NotFoundError(
            _("there is no question “{text}”").format(text=id_), hint=_("crm question list --all shows them")
        )
    return question


def _apply(tx: Transaction, question: Question, given: Mapping[str, Any]) -> None:
    if given.get("moment") is not None:
        question.moment = require_code(tx, "survey_moment", given["moment"])
    for name in ("en", "zh"):
        if given.get(name) is not None:
            said = clean(given[name])
            if not said:
                raise UsageError(_("what does it ask?"), hint=_("say it with --en, --zh or both"))
            setattr(question, name, said)
    for name in ("weight", "position"):
        if given.get(name) is not None:
            setattr(question, name, given[name])
    if given.get("hidden") is not None:
        question.hidden = int(given["hidden"])
