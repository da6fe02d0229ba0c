"""Upgrading an older database with Alembic; loaded only when a file's schema is older than the program's."""

import sqlite3
from itertools import count
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from crmcli.store.backup import copy_database, is_copy
from crmcli.store.engine import engine_over

FOLDER = Path(__file__).parent
"""Where `versions/` is."""


def run_migrations(connection: sqlite3.Connection, to: str = "head") -> None:
    """Run the migrations that the database has not seen yet, up to a revision, in the open transaction."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    with (
        engine_over(connection).connect() as bound,
        EnvironmentContext(config, script, fn=lambda revision, _: script._upgrade_revs(to, revision)) as context,  # noqa: SLF001 - what alembic's own command.upgrade does
    ):
        # SQLite's DDL is transactional here because our connection begins and ends transactions itself
        context.configure(connection=bound, transactional_ddl=False)
        context.run_migrations()


def copy_of(connection: sqlite3.Connection, path: Path) -> Path:
    """Return where the database is kept as it was before its upgrade.

    It may be there already, when an upgrade was killed; one that is there of another state stays as it is.
    """
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for number in count(1):
        again = f"-{number}" if number > 1 else ""
        copy = path.with_name(f"{path.name}.schema-{version}{again}.bak")
        if not copy.exists() or is_copy(copy, path):
            break
    return copy


def keep_copy(path: Path, copy: Path) -> None:
    """Copy the database before anything of it is changed: without a log, who writes much keeps all readers out.

    The copy is readable by its owner alone.
    """
    if not copy.exists():
        copy_database(path, copy)
