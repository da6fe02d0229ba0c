"""The files that records can be written to: which there are, and how each is written."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zoneinfo import ZoneInfo

from crmcli.errors import UsageError
from crmcli.exchange.icalout import Entry, birthday_entry, callback_entry, deadline_entry, write_calendar
from crmcli.exchange.sheetout import guarded, write_sheet
from crmcli.exchange.vcardout import card, write_cards
from crmcli.exchange.worksheet import Cell
from crmcli.i18n import _, one_of
from crmcli.nouns import CONTENT, RECORD, Field, Noun
from crmcli.render.data import value_text, write
from crmcli.render.fields import raised
from crmcli.render.output import FORMATS
from crmcli.when.zone import load_zone

Row = dict[str, Any]

ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".md": "md",
    ".xlsx": "xlsx",
    ".vcf": "vcard",
    ".ics": "ical",
}
"""What a file's name says about its format."""
FILES = frozenset({"xlsx", "vcard", "ical"})
"""Formats that nothing but an export writes."""
SUFFIXES = {"vcard": ".vcf", "ical": ".ics"}
"""Formats of which a folder has a file for each record (vdir)."""

_MIXED = frozenset({"json", "jsonl", "ical"})
"""Formats of files that hold everything."""
_HELD = {
    "vcard": {"contact"},
    "ical": {"contact", "callback", "complaint", "all"},
}
"""What these formats can hold: of contacts a calendar has the birthdays, of complaints the deadlines."""
_GUARDED = frozenset({"csv", "tsv", "xlsx"})
_OLDEST = 1900
"""The year in which the days of spreadsheets begin."""


class Records(NamedTuple):
    """Records of one noun, and how they are to be written."""

    noun: Noun
    rows: Iterable[Row]
    zone: ZoneInfo
    """Of the moments in a spreadsheet, and of deadlines in a calendar."""
    columns: list[str] | None = None
    version: str = "4.0"
    """Of vCards."""
    todos: bool = False
    """Whether a calendar has to-dos instead of events."""
    guard: bool = False
    """Whether cells are kept from being taken for formulas."""

    @property
    def fields(self) -> list[Field]:
        """The columns of a table."""
        return [
            field for field in self.noun.fields if (field.name in self.columns if self.columns else not field.hidden)
        ]


def format_of_file(name: str, chosen: str | None, noun: str) -> str:
    """Return the format of a file for records of this noun: what was chosen with -o, else what its name says.

    Raises UsageError for neither.
    """
    format_ = chosen or ENDINGS.get(Path(name).suffix.casefold())
    if format_ is None:
        raise UsageError(
            _("the name {file} does not say the format").format(file=name),
            hint=_("end it with one of {endings}, or say it with -o").format(
                endings=" ".join(ending for ending, format_ in ENDINGS.items() if _holds(format_, noun))
            ),
        )
    require_known(format_)
    return format_


def _holds(format_: str, noun: str) -> bool:
    """Return whether a file of this format can hold records of this noun."""
    return noun in _HELD.get(format_, {noun}) and (noun != "all" or format_ in _MIXED)


def require_known(format_: str | None) -> None:
    """Raise UsageError for a format that there is not."""
    known = (*FORMATS, *sorted(FILES))
    if format_ and format_ not in known:
        raise UsageError(
            _("there is no output format {format}").format(format=format_),
            hint=one_of(known),
        )


def require_format(records: Records, format_: str) -> None:
    """Raise UsageError for what a format can't hold, or for options that do not fit it."""
    if records.noun.name == "all" and format_ not in _MIXED:
        raise UsageError(
            _("{records} can't be written as {format}").format(records="all", format=format_),
            hint=_("write it as json, jsonl or ical, or as several files: --to FOLDER/"),
        )
    if records.noun.name not in _HELD.get(format_, {records.noun.name}):
        raise UsageError(
            _("{records} can't be written as {format}").format(records=records.noun.plural, format=format_),
            hint=_("vCards hold contacts; a calendar holds callbacks, the deadlines of complaints, and birthdays"),
        )
    if records.columns and format_ in SUFFIXES:
        raise UsageError(
            _("{format} has no columns").format(format=format_), hint=_("leave --columns out, or choose another format")
        )
    if records.guard and format_ not in _GUARDED:
        raise UsageError(_("only a spreadsheet takes text for formulas"), hint=_("leave --for-spreadsheet out of it"))


