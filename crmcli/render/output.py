"""The one output of a run: data on standard output in the chosen format, everything else on standard error."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TextIO

from crmcli.errors import CrmError
from crmcli.i18n import _
from crmcli.nouns import Noun
from crmcli.render.candidates import about
from crmcli.render.data import FORMATS as DATA_FORMATS
from crmcli.render.data import json_text, write
from crmcli.render.fields import Row
from crmcli.render.lines import DIM, ID, Line, Span, broken, line, styled
from crmcli.render.table import list_table, record_card
from crmcli.render.terminal import Terminal
from crmcli.render.values import Labels

FORMATS = ("table", *DATA_FORMATS)
_FOR_PEOPLE = frozenset({"table", "plain"})
_JSON = frozenset({"json", "jsonl"})
_FAILED = "bold red"
_LONGEST, _ENDING = 600, 150
"""Characters of an error or a remark, and how many of them are its end, where the reason stands."""


class Output:
    """Where everything of a run is printed.

    `format` is one of FORMATS, `quiet` leaves only ids, `dry_run` is said in every message. `terminal` is standard
    output, `side` standard error.
    """

    def __init__(
        self,
        *,
        format: str = "table",  # noqa: A002 - the word that users know
        quiet: bool = False,
        color: str = "auto",
        dry_run: bool = False,
        environ: Mapping[str, str],
        stdout: TextIO | None,
        stderr: TextIO | None,
    ) -> None:
        self.format = "ids" if quiet else format
        self.quiet = quiet
        self.dry_run = dry_run
        self.several = False
        """Whether several records may have been asked for: as data they are a list then, of one as well."""
        self.terminal = Terminal(stdout, environ, color)
        self.side = Terminal(stderr, environ, color)
        self._json_errors = format in _JSON

    @property
    def data(self) -> bool:
        """Whether programs read the output: commands answer with records then, not with a screen."""
        return self.format != "table"

    def records(
        self,
        rows: Iterable[Row],
        noun: Noun | None,
        columns: Sequence[str] | None = None,
        *,
        now: datetime,
        labels: Labels | None = None,
        title: str = "",
    ) -> None:
        """Print a list of records; an empty table prints nothing on standard output."""
        if self.data:
            self._write(rows, noun, columns)
        else:
            width = self.terminal.width
            self.screen(list_table(rows, noun, columns, width=width, now=now, labels=labels, title=title))

    def record(self, row: Row, noun: Noun | None, message: str, columns: Sequence[str] | None = None) -> None:
        """Print what a command wrote: the message for people, the record for programs, the id when quiet."""
        if self.data:
            self._write(row, noun, columns)
        else:
            self.message(message)

    def card(self, row: Row, noun: Noun | None, *, now: datetime, labels: Labels | None = None) -> None:
        """Print one record in full: label and value lines, or the record as data."""
        if self.data:
            self._write(row, noun)
        else:
            self.screen(record_card(row, noun, width=self.terminal.width, now=now, labels=labels))

    def document(self, content: Mapping[str, Any], rows: Sequence[Row], noun: Noun | None = None) -> None:
        """Print an answer that is more than a list (`{"as_of", "items"}`) as data: in json whole, else the rows.

        Without rows there is nothing, or the header where a noun says what they have.
        """
        if self.format == "json":
            self._write(content, None)
        elif rows or noun:
            self._write(rows, noun)

    def message(self, text: str) -> None:
        """Print one line for people; nothing in data formats and when quiet.

        However long, it is one line, so that a path or a command in it can be copied from a terminal.
        """
        if self.format in _FOR_PEOPLE:
            said = _("dry run: {message}").format(message=text) if self.dry_run else text
            self.verbatim([line(said)])

    def note(self, text: str) -> None:
        """Print a remark on standard error, dim; nothing when quiet."""
        if not self.quiet:
            self._aside([styled(_short(text), DIM)])

    def screen(self, lines: Iterable[Line]) -> None:
        """Print a screen made of lines; one that is wider than the terminal is broken between words."""
        edge = self.terminal.width
        self.verbatim(piece for content in lines for piece in broken(content, edge))

    def verbatim(self, lines: Iterable[Line]) -> None:
        """Print lines as they are, however long: a file, or what is to be copied."""
        self.terminal.print(lines, plain=self.format == "plain")

    def error(self, error: CrmError, *, json: bool = False, now: datetime | None = None) -> None:
        """Print on standard error what went wrong, what to do and which records were meant; an object with `json`.

        With `now`, moments of the records are told as people say them.
        """
        said = {**error.as_dict(), "message": _short(error.message), "hint": _short(error.hint)}
        if json or self._json_errors:
            if self.side.stream:
                self._aside([line(json_text({"error": said}, self.side.stream))])
            return
        hint = f" — {said['hint']}" if said["hint"] else ""
        self._aside([line(Span(_("error: "), _FAILED), f"{said['message']}{hint}")])
        if not error.told or len(error.candidates) > 1:
            self._aside(line("  ", _candidate(candidate, now)) for candidate in error.candidates)

    def flush(self) -> None:
        """Hand everything over: a closed pipe or a full disk shows here (BrokenPipeError, OSError) and not at exit."""
        self.terminal.flush()
        with suppress(OSError):
            self.side.flush()

    def _write(self, rows: Iterable[Row] | Row, noun: Noun | None, columns: Sequence[str] | None = None) -> None:
        if self.terminal.stream:
            write(rows, self.format, self.terminal.stream, noun, columns)

    def _aside(self, lines: Iterable[Line]) -> None:
        """Print on standard error, after what is on standard output; a lost standard error is no failure."""
        with suppress(OSError):
            self.terminal.flush()
        with suppress(OSError):
            self.side.print(lines)


def _short(text: str) -> str:
    """Return what is said beside the data without the middle of what was quoted at length: an argument, a value."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - _ENDING]}…{text[-_ENDING:]}"


def _candidate(record: Row, now: datetime | None) -> Line:
    """Return one of the records that may have been meant: the id to type, then who it is."""
    said = _short(about(record, now))
    return line(Span(str(record.get("id", "")), ID), "  " if "id" in record else "", said)
