"""What tests make once a process and keep: a run of the program makes it once, too, but tests run the program often."""

import _sqlite3
import atexit
import ctypes
import gc
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from crmcli import app, i18n
from crmcli.store import engine

if TYPE_CHECKING:
    from tests.conftest import Crm

_build, _build_program = app.load, app.program
_MEMORY = Path("/dev/shm")  # noqa: S108 - where a folder of one's own is made, as in any other
"""Linux's disk in memory."""
_PLENTY = 4 << 30
"""Bytes."""
_SQLITE_CONFIG_MEMSTATUS = 9
"""A number of SQLite's own."""


def keep_what_a_run_makes() -> None:
    """Build each command, and compile each statement of SQLAlchemy's, once a process instead of once a run."""
    app.program = lambda: _program(i18n.language())
    app.load = lambda name: _command(name, i18n.language())
    engine.engine_over = _engine_over


@cache
def _program(_language: str) -> Any:
    """Return the program without its commands, in this language likewise."""
    return _build_program()


@cache
def _command(name: str, _language: str) -> Any:
    """Return a command; its help is in the language in which it was built."""
    return _build(name)


@cache
def _engine() -> Engine:
    """Return an engine whose dialect knows SQLite, since it was connected, with the statements compiled for it."""
    made = create_engine("sqlite://")
    made.connect().close()
    return made


def _engine_over(connection: sqlite3.Connection) -> Engine:
    only: Any = connection
    made = Engine(StaticPool(lambda: only), _engine().dialect, _engine().url)
    made._compiled_cache = _engine()._compiled_cache  # noqa: SLF001 - what it has no argument for
    return made


def measure_no_memory() -> None:
    """Let SQLite keep no account of its memory, which nobody asks for: it takes a fifth of reading a schema.

    It can be told before anything is open, and only where its library can be reached.
    """
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_shutdown()
        library.sqlite3_config(_SQLITE_CONFIG_MEMSTATUS, 0)
        library.sqlite3_initialize()


def keep_files_in_memory() -> None:
    """Let tests have their folders in memory where there is plenty; waiting for the disk is a third of a command.

    `TMPDIR` says otherwise.
    """
    if "TMPDIR" not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _PLENTY:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


def collect_garbage_seldom() -> None:
    """Look through what tests leave behind as rarely as the program does, and never through what all of them need."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(250_000)


@cache
def folder() -> Path:
    """Return a folder for what is kept until the process ends."""
    path = Path(tempfile.mkdtemp(prefix="crm-tests-"))
    atexit.register(shutil.rmtree, path)
    return path


def seal(key: str) -> str:
    """Return how what is kept of databases with this key is called."""
    return key.encode().hex()[:64] or "plain"


def filled_once(fill: "Callable[[Crm], Crm]") -> "Callable[[Crm], Crm]":
    """Let a fixture fill its database for the first test alone; the others get copies of what it made.

    It must leave nothing but files in its folder, and tell nobody where they are.
    """

    @wraps(fill)
    def copied(crm: "Crm") -> "Crm":
        kept = folder() / f"{fill.__module__}.{fill.__name__}.{seal(crm.key)}"
        if kept.exists():
            shutil.copytree(kept, crm.folder, dirs_exist_ok=True)
        else:
            shutil.copytree(fill(crm).folder, kept)
        return crm

    return copied
