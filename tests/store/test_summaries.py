"""What is kept of contacts when many records change at once: it is right, and it is counted once."""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Any

import pytest

from crmcli.services.callback import cancel_callback, delete_callback, edit_callback
from crmcli.services.merge import merge_parties
from crmcli.services.undo import undo_change
from crmcli.store.connection import connect
from crmcli.store.summaries import summarised_once
from crmcli.store.transaction import Author, Transaction, write
from tests.conftest import NOW, Crm

CALLBACKS = 300
NOON = datetime.fromisoformat(NOW)


def each(change: Callable[[Transaction, int], Any]) -> Callable[[Transaction], None]:
    """Return what changes every callback, as a command over many does."""

    def run(tx: Transaction) -> None:
        with summarised_once(tx, CALLBACKS):
            for id_ in range(1, CALLBACKS + 1):
                change(tx, id_)

    return run


@pytest.mark.parametrize(
    ("run", "open_callbacks"),
    [
        (each(lambda tx, id_: edit_callback(tx, id_, {"purpose": "样品"}, now=NOON, order="ymd")), CALLBACKS),
        (each(lambda tx, id_: cancel_callback(tx, id_, now=NOON)), 0),
        (each(delete_callback), 0),
        (lambda tx: merge_parties(tx, "contact", [2, 1], (), now=NOON), CALLBACKS),
        (lambda tx: undo_change(tx, 3), 0),
    ],
)
def test_a_contact_is_counted_once(crm: Crm, run: Callable[[Transaction], None], open_callbacks: int) -> None:
    """Counted for each of 8,000 callbacks of one contact, it took two minutes."""
    crm.ok("add", "张三")
    crm.ok("add", "李四")
    rows = "".join(f"张三,2026-12-{1 + n % 28:02},n{n}\n" for n in range(CALLBACKS))
    crm.ok("import", "-", "--as", "callbacks", stdin=f"contact,due,purpose\n{rows}")
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with closing(connect(crm.db)) as connection:
        connection.set_progress_handler(count, 1000)
        with write(connection, Author("wei", NOON, "test")) as tx:
            run(tx)
        connection.set_progress_handler(None, 0)
        kept, now = (
            connection.execute(f"SELECT * FROM {name}").fetchall() for name in ("contact_state", "contact_state_now")
        )
        assert [*map(tuple, kept)] == [*map(tuple, now)]
        assert sum(row["open_callbacks"] for row in kept) == open_callbacks
    assert steps < 300, steps
