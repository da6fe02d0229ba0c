"""Which rows are records that are there already, and which rows of the file are one another.

The keys are asked in tiers: the uid decides alone; then the id in another program; then every e-mail, phone and handle
together; then the name (a contact's together with its company; without one only for a row that has nothing else to be
known by). A row that a tier leads to several records is turned away: it is never guessed.

Nearly all rows of a file share no key with another row: for them, SQL over the whole file does. The others are gone
through in their order, each as if those before it had been written; those that have nothing but a name come last, so
that it makes no difference where in the file they stand. Rows with different uids are different records, and rows
with a phone in common but quite different names are no one's to merge (see crmcli.services.importing.colleagues).
"""

import sqlite3

from crmcli.errors import ConflictError
from crmcli.i18n import _
from crmcli.rules.likeness import name_forms, name_likeness
from crmcli.rules.names import Spelt
from crmcli.services.importing.colleagues import match_reached
from crmcli.services.importing.foreign import list_external
from crmcli.services.importing.keys import (
    ALONE,
    ALONE_BARE,
    EXTERNAL,
    NAME,
    POINT,
    TIERS,
    UID,
    UNKNOWN,
    Key,
    has_external,
    keys_of,
    point_kinds,
    tells_people_apart,
)
from crmcli.services.importing.parties import Party
from crmcli.services.importing.plan import Plan, RejectedError
from crmcli.services.importing.staging import count, forget, reject

_SHOWN = 5
"""How many candidates an ambiguous row names."""

_FOUND = "INSERT INTO match SELECT DISTINCT {columns}, {tier} FROM {found} AND i.row NOT IN (SELECT row FROM match)"
_BY_UID = "incoming i CROSS JOIN {table} r ON r.uid = i.uid WHERE TRUE"
_BY_EXTERNAL = (
    "incoming i CROSS JOIN external x ON x.key = i.external_id CROSS JOIN {table} r ON r.id = x.id "
    "WHERE (i.name_key IS NULL OR i.name_key = r.name_key OR NOT i.reachable "
    "OR NOT EXISTS (SELECT 1 FROM contact_point p WHERE p.{table}_id = r.id) "
    "OR EXISTS (SELECT 1 FROM incoming_point o JOIN contact_point p ON p.key = o.key AND p.kind = o.kind "
    "WHERE o.row = i.row AND p.{table}_id = r.id))"
)
"""Two programs may count from 1: who has another name and nothing to be reached by in common is somebody else."""
_BY_POINT = (
    "incoming_point i CROSS JOIN contact_point r ON r.key = i.key AND r.kind = i.kind "
    "WHERE i.kind IN ({kinds}) AND i.key NOT GLOB 'web:*' AND r.{table}_id IS NOT NULL"
)
_BY_NAME = "incoming i CROSS JOIN {table} r ON r.name_key = i.name_key WHERE TRUE"
_BY_NAME_AND_COMPANY = (
    "incoming i CROSS JOIN company k ON k.name_key = i.company_key "
    "CROSS JOIN contact r ON r.name_key = i.name_key AND r.company_id = k.id WHERE TRUE"
)
_BY_NAME_ALONE = (
    "incoming i CROSS JOIN contact r ON r.name_key = i.name_key AND r.company_id IS NULL "
    "WHERE i.company_key IS NULL AND NOT i.reachable"
)
_BARE = " AND NOT EXISTS (SELECT 1 FROM contact_point p WHERE p.contact_id = r.id)"
"""Of contacts without a company, one that has nothing but its name comes before the others."""

_TABLES = (
    "repeated (row INTEGER PRIMARY KEY)",
    "known (key TEXT, target INTEGER, uid TEXT, PRIMARY KEY (key, target)) WITHOUT ROWID",
    "leader (target INTEGER PRIMARY KEY, row INTEGER)",
    "member (row INTEGER PRIMARY KEY, leader INTEGER, added INTEGER)",
)
"""`repeated`: rows that share a key. `known`: which record a key leads to; a negative number is the row that makes it.
`leader`: the row that stands for a record. `member`: a row that was merged into it, and whether it added anything."""


def match_rows(connection: sqlite3.Connection, party: Party, plan: Plan) -> None:
    """Fill the table `match`, merge rows that are one record, and turn away those that may be several.

    Raises ConflictError where nothing may be there yet (`--on-duplicate fail`).
    """
    for table in _TABLES:
        connection.execute(f"CREATE TEMP TABLE {table}")
    if plan.on_duplicate == "create":
        return
    doubtful = _match_stored(connection, party, plan)
    for (row,) in connection.execute("SELECT row FROM match GROUP BY row HAVING count(*) > 1").fetchall():
        found = connection.execute("SELECT target FROM match WHERE row = ? LIMIT ?", (row, _SHOWN))
        reject(connection, row, _ambiguous(connection, party, row, [target for (target,) in found]))
    for row, target in doubtful:
        if connection.execute("SELECT 1 FROM match WHERE row = ? AND target = ?", (row, target)).fetchone():
            reject(connection, row, _otherwise_called(connection, party, row, target))
    _match_each_other(connection, party, plan)
    if plan.on_duplicate == "fail":
        _refuse_known(connection, party)


