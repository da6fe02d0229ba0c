"""Whether the reminders that were installed do run: when they ran last, what they did, when they run next."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from crmcli.context import Context
from crmcli.i18n import _, ngettext
from crmcli.queries.runs import last_run
from crmcli.render.layout import Column, Section, layout
from crmcli.render.lines import DIM, GOOD, LATE, SOON, TITLE, Line, Span, line, styled
from crmcli.schedule import KINDS, find
from crmcli.schedule.machine import Machine
from crmcli.screens.channels import channel_lines, channels_data
from crmcli.screens.parts import dotted, hints
from crmcli.screens.schedule import name_of, say_every
from crmcli.store.heartbeat import Heartbeat, read
from crmcli.when.say import say_distance, say_moment

Row = dict[str, Any]


def status(context: Context) -> int:
    """Print whether the reminders are installed, when they ran last and what came of it, and when they run next."""
    heartbeat = read(context.database)
    name = name_of(context)
    places = find(name, Machine(context.environ))
    run = last_run(context.reader)
    if context.output.data:
        record = _data(context, heartbeat, places, run) | {"channels": channels_data(context)}
        context.output.record(record, None, "")
        return 0
    rows = [*_installed(places), *_ran(context, heartbeat, places), *_did(context, run), *channel_lines(context)]
    edge = context.output.terminal.width
    cells = [(styled(title, TITLE), content) for title, content in rows]
    context.output.screen(layout([Section("", cells)], (Column(), Column(shrink=1)), edge, indent=0))
    context.output.screen(hints(_advice(context, heartbeat, places, name), edge))
    return 0


def finding(context: Context) -> tuple[bool, str, str]:
    """Return whether all is well with the reminders that were installed, what there is to say, and the cure."""
    heartbeat = read(context.database)
    if heartbeat is None:
        return True, _("no reminders are installed"), ""
    if not find(name_of(context), Machine(context.environ)):
        message = _("reminders were installed with {kind}, which knows nothing of them any more")
        return False, message.format(kind=heartbeat.kind), f"crm remind --install {heartbeat.kind}"
    moment = _moment(heartbeat.last_run_at or heartbeat.installed_at, context)
    if heartbeat.late(context.now):
        return False, _("reminders have not run since {moment}").format(moment=moment), "crm remind --status"
    if heartbeat.last_run_at is None:
        return True, _("reminders are installed and have not run yet"), ""
    return True, _("reminders ran {moment}").format(moment=moment), ""


def _data(context: Context, heartbeat: Heartbeat | None, places: dict[str, str], run: Row | None) -> Row:
    ran = heartbeat and heartbeat.last_run_at
    following = _next(heartbeat, context.now) if heartbeat and places else None
    return {
        "installed": bool(places),
        "places": places,
        "every": heartbeat.every if heartbeat else None,
        "last_run_at": ran.astimezone(context.zone).isoformat(timespec="seconds") if ran else None,
        "late": bool(heartbeat and heartbeat.late(context.now)),
        "next_at": following.isoformat() if following else None,
        "last": run,
    }


def _installed(places: dict[str, str]) -> Iterator[tuple[str, Line]]:
    if not places:
        yield _("Installed"), line(_("no"))
    for kind, where in places.items():
        yield _("Installed"), dotted([line(kind), styled(where, DIM)])


def _ran(context: Context, heartbeat: Heartbeat | None, places: dict[str, str]) -> Iterator[tuple[str, Line]]:
    """Yield when it ran and when it will."""
    if heartbeat is None:
        return
    every = styled(say_every(heartbeat.every), DIM)
    if heartbeat.last_run_at is None:
        said = line(_("never"))
    else:
        local = heartbeat.last_run_at.astimezone(context.zone)
        distance = say_distance(local.date(), local.time(), context.now)
        said = dotted([styled(_moment(local, context), GOOD), styled(distance, DIM)])
    if heartbeat.late(context.now):
        said = line(*(Span(span.text, LATE) for span in said), Span(" · " + _("overdue"), LATE))
    yield _("Last run"), dotted([said, every])
    if places:
        yield _("Next"), line(f"{_next(heartbeat, context.now):%H:%M}")


def _did(context: Context, run: Row | None) -> Iterator[tuple[str, Line]]:
    """Yield what the last run that had something to do did."""
    if run is None:
        return
    at = styled(_moment(datetime.fromisoformat(run["at"]), context), "")
    items = ngettext("{count} item", "{count} items", run["items"]).format(count=run["items"])
    said = [at, line(items)]
    if run["finished_at"] is None:
        said.append(styled(_("under way, or killed"), SOON))
    if run["failed"]:
        said.append(styled(_("{count} failed").format(count=run["failed"]), LATE))
    yield _("Last sent"), dotted([*said, styled(run["error"] or "", LATE)])


def _advice(
    context: Context, heartbeat: Heartbeat | None, places: dict[str, str], name: str
) -> Iterator[tuple[str, str]]:
    """Yield what to type next."""
    if not places:
        yield _("install them"), " | ".join(f"crm remind --install {kind}" for kind in ("cron", "systemd"))
        if heartbeat:
            yield _("expect them no more"), "crm remind --uninstall"
    elif heartbeat is None:
        yield _("so that it is known when they run"), f"crm remind --install {next(iter(places))}"
    elif heartbeat.late(context.now):
        for kind in places:
            yield _("why"), KINDS[kind].examine.format(name=name)


def _next(heartbeat: Heartbeat, now: datetime) -> datetime:
    """Return when the next run is expected: schedulers count from midnight, launchd from the run before."""
    every = timedelta(minutes=heartbeat.every)
    if heartbeat.kind == "launchd" and heartbeat.last_run_at:
        return max(heartbeat.last_run_at.astimezone(now.tzinfo) + every, now)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = now.astimezone(UTC) - midnight.astimezone(UTC)
    return (midnight.astimezone(UTC) + (passed // every + 1) * every).astimezone(now.tzinfo)


def _moment(moment: datetime, context: Context) -> str:
    local = moment.astimezone(context.zone)
    return say_moment(local.date(), local.time(), context.now)
