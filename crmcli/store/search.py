"""The search index: what is found by `crm find` and by the free words of a query.

A document is made of what one query reads of a record: Chinese becomes characters, phones become parts, names get their
pinyin. That is done here and not in SQL functions, each call of which costs more than the work itself: 100,000 contacts
are indexed in half the time. Which rows to index anew is read from the journal, so nothing that is written can be
forgotten.
"""

import sqlite3
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from itertools import repeat
from typing import Any

from crmcli.rules.columns import each
from crmcli.rules.names import search_name, segment
from crmcli.rules.phones import digit_tokens

ENTITIES = {"contact": 0, "company": 1, "followup": 2, "callback": 3, "complaint": 4, "answer": 5, "promise": 6}
"""The kinds of record that are indexed; the number is part of a document's id (see schema/search.sql)."""

_NAMES = 1 << 15
_TEXTS = 1 << 14
"""How many names and short texts are remembered while an import is indexed: many people share theirs."""
_SHORT = 24
"""Characters."""
_BATCH = 2_000
"""Documents that are made before they are written: going to and fro for each costs a tenth of the time."""

_REACH = "(SELECT group_concat(coalesce(p.digits, p.value), ' ') FROM contact_point p WHERE p.{party}_id = r.id)"
_TAGS = "(SELECT group_concat(t.name, ' ') FROM tag t WHERE t.{party}_id = r.id)"

_SAID = {
    "contact": (
        f"r.name, {_REACH.format(party='contact')}, r.title, r.region, r.address, r.notes, nullif(r.fields, '{{}}'), "
        f"{_TAGS.format(party='contact')}, (SELECT k.name FROM company k WHERE k.id = r.company_id)"
    ),
    "company": (
        f"r.name, {_REACH.format(party='company')}, r.industry, r.website, r.region, r.address, r.notes, "
        f"nullif(r.fields, '{{}}'), {_TAGS.format(party='company')}"
    ),
    "followup": "NULL, NULL, r.text, r.outcome",
    "callback": "NULL, NULL, r.purpose",
    "complaint": (
        "NULL, NULL, r.text, (SELECT group_concat(coalesce(s.note, '') || ' ' || coalesce(s.data ->> '$.options', '') "
        "|| ' ' || coalesce(s.data ->> '$.improvement', ''), ' ') FROM complaint_step s WHERE s.complaint_id = r.id)"
    ),
    "answer": "NULL, NULL, r.question, r.answer",
    "promise": "NULL, NULL, r.text, r.outcome",
}
"""For each kind: its name, the ways to reach it, and every text in which it is found."""

Document = tuple[int, str, str, str]
"""Id, name, reach, body."""

Columns = Sequence[Sequence[Any]]
"""What `_SAID` reads of some records, column by column: ids, names, ways to reach them, and every further text."""

INDEX = "search (rowid, name, reach, body)"
"""Where documents are written."""
_PUT_ANSWER = "INSERT INTO search_answer (rowid, question, answer) VALUES (?, ?, ?)"

_ROWS = "SELECT {what} AS id FROM change_row h WHERE h.change_id = :change AND h.entity = '{entity}'"
_PART_OF = "coalesce(json_extract(h.after, '$.{0}'), json_extract(h.before, '$.{0}'))"
_COLLEAGUES = (
    "SELECT c.id FROM contact c WHERE c.company_id IN (SELECT h.entity_id FROM change_row h "
    "WHERE h.change_id = :change AND h.entity = 'company' AND h.before IS NOT NULL)"
)
"""A company's name is part of its contacts' documents."""

_TOUCHED = {entity: [_ROWS.format(what="h.entity_id", entity=entity)] for entity in ENTITIES}
_TOUCHED["contact"] += [_ROWS.format(what="h.contact_id", entity=part) for part in ("contact_point", "tag")]
_TOUCHED["contact"].append(_COLLEAGUES)
_TOUCHED["company"] += [
    _ROWS.format(what=_PART_OF.format("company_id"), entity=part) for part in ("contact_point", "tag")
]
_TOUCHED["complaint"].append(_ROWS.format(what=_PART_OF.format("complaint_id"), entity="complaint_step"))

