"""Everything that is kept about one person: what they may ask to see."""

from crmcli.queries.history import list_changes
from crmcli.queries.reader import Reader, Row, get, get_many

_PARTS = ("followup", "callback", "complaint", "attachment", "consent")


def read_dossier(reader: Reader, id_: int) -> Row:
    """Return a `contact` with all their follow-ups, callbacks, complaints (with steps), attachments and consents.

    `journal` is every change that the journal has of them, field by field. Raises NotFoundError.
    """
    who = {"id": id_}
    person = get(reader, "contact", id_)
    parts = {
        f"{name}s": get_many(
            reader,
            name,
            [row[0] for row in reader.all(f"SELECT id FROM {name} WHERE contact_id = :id ORDER BY id", who)],
        )
        for name in _PARTS
    }
    return {
        "as_of": reader.now.isoformat(),
        "contact": person,
        **parts,
        "journal": list_changes(reader, id_),
    }
