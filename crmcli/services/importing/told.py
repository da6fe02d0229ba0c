"""Records of an export of everything that are written one by one: what they do not say stays as it is."""

from collections.abc import Mapping, Sequence

from crmcli.store.transaction import Transaction

_FLAGS = frozenset({"hidden", "required", "yearly"})
"""Columns that an export writes as true and false."""


def completed(tx: Transaction, table: str, key: Sequence[str], cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells with what the record of this key has where they say nothing; as they are where there is none."""
    which = " AND ".join(f'"{name}" = ?' for name in key)
    found = tx.connection.execute(f"SELECT * FROM {table} WHERE {which}", [cells.get(name, "") for name in key])
    here = dict(found.fetchone() or {})
    texts = {
        name: str(bool(value)).lower() if name in _FLAGS else str(value)
        for name, value in here.items()
        if value is not None
    }
    return texts | {name: text for name, text in cells.items() if text}


def filling(table: str, columns: Sequence[str]) -> str:
    """Return the SQL that gives the record with this uid what is said of these columns, and a new `updated_at`."""
    told = {f'"{column}"': f'coalesce(nullif(excluded."{column}", \'\'), {table}."{column}")' for column in columns}
    sets = ", ".join(f"{column} = {value}" for column, value in told.items())
    differs = " OR ".join(f"{table}.{column} IS NOT {value}" for column, value in told.items())
    return f"ON CONFLICT (uid) DO UPDATE SET {sets}, updated_at = excluded.updated_at WHERE ({differs})"
