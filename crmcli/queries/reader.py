"""Reading records of any noun through its view."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from crmcli.errors import NotFoundError
from crmcli.i18n import _
from crmcli.nouns import Noun, noun
from crmcli.queries.custom_fields import with_custom_fields
from crmcli.when.stored import moment_text

Row = dict[str, Any]
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_DELETED = """
SELECT change_id FROM change_row WHERE entity = ? AND entity_id = ? AND after IS NULL AND before IS NOT NULL
ORDER BY change_id DESC LIMIT 1
"""
_MERGED = """
SELECT p.id, p.name FROM change_row h
JOIN former_uid f ON f.uid = h.before ->> 'uid' JOIN {party} p ON p.id = f.{party}_id
WHERE h.entity = '{party}' AND h.entity_id = ? AND h.change_id = ?
"""


class Ladder(NamedTuple):
    """Who hears of a missed deadline where no service level says it, and how long after the one before, as text."""

    people: str = ""
    every: str = "1d"


NO_LADDER = Ladder()


class Reader:
    """The connection, seen at one moment by one user: every query binds that moment and shapes rows for that zone."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        now: datetime,
        country: str = "CN",
        order: str = "md",
        ladder: Ladder = NO_LADDER,
        user: str = "",
    ) -> None:
        self.connection = connection
        self.now = now
        self.country = country
        self.order = order
        self.ladder = ladder
        self.user = user
        self.clock = {"now": moment_text(now), "today": now.date().isoformat()}
        """What the declared expressions bind: the moment in UTC, and the user's day."""
        self._nouns: dict[str, Noun] = {}

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read all that the block reads as the database is at one moment, whatever others write meanwhile.

        Nothing is printed within it: where there is no write-ahead log, writers wait for its end.
        """
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            self.connection.execute("ROLLBACK")

    def noun(self, name: str) -> Noun:
        """Return the declaration of a noun with the fields that this database has of its own."""
        if name not in self._nouns:
            self._nouns[name] = with_custom_fields(self.connection, noun(name))
        return self._nouns[name]

    def all(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return the rows of a SELECT; with named parameters, `:now` and `:today` are bound too."""
        if isinstance(parameters, Mapping):
            parameters = {**self.clock, **parameters}
        return self.connection.execute(sql, parameters).fetchall()

    def each(self, sql: str, parameters: Mapping[str, Any]) -> Iterator[sqlite3.Row]:
        """Return the rows of a SELECT one by one, so that their number costs no memory; binds what `all` binds.

        Where a reader holds up writers (no write-ahead log), it lets them go on however slowly the rows are used.
        """
        rows = self.connection.execute(sql, {**self.clock, **parameters})
        mode = self.connection.execute("PRAGMA journal_mode").fetchone()[0]
        return rows if mode == "wal" else iter(rows.fetchall())

    def local(self, moment: str | None) -> str | None:
        """Return a stored UTC moment as local ISO 8601 with offset; a plain day stays as it is."""
        if moment is None or "T" not in moment:
            return moment
        return datetime.fromisoformat(moment).astimezone(self.now.tzinfo).isoformat()

    def shape(self, declaration: Noun, row: sqlite3.Row) -> Row:
        """Return a view's row as the contract's object: moments local, lists and objects parsed, flags as booleans."""
        shaped = {}
        for field in declaration.fields:
            shape = _SHAPES.get(field.kind)
            value = row[field.name]
            shaped[field.name] = value if shape is None or value is None else shape(self, value)
        return shaped


def at_one_moment(
    query: Callable[Concatenate[Reader, Asked], Answer],
) -> Callable[Concatenate[Reader, Asked], Answer]:
    """Let a query that reads with several statements answer from one snapshot, so that its figures agree."""

    @wraps(query)
    def read(reader: Reader, /, *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        with reader.snapshot():
            return query(reader, *args, **kwargs)

    return read


def _json(reader: Reader, value: str) -> Any:
    """Parse; of a list of events (a complaint's steps) each `at` becomes local like every other moment."""
    content = json.loads(value)
    for entry in content if isinstance(content, list) else ():
        if isinstance(entry, dict) and "at" in entry:
            entry["at"] = reader.local(entry["at"])
    return content


_SHAPES: dict[str, Callable[[Reader, Any], Any]] = {
    "moment": Reader.local,
    "list": _json,
    "json": _json,
    "flag": lambda _reader, value: bool(value),
}


def select_list(declaration: Noun) -> str:
    """Return the declared fields as a SELECT list."""
    return ", ".join(f'{field.expression} AS "{field.name}"' for field in declaration.fields)


def get_many(reader: Reader, name: str, ids: Sequence[int]) -> list[Row]:
    """Return the records of these ids, in their order; missing ones are left out."""
    declaration = noun(name)
    found: dict[int, Row] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        marks = ", ".join(str(int(id_)) for id_ in part)
        for row in reader.all(f"SELECT {select_list(declaration)} FROM {declaration.view} WHERE id IN ({marks})", {}):
            found[row["id"]] = reader.shape(declaration, row)
    return [found[id_] for id_ in ids if id_ in found]


def get(reader: Reader, name: str, id_: int) -> Row:
    """Return one record; raises NotFoundError when there is none."""
    rows = get_many(reader, name, [id_])
    if not rows:
        raise no_such(reader, name, id_, _("crm {noun} list shows them").format(noun=name))
    return rows[0]


def has_namesake(reader: Reader, contact_id: int) -> bool:
    """Return whether another contact has the name of this one."""
    sql = "SELECT 1 FROM contact c JOIN contact o ON o.name_key = c.name_key AND o.id <> c.id WHERE c.id = ? LIMIT 1"
    return reader.connection.execute(sql, (contact_id,)).fetchone() is not None


def no_such(reader: Reader, name: str, id_: int, hint: str) -> NotFoundError:
    """Return the error for an id that no record has; it says how one that was deleted comes back, or what it became."""
    message = _("there is no {noun} {id}").format(noun=_(name), id=id_)
    deleted = reader.all(_DELETED, (name.replace("-", "_"), id_))
    if not deleted:
        return NotFoundError(message, hint=hint)
    change = deleted[0]["change_id"]
    became = reader.all(_MERGED.format(party=name), (id_, change)) if name in ("contact", "company") else []
    if became:
        return NotFoundError(
            _("{message}: change {change} merged it into {name} ({id})").format(
                message=message, change=change, **became[0]
            ),
            hint=f"crm {name} show {became[0]['id']}",
        )
    return NotFoundError(
        _("{message}: change {change} deleted it").format(message=message, change=change),
        hint=_("crm undo {change} brings it back").format(change=change),
    )
