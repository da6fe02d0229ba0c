"""The SQL of reports: one pass over the records counts them by every group at once.

Days, months and years are the user's, in a zone that SQLite does not know: a moment is compared with their beginnings,
in a tree of CASE whose depth is the logarithm of their number.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any, NamedTuple

from crmcli.nouns import noun
from crmcli.queries.reader import Reader
from crmcli.queries.records import condition_of
from crmcli.queries.reports.asking import Group
from crmcli.when.calendar import BEGINNING, END, PARTS, Days, midnight, part_name, parts_of
from crmcli.when.stored import moment_text

Counts = dict[str, Any]
"""What was counted of one group, by name: numbers, and lists of numbers."""
Key = tuple[Any, ...]
"""Which group: the code of each, of a stretch of the calendar its place among those that the days have."""

_TRENDS = (("day", 45), ("week", 200), ("month", 2000))
"""By what a trend counts up to how many days; by quarters beyond."""


class Source(NamedTuple):
    """What a report counts."""

    noun: str
    """Whose queries choose records."""
    records: str
    """The records, as a view or a SELECT in parentheses; `:now` is bound."""
    moment: str
    """Its column that says when: a record counts in the stretch that it lies in."""
    numbers: Mapping[str, str]
    """SQL aggregates whose value is a number."""
    lists: Mapping[str, str] = {}
    """SQL aggregates whose value is a JSON array."""
    key: str = "id"
    """Its column with the id of the noun's record."""
    or_day: bool = False
    """Whether `moment` may be a day of the calendar, which is the user's, instead of a moment in UTC."""


class Counting:
    """Counts those records of a source that fulfil a query."""

    def __init__(self, reader: Reader, source: Source, where: str) -> None:
        self._reader = reader
        self._source = source
        self._condition = "TRUE"
        self._parameters: Mapping[str, Any] = {}
        if where:
            declaration = noun(source.noun)
            condition = condition_of(reader, declaration, where)
            self._condition = f"t.{source.key} IN (SELECT id FROM {declaration.view} WHERE {condition.sql})"
            self._parameters = condition.parameters

    def count(self, groups: Sequence[tuple[str, Group]], days: Days) -> dict[Key, Counts]:
        """Return what is counted of each group over the days."""
        numbers, lists = self._source.numbers, self._source.lists
        by = [self._place(name, days) if name in PARTS else group.sql for name, group in groups]
        found = {}
        for row in self._select(by, [*numbers.values(), *lists.values()], days):
            values = dict(zip((*numbers, *lists), row[len(by) :], strict=True))
            found[row[: len(by)]] = {
                name: json.loads(value) if name in lists else value or 0 for name, value in values.items()
            }
        return found

    def trend(self, days: Days) -> list[tuple[str, int]]:
        """Return how many there were on each day, or in each week, month or quarter when the days are many."""
        part = next((part for part, most in _TRENDS if days.length <= most), "quarter")
        counted = {row[0]: row[1] for row in self._select([self._place(part, days)], ["count(*)"], days)}
        return [(part_name(one.first, part), counted.get(place, 0)) for place, one in enumerate(parts_of(days, part))]

    def days(self, asked: Days | None, *, ahead: bool = False) -> Days:
        """Return the days that are looked at: those that are asked for, as far as there are records.

        They end today, or with `ahead` where they are asked to.
        """
        today = self._reader.now.date()
        first, last = asked or Days(BEGINNING, END)
        if first == BEGINNING or last == END:
            found = [self._day(edge) for edge in self._edges(Days(first, last)) if edge]
            first = min(found if ahead else [*found, today], default=today) if first == BEGINNING else first
            last = max([*found, today]) if last == END else last
        last = last if ahead else min(last, today)
        return Days(first, max(first, last))

    def _edges(self, days: Days) -> tuple[str | None, ...]:
        """Return the first and the last of what is counted, of days and of moments."""
        moment = f"t.{self._source.moment}"
        kinds = (f" FILTER (WHERE length({moment}) {op} 10)" for op in ("=", ">")) if self._source.or_day else ("",)
        return self._select([], [f"{edge}({moment}){kind}" for kind in kinds for edge in ("min", "max")], days)[0]

    def _select(self, by: Sequence[str], columns: Sequence[str], days: Days) -> list[tuple[Any, ...]]:
        places = ", ".join(str(place) for place in range(1, len(by) + 1))
        sql = (
            f"SELECT {', '.join([*by, *columns])} FROM {self._source.records} t "
            f"WHERE {self._compared('>=', days.first)} AND {self._compared('<', days.next)} AND {self._condition}"
        )
        rows = self._reader.all(sql + f" GROUP BY {places}" * bool(by), self._parameters)
        return [tuple(row) for row in rows]

    def _place(self, part: str, days: Days) -> str:
        """Return the SQL of the place, counted from 0, of the day, week, month, … among those that the days have."""
        parts = parts_of(days, part)

        def tree(low: int, high: int) -> str:
            if high - low == 1:
                return str(low)
            middle = (low + high) // 2
            then, otherwise = tree(low, middle), tree(middle, high)
            return f"CASE WHEN {self._compared('<', parts[middle].first)} THEN {then} ELSE {otherwise} END"

        return tree(0, len(parts))

    def _compared(self, op: str, day: date) -> str:
        """Return the SQL that compares when something was with the beginning of a day."""
        moment = f"t.{self._source.moment}"
        compared = f"{moment} {op} '{moment_text(midnight(day, self._reader.now))}'"
        if not self._source.or_day:
            return compared
        return f"CASE length({moment}) WHEN 10 THEN {moment} {op} '{day.isoformat()}' ELSE {compared} END"

    def _day(self, moment: str) -> date:
        """Return the day of a stored moment, in the user's zone, or the day that is stored."""
        if "T" not in moment:
            return date.fromisoformat(moment)
        return datetime.fromisoformat(moment).astimezone(self._reader.now.tzinfo).date()


def together(counted: Iterable[Counts], source: Source) -> Counts:
    """Return what was counted of all groups together."""
    parts = list(counted)
    numbers = {name: sum(part[name] for part in parts) for name in source.numbers}
    lists = {name: list(chain.from_iterable(part[name] for part in parts)) for name in source.lists}
    return {**numbers, **lists}
