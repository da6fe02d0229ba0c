"""Where the benchmarks run: the databases and files, made when a row needs them, and the programs started on them."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Program, run

NOW = "2026-11-25T09:00:00+08:00"
"""The present of the databases (see data.NOW, whose import is too much for the process that measures)."""
_HERE = Path(__file__).parent
_SOURCES = (*_HERE.glob("data.py"), *_HERE.glob("words.py"), *(_HERE.parent / "crmcli" / "store" / "schema").glob("*"))


class Ground:
    """A folder with databases of several sizes, and the programs that run on them."""

    def __init__(self, folder: Path, small: int, large: int, huge: int) -> None:
        self.folder = folder
        self.small = small
        self.large = large
        self.huge = huge
        """Contacts of the largest database; the same as `large` unless the full size was asked for."""
        self._home = folder / "home"
        self._home.mkdir(parents=True, exist_ok=True)

    def database(self, contacts: int) -> Path:
        """Return a database of so many contacts; nobody writes to it."""
        return self._made("database", contacts, "db")

    def csv(self, contacts: int) -> Path:
        """Return a file of so many contacts to import."""
        return self._made("csv", contacts, "csv")

    def copy(self, contacts: int) -> Path:
        """Return a database of so many contacts to write to, for as many runs as it is used."""
        path = self.folder / f"copy-{contacts}.db"
        _fresh(self.database(contacts), path)
        return path

    def quiet(self, contacts: int) -> Path:
        """Return a database in which nothing is due today, by the real clock."""
        path = self.folder / f"quiet-{contacts}.db"
        shutil.copyfile(self.database(contacts), path)
        self._make("quiet", path, contacts)
        return path

    def crm(
        self, database: Path, *arguments: str, terminal: bool = True, before: Callable[[], None] | None = None
    ) -> Program:
        """Return our program on a database, on a terminal, at the databases' present."""
        environ = {**self.environ(), "CRM_DB": str(database), "CRM_NOW": NOW}
        return Program((*_crm(), *arguments), environ, terminal, before)

    def crm_from_cron(self, database: Path, *arguments: str) -> Program:
        """Return our program as cron runs it: no terminal, and the real clock."""
        return Program((*_crm(), *arguments), {**self.environ(), "CRM_DB": str(database)})

    def crm_from_cron_again(self, database: Path, *arguments: str) -> Program:
        """Return our program as cron runs it where there is a channel, and after a run that found nothing to do."""
        settings = self.folder / "channel.toml"
        settings.write_text('[channel.desk]\nurl = "exec:true"\n', "utf-8")
        program = self.crm_from_cron(database, *arguments)
        program = program._replace(environ={**program.environ, "CRM_CONFIG": str(settings)})
        time.sleep(5)  # what was written a moment ago is not relied on
        run(program)
        return program

    def crm_writing(self, *arguments: str) -> Program:
        """Return our program on a fresh copy of the small database at each run."""
        work = self.folder / f"work-{arguments[0]}.db"
        return self.crm(work, *arguments, before=lambda: _fresh(self.database(self.small), work))

    def crm_importing(self, table: Path, *, again: bool = False) -> Program:
        """Return the import of a file into an empty database, or into one that it was imported into before."""
        name = f"{'again' if again else 'import'}-{table.stem}.db"
        work, empty = self.folder / name, self.database(0)
        program = self.crm(work, "import", str(table), terminal=False, before=lambda: _fresh(empty, work))
        if not again:
            return program
        run(program)
        return program._replace(before=None)

    def completing(self, program: Program, *words: str) -> Program:
        """Return a program completing the last of the words, as bash asks it."""
        variable = f"_{words[0].upper()}_COMPLETE"
        asked = {variable: "complete_bash", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
        return program._replace(environ={**program.environ, **asked}, terminal=False)

    def script(self, name: str, *arguments: str, terminal: bool = True) -> Program:
        """Return a reference program."""
        return Program((sys.executable, str(_HERE / "references" / name), *arguments), self.environ(), terminal)

    def rich_table(self, name: str, rows: int = 20) -> Program:
        """Return a reference program that prints so many rows of the small database."""
        return self.script(name, str(self.database(self.small)), str(rows))

    def sqlmodel_row(self) -> Program:
        """Return the reference program that writes one row, into a database that keeps its rows."""
        return self.script("sqlmodel_row.py", str(self.folder / "notes.db"), "张三", "价格谈到8折")

    def sqlite_utils(self, table: Path) -> Program:
        """Return the plain import of a file into a new database."""
        work = self.folder / "plain.db"
        command = (
            sys.executable,
            "-m",
            "sqlite_utils",
            "insert",
            str(work),
            "contacts",
            str(table),
            "--csv",
            "--silent",
        )
        return Program(command, self.environ(), before=lambda: _forget(work))

    def bare_python(self) -> Program:
        """Return the smallest Python program."""
        return Program((sys.executable, "-I", "-c", "pass"), self.environ())

    def environ(self) -> dict[str, str]:
        """Return the environment of every program, but for what is its own."""
        fixed = {"LANG": "C.UTF-8", "CRM_LANG": "en", "TZ": "Asia/Shanghai", "USER": "wei"}
        terminal = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
        return {"HOME": str(self._home), "PATH": os.environ.get("PATH", os.defpath), **fixed, **terminal}

    def _made(self, what: str, contacts: int, ending: str) -> Path:
        """Return a file that depends on the code that makes it; it stays when that has not changed."""
        version = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(_SOURCES) if path.is_file())).hexdigest()
        path = self.folder / f"{contacts}-{version[:8]}.{ending}"
        if not path.exists():
            unfinished = path.with_suffix(".unfinished")
            _forget(unfinished)
            self._make(what, unfinished, contacts)
            unfinished.rename(path)
        return path

    def _make(self, what: str, path: Path, contacts: int) -> None:
        command = (sys.executable, "-m", "benchmarks.data", what, str(path), str(contacts))
        subprocess.run(command, check=True, cwd=_HERE.parent)


def _crm() -> tuple[str, ...]:
    """Return the installed command beside this Python, else the module."""
    installed = Path(sys.executable).parent / "crm"
    return (str(installed),) if installed.exists() else (sys.executable, "-m", "crmcli")


def _forget(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _fresh(source: Path, path: Path) -> None:
    """Copy a database and wait until it is on the disk: the run that follows shall not have to."""
    _forget(path)
    shutil.copyfile(source, path)
    with path.open("rb+") as file:
        os.fsync(file.fileno())
