"""Column types and defaults that every table shares."""

from datetime import date, datetime, time
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from sqlalchemy import Dialect, ForeignKey, Text
from sqlalchemy.types import TypeDecorator

from crmcli.when.stored import moment_text

STRICT = {"sqlite_strict": True}
STRICT_IDS = {"sqlite_strict": True, "sqlite_autoincrement": True}
"""Table options; ids are never given out twice, so that the journal's ids stay unambiguous."""


ONE_PARTY = "(contact_id IS NULL) <> (company_id IS NULL)"
"""What a table checks whose rows belong to a contact or to a company."""


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored as UTC text that any SQLite tool can read."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Store UTC."""
        return None if value is None else moment_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read aware UTC."""
        return None if value is None else datetime.fromisoformat(value)


class Day(TypeDecorator[date]):
    """A calendar day, stored as YYYY-MM-DD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Store ISO."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> date | None:  # noqa: ARG002
        """Read a date."""
        return None if value is None else date.fromisoformat(value)


class WallTime(TypeDecorator[time]):
    """A time of day as the clock on the wall shows it, stored as HH:MM."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: time | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Store minutes; nobody promises seconds."""
        return None if value is None else value.strftime("%H:%M")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> time | None:  # noqa: ARG002
        """Read a time."""
        return None if value is None else time.fromisoformat(value)


def new_uid() -> str:
    """Return an id that no other database gives: it identifies a record across exports and imports."""
    return uuid4().hex


def uid_after(uid: str) -> str:
    """Return the id of what follows a record, the same in every database that has that one."""
    return uuid5(NAMESPACE_OID, uid).hex


def points_at(table: str, ondelete: str | None = None) -> ForeignKey:
    """Return a foreign key to a table's id that no model needs to be declared for: a command imports what it writes.

    With `use_alter` SQLAlchemy does not look for the other table before it writes a row; SQLite's tables get the key as
    any other. It orders nothing either: who writes a record and what belongs to it flushes in between.
    """
    return ForeignKey(f"{table}.id", ondelete=ondelete, use_alter=True)
