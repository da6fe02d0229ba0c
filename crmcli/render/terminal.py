"""The one place that knows about the terminal: colour, width, encoding, closed pipes."""

from collections.abc import Iterable, Mapping
from typing import TextIO

from crmcli.render.lines import Line


class Terminal:
    """A stream to print lines to; `colour` and `width` (cells, UNLIMITED where nothing may be cut) are decided once."""

    stream: TextIO
    colour: bool
    width: int
    interactive: bool

    def __init__(self, stream: TextIO | None, environ: Mapping[str, str], color: str = "auto") -> None:
        raise NotImplementedError

    def print(self, lines: Iterable[Line], *, plain: bool = False) -> None:
        """Print lines; `plain` without styles."""
        raise NotImplementedError


def prepare_streams(environ: Mapping[str, str]) -> None:
    """Make standard output and error able to print anything without raising; called once, first thing in a run."""
    raise NotImplementedError


def closed_pipe() -> int:
    """Return the exit code when the reader of standard output went away (`crm list | head`), and keep the interpreter quiet about it."""
    raise NotImplementedError
