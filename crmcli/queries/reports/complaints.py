"""Complaints: how many, how soon they were answered and solved, in time or late, reopened, and how satisfied."""

from functools import partial

from crmcli.i18n import N_
from crmcli.nouns import Field
from crmcli.queries.reader import Reader, Row
from crmcli.queries.reports.asking import Asked, Figure, Group, Report, Said
from crmcli.queries.reports.cases import CASES
from crmcli.queries.reports.clocks import Clocks
from crmcli.queries.reports.counting import Counts, Source
from crmcli.queries.reports.making import Plan, make_report
from crmcli.rules.service_levels import OWED_NOTHING
from crmcli.rules.statistics import SATISFIED, mean, minutes, percent, percentile

_CASES = f"(SELECT k.*, c.class, c.owner, c.region FROM {CASES} k JOIN contact c ON c.id = k.contact_id)"
_OVER = "coalesce(t.resolved_at, t.closed_at)"
_OWED = "t.type NOT IN ({})".format(", ".join(f"'{type_}'" for type_ in sorted(OWED_NOTHING)))
"""Praise is closed as soon as it is taken: that is no quick answer."""
_SOLVED = f"CASE WHEN {_OWED} THEN {_OVER} END"
_ANSWER = "t.responded_at, t.resolved_at, t.closed_at"
_ANSWERED = f"CASE WHEN {_OWED} THEN coalesce({_ANSWER}) END"
_REOPENINGS = "SELECT 1 FROM complaint_step s WHERE s.complaint_id = t.id AND s.kind = 'reopen' AND s.at <= :now"
_REOPENED = f"EXISTS ({_REOPENINGS})"
_LATE_BEFORE = f"EXISTS ({_REOPENINGS} AND s.data ->> '$.solved_at' > s.data ->> '$.{{}}')"
"""Whether what did not last had come too late: reopening it makes that no better."""
_UNANSWERED_BEFORE, _UNSOLVED_BEFORE = map(_LATE_BEFORE.format, ("respond_by", "resolve_by"))
_LATE_ANSWER = f"(coalesce(coalesce({_ANSWER}, t.waiting_since, :now) > t.respond_by, 0) OR {_UNANSWERED_BEFORE})"
_LATE_SOLUTION = f"(coalesce(coalesce({_OVER}, t.waiting_since, :now) > t.resolve_by, 0) OR {_UNSOLVED_BEFORE})"
_BREACH = (
    f"CASE WHEN {_LATE_ANSWER} AND {_LATE_SOLUTION} THEN 'both' WHEN {_LATE_ANSWER} THEN 'answer' "
    f"WHEN {_LATE_SOLUTION} THEN 'solution' END"
)
_STOOD = "(t.hours IS 'business' OR t.id IN (SELECT s.complaint_id FROM complaint_step s WHERE s.kind = 'wait'))"
"""Whether its clock ever stood: out of hours, or while it waited for the customer."""
_LONG = (
    "json_group_array(strftime('%s', {0}) - strftime('%s', t.received_at)) "
    f"FILTER (WHERE {{0}} IS NOT NULL AND NOT {_STOOD})"
)
_CLOCKED = (
    "json_group_array(json_array("
    "t.id, t.hours IS 'business', strftime('%s', t.received_at) + 0, strftime('%s', {0}) + 0)) "
    f"FILTER (WHERE {{0}} IS NOT NULL AND {_STOOD})"
)

SOURCE = Source(
    noun="complaint",
    records=_CASES,
    moment="received_at",
    numbers={
        "count": "count(*)",
        "open": f"count(*) FILTER (WHERE {_OVER} IS NULL)",
        "reopened": f"count(*) FILTER (WHERE {_REOPENED})",
        "responded": f"count({_ANSWERED})",
        "responded_in_time": f"count(*) FILTER (WHERE {_ANSWERED} <= t.respond_by AND NOT {_UNANSWERED_BEFORE})",
        "responded_late": f"count(*) FILTER (WHERE {_LATE_ANSWER})",
        "resolved": f"count({_SOLVED})",
        "resolved_in_time": f"count(*) FILTER (WHERE {_SOLVED} <= t.resolve_by AND NOT {_UNSOLVED_BEFORE})",
        "resolved_late": f"count(*) FILTER (WHERE {_LATE_SOLUTION})",
        "breached": f"count({_BREACH})",
        "breached_both": f"count(*) FILTER (WHERE {_LATE_ANSWER} AND {_LATE_SOLUTION})",
        "rated": "count(t.satisfaction)",
        "ratings": "sum(t.satisfaction)",
        "satisfied": f"count(*) FILTER (WHERE t.satisfaction >= {SATISFIED})",
    },
    lists={
        "responses": _LONG.format(_ANSWERED),
        "resolutions": _LONG.format(_SOLVED),
        "clocked_responses": _CLOCKED.format(_ANSWERED),
        "clocked_resolutions": _CLOCKED.format(_SOLVED),
    },
)
GROUPS = {
    group.field.name: group
    for group in (
        Group(Field("type", "code", "Type", vocabulary="complaint_type"), "t.type"),
        Group(Field("category", "code", "Category", ("类别",), vocabulary="complaint_category"), "t.category"),
        Group(Field("cause", "code", "Cause", vocabulary="complaint_cause"), "t.cause"),
        Group(Field("severity", "code", "Severity", vocabulary="severity"), "t.severity"),
        Group(Field("channel", "code", "Channel", vocabulary="channel"), "t.channel"),
        Group(Field("breach", "code", "Breach", vocabulary="breach"), f"({_BREACH})"),
        Group(Field("department", "text", "Department"), "t.department"),
        Group(Field("person", "text", N_("Person"), ("assignee", "responsible")), "t.person"),
        Group(Field("class", "code", "Class", vocabulary="class"), "t.class"),
        Group(Field("owner", "text", "Owner"), "t.owner"),
        Group(Field("region", "text", "Region"), "t.region"),
    )
}

