"""What is known of records being the same or not, as the export of another database has it."""

import sqlite3
from collections.abc import Mapping

from crmcli.i18n import N_, _
from crmcli.rules.custom_fields import EXTERNAL_ID
from crmcli.services.distinct import set_distinct
from crmcli.services.importing.plan import RejectedError
from crmcli.store.transaction import Transaction

_ABSENT = {"contact": N_("there is no such contact"), "company": N_("there is no such company")}
_FORMER = """
INSERT INTO former_uid (uid, {noun}_id) VALUES (:uid, :left)
ON CONFLICT (uid) DO UPDATE SET {noun}_id = :left WHERE {noun}_id <> :left
"""


def left_of(tx: Transaction, noun: str, uid: str) -> int | None:
    """Return the id of the contact or company with this uid, here or elsewhere, or of the one it was merged into."""
    row = tx.connection.execute(
        f"SELECT id FROM {noun} WHERE uid = :uid "
        f"UNION ALL SELECT {noun}_id FROM former_uid WHERE uid = :uid AND {noun}_id IS NOT NULL",
        {"uid": uid},
    ).fetchone()
    return int(row[0]) if row else _by_other_uid(tx, noun, uid)


def id_of(tx: Transaction, table: str, uid: str) -> int | None:
    """Return the id of the record with this uid, here or elsewhere; None when it is not there."""
    row = tx.connection.execute(f"SELECT id FROM {table} WHERE uid = ?", (uid,)).fetchone()
    return int(row[0]) if row else _by_other_uid(tx, table, uid)


def _by_other_uid(tx: Transaction, noun: str, uid: str) -> int | None:
    """Return the id of the record that has this uid elsewhere."""
    list_other_uids(tx.connection)
    row = tx.connection.execute("SELECT id FROM other_uid WHERE noun = ? AND key = ?", (noun, uid)).fetchone()
    return row and int(row[0])


def list_other_uids(connection: sqlite3.Connection) -> None:
    """Fill the temporary table `other_uid`, once, with what contacts and companies are known by in other databases."""
    if connection.execute("SELECT 1 FROM sqlite_temp_master WHERE name = 'other_uid'").fetchone():
        return
    connection.execute("CREATE TEMP TABLE other_uid (noun TEXT, key TEXT, id INTEGER, PRIMARY KEY (noun, key))")
    for noun in _ABSENT:
        connection.execute(
            f"INSERT INTO other_uid SELECT '{noun}', fields ->> '{EXTERNAL_ID}' AS key, min(id) FROM {noun} "
            "WHERE key IS NOT NULL GROUP BY key HAVING count(*) = 1"
        )


def note_other_uids(connection: sqlite3.Connection, noun: str) -> None:
    """Add the uids of the rows that were matched by something else."""
    connection.execute(
        f"INSERT OR IGNORE INTO other_uid SELECT '{noun}', i.uid, m.target "
        f"FROM match m CROSS JOIN incoming i ON i.row = m.row CROSS JOIN {noun} r ON r.id = m.target "
        "WHERE i.uid <> r.uid"
    )


def put_former(tx: Transaction, cells: Mapping[str, str]) -> str:
    """Note the uid of a record that was merged into another; return created, updated, unchanged or skipped.

    One that is still a record of its own here stays one. Raises RejectedError when the one that is left is not there.
    """
    noun, uid = _noun(cells), cells.get("uid", "")
    left = _required(tx, noun, "left_uid", cells)
    if not uid or tx.connection.execute(f"SELECT 1 FROM {noun} WHERE uid = ?", (uid,)).fetchone():
        return "skipped"
    known = left_of(tx, noun, uid)
    changed = tx.connection.execute(_FORMER.format(noun=noun), {"uid": uid, "left": left}).rowcount
    return ("updated" if known else "created") if changed else "unchanged"


def put_distinct(tx: Transaction, cells: Mapping[str, str]) -> str:
    """Note that two records are not the same; return created, unchanged, or skipped when they were merged here.

    Raises RejectedError when one of them is not there.
    """
    noun = _noun(cells)
    pair = {_required(tx, noun, field, cells) for field in ("one_uid", "other_uid")}
    if len(pair) == 1:
        return "skipped"
    return "created" if set_distinct(tx, noun, [*pair]) else "unchanged"


def _noun(cells: Mapping[str, str]) -> str:
    noun = cells.get("noun", "")
    if noun not in _ABSENT:
        raise RejectedError("noun", noun[:60], _("not what an export writes there"))
    return noun


def _required(tx: Transaction, noun: str, field: str, cells: Mapping[str, str]) -> int:
    uid = cells.get(field, "")
    id_ = left_of(tx, noun, uid)
    if id_ is None:
        raise RejectedError(field, uid, _(_ABSENT[noun]))
    return id_
