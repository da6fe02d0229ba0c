"""The one place that knows about the terminal: colour, width, encoding, closed pipes.

Lines are painted by `lines.paint`: Rich's Console costs 60 ms to import, more than everything else that a screen needs.
Progress bars and charts are worth it and ask for `Terminal.console()`.
"""

import os
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from contextlib import suppress
from functools import cache
from io import BufferedWriter, RawIOBase, StringIO, TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from crmcli.render.lines import UNLIMITED, Line, paint
from crmcli.render.text import cut, safe

if TYPE_CHECKING:
    from rich.console import Console

_LEAST_WIDTH = 20
"""A terminal that claims to be narrower is treated as if it had so many cells."""
_MOST_WIDTH = 9999
"""As wide as anything is ever drawn: whoever asks for more wants lines that nothing breaks."""
_USUAL_WIDTH = 80
_CONSOLE_WIDTH = 200
_WINDOWS_COLOUR = ("WT_SESSION", "ConEmuANSI", "ANSICON", "TERM")
"""Set by consoles on Windows that understand colour codes; the old console shows the codes themselves."""


class Terminal:
    """A stream to print lines to; colour and width are decided once."""

    def __init__(self, stream: TextIO | None, environ: Mapping[str, str], color: str = "auto") -> None:
        """`color` is auto, always or never; `stream` None (closed before the program began) swallows everything."""
        self.stream = stream
        self.interactive = stream is not None and not stream.closed and stream.isatty()
        self.colour = _colour(color, environ, interactive=self.interactive)
        self.width = self._width(environ)

    def print(self, lines: Iterable[Line], *, plain: bool = False) -> None:
        """Print lines; `plain` without styles. OSError when they can't be written."""
        if self.stream is not None:
            colour = self.colour and not plain
            self.stream.writelines(paint(line, colour=colour) + "\n" for line in lines)

    def flush(self) -> None:
        """Hand over what was printed; a closed pipe or a full disk shows here (OSError) at the latest."""
        if self.stream is not None:
            self.stream.flush()

    def passing(self, text: str) -> None:
        """Show what is going on, in place of what was shown before; nothing with an empty text."""
        if self.stream is not None and self.interactive:
            said = cut(safe(text), self.width - 4)
            self.stream.write(f"\r… {said}\x1b[K\r" if said else "\r\x1b[K")
            self.stream.flush()

    def console(self) -> "Console":
        """Return a Rich console on this stream that never interprets data: for progress bars and charts."""
        return _load_console()(
            file=self.stream or StringIO(),
            force_terminal=self.interactive,
            color_system="standard" if self.colour else None,
            no_color=not self.colour,
            width=min(self.width, _CONSOLE_WIDTH),
            markup=False,
            highlight=False,
            emoji=False,
            legacy_windows=False,
        )

    def _width(self, environ: Mapping[str, str]) -> int:
        """Return the cells of a line: COLUMNS if set, the terminal's, UNLIMITED elsewhere (pipes, cron's mail)."""
        if columns := _width_in(environ.get("COLUMNS", "")):
            return max(_LEAST_WIDTH, columns)
        if not self.interactive or self.stream is None:
            return UNLIMITED
        try:
            return max(_LEAST_WIDTH, os.get_terminal_size(self.stream.fileno()).columns or _USUAL_WIDTH)
        except OSError:
            return _USUAL_WIDTH


def prepare_streams(environ: Mapping[str, str]) -> None:
    r"""Make standard output and error able to print anything without raising; called once, first thing in a run.

    In the C locale, which says nothing about the terminal, UTF-8 is written. Any other encoding is the user's choice:
    what it lacks is written as `\u5f20`, which loses nothing.
    """
    if isinstance(sys.stdout, TextIOWrapper) and isinstance(sys.stdout.buffer, RawIOBase):
        sys.stdout = _buffered(sys.stdout, sys.stdout.buffer)
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "C"
    neutral = locale in {"C", "POSIX"} and not environ.get("PYTHONIOENCODING")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8" if neutral else None, errors="backslashreplace")


def _buffered(stream: TextIOWrapper, raw: RawIOBase) -> TextIOWrapper:
    """Return an unbuffered stream with a buffer: without one, what a full disk did not take is not missed."""
    encoding, line_buffering = stream.encoding, stream.isatty()
    stream.detach()
    return TextIOWrapper(BufferedWriter(raw), encoding, line_buffering=line_buffering)


def prepare_widths(environ: MutableMapping[str, str]) -> None:
    """Leave variables that tell a width only where they tell one: libraries that draw the help read them unchecked."""
    for name in {"COLUMNS", "TERMINAL_WIDTH"} & {*environ}:
        if width := _width_in(environ.pop(name)):
            environ[name] = str(width)


def closed_pipe() -> int:
    """Return the exit code when nobody reads standard output any more (`crm list | head`): 0, they have seen enough.

    What is still buffered is thrown away, so that the interpreter stays quiet at its exit; call it for a full disk too.
    """
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _width_in(text: str) -> int:
    """Return the width that a variable tells, 0 where it tells none."""
    if not text.isdecimal():
        return 0
    return int(text) if len(text) <= len(str(_MOST_WIDTH)) else _MOST_WIDTH


def _colour(color: str, environ: Mapping[str, str], *, interactive: bool) -> bool:
    """Return whether to colour: the option, NO_COLOR (no-color.org), FORCE_COLOR (force-color.org), the terminal."""
    if color != "auto":
        return color == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    if not interactive or environ.get("TERM") in {"dumb", "unknown"}:
        return False
    return os.name != "nt" or any(environ.get(name) for name in _WINDOWS_COLOUR)


@cache
def _load_console() -> "type[Console]":
    """Load Rich for the few commands that need it; see the top of the file."""
    from rich.console import Console

    return Console
