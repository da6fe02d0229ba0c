"""Lists of records: a query, an order and a page of any noun."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from crmcli.nouns import Noun
from crmcli.queries.reader import Reader, Row, get_many
from crmcli.queries.vocabulary import code_of
from crmcli.queries.where import Condition, Order, Surroundings, compile_query, compile_sort, in_codes
from crmcli.rules.custom_fields import PARTIES

_CHUNK = 500
_MOST = 2**62
"""Records that anybody may ask for at once: as much as neither SQLite nor Python stumbles over."""


class Page(NamedTuple):
    """Some of the records that match, read as they are used, so that memory does not grow with their number."""

    rows: Iterator[Row]
    last: int | None
    """The id of a page's last record; of all records only tells that there are any. None when there are none."""
    more: bool
    """Whether more match."""


def select_ids(reader: Reader, noun: Noun, query: str, sort: str = "", limit: int = 0) -> list[int]:
    """Return the ids of the records that match, in order; all of them when the limit is 0.

    The database's own fields can be asked for like the noun's. Raises QueryError for a query or an order that can't be
    read.
    """
    return [*_ids(reader, noun, query, sort, min(limit, _MOST))]


def condition_of(reader: Reader, noun: Noun, query: str) -> Condition:
    """Return the condition over the noun's view that its records fulfil a query; raises QueryError."""
    return compile_query(query, noun, _surroundings(reader))


def as_kept(reader: Reader, noun: Noun, query: str) -> str:
    """Return a query as it is kept: it stays what it is when its words are called otherwise; raises QueryError."""
    kept = in_codes(query, noun, _surroundings(reader)).strip()
    select_ids(reader, noun, kept, limit=1)
    return kept


def _surroundings(reader: Reader) -> Surroundings:
    return Surroundings(
        now=reader.now,
        order=reader.order,
        country=reader.country,
        code_of=lambda set_, text: code_of(reader.connection, set_, text),
        user=reader.user,
    )


def page(
    reader: Reader,
    noun: Noun,
    query: str,
    sort: str = "",
    limit: int = 0,
    *,
    after: int | None = None,
    ids_alone: bool = False,
) -> Page:
    """Return the first `limit` records that match, in order (all when 0), or the first `after` one of them."""
    limit = min(limit, _MOST)
    ids = _ids(reader, noun, query, sort, limit + 1 if limit else 0, after)
    shown, more = [*islice(ids, limit or 1)], False
    last = shown[-1] if shown else None
    if limit:
        more = any(True for _ in ids)
        ids = iter(shown)
    else:
        ids = chain(shown, ids)
    return Page(({"id": id_} for id_ in ids) if ids_alone else _read(reader, noun, ids), last, more)


def _ids(reader: Reader, noun: Noun, query: str, sort: str, limit: int, after: int | None = None) -> Iterator[int]:
    """Yield the ids of the records that match; see select_ids."""
    if noun.name in PARTIES:
        noun = reader.noun(noun.name)
    condition = condition_of(reader, noun, query)
    terms = compile_sort(sort, noun, reader.now)
    values: Sequence[Any] = ()
    wanted = condition.sql
    if after is not None:
        columns = ", ".join(term.expression for term in terms)
        values = reader.all(f"SELECT {columns} FROM {noun.view} WHERE id = {int(after)}", {})[0]
        wanted += f" AND {_beyond(terms, values)}"
    bound = condition.parameters | {f"v{number}": value for number, value in enumerate(values)}
    order = f"ORDER BY {', '.join(term.sql for term in terms)} LIMIT {limit or -1:d}"
    parts = [f"SELECT id FROM {noun.view} WHERE {wanted} AND {part} {order}" for part in _parts(terms[0], values)]
    rows = chain.from_iterable(reader.each(part, bound) for part in parts)
    return (row[0] for row in islice(rows, limit or None))


def _parts(first: Order, values: Sequence[Any]) -> list[str]:
    """Return the conditions of the parts of a list that one index orders each.

    No index of a table that a view joins loosely is of use before rows without a value in it are ruled out; they come
    last. `values` are those of the record after which the list goes on.
    """
    if not first.indexed:
        return ["TRUE"]
    missing = f"{first.expression} IS NULL"
    if values and values[0] is None:
        return [missing]
    begin = f"{'<=' if first.descending else '>='} :v0" if values else ">= ''"
    return [f"{first.expression} {begin}", missing]


def _beyond(terms: Sequence[Order], values: Sequence[Any]) -> str:
    """Return the condition that a record comes after the one whose sort terms have these values, bound as `v0` …."""
    cases, same = [], ""
    for number, (term, value) in enumerate(zip(terms, values, strict=True)):
        if value is not None:
            beyond = f"{term.expression} {'<' if term.descending else '>'} :v{number}"
            cases.append(f"{same}({beyond}{f' OR {term.expression} IS NULL' * term.nullable})")
        same += f"{term.expression} IS :v{number} AND "
    first = terms[0]
    from_there = "TRUE" if first.nullable else f"{first.expression} {'<=' if first.descending else '>='} :v0"
    return f"{from_there} AND ({' OR '.join(cases)})"


def _read(reader: Reader, noun: Noun, ids: Iterator[int]) -> Iterator[Row]:
    while portion := [*islice(ids, _CHUNK)]:
        yield from get_many(reader, noun.name, portion)
