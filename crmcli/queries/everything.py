"""All records of a database, one after another: what an export of everything has, in the order of its import."""

import re
from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path

from crmcli.nouns import CONTENT, RECORD, Noun, noun
from crmcli.queries.reader import Reader, Row
from crmcli.queries.records import page
from crmcli.queries.versions import PLANNER, changes
from crmcli.rules.custom_fields import PARTIES
from crmcli.rules.presets import BASE
from crmcli.store.files import require_whole
from crmcli.store.presets import COLUMNS, QUESTION, general_questions, general_words, preset_text, used

_PIECE = 3 << 18
"""Bytes of a content in one record: as text, a million characters."""

EVERYTHING = Noun(name="all", plural="all", view="", fields=(), columns=(), sort=())
"""Records of every noun together: each has its own fields."""
ORDER = (
    *("preset", "vocabulary", "service-level", "field", "notice", "question"),
    *("company", "contact", "former", "distinct", "consent", "complaint", "callback", "followup", "promise"),
    *("supervision", "answer", "survey", "attachment"),
)
LINKS = {
    "contact": {"company_uid": ("company", "company_id"), "referred_by_uid": ("contact", "referred_by_id")},
    "consent": {"contact_uid": ("contact", "contact_id")},
    "followup": {"callback_uid": ("callback", "callback_id"), "complaint_uid": ("complaint", "complaint_id")},
    "promise": {
        "followup_uid": ("followup", "followup_id"),
        "complaint_uid": ("complaint", "complaint_id"),
        "replaces_uid": ("promise", "replaces_id"),
    },
    "supervision": {f"{item}_uid": (item, f"{item}_id") for item in ("callback", "complaint", "promise")},
    "answer": {"complaint_uid": ("complaint", "complaint_id")},
    "survey": {"complaint_uid": ("complaint", "complaint_id")},
    "attachment": {
        "contact_uid": ("contact", "contact_id"),
        "complaint_uid": ("complaint", "complaint_id"),
        "followup_uid": ("followup", "followup_id"),
    },
}
"""The records that a record points at: the field that holds their uid, since an id means nothing in another database;
their table; and the record's column."""


_UNSEEN = {
    "former": (
        "SELECT :noun AS noun, f.uid, p.uid AS left_uid FROM former_uid f JOIN {noun} p ON p.id = f.{noun}_id "
        "ORDER BY f.id"
    ),
    "distinct": (
        "SELECT d.noun, p.uid AS one_uid, o.uid AS other_uid FROM distinct_pair d JOIN {noun} p ON p.id = d.low_id "
        "JOIN {noun} o ON o.id = d.high_id WHERE d.noun = :noun ORDER BY d.id"
    ),
}
"""What is known of contacts and companies that no noun declares, since nothing shows it: the uid of one that was merged
into the one that is `left`, and two that the user said are not the same."""

CHANGED = "changed"
"""The field that says when each value of a record was last changed, if it was since the record was made."""
TABLES = {
    **{name: name for name in ("company", "contact", "complaint", "callback", "followup", "promise")},
    **{name: name for name in ("supervision", "answer", "survey", "attachment")},
    **{name: name for name in ("vocabulary", "notice", "question")},
    "field": "custom_field",
    "service-level": "service_level",
}
"""The tables of records that have it."""
STEP_LINKS = ("complaint", "followup", "answer")
"""What a step of a complaint may name in its data: keys, and tables."""


def read_everything(reader: Reader) -> Iterator[Row]:
    """Yield every record with `record` and its links, in ORDER; of what presets bring, what no new database has.

    A word that was changed and changed back is among them: another database may have taken the change over meanwhile.
    """
    for name in ORDER:
        if name == "preset":
            presets = [row for row in used(reader.connection) if row[:2] != (BASE, preset_text(BASE))]
            yield from ({RECORD: name, "name": of, "text": text, "current": now} for of, text, now in presets)
            continue
        if name in _UNSEEN:
            for party in PARTIES:
                rows = reader.all(_UNSEEN[name].format(noun=party), {"noun": party})
                yield from ({RECORD: name, **row} for row in rows)
            continue
        links = LINKS.get(name, {})
        for row in page(reader, noun(name), "", "set,position" if name == "vocabulary" else "id").rows:
            changed = _changed(reader, name, row)
            if name in _COLUMNS and not changed.get(CHANGED) and _is_preset(name, row):
                continue
            uids = {field: _uid(reader, table, row[column]) for field, (table, column) in links.items()}
            yield {RECORD: name, **row, **uids, **_named_within(reader, name, row), **changed}


def read_contents(reader: Reader, database: Path) -> Iterator[Row]:
    """Yield the contents of all attachments in pieces, each content once. Raises StoreError for one that is damaged."""
    query = "SELECT sha256, min(name) FROM attachment GROUP BY sha256 ORDER BY min(id)"
    for sha256, name in reader.connection.execute(query).fetchall():
        with require_whole(database, sha256, name).open("rb") as stream:
            for number in count():
                piece = stream.read(_PIECE)
                if number and not piece:
                    break
                yield {RECORD: CONTENT, "sha256": sha256, "data": b64encode(piece).decode()}


_COLUMNS = {"vocabulary": COLUMNS, "question": QUESTION}
"""What a new database has already, and how its rows are compared."""


@cache
def _preset() -> frozenset[tuple[str | int | None, ...]]:
    return frozenset((*general_words(), *general_questions()))


def _is_preset(name: str, row: Row) -> bool:
    return not row["hidden"] and tuple(map(row.get, _COLUMNS[name])) in _preset()


def _named_within(reader: Reader, name: str, row: Row) -> Row:
    """Return the fields of a record that name others within a text: by uid, where the database has an id."""
    if name == "callback" and row[PLANNER]:
        what, _colon, which = row[PLANNER].partition(":")
        id_, mark, more = re.split("([@#]|$)", which, maxsplit=1)
        uid = _uid(reader, "contact" if mark == "@" else "complaint", id_)
        return {PLANNER: uid and f"{what}:{uid}{mark}{more}"}
    if name == "complaint":
        return {"steps": [{**step, "data": _step_data(reader, step["data"])} for step in row["steps"]]}
    return {}


def _changed(reader: Reader, name: str, row: Row) -> Row:
    """Return when the values of a record were last changed; nothing where it says that none was since it was made."""
    changed = changes(reader.connection, TABLES[name], row["id"]) if name in TABLES else {}
    as_made = name not in TABLES or row.get("updated_at", "") == row.get("created_at")
    return {} if as_made and not changed else {CHANGED: changed}


def _step_data(reader: Reader, data: Row | None) -> Row | None:
    named = {table: _uid(reader, table, data[table]) for table in STEP_LINKS if table in data} if data else {}
    return {**data, **named} if data else data


def _uid(reader: Reader, table: str, id_: int | str | None) -> str | None:
    row = reader.connection.execute(f"SELECT uid FROM {table} WHERE id = ?", (id_,)).fetchone()
    return row and str(row[0])
