"""From what was counted to a report's rows: named, in order, with what they are compared with."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from crmcli.queries.reader import Reader
from crmcli.queries.reports.asking import BEFORE, Asked, Figure, Group, Report, Row, Said, chosen_groups
from crmcli.queries.reports.counting import Counting, Counts, Key, Source, together
from crmcli.when.calendar import PARTS, Days, part_name, parts_of

Groups = Sequence[tuple[str, Group]]
Stretches = Mapping[str, Sequence[Days]]
"""The stretches of the calendar that the days have, by what they are: a key has the place of one."""


class Plan(NamedTuple):
    """How a report comes of what is counted."""

    source: Source
    groups: Mapping[str, Group]
    usual: tuple[str, ...]
    """By what it is made when nobody says."""
    figures: tuple[Figure, ...]
    figured: Callable[[Counts], Row]
    """Returns the figures of what was counted."""
    headline: tuple[Said, ...]
    """What is said first."""
    ahead: bool = False
    """Whether days to come may be asked for."""


def make_report(reader: Reader, plan: Plan, asked: Asked) -> Report:
    """Return the report; raises UsageError for unknown groups, QueryError for a query that can't be read."""
    groups = chosen_groups(asked, plan.groups, plan.usual)
    counting = Counting(reader, plan.source, asked.where)
    days = counting.days(asked.days, ahead=plan.ahead)
    counted = counting.count(groups, days)
    before = counting.count(groups, asked.before) if asked.before else None
    none = together((), plan.source)

    def figured(key: Key) -> Row:
        row = plan.figured(counted.get(key, none))
        return row if before is None else row | _marked(plan.figured(before.get(key, none)))

    stretches = {name: parts_of(days, name) for name, _group in groups if name in PARTS}
    keys = _ordered({*counted, *(before or {})}, counted, groups, stretches)
    rows = [_names(key, groups, stretches) | figured(key) for key in keys]
    total = plan.figured(together(counted.values(), plan.source))
    if before is not None:
        total |= _marked(plan.figured(together(before.values(), plan.source)))
    fields = tuple(group.field for _name, group in groups)
    return Report(fields, plan.figures, rows, total, counting.trend(days), plan.headline, days, asked.before)


def _ordered(keys: set[Key], counted: Mapping[Key, Counts], groups: Groups, stretches: Stretches) -> list[Key]:
    """Return the groups: stretches of the calendar as they follow one another, others with the most first.

    By a single stretch there is a row for each, though nothing happened in it.
    """
    if len(groups) == 1:
        keys |= {(place,) for place, _days in enumerate(stretches.get(groups[0][0], ()))}
    weights: Counter[Key] = Counter()
    for key, counts in counted.items():
        weights.update({key[:depth]: counts["count"] for depth in range(1, len(key) + 1)})

    def rank(key: Key) -> tuple[Any, ...]:
        return tuple(
            (value,) if name in PARTS else (-weights[key[: depth + 1]], value is None, str(value))
            for depth, ((name, _group), value) in enumerate(zip(groups, key, strict=True))
        )

    return sorted(keys, key=rank)


def _names(key: Key, groups: Groups, stretches: Stretches) -> Row:
    """Return what a row is about: codes, and names of stretches of the calendar."""
    return {
        group.field.name: part_name(stretches[name][value].first, name) if name in stretches else value
        for (name, group), value in zip(groups, key, strict=True)
    }


def _marked(figures: Row) -> Row:
    """Return the figures that are compared with, under names of their own."""
    return {BEFORE + name: value for name, value in figures.items()}