def write_records(stream: BinaryIO, records: Records, format_: str) -> int:
    """Write the records as a file and return how many of them it has."""
    if format_ == "vcard":
        return write_cards(stream, records.rows, records.version)
    if format_ == "ical":
        return write_calendar(stream, entries(records), todos=records.todos)
    if format_ == "xlsx":
        names = [field.name for field in _ordered(records)]
        name, zone = records.noun.plural, records.zone.key
        return write_sheet(stream, names, _cells(records), name=name, zone=zone, guard=records.guard)
    text = TextIOWrapper(stream, encoding="utf-8", newline="")
    counted = Counted(records.rows)
    write_text(text, records._replace(rows=counted), format_)
    text.flush()
    text.detach()
    return counted.count


def write_text(stream: Any, records: Records, format_: str) -> None:
    """Write the records in one of the formats that can be printed."""
    rows: Iterable[Row] = records.rows
    if records.guard:
        rows = ({name: _guarded(value) for name, value in raised(row, records.noun).items()} for row in rows)
    write(rows, format_, stream, records.noun, records.columns)


def write_items(records: Records, format_: str) -> Iterator[tuple[str, bytes]]:
    """Yield the UID and the file of each record, as a folder of them has it."""
    if format_ == "vcard":
        for row in records.rows:
            yield row["uid"], card(row, records.version).encode()
        return
    for entry in entries(records):
        stream = BytesIO()
        write_calendar(stream, [entry], todos=records.todos)
        yield entry.uid, stream.getvalue()


def entries(records: Records) -> Iterator[Entry]:
    """Yield what a calendar has of the records: callbacks, deadlines that are left, birthdays."""
    for row in records.rows:
        entry: Entry | None = None
        match row.get(RECORD, records.noun.name):
            case "callback":
                entry = callback_entry(row)
            case "complaint":
                entry = deadline_entry(row, records.zone.key)
            case "contact":
                entry = birthday_entry(row)
        if entry:
            yield entry


class Counted:
    """Rows that are counted as they pass; pieces of attachments are part of them."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows."""
        for row in self._rows:
            self.count += row.get(RECORD) != CONTENT
            yield row


def _guarded(value: Any) -> Any:
    """Return a value whose cell no spreadsheet takes for a formula."""
    return value if value is None or isinstance(value, bool | int | float) else guarded(value_text(value))


def _ordered(records: Records) -> list[Field]:
    """Return the fields of a table in the order in which they were chosen."""
    chosen = {field.name: field for field in records.fields}
    return [chosen[name] for name in records.columns or chosen]


def _cells(records: Records) -> Iterator[list[Cell]]:
    """Yield the rows of a sheet; numbers, days and moments as a spreadsheet counts with them."""
    fields = _ordered(records)
    zoned = any(field.name == "zone" for field in fields)
    for row in records.rows:
        shown = raised(row, records.noun, records.columns)
        there = load_zone(row["zone"]) if zoned and row.get("zone") else records.zone
        yield [_cell(field, shown.get(field.name), there if field.name == "due" else records.zone) for field in fields]


def _cell(field: Field, value: Any, zone: ZoneInfo) -> Cell:
    """Return a value as a cell; what a spreadsheet can't tell stays text.

    That is which 01:30 it is when clocks go back, and midnight from a day without a time.
    """
    if field.kind == "number" and isinstance(value, int | float):
        return value
    if field.kind not in {"date", "moment"} or not isinstance(value, str) or value[:4] < str(_OLDEST):
        return value_text(value)
    if "T" not in value:
        return date.fromisoformat(value)
    moment = datetime.fromisoformat(value).astimezone(zone)
    twice = moment.replace(fold=1 - moment.fold).utcoffset() != moment.utcoffset()
    return value if twice or moment.time() == time() else moment
