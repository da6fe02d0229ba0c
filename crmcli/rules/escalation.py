"""Which service level fits a complaint, and who hears of a missed deadline.

One person after the other does: the first at the breach, each later one after a while. What is due asks this module day
and night, so it loads nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple


class Escalation(NamedTuple):
    """One person hears of one missed deadline (`respond` or `resolve`); `level` counts from 1."""

    deadline: str
    level: int
    to: str
    at: datetime


def escalations(
    missed: Mapping[str, datetime], until: datetime, people: Sequence[str], every: timedelta
) -> Iterator[Escalation]:
    """Yield what was due before a moment: for every deadline that was not met, level by level."""
    for deadline, breach in missed.items():
        for passed, person in enumerate(people):
            at = breach + passed * every
            if at < until:
                yield Escalation(deadline, passed + 1, person, at)


def people(text: str) -> tuple[str, ...]:
    """Return the names that a list separated by commas has."""
    return tuple(filter(None, (name.strip() for name in text.replace("，", ",").split(","))))


NAMED = ("class", "type", "severity")
"""What a service level may name, what tells most about it first: it decides between those that name equally many."""


def fitting(levels: Sequence[Mapping[str, Any]], case: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the service level that fits a case and names most of it, the newest of equal ones; None when none fits."""
    fit = [level for level in levels if all(level[name] in (None, case[name]) for name in NAMED)]
    return max(fit, key=lambda level: (*_named(level), level["id"]), default=None)


def _named(level: Mapping[str, Any]) -> tuple[int, ...]:
    named = [level[name] is not None for name in NAMED]
    return (sum(named), *named)
