"""Merging records that are one: everything that belonged to the others belongs to the survivor, and they are deleted.

What refers to a contact or company is found in the schema, so that whatever a later version adds is moved as well.
All of it is one change of the journal: `crm undo` takes it back whole.
"""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from crmcli.errors import UsageError
from crmcli.i18n import _, joined
from crmcli.models.company import Company
from crmcli.models.contact import Contact
from crmcli.nouns import Field, noun
from crmcli.queries.custom_fields import with_custom_fields
from crmcli.queries.reader import Reader, Row, get_many
from crmcli.queries.vocabulary import labels
from crmcli.rules.merging import SINGLE, choose, join_fields, join_notes
from crmcli.services.distinct import move_distinct
from crmcli.services.parties import rename
from crmcli.services.records import load
from crmcli.store.schema import JOURNALLED, SUMMARISED
from crmcli.store.summaries import summarised_once
from crmcli.store.transaction import Transaction

_PARTS = {"contact_point": ("kind", "key"), "tag": ("key",)}
"""What a record has only once: the columns by which two are the same."""
_PLANNED = """
UPDATE OR IGNORE callback
SET notice = substr(notice, 1, instr(notice, ':')) || :survivor || substr(notice, instr(notice, '@'))
WHERE contact_id = :survivor AND notice GLOB '*:' || :other || '@*'
"""
"""What a notice planned for the other record names it, and would be planned again for the survivor."""
_COLUMNS = {"class": "class_", "company": "company_id", "referred_by": "referred_by_id"}
"""Fields whose attribute in the model has another name."""
_MODELS: dict[str, type[Contact | Company]] = {"contact": Contact, "company": Company}


def merge_parties(tx: Transaction, name: str, ids: Sequence[int], take: Collection[str], *, now: datetime) -> None:
    """Merge contacts or companies (`name`) into the first of them and delete the others.

    Its values stay, unless it has none or the field is in `take`; values that are given up go into its notes. Raises
    NotFoundError, and UsageError: see `require_mergeable`.
    """
    require_mergeable(name, ids, take)
    survivor, *others = (load(tx, _MODELS[name], id_) for id_ in ids)
    rows = get_many(Reader(tx.connection, now), name, ids)
    left = _fill(tx.connection, survivor, name, rows, take)
    for other in others:
        left[other.id or 0] = [*left.get(other.id or 0, []), *_move_parts(tx.connection, name, ids[0], other.id or 0)]
    survivor.notes = join_notes([*(row["notes"] for row in rows), *_remarks(rows, left, now.date())])
    survivor.created_at = min(party.created_at for party in (survivor, *others))
    survivor.updated_at = now
    tx.session.flush()
    with summarised_once(tx, _summarised(tx.connection, name, ids[1:])):
        for other in others:
            _move_references(tx.connection, name, ids[0], other.id or 0)
            move_distinct(tx, name, ids[0], other.id or 0)
            former = (other.uid, ids[0])
            tx.session.delete(other)
            tx.connection.execute(f"INSERT INTO former_uid (uid, {name}_id) VALUES (?, ?)", former)
    tx.session.expire_all()


def _summarised(connection: sqlite3.Connection, name: str, ids: Sequence[int]) -> int:
    """Return how many records that a contact's summary counts belong to these."""
    if name != "contact":
        return 0
    count = "SELECT count(*) FROM {table} WHERE contact_id = ?"
    return sum(
        connection.execute(count.format(table=table), (id_,)).fetchone()[0] for table in SUMMARISED for id_ in ids
    )


def require_mergeable(name: str, ids: Sequence[int], take: Collection[str]) -> None:
    """Refuse (UsageError) fewer than two records, and to take what is no field or one whose values are all kept."""
    if len({*ids}) < len(ids) or len(ids) < 2:  # noqa: PLR2004 - a merge is of two at least
        raise UsageError(_("a record can't be merged with itself"), hint=_("name two different ones"))
    unknown = next((field for field in take if field not in SINGLE[name]), None)
    if unknown is not None:
        raise UsageError(
            _("{field} can't be taken from the other record").format(field=unknown),
            hint=_("one of {names}; of lists and notes everything is kept").format(names=joined(SINGLE[name])),
        )


