"""A greeting for the login shell: a line or two when something is due, and nothing that would disturb a login."""

from collections.abc import Iterator
from datetime import datetime

from crmcli.context import Context
from crmcli.i18n import _
from crmcli.queries import agenda
from crmcli.queries.agenda import Day
from crmcli.render.lines import DIM, NAME, Line, Span, line, wrap
from crmcli.screens.parts import WIDEST, Row, dotted
from crmcli.screens.stopped import stopped_line
from crmcli.screens.today import counts
from crmcli.store.database import open_as_it_is


def run(context: Context) -> int:
    """Print how much there is to do today, and what comes first; nothing when there is nothing to do.

    Without a database, or with one of an older version, there is nothing to say either: bringing one up to date is more
    than a login should wait for.
    """
    context.remarks = False
    connection = open_as_it_is(context.database)
    if connection is None:
        return 0
    context.connection = connection
    day = agenda.read_day(context.reader, birthday_days=0, forgotten_rows=1, limit=1)
    if context.output.data:
        totals = {name: due.total for name, due in day.sections.items()}
        context.output.record({"as_of": context.now.isoformat(), "counts": totals, "next": _next(day)}, None, "")
    else:
        edge = min(context.output.terminal.width, WIDEST)
        context.output.screen(piece for content in _lines(context, day) for piece in wrap(content, edge, indent=2))
    return 0


def _lines(context: Context, day: Day) -> Iterator[Line]:
    said, coming = counts(day), _next(day)
    if coming:
        clock = datetime.fromisoformat(coming["due_at"])
        said.append(line(Span(_("next {time}").format(time=f"{clock:%H:%M}"), DIM), " ", Span(coming["contact"], NAME)))
    if said:
        yield line(Span("crm: ", DIM), dotted(said))
    stopped = stopped_line(context)
    if stopped:
        yield stopped


def _next(day: Day) -> Row | None:
    """Return the next callback of the day that has a time."""
    return next((item for item in day.today.items if not item["all_day"]), None)
