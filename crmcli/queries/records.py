"""Lists of records: a query, an order and a page of any noun."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from crmcli.nouns import Noun
from crmcli.queries.reader import Reader, Row, get_many
from crmcli.queries.vocabulary import code_of
from crmcli.queries.where import Condition, Surroundings, compile_query, compile_sort
from crmcli.rules.custom_fields import PARTIES

_CHUNK = 500


class Page(NamedTuple):
    """Some of the records that match, and whether there are more."""

    rows: Iterator[Row]
    ids: list[int]
    more: bool


def select_ids(reader: Reader, noun: Noun, query: str, sort: str = "", limit: int = 0) -> list[int]:
    """Return the ids of the records that match, in order; all of them when the limit is 0.

    The database's own fields can be asked for like the noun's. Raises QueryError for a query or an order that can't be
    read.
    """
    if noun.name in PARTIES:
        noun = reader.noun(noun.name)
    condition = condition_of(reader, noun, query)
    sql = f"SELECT id FROM {noun.view} WHERE {condition.sql} ORDER BY {compile_sort(sort, noun)}"
    if limit:
        sql += f" LIMIT {int(limit)}"
    return [row[0] for row in reader.all(sql, condition.parameters)]


def condition_of(reader: Reader, noun: Noun, query: str) -> Condition:
    """Return the condition over the noun's view that its records fulfil a query; raises QueryError."""
    surroundings = Surroundings(
        now=reader.now,
        order=reader.order,
        country=reader.country,
        code_of=lambda set_, text: code_of(reader.connection, set_, text),
    )
    return compile_query(query, noun, surroundings)


def page(reader: Reader, noun: Noun, query: str, sort: str = "", limit: int = 0) -> Page:
    """Return the first `limit` records that match, in order (all when 0); rows are read as they are used."""
    ids = select_ids(reader, noun, query, sort, limit + 1 if limit else 0)
    more = bool(limit) and len(ids) > limit
    shown = ids[:limit] if limit else ids
    return Page(_read(reader, noun, shown), shown, more)


def _read(reader: Reader, noun: Noun, ids: list[int]) -> Iterator[Row]:
    remaining = iter(ids)
    while portion := list(islice(remaining, _CHUNK)):
        yield from get_many(reader, noun.name, portion)
