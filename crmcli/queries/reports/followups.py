"""Follow-ups: how many, with how many customers, and how long they took."""

from crmcli.i18n import N_
from crmcli.nouns import Field
from crmcli.queries.reader import Reader, Row
from crmcli.queries.reports.asking import Asked, Figure, Group, Report, Said
from crmcli.queries.reports.counting import Counts, Source
from crmcli.queries.reports.making import Plan, make_report

SOURCE = Source(
    noun="followup",
    records="""(
SELECT f.id, f.kind, f.direction, f.owner AS person, f.at, f.minutes, f.contact_id, c.class, c.region
FROM followup f JOIN contact c ON c.id = f.contact_id
WHERE f.at <= :now
)""",
    moment="at",
    numbers={
        "count": "count(*)",
        "calls": "count(*) FILTER (WHERE t.kind = 'call')",
        "visits": "count(*) FILTER (WHERE t.kind IN ('visit', 'reception', 'meeting'))",
        "written": "count(*) FILTER (WHERE t.kind IN ('email', 'message', 'mailing'))",
        "minutes": "sum(t.minutes)",
    },
    lists={"contacts": "json_group_array(DISTINCT t.contact_id)"},
)
GROUPS = {
    group.field.name: group
    for group in (
        Group(Field("person", "text", N_("Person"), ("owner",)), "t.person"),
        Group(Field("kind", "code", "Kind", vocabulary="followup_kind"), "t.kind"),
        Group(Field("direction", "code", "Direction", vocabulary="direction"), "t.direction"),
        Group(Field("class", "code", "Class", vocabulary="class"), "t.class"),
        Group(Field("region", "text", "Region"), "t.region"),
    )
}
FIGURES = (
    Figure("count", "count", N_("Count"), N_("count")),
    Figure("contacts", "count", N_("Customers"), N_("customers")),
    Figure("calls", "count", N_("Calls"), N_("calls"), drop=2),
    Figure("visits", "count", N_("Visits and meetings"), N_("visits"), drop=1),
    Figure("written", "count", N_("Letters and messages"), N_("written"), drop=3),
    Figure("minutes", "minutes", N_("Minutes"), N_("time"), drop=4),
)
HEADLINE = (
    Said(
        "",
        (
            ("count", N_("{} follow-ups"), N_("{} follow-up")),
            ("contacts", N_("{} customers"), N_("{} customer")),
            ("minutes", "{}"),
        ),
    ),
    Said(
        "",
        (
            ("calls", N_("{} calls"), N_("{} call")),
            ("visits", N_("{} visits and meetings"), N_("{} visit or meeting")),
            ("written", N_("{} in writing")),
        ),
    ),
)


def read(reader: Reader, asked: Asked) -> Report:
    """Return the report on what happened with customers on the days asked for."""
    return make_report(reader, Plan(SOURCE, GROUPS, ("person",), FIGURES, figured, HEADLINE), asked)


def figured(counts: Counts) -> Row:
    """Return the figures; a customer counts once, however often they were talked to."""
    return {**counts, "contacts": len({*counts["contacts"]})}
