"""Which rows of a file are one another.

Nearly all share no key with another row. The others are gone through in their order, each as if those before it had
been written; those that have nothing but a name come last, then those that have none, so that it makes no difference
where in the file they stand.
Rows with different uids, or ids in another program, are different records. Rows that share a phone and have quite
different names are different people: whoever wrote the file knew them apart.
"""

import json
import sqlite3
from typing import NamedTuple

from crmcli.i18n import _
from crmcli.rules.names import Spelt
from crmcli.services.importing.matching.candidates import ambiguous, conflict
from crmcli.services.importing.matching.colleagues import HOLDERS, differ, of_this_name
from crmcli.services.importing.matching.keys import (
    ALONE,
    EXTERNAL,
    NAME,
    POINT,
    TIERS,
    UID,
    UNKNOWN,
    Key,
    bare,
    keys_of,
    tells_people_apart,
)
from crmcli.services.importing.parties import Party
from crmcli.services.importing.plan import Plan, RejectedError
from crmcli.services.importing.staging import forget, reject

_REACHED = """
SELECT k.target, i.name FROM known k LEFT JOIN leader l ON l.target = k.target LEFT JOIN incoming i ON i.row = l.row
WHERE k.key = :key {among} LIMIT :most
"""
_FORESEEN = """
INSERT OR IGNORE INTO foreseen SELECT {text}, m.target FROM incoming JOIN match m ON m.row = incoming.row
WHERE incoming.row IN (SELECT row FROM repeated) AND {has_one}
"""
_OF_NO_OTHER = "AND k.known_as IN ('', :known_as)"
_ALL = -1
"""SQLite's word for no limit."""


class _Own(NamedTuple):
    """A key that a row has."""

    tier: int
    text: str
    leads: bool
    asks: bool
    office: bool


class _Row(NamedTuple):
    """A row that shares a key with another."""

    number: int
    name: str | None
    name_key: str | None
    known_as: str
    """What the program that wrote the file knows it by, and nobody else; empty where it doesn't say."""
    keys: list[_Own]

    def with_name(self, key: _Own) -> str:
        """Return the text of a number together with the name."""
        return f"{key.text}\x1f{self.name_key or ''}"


def match_each_other(connection: sqlite3.Connection, party: Party, plan: Plan) -> None:
    """Merge the rows that are one record, and turn those away that may be several; who is apart is noted."""
    keys = keys_of(party, plan)
    alone = any(key.tier == ALONE for key in keys)
    if alone:
        connection.execute(
            f"INSERT OR IGNORE INTO bare SELECT name_key FROM incoming WHERE name_key IS NOT NULL AND {bare(plan)}"
        )
    tiers = {tier for (tier,) in connection.execute("SELECT DISTINCT tier FROM recurring")}
    for key in keys:
        rows = f"SELECT row FROM {key.table} WHERE {key.has_one}"
        if UNKNOWN[0] in tiers:
            several = f"{key.table} WHERE {key.has_one} GROUP BY {key.columns} HAVING count(*) > 1"
            connection.execute(
                f"INSERT OR IGNORE INTO repeated {rows} AND ({key.columns}) IN (SELECT {key.columns} FROM {several})"
            )
        elif key.tier in tiers:
            several = f"SELECT key FROM recurring WHERE tier = {key.tier}"
            connection.execute(f"INSERT OR IGNORE INTO repeated {rows} AND {key.text} IN ({several})")
    connection.execute(
        "INSERT OR IGNORE INTO repeated SELECT row FROM match "
        "WHERE target IN (SELECT target FROM match GROUP BY target HAVING count(*) > 1)"
    )
    for key in keys:
        if key.tier == NAME:
            connection.execute(_FORESEEN.format(text=key.text, has_one=key.has_one))
    merge = _merge_statement(party)
    last = f"uid IS NULL AND {bare(plan)}" if alone else "FALSE"
    order = f"SELECT row FROM repeated JOIN incoming USING (row) ORDER BY name IS NULL, {last}, row"
    for (row,) in connection.execute(order):
        _place(connection, party, plan, row, keys, merge)


def _place(connection: sqlite3.Connection, party: Party, plan: Plan, number: int, keys: list[Key], merge: str) -> None:
    """Decide which record a row is, given the rows before it."""
    row = _row(connection, number, keys)
    tier, found = _targets(connection, row, apart=tells_people_apart(plan))
    if len(found) > 1:
        reject(connection, number, ambiguous(connection, party, number, found))
        return
    target = found.pop() if found else _foreseen(connection, row) or -number
    leader = connection.execute(
        "SELECT l.row, i.name FROM leader l JOIN incoming i ON i.row = l.row WHERE l.target = ?", (target,)
    ).fetchone()
    if leader and tier == POINT and row.name and leader[1] and differ((row.name, leader[1])):
        if not tells_people_apart(plan):
            message = _("a phone or e-mail is also that of row {row}, {name}").format(row=leader[0], name=leader[1])
            reject(connection, number, RejectedError("name", row.name, message))
            return
        connection.execute("INSERT OR IGNORE INTO apart VALUES (?)", (number,))
        target, leader = -number, None
    leads = [key.text for key in row.keys if key.leads]
    leads += [row.with_name(key) for key in row.keys if key.tier == POINT]
    known = [(text, target, row.known_as) for text in leads]
    connection.executemany("INSERT OR IGNORE INTO known VALUES (?, ?, ?)", known)
    if leader is None:
        connection.execute("INSERT INTO leader VALUES (?, ?)", (target, number))
        connection.execute("DELETE FROM match WHERE row = ?", (number,))
        if target > 0:
            connection.execute("INSERT INTO match VALUES (?, ?, 0)", (number, target))
    elif plan.on_duplicate == "fail":
        raise conflict(connection, party, number, target)
    else:
        _merge(connection, number, leader[0], merge if plan.on_duplicate == "update" else "")


