"""What tests share: a database of their own, a fixed clock and zone, and the command line as a whole run."""

import io
import json
import os
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings

from crmcli import i18n
from crmcli.__main__ import run
from crmcli.store import keys
from crmcli.store.database import open_database
from crmcli.store.driver import is_encrypted, open_file, required_key
from crmcli.store.sealed import SealedPages
from tests import kept

NOW = "2026-11-25T09:00:00+08:00"
"""The present of every test, a Wednesday, unless it says otherwise."""

TEST_KEY = os.environ.get("CRM_TEST_KEY", "")
"""Given this, every test's database is encrypted with it, and all must go as without; with 64 hexadecimal digits (a raw
key, which takes no time to derive) it takes little longer: `CRM_TEST_KEY=$(printf %064d 1) pytest`."""
ENCRYPTED_TOO = pytest.mark.parametrize(
    "file_key", [pytest.param(TEST_KEY, id="given"), pytest.param("ab" * 32, id="encrypted")], indirect=True
)
"""What most depends on the file runs on an encrypted one in any case."""
PLAIN_ONLY = pytest.mark.parametrize("file_key", [pytest.param("", id="plain")], indirect=True)
"""What is about plain files alone runs on one in any case; each says why. There is no other exception."""

settings.register_profile(
    "crm",
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],  # the machine may be busy
    derandomize=bool(os.environ.get("CI")),  # CI judges a change; new examples are looked for where people work
)
settings.load_profile("crm")
kept.measure_no_memory()
kept.keep_what_a_run_makes()
kept.keep_files_in_memory()


class Result(NamedTuple):
    """One run of a command line."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What was printed, as JSON."""
        return json.loads(self.out)


class Crm:
    """The command line, in this process, on a database of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, key: str = TEST_KEY) -> None:
        self.folder = folder
        self.db = folder / "crm.db"
        self.key = key
        self._monkeypatch = monkeypatch
        self._begun = True
        if folder.is_dir() and not self.db.exists():
            self.anew()

    def anew(self) -> None:
        """Begin again, with an empty database."""
        shutil.copy(empty_database(self.key), self.db)

    def not_begun(self) -> None:
        """Let there be no database, as before the first command; one that is named and isn't there is a mistake."""
        self._begun = False
        self.db.unlink(missing_ok=True)

    def __call__(self, *arguments: str, stdin: str | bytes = "", **environ: str) -> Result:
        """Run `crm ARGUMENTS` and return exit code, standard output and standard error."""
        if self._begun and self.db == self.folder / "crm.db" and self.folder.is_dir():
            self.db.touch(mode=0o600)
        base = {"CRM_DB": str(self.db), "CRM_NOW": NOW, "TZ": "Asia/Shanghai", "CRM_LANG": "en", "USER": "wei"}
        if self.key:
            base["CRM_KEY"] = self.key
        paths = {"HOME": str(self.folder), "PATH": os.environ["PATH"], "COLUMNS": "100", "NO_COLOR": "1"}
        out, err = _text_stream(), _text_stream()
        raw = stdin if isinstance(stdin, bytes) else stdin.encode()
        with self._monkeypatch.context() as patch:
            patch.setattr(os, "environ", {**paths, **base, **environ})
            patch.setattr(sys, "argv", ["crm", *arguments])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            code = run(list(arguments))
        return Result(code, _printed(out), _printed(err))

    def ok(self, *arguments: str, stdin: str | bytes = "", **environ: str) -> Result:
        """Run a command line that must succeed."""
        result = self(*arguments, stdin=stdin, **environ)
        assert result.code == 0, result
        return result

    def data(self, *arguments: str, stdin: str | bytes = "", **environ: str) -> Any:
        """Run a command line that must succeed with `-o json`, and return what it printed."""
        return self.ok(*arguments, "-o", "json", stdin=stdin, **environ).json


def empty_database(key: str) -> Path:
    """Return a database as a first command makes it: made once, since most tests begin with one."""
    path = kept.folder() / f"{kept.seal(key)}.db"
    if not path.exists():
        keys.ask = lambda _path: key
        open_database(path).close()
    return path


def opened(path: Path) -> sqlite3.Connection:
    """Return a connection to look into a database, encrypted or not: every statement takes effect at once."""
    connection = open_file(path)
    connection.row_factory = None
    return connection


def content(path: Path) -> bytes:
    """Return all that is in a database's files, unused parts of pages too, as whoever has the key can read it."""
    left = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*") if file.is_file())
    if not is_encrypted(path):
        return left
    assert not path.with_name(f"{path.name}-wal").exists(), "what is in the log would have to be decrypted, too"
    pages = SealedPages(path, required_key(path))
    return left + b"".join(pages._page(number) for number in range(1, pages.count + 1))  # noqa: SLF001 - of no other use


def _text_stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _printed(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


def pytest_collection_finish() -> None:
    """Have all that is loaded by now left alone."""
    kept.collect_garbage_seldom()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin in English, and with the test's key, whatever the test before ended in; no fixture comes earlier."""
    given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    key = str(given.get("file_key", TEST_KEY))
    i18n.activate("en")
    keys.ask = lambda _path: key


@pytest.fixture(scope="session", autouse=True)
def file_key(request: pytest.FixtureRequest) -> str:
    """Give the key of the test's databases, empty where they are plain."""
    return str(getattr(request, "param", TEST_KEY))


@pytest.fixture
def crm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_key: str) -> Crm:
    """Give the command line on an empty database, on Wednesday 25 November 2026, 09:00, in Shanghai."""
    return Crm(tmp_path, monkeypatch, file_key)
