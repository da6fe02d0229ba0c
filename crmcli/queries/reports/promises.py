"""Promises (承诺兑现率): kept in time, kept late, broken, renegotiated, and what is still open or late."""

from crmcli.i18n import N_
from crmcli.nouns import Field
from crmcli.nouns.promise import LATE
from crmcli.queries.reader import Reader, Row
from crmcli.queries.reports.asking import Asked, Figure, Group, Report, Said
from crmcli.queries.reports.counting import Counts, Source
from crmcli.queries.reports.making import Plan, make_report
from crmcli.rules.statistics import percent

_PROMISES = f"""(
SELECT
    p.id, p.owner AS person, coalesce(p.due_at, p.due_on) AS due, p.due_by, {LATE} AS late, c.class, c.owner, c.region,
    CASE WHEN p.settled_at > :now THEN 'open' ELSE p.status END AS status,
    CASE WHEN p.settled_at <= :now THEN p.settled_at END AS settled_at
FROM promise p JOIN contact c ON c.id = p.contact_id
WHERE p.made_at <= :now
)"""

SOURCE = Source(
    noun="promise",
    records=_PROMISES,
    moment="due",
    numbers={
        "count": "count(*)",
        "kept": "count(*) FILTER (WHERE t.status = 'kept' AND t.settled_at <= t.due_by)",
        "kept_late": "count(*) FILTER (WHERE t.status = 'kept' AND t.settled_at > t.due_by)",
        "broken": "count(*) FILTER (WHERE t.status = 'broken')",
        "overdue": "count(*) FILTER (WHERE t.status = 'open' AND t.late)",
        "open": "count(*) FILTER (WHERE t.status = 'open' AND NOT t.late)",
        "renegotiated": "count(*) FILTER (WHERE t.status = 'renegotiated')",
        "cancelled": "count(*) FILTER (WHERE t.status = 'cancelled')",
    },
    or_day=True,
)
"""A promise belongs to the day on which it is due where the user is; what is settled after :now is open."""

GROUPS = {
    group.field.name: group
    for group in (
        Group(Field("person", "text", N_("Person"), ("owner",)), "t.person"),
        Group(Field("status", "code", "Status", vocabulary="promise_status"), "t.status"),
        Group(Field("class", "code", "Class", vocabulary="class"), "t.class"),
        Group(Field("region", "text", "Region"), "t.region"),
    )
}
FIGURES = (
    Figure("count", "count", N_("Count"), N_("count")),
    Figure("kept", "count", N_("Kept in time"), N_("kept")),
    Figure("kept_late", "count", N_("Kept late"), N_("late"), drop=2),
    Figure("broken", "count", N_("Broken"), N_("broken")),
    Figure("overdue", "count", N_("Overdue"), N_("overdue")),
    Figure("open", "count", N_("Open"), N_("open"), drop=3),
    Figure("renegotiated", "count", N_("Renegotiated"), N_("renegotiated"), drop=4),
    Figure("cancelled", "count", N_("Cancelled"), N_("cancelled"), drop=5),
    Figure("fulfilment", "percent", N_("Fulfilment, %"), N_("fulfilment")),
)
HEADLINE = (
    Said(
        N_("Promises"),
        (
            ("count", N_("{} due")),
            ("kept", N_("{} kept in time")),
            ("kept_late", N_("{} late")),
            ("broken", N_("{} broken")),
        ),
    ),
    Said(
        N_("Fulfilment"),
        (
            ("fulfilment", "{}"),
            ("overdue", N_("{} overdue")),
            ("open", N_("{} still open")),
            ("renegotiated", N_("{} renegotiated")),
        ),
    ),
)


def read(reader: Reader, asked: Asked) -> Report:
    """Return the report on promises that are due on the days asked for, those to come too."""
    return make_report(reader, Plan(SOURCE, GROUPS, ("person",), FIGURES, figured, HEADLINE, ahead=True), asked)


def figured(counts: Counts) -> Row:
    """Return the figures: of what had to be kept by now (neither open, renegotiated nor cancelled), how much was."""
    due = sum(counts[name] for name in ("kept", "kept_late", "broken", "overdue"))
    return {**counts, "fulfilment": percent(counts["kept"], due)}
