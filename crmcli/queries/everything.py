"""All records of a database, one after another: what an export of everything has, in the order of its import."""

from collections.abc import Iterator
from functools import cache

from crmcli.nouns import RECORD, Noun, noun
from crmcli.queries.reader import Reader, Row
from crmcli.queries.records import page
from crmcli.store.presets import COLUMNS, QUESTION, general_questions, general_words

EVERYTHING = Noun(name="all", plural="all", view="", fields=(), columns=(), sort=())
"""Records of every noun together: each has its own fields."""
ORDER = (
    *("vocabulary", "service-level", "field", "question", "company", "contact", "consent", "complaint", "callback"),
    *("followup", "survey", "attachment"),
)
LINKS = {
    "contact": {"company_uid": ("company", "company_id"), "referred_by_uid": ("contact", "referred_by_id")},
    "consent": {"contact_uid": ("contact", "contact_id")},
    "followup": {"callback_uid": ("callback", "callback_id"), "complaint_uid": ("complaint", "complaint_id")},
    "survey": {"complaint_uid": ("complaint", "complaint_id")},
    "attachment": {
        "contact_uid": ("contact", "contact_id"),
        "complaint_uid": ("complaint", "complaint_id"),
        "followup_uid": ("followup", "followup_id"),
    },
}
"""The records that a record points at: the field that holds their uid, since an id means nothing in another database;
their table; and the record's column."""


def read_everything(reader: Reader) -> Iterator[Row]:
    """Yield every record with `record` and its links, in ORDER; of words and questions, what no new database has."""
    for name in ORDER:
        links = LINKS.get(name, {})
        for row in page(reader, noun(name), "", "set,position" if name == "vocabulary" else "id").rows:
            if name in _COLUMNS and not row["hidden"] and tuple(map(row.get, _COLUMNS[name])) in _preset():
                continue
            uids = {field: _uid(reader, table, row[column]) for field, (table, column) in links.items()}
            yield {RECORD: name, **row, **uids}


_COLUMNS = {"vocabulary": COLUMNS, "question": QUESTION}
"""What a new database has already, and how its rows are compared."""


@cache
def _preset() -> frozenset[tuple[str | int | None, ...]]:
    return frozenset((*general_words(), *general_questions()))


def _uid(reader: Reader, table: str, id_: int | None) -> str | None:
    if id_ is None:
        return None
    return str(reader.connection.execute(f"SELECT uid FROM {table} WHERE id = ?", (id_,)).fetchone()[0])
