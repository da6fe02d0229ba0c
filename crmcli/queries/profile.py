"""Everything about one contact: the record, what is open, and what happened last."""

from datetime import datetime
from typing import Any

from crmcli.queries.agenda.items import midnight
from crmcli.queries.reader import Reader, Row, at_one_moment, get, get_many


@at_one_moment
def read_profile(reader: Reader, id_: int, *, followups: int) -> Row:
    """Return a contact with what is open, the last `followups`, `attachments` and `contacts_this_year`.

    Raises NotFoundError when there is no such contact.
    """
    who = {"id": id_, "last": followups}
    open_complaint = "contact_id = :id AND resolved_at IS NULL AND closed_at IS NULL"
    ids = {
        "callback": "SELECT id FROM callbacks WHERE contact_id = :id AND status = 'open' ORDER BY due_on",
        "complaint": f"SELECT id FROM complaints WHERE {open_complaint} ORDER BY deadline_at",
        "promise": "SELECT id FROM promises WHERE contact_id = :id AND status = 'open' ORDER BY due_on",
        "followup": "SELECT id FROM followups WHERE contact_id = :id ORDER BY at DESC, id DESC LIMIT :last",
        "attachment": "SELECT id FROM attachments WHERE contact_id = :id ORDER BY created_at DESC, id DESC",
    }
    lists = {f"{name}s": get_many(reader, name, [row[0] for row in reader.all(sql, who)]) for name, sql in ids.items()}
    for name in ("callbacks", "promises"):
        lists[name].sort(key=_due)
    return {**get(reader, "contact", id_), **lists, "contacts_this_year": _this_year(reader, id_)}


def _due(row: Row) -> tuple[Any, ...]:
    """Sort by the user's day, wherever it was promised, within it by time, and what has no time last."""
    return row["due"][:10], row["all_day"], datetime.fromisoformat(row["due"])


def _this_year(reader: Reader, id_: int) -> int:
    """Return how often there was contact in the user's calendar year; a note is none."""
    values = {"id": id_, "start": midnight(reader, reader.now.date().replace(month=1, day=1))}
    sql = "SELECT count(*) FROM followups WHERE contact_id = :id AND at >= :start AND at <= :now AND kind <> 'note'"
    return int(reader.all(sql, values)[0][0])
