"""Which contacts, or which companies, may be one and the same twice: pairs with a score and the reasons.

Comparing all with all would take hours. Each record is known by keys that survive a typing error, another format or
another script (the number's last digits, how the name sounds, the company and the initials); records that share a key
are sorted, and each is compared with the few that follow it (blocking with sorted neighbourhoods). So the work grows
with the number of records, however many share a key.
"""

import json
import sqlite3
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from crmcli.queries.parties import candidates
from crmcli.queries.reader import Reader, Row
from crmcli.rules.likeness import (
    Likeness,
    Party,
    Way,
    companies_alike,
    contacts_alike,
    firm_name,
    firm_sounds,
    name_forms,
)

_NEIGHBOURS = 8
"""With how many of those that follow it in a block a record is compared."""
_NAMESAKES = 4
"""Of a name that more people have, one without a company may be anybody."""
_TAIL = 7
"""The last digits of a number by which it is known without area and country."""
_MANY = 100
"""More who share a name or a number are not counted: they tell no more, and counting them for each takes hours."""
_CHUNK = 500

_Key = tuple[str, str, str, int]
"""A key; the firm, where records of different firms are no pair; what the records are sorted by; the id."""

_TABLES = (
    "CREATE TEMP TABLE likely_key (key TEXT, firm TEXT, name TEXT, id INTEGER)",
    """CREATE TEMP TABLE likely_place (key TEXT, place INTEGER, size INTEGER, firm TEXT, id INTEGER,
    PRIMARY KEY (key, place)) WITHOUT ROWID""",
)
_POINTS = (
    f"SELECT kind || ' ' || CASE WHEN length(digits) >= {_TAIL} THEN substr(digits, -{_TAIL}) ELSE key END, '', "
    "coalesce(digits, key), {table}_id FROM contact_point WHERE {table}_id IS NOT NULL"
)
_PLACES = """
INSERT INTO likely_place
SELECT key, row_number() OVER (PARTITION BY key ORDER BY firm, name, id), count(*) OVER (PARTITION BY key), firm, id
FROM likely_key WHERE key IN (SELECT key FROM likely_key GROUP BY key HAVING count(*) > 1)
"""
_PAIRS = f"""
SELECT DISTINCT min(a.id, b.id), max(a.id, b.id) FROM likely_place a
JOIN likely_place b ON b.key = a.key AND b.place BETWEEN a.place + 1 AND a.place + {_NEIGHBOURS}
WHERE a.id <> b.id AND (a.firm = b.firm OR (a.firm = '' AND a.size <= {_NAMESAKES}))
"""
_DISTINCT = "SELECT low_id, high_id FROM distinct_pair WHERE noun = ?"
_WAYS = """
(SELECT json_group_array(json_array(p.kind, p.key, p.value, coalesce(p.digits, ''),
    (SELECT count(*) FROM (SELECT 1 FROM contact_point o WHERE o.key = p.key AND o.kind = p.kind
    AND o.{table}_id IS NOT NULL LIMIT {most}))))
 FROM contact_point p WHERE p.{table}_id = r.id) AS ways
"""
_PARTIES = {
    "contact": "SELECT r.id, r.name, coalesce(k.name, '') AS company, coalesce(r.birthday, '') AS birthday, "
    f"'' AS region, (SELECT count(*) FROM (SELECT 1 FROM contact o WHERE o.name_key = r.name_key LIMIT {_MANY})) "
    f"AS namesakes, {_WAYS.format(table='contact', most=_MANY)} "
    "FROM contact r LEFT JOIN company k ON k.id = r.company_id",
    "company": "SELECT r.id, r.name, '' AS company, '' AS birthday, coalesce(r.region, '') AS region, "
    f"1 AS namesakes, {_WAYS.format(table='company', most=_MANY)} FROM company r",
}
_ALIKE = {"contact": contacts_alike, "company": companies_alike}


class Pair(NamedTuple):
    """Two records that may be one."""

    likeness: Likeness
    a: int
    b: int


