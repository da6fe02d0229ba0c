"""What is kept of contacts, written once at the end of a change of many records.

The triggers count a contact anew after each of its rows: of one with thousands of callbacks, that would take minutes.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from crmcli.store.schema import STATE_COLUMNS, SUMMARISED
from crmcli.store.transaction import Transaction

FEW = 100
"""Rows; for fewer it is not worth while to put the triggers aside."""

REFRESH = (
    f"UPDATE contact_state SET ({STATE_COLUMNS}) = "
    f"(SELECT {STATE_COLUMNS} FROM contact_state_now n WHERE n.contact_id = contact_state.contact_id) "
    "WHERE contact_id IN "
)
"""Counts contacts anew; which ones follows in brackets."""

_MARKS = ", ".join("?" * len(SUMMARISED))
_TRIGGERS = (
    f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'state_*' AND tbl_name IN ({_MARKS})"
)
_CHANGED = f"""(
    SELECT contact_id FROM change_row WHERE change_id = ? AND entity IN ({_MARKS})
    UNION SELECT before ->> 'contact_id' FROM change_row WHERE change_id = ? AND entity IN ({_MARKS})
)"""
"""Whose records the change has written, and whose they were before it."""


@contextmanager
def summarised_once(tx: Transaction, rows: int) -> Iterator[None]:
    """Let the block write about so many `rows`, and summarise their contacts when it is done.

    What the block adds with `insert_many` is summarised there. Nothing in the block may rely on the summaries.
    """
    if rows <= FEW:
        yield
        return
    triggers = tx.connection.execute(_TRIGGERS, SUMMARISED).fetchall()
    for name, _sql in triggers:
        tx.connection.execute(f"DROP TRIGGER {name}")
    yield
    tx.finish()
    for _name, sql in triggers:
        tx.connection.execute(sql)
    tx.connection.execute(REFRESH + _CHANGED, (tx.change, *SUMMARISED, tx.change, *SUMMARISED))
