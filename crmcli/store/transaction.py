"""A write transaction: begun at once, journalled, indexed, and committed whole or not at all."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from crmcli.store.search import refresh
from crmcli.store.waiting import Waiting, begin_writing, commit
from crmcli.when.stored import moment_text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

COMMAND_CHARACTERS = 500
"""How much of a command line the journal keeps."""
_DIFFERS = """
SELECT EXISTS (
    SELECT 1 FROM change_row WHERE change_id = :id AND id > :last
    AND json_remove(before, '$.updated_at') IS NOT json_remove(after, '$.updated_at')
)
"""
"""Whether the journal has noted since then more than another moment of the last change."""
_DATED = """
SELECT entity, entity_id, before ->> 'updated_at' FROM change_row
WHERE change_id = :id AND id > :last AND before ->> 'updated_at' IS NOT NULL ORDER BY id DESC
"""


class Transaction:
    """What a service works with: the session that models are written through, and the change being recorded."""

    def __init__(self, connection: sqlite3.Connection, change: int) -> None:
        self.connection = connection
        self.change = change
        self.kept = False
        """Whether it has changed something, once it is over."""
        self.final = False
        """Whether nothing takes it back once it is committed."""
        self.indexed: set[str] = set()
        """Kinds of record of which those that were added in bulk are in the search index already."""

    @cached_property
    def session(self) -> "Session":
        """The session, made when it is first asked for: an import is SQL alone, and SQLAlchemy takes half a second."""
        from crmcli.store.engine import session_over

        return session_over(self.connection)

    def has_written(self) -> bool:
        """Return whether the journal has something of this change so far."""
        found = self.connection.execute(
            "SELECT EXISTS (SELECT 1 FROM change_row WHERE change_id = :id) "
            "OR EXISTS (SELECT 1 FROM change_range WHERE change_id = :id)",
            {"id": self.change},
        ).fetchone()
        return bool(found[0])

    def attempt(self, change: Callable[[], None]) -> bool:
        """Change a record and return whether it is another now; where only its date would be, it is left as it was."""
        noted = "SELECT coalesce(max(id), 0) FROM change_row WHERE change_id = ?"
        last = self.connection.execute(noted, (self.change,)).fetchone()[0]
        change()
        self.finish()
        differs = bool(self.connection.execute(_DIFFERS, {"id": self.change, "last": last}).fetchone()[0])
        if not differs:
            self._forget(last)
        return differs

    def _forget(self, last: int) -> None:
        """Set the moments of last changes back that were noted since then; to roll back would read the schema anew."""
        since = {"id": self.change, "last": last}
        dated = self.connection.execute(_DATED, since).fetchall()
        self.connection.execute("UPDATE journal_state SET change_id = NULL")
        for entity, id_, before in dated:
            self.connection.execute(f'UPDATE "{entity}" SET updated_at = ? WHERE id = ?', (before, id_))
        self.connection.execute("DELETE FROM change_row WHERE change_id = :id AND id > :last", since)
        self.connection.execute("UPDATE journal_state SET change_id = ?", (self.change,))
        self.session.expunge_all()

    def finish(self) -> None:
        """Write what the session still holds."""
        if "session" in self.__dict__:
            self.session.flush()

    def close(self) -> None:
        """Let the session go."""
        if "session" in self.__dict__:
            self.session.close()


class Author(NamedTuple):
    """Who changes something, when, and with which command."""

    actor: str
    at: "datetime"
    command: str


@contextmanager
def write(
    connection: sqlite3.Connection, author: Author, *, dry_run: bool = False, waiting: Waiting | None = None
) -> Iterator[Transaction]:
    """Run the block as one transaction and record it as one change; roll back when it raises, or in a dry run.

    `waiting` is told when another process keeps this one from beginning for a while.
    A block that changed nothing leaves no change behind. What is raised once it is committed, by Ctrl-C, takes nothing
    back: the transaction is kept.
    """
    begin_writing(connection, waiting)
    begun: Transaction | None = None
    try:
        change = _begin_change(connection, author)
        with closing(Transaction(connection, change)) as transaction:
            begun = transaction
            yield transaction
            transaction.finish()
        transaction.kept = _end_change(transaction)
        if dry_run:
            connection.execute("ROLLBACK")
        else:
            commit(connection)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
            if begun is not None:
                begun.kept = False
        raise


def _begin_change(connection: sqlite3.Connection, author: Author) -> int:
    cursor = connection.execute(
        "INSERT INTO change (at, actor, command) VALUES (?, ?, ?)",
        (moment_text(author.at), author.actor, author.command[:COMMAND_CHARACTERS]),
    )
    change = cursor.lastrowid
    assert change is not None  # noqa: S101 - an INSERT has a row id
    connection.execute("UPDATE journal_state SET change_id = ?, bulk = 0", (change,))
    return change


def _end_change(transaction: Transaction) -> bool:
    """Index what changed; drop the change when nothing did, and return whether something has."""
    connection, change = transaction.connection, transaction.change
    connection.execute("UPDATE journal_state SET change_id = NULL, bulk = 0")
    changed = transaction.has_written()
    if changed:
        refresh(connection, change, transaction.indexed)
    else:
        connection.execute("DELETE FROM change WHERE id = ?", (change,))
    return changed
