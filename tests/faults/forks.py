"""Command lines in processes of their own that start at once: forked from one that has loaded the whole program.

A new interpreter spends nine tenths of a command's time on imports; a fork spends all of it on the work that faults are
to disturb. `python -m tests.faults.forks` is the server: it reads orders and writes what became of them, a line each.
"""

import importlib
import io
import json
import os
import pkgutil
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, NamedTuple, NoReturn

import crmcli
from tests import kept
from tests.faults.rivals import Rival, let_in

ROOT = Path(__file__).parent.parent.parent
NOW = "2026-11-25T09:00:00+08:00"
_PATIENCE_SECONDS = 120
"""After which a command line counts as hanging."""
_SCRIPTS = {"crmcli.exchange.sheetworker", "crmcli.__main__"}
_FIRST: tuple[tuple[str, ...], ...] = (
    *(("add", "张三", "--phone", "13800138000"), ("log", "张三", "来访", "--next", "tomorrow 10:00")),
    *(("complain", "张三", "晚了"), ("list",), ("export", "contacts"), ("backup",), ("doctor",)),
    *(("contact", "delete", "张三"), ("undo",)),
)
"""What has the program load and work out what it keeps until a process ends."""


class Order(NamedTuple):
    """A command line, where and how it runs."""

    arguments: list[str]
    folder: str
    """The home, and the current folder."""
    environ: dict[str, str]
    stdin: str = os.devnull
    kill_after: float | None = None
    """Seconds until it is killed."""
    most_bytes: int | None = None
    """How large a file may become (RLIMIT_FSIZE)."""
    without_rights: bool = False
    """Whether root is to be stopped by permissions as everybody else is."""
    current: str = ""
    """A folder below, that is gone when the command begins there."""
    stdout: str = ""
    """Where it prints instead: a device."""
    rival: Sequence[Any] = ()
    """Whom it meets (`tests.faults.rivals.Rival`)."""


class Ended(NamedTuple):
    """What became of it."""

    code: int
    """The exit code; that of a signal is negative."""
    seconds: float
    out: str
    err: str


def environ(folder: Path, **more: str) -> dict[str, str]:
    """Return what a command line has around it."""
    return {
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
        "CRM_DB": str(folder / "crm.db"),
        "CRM_NOW": NOW,
        "CRM_LANG": "en",
        "TZ": "Asia/Shanghai",
        "USER": "wei",
        "COLUMNS": "100",
        **more,
    }


def load_everything() -> None:
    """Import the whole program, and have it do this and that for the first time: who is forked off need not."""
    kept.measure_no_memory()
    for module in pkgutil.walk_packages(crmcli.__path__, "crmcli."):
        if module.name not in _SCRIPTS and ".migrations.versions" not in module.name:
            importlib.import_module(module.name)
    kept.keep_what_a_run_makes()
    around = dict(os.environ)
    with TemporaryDirectory(prefix="crm-first-") as folder, redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")):
        os.environ.update(environ(Path(folder)))
        for arguments in _FIRST:
            assert _program()(list(arguments)) == 0, arguments
    os.environ.clear()
    os.environ.update(around)
    kept.collect_garbage_seldom()


def _program() -> Callable[[list[str]], int]:
    """Return what runs a command line; its module is no script here."""
    run_line: Callable[[list[str]], int] = importlib.import_module("crmcli.__main__").run
    return run_line


def run(order: Order) -> Ended:
    """Run a command line in a fork, and kill it when its time has come."""
    said_in = Path(mkdtemp(prefix="crm-said-"))  # not in the folder, which may be on a full disk
    out, err = said_in / "out", said_in / "err"
    began = time.monotonic()
    child = os.fork()
    if not child:
        _become(order, out, err)
    if order.kill_after is not None:
        time.sleep(order.kill_after)
        os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    seconds = time.monotonic() - began
    said = [path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else "" for path in (out, err)]
    rmtree(said_in)
    return Ended(os.waitstatus_to_exitcode(status), seconds, *said)


def _become(order: Order, out: Path, err: Path) -> NoReturn:
    """Be the program from here on."""
    code = 70
    signal.alarm(_PATIENCE_SECONDS)
    try:
        os.chdir(order.folder)
        for place, flags, descriptor in (
            (order.stdin, os.O_RDONLY, 0),
            (order.stdout or out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 1),
            (err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 2),
        ):
            os.dup2(os.open(place, flags, 0o600), descriptor)
        sys.stdin, sys.stdout, sys.stderr = (
            os.fdopen(number, mode, buffering, encoding="utf-8")
            for number, mode, buffering in ((0, "r", -1), (1, "w", -1), (2, "w", 1))
        )
        if order.most_bytes is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as Python does
            resource.setrlimit(resource.RLIMIT_FSIZE, (order.most_bytes, order.most_bytes))
        if order.without_rights:
            give_up_rights()
        if order.current:
            os.chdir(order.current)
            Path(order.folder, order.current).rmdir()
        os.environ.clear()
        os.environ.update(order.environ)
        time.tzset()
        sys.argv = ["crm", *order.arguments]
        over = let_in(Rival(*order.rival)) if order.rival else None
        code = _program()(order.arguments)
        sys.stdout.flush()
        if over:
            over()
    finally:
        os._exit(code)


def give_up_rights() -> None:
    """Let permissions stop root, too: without the capabilities that override them."""
    if os.geteuid() == 0:
        import ctypes

        class Header(ctypes.Structure):
            _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))

        nothing = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable: none
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.capset(ctypes.byref(Header(0x20080522, 0)), ctypes.byref(nothing)):
            raise OSError(ctypes.get_errno(), "capset")


class Server:
    """A process that has loaded the program and forks off command lines."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.forks"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="ascii",
        )

    def run(self, order: Order) -> Ended:
        """Run a command line."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: list[Any] = json.loads(self._process.stdout.readline())
        return Ended(*answer)

    def close(self) -> None:
        """Let it go."""
        self._process.communicate()


def _serve() -> None:
    load_everything()
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    for line in sys.stdin:
        answers.write(json.dumps(run(Order(*json.loads(line)))) + "\n")
        answers.flush()


if __name__ == "__main__":
    _serve()
