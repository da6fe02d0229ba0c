"""Chinese names that were stored as tables pad them: `王 五`, as wide as 欧阳娜; what is read now is closed."""

import sqlite3

from crmcli.i18n import N_, ngettext
from crmcli.rules.names import Spelt, spelt, unpadded
from crmcli.store.health.check import Check, Subject

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


PADDED = Check("names", N_("no name is padded with spaces"), _names, N_("crm doctor --fix"), _close)
