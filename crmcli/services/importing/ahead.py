"""Reading ahead: while rows are written, another process reads the next ones.

Reading rows (CSV, phones, names, the words by which they are found) is Python's work, and writing what was read before
is SQLite's: with two processors they go on at once. Of the processor's time for 100,000 contacts a third is the other
process's. It is a copy of this one, made in a few milliseconds: it has the open file, the headings and the vocabulary
already. It touches neither the database nor the terminal, and goes away with this one, however that ends. It gets ahead
by two batches, whatever the file's size.
"""

import marshal
import os
import sys
import time
from collections.abc import Generator, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from crmcli.errors import CrmError
from crmcli.i18n import _

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Item = TypeVar("Item")

_RUNNING = Path("/proc/loadavg")
"""Tells how many tasks run or wait for a processor at this moment, this one among them."""
_LOOKS, _PAUSE = 6, 0.004
"""How often it is looked at, and after how many seconds again: others may work, or wait, for a moment alone."""
_AHEAD = 1 << 20
"""Bytes in the pipe: a batch waits there, or the other process would wait with it. More is for root alone."""


@cache
def _load_multiprocessing() -> ModuleType:
    """Return multiprocessing, loaded for a long file: it costs 10 ms."""
    import multiprocessing

    return multiprocessing


@cache
def _load_fcntl() -> ModuleType:
    """Return fcntl, which not every system has."""
    import fcntl

    return fcntl


def can_read_ahead() -> bool:
    """Return whether a processor is free for a second process; on Linux alone is a copy of this one safe to make.

    Where none is, two processes take longer than one, by what it costs to send rows from one to the other.
    """
    if sys.platform != "linux":
        return False
    processors = len(os.sched_getaffinity(0))
    busy = 0
    for _look in range(_LOOKS):
        busy += _running() >= processors
        time.sleep(_PAUSE)
    return busy < _LOOKS // 2


def _running() -> int:
    """Return how many tasks run or wait for a processor; this one alone where the system doesn't tell."""
    try:
        return int(_RUNNING.read_text().split()[3].partition("/")[0])
    except (OSError, ValueError, IndexError):
        return 1


def read_ahead(items: Iterable[Item]) -> Generator[Item, None, None]:
    """Yield the items, which another process works out and sends; raises what working them out raises.

    Items are made of texts, numbers, plain lists, tuples and dicts: marshal sends them in a fifth of pickle's time. The
    process ends with the generator: at its end, or when it is closed.
    """
    context = _load_multiprocessing().get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    _widen(sending)
    other = context.Process(target=_send, args=(items, receiving, sending), daemon=True)
    other.start()
    sending.close()
    try:
        while said := _heard(receiving):
            yield marshal.loads(said)  # noqa: S302 - said by a copy of this process
        problem: BaseException | None = receiving.recv()
        if problem:
            raise problem
    except EOFError as error:
        raise _ended() from error
    finally:
        other.kill()
        other.join()
        receiving.close()


def _heard(receiving: "Connection") -> bytes:
    """Return what comes next; CrmError when the other process was killed while it said it."""
    try:
        return receiving.recv_bytes()
    except OSError as error:
        raise _ended() from error


def _ended() -> CrmError:
    return CrmError(_("reading the file was ended from outside"), hint=_("import it again"))


def _widen(sending: "Connection") -> None:
    """Make room in the pipe, where the machine allows it."""
    fcntl = _load_fcntl()
    with suppress(OSError):
        fcntl.fcntl(sending.fileno(), fcntl.F_SETPIPE_SZ, _AHEAD)


def _send(items: Iterable[Any], receiving: "Connection", sending: "Connection") -> None:
    """Send each item, then what was raised."""
    receiving.close()  # or the pipe would seem to be read by somebody when this process is the only one left
    try:
        for item in items:
            sending.send_bytes(marshal.dumps(item))
        _end(sending, None)
    except BrokenPipeError:
        pass  # nobody reads any more
    except BaseException as error:  # noqa: BLE001 - it is raised again where the items are wanted
        _end(sending, error)


def _end(sending: "Connection", error: BaseException | None) -> None:
    """Say that no more items come, and why."""
    sending.send_bytes(b"")
    sending.send(error)
