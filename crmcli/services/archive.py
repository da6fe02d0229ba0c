"""Archiving: what is over and old moves into a database of its own, and can be brought back with undo.

What belongs together moves together: a follow-up stays while the callback that it did, or the complaint that it was
about, stays, and the other way round. What an attachment, an answer or a survey is about stays, and so does everybody's
last contact, and what a notice would plan again if it were gone.
"""

import sqlite3
from datetime import datetime
from pathlib import Path

from crmcli.store.archive import ARCHIVED, copy_to_archive, parts_of
from crmcli.store.transaction import Transaction
from crmcli.when.stored import moment_text

_DAY = "substr(r.notice, instr(r.notice, '@') + 1)"
_WANTED = f"""
EXISTS (SELECT 1 FROM notice n JOIN contact_state s ON s.contact_id = r.contact_id
    WHERE r.notice GLOB n.code || ':*@*' AND iif(n.every IS NULL,
        {_DAY} >= substr(:limit, 1, 10), date(s.touched_at) <= date({_DAY}, '+1 day')))
"""
"""Whether a notice remembers by this callback what it has planned: for a date that is to come, or since a last contact
(UTC may be a day later) after which there was no other."""

_OLD = {
    "followup": (
        "at < :limit AND EXISTS (SELECT 1 FROM followup later WHERE later.contact_id = r.contact_id "
        "AND later.kind <> 'note' AND (later.at, later.id) > (r.at, r.id)) "
        "AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.followup_id = r.id)"
    ),
    "callback": f"status <> 'open' AND coalesce(done_at, updated_at) < :limit AND NOT {_WANTED}",
    "complaint": "closed_at < :limit"
    + "".join(
        f" AND NOT EXISTS (SELECT 1 FROM {about} a WHERE a.complaint_id = r.id)"
        for about in ("attachment", "answer", "survey")
    ),
    "promise": "status <> 'open' AND settled_at < :limit",
}
"""What is over and old, by itself."""

_TOGETHER = (
    ("followup", "followup", "id", "callback", "callback_id"),
    ("followup", "followup", "id", "complaint", "complaint_id"),
    ("promise", "promise", "id", "followup", "followup_id"),
    ("promise", "promise", "id", "complaint", "complaint_id"),
    ("promise", "promise", "id", "promise", "replaces_id"),
    ("complaint_link", "complaint", "complaint_id", "complaint", "other_id"),
)
"""What moves together: the table that says so, and the two records that it ties, each a table and the column with its
id."""

_IS_OLD = "EXISTS (SELECT 1 FROM temp.old o WHERE o.entity = '{0}' AND o.id = {1})"
_STAYS = "SELECT t.{mine} FROM {tie} t WHERE t.{mine} IS NOT NULL AND t.{its} IS NOT NULL AND NOT " + _IS_OLD.format(
    "{other}", "t.{its}"
)
_STAYING = [
    (record, _STAYS.format(tie=tie, mine=mine, its=its, other=other))
    for tie, one, one_id, two, two_id in _TOGETHER
    for record, mine, other, its in ((one, one_id, two, two_id), (two, two_id, one, one_id))
]
"""What stays because what it belongs to stays: a table, and the ids."""


def find_old(connection: sqlite3.Connection, limit: datetime) -> dict[str, int]:
    """Note in `temp.old` what can be archived of the time before a moment, and return how many of each table."""
    connection.execute("DROP TABLE IF EXISTS temp.old")
    connection.execute("CREATE TEMP TABLE old (entity TEXT, id INTEGER, PRIMARY KEY (entity, id))")
    for table, condition in _OLD.items():
        connection.execute(
            f"INSERT INTO temp.old SELECT '{table}', id FROM {table} r WHERE {condition}", {"limit": moment_text(limit)}
        )
    while sum(
        connection.execute(f"DELETE FROM temp.old WHERE entity = '{table}' AND id IN ({staying})").rowcount
        for table, staying in _STAYING
    ):
        continue
    counts = dict.fromkeys(ARCHIVED, 0)
    counts.update(map(tuple, connection.execute("SELECT entity, count(*) FROM temp.old GROUP BY entity")))
    return counts


def archive_before(tx: Transaction, database: Path, archive: Path, limit: datetime) -> dict[str, int]:
    """Move what is over and older than a moment into the archive; return how many records of each table.

    The archive has them, compared field by field, before they are deleted here. Raises ConflictError when the archive
    has other records under their numbers, StoreError when it can't be used.
    """
    counts = find_old(tx.connection, limit)
    ids = {
        table: [row[0] for row in tx.connection.execute("SELECT id FROM temp.old WHERE entity = ?", (table,))]
        for table in ARCHIVED
    }
    if any(ids.values()):
        copy_to_archive(database, archive, ids)
    old = "SELECT id FROM temp.old WHERE entity = '{0}'"
    for table, theirs in reversed(parts_of("temp.old").items()):  # while the journal can still tell whose they are
        tx.connection.execute(f"DELETE FROM {table} WHERE {theirs}")
    for table in ARCHIVED:
        tx.connection.execute(f"DELETE FROM {table} WHERE id IN ({old.format(table)})")
    tx.connection.execute("DROP TABLE temp.old")
    return counts
