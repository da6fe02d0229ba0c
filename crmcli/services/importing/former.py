"""Rows that name a record which was merged into another: they mean the one that is left.

What that one has was decided when they were merged: such a row fills what it lacks and adds to its lists, no more. A
card that lies in a folder from before would give it the other's name again, each time.
"""

import sqlite3

from crmcli.rules.names import Spelt
from crmcli.services.importing.parties import Party

_BELONGS = {"company": "company_id", "referrer": "referred_by_id"}
"""Columns of a row, each with one it is compared by, and the record's column."""


def recognise_former(connection: sqlite3.Connection, party: Party) -> None:
    """Give rows with the uid of a record that was merged away the uid of the one that is left."""
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM former_uid)").fetchone()[0]:
        return
    fills = {column: f'iif(r."{column}" IS NULL, incoming."{column}", NULL)' for column in party.copied}
    fills |= dict.fromkeys(("name", *Spelt._fields), "NULL")
    for column, held in _BELONGS.items() if party.belongs else ():
        for name in (column, f"{column}_key"):
            fills[name] = f'iif(r.{held} IS NULL, incoming."{name}", NULL)'
    values = ", ".join(f'"{column}" = {value}' for column, value in fills.items())
    connection.execute(
        f"UPDATE incoming SET uid = r.uid, {values}, "
        "fields = json_patch(incoming.fields, r.fields) "
        f"FROM former_uid f JOIN {party.table} r ON r.id = f.{party.table}_id WHERE f.uid = incoming.uid"
    )
