"""Which rows are records that are there already, and which rows of the file are one another.

The keys are asked in tiers: the uid decides alone; then the id in another program, or ours together with the name; then
every e-mail, phone and handle together; then the name (a contact's together with its company; without one only for a
row that has nothing else to be known by). A row that a tier leads to several records is turned away: it is never
guessed.

Nearly all rows of a file share no key with another row: for them, SQL over the whole file does. See
`mutual` for the others, and `colleagues` for who shares a telephone.
"""

import json
import sqlite3

from crmcli.i18n import _
from crmcli.rules.custom_fields import EXTERNAL_ID
from crmcli.rules.names import Spelt
from crmcli.services.importing.foreign import OWN_ID, list_external
from crmcli.services.importing.matching.candidates import SHOWN, ambiguous, conflict, otherwise_called
from crmcli.services.importing.matching.colleagues import match_reached
from crmcli.services.importing.matching.keys import (
    ALONE,
    EXTERNAL,
    NAME,
    POINT,
    UID,
    has_external,
    has_own_id,
    point_kinds,
    tells_people_apart,
    unreached,
)
from crmcli.services.importing.matching.mutual import match_each_other
from crmcli.services.importing.parties import Party
from crmcli.services.importing.plan import Plan, RejectedError
from crmcli.services.importing.staging import count, forget, reject

_TOTALS = ("合计", "总计", "小计", "共计", "total", "totals", "grand total", "subtotal", "summe")
"""What stands in place of a name in a row that adds up the others."""
_SAYS_TOTAL = "lower(rtrim({0}, ' :：')) IN (SELECT value FROM json_each(:totals))"
_COUNTS = "coalesce({}, '') NOT GLOB '*[^0-9.,人位个名家]*'"
_EMPLOYER = ("company", "company_key")
_FOUND = "INSERT INTO match SELECT DISTINCT {columns}, {tier} FROM {found} AND i.row NOT IN (SELECT row FROM match)"
_BY_UID = "incoming i CROSS JOIN {table} r ON r.uid = i.uid WHERE TRUE"
_BY_OTHER_UID = "incoming i CROSS JOIN external x ON x.key = i.uid CROSS JOIN {table} r ON r.id = x.id WHERE TRUE"
_BY_REMEMBERED_UID = "incoming i CROSS JOIN {table} r ON r.uid = i.fields ->> '" + EXTERNAL_ID + "' WHERE TRUE"
"""It is known there by the uid that it has here."""
_BY_EXTERNAL = (
    "incoming i CROSS JOIN external x ON x.key = i.external_id CROSS JOIN {table} r ON r.id = x.id "
    "WHERE (i.name_key IS NULL OR i.name_key = r.name_key OR NOT i.reachable "
    "OR NOT EXISTS (SELECT 1 FROM contact_point p WHERE p.{table}_id = r.id) "
    "OR EXISTS (SELECT 1 FROM incoming_point o JOIN contact_point p ON p.key = o.key AND p.kind = o.kind "
    "WHERE o.row = i.row AND p.{table}_id = r.id))"
)
"""Two programs may count from 1: who has another name and nothing to be reached by in common is somebody else."""
_BY_OWN_ID = (
    "incoming i CROSS JOIN {table} r ON r.id = CAST(i.own_id AS INTEGER) AND r.name_key = i.name_key "
    "WHERE i.own_id NOT GLOB '*[^0-9]*'"
)
"""With another name it is another database's id, or another program's."""
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
    "WHERE i.company_key IS NULL AND {unreached}"
)
_BARE = " AND NOT EXISTS (SELECT 1 FROM contact_point p WHERE p.contact_id = r.id)"
"""Of contacts without a company, one that has nothing but its name comes before the others."""

_TABLES = (
    "repeated (row INTEGER PRIMARY KEY)",
    "known (key TEXT, target INTEGER, known_as TEXT NOT NULL, PRIMARY KEY (key, target)) WITHOUT ROWID",
    "foreseen (key TEXT, target INTEGER, PRIMARY KEY (key, target)) WITHOUT ROWID",
    "leader (target INTEGER PRIMARY KEY, row INTEGER)",
    "member (row INTEGER PRIMARY KEY, leader INTEGER, added INTEGER)",
    "apart (row INTEGER PRIMARY KEY)",
    "bare (key TEXT PRIMARY KEY) WITHOUT ROWID",
)
"""`repeated`: rows that share a key. `known`: which record a key leads to; a negative number is the row that makes it.
`foreseen`: which stored record somebody's name and company lead to, because any row that has them is that record.
`leader`: the row that stands for a record. `member`: a row that was merged into it, and whether it added anything.
`apart`: rows that share a phone or e-mail with somebody of quite another name, and are somebody else. `bare`: names of
rows that have nothing else to be known by."""