def likely_pairs(reader: Reader, name: str, least: int, among: Collection[int] | None = None) -> list[Pair]:
    """Return the pairs of contacts or companies (`name`) that score `least` or more, best first.

    Pairs of which the user said that they are two are left out.

    With `among` (ids) at least one of each pair is one of them.
    """
    connection = reader.connection
    connection.execute("BEGIN")  # one moment of the database, and temporary tables that leave with it
    try:
        distinct = {*map(tuple, connection.execute(_DISTINCT, (name,)))}
        pairs = [
            (a, b)
            for a, b in _candidates(connection, name)
            if (among is None or a in among or b in among) and (a, b) not in distinct
        ]
        parties = _parties(connection, name, sorted({id_ for pair in pairs for id_ in pair}))
    finally:
        connection.execute("ROLLBACK")
    alike = _ALIKE[name]
    scored = (Pair(alike(parties[a], parties[b]), a, b) for a, b in pairs)
    likely = [pair for pair in scored if pair.likeness.score >= least]
    return sorted(likely, key=lambda pair: (-pair.likeness.score, pair.a, pair.b))


def _candidates(connection: sqlite3.Connection, name: str) -> Iterator[tuple[int, int]]:
    """Yield the pairs of ids that are worth comparing."""
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute(f"INSERT INTO likely_key {_POINTS.format(table=name)}")
    connection.executemany("INSERT INTO likely_key VALUES (?, ?, ?, ?)", _keys(connection, name))
    connection.execute(_PLACES)
    yield from connection.execute(_PAIRS)


def pair_rows(reader: Reader, name: str, pairs: list[Pair]) -> Iterator[Row]:
    """Yield pairs as records: the score, the reasons, and who the two are."""
    for start in range(0, len(pairs), _CHUNK):
        part = pairs[start : start + _CHUNK]
        ids = sorted({id_ for pair in part for id_ in (pair.a, pair.b)})
        who = {row["id"]: row for row in candidates(reader, name, ids)}
        for pair in part:
            yield {
                "score": pair.likeness.score,
                "why": list(pair.likeness.why),
                "a": who[pair.a],
                "b": who[pair.b],
            }


def _keys(connection: sqlite3.Connection, name: str) -> Iterator[_Key]:
    if name == "contact":
        rows = connection.execute(
            "SELECT r.id, r.name, coalesce(k.name, ''), coalesce(r.birthday, '') FROM contact r "
            "LEFT JOIN company k ON k.id = r.company_id"
        )
        for id_, called, company, birthday in rows:
            yield from _keys_of_contact(id_, called, company, birthday)
    else:
        for id_, called in connection.execute("SELECT id, name FROM company"):
            yield from _keys_of_company(id_, called)


def _keys_of_contact(id_: int, name: str, company: str, birthday: str) -> Iterator[_Key]:
    """Yield a contact's keys: the name as it sounds, with the company, without one, or with the birthday; initials."""
    forms = name_forms(name)
    firm = next(iter(firm_sounds(company)), "")
    for sound in {*forms.sounds} or {forms.key}:
        yield f"name {sound}", firm, forms.key, id_
        if birthday:
            yield f"born {birthday} {sound}", "", forms.key, id_
    if firm:
        yield f"initials {forms.initials} {firm}", "", forms.key, id_


def _keys_of_company(id_: int, name: str) -> Iterator[_Key]:
    """Yield a company's keys: the name as it sounds; its halves, one of which a typing error spares."""
    forms = name_forms(firm_name(name)[0])
    sounds = firm_sounds(name) or (forms.key,)
    for sound in {*sounds}:
        yield f"name {sound}", "", sound, id_
    if not forms.chinese:
        sound = sounds[0]
        for half in {len(sound) // 2, (len(sound) - 1) // 2} - {-1, 0, 1}:
            yield f"first {sound[:half]}", "", sound, id_
            yield f"last {sound[-half:]}", "", sound[::-1], id_


def _parties(connection: sqlite3.Connection, name: str, ids: list[int]) -> dict[int, Party]:
    """Return what is compared of these records."""
    found = {}
    for start in range(0, len(ids), _CHUNK):
        marks = ", ".join(map(str, ids[start : start + _CHUNK]))
        for row in connection.execute(f"{_PARTIES[name]} WHERE r.id IN ({marks})"):
            found[row["id"]] = _party(row)
    return found


def _party(row: Any) -> Party:
    ways = tuple(Way(*way) for way in json.loads(row["ways"]))
    return Party(row["name"], ways, row["company"], row["birthday"], row["region"], row["namesakes"])
