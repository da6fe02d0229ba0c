"""Reading the journal: which changes there were, and what each did to a record, field by field."""

import json
from collections.abc import Iterator
from typing import Any

from crmcli.nouns import NOUNS, noun
from crmcli.queries.reader import Reader, Row, at_one_moment, get_many
from crmcli.store.relations import WITHIN, parts_of_contact

DERIVED = frozenset({"name_key", "pinyin", "initials", "sort_key", "key", "digits", "updated_at"})
"""Columns that follow from others: what happened to them says nothing more."""

_NO_RECORDS = (*WITHIN, "former_uid")
"""Tables whose rows nobody takes for a record."""

_RANGES = "SELECT g.change_id FROM change_range g "

_IMAGES = """
SELECT s.entity, s.entity_id, f.before, l.after
FROM (
    SELECT entity, entity_id, min(id) AS first, max(id) AS last FROM change_row
    WHERE change_id = :change {contact} GROUP BY entity, entity_id
) s
JOIN change_row f ON f.id = s.first
JOIN change_row l ON l.id = s.last
ORDER BY s.first
"""

_NEXT_IMAGE = """
SELECT before FROM change_row WHERE entity = :entity AND entity_id = :id AND change_id > :change
ORDER BY change_id, id LIMIT 1
"""


@at_one_moment
def list_changes(reader: Reader, contact: int | None = None, limit: int = 0) -> list[Row]:
    """Return changes, newest first, at most `limit` of them (all when 0).

    Those of one contact have `changes`: see `details`.
    """
    where = f"WHERE id IN ({_about_contact(reader)})" if contact is not None else ""
    sql = f"SELECT id FROM change {where} ORDER BY id DESC LIMIT {int(limit) or -1}"
    rows = get_many(reader, "change", [row["id"] for row in reader.all(sql, {"contact": contact})])
    if contact is not None:
        for row in rows:
            row["changes"] = list(details(reader, row["id"], contact))
    return rows


def in_journal(reader: Reader, contact: int) -> bool:
    """Return whether the journal knows a contact of this id, who may be deleted."""
    return bool(reader.all(f"{_about_contact(reader)} LIMIT 1", {"contact": contact}))


def details(reader: Reader, change: int, contact: int | None = None) -> Iterator[Row]:
    """Yield what a change did, to everything or to what belongs to one contact.

    `what` is `created`, `deleted` (`after`, or `before`, is the whole record) or `changed` (an item for each `field`).
    """
    condition = "AND contact_id = :contact" if contact is not None else ""
    values = {"change": change, "contact": contact}
    seen = set()
    for entity, id_, before, after in reader.connection.execute(_IMAGES.format(contact=condition), values):
        seen.add((entity, id_))
        yield from _difference(entity, id_, _image(reader, entity, before), _image(reader, entity, after))
    if contact is not None:
        for entity, id_, after in _created_in_bulk(reader, change, contact):
            if (entity, id_) not in seen:
                yield from _difference(entity, id_, None, _image(reader, entity, after))


def count_records(reader: Reader, change: int) -> int:
    """Return how many records a change touched: a phone or a tag is a part of one, and counts only by itself."""
    sql = f"""
    SELECT entity NOT IN {_NO_RECORDS} AS whole, sum(count) AS count FROM (
        SELECT entity, count(DISTINCT entity_id) AS count FROM change_row WHERE change_id = :change GROUP BY entity
        UNION ALL SELECT entity, last_id - first_id + 1 FROM change_range WHERE change_id = :change
    ) GROUP BY whole ORDER BY whole DESC LIMIT 1
    """
    return sum(row["count"] for row in reader.all(sql, {"change": change}))


def moved_records(reader: Reader, change: int, party: str) -> dict[str, int]:
    """Return how many records of each table a change gave to another contact or company (`party`)."""
    owner = "json_extract({image}, '$.{party}_id')"
    before, after = (owner.format(image=image, party=party) for image in ("before", "after"))
    rows = reader.all(
        f"SELECT entity, count(*) AS moved FROM change_row WHERE change_id = ? AND {before} <> {after} GROUP BY entity",
        (change,),
    )
    return {row["entity"]: row["moved"] for row in rows}


