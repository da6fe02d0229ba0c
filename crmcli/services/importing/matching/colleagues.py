"""Numbers and addresses that people share: who of their holders is meant, and who is somebody else.

Of several who have a number, whoever has the row's name is meant. Of whom the name is quite another, the number tells:
at a mobile, a mailbox of one's own or a handle it is the same person under a new name, unless another row is that
person, or may be as well; at an office's number it is somebody else. Where a number says neither (most countries'
don't), or several contacts of other names have it, the row is turned away: it is never guessed.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from crmcli.rules.likeness import name_forms, name_likeness
from crmcli.services.importing.matching.keys import POINT, holder

HOLDERS = 20
"""Of so many who have a number all names are compared; of more, one that is exactly the same is still found."""

_KEYS = "p.kind IN ({kinds}) AND p.key NOT GLOB 'web:*'"
_SOME = (
    "SELECT s.id FROM contact_point s WHERE s.key = p.key AND s.kind = p.kind AND s.contact_id IS NOT NULL "
    f"LIMIT {HOLDERS}"
)
_REACHED = f"""
INSERT INTO match SELECT DISTINCT p.row, o.contact_id, {POINT}
FROM incoming_point p CROSS JOIN contact_point o ON o.id IN ({_SOME})
WHERE {_KEYS} AND p.row NOT IN (SELECT row FROM match)
"""
_UNSURE = f"""
SELECT m.row FROM match m CROSS JOIN incoming i ON i.row = m.row CROSS JOIN contact r ON r.id = m.target
WHERE m.tier = {POINT} AND i.name_key IS NOT r.name_key
UNION SELECT row FROM match WHERE tier = {POINT} GROUP BY row HAVING count(*) > 1
"""
_HOLDERS = f"""
SELECT p.place, r.id, r.name, {holder("p", "o")}
FROM incoming_point p CROSS JOIN contact_point o ON o.id IN ({_SOME}) CROSS JOIN contact r ON r.id = o.contact_id
WHERE p.row = :row AND {_KEYS}
UNION
SELECT * FROM (
    SELECT p.place, r.id, r.name, {holder("p", "o")}
    FROM incoming i CROSS JOIN contact r ON r.name_key = i.name_key CROSS JOIN contact_point o ON o.contact_id = r.id
    CROSS JOIN incoming_point p ON p.row = i.row AND p.key = o.key AND p.kind = o.kind
    WHERE i.row = :row AND {_KEYS} LIMIT {HOLDERS}
)
"""


class Meant(NamedTuple):
    """Who is meant by the numbers of a row, whether one of them has its name, and whether one is a person's own."""

    targets: set[int]
    alike: bool
    personal: bool


def of_this_name(name: str | None, holders: Mapping[int, str | None], *, office: bool) -> tuple[set[int], bool]:
    """Return who of a number's holders is meant, and whether they have the name or one like it."""
    if name is None:
        return {*holders}, True
    forms = name_forms(name)
    others = {target: name_forms(called) for target, called in holders.items() if called}
    same = {target for target, other in others.items() if other.key == forms.key}
    alike = same or {target for target, other in others.items() if name_likeness(forms, other)}
    return (alike, True) if alike else (set() if office else {*holders}, False)


def match_reached(connection: sqlite3.Connection, kinds: str) -> list[tuple[int, int]]:
    """Match rows with the contacts who are reached in the same way; `kinds`: the ways that count, as an SQL list.

    Return the rows that share a number with somebody whose name is quite another, and with whom, where nothing else
    is known of either. Of those who are somebody else the table `apart` tells.
    """
    connection.execute(_REACHED.format(kinds=kinds))
    renamed: dict[int, tuple[int, bool]] = {}
    for (row,) in connection.execute(_UNSURE).fetchall():
        meant = _meant(connection, row, kinds)
        connection.execute("DELETE FROM match WHERE row = ?", (row,))
        connection.executemany("INSERT INTO match VALUES (?, ?, ?)", [(row, target, POINT) for target in meant.targets])
        if len(meant.targets) == 1 and not meant.alike:
            renamed[row] = meant.targets.pop(), meant.personal
    if not renamed:
        return []
    claimed = {target for row, target in connection.execute("SELECT row, target FROM match") if row not in renamed}
    claimed |= _wanted_by_several(connection, {row: target for row, (target, _personal) in renamed.items()})
    for row in [row for row, (target, _personal) in renamed.items() if target in claimed]:
        del renamed[row]
        connection.execute("DELETE FROM match WHERE row = ?", (row,))
        connection.execute("INSERT INTO apart VALUES (?)", (row,))
    return [(row, target) for row, (target, personal) in renamed.items() if not personal]


def differ(names: Iterable[str]) -> bool:
    """Return whether names are quite different from the first of them."""
    first, *others = map(name_forms, names)
    return not all(name_likeness(first, other) for other in others)


def _wanted_by_several(connection: sqlite3.Connection, renamed: Mapping[int, int]) -> set[int]:
    """Return who would get quite different names from several rows: at most one of them is that person, if any."""
    names: dict[int, list[str]] = {}
    for row, target in renamed.items():
        (name,) = connection.execute("SELECT name FROM incoming WHERE row = ?", (row,)).fetchone()
        names.setdefault(target, []).append(name)
    return {target for target, several in names.items() if differ(several)}


def _meant(connection: sqlite3.Connection, row: int, kinds: str) -> Meant:
    """Return who is meant by all the numbers of a row together."""
    (name,) = connection.execute("SELECT name FROM incoming WHERE row = ?", (row,)).fetchone()
    found: dict[int, dict[int, str]] = {}
    whose: dict[int, set[str]] = {}
    for place, id_, called, of in connection.execute(_HOLDERS.format(kinds=kinds), {"row": row}):
        found.setdefault(place, {})[id_] = called
        whose.setdefault(place, set()).add(of)
    named: set[int] = set()
    others: set[int] = set()
    shared: set[int] = set()
    personal = False
    for place, holders in found.items():
        meant, same = of_this_name(name, holders, office="office" in whose[place])
        own = "person" in whose[place]
        (named if same else others if own else shared).update(meant)
        personal |= bool(meant) and own
    return Meant(named | others | (set() if named else shared), bool(named), personal)