def _row(connection: sqlite3.Connection, number: int, keys: list[Key]) -> _Row:
    """Return what is known of a row."""
    found = [
        _Own(key.tier, *values)
        for key in keys
        for values in connection.execute(
            f"SELECT {key.text}, {key.leads}, {key.asks}, {key.office} FROM {key.table} "
            f"WHERE row = ? AND {key.has_one}",
            (number,),
        )
    ]
    name, key = connection.execute("SELECT name, name_key FROM incoming WHERE row = ?", (number,)).fetchone()
    return _Row(number, name, key, next((own.text for own in found if own.tier in {UID, EXTERNAL}), ""), found)


def _targets(connection: sqlite3.Connection, row: _Row, *, apart: bool) -> tuple[int, set[int]]:
    """Return the records that a row may be, of the surest tier that leads to any, and which tier that is.

    With `apart`, nobody is meant by a number who only has it as well.
    """
    stored = connection.execute("SELECT target, tier FROM match WHERE row = ?", (row.number,)).fetchone() or (0, 0)
    for tier in TIERS:
        found = {int(stored[0])} if stored[1] == tier else set()
        alike = False
        reached: set[int] = set()
        for key in row.keys:
            if key.tier == tier and key.asks:
                meant, same = _meant(connection, row, key, apart=apart and tier == POINT)
                reached |= meant
                alike |= same
        if apart and tier == POINT and reached and not alike and (found or len(reached) == 1):
            connection.execute("INSERT OR IGNORE INTO apart VALUES (?)", (row.number,))
            reached = set()
        if found | reached:
            return tier, found | reached
    return 0, set()


def _foreseen(connection: sqlite3.Connection, row: _Row) -> int | None:
    """Return the record that a later row of the same name and company is; None where none is, or several are.

    Whoever changed the company in the midst of a file is known by the later one when it is imported again.
    """
    names = [key.text for key in row.keys if key.tier == NAME and not row.known_as]
    targets = connection.execute(
        "SELECT DISTINCT target FROM foreseen WHERE key IN (SELECT value FROM json_each(?))", (json.dumps(names),)
    ).fetchall()
    return int(targets[0][0]) if len(targets) == 1 else None


def _meant(connection: sqlite3.Connection, row: _Row, key: _Own, *, apart: bool) -> tuple[set[int], bool]:
    """Return to whom a key leads, and whether they have the row's name or one like it."""
    values = {"key": key.text, "known_as": row.known_as, "most": HOLDERS if apart else _ALL}
    reached = _REACHED.format(among=_OF_NO_OTHER if row.known_as else "")
    if not apart:
        return {target for target, _name in connection.execute(reached, values)}, True
    same = connection.execute(reached, {**values, "key": row.with_name(key)}).fetchall()
    if same:
        return {target for target, _name in same}, True
    meant, alike = of_this_name(row.name, dict(connection.execute(reached, values).fetchall()), office=key.office)
    if not alike and all(target < 0 for target in meant):
        meant = {*sorted(meant)[:1]}  # rows of other names that share it: one of them stands for all
    return meant, alike


def _merge_statement(party: Party) -> str:
    """Return the statement that fills the leader's values with those of a later row, where they differ."""
    columns = [name for name in party.columns if name not in {"uid", *Spelt._fields, "fields", "reachable"}]
    told = {name: party.told(name, "m", "incoming") for name in columns}
    differs = " OR ".join(f'({new} IS NOT NULL AND {new} IS NOT incoming."{name}")' for name, new in told.items())
    fills = ", ".join(
        [f'"{name}" = coalesce({new}, incoming."{name}")' for name, new in told.items()]
        + [f"{name} = CASE WHEN m.name IS NULL THEN incoming.{name} ELSE m.{name} END" for name in Spelt._fields]
    )
    return (
        f"UPDATE incoming SET uid = coalesce(incoming.uid, m.uid), {fills}, "
        "fields = coalesce(json_patch(incoming.fields, m.fields), incoming.fields, m.fields), "
        "reachable = incoming.reachable + m.reachable FROM (SELECT * FROM incoming WHERE row = :row) m "
        "WHERE incoming.row = :leader AND (incoming.uid IS NULL AND m.uid IS NOT NULL OR m.fields IS NOT NULL "
        f"AND m.fields IS NOT incoming.fields OR {differs})"
    )


def _merge(connection: sqlite3.Connection, row: int, leader: int, merge: str) -> None:
    """Let the leader stand for the row, with its values unless `merge` is empty."""
    values = {"row": row, "leader": leader}
    added = 0
    if merge:
        added = connection.execute(merge, values).rowcount
        for table, same in (("incoming_point", "o.kind = p.kind AND o.key = p.key"), ("incoming_tag", "o.key = p.key")):
            added += connection.execute(
                f"UPDATE {table} AS p SET row = :leader, "
                f"place = place + coalesce((SELECT max(o.place) + 1 FROM {table} o WHERE o.row = :leader), 0) "
                f"WHERE row = :row AND NOT EXISTS (SELECT 1 FROM {table} o WHERE o.row = :leader AND {same})",
                values,
            ).rowcount
    forget(connection, row)
    connection.execute("INSERT INTO member VALUES (?, ?, ?)", (row, leader, added > 0))
