"""The search index: what is found by `crm find` and by the free words of a query.

Filled from the tables with SQL, whose text passes through the functions registered here (Chinese into characters,
phones into parts, names with their pinyin). Which rows to index anew is read from the journal, so nothing that is
written can be forgotten.
"""

import sqlite3
from functools import lru_cache

from crmcli.rules.names import search_name, segment
from crmcli.rules.phones import digit_tokens

ENTITIES = {"contact": 0, "company": 1, "followup": 2, "callback": 3, "complaint": 4}
"""The kinds of record that are indexed; the number is part of a row's id."""

_REPEATED = 1 << 14
"""How many names and short texts are remembered while an import is indexed: many people share theirs."""
_SHORT = 24
"""Characters."""

_REACH = (
    "(SELECT search_reach(group_concat(coalesce(p.digits, p.value), ' ')) FROM contact_point p "
    "WHERE p.{party}_id = r.id)"
)
_TAGS = "(SELECT group_concat(t.name, ' ') FROM tag t WHERE t.{party}_id = r.id)"

_DOCUMENTS = {
    "contact": (
        f"search_name(r.name), {_REACH.format(party='contact')}, search_text("
        f"r.title, r.region, r.address, r.notes, nullif(r.fields, '{{}}'), {_TAGS.format(party='contact')}, "
        "(SELECT k.name FROM company k WHERE k.id = r.company_id)), r.id"
    ),
    "company": (
        f"search_name(r.name), {_REACH.format(party='company')}, search_text(r.industry, r.website, "
        f"r.region, r.address, r.notes, nullif(r.fields, '{{}}'), {_TAGS.format(party='company')}), NULL"
    ),
    "followup": "NULL, NULL, search_text(r.text, r.outcome), r.contact_id",
    "callback": "NULL, NULL, search_text(r.purpose), r.contact_id",
    "complaint": (
        "NULL, NULL, search_text(r.text, "
        "(SELECT group_concat(s.note, ' ') FROM complaint_step s WHERE s.complaint_id = r.id)), r.contact_id"
    ),
}
"""For each kind: name, reach, body, and the contact that it belongs to."""

_COLUMNS = "rowid, name, reach, body, contact_id, entity, entity_id"

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
_ADDED_TO = (
    "SELECT p.{whole}_id FROM change_range a JOIN {part} p ON p.id BETWEEN a.first_id AND a.last_id "
    "WHERE a.change_id = :change AND a.entity = '{part}'"
)
"""What got a part in bulk: a phone that an import fills in."""

for _whole, _parts in (
    ("contact", ("contact_point", "tag")),
    ("company", ("contact_point", "tag")),
    ("complaint", ("complaint_step",)),
):
    _TOUCHED[_whole] += [_ADDED_TO.format(whole=_whole, part=_part) for _part in _parts]


def refresh(connection: sqlite3.Connection, change: int) -> None:
    """Index anew every record that this change touched, and index those that it created in bulk."""
    _register(connection)
    values = {"change": change}
    for entity, number in ENTITIES.items():
        touched = " UNION ".join(_TOUCHED[entity])
        created = _IN_RANGE.format(entity=entity, id="t.id")
        known = f"SELECT t.id FROM ({touched}) t WHERE NOT EXISTS ({created})"
        connection.execute(f"DELETE FROM search WHERE rowid IN (SELECT id * 8 + {number} FROM ({known}))", values)
        connection.execute(f"{_insert(entity)} WHERE r.id IN ({known})", values)
    for entity, first, last in connection.execute(
        "SELECT entity, first_id, last_id FROM change_range WHERE change_id = ?", (change,)
    ).fetchall():
        if entity in ENTITIES:
            connection.execute(f"{_insert(entity)} WHERE r.id BETWEEN ? AND ?", (first, last))


def rebuild(connection: sqlite3.Connection) -> None:
    """Index everything."""
    _register(connection)
    connection.execute("DELETE FROM search")
    for entity in ENTITIES:
        connection.execute(_insert(entity))


def differences(connection: sqlite3.Connection) -> int:
    """Return how many documents are missing, superfluous or not what they would be if they were made anew."""
    _register(connection)
    found = 0
    for entity in ENTITIES:
        stale = f"SELECT count(*) FROM ({_documents(entity)} EXCEPT SELECT {_COLUMNS} FROM search)"
        extra = "SELECT count(*) FROM search WHERE entity = ? AND entity_id NOT IN (SELECT id FROM {table})"
        found += connection.execute(stale).fetchone()[0]
        found += connection.execute(extra.format(table=entity), (entity,)).fetchone()[0]
    return found


def _insert(entity: str) -> str:
    return f"INSERT INTO search ({_COLUMNS}) {_documents(entity)}"


def _documents(entity: str) -> str:
    return f"SELECT r.id * 8 + {ENTITIES[entity]}, {_DOCUMENTS[entity]}, '{entity}', r.id FROM {entity} r"


def _register(connection: sqlite3.Connection) -> None:
    """Give the connection the functions that the documents are made with."""
    connection.create_function("search_name", 1, lru_cache(_REPEATED)(search_name), deterministic=True)
    connection.create_function("search_text", -1, _text, deterministic=True)
    connection.create_function("search_reach", 1, _reach, deterministic=True)


def _text(*parts: str | None) -> str:
    """Return the words of texts, of which short ones (a title, a region, a company) are the same again and again."""
    return " ".join([_short(part) if len(part) <= _SHORT else segment(part) for part in parts if part])


@lru_cache(_REPEATED)
def _short(text: str) -> str:
    return segment(text)


def _reach(ways: str | None) -> str:
    """Return how somebody is found: phones by any part of their numbers, everything else by its words."""
    if not ways:
        return ""
    return " ".join([digit_tokens(way) if way.isdecimal() else segment(way) for way in ways.split(" ")])
