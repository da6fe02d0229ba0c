"""What belongs to a contact, found in the schema, so that whatever a later version adds is not forgotten.

A table belongs to a contact when its rows go with them (ON DELETE CASCADE), alone or with what they are part of.
"""

import sqlite3
from typing import NamedTuple

from crmcli.store.schema import JOURNALLED

WITHIN = ("contact_point", "tag", "complaint_step", "supervision_report", "survey_answer")
"""Tables whose rows are shown, and thought of, as a part of a record."""


class Part(NamedTuple):
    """A table whose rows belong to a contact."""

    table: str
    column: str
    """The column that points at the contact, or at the row that this one is part of."""
    owner: str
    """The table that it points at: `contact`, or another part."""


def parts_of_contact(connection: sqlite3.Connection) -> list[Part]:
    """Return the tables whose rows belong to a contact, each after those that it is part of.

    What points at a contact itself is found by that alone; what is part of several things has a line for each.
    """
    keys = [
        Part(table, key["from"], key["table"])
        for table in JOURNALLED
        for key in connection.execute(f"PRAGMA foreign_key_list({table})").fetchall()
        if key["on_delete"] == "CASCADE"
    ]
    found = [key for key in keys if key.owner == "contact"]
    known = {key.table for key in found}
    while more := [key for key in keys if key.table not in known and key.owner in known]:
        found += more
        known |= {key.table for key in more}
    return found
