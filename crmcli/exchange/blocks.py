"""What stands between BEGIN and END: the cards of a vCard file, the events and to-dos of a calendar."""

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from crmcli.errors import UsageError
from crmcli.exchange.text import encoding_of
from crmcli.i18n import _

_LONGEST = 1 << 26
"""Characters of a block: more is a file that never ends it."""
_MARK = 60
"""Characters: no line longer than this is a BEGIN or END."""


class Block(NamedTuple):
    """One component and its lines, still folded, every byte a character (see crmcli.exchange.contentline)."""

    name: str
    lines: list[str]
    inner: list[str]
    """Names of the components inside it, whose lines are left out, but for a time zone's."""
    complete: bool
    """Whether its END was found."""


def charset_of(stream: BinaryIO) -> str:
    """Return the encoding of lines that declare none; a file that mixes several has the likeliest.

    Raises UsageError for what is no text.
    """
    start = stream.read(64)
    stream.seek(0)
    try:
        return encoding_of(stream)
    except UsageError:
        if not re.match(rb"(\xef\xbb\xbf)?\s*BEGIN:V", start, re.IGNORECASE):
            raise
        return "utf-8"


def read_blocks(stream: BinaryIO, encoding: str, names: frozenset[str]) -> Iterator[Block]:
    """Yield the blocks of these names; one that begins before the last ended ends it.

    Raises UsageError for one of more than 64 MB.
    """
    block: Block | None = None
    size = 0
    inside: list[str] = []
    for line in _lines(stream, encoding):
        verb, _colon, name = line[:_MARK].rstrip().upper().partition(":")
        if verb == "BEGIN" and block and (name not in names or _is_agent(block)):
            inside.append(name)
            block.inner.append(name)
        elif verb == "BEGIN" and name in names:
            if block:
                yield block
            block, size, inside = Block(name, [], [], complete=False), 0, []
            continue
        elif verb == "END" and block and name == block.name and name not in inside:
            yield block._replace(complete=True)
            block = None
        if block and (not inside or block.name == "VTIMEZONE"):
            block.lines.append(line)
            size += len(line)
            if size > _LONGEST:
                raise _too_long()
        if verb == "END" and name in inside:
            inside.remove(name)
    if block:
        yield block


def _is_agent(block: Block) -> bool:
    """Tell whether a card that begins is one inside another (vCard's AGENT)."""
    return bool(block.lines) and block.lines[-1].upper().startswith("AGENT")


def _lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield the lines as Latin-1 (every byte a character), UTF-16 as the bytes of UTF-8."""
    stream.seek(0)
    wide = encoding.startswith(("utf-16", "utf-32"))
    text = io.TextIOWrapper(stream, encoding=encoding if wide else "latin-1")
    try:
        while line := text.readline(_LONGEST):
            if len(line) == _LONGEST:
                raise _too_long()
            plain = line.encode().decode("latin-1") if wide else line
            yield plain.rstrip("\n").removeprefix("\xef\xbb\xbf")
    finally:
        with suppress(ValueError):  # closed meanwhile
            text.detach()


def _too_long() -> UsageError:
    return UsageError(
        _("the file has a record of more than {size} MB").format(size=_LONGEST >> 20),
        hint=_("is a line END:… missing?"),
    )