_IN_RANGE = (
    "SELECT 1 FROM change_range g WHERE g.change_id = :change AND g.entity = '{entity}' "
    "AND {id} BETWEEN g.first_id AND g.last_id"
)
_TOUCHED["complaint"].append(
    "SELECT p.complaint_id FROM change_range a JOIN complaint_step p ON p.id BETWEEN a.first_id AND a.last_id "
    "WHERE a.change_id = :change AND a.entity = 'complaint_step'"
)
"""Steps may come in bulk to complaints that were there; phones and tags come so with their new contacts alone."""


def matching(entity: str, expression: str) -> str:
    """Return the query for the ids of the records that match; `expression` is the SQL of an FTS5 expression."""
    return f"SELECT rowid / 8 AS id FROM search WHERE search MATCH {expression} AND rowid % 8 = {ENTITIES[entity]}"


def refresh(connection: sqlite3.Connection, change: int, indexed: Container[str] = ()) -> None:
    """Index anew every record that this change touched, and index those that it created in bulk.

    Of the kinds that are `indexed`, the latter are in the index already.
    """
    values = {"change": change}
    for entity in ENTITIES:
        touched = " UNION ".join(_TOUCHED[entity])
        created = _IN_RANGE.format(entity=entity, id="t.id")
        known = f"SELECT t.id FROM ({touched}) t WHERE NOT EXISTS ({created})"
        index_anew(connection, entity, known, values)
        if entity == "answer":
            connection.execute(f"DELETE FROM search_answer WHERE rowid IN ({known})", values)
            connection.executemany(_PUT_ANSWER, _answers(connection, f"WHERE r.id IN ({known})", values))
    for entity, first, last in connection.execute(
        "SELECT entity, first_id, last_id FROM change_range WHERE change_id = ?", (change,)
    ).fetchall():
        if entity in ENTITIES and entity not in indexed:
            _index(connection, entity, "WHERE r.id BETWEEN ? AND ?", (first, last))


def index_anew(
    connection: sqlite3.Connection, entity: str, ids: str, values: Mapping[str, Any] | Sequence[Any] = ()
) -> None:
    """Index the records whose ids a query tells as they are now; those that are gone are forgotten."""
    connection.execute(f"DELETE FROM search WHERE rowid IN (SELECT id * 8 + {ENTITIES[entity]} FROM ({ids}))", values)
    _index(connection, entity, f"WHERE r.id IN ({ids})", values)


def rebuild(connection: sqlite3.Connection) -> None:
    """Index everything."""
    connection.execute("DELETE FROM search")
    for entity in ENTITIES:
        _index(connection, entity)
    connection.execute("DELETE FROM search_answer")
    connection.executemany(_PUT_ANSWER, _answers(connection))


def differences(connection: sqlite3.Connection, sample: int = 0, turn: int = 0) -> int:
    """Return how many documents are missing, superfluous or not what they would be if they were made anew.

    With a `sample` only about so many of each kind are made anew: others with every `turn`.
    """
    answers = {tuple(row) for row in connection.execute("SELECT rowid, question, answer FROM search_answer")}
    found = _astray(connection) + sum(_stale(connection, entity, sample, turn) for entity in ENTITIES)
    return found + len(answers ^ {*_answers(connection)})


def _astray(connection: sqlite3.Connection) -> int:
    """Return how many records have no document, and how many documents no record."""
    documents = dict(connection.execute("SELECT id % 8, count(*) FROM search_content GROUP BY 1").fetchall())
    found = 0
    for entity, number in ENTITIES.items():
        both = f"SELECT count(*) FROM {entity} r JOIN search_content c ON c.id = r.id * 8 + {number}"
        records, paired = connection.execute(f"SELECT (SELECT count(*) FROM {entity}), ({both})").fetchone()
        found += records + documents.pop(number, 0) - 2 * paired
    return found + sum(documents.values())


