"""The tables, made from the models."""

import sqlite3
from importlib import import_module
from pkgutil import iter_modules

from sqlmodel import SQLModel

from crmcli import models
from crmcli.store.engine import engine_over

HEAD = "0004"
"""The newest migration; a new database is stamped with it."""

for _module in iter_modules(models.__path__):
    import_module(f"{models.__name__}.{_module.name}")  # which declares its tables


def create_tables(connection: sqlite3.Connection) -> None:
    """Create every table and index in the open transaction, and stamp the newest migration."""
    with engine_over(connection).connect() as bound:
        SQLModel.metadata.create_all(bound, checkfirst=False)
    connection.execute("CREATE TABLE alembic_version (version_num TEXT NOT NULL PRIMARY KEY) STRICT")
    connection.execute("INSERT INTO alembic_version VALUES (?)", (HEAD,))
