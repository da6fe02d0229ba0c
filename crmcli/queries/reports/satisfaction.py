"""Satisfaction: ratings of 1 to 5 when cases were closed, surveys of 100 points, and return visits."""

from crmcli.i18n import N_
from crmcli.nouns import Field
from crmcli.queries.reader import Reader, Row
from crmcli.queries.reports.asking import Asked, Figure, Group, Report, Said, Table, is_asked
from crmcli.queries.reports.cases import CASES
from crmcli.queries.reports.counting import Counting, Counts, Source
from crmcli.queries.reports.making import Plan, make_report
from crmcli.queries.surveys import NAMED, QUESTION
from crmcli.rules.satisfaction import BASICALLY, DECIMALS, DISSATISFIED, VERY
from crmcli.rules.statistics import SATISFIED, mean, percent

_ASKED = f"""(
SELECT
    'survey' AS what, s.contact_id, s.sent_at AS at, s.form, NULL AS type, s.owner AS person,
    s.returned_at <= :now AS back, CASE WHEN s.returned_at <= :now THEN round(s.score, {DECIMALS}) END AS score,
    NULL AS rating, c.class, c.region
FROM survey s JOIN contact c ON c.id = s.contact_id
WHERE s.sent_at <= :now
UNION ALL
SELECT
    'case', k.contact_id, k.closed_at, NULL, k.type, k.person, NULL, NULL, k.satisfaction, c.class, c.region
FROM {CASES} k JOIN contact c ON c.id = k.contact_id
WHERE k.closed_at IS NOT NULL
UNION ALL
SELECT
    'visit', b.contact_id, coalesce(b.due_at, b.due_on), NULL, NULL, b.owner, b.done_at <= :now, NULL,
    NULL, c.class, c.region
FROM callback b JOIN contact c ON c.id = b.contact_id
WHERE b.notice GLOB 'complaint:*' AND b.notice NOT GLOB '*@*' AND b.status <> 'cancelled' AND b.created_at <= :now
)"""
_SURVEYS, _VISITS = "t.what = 'survey'", "t.what = 'visit'"

SOURCE = Source(
    noun="contact",
    records=_ASKED,
    moment="at",
    key="contact_id",
    numbers={
        "count": "count(*)",
        "sent": f"count(*) FILTER (WHERE {_SURVEYS})",
        "returned": f"count(*) FILTER (WHERE {_SURVEYS} AND t.back)",
        "scored": "count(t.score)",
        "scores": "sum(t.score)",
        "dissatisfied": f"count(*) FILTER (WHERE t.score < {DISSATISFIED})",
        "satisfied": f"count(*) FILTER (WHERE t.score >= {DISSATISFIED} AND t.score < {VERY})",
        "very_satisfied": f"count(*) FILTER (WHERE t.score >= {VERY})",
        "basically_satisfied": f"count(*) FILTER (WHERE t.score >= {BASICALLY})",
        "closed": "count(*) FILTER (WHERE t.what = 'case')",
        "rated": "count(t.rating)",
        "ratings": "sum(t.rating)",
        **{f"rated_{points}": f"count(*) FILTER (WHERE t.rating = {points})" for points in range(1, 6)},
        "visits": f"count(*) FILTER (WHERE {_VISITS})",
        "visits_done": f"count(*) FILTER (WHERE {_VISITS} AND t.back)",
    },
    or_day=True,
)
"""A survey counts when it was sent, a rating when its case was closed, a return visit when it is due."""

ANSWERS = Source(
    noun="contact",
    records=f"""(
SELECT
    s.contact_id, s.sent_at AS at, s.form, s.owner AS person, c.class, c.region, q.moment, q.name AS question,
    a.experience, a.expectation
FROM survey_answer a JOIN survey s ON s.id = a.survey_id JOIN ({NAMED}) q ON q.id = a.question_id
JOIN contact c ON c.id = s.contact_id
WHERE s.returned_at <= :now
)""",
    moment="at",
    key="contact_id",
    numbers={
        "count": "count(*)",
        "experiences": "sum(t.experience)",
        "expected": "count(t.expectation)",
        "expectations": "sum(t.expectation)",
        "gaps": "sum(t.expectation - t.experience)",
    },
)

_MOMENTS = ("before", "during", "after")
_OF_ALL = (
    Group(Field("person", "text", N_("Person"), ("owner",)), "t.person"),
    Group(Field("class", "code", "Class", vocabulary="class"), "t.class"),
    Group(Field("region", "text", "Region"), "t.region"),
    Group(Field("form", "text", "Form"), "t.form"),
)
_TYPE = Group(Field("type", "code", "Type", vocabulary="complaint_type"), "t.type")
_MOMENT = Group(Field("moment", "code", "Moment", vocabulary="survey_moment"), "t.moment")
_QUESTION = Group(Field("question", "code", "Question", ("题目",), vocabulary=QUESTION), "t.question")
GROUPS = {group.field.name: group for group in (*_OF_ALL, _TYPE)}
OF_ANSWERS = {group.field.name: group for group in (_MOMENT, _QUESTION, *_OF_ALL)}

