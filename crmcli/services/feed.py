"""What a calendar shows: each kind of entry is a line in KINDS, which says where it is read and how it is written."""

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from crmcli.errors import UsageError
from crmcli.exchange.feed import (
    Look,
    birthday_entries,
    callback_entries,
    deadline_entries,
    promise_entries,
    supervision_entries,
)
from crmcli.exchange.icalout import Entry
from crmcli.i18n import _, one_of
from crmcli.queries.reader import Reader, Row

_PHONE = (
    "(SELECT p.value FROM contact_point p WHERE p.contact_id = {}.contact_id AND p.kind = 'phone' "
    "ORDER BY p.id LIMIT 1) AS phone"
)


class Kind(NamedTuple):
    """A kind of entry."""

    sql: str
    """Reads the records, always in the same order."""
    entries: Callable[[Row, Look], list[Entry]]
    todo: bool = True
    """Whether it is something to do."""


KINDS = {
    "callbacks": Kind(
        f"SELECT *, {_PHONE.format('callbacks')} FROM callbacks WHERE status = 'open' ORDER BY id", callback_entries
    ),
    "promises": Kind(
        f"SELECT *, {_PHONE.format('promises')} FROM promises WHERE status = 'open' ORDER BY id", promise_entries
    ),
    "supervisions": Kind(
        f"SELECT *, {_PHONE.format('supervisions')} FROM supervisions "
        "WHERE closed_at IS NULL AND status = 'open' AND due IS NOT NULL ORDER BY id",
        supervision_entries,
    ),
    "deadlines": Kind(
        f"SELECT *, {_PHONE.format('complaints')} FROM complaints "
        "WHERE resolved_at IS NULL AND closed_at IS NULL ORDER BY id",
        deadline_entries,
    ),
    "birthdays": Kind(
        "SELECT uid, name, birthday, created_at, updated_at FROM contact WHERE birthday IS NOT NULL ORDER BY id",
        birthday_entries,
        todo=False,
    ),
}


def chosen_kinds(text: str) -> tuple[str, ...]:
    """Return the kinds of `callbacks,birthdays`, all of them where the text is empty; raises UsageError."""
    names = tuple(name.strip().casefold() for name in text.split(",") if name.strip())
    for name in names:
        if name not in KINDS:
            raise UsageError(
                _("there are no {kind} in a calendar").format(kind=name),
                hint=one_of(KINDS),
            )
    return names or tuple(KINDS)


def read_records(reader: Reader, look: Look, kinds: Collection[str]) -> Iterator[list[Entry]]:
    """Yield the entries of each record that the calendar shows."""
    for name in kinds:
        kind = KINDS[name]
        if kind.todo or not look.todos:
            for row in reader.connection.execute(kind.sql):
                yield kind.entries(dict(row), look)
