"""vCard files (2.1, 3.0, 4.0) as rows, one a card.

The grammar is our own (crmcli.exchange.contentline). Of the libraries, vobject is the one in use, and it stops at the
first line that is not as it should be: tried with files of real programs it refuses quoted-printable without folds
(Android), a note with a bare line break and a file that is cut off, and reads GBK as Latin-1; the others are smaller
or unmaintained. What is needed is little: lines, parameters, escapes.

A file is read twice: once for the names of the properties that no field has, which become columns as in a spreadsheet
(so that they are named in the summary, can be mapped, or kept as custom fields), once for the rows.
"""

from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from crmcli.errors import UsageError
from crmcli.exchange.blocks import Block, charset_of, read_blocks
from crmcli.exchange.contentline import name_of, parse, unfold
from crmcli.exchange.csvfile import Row
from crmcli.exchange.text import seekable
from crmcli.exchange.vcardfields import FIELDS, LEFT_OUT, card_fields, other_columns
from crmcli.i18n import _

MOST_OTHERS = 200
"""Columns for properties that no field has; those beyond are counted as left out."""
_CARD = frozenset({"VCARD"})


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
        self.encoding = charset_of(self._stream)
        others: dict[str, None] = {}
        found = 0
        for card in self._cards():
            found += 1
            others |= dict.fromkeys(other_columns(_properties(card)))
        if not found:
            raise UsageError(_("the file has no contacts"), hint=_("a vCard begins with BEGIN:VCARD"))
        self._others = list(others)[:MOST_OTHERS]
        self.header = [*FIELDS, *self._others]

    def __iter__(self) -> Iterator[Row]:
        """Yield a row for each card; UsageError where the file can't be read on."""
        for number, card in enumerate(self._cards(), 1):
            if not card.complete:
                message = _("the contact is cut off: END:VCARD is missing")
                yield Row(number, [""] * len(self.header), message)
                continue
            properties = [parse(line, self.encoding) for line in _properties(card)]
            fields, left_out = card_fields([line for line in properties if line], set(self._others))
            self.left_out.update(Counter(left_out))
            if fields:
                yield Row(number, [fields.get(name, "") for name in self.header])
        self.close()

    def close(self) -> None:
        """Give up reading."""
        self._stream.close()

    def _cards(self) -> Iterator[Block]:
        return read_blocks(self._stream, self.encoding, _CARD)


def _properties(card: Block) -> Iterator[str]:
    """Yield the properties of a card, unfolded; without a version it is one of 2.1, the oldest."""
    versions = (line.partition(":")[2].strip() for line in card.lines if name_of(line) == "VERSION")
    return unfold(card.lines, old=next(versions, "2.1").startswith("2"), dropped=LEFT_OUT)


def read_cards(stream: BinaryIO) -> Cards:
    """Return the rows of a vCard file; its version, its charsets and its line ends are told from the content.

    Raises UsageError when it holds no card, or (while reading) one that never ends.
    """
    return Cards(stream)