def _stale(connection: sqlite3.Connection, entity: str, sample: int, turn: int) -> int:
    """Return how many documents are not what they would be if they were made anew; those that are missing aside."""
    newest = connection.execute(f"SELECT coalesce(max(id), 0) FROM {entity}").fetchone()[0]
    step = max(1, newest // sample) if sample else 1
    connection.execute("CREATE TEMP TABLE document (id INTEGER PRIMARY KEY, name, reach, body)")
    try:
        for columns in _read(connection, entity, "WHERE r.id % ? = ? % ?", (step, turn, step)):
            connection.executemany("INSERT INTO document VALUES (?, ?, ?, ?)", documents(entity, columns))
        return int(
            connection.execute(
                "SELECT count(*) FROM document d JOIN search_content c ON c.id = d.id "
                "WHERE (d.name, d.reach, d.body) IS NOT (c.c0, c.c1, c.c2)"
            ).fetchone()[0]
        )
    finally:
        connection.execute("DROP TABLE document")


def _index(
    connection: sqlite3.Connection, entity: str, which: str = "", values: Mapping[str, Any] | Sequence[Any] = ()
) -> None:
    """Index records that have no document."""
    for columns in _read(connection, entity, which, values):
        connection.executemany(f"INSERT INTO {INDEX} VALUES (?, ?, ?, ?)", documents(entity, columns))


def _read(
    connection: sqlite3.Connection, entity: str, which: str = "", values: Mapping[str, Any] | Sequence[Any] = ()
) -> Iterator[Columns]:
    """Yield what is said of the records `r`, some at a time and by their ids: so the index is written fastest."""
    with closing(connection.cursor()) as cursor:  # one that met what is no text would keep its tables locked
        cursor.row_factory = None  # plain tuples
        rows = cursor.execute(f"SELECT r.id, {_SAID[entity]} FROM {entity} r {which} ORDER BY r.id", values)
        while batch := rows.fetchmany(_BATCH):
            yield [*zip(*batch, strict=True)]


def documents(entity: str, columns: Columns) -> list[Document]:
    """Return documents: names spelt, ways to reach somebody divided, every text in words, as they are found."""
    number = ENTITIES[entity]
    ids, names, ways, *texts = columns
    said = [each(_body, column) for column in texts if any(column)]
    bodies = zip(*said, strict=True) if said else repeat((), len(ids))
    return [
        (id_ * 8 + number, name, _reach(way) if way else "", " ".join(filter(None, body)))
        for id_, name, way, body in zip(ids, each(_called, names), ways, bodies, strict=True)
    ]


def _answers(
    connection: sqlite3.Connection, which: str = "", values: Mapping[str, Any] | Sequence[Any] = ()
) -> Iterator[tuple[int, str, str]]:
    """Yield the answers `r` as they are ranked: id, question, answer."""
    for row in connection.execute(f"SELECT r.id, r.question, r.answer FROM answer r {which} ORDER BY r.id", values):
        yield row[0], segment(row[1]), segment(row[2])


_name = lru_cache(_NAMES)(search_name)
_words = lru_cache(_TEXTS)(segment)


def _called(name: str | None) -> str:
    return _name(name) if name else ""


def _body(text: str | None) -> str:
    """Return the words of a text; short ones (a title, a region, a company) are the same again and again."""
    return _words(text) if text and len(text) <= _SHORT else segment(text or "")


def _reach(ways: str) -> str:
    """Return how somebody is found: phones by any part of their numbers, everything else by its words."""
    return " ".join([digit_tokens(way) if way.isdecimal() else segment(way) for way in ways.split(" ")])
