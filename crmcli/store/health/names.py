"""Names: how they are written, and by what they are found.

Chinese names may have been stored as tables pad them (`王 五`, as wide as 欧阳娜); what is read now is closed. And who
was renamed by another program is still known by the old name and its pinyin, and not by the new one.
"""

import sqlite3

from crmcli.i18n import N_, ngettext
from crmcli.rules.names import Spelt, spelt, unpadded
from crmcli.store.health.check import Check, Subject, newest

_TABLES = ("contact", "company")
_LONGEST = 7
"""Characters of four with a space between all of them."""


def _names(subject: Subject) -> str:
    count = sum(len(_padded(subject.connection, table)) for table in _TABLES)
    said = ngettext("{count} Chinese name is padded with spaces", "{count} Chinese names are padded with spaces", count)
    return said.format(count=count) if count else ""


def _padded(connection: sqlite3.Connection, table: str) -> list[tuple[int, str]]:
    """Return the ids of those whose name is padded, and the name without that."""
    rows = connection.execute(f"SELECT id, name FROM {table} WHERE length(name) <= {_LONGEST} AND name LIKE '_ _%'")
    return [(id_, unpadded(name)) for id_, name in rows.fetchall() if unpadded(name) != name]


def _close(subject: Subject) -> None:
    with subject.transaction() as tx:
        for table in _TABLES:
            columns = ", ".join(f"{column} = ?" for column in ("name", *Spelt._fields))
            for id_, name in _padded(tx.connection, table):
                tx.connection.execute(f"UPDATE {table} SET {columns} WHERE id = ?", (name, *spelt(name), id_))


def _known_otherwise(subject: Subject) -> str:
    count = sum(len(_misspelt(subject, table)) for table in _TABLES)
    said = ngettext("{count} is known by another name", "{count} are known by other names", count)
    return said.format(count=count) if count else ""


def _misspelt(subject: Subject, table: str) -> list[tuple[int, Spelt]]:
    """Return the ids of those who are not found by their name, and what they should be found by."""
    which = newest(table, sampled=subject.sampled)
    rows = subject.connection.execute(f"SELECT id, name, {', '.join(Spelt._fields)} FROM {table} WHERE {which}")
    names = ((id_, spelt(name), Spelt(*stored)) for id_, name, *stored in rows.fetchall())
    return [(id_, proper) for id_, proper, stored in names if proper != stored]


def _spell(subject: Subject) -> None:
    with subject.transaction() as tx:
        for table in _TABLES:
            columns = ", ".join(f"{column} = ?" for column in Spelt._fields)
            for id_, proper in _misspelt(subject, table):
                tx.connection.execute(f"UPDATE {table} SET {columns} WHERE id = ?", (*proper, id_))


SPELT = Check(
    "spelling", N_("everybody is known by their name"), _known_otherwise, N_("crm doctor --fix"), _spell, samples=True
)
PADDED = Check("names", N_("no name is padded with spaces"), _names, N_("crm doctor --fix"), _close)
