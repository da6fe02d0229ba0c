"""The tables as the models declare them: `python -m tests.tables` writes what a new database begins with.

Reading `store/schema/tables.sql` takes a millisecond, declaring the models half a second.
"""

import sqlite3
from contextlib import closing
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from sqlalchemy import Table
from sqlmodel import SQLModel

from crmcli import models
from crmcli.store import schema
from crmcli.store.driver import open_file
from crmcli.store.engine import engine_over

FILE = Path(schema.__file__).with_name("tables.sql")
_HEAD = "-- The tables and their indexes, made from the models: python -m tests.tables\n"

for _module in iter_modules(models.__path__):
    import_module(f"{models.__name__}.{_module.name}")  # which declares its tables


def declared() -> dict[str, Table]:
    """Return the tables by their names."""
    return dict(SQLModel.metadata.tables)


def create_from_models(connection: sqlite3.Connection) -> None:
    """Create every table and index that the models declare."""
    with engine_over(connection).connect() as bound:
        SQLModel.metadata.create_all(bound, checkfirst=False)


def script() -> str:
    """Return the SQL that makes them, as the file should have it."""
    with closing(open_file(Path(":memory:"), key="")) as connection:
        create_from_models(connection)
        made = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*' "
            "ORDER BY tbl_name, type = 'index', name"
        )
        statements = [row[0].replace("\t", "    ") for row in made]
    return "\n".join([_HEAD, *(f"{_stripped(statement)};\n" for statement in statements)])


def _stripped(statement: str) -> str:
    lines = "\n".join(line.rstrip() for line in statement.splitlines() if line.strip())
    return lines.replace("\n STRICT", " STRICT")


if __name__ == "__main__":
    FILE.write_text(script(), "utf-8")
