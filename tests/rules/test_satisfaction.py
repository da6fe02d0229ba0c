"""The score of a survey: between its answers, moved by weights, and what is no answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcli.errors import UsageError
from crmcli.rules.satisfaction import Answer, parse_answers, score

POINTS = st.integers(0, 100)
ANSWERS = st.lists(st.builds(Answer, POINTS, st.none() | POINTS, st.integers(1, 9)), min_size=1, max_size=12)


@given(ANSWERS)
def test_a_score_lies_between_the_worst_and_the_best_answer(answers: list[Answer]) -> None:
    points = score(answers)
    assert points is not None
    assert min(answer.experience for answer in answers) <= points <= max(answer.experience for answer in answers)
    assert score([*answers, *answers]) == points
    assert score([answer._replace(weight=answer.weight * 3) for answer in answers]) == points


@given(ANSWERS, st.integers(0, 100))
def test_a_better_answer_never_lowers_the_score(answers: list[Answer], points: int) -> None:
    first = answers[0]
    better = [first._replace(experience=max(points, first.experience)), *answers[1:]]
    assert (score(better) or 0) >= (score(answers) or 0)


def test_weights_count() -> None:
    assert score([Answer(100, weight=2), Answer(40)]) == 80
    assert score([]) is score([Answer(50, weight=0)]) is None


def test_answers_as_they_are_typed() -> None:
    expected = {"q1": Answer(90, 80), "态度": Answer(70)}
    for text in ("q1=90/80 态度=70", " q1=90/80,态度=70 ", "q1：90/80；态度＝70", "q1=90／80\n态度=70"):
        assert parse_answers(text) == expected


@pytest.mark.parametrize(
    "text", ["", "q1", "q1=", "=90", "q1=101", "q1=90/101", "q1=-1", "q1=9 q1=8", "q1=9.5", "q1=9/"]
)
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no answer") as refused:
        parse_answers(text)
    assert "q1=90/80" in refused.value.hint