def skip_known(connection: sqlite3.Connection) -> int:
    """Take the rows out that are there already, in the database or further up in the file; return how many they are."""
    known = [row for (row,) in connection.execute("SELECT row FROM match")]
    for row in known:
        forget(connection, row)
    return len(known) + count(connection, "(SELECT row FROM member WHERE row NOT IN (SELECT row FROM rejected))")


def reject_nameless(connection: sqlite3.Connection) -> None:
    """Reject the rows without a name that are nobody who is there, and those that were merged into them."""
    nameless = "SELECT row FROM incoming WHERE name IS NULL AND row NOT IN (SELECT row FROM match)"
    rows = connection.execute(
        f"SELECT row FROM ({nameless}) UNION SELECT row FROM member WHERE leader IN ({nameless})"
    ).fetchall()
    for (row,) in rows:
        reject(connection, row, RejectedError("name", "", _("the name is missing")))


def reject_incomplete(connection: sqlite3.Connection, plan: Plan) -> None:
    """Reject the rows of new records that lack a custom field which is required, and those merged into them."""
    for field in plan.own:
        if field.required and not field.hidden:
            lacking = (
                f"SELECT row FROM incoming WHERE fields ->> '$.\"{field.code}\"' IS NULL "
                "AND row NOT IN (SELECT row FROM match)"
            )
            rows = connection.execute(
                f"SELECT row FROM ({lacking}) UNION SELECT row FROM member WHERE leader IN ({lacking})"
            ).fetchall()
            why = _("it is required")
            for (row,) in rows:
                reject(connection, row, RejectedError(field.code, "", why))


def _match_stored(connection: sqlite3.Connection, party: Party, plan: Plan) -> list[tuple[int, int]]:
    """Find the records that are there; return the rows and records of which it is doubtful, see `match_reached`."""
    if not connection.execute(f"SELECT EXISTS (SELECT 1 FROM {party.table})").fetchone()[0]:
        return []
    doubtful: list[tuple[int, int]] = []
    kinds = point_kinds(plan)
    if has_external(party, plan):
        list_external(connection, party.table)
    tiers = (
        ("uid" in plan.match, UID, _BY_UID),
        (has_external(party, plan), EXTERNAL, _BY_EXTERNAL),
        (bool(kinds), POINT, _BY_POINT),
        ("name" in plan.match, NAME, _BY_NAME),
        ("name+company" in plan.match, NAME, _BY_NAME_AND_COMPANY),
        ("name+company" in plan.match, NAME, _BY_NAME_ALONE + _BARE),
        ("name+company" in plan.match, ALONE, _BY_NAME_ALONE),
    )
    for asked, tier, found in tiers:
        if asked and tier == POINT and tells_people_apart(plan):
            doubtful = match_reached(connection, kinds)
        elif asked:
            columns = f"i.row, r.{party.table}_id" if tier == POINT else "i.row, r.id"
            tables = found.format(table=party.table, kinds=kinds)
            connection.execute(_FOUND.format(columns=columns, tier=tier, found=tables))
    return doubtful


def _match_each_other(connection: sqlite3.Connection, party: Party, plan: Plan) -> None:
    """Go through the rows that share a key with another row, in their order, and merge those that are one record."""
    keys = keys_of(party, plan)
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
            connection.execute(f"INSERT OR IGNORE INTO repeated {rows} AND {key.noted or key.text} IN ({several})")
    connection.execute(
        "INSERT OR IGNORE INTO repeated SELECT row FROM match "
        "WHERE target IN (SELECT target FROM match GROUP BY target HAVING count(*) > 1)"
    )
    merge = _merge_statement(party)
    alone = any(key.tier == ALONE for key in keys)
    last = f"row IN (SELECT row FROM incoming WHERE {ALONE_BARE}), " if alone else ""
    for (row,) in connection.execute(f"SELECT row FROM repeated ORDER BY {last}row"):
        _place(connection, party, plan, row, keys, merge)


