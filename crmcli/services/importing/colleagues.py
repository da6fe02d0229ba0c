"""Numbers and addresses that people share: an office's identify somebody only together with the name.

Of whom a row is whose name is quite another, what they have in common tells: at a mobile, a mailbox of one's own or a
handle it is the same person under a new name; at an office's number somebody else; and where a number says neither
(most countries' don't), the row is turned away: it is never guessed.
"""

import sqlite3

from crmcli.rules.likeness import name_forms, name_likeness
from crmcli.services.importing.keys import POINT, holder

_HOLDERS = 20
"""Of so many who have a number all names are compared; of more, one that is exactly the same is still found."""

_KEYS = "p.kind IN ({kinds}) AND p.key NOT GLOB 'web:*'"
_SURER = f"(SELECT row FROM match WHERE tier < {POINT})"
_HOLDER = holder("p", "o")
_NO_PERSON = f"{holder('p')} <> 'person'"
"""Asked before the other side is looked up: most points are a person's."""

_NAMESAKES = f"""
INSERT INTO match SELECT DISTINCT p.row, r.id, {POINT}
FROM incoming_point p CROSS JOIN incoming i ON i.row = p.row CROSS JOIN contact r ON r.name_key = i.name_key
CROSS JOIN contact_point o ON o.contact_id = r.id AND o.key = p.key AND o.kind = p.kind
WHERE {_KEYS} AND {_NO_PERSON} AND p.row NOT IN {_SURER}
"""
_SHARING = f"""
SELECT DISTINCT p.row, r.id, i.name, r.name, {_HOLDER} = 'office'
FROM incoming_point p CROSS JOIN incoming i ON i.row = p.row
CROSS JOIN contact_point o ON o.id IN (
    SELECT id FROM contact_point s WHERE s.key = p.key AND s.kind = p.kind AND s.contact_id IS NOT NULL LIMIT {_HOLDERS}
)
CROSS JOIN contact r ON r.id = o.contact_id
WHERE {_KEYS} AND {_NO_PERSON} AND {_HOLDER} <> 'person' AND p.row NOT IN (SELECT row FROM match)
"""
_PERSONS = f"""
INSERT OR IGNORE INTO match SELECT DISTINCT p.row, o.contact_id, {POINT}
FROM incoming_point p CROSS JOIN contact_point o ON o.key = p.key AND o.kind = p.kind AND o.contact_id IS NOT NULL
WHERE {_KEYS} AND {_HOLDER} = 'person' AND p.row NOT IN {_SURER}
"""


def match_reached(connection: sqlite3.Connection, kinds: str) -> list[tuple[int, int]]:
    """Match rows with the contacts who are reached in the same way; `kinds`: the ways that count, as an SQL list.

    Return the rows that share a number with somebody whose name is quite another, and with whom, where nothing else
    is known of either.
    """
    connection.execute(_NAMESAKES.format(kinds=kinds))
    doubtful = []
    for row, found, name, known, office in connection.execute(_SHARING.format(kinds=kinds)).fetchall():
        alike = name is None or name_likeness(name_forms(name), name_forms(known))
        if alike or not office:
            connection.execute("INSERT OR IGNORE INTO match VALUES (?, ?, ?)", (row, found, POINT))
        if not alike and not office:
            doubtful.append((row, found))
    connection.execute(_PERSONS.format(kinds=kinds))
    return doubtful
