"""Lengths of time that somebody asks for, on the command line or in the settings: how far the reminders look ahead."""

from datetime import timedelta

from crmcli.config import Settings
from crmcli.errors import UsageError
from crmcli.i18n import _
from crmcli.when.periods import parse_period

_FARTHEST = timedelta(days=3660)


def before(settings: Settings, kind: str) -> timedelta:
    """Return how long before it is due a kind is spoken of."""
    name = f"remind.{kind}.before"
    if kind == "complaint" and name not in settings.chosen:
        name = "complaint_notice"
    return period(settings.text(name))


def period(text: str) -> timedelta:
    """Return a length of time of at most ten years; raises UsageError beyond, WhenError for what can't be read."""
    length = parse_period(text)
    if length > _FARTHEST:
        raise UsageError(_("{period} is too far ahead").format(period=text), hint=_("at most ten years, e.g. 2h or 3d"))
    return length