def _place(connection: sqlite3.Connection, party: Party, plan: Plan, row: int, keys: list[Key], merge: str) -> None:
    """Decide which record a row is, given the rows before it."""
    name, uid = connection.execute("SELECT name, uid FROM incoming WHERE row = ?", (row,)).fetchone()
    own = [
        (key.tier, text, leads, asks)
        for key in keys
        for text, leads, asks in connection.execute(
            f"SELECT {key.text}, {key.leads}, {key.asks} FROM {key.table} WHERE row = ? AND {key.has_one}", (row,)
        )
    ]
    tier, found = _targets(connection, row, uid, [(tier, text) for tier, text, _leads, asks in own if asks])
    if len(found) > 1:
        reject(
            connection,
            row,
            _ambiguous(connection, party, row, sorted(found, key=lambda target: (target < 0, abs(target)))[:_SHOWN]),
        )
        return
    target = found.pop() if found else -row
    leader = connection.execute(
        "SELECT l.row, i.name FROM leader l JOIN incoming i ON i.row = l.row WHERE l.target = ?", (target,)
    ).fetchone()
    if leader and tier == POINT and name and leader[1] and not name_likeness(name_forms(name), name_forms(leader[1])):
        message = _("a phone or e-mail is also that of row {row}, {name}").format(row=leader[0], name=leader[1])
        reject(connection, row, RejectedError("name", name, message))
        return
    connection.executemany(
        "INSERT OR IGNORE INTO known VALUES (?, ?, ?)",
        [(text, target, uid) for _tier, text, leads, _asks in own if leads],
    )
    if leader is None:
        connection.execute("INSERT INTO leader VALUES (?, ?)", (target, row))
        connection.execute("DELETE FROM match WHERE row = ?", (row,))
        if target > 0:
            connection.execute("INSERT INTO match VALUES (?, ?, 0)", (row, target))
    elif plan.on_duplicate == "fail":
        raise _conflict(connection, party, row, target)
    else:
        _merge(connection, row, leader[0], merge if plan.on_duplicate == "update" else "")


def _targets(
    connection: sqlite3.Connection, row: int, uid: str | None, keys: list[tuple[int, str]]
) -> tuple[int, set[int]]:
    """Return the records that a row may be, of the surest tier that leads to any, and which tier that is."""
    stored = connection.execute("SELECT target, tier FROM match WHERE row = ?", (row,)).fetchone() or (0, 0)
    for tier in TIERS:
        found = {int(stored[0])} if stored[1] == tier else set()
        for text in (text for of_tier, text in keys if of_tier == tier):
            known = connection.execute(
                "SELECT target FROM known WHERE key = ? AND (uid IS NULL OR ? IS NULL OR uid = ?)", (text, uid, uid)
            )
            found.update(target for (target,) in known)
        if found:
            return tier, found
    return 0, set()


def _merge_statement(party: Party) -> str:
    """Return the statement that fills the leader's values with those of a later row, where they differ."""
    columns = [name for name in party.columns if name not in {"uid", *Spelt._fields, "fields", "reachable"}]
    differs = " OR ".join(f'(m."{name}" IS NOT NULL AND m."{name}" IS NOT incoming."{name}")' for name in columns)
    fills = ", ".join(
        [f'"{name}" = coalesce(m."{name}", incoming."{name}")' for name in columns]
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


def _ambiguous(connection: sqlite3.Connection, party: Party, row: int, targets: list[int]) -> RejectedError:
    """Return why a row is turned away that may be several records."""
    (name,) = connection.execute("SELECT name FROM incoming WHERE row = ?", (row,)).fetchone()
    who = _(", ").join(_who(connection, party, target) for target in targets)
    return RejectedError("", name or "", _("may be any of several: {who}").format(who=who))


def _otherwise_called(connection: sqlite3.Connection, party: Party, row: int, target: int) -> RejectedError:
    """Return why a row is turned away that has somebody's phone, and quite another name."""
    (name,) = connection.execute("SELECT name FROM incoming WHERE row = ?", (row,)).fetchone()
    message = _("a phone is also that of {who}; if both are one person, import the row with --match phone")
    return RejectedError("name", name, message.format(who=_who(connection, party, target)))


def _who(connection: sqlite3.Connection, party: Party, target: int) -> str:
    """Return the name and id of a record, or the row of the file that makes it."""
    if target > 0:
        (name,) = connection.execute(f"SELECT name FROM {party.table} WHERE id = ?", (target,)).fetchone()
        return _("{name} ({id})").format(name=name, id=target)
    found = connection.execute("SELECT name FROM incoming WHERE row = ?", (-target,)).fetchone()
    return _("{name} (row {row})").format(name=found[0] if found else "", row=-target)


def _refuse_known(connection: sqlite3.Connection, party: Party) -> None:
    """Raise ConflictError when a row is a record that is there."""
    found = connection.execute("SELECT row, target FROM match ORDER BY row LIMIT 1").fetchone()
    if found:
        raise _conflict(connection, party, found[0], found[1])


def _conflict(connection: sqlite3.Connection, party: Party, row: int, target: int) -> ConflictError:
    return ConflictError(
        _("row {row} is there already: {who}; nothing was written").format(
            row=row, who=_who(connection, party, target)
        ),
        hint=_("see what would change with --on-duplicate update --dry-run"),
        candidates=[{"row": row, "id": target}] if target > 0 else [],
    )
