"""Reading ahead: while rows are written, another process reads the next ones.

Reading rows (CSV, phones, names) is Python's work, and writing what was read before is SQLite's: with two processors
they go on at once. Of the processor's time for 100,000 contacts a fifth is the other process's. It is a copy of this
one, made in a few milliseconds: it has the open file, the headings and the vocabulary already. It touches neither the
database nor the terminal, and goes away with this one, however that ends. It gets ahead by one batch, whatever the
file's size.
"""

import os
import sys
from collections.abc import Generator, Iterable
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

from crmcli.errors import CrmError
from crmcli.i18n import _

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Item = TypeVar("Item")


@cache
def _load_multiprocessing() -> ModuleType:
    """Return multiprocessing, loaded for a long file: it costs 10 ms."""
    import multiprocessing

    return multiprocessing


def can_read_ahead() -> bool:
    """Return whether there is a processor for a second process; on Linux alone is a copy of this one safe to make."""
    return sys.platform == "linux" and (os.cpu_count() or 1) > 1


def read_ahead(items: Iterable[Item]) -> Generator[Item, None, None]:
    """Yield the items, which another process works out and sends; raises what working them out raises.

    The process ends with the generator: at its end, or when it is closed.
    """
    context = _load_multiprocessing().get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    other = context.Process(target=_send, args=(items, receiving, sending), daemon=True)
    other.start()
    sending.close()
    try:
        while (said := receiving.recv()) is not None:
            item, error = said
            if error:
                raise error
            yield item
    except EOFError as error:
        raise CrmError(_("reading the file was ended from outside"), hint=_("import it again")) from error
    finally:
        other.kill()
        other.join()
        receiving.close()


def _send(items: Iterable[Item], receiving: "Connection", sending: "Connection") -> None:
    """Send each item, and what was raised; the last is nothing."""
    receiving.close()  # or the pipe would seem to be read by somebody when this process is the only one left
    try:
        for item in items:
            sending.send((item, None))
        sending.send(None)
    except BrokenPipeError:
        pass  # nobody reads any more
    except BaseException as error:  # noqa: BLE001 - it is raised again where the items are wanted
        sending.send((None, error))
