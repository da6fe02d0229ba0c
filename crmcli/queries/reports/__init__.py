"""Reports: figures over many records, by whatever they are asked by.

    asking      what can be asked: by what, over which days, of which records, compared with what
    counting    the SQL that counts, by group and by stretch of the calendar
    complaints  …and a module for each report: what it counts, and how figures come of it

A report reads the clock nowhere: what happened after the moment that the run takes as the present did not happen yet,
so that the same `--as-of` gives the same report later.
"""

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from crmcli.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmcli.queries.reader import Reader
    from crmcli.queries.reports.asking import Asked, Report


class Entry(NamedTuple):
    """A report: what it is called on the screen, and what it tells."""

    title: str
    summary: str


REPORTS = {
    "complaints": Entry(
        N_("Complaints"), N_("how many, how soon answered and solved, on time, reopened, satisfaction")
    ),
    "satisfaction": Entry(N_("Satisfaction"), N_("ratings and surveys: returned, points, expected and experienced")),
    "promises": Entry(N_("Promises"), N_("kept in time, kept late, broken, renegotiated, open and overdue")),
    "followups": Entry(N_("Follow-ups"), N_("calls, visits and messages, and with how many customers")),
}
"""By their names on the command line."""


def read_report(name: str, reader: "Reader", asked: "Asked") -> "Report":
    """Return a report; raises UsageError for what it can't be asked by, QueryError for a query that can't be read."""
    read: Callable[[Reader, Asked], Report] = import_module(f"{__name__}.{name}").read
    with reader.snapshot():
        return read(reader, asked)
