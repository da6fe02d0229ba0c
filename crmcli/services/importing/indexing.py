"""The search index of a long file: filled while the file is read.

The documents of a batch are made by the process that reads it, and go into the index while that one reads the next.
What is missing by then are the records' ids: so each row is promised one, as much further on as the row is. Where
nearly nobody is there yet, nearly every row becomes a record of its own and gets what it was promised; what few others
have left wrong in the index is mended at the end.
"""

from collections.abc import Mapping

from crmcli.services.importing.parties import Party
from crmcli.services.importing.plan import Plan
from crmcli.services.importing.staging import Tables, count
from crmcli.store.bulk import FEW, next_id
from crmcli.store.search import INDEX, documents, index_anew
from crmcli.store.transaction import Transaction

_FIRST_ROW = 2
"""The number of the row below the header."""

_MOVE = """
INSERT INTO moved
WITH RECURSIVE number (id) AS (SELECT :first UNION ALL SELECT id + 1 FROM number WHERE id < :last)
SELECT gap.id, late.row
FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM number WHERE id NOT IN (SELECT id FROM made)) gap
JOIN (SELECT row, row_number() OVER (ORDER BY id) AS place FROM made WHERE id > :last) late ON late.place = gap.place
"""

_PROMISED_IN_VAIN = "SELECT row FROM forgotten UNION SELECT row FROM match UNION SELECT row FROM moved"
_TOLD_MORE = "SELECT n.id FROM member m JOIN made n ON n.row = m.leader WHERE m.added"
_CALLED_OTHERWISE = (
    "SELECT n.id FROM made n JOIN incoming i ON i.row = n.row WHERE i.company_key IN "
    "(SELECT e.key FROM employer e JOIN company k ON k.id = e.id WHERE e.several OR e.name <> k.name)"
)
"""Records at a company whose name is not written the same everywhere: the document has the row's, not the company's."""


class Indexer:
    """Indexes the rows of a batch as the records that they become, if each becomes one of its own."""

    def __init__(self, party: Party, places: Mapping[str, int], promised: int) -> None:
        """`places`: where a row's values stand; `promised`: what makes a row's number its record's id."""
        self._table = party.table
        self._promised = promised
        self._called = places.get("name", 0)
        self._searched = [places[name] for name in party.searched if name in places]
        self._employer = [places["company"]] if "company" in places else []

    def index(self, tables: Tables) -> None:
        """Add the documents of a batch."""
        if not tables["incoming"]:
            return
        ways: dict[int, str] = {}
        for row, _place, _kind, _label, value, _key, digits in tables["incoming_point"]:
            ways[row] = f"{ways[row]} {digits or value}" if row in ways else digits or value
        tags: dict[int, str] = {}
        for row, _place, tag, _key in tables["incoming_tag"]:
            tags[row] = f"{tags[row]} {tag}" if row in tags else tag
        columns = [*zip(*tables["incoming"], strict=True)]
        rows = columns[0]
        said = [
            [self._promised + row for row in rows],
            columns[self._called] if self._called else [None] * len(rows),
            [*map(ways.get, rows)],
            *[columns[place] for place in self._searched],
            [*map(tags.get, rows)],
            *[columns[place] for place in self._employer],
        ]
        tables[INDEX] = [*documents(self._table, said)]


def promised_ids(tx: Transaction, party: Party, plan: Plan) -> int | None:
    """Return what makes a row's number its record's id; None where rows are not indexed while they are read."""
    first = next_id(tx.connection, party.table)
    return first - _FIRST_ROW if plan.long and first <= FEW else None


def give_promised_ids(tx: Transaction, promised: int) -> None:
    """Fill the table `made`: ids follow each other, so the last records take the places of rows that became none."""
    connection = tx.connection
    connection.execute("CREATE TEMP TABLE moved (id INTEGER PRIMARY KEY, row INTEGER)")
    connection.execute(
        "INSERT INTO made SELECT ? + row, row FROM incoming WHERE row NOT IN (SELECT row FROM match) ORDER BY row",
        (promised,),
    )
    last = promised + _FIRST_ROW - 1 + count(connection, "made")
    if connection.execute("SELECT max(id) > ? FROM made", (last,)).fetchone()[0]:
        connection.execute(_MOVE, {"first": promised + _FIRST_ROW, "last": last})
        connection.execute("DELETE FROM made WHERE id > ?", (last,))
        connection.execute("INSERT INTO made SELECT id, row FROM moved")


def mend_index(tx: Transaction, party: Party, promised: int) -> None:
    """Put right what was indexed of rows that became no record, another one, or a part of one."""
    wrong = [f"SELECT {promised} + row AS id FROM ({_PROMISED_IN_VAIN})", "SELECT id FROM moved", _TOLD_MORE]
    wrong += [_CALLED_OTHERWISE] * party.belongs
    index_anew(tx.connection, party.table, " UNION ".join(wrong))
    tx.indexed.add(party.table)