def match_rows(connection: sqlite3.Connection, party: Party, plan: Plan) -> None:
    """Fill the table `match`, merge rows that are one record, and turn away those that may be several.

    Raises ConflictError where nothing may be there yet (`--on-duplicate fail`).
    """
    for table in _TABLES:
        connection.execute(f"CREATE TEMP TABLE {table}")
    connection.execute("CREATE INDEX temp.known_as ON known (key, known_as)")
    if plan.on_duplicate == "create":
        return
    doubtful = _match_stored(connection, party, plan)
    if plan.exported:
        _part_by_uid(connection)
    for (row,) in connection.execute("SELECT row FROM match GROUP BY row HAVING count(*) > 1").fetchall():
        found = connection.execute("SELECT target FROM match WHERE row = ? LIMIT ?", (row, SHOWN))
        reject(connection, row, ambiguous(connection, party, row, [target for (target,) in found]))
    for row, target in doubtful:
        if connection.execute("SELECT 1 FROM match WHERE row = ? AND target = ?", (row, target)).fetchone():
            reject(connection, row, otherwise_called(connection, party, row, target))
    match_each_other(connection, party, plan)
    if plan.on_duplicate == "fail":
        _refuse_known(connection, party)


def _part_by_uid(connection: sqlite3.Connection) -> None:
    """Part rows with a uid from the records that other rows have by uid: they are two, whatever else they share."""
    connection.execute("CREATE TEMP TABLE claimed (target INTEGER PRIMARY KEY)")
    connection.execute(f"INSERT OR IGNORE INTO claimed SELECT target FROM match WHERE tier = {UID}")
    connection.execute(
        f"DELETE FROM match WHERE tier <> {UID} AND target IN (SELECT target FROM claimed) "
        "AND (SELECT uid FROM incoming i WHERE i.row = match.row) IS NOT NULL"
    )


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
    """Reject the rows of new records that lack a custom field which is required, and those merged into them.

    What an export has comes back: it was there before the field was asked for.
    """
    for field in () if plan.exported else plan.own:
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
    if plan.noun.name == "contact":  # a company may well be called Total
        _reject_totals(connection)


def _reject_totals(connection: sqlite3.Connection) -> None:
    """Reject the rows that add up the others: they say so in place of a name or a company.

    They have nothing else but an id, or a number in place of the other. With a uid it is an export's: somebody is
    called so.
    """
    names = [name for _place, name, *_rest in connection.execute("PRAGMA temp.table_info(incoming)")]
    others = set(names) - {"row", "name", *Spelt._fields, "fields", "reachable", EXTERNAL_ID, OWN_ID, *_EMPLOYER}
    nothing = " AND ".join(("NOT reachable", *(f'"{name}" IS NULL' for name in sorted(others))))
    totals = (
        f"SELECT row FROM incoming WHERE {nothing} AND row NOT IN (SELECT row FROM match) "
        f"AND ({_SAYS_TOTAL.format('name')} AND {_COUNTS.format('company')} "
        f"OR {_SAYS_TOTAL.format('company')} AND {_COUNTS.format('name')})"
    )
    rows = connection.execute(
        f"SELECT row FROM ({totals}) UNION SELECT row FROM member WHERE leader IN ({totals})",
        {"totals": json.dumps(_TOTALS)},
    ).fetchall()
    for (row,) in rows:
        reject(connection, row, RejectedError("name", "", _("a row of totals is nobody")))


def _match_stored(connection: sqlite3.Connection, party: Party, plan: Plan) -> list[tuple[int, int]]:
    """Find the records that are there; return the rows and records of which it is doubtful, see `match_reached`."""
    if not connection.execute(f"SELECT EXISTS (SELECT 1 FROM {party.table})").fetchone()[0]:
        return []
    doubtful: list[tuple[int, int]] = []
    kinds = point_kinds(plan)
    by_uid = "uid" in plan.match
    if has_external(party, plan) or (by_uid and plan.exported):
        list_external(connection, party.table)
    tiers = (
        (by_uid, UID, _BY_UID),
        (by_uid and plan.exported, UID, _BY_OTHER_UID),
        (by_uid and plan.exported, UID, _BY_REMEMBERED_UID),
        (has_external(party, plan), EXTERNAL, _BY_EXTERNAL),
        (has_own_id(party, plan), EXTERNAL, _BY_OWN_ID),
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
            tables = found.format(table=party.table, kinds=kinds, unreached=unreached(plan, "i"))
            connection.execute(_FOUND.format(columns=columns, tier=tier, found=tables))
    return doubtful


def _refuse_known(connection: sqlite3.Connection, party: Party) -> None:
    """Raise ConflictError when a row is a record that is there."""
    found = connection.execute("SELECT row, target FROM match ORDER BY row LIMIT 1").fetchone()
    if found:
        raise conflict(connection, party, found[0], found[1])
