"""Upgrading an older database with Alembic; loaded only when a file's schema is older than the program's."""

import sqlite3
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from crmcli.store.backup import copy_database
from crmcli.store.engine import engine_over

FOLDER = Path(__file__).parent
"""Where `versions/` is."""


def upgrade(connection: sqlite3.Connection, path: Path) -> None:
    """Bring an older database's tables to the newest migration, in the open transaction; keep a copy beside it."""
    _keep_copy(connection, path)
    run_migrations(connection)


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
    """Return where the database is kept as it was before its upgrade."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    return path.with_name(f"{path.name}.schema-{version}.bak")


def _keep_copy(connection: sqlite3.Connection, path: Path) -> None:
    """Copy the database before it is changed, with the schema's number in the name; readable by its owner alone."""
    copy = copy_of(connection, path)
    if not copy.exists():
        copy_database(path, copy)