FIGURES = (
    Figure("count", "count", N_("Asked"), N_("asked")),
    Figure("sent", "count", N_("Surveys sent"), N_("sent"), drop=3),
    Figure("returned", "count", N_("Surveys returned"), N_("returned"), drop=4),
    Figure("return_rate", "percent", N_("Return rate, %"), N_("rate"), drop=2),
    Figure("score", "score", N_("Points, mean"), N_("points")),
    Figure("dissatisfied", "count", N_("Below 70 points")),
    Figure("satisfied", "count", N_("70 to below 90 points")),
    Figure("very_satisfied", "count", N_("90 points and more")),
    Figure("basically_satisfied", "percent", N_("80 points and more, %"), N_("from 80"), drop=1),
    Figure("closed", "count", N_("Cases closed")),
    Figure("rated", "count", N_("Rated"), N_("rated"), drop=5),
    Figure("rating", "rating", N_("Rating, mean"), N_("rating")),
    Figure("rated_1", "count", N_("Rated 1")),
    Figure("rated_2", "count", N_("Rated 2")),
    Figure("rated_3", "count", N_("Rated 3")),
    Figure("rated_4", "count", N_("Rated 4")),
    Figure("rated_5", "count", N_("Rated 5")),
    Figure("content", "percent", N_("Rated 4 or 5, %"), N_("4 or 5"), drop=6),
    Figure("visits", "count", N_("Return visits")),
    Figure("visits_done", "count", N_("Return visits done")),
)
FIGURES_OF_ANSWERS = (
    Figure("count", "count", N_("Answers"), N_("answers")),
    Figure("expectation", "score", N_("Expectation"), N_("expected")),
    Figure("experience", "score", N_("Experience"), N_("experienced")),
    Figure("gap", "gap", N_("Gap"), N_("gap")),
)
HEADLINE = (
    Said(
        N_("Surveys"),
        (("sent", N_("{} sent")), ("returned", N_("{} returned")), ("return_rate", N_("rate {}"))),
    ),
    Said(
        N_("Points"), (("score", N_("{} of 100")), ("basically_satisfied", N_("{} basically satisfied (80 and more)")))
    ),
    Said(N_("Ratings"), (("rating", N_("{} of 5")), ("rated", N_("{} rated")), ("content", N_("{} satisfied")))),
    Said(N_("Return visits"), (("visits", N_("{} due")), ("visits_done", N_("{} done")))),
)
HEADLINE_OF_ANSWERS = (
    Said("", (("count", N_("{} answers")), ("expectation", N_("expected {}")), ("experience", N_("experienced {}")))),
)


def read(reader: Reader, asked: Asked) -> Report:
    """Return the report; by moment or question it is about the answers of surveys alone."""
    if is_asked(asked, (_MOMENT, _QUESTION)):
        plan = Plan(ANSWERS, OF_ANSWERS, ("moment",), FIGURES_OF_ANSWERS, figured_answers, HEADLINE_OF_ANSWERS)
        return make_report(reader, plan, asked)
    report = make_report(reader, Plan(SOURCE, GROUPS, ("month",), FIGURES, figured, HEADLINE), asked)
    answers = Counting(reader, ANSWERS, asked.where)
    parts = {
        "ratings": _distribution(report.total),
        "bands": _bands(report.total),
        "moments": _answers(answers, _MOMENT, report),
        "questions": _answers(answers, _QUESTION, report),
    }
    return report._replace(parts=parts)


def figured(counts: Counts) -> Row:
    """Return the figures of what was asked and what came back."""
    row = {figure.name: counts.get(figure.name) for figure in FIGURES}
    content = sum(counts[f"rated_{points}"] for points in range(SATISFIED, 6))
    return row | {
        "return_rate": percent(counts["returned"], counts["sent"]),
        "score": mean(counts["scores"], counts["scored"], 1),
        "basically_satisfied": percent(counts["basically_satisfied"], counts["scored"]),
        "rating": mean(counts["ratings"], counts["rated"]),
        "content": percent(content, counts["rated"]),
    }


def figured_answers(counts: Counts) -> Row:
    """Return what was expected and experienced; the gap is between the two where both were told."""
    return {
        "count": counts["count"],
        "expectation": mean(counts["expectations"], counts["expected"], 1),
        "experience": mean(counts["experiences"], counts["count"], 1),
        "gap": mean(counts["gaps"], counts["expected"], 1),
    }


def _distribution(total: Row) -> Table:
    field = Field("rating", "text", N_("Rating"))
    rows = [{"rating": str(points), "count": total[f"rated_{points}"]} for points in range(5, 0, -1)]
    return Table((field,), FIGURES_OF_ANSWERS[:1], rows)


def _bands(total: Row) -> Table:
    field = Field("band", "text", N_("Points"))
    bands = (
        (f"{VERY}–100", "very_satisfied"),
        (f"{DISSATISFIED}–<{VERY}", "satisfied"),
        (f"<{DISSATISFIED}", "dissatisfied"),
    )
    rows = [{"band": band, "count": total[name]} for band, name in bands]
    return Table((field,), FIGURES_OF_ANSWERS[:1], rows)


def _answers(counting: Counting, group: Group, report: Report) -> Table:
    """Return expectation against experience by a group: moments in their order, questions by their codes."""
    counted = counting.count([(group.field.name, group)], report.days)
    keys = sorted(counted, key=lambda key: _MOMENTS.index(key[0]) if group is _MOMENT else key[0])
    rows = [{group.field.name: key[0], **figured_answers(counted[key])} for key in keys]
    return Table((group.field,), FIGURES_OF_ANSWERS, rows)