def _fill(
    connection: sqlite3.Connection,
    survivor: Contact | Company,
    name: str,
    rows: Sequence[Row],
    take: Collection[str],
) -> dict[int, list[str]]:
    """Give the survivor the values that were chosen; return what was given up, by id, as `label: value`."""
    left: dict[int, list[str]] = {}
    fields = {field.name: field for field in with_custom_fields(connection, noun(name)).fields}
    said = partial(_said, fields, labels(connection))
    for choice in choose(name, rows, take):
        for at, lost in choice.lost.items():
            left.setdefault(rows[at]["id"], []).append(said(choice.field, lost))
        pointer = f"{choice.field}_id"
        row = rows[choice.kept]
        value = choice.values[choice.kept] and row.get(pointer, row[choice.field])
        if choice.kept or value != rows[0].get(pointer, rows[0][choice.field]):
            setattr(survivor, _COLUMNS.get(choice.field, choice.field), value)
    rename(survivor, survivor.name)
    joined, differing = join_fields(rows)
    survivor.fields = json.dumps(joined, ensure_ascii=False)
    for at, values in differing.items():
        left.setdefault(rows[at]["id"], []).extend(said(field, value) for field, value in values.items())
    return left


def _said(fields: Mapping[str, Field], words: Mapping[tuple[str, str], str], name: str, value: Any) -> str:
    """Return a field and its value as people call them; what is not declared as it is."""
    field = fields.get(name)
    if field is None:
        return _("{label}: {value}").format(label=name, value=value)
    return _("{label}: {value}").format(label=_(field.label), value=words.get((field.vocabulary, value), value))


def _remarks(rows: Sequence[Row], left: dict[int, list[str]], day: date) -> list[str]:
    """Return a line for the notes for each record of which a value was given up."""
    own, other = _("until {day}: {values}"), _("merged on {day} from {name} ({id}): {values}")
    return [
        (own if row is rows[0] else other).format(
            day=day, name=row["name"], id=row["id"], values=_("; ").join(left[row["id"]])
        )
        for row in rows
        if left.get(row["id"])
    ]


def _move_parts(connection: sqlite3.Connection, name: str, survivor: int, other: int) -> list[str]:
    """Give the survivor the other's ways to be reached and tags; return what it has in another form, as text.

    Those that both have go with the other record; what only the other said of them (a label, an extension) is kept.
    """
    values = {"survivor": survivor, "other": other}
    differing = connection.execute(
        f"SELECT DISTINCT coalesce(o.label || '=', '') || o.value FROM contact_point o JOIN contact_point s "
        f"ON s.{name}_id = :survivor AND s.kind = o.kind AND s.key = o.key WHERE o.{name}_id = :other "
        "AND (s.value <> o.value OR s.label <> o.label)",
        values,
    ).fetchall()
    connection.execute(
        f"UPDATE contact_point AS s SET label = o.label FROM contact_point o WHERE s.{name}_id = :survivor "
        f"AND o.{name}_id = :other AND s.kind = o.kind AND s.key = o.key AND s.label IS NULL AND o.label IS NOT NULL",
        values,
    )
    for table, columns in _PARTS.items():
        same = " AND ".join(f"s.{column} = {table}.{column}" for column in columns)
        connection.execute(
            f"UPDATE {table} SET {name}_id = :survivor WHERE {name}_id = :other "
            f"AND NOT EXISTS (SELECT 1 FROM {table} s WHERE s.{name}_id = :survivor AND {same})",
            values,
        )
    return [text for (text,) in differing]


def _move_references(connection: sqlite3.Connection, name: str, survivor: int, other: int) -> None:
    """Point at the survivor whatever pointed at the other record; parts that are left are the survivor's own."""
    for table in JOURNALLED:
        if table in _PARTS:
            continue
        for key in connection.execute(f"PRAGMA foreign_key_list({table})").fetchall():
            if key["table"] == name:
                column = key["from"]
                connection.execute(
                    f"UPDATE {table} SET {column} = :survivor WHERE {column} = :other "
                    f"AND NOT ('{table}' = '{name}' AND id IN (:survivor, :other))",
                    {"survivor": survivor, "other": other},
                )
    if name == "contact":
        connection.execute(_PLANNED, {"survivor": survivor, "other": other})