FIGURES = (
    Figure("count", "count", N_("Count"), N_("count")),
    Figure("open", "count", N_("Open"), N_("open"), drop=3),
    Figure("reopened", "count", N_("Reopened"), N_("reopened"), drop=6),
    Figure("responded", "count", N_("Answered")),
    Figure("responded_in_time", "count", N_("Answered in time")),
    Figure("responded_late", "count", N_("Answered late")),
    Figure("response_median", "minutes", N_("Minutes to the answer, median"), N_("reply")),
    Figure("response_p90", "minutes", N_("Minutes to the answer, 90th percentile"), N_("90%"), drop=4),
    Figure("response_on_time", "percent", N_("Answered in time, %"), N_("answered ✓"), drop=1),
    Figure("resolved", "count", N_("Solved")),
    Figure("resolved_in_time", "count", N_("Solved in time")),
    Figure("resolved_late", "count", N_("Solved late")),
    Figure("resolution_median", "minutes", N_("Minutes to the solution, median"), N_("solution")),
    Figure("resolution_p90", "minutes", N_("Minutes to the solution, 90th percentile"), N_("90%"), drop=5),
    Figure("resolution_on_time", "percent", N_("Solved in time, %"), N_("solved ✓"), drop=1),
    Figure("breached", "count", N_("Breached")),
    Figure("breached_both", "count", N_("Answered and solved late")),
    Figure("rated", "count", N_("Rated")),
    Figure("satisfaction", "rating", N_("Satisfaction"), N_("rating"), drop=2),
    Figure("satisfied", "percent", N_("Satisfied, %")),
)
HEADLINE = (
    Said("", (("count", N_("{} received")), ("open", N_("{} open")), ("reopened", N_("{} reopened")))),
    Said(
        N_("Answer"),
        (
            ("response_median", N_("median {}")),
            ("response_p90", N_("90% within {}")),
            ("response_on_time", N_("{} in time")),
        ),
    ),
    Said(
        N_("Solution"),
        (
            ("resolution_median", N_("median {}")),
            ("resolution_p90", N_("90% within {}")),
            ("resolution_on_time", N_("{} in time")),
        ),
    ),
    Said(
        N_("Satisfaction"),
        (("satisfaction", N_("{} of 5")), ("satisfied", N_("{} satisfied")), ("rated", N_("{} rated"))),
    ),
)


def read(reader: Reader, asked: Asked) -> Report:
    """Return the report on complaints that were received on the days asked for."""
    plan = Plan(SOURCE, GROUPS, ("category",), FIGURES, partial(figured, Clocks(reader, asked.desk)), HEADLINE)
    return make_report(reader, plan, asked)


def figured(clocks: Clocks, counts: Counts) -> Row:
    """Return the figures of what was counted: times in minutes, shares in percent, satisfaction 1 to 5."""
    row = {figure.name: counts.get(figure.name) for figure in FIGURES}
    for did, name, list_ in (("responded", "response", "responses"), ("resolved", "resolution", "resolutions")):
        in_time, late = counts[f"{did}_in_time"], counts[f"{did}_late"]
        times = sorted([*counts[list_], *clocks.seconds(counts[f"clocked_{list_}"])])
        row |= {
            f"{name}_on_time": percent(in_time, in_time + late),
            f"{name}_median": minutes(percentile(times, 0.5)),
            f"{name}_p90": minutes(percentile(times, 0.9)),
        }
    rated = counts["rated"]
    return row | {
        "satisfaction": mean(counts["ratings"], rated),
        "satisfied": percent(counts["satisfied"], rated),
    }
