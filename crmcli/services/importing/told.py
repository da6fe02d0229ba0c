"""Records of an export of everything that are written one by one: what they do not say stays as it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crmcli.store.transaction import Transaction
from crmcli.when.stored import moment_text, stored_text

_UPDATED = "updated_at = max({}.updated_at, excluded.updated_at)"
_FLAGS = frozenset({"hidden", "required", "yearly"})
"""Columns that an export writes as true and false."""


def completed(tx: Transaction, table: str, key: Sequence[str], cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells with what the record of this key has where they say nothing; as they are where there is none."""
    which = " AND ".join(f'"{name}" = ?' for name in key)
    found = tx.connection.execute(f"SELECT * FROM {table} WHERE {which}", [cells.get(name, "") for name in key])
    here = dict(found.fetchone() or {})
    texts = {name: said(here, name) for name, value in here.items() if value is not None}
    return texts | {name: text for name, text in cells.items() if text}


def said(record: Mapping[str, Any], column: str) -> str:
    """Return a value as an export says it."""
    value = record[column]
    return "" if value is None else str(bool(value)).lower() if column in _FLAGS else str(value)


def told_moment(cells: Mapping[str, str], name: str) -> str | None:
    """Return a moment of the file as it is stored; None for what is none."""
    return stored_text(cells.get(name, ""))


def stamps(cells: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Return when a record was made and last changed where it comes from; else the present."""
    return {name: told_moment(cells, name) or moment_text(now) for name in ("created_at", "updated_at")}


def filling(table: str, columns: Sequence[str]) -> str:
    """Return the SQL that gives the record with this uid what is said of these columns, and the later `updated_at`."""
    told = {f'"{column}"': f'coalesce(nullif(excluded."{column}", \'\'), {table}."{column}")' for column in columns}
    sets = ", ".join(f"{column} = {value}" for column, value in told.items())
    differs = " OR ".join(f"{table}.{column} IS NOT {value}" for column, value in told.items())
    return f"ON CONFLICT (uid) DO UPDATE SET {sets}, {_UPDATED.format(table)} WHERE ({differs})"
