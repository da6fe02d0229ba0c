"""How soon a complaint is to be answered and solved, on which clock, and who hears of it when that was missed.

The rules are data (table `service_level`): each names a type, a severity and a class of customer, or leaves some of
them open. Of those that fit, the one that names most counts; what it does not say, and what no rule fits, is in the
settings. Inquiries and suggestions are owed an answer as complaints are; a praise is owed none.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from crmcli.config import Settings
from crmcli.errors import UsageError, WhenError
from crmcli.i18n import _
from crmcli.rules.business_hours import Calendar, add, never_open, parse_hours
from crmcli.rules.escalation import fitting, people
from crmcli.rules.working_days import exceptions
from crmcli.when.periods import Amount, parse_amount

OWED_NOTHING = frozenset({"praise"})
"""Types that are recorded and done: no deadline, closed from the beginning."""

BUSINESS, ALWAYS = "business", "always"
"""The clocks, as the vocabulary has them."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_FALLBACK = "normal"
"""The row of the table for a severity that the user added to the vocabulary: the settings have none for it."""
_MOST = timedelta(days=3660)


class ServiceLevel(NamedTuple):
    """How long the first answer and the solution may take, on which clock, and who hears of a breach, in turn."""

    respond: Amount
    resolve: Amount
    hours: str = ALWAYS
    escalate_to: tuple[str, ...] = ()


class Deadlines(NamedTuple):
    """By when a complaint is to be answered and solved; None where nothing is owed."""

    respond_by: datetime | None = None
    resolve_by: datetime | None = None


def service_level(settings: Settings, rules: Sequence[Mapping[str, Any]], case: Mapping[str, Any]) -> ServiceLevel:
    """Return what is promised for a case (`type`, `severity`, `class`); raises UsageError for what can't be read."""
    rule = fitting(rules, case) or {}
    severity = case["severity"]
    row = severity if f"severity.{severity}.respond" in settings.values else _FALLBACK
    promised = [
        parse_promise(rule.get(name) or settings.text(f"severity.{row}.{name}"), f"severity.{row}.{name}")
        for name in ("respond", "resolve")
    ]
    return ServiceLevel(
        promised[0],
        promised[1],
        rule.get("hours") or settings.text("service_hours"),
        people(rule.get("escalate_to") or settings.text("escalate_to")),
    )


def deadlines(type_: str, since: datetime, level: ServiceLevel, calendar: Calendar | None) -> Deadlines:
    """Return by when a complaint of this type is to be answered and solved when its clock starts at `since` (aware).

    The calendar is that of the level's hours, None around the clock.
    """
    if type_ in OWED_NOTHING:
        return Deadlines()
    start = since.astimezone(UTC)
    return Deadlines(*(add(start, length(amount, calendar), calendar) for amount in (level.respond, level.resolve)))


def desk_calendar(hours: str | None, settings: Settings, now: datetime) -> Calendar | None:
    """Return when the desk is open by the settings, for the clock of this name; None for the one that never stands.

    Its zone is that of the present. Raises UsageError for settings that can't be read.
    """
    if hours != BUSINESS:
        return None
    week = tuple(parse_hours(settings.text(f"hours.{day}")) for day in WEEKDAYS)
    if not any(week):
        raise never_open()
    return Calendar(now.tzinfo or UTC, week, exceptions(settings))


def length(amount: Amount, calendar: Calendar | None) -> timedelta:
    """Return how much time of a clock an amount is: in business hours a day is a working day, and a week all of one.

    Raises UsageError for what the clock has no measure for, and for more than ten years.
    """
    if calendar is None:
        years, months = divmod(amount.months, 12)
        whole = timedelta(days=years * 365 + months * 30 + amount.days + amount.workdays, weeks=amount.weeks)
    else:
        if amount.months:
            raise UsageError(
                _("a month is no measure of business hours"), hint=_("count days or weeks: 5d is five working days")
            )
        days = amount.days + amount.workdays + amount.weeks * sum(map(bool, calendar.week))
        whole = days * calendar.day
    whole += timedelta(minutes=amount.minutes)
    if whole > _MOST:
        raise UsageError(_("nobody waits so long for an answer"), hint=_("at most ten years, e.g. 2h or 3d"))
    return whole


def require_promise(text: str) -> None:
    """Refuse a text that is no period, or more than ten years; raises UsageError or WhenError."""
    length(parse_amount(text), None)


def parse_promise(text: str, name: str) -> Amount:
    """Return the period that a setting or a rule promises; raises UsageError, with its name, when it can't be read."""
    try:
        return parse_amount(text)
    except WhenError as error:
        raise UsageError(
            _("the setting {name} can't be {value}").format(name=name, value=text), hint=error.hint
        ) from error
