"""SQLModel sessions over the run's one connection, for commands that write."""

import logging
import sqlite3

from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool
from sqlmodel import Session


def engine_over(connection: sqlite3.Connection) -> Engine:
    """Return an engine whose only connection is this one, so that reads see what the session has flushed."""
    return create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)


def session_over(connection: sqlite3.Connection) -> Session:
    """Return a session that flushes into the open transaction; who began the transaction ends it."""
    logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())  # it would print a traceback after Ctrl-C
    return Session(engine_over(connection), expire_on_commit=False)
