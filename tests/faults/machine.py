"""A home with a database in it: where command lines run, and what must hold of it whatever happened."""

import atexit
import json
import re
import shutil
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from crmcli.store import keys
from crmcli.store.backup import inspect
from crmcli.store.database import open_database
from crmcli.store.health import examine
from crmcli.store.health.check import Subject
from crmcli.store.transaction import Author, Transaction, write
from tests.faults.forks import NOW, Ended, Order, Server, environ

DOCUMENTED = {0, 1, 2, 3, 4, 5, 6, 7, 10}
"""Exit codes."""
_LEFT_OVER = {"files", "reminders", "size", "space"}
"""Checks that may find what a process left that was killed, none of which is a record; the doctor clears it away."""
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal would obey, or show in another order."""


@cache
def server() -> Server:
    """Return the one server of this process."""
    return Server()


@cache
def _scratch() -> Path:
    """Return a folder that is gone when this process ends."""
    folder = Path(mkdtemp(prefix="crm-faults-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def new_folder() -> Path:
    """Return a folder to keep something in until this process ends."""
    return Path(mkdtemp(dir=_scratch()))


class Machine:
    """A home."""

    def __init__(self, folder: Path, database: str = "crm.db", key: str = "") -> None:
        self.folder = folder
        self.db = folder / database
        self.key = key
        """Set for every command line; its database is encrypted with it, if it is encrypted."""

    def run(self, *arguments: str, **how: Any) -> Ended:
        """Run a command line; `how` are the fields of an order, and variables in capitals."""
        around = {"CRM_KEY": self.key} if self.key else {}
        around |= {name: str(value) for name, value in how.items() if name.isupper()}
        fields = {name: value for name, value in how.items() if not name.isupper()}
        order = Order(list(arguments), str(self.folder), environ(self.folder, **around))._replace(**fields)
        return server().run(order)

    def ok(self, *arguments: str, **how: Any) -> str:
        """Run a command line that must succeed."""
        ended = self.run(*arguments, **how)
        assert ended.code == 0, (arguments, ended)
        return ended.out

    def copy(self, folder: Path) -> "Machine":
        """Return a home that is the same."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Machine(folder, self.db.name, self.key)

    def opened(self) -> sqlite3.Connection:
        """Return a connection to the database, opened as every command does."""
        keys.ask = lambda _path: self.key
        return open_database(self.db)

    def state(self) -> dict[str, list[str]]:
        """Return all that is recorded, without what is drawn by lot."""
        with closing(self.opened()) as connection:
            names = [
                row[0]
                for row in connection.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'search_*' "
                    "AND name NOT GLOB 'sqlite_*'"
                )
            ]
            return {
                name: sorted(_recorded(row) for row in connection.execute(f"SELECT * FROM {name}")) for name in names
            }

    def examined(self, but: Collection[str] = ()) -> None:
        """Let the doctor look: nothing may be wrong `but` this, and what a killed process leaves lying about."""
        with closing(self.opened()) as connection:
            moment = datetime.fromisoformat(NOW)

            @contextmanager
            def transaction() -> Iterator[Transaction]:
                with write(connection, Author("wei", moment, "doctor")) as tx:
                    yield tx

            findings = list(examine(Subject(connection, self.db, moment, "CN", transaction)))
        ill = [finding for finding in findings if not finding.ok and finding.check not in {*_LEFT_OVER, *but}]
        assert not ill, ill
        for backup in self.folder.rglob("backups/*.db"):
            inspect(backup)


def _recorded(row: sqlite3.Row) -> str:
    """Return a row as text, without the uids in it."""
    values = {name: row[name] for name in row.keys() if name not in {"uid", "series"}}  # noqa: SIM118 - a Row is no dict
    for name in ("before", "after"):
        if isinstance(image := values.get(name), str) and image.startswith("{"):
            values[name] = {key: value for key, value in json.loads(image).items() if key not in {"uid", "series"}}
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def require_honest(ended: Ended, *said: object) -> None:
    """Require a documented exit code, no traceback, and nothing that a terminal would obey."""
    about = (*said, ended)
    assert ended.code in DOCUMENTED, about
    assert "Traceback" not in ended.out + ended.err, about
    assert "in crm itself" not in ended.err, about
    assert not _OBEYED.search(ended.out + ended.err), about
