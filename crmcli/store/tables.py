"""The tables, made from the models."""

import sqlite3

from sqlmodel import SQLModel

from crmcli.models import (
    answer,
    attachment,
    callback,
    company,
    complaint,
    consent,
    contact,
    custom_field,
    followup,
    identity,
    journal,
    notice,
    preset,
    promise,
    reminder,
    service_level,
    supervision,
    survey,
    vocabulary,
)
from crmcli.store.engine import engine_over

HEAD = "0003"
"""The newest migration; a new database is stamped with it."""

_DECLARED = (
    answer,
    attachment,
    callback,
    company,
    complaint,
    consent,
    contact,
    custom_field,
    followup,
    identity,
    journal,
    notice,
    preset,
    promise,
    reminder,
    service_level,
    supervision,
    survey,
    vocabulary,
)
"""Importing them declares every table."""


def create_tables(connection: sqlite3.Connection) -> None:
    """Create every table and index in the open transaction, and stamp the newest migration."""
    with engine_over(connection).connect() as bound:
        SQLModel.metadata.create_all(bound, checkfirst=False)
    connection.execute("CREATE TABLE alembic_version (version_num TEXT NOT NULL PRIMARY KEY) STRICT")
    connection.execute("INSERT INTO alembic_version VALUES (?)", (HEAD,))
