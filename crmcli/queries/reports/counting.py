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
    by_day: bool = False
    """Whether `moment` is a day of the calendar, and no moment in UTC."""


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
            edges = [f"min(t.{self._source.moment})", f"max(t.{self._source.moment})"]
            earliest, latest = (
                self._day(moment) if moment else today for moment in self._select([], edges, Days(first, last))[0]
            )
            first = earliest if first == BEGINNING else first
            last = max(latest, today) if last == END else last
        last = last if ahead else min(last, today)
        return Days(first, max(first, last))

    def _select(self, by: Sequence[str], columns: Sequence[str], days: Days) -> list[tuple[Any, ...]]:
        places = ", ".join(str(place) for place in range(1, len(by) + 1))
        sql = (
            f"SELECT {', '.join([*by, *columns])} FROM {self._source.records} t "
            f"WHERE t.{self._source.moment} >= :since_ AND t.{self._source.moment} < :until_ AND {self._condition}"
        )
        bounds = {"since_": self._beginning(days.first), "until_": self._beginning(days.next)}
        rows = self._reader.all(sql + f" GROUP BY {places}" * bool(by), {**self._parameters, **bounds})
        return [tuple(row) for row in rows]

    def _place(self, part: str, days: Days) -> str:
        """Return the SQL of the place, counted from 0, of the day, week, month, … among those that the days have."""
        begin = [f"'{self._beginning(one.first)}'" for one in parts_of(days, part)]

        def tree(low: int, high: int) -> str:
            if high - low == 1:
                return str(low)
            middle = (low + high) // 2
            then, otherwise = tree(low, middle), tree(middle, high)
            return f"CASE WHEN t.{self._source.moment} < {begin[middle]} THEN {then} ELSE {otherwise} END"

        return tree(0, len(begin))

    def _beginning(self, day: date) -> str:
        """Return when a day begins, as `moment` is stored."""
        if self._source.by_day:
            return day.isoformat()
        return moment_text(midnight(day, self._reader.now))

    def _day(self, moment: str) -> date:
        """Return the day of a stored moment, in the user's zone."""
        if self._source.by_day:
            return date.fromisoformat(moment)
        return datetime.fromisoformat(moment).astimezone(self._reader.now.tzinfo).date()


def together(counted: Iterable[Counts], source: Source) -> Counts:
    """Return what was counted of all groups together."""
    parts = list(counted)
    numbers = {name: sum(part[name] for part in parts) for name in source.numbers}
    lists = {name: list(chain.from_iterable(part[name] for part in parts)) for name in source.lists}
    return {**numbers, **lists}
