"""Which forms there are, what they ask, and who was asked already."""

import sqlite3
from typing import Any, NamedTuple

from crmcli.errors import AmbiguousError, NotFoundError
from crmcli.i18n import _, joined, language

QUESTION = "question"
"""Instead of a set of the vocabulary: its codes are those of questions."""


NAMED = """
SELECT id, form, code, moment, en, zh,
    iif((SELECT count(*) FROM question o WHERE o.code = q.code) > 1, form || '/' || code, code) AS name
FROM question q
"""
"""Questions with what they are called beside those of other forms: the code, with the form where several have it."""


class Asked(NamedTuple):
    """A question as it is put to a customer, in the language in use."""

    id: int
    code: str
    moment: str
    text: str
    weight: int


def forms(connection: sqlite3.Connection) -> list[str]:
    """Return the forms that have questions to ask, the one that is used by default first."""
    rows = connection.execute("SELECT form FROM question WHERE NOT hidden GROUP BY form ORDER BY min(id)")
    return [row[0] for row in rows]


def require_form(connection: sqlite3.Connection, name: str) -> str:
    """Return the form of this name, the default one when empty; raises NotFoundError with those that there are."""
    known = forms(connection)
    wanted = name.strip().casefold()
    found = next((form for form in known if form.casefold() == wanted or not wanted), None)
    if found is None:
        raise NotFoundError(
            _("no form “{form}” has questions").format(form=name),
            hint=_("the forms are {names}").format(names=joined(known))
            if known
            else _("begin one: crm question add FORM CODE --en …"),
        )
    return found


def asked_of(connection: sqlite3.Connection, form: str) -> list[Asked]:
    """Return the questions of a form in their order."""
    column = "zh" if language() == "zh" else "en"
    rows = connection.execute(
        f"SELECT id, code, moment, {column}, weight FROM question WHERE form = ? AND NOT hidden ORDER BY position, id",
        (form,),
    )
    return [Asked(*row) for row in rows]


def question_labels(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Return what every question says in the language in use, as the labels of a vocabulary."""
    column = "zh" if language() == "zh" else "en"
    rows = connection.execute(f"SELECT name, {column}, iif(name = code, NULL, form) FROM ({NAMED})")
    return {(QUESTION, name): f"{text} ({form})" if form else text for name, text, form in rows}


def find_question(connection: sqlite3.Connection, text: str) -> int:
    """Return the id of a question, named by its id, its code, or `form/code`; raises NotFoundError, AmbiguousError."""
    form, _slash, code = text.strip().rpartition("/")
    rows = connection.execute(
        "SELECT id, form, code, en FROM question WHERE (code = ? AND (? = '' OR form = ?)) OR CAST(id AS TEXT) = ?",
        (code, form, form, text.strip()),
    ).fetchall()
    if not rows:
        raise NotFoundError(
            _("there is no question “{text}”").format(text=text), hint=_("crm question list --all shows them")
        )
    if len(rows) > 1:
        raise AmbiguousError(
            _("several forms ask “{text}”").format(text=text),
            hint=_("name it as form/code, or by its id"),
            candidates=[dict(row) for row in rows],
        )
    return int(rows[0]["id"])


def awaited(connection: sqlite3.Connection, contact_id: int, form: str) -> dict[str, Any] | None:
    """Return id and moment of the survey of this form that the contact has been sent and not returned, if any."""
    row = connection.execute(
        "SELECT id, sent_at FROM survey WHERE contact_id = ? AND form = ? AND returned_at IS NULL "
        "ORDER BY sent_at DESC LIMIT 1",
        (contact_id, form),
    ).fetchone()
    return dict(row) if row else None
