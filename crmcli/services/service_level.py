"""Writing service levels; they count for what is received, judged or reopened from then on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crmcli.config import Settings
from crmcli.errors import UsageError
from crmcli.i18n import _
from crmcli.models.service_level import ServiceLevel
from crmcli.queries.singles import refuse_second
from crmcli.rules.escalation import people
from crmcli.rules.service_levels import desk_calendar, length
from crmcli.services.records import added, delete, load
from crmcli.services.vocabulary import require_code
from crmcli.store.transaction import Transaction
from crmcli.when.periods import parse_amount

_FITS = {"type": ("type", "complaint_type"), "severity": ("severity", "severity"), "class": ("class_", "class")}
"""What a service level is for: each option, the model's field, and the set of the vocabulary."""


def add_level(tx: Transaction, given: Mapping[str, Any], settings: Settings, now: datetime) -> int:
    """Add a service level from the options that were given and return its id.

    Raises UsageError for what can't be read and for one that says nothing, ConflictError where there is one already.
    """
    level = ServiceLevel(hours=settings.text("service_hours"))
    if not any(given.get(name) for name in ("respond", "resolve", "hours", "escalate_to")):
        raise UsageError(
            _("what is promised?"), hint=_("say --respond, --resolve, --hours or --escalate-to, or several of them")
        )
    _apply(tx, level, given, settings, now)
    id_ = added(tx, level)
    _refuse_second(tx, id_)
    return id_


def edit_level(tx: Transaction, id_: int, given: Mapping[str, Any], settings: Settings, now: datetime) -> None:
    """Change what was given of a service level; an empty text clears it. Raises what `add_level` raises."""
    _apply(tx, load(tx, ServiceLevel, id_), given, settings, now)
    tx.session.flush()
    _refuse_second(tx, id_)


def delete_level(tx: Transaction, id_: int) -> None:
    """Delete a service level; deadlines that follow from it stay."""
    delete(tx, ServiceLevel, id_)


def _apply(tx: Transaction, level: ServiceLevel, given: Mapping[str, Any], settings: Settings, now: datetime) -> None:
    for name, (field, set_) in _FITS.items():
        if given.get(name) is not None:
            setattr(level, field, require_code(tx, set_, given[name]) if given[name].strip() else None)
    if given.get("hours") is not None:
        level.hours = require_code(tx, "hours", given["hours"] or settings.text("service_hours"))
    for name in ("respond", "resolve"):
        if given.get(name) is not None:
            setattr(level, name, given[name].strip() or None)
    if given.get("escalate_to") is not None:
        level.escalate_to = ", ".join(people(given["escalate_to"])) or None
    calendar = desk_calendar(level.hours, settings, now)
    for text in filter(None, (level.respond, level.resolve)):
        length(parse_amount(text), calendar)


def _refuse_second(tx: Transaction, id_: int) -> None:
    """Raise ConflictError where another service level in force is for the same."""
    refuse_second(tx.connection, "service_level", id_, _("change it: crm service-level edit {other}"))
