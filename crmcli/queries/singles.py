"""What there may be only one of: of a second one nobody could say which is meant, or which of them counts.

Commands refuse a second one of the record that they write, and an undo one of those that it puts back.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from crmcli.errors import ConflictError
from crmcli.i18n import N_, _
from crmcli.nouns import LETTERS
from crmcli.rules import shellwords
from crmcli.rules.custom_fields import heard_as
from crmcli.rules.names import name_key

Row = sqlite3.Row | Mapping[str, Any]


class Clash(NamedTuple):
    """A record that was written, another that is in its way, why it is, and the command that moves it out of it."""

    entity: str
    id: int
    other: int
    reason: str
    first: str


class _Single(NamedTuple):
    """A table's rule: when its row `b` is in the way of `a`, in SQL, and what is said then."""

    entity: str
    when: str
    reason: str
    first: str
    about: str = "NULL"
    """What the reason names besides, in SQL."""


class Named(NamedTuple):
    """A table of things that people name by code, label or alias: no name means two of a scope."""

    scope: str
    heard: Callable[[str], str]
    """How names are compared."""
    reason: str
    noun: str

    def names(self, row: Row) -> list[str]:
        """Return everything that a row is called."""
        return [str(name) for name in (row["code"], row["en"], row["zh"], *str(row["aliases"]).split("|")) if name]

    def renaming(self, row: Row, place: str, wanted: str) -> str:
        """Return the command after which a row of this scope has no label and no alias that is heard so."""
        options = [f"--{language} …" for language in ("en", "zh") if self.heard(str(row[language])) == wanted]
        aliases = [alias for alias in str(row["aliases"]).split("|") if self.heard(alias) == wanted]
        options += [f"--remove-alias {shellwords.word(alias)}" for alias in aliases]
        return " ".join((f"crm {self.noun} edit {place} {shellwords.word(str(row['code']))}", *options))


_SINGLES = (
    _Single(
        "callback",
        "b.series = a.series AND a.status = 'open' AND b.status = 'open'",
        N_("callback {other} of the same series is open"),
        "crm callback cancel {other} --series",
    ),
    *(
        _Single(
            "supervision",
            f"b.{noun}_id = a.{noun}_id AND a.closed_at IS NULL AND b.closed_at IS NULL",
            N_("{about} is under supervision already: s{other}"),
            "crm supervision close s{other}",
            f"'{LETTERS.get(noun, '')}' || a.{noun}_id",
        )
        for noun in ("callback", "complaint", "promise")
    ),
    _Single(
        "promise",
        "b.replaces_id IN (a.replaces_id, iif(a.status = 'open', a.id, NULL))",
        N_("promise p{other} took the place of p{about}"),
        "crm promise delete p{other}",
        "b.replaces_id",
    ),
    _Single(
        "promise",
        "b.id = a.replaces_id AND b.status = 'open'",
        N_("p{id} took the place of promise p{other}, which is open"),
        "crm promise cancel p{other}",
    ),
    _Single(
        "service_level",
        "NOT a.hidden AND NOT b.hidden AND b.type IS a.type AND b.severity IS a.severity AND b.class IS a.class",
        N_("service-level {other} is for the same"),
        "crm service-level delete {other}",
    ),
    _Single(
        "answer",
        "b.complaint_id = a.complaint_id",
        N_("c{about} was learnt from already: a{other}"),
        "crm answer delete a{other}",
        "a.complaint_id",
    ),
)
_CLASHES = """
SELECT a.id, b.id AS other, {about} AS about FROM {entity} a JOIN {entity} b ON {when}
WHERE a.id IN ({written}) AND b.id NOT IN ({written}) ORDER BY 1, 2
"""
NAMED = {
    "vocabulary": Named('"set"', name_key, N_("in {set}, “{word}” means {code} already"), "vocabulary"),
    "custom_field": Named("noun", heard_as, N_("“{word}” is the field {code} already"), "field"),
}
_NAMES = """
SELECT id, {scope} AS scope, code, en, zh, aliases, id IN ({written}) AS written FROM {entity}
WHERE NOT hidden ORDER BY id
"""


def clashes(connection: sqlite3.Connection, entity: str, written: str) -> Iterator[Clash]:
    """Yield what is in the way of the rows of a table that were `written` (SQL of their ids)."""
    for single in _SINGLES:
        if single.entity == entity:
            for row in map(dict, connection.execute(_CLASHES.format(**single._asdict(), written=written))):
                yield Clash(entity, row["id"], row["other"], _(single.reason).format(**row), single.first.format(**row))
    if named := NAMED.get(entity):
        rows = connection.execute(_NAMES.format(scope=named.scope, written=written, entity=entity)).fetchall()
        yield from _called_alike(entity, named, rows)


def refuse_second(connection: sqlite3.Connection, entity: str, id_: int, hint: str) -> None:
    """Raise ConflictError when there was one already of what this record is; the hint may name it as `other`."""
    for clash in clashes(connection, entity, str(id_)):
        raise ConflictError(clash.reason, hint=hint.format(other=clash.other))


def _called_alike(entity: str, named: Named, rows: list[sqlite3.Row]) -> Iterator[Clash]:
    """Yield which of the rows that were written have a name that means another one."""
    means = {
        (row["scope"], named.heard(name)): row
        for row in reversed(rows)
        if not row["written"]
        for name in named.names(row)
    }
    for row in rows:
        for name in named.names(row) if row["written"] else ():
            wanted = named.heard(name)
            if other := means.get((row["scope"], wanted)):
                reason = _(named.reason).format(set=other["scope"], word=name, code=other["code"])
                yield Clash(entity, row["id"], other["id"], reason, _freed(other, wanted, named))


def _freed(row: sqlite3.Row, wanted: str, named: Named) -> str:
    """Return the command after which a row is no longer called so."""
    if named.heard(row["code"]) == wanted:
        return f"crm {named.noun} delete {row['scope']} {shellwords.word(row['code'])}"
    return named.renaming(row, row["scope"], wanted)
