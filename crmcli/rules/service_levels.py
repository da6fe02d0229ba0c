"""How soon a complaint is to be answered and solved: a table of periods by severity, from the settings.

The periods are elapsed time around the clock, so that a clock change neither gives nor takes an hour. Inquiries and
suggestions are owed an answer as complaints are; a praise is owed none.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from crmcli.config import Settings
from crmcli.errors import UsageError, WhenError
from crmcli.i18n import _
from crmcli.when.periods import parse_period

OWED_NOTHING = frozenset({"praise"})
"""Types that are recorded and done: no deadline, closed from the beginning."""

_FALLBACK = "normal"
"""The row of the table for a severity that the user added to the vocabulary: the settings have none for it."""


class ServiceLevel(NamedTuple):
    """How long the first answer and the solution may take."""

    respond: timedelta
    resolve: timedelta


class Deadlines(NamedTuple):
    """By when a complaint is to be answered and solved; None where nothing is owed."""

    respond_by: datetime | None = None
    resolve_by: datetime | None = None


def service_level(settings: Settings, severity: str) -> ServiceLevel:
    """Return the periods that the settings promise for a severity; raises UsageError for one that can't be read."""
    row = severity if f"severity.{severity}.respond" in settings.values else _FALLBACK
    return ServiceLevel(_period(settings, f"severity.{row}.respond"), _period(settings, f"severity.{row}.resolve"))


def deadlines(type_: str, since: datetime, level: ServiceLevel) -> Deadlines:
    """Return by when a complaint of this type is to be answered and solved when its clock starts at `since` (aware)."""
    if type_ in OWED_NOTHING:
        return Deadlines()
    start = since.astimezone(UTC)
    return Deadlines(start + level.respond, start + level.resolve)


def _period(settings: Settings, name: str) -> timedelta:
    try:
        return parse_period(settings.text(name))
    except WhenError as error:
        raise UsageError(
            _("the setting {name} can't be {value}").format(name=name, value=settings.text(name)), hint=error.hint
        ) from error
