"""What a report is asked, and what it answers."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from crmcli.errors import UsageError
from crmcli.i18n import _, one_of
from crmcli.nouns import Field, Noun
from crmcli.rules.business_hours import Calendar
from crmcli.when.calendar import Days

Row = dict[str, Any]

BEFORE = "before_"
"""What the names of the figures begin with that are compared with."""


class Asked(NamedTuple):
    """What somebody wants to know."""

    by: tuple[str, ...] = ()
    """The groups, as they were typed; the report's own choice when empty."""
    days: Days | None = None
    """Of which days; of all when None."""
    before: Days | None = None
    """With which days to compare."""
    where: str = ""
    """A query over the report's records."""
    desk: Callable[[], Calendar | None] = lambda: None
    """Says when the desk is open, for what is measured in business hours; None is around the clock."""


class Group(NamedTuple):
    """Something that records are counted by: how it is called, and its SQL over what is counted."""

    field: Field
    sql: str


class Figure(NamedTuple):
    """One number of a row.

    `kind` says what it is: `count`, `minutes`, `percent` (0 to 100), `rating` (1 to 5), `score` (0 to 100), `gap`.
    """

    name: str
    kind: str
    label: str
    brief: str = ""
    """Its heading in a table on the screen; it is left to the data when empty."""
    drop: int = 0
    """0: always in the table; of the others those with the highest number give way first."""


class Said(NamedTuple):
    """A line of the headline: what it is about, and the messages that the values of figures are put into.

    Behind a message stands what is said of one instead, where that is something else.
    """

    title: str
    figures: tuple[tuple[str, str] | tuple[str, str, str], ...]


class Table(NamedTuple):
    """A further table of a report."""

    groups: tuple[Field, ...]
    figures: tuple[Figure, ...]
    rows: list[Row]


class Report(NamedTuple):
    """The answer."""

    groups: tuple[Field, ...]
    figures: tuple[Figure, ...]
    rows: list[Row]
    """A row for each group; with what is compared, its figures again with BEFORE in front."""
    total: Row
    """The figures of all together."""
    trend: list[tuple[str, int]]
    """How many there were in each month, in order."""
    headline: tuple[Said, ...]
    """What is said first."""
    days: Days
    """Which days were looked at; none of those to come."""
    before: Days | None
    """With which days they are compared."""
    parts: Mapping[str, Table] = {}
    """What else the report has to say: further tables by name."""

    @property
    def noun(self) -> Noun:
        """The rows as records, for data formats and spreadsheets."""
        figures = [Field(figure.name, "number", figure.label) for figure in self.figures]
        before = [field._replace(name=BEFORE + field.name) for field in figures if BEFORE + field.name in self.total]
        names = tuple(field.name for field in self.groups)
        return Noun("report", "report", "", (*self.groups, *figures, *before), names, ())


CALENDAR = {
    field.name: Group(field, "")
    for field in (
        Field("day", "text", "Day"),
        Field("week", "text", "Week"),
        Field("month", "text", "Month"),
        Field("quarter", "text", "Quarter"),
        Field("year", "text", "Year"),
    )
}
"""What every report can be asked by: the parts of crmcli.when.calendar."""

TOTAL = "total"
"""What is asked for by those who want no groups: one row of all."""


def is_asked(asked: Asked, groups: Sequence[Group]) -> bool:
    """Return whether one of the groups is asked for, by its name or its label in either language."""
    words = {_folded(word) for group in groups for word in _words(group)}
    return any(_folded(word) in words for word in asked.by)


def chosen_groups(asked: Asked, groups: Mapping[str, Group], usual: Sequence[str]) -> list[tuple[str, Group]]:
    """Return the groups that were asked for, by code or by label of either language, each once.

    Raises UsageError with those that there are for one that is none.
    """
    known = {**groups, **CALENDAR}
    names: dict[str, str] = {}
    for name, group in known.items():
        for word in _words(group):
            names.setdefault(_folded(word), name)
    totals = {TOTAL, _folded(_("total"))}
    if len(asked.by) == 1 and _folded(asked.by[0]) in totals:
        return []
    chosen = []
    for word in asked.by or usual:
        if _folded(word) in totals:
            raise UsageError(_("the total stands alone"), hint=_("what is counted by groups ends with it anyway"))
        if _folded(word) not in names:
            raise UsageError(
                _("this report can't be made by {name}").format(name=word),
                hint=one_of([*known, TOTAL]),
            )
        chosen.append(names[_folded(word)])
    return [(name, known[name]) for name in dict.fromkeys(chosen)]


def _words(group: Group) -> tuple[str, ...]:
    """Return what a group is called."""
    return (group.field.name, group.field.label, _(group.field.label), *group.field.headers)


def _folded(word: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", word).casefold() if char.isalnum())
