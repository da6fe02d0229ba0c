"""Copying records into an archive: a whole database with the same schema and the same numbers, which any command reads.

It has the archived records and the contacts and companies that they belong to, as they are now. Copying the same again
changes nothing.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from crmcli.errors import ConflictError, StoreError
from crmcli.i18n import _, joined
from crmcli.rules.presets import KEYS
from crmcli.store import search
from crmcli.store.connection import store_error
from crmcli.store.database import open_database
from crmcli.store.driver import attach
from crmcli.store.leftovers import clear_database
from crmcli.store.schema import JOURNALLED, SUMMARIES, drop_derived, make_derived

ARCHIVED = ("promise", "followup", "complaint", "callback")
"""What is archived, in the order in which it is deleted: what points at others first."""


def parts_of(chosen: str, live: str = "main") -> dict[str, str]:
    """Return the tables of what goes with what is archived, and which of their rows: those of the records in `chosen`.

    `live` is the schema that the records are still in. What is part of another comes after it.
    """
    of = "{0}_id IN (SELECT id FROM " + chosen + " WHERE entity = '{0}')"
    supervised = " OR ".join(of.format(item) for item in ("callback", "complaint", "promise"))
    return {
        "complaint_step": of.format("complaint"),
        "complaint_link": of.format("complaint"),
        "supervision": supervised,
        "supervision_report": f"supervision_id IN (SELECT id FROM {live}.supervision WHERE {supervised})",
    }


_WITH_THEM = parts_of("temp.chosen", "live")
_CHOSEN = "id IN (SELECT id FROM temp.chosen WHERE entity = '{0}')"
_DECLARED = ("vocabulary", "custom_field")
"""What the records' values mean: all of it is copied, as it is now."""
_OF_PARTIES = " OR ".join(
    f"{party}_id IN (SELECT id FROM temp.chosen WHERE entity = '{party}')" for party in ("contact", "company")
)
_COPIED = {
    **{table: _CHOSEN.format(table) for table in ("company", "contact", *reversed(ARCHIVED))},
    **_WITH_THEM,
    "contact_point": _OF_PARTIES,
    "tag": _OF_PARTIES,
}
"""The tables that are copied, and which of their rows."""
_VERIFIED = (*ARCHIVED, *_WITH_THEM)
_NUMBERED = ("company", "contact", *ARCHIVED)
"""What is known by a uid as well."""


def copy_to_archive(database: Path, archive: Path, ids: Mapping[str, Sequence[int]]) -> None:
    """Copy the records of these ids (by table), as they are committed, and compare every field of the copies.

    Raises ConflictError when the archive has other records under their numbers, StoreError when it can't be used.
    """
    new = not archive.exists()
    try:
        with closing(open_database(archive, like=database)) as connection:
            attach(connection, database, "live")
            connection.execute("PRAGMA foreign_keys = OFF")  # rows come in any order; all is checked at the end
            _choose(connection, ids)
            connection.execute("BEGIN")  # locks the archive alone: whoever calls has the other one locked
            _refuse_others(connection, archive)
            _renumber(connection)
            _copy(connection)
            _verify(connection, archive)
            connection.execute("COMMIT")
    except BaseException as error:
        if new:  # it may be what fills the disk, and nobody else writes into it: the other one is locked
            clear_database(archive)
        if isinstance(error, sqlite3.Error | OSError):
            raise store_error(error, archive) from error
        raise


def _choose(connection: sqlite3.Connection, ids: Mapping[str, Sequence[int]]) -> None:
    """Note the records, and the contacts and companies that they belong to."""
    connection.execute("CREATE TEMP TABLE chosen (entity TEXT, id INTEGER, PRIMARY KEY (entity, id))")
    insert = "INSERT OR IGNORE INTO temp.chosen "
    for table, rows in ids.items():
        connection.executemany(f"{insert} VALUES ('{table}', ?)", [(id_,) for id_ in rows])
        connection.execute(f"{insert} SELECT 'contact', contact_id FROM live.{table} WHERE {_CHOSEN.format(table)}")
    connection.execute(
        f"{insert} SELECT 'company', company_id FROM live.contact "
        f"WHERE company_id IS NOT NULL AND {_CHOSEN.format('contact')}"
    )


