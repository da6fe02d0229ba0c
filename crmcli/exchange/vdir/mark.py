"""What an entry of ours said when we wrote it, as hashes in its own file: who changes the entry leaves them."""

import hashlib
import re
from typing import NamedTuple

from crmcli.exchange.contentline import fold

WRITTEN = "X-CRM-WRITTEN"
"""The property with the mark."""
ALARM = "X-CRM-ALARM"
"""The property that says when our alarm rings, as its trigger does; `none` where there is none."""

_LINE = re.compile(
    rb"^" + WRITTEN.encode() + rb":(?P<said>\w+)(?:-(?P<written>\w+))?(?:-(?P<each>\w+))?\r?\n", re.MULTILINE
)
_EACH = 5
"""Digits of the hash of one text: all of them are still one line."""
_TRIGGER = re.compile(rb"^TRIGGER[^:\r\n]*:(\S*)", re.MULTILINE)
_INNER_END = re.compile(rb"^(?:BEGIN:VALARM|END:VTODO|END:VEVENT)\r\n", re.MULTILINE)


class Mark(NamedTuple):
    """What a file said, as hashes; the file of a record has one entry, or the series besides."""

    said: str
    """Of what is taken over where it is changed."""
    written: str = ""
    """Of the whole file but for this; earlier versions left it out."""
    each: str = ""
    """Of each text of `said`, one after the other; earlier versions left it out."""

    @property
    def parts(self) -> list[str]:
        """The hashes of `each`."""
        return [self.each[place : place + _EACH] for place in range(0, len(self.each), _EACH)]


def mark_in(content: bytes) -> Mark | None:
    """Return the mark in a file; None in one that we did not write."""
    found = _LINE.search(content)
    return Mark(*((text or b"").decode() for text in found.groups())) if found else None


def mark_of(plain: bytes, said: list[list[str]]) -> Mark:
    """Return the mark of a file that is to be written: what it says, and the texts of its entries."""
    return Mark(hash_of_all(said), short_hash(plain), "".join(map(hash_of_one, said[0])))


def marked(plain: bytes, mark: Mark) -> bytes:
    """Return a file with its mark, and what says which of its alarms is ours."""
    alarm = _TRIGGER.search(plain)
    lines = (f"{WRITTEN}:{'-'.join(filter(None, mark))}", f"{ALARM}:{alarm[1].decode() if alarm else 'none'}")
    return inserted(plain, "".join(map(fold, lines)).encode())


def inserted(content: bytes, lines: bytes) -> bytes:
    """Return a file of ours with further lines in its first entry, before the alarms."""
    return _INNER_END.sub(lambda end: lines + end[0], content, count=1)


def hash_of_all(said: list[list[str]]) -> str:
    """Return the hash of what the entries of a file say."""
    return short_hash(repr(said).encode())


def hash_of_one(text: str) -> str:
    """Return the hash of one text."""
    return short_hash(text.encode())[:_EACH]


def short_hash(content: bytes) -> str:
    """Return a hash that is short enough to stand in a file."""
    return hashlib.sha256(content).hexdigest()[:16]


UNKNOWN = hash_of_all([])
"""The mark of an entry of which nobody knows what it said when it was written."""
