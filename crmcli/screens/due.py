"""What the settings say of reminders: of which kinds they speak, how much earlier, and from which hour on."""

from datetime import datetime, time

from crmcli.config import Settings
from crmcli.context import Context
from crmcli.errors import CrmError
from crmcli.nouns.kinds import KINDS
from crmcli.queries.agenda import Plan
from crmcli.rules.silence import parse_clock
from crmcli.screens.lengths import before
from crmcli.services.reminders import claimed

_PLANNED = """
SELECT NOT EXISTS (SELECT 1 FROM notice WHERE NOT hidden)
    OR EXISTS (SELECT 1 FROM reminder WHERE occurrence = 'notices@' || :today AND delivered_at IS NOT NULL)
"""


def plans(settings: Settings) -> dict[str, Plan]:
    """Return the plan of every kind that reminders speak of."""
    return {kind: _plan(settings, kind) for kind in KINDS if settings.text(f"remind.{kind}.send") == "yes"}


def _plan(settings: Settings, kind: str) -> Plan:
    clock = settings.text(f"remind.{kind}.at")
    return Plan(before(settings, kind), parse_clock(clock) if clock else time())


def plan_daily(context: Context) -> None:
    """Let the first reminding run of a day plan what the notices want (主动服务).

    Nothing runs in the background, and no screen waits for it. A moment that was only supposed plans nothing. A rule
    that can't be followed any more is told once a day, and keeps nobody from being reminded.
    """
    if context.simulated or context.options.dry_run:
        return
    if not context.connection.execute("SELECT EXISTS (SELECT 1 FROM notice WHERE NOT hidden)").fetchone()[0]:
        return
    from crmcli.services.notices import plan_notices
    from crmcli.store.transaction import Author, write

    broken: list[CrmError] = []
    with claimed(context.connection, [f"notices@{context.now.date()}"], context.now) as mine:
        if mine:
            with write(context.connection, Author(context.actor, context.now, "notice plan")) as tx:
                plan_notices(tx, context.reader, context.actor, broken=broken)
    for error in broken:
        context.output.error(error)


def planned(context: Context, moment: datetime) -> bool:
    """Return whether the first run of that day has planned what the notices want, or there are none."""
    day = {"today": moment.date().isoformat()}
    return bool(context.connection.execute(_PLANNED, day).fetchone()[0])
