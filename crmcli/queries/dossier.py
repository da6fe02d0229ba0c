"""Everything that is kept about one person: what they may ask to see."""

from crmcli.nouns import NOUNS
from crmcli.queries.history import list_changes
from crmcli.queries.reader import Reader, Row, at_one_moment, get, get_many
from crmcli.store.relations import WITHIN, parts_of_contact


@at_one_moment
def read_dossier(reader: Reader, id_: int) -> Row:
    """Return a `contact` with all that belongs to them: follow-ups, callbacks, complaints with their steps.

    What is no record of the command line is there as it is stored. `journal` is every change that the journal has of
    them, field by field. Raises NotFoundError.
    """
    content: Row = {"as_of": reader.now.isoformat(), "contact": get(reader, "contact", id_)}
    ids = {"contact": [id_]}
    for table, column, owner in parts_of_contact(reader.connection):
        marks = ", ".join(map(str, ids.get(owner, ())))
        rows = reader.all(f"SELECT * FROM {table} WHERE {column} IN ({marks}) ORDER BY id")
        known = ids.setdefault(table, [])
        rows = [row for row in rows if row["id"] not in known]
        known += [row["id"] for row in rows]
        if table in NOUNS:
            content.setdefault(f"{table}s", []).extend(get_many(reader, table, [row["id"] for row in rows]))
        elif table not in WITHIN:
            content.setdefault(f"{table}s", []).extend(dict(row) for row in rows)
    return {**content, "journal": list_changes(reader, id_)}