def gone_with(reader: Reader, change: int, noun: str) -> dict[str, int]:
    """Return how many records of each other table went along with those of a noun that a change has deleted."""
    rows = reader.all(
        "SELECT entity, count(*) AS gone FROM change_row WHERE change_id = ? AND after IS NULL AND entity <> ? "
        "GROUP BY entity",
        (change, noun),
    )
    return {row["entity"]: row["gone"] for row in rows}


def left_by(reader: Reader, change: int, noun: str) -> int:
    """Return how many contacts have no company since a change deleted theirs."""
    sql = "SELECT count(*) AS left FROM change_row WHERE change_id = ? AND entity = 'contact' AND after IS NOT NULL"
    return int(reader.all(sql, (change,))[0]["left"]) if noun == "company" else 0


def name_of(reader: Reader, entity: str, id_: int) -> str:
    """Return the name of a contact or company, or its number when it is gone."""
    rows = reader.all(f"SELECT name FROM {entity} WHERE id = ?", (id_,))
    return str(rows[0]["name"]) if rows else f"#{id_}"


def _difference(entity: str, id_: int, before: Row | None, after: Row | None) -> Iterator[Row]:
    """Yield one item for a record that came or went, one for each field of one that changed."""
    about = {"entity": entity, "id": id_}
    if before is not None and after is not None:
        for field, value in after.items():
            if before.get(field) != value:
                yield {**about, "what": "changed", "field": field, "before": before.get(field), "after": value}
    elif before is not None or after is not None:
        what = "deleted" if after is None else "created"
        yield {**about, "what": what, "field": None, "before": before, "after": after}


def _image(reader: Reader, entity: str, text: str | None) -> Row | None:
    """Return a journalled row as an object, moments local, without what follows from other columns."""
    if text is None:
        return None
    moments = {field.name for field in noun(entity).fields if field.kind == "moment"} if entity in NOUNS else {"at"}
    image: dict[str, Any] = json.loads(text)
    return {
        name: reader.local(value) if name in moments else value for name, value in image.items() if name not in DERIVED
    }


def _keys(reader: Reader) -> dict[str, str]:
    """Return the column that says whose a row is: of contacts, and of every table whose rows belong to one."""
    parts = parts_of_contact(reader.connection)
    return {"contact": "id", **{part.table: part.column for part in parts if part.owner == "contact"}}


def _about_contact(reader: Reader) -> str:
    """Return the SELECT of the changes that were about `:contact`."""
    created = (
        f"{_RANGES} JOIN {table} r ON r.id BETWEEN g.first_id AND g.last_id AND r.{key} = :contact "
        f"WHERE g.entity = '{table}'"
        for table, key in _keys(reader).items()
        if table != "contact"
    )
    return " UNION ".join(
        [
            "SELECT change_id FROM change_row WHERE contact_id = :contact",
            f"{_RANGES} WHERE g.entity = 'contact' AND :contact BETWEEN g.first_id AND g.last_id",
            *created,
        ]
    )


def _created_in_bulk(reader: Reader, change: int, contact: int) -> Iterator[tuple[str, int, str]]:
    """Yield what an import created of a contact, as it was then: before its next change, or as it still is."""
    keys = _keys(reader)
    for entity, first, last in reader.all(
        "SELECT entity, first_id, last_id FROM change_range WHERE change_id = ?", (change,)
    ):
        if entity not in keys:
            continue
        for row in reader.all(
            f"SELECT * FROM {entity} WHERE {keys[entity]} = ? AND id BETWEEN ? AND ?", (contact, first, last)
        ):
            later = reader.all(_NEXT_IMAGE, {"entity": entity, "id": row["id"], "change": change})
            image = later[0]["before"] if later else None
            yield entity, row["id"], image or json.dumps(dict(row), ensure_ascii=False)
