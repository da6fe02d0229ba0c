"""vCard files (2.1, 3.0, 4.0) as rows, one a card.

The grammar is our own (crmcli.exchange.contentline). Of the libraries, vobject is the one in use, and it stops at the
first line that is not as it should be: tried with files of real programs it refuses quoted-printable without folds
(Android), a note with a bare line break and a file that is cut off, and reads GBK as Latin-1; the others are smaller
or unmaintained. What is needed is little: lines, parameters, escapes.

A file is read twice: once for the names of the properties that no field has, which become columns as in a spreadsheet
(so that they are named in the summary, can be mapped, or kept as custom fields), once for the rows.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from crmcli.errors import UsageError
from crmcli.exchange.contentline import name_of, parse, unfold
from crmcli.exchange.csvfile import Row
from crmcli.exchange.text import encoding_of, seekable
from crmcli.exchange.vcardfields import FIELDS, LEFT_OUT, card_fields, other_columns
from crmcli.i18n import _

_LONGEST = 1 << 26
"""Characters of a card: more is a file that never ends its card."""
_MOST_OTHERS = 200
"""Columns for properties that no field has; those beyond are counted as left out."""


class _Card(NamedTuple):
    """The lines between BEGIN:VCARD and END:VCARD."""

    lines: list[str]
    complete: bool

    @property
    def old(self) -> bool:
        """Whether it is of vCard 2.1."""
        versions = (line.partition(":")[2].strip() for line in self.lines if name_of(line) == "VERSION")
        return next(versions, "2.1").startswith("2")

    def properties(self) -> Iterator[str]:
        """Yield the properties, unfolded."""
        return unfold(self.lines, old=self.old, dropped=LEFT_OUT)


class Cards:
    """The cards of a file as rows, with the same interface as crmcli.exchange.csvfile.Rows.

    A row's number is that of the card. `left_out` counts photos and the like while the rows are read.
    """

    header: list[str]
    encoding: str
    delimiter = ","

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = seekable(stream)
        self.left_out: dict[str, int] = Counter()
        self.encoding = _encoding(self._stream)
        others: dict[str, None] = {}
        found = 0
        for card in self._cards():
            found += 1
            others |= dict.fromkeys(other_columns(card.properties()))
        if not found:
            raise UsageError(_("the file has no contacts"), hint=_("a vCard begins with BEGIN:VCARD"))
        self._others = list(others)[:_MOST_OTHERS]
        self.header = [*FIELDS, *self._others]

    def __iter__(self) -> Iterator[Row]:
        """Yield a row for each card; UsageError where the file can't be read on."""
        for number, card in enumerate(self._cards(), 1):
            if not card.complete:
                message = _("the contact is cut off: END:VCARD is missing")
                yield Row(number, [""] * len(self.header), message)
                continue
            properties = [parse(line, self.encoding) for line in card.properties()]
            fields, left_out = card_fields([line for line in properties if line], set(self._others))
            self.left_out.update(Counter(left_out))
            if fields:
                yield Row(number, [fields.get(name, "") for name in self.header])
        self.close()

    def close(self) -> None:
        """Give up reading."""
        self._stream.close()

    def _cards(self) -> Iterator[_Card]:
        """Yield the cards; one inside another (AGENT) is left out, one that begins before the last ended ends it."""
        lines: list[str] | None = None
        size = inner = 0
        for line in self._lines():
            mark = line[:20].rstrip().upper()
            if mark == "BEGIN:VCARD" and lines and lines[-1].upper().startswith("AGENT"):
                inner += 1
            elif mark == "END:VCARD" and inner:
                inner -= 1
            elif mark == "BEGIN:VCARD":
                if lines is not None:
                    yield _Card(lines, complete=False)
                lines, size, inner = [], 0, 0
            elif lines is not None and mark == "END:VCARD":
                yield _Card(lines, complete=True)
                lines = None
            elif lines is not None and not inner:
                lines.append(line)
                size += len(line)
                if size > _LONGEST:
                    raise _too_long()
        if lines is not None:
            yield _Card(lines, complete=False)

    def _lines(self) -> Iterator[str]:
        """Yield the lines as Latin-1 (every byte a character), UTF-16 as the bytes of UTF-8."""
        self._stream.seek(0)
        wide = self.encoding.startswith(("utf-16", "utf-32"))
        text = io.TextIOWrapper(self._stream, encoding=self.encoding if wide else "latin-1")
        try:
            while line := text.readline(_LONGEST):
                if len(line) == _LONGEST:
                    raise _too_long()
                plain = line.encode().decode("latin-1") if wide else line
                yield plain.rstrip("\n").removeprefix("\xef\xbb\xbf")
        finally:
            with suppress(ValueError):  # closed meanwhile
                text.detach()


def _encoding(stream: BinaryIO) -> str:
    """Return the encoding of what no charset is declared for; a file that mixes several has the likeliest."""
    start = stream.read(64)
    stream.seek(0)
    try:
        return encoding_of(stream)
    except UsageError:
        if not re.match(rb"(\xef\xbb\xbf)?\s*BEGIN:VCARD", start, re.IGNORECASE):
            raise
        return "utf-8"


def _too_long() -> UsageError:
    return UsageError(
        _("the file has a contact of more than {size} MB").format(size=_LONGEST >> 20),
        hint=_("is END:VCARD missing?"),
    )


def read_cards(stream: BinaryIO) -> Cards:
    """Return the rows of a vCard file; its version, its charsets and its line ends are told from the content.

    Raises UsageError when it holds no card, or (while reading) one that never ends.
    """
    return Cards(stream)
