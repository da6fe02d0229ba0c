"""Satisfaction on a scale of 100 points: the score of a survey and its bands, and answers as they are typed."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from crmcli.errors import UsageError
from crmcli.i18n import _

MOST = 100
MOST_WEIGHT = 100
"""Of a question, beside others of its form."""
DECIMALS = 1
"""Points are counted as they are shown: 69.96 are 70.0, and not below 70."""
DISSATISFIED, BASICALLY, VERY = 70, 80, 90
"""Below 70 a customer is dissatisfied, from 80 on basically satisfied, from 90 on very satisfied."""

_SHOWN = 40


class Answer(NamedTuple):
    """What a customer said to a question of this weight: 0 to 100 each, no expectation where they told none."""

    experience: int
    expectation: int | None = None
    weight: int = 1


def score(answers: Sequence[Answer]) -> float | None:
    """Return the mean of what was experienced, by the weights of the questions; None of nothing."""
    weights = sum(answer.weight for answer in answers)
    return round(sum(answer.experience * answer.weight for answer in answers) / weights, DECIMALS) if weights else None


def parse_answers(text: str) -> dict[str, Answer]:
    """Return the answers of `q1=90/80 q2=70` by the codes of their questions: experience, perhaps expectation.

    Raises UsageError for what is none, and for what is answered twice.
    """
    answers: dict[str, Answer] = {}
    for part in re.split(r"[\s,，;；]+", text.strip()):
        found = re.fullmatch(r"([^=＝:：]+)[=＝:：](\d{1,3})(?:[/／](\d{1,3}))?", part)
        if not found or found[1] in answers or max(int(found[2]), int(found[3] or 0)) > MOST:
            raise UsageError(
                _("“{text}” is no answer").format(text=part[:_SHOWN]),
                hint=_("question=experience, or question=experience/expectation, each 0 to 100: q1=90/80 q2=70"),
            )
        answers[found[1]] = Answer(int(found[2]), int(found[3]) if found[3] else None)
    return answers
