"""One calendar file: as it is in the folder, or as we would write it there."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from crmcli.errors import UsageError
from crmcli.exchange.blocks import charset_of, read_blocks
from crmcli.exchange.contentline import parse, unfold
from crmcli.exchange.feed import Look
from crmcli.exchange.ical import FIELDS, read_calendar
from crmcli.exchange.icalout import Entry, write_calendar
from crmcli.exchange.vdir.mark import UNKNOWN, Mark, hash_of_all, hash_of_one, mark_in, mark_of, marked, short_hash
from crmcli.rules.names import clean

SAID = ("due", "contact", "purpose", "repeat", "status")
"""Of the fields of an entry, those that are taken over where they are changed."""

COMPONENTS = frozenset({"VEVENT", "VTODO"})
"""What an entry may be."""
_OVER = {"COMPLETED": "done", "CANCELLED": "cancelled"}
_ALONE = frozenset({"RECURRENCE-ID", "EXDATE", "RDATE"})
"""Says of one occurrence of a repeat that it is another day, or none."""
_TO_THE_MINUTE = len("2026-12-04T15:00")


class Item:
    """A file with one entry: an event or a to-do, and what others made of it.

    What it says is read when it is asked for, and once.
    """

    def __init__(
        self, content: bytes, path: Path | None = None, *, is_copy: bool = False, is_over: bool = False
    ) -> None:
        """`is_copy`: somebody made a new entry of one of ours, whose mark and series are not its own.

        `is_over`: we wrote it for what is over here, though its mark has been dropped.
        """
        self.content = content
        self.path = path or Path()
        self.is_copy = is_copy
        self.is_over = is_over

    @cached_property
    def mark(self) -> Mark | None:
        """What it said when we wrote it; None when we did not."""
        if self.is_over:
            return Mark(UNKNOWN)
        return None if self.is_copy else mark_in(self.content)

    @cached_property
    def properties(self) -> list[dict[str, str]]:
        """The texts of each entry's properties, by their names; none where the file can't be read."""
        stream = BytesIO(self.content)
        try:
            charset = charset_of(stream)
            blocks = [unfold(block.lines, old=False) for block in read_blocks(stream, charset, COMPONENTS)]
        except UsageError:
            return []
        return [{line.name: line.text for line in (parse(each, charset) for each in lines) if line} for lines in blocks]

    @property
    def first(self) -> Mapping[str, str]:
        """The properties of the first entry."""
        return next(iter(self.properties), {})

    @property
    def uid(self) -> str:
        """The UID of the first entry."""
        return self.first.get("UID", "").removeprefix("urn:uuid:")

    @cached_property
    def records(self) -> list[dict[str, str]]:
        """What each entry says, by FIELDS, whatever record it is of; none where the file can't be read."""
        try:
            rows = list(read_calendar(BytesIO(self.content), records=True))
        except UsageError:
            return []
        return [dict(zip(FIELDS, row.cells, strict=False)) for row in rows]

    @cached_property
    def said(self) -> list[list[str]]:
        """What each entry says that is taken over where it is changed, in whatever order and zone it says it."""
        return [[_instant(record["due"]), *(record[name] for name in SAID[1:])] for record in self.records]

    @property
    def is_ours(self) -> bool:
        """Whether we wrote it, whatever was done to it since."""
        return self.mark is not None

    @cached_property
    def is_changed(self) -> bool:
        """Whether it says something else than when we wrote it, or was never ours."""
        return self.mark is None or self.mark.said not in (hash_of_all(self.said), UNKNOWN)

    @cached_property
    def is_touched(self) -> bool:
        """Whether it was changed, ticked off, or changed for one occurrence."""
        return self.is_changed or any(map(status_of, self.properties)) or any(self.alone)

    @property
    def alone(self) -> Iterator[str]:
        """The summaries of the entries that say something of one occurrence of a repeat."""
        return (texts.get("SUMMARY", "") for texts in self.properties if _ALONE & texts.keys())

    @property
    def changed_since(self) -> frozenset[str]:
        """Which of SAID was changed since we wrote it: all of it where the file does not tell."""
        written = self.mark.parts if self.mark else []
        if len(self.said) != 1 or not written:
            return frozenset(SAID)
        return _differing(written, map(hash_of_one, self.said[0]))

    def is_written_as(self, here: "Item | None") -> bool:
        """Return whether we wrote it as we would write it here, whatever was done to it since."""
        return here is not None and self.mark is not None and self.mark == here.mark

    def changed_here(self, here: "Item") -> frozenset[str]:
        """Return which of SAID we would write otherwise than it was written."""
        return _differing(self.mark.parts, here.mark.parts) if self.mark and here.mark else frozenset()

    def loses_by(self, here: "Item") -> bool:
        """Return whether something that was changed is lost when it is written anew.

        How a text is spaced, the second of a moment and how a rule is put need not come back as they were.
        """
        changed = self.changed_since
        return self._gist(changed) != here._gist(changed)  # noqa: SLF001 - another of its kind

    def _gist(self, names: frozenset[str]) -> list[list[object]]:
        repeats = b"BEGIN:VEVENT" in self.content  # a to-do is one occurrence
        entries = (
            (due[:_TO_THE_MINUTE], contact, clean(purpose), repeats and bool(repeat), status)
            for due, contact, purpose, repeat, status in self.said
        )
        return [[text for name, text in zip(SAID, entry, strict=True) if name in names] for entry in entries]


def status_of(texts: Mapping[str, str]) -> str:
    """Return whether an entry with these properties is `done` or `cancelled`; empty where it is neither."""
    return _OVER.get(texts.get("STATUS", "").upper(), "")


def items(
    records: Iterable[list[Entry]], look: Look, marks: Mapping[str, Mark] = MappingProxyType({})
) -> Iterator[tuple[str, Item]]:
    """Yield the UID and the file of each record, as a folder of them has it.

    `marks` are those of the files that are there (see `marks_of`): what was written once need not be read for its mark.
    """
    for record in records:
        if record:
            stream = BytesIO()
            write_calendar(stream, record, todos=look.todos)
            plain = stream.getvalue()
            mark = marks.get(short_hash(plain)) or mark_of(plain, Item(plain).said)
            yield record[0].uid, Item(marked(plain, mark))


def marks_of(there: Iterable[Item]) -> dict[str, Mark]:
    """Return the marks of files, by the hash of what was written."""
    return {item.mark.written: item.mark for item in there if item.mark and item.mark.written}


def _differing(one: Iterable[str], other: Iterable[str]) -> frozenset[str]:
    """Return which of SAID are not the same in both."""
    return frozenset(name for name, was, is_ in zip(SAID, one, other, strict=False) if was != is_)


def _instant(due: str) -> str:
    """Return a moment in UTC; a day, or what is neither, as it is."""
    with suppress(ValueError, OverflowError):  # at the end of the calendar
        moment = datetime.fromisoformat(due)
        if "T" in due and moment.tzinfo:
            return moment.astimezone(UTC).isoformat()
    return due
