"""A remark for whoever waits long enough to wonder whether anything happens."""

from collections.abc import Iterator
from contextlib import contextmanager

from crmcli.context import Context
from crmcli.i18n import _

PATIENCE = 2.0
"""Seconds."""


@contextmanager
def working(context: Context) -> Iterator[None]:
    """Say on a terminal, once, that it takes a while, when what is done in the block does."""
    tell = context.telling(_("at work: this takes a while"))
    if tell is None:
        yield
        return
    from threading import Timer

    timer = Timer(PATIENCE, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # or it would speak amid what is printed next