def _refuse_others(connection: sqlite3.Connection, archive: Path) -> None:
    """Raise ConflictError when a number means another record in the archive: it is of another database."""
    for table in _NUMBERED:
        other = connection.execute(
            f"SELECT EXISTS (SELECT 1 FROM main.{table} a JOIN live.{table} r ON r.id = a.id "
            f"WHERE r.{_CHOSEN.format(table)} AND a.uid <> r.uid)"
        ).fetchone()[0]
        if other:
            raise ConflictError(
                _("{path} is the archive of another database").format(path=archive), hint=_("name a new one with --to")
            )


def _renumber(connection: sqlite3.Connection) -> None:
    """Give what is there under another number the one that it has now: an import brought it back after it had gone."""
    moved = [
        (table, row["before"], row["now"])
        for table in _NUMBERED
        for row in connection.execute(
            f"SELECT a.id AS before, r.id AS now FROM live.{table} r JOIN main.{table} a ON a.uid = r.uid "
            f"WHERE r.{_CHOSEN.format(table)} AND a.id <> r.id"
        ).fetchall()
    ]
    if not moved:
        return
    keys = [
        (key["table"], table, key["from"])
        for table in JOURNALLED
        for key in connection.execute(f"PRAGMA main.foreign_key_list({table})").fetchall()
    ]
    drop_derived(connection)  # triggers would look for what is not there under both numbers
    for table, before, now in moved:
        for owner, part, column in ((table, table, "id"), *keys):
            if owner == table:
                connection.execute(f"UPDATE main.{part} SET {column} = ? WHERE {column} = ?", (now, before))
    make_derived(connection)


def _copy(connection: sqlite3.Connection) -> None:
    """Copy the rows over those that are there, and make anew what is derived."""
    for table, theirs in reversed(parts_of("temp.chosen", "main").items()):
        connection.execute(f"DELETE FROM main.{table} WHERE {theirs}")
    for table in _DECLARED:
        _update(connection, table, ", ".join(f'"{name}"' for name in KEYS[table]), but="id")
    for table in ("contact_point", "tag"):
        connection.execute(f"DELETE FROM main.{table} WHERE {_OF_PARTIES}")
    for table, condition in _COPIED.items():
        _update(connection, table, "id", condition)
    connection.execute(
        "UPDATE main.contact SET referred_by_id = NULL WHERE referred_by_id NOT IN (SELECT id FROM main.contact)"
    )
    for table in SUMMARIES:
        connection.execute(f"DELETE FROM main.{table}")
        connection.execute(f"INSERT INTO main.{table} SELECT * FROM main.{table}_now")
    search.rebuild(connection)


def _update(connection: sqlite3.Connection, table: str, key: str, condition: str = "TRUE", *, but: str = "") -> None:
    """Copy the rows of a table, all columns `but` one, over those that have the same key."""
    columns = _columns(connection, table, but=but)
    updates = ", ".join(f"{name} = excluded.{name}" for name in columns.split(", ") if name != '"id"')
    connection.execute(
        f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM live.{table} WHERE {condition} "
        f"ON CONFLICT ({key}) DO UPDATE SET {updates}"
    )


def _columns(connection: sqlite3.Connection, table: str, but: str = "") -> str:
    """Return the names of a table's columns, quoted, as a list of SQL."""
    names = [row["name"] for row in connection.execute(f"PRAGMA main.table_info({table})")]
    return ", ".join(f'"{name}"' for name in names if name != but)


def _verify(connection: sqlite3.Connection, archive: Path) -> None:
    """Raise StoreError when a record is not in the archive as it is, or points at one that isn't."""
    lost = [
        table
        for table in _VERIFIED
        if connection.execute(
            f"SELECT EXISTS (SELECT * FROM live.{table} WHERE {_COPIED[table]} EXCEPT SELECT * FROM main.{table})"
        ).fetchone()[0]
    ]
    lost += [row[0] for row in connection.execute('SELECT "table" FROM pragma_foreign_key_check() LIMIT 1')]
    if lost:
        raise StoreError(
            _("{path} did not take everything: {tables}").format(path=archive, tables=joined(lost)),
            hint=_("nothing was moved; name a new archive with --to"),
        )
