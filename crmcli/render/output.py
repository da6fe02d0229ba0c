"""The one output of a run: what is asked for is printed as the user chose, data on standard output, the rest on standard error."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO

from crmcli.errors import CrmError
from crmcli.nouns import Noun
from crmcli.render.lines import Line
from crmcli.render.table import Labels
from crmcli.render.terminal import Terminal

FORMATS = ("table", "plain", "json", "jsonl", "csv", "tsv", "md", "ids")


class Output:
    """Where everything is printed; `quiet` leaves only ids, `dry_run` says so in every message.

    `terminal` is standard output, `side` standard error. `data` tells whether a program reads the output (json, csv, …).
    """

    format: str
    quiet: bool
    dry_run: bool
    terminal: Terminal
    side: Terminal

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
        raise NotImplementedError

    @property
    def data(self) -> bool:
        """Whether a program reads the output: screens answer with records, messages are left out."""
        raise NotImplementedError

    def records(
        self,
        rows: Iterable[Mapping[str, Any]],
        noun: Noun | None,
        columns: Sequence[str] | None = None,
        *,
        now: datetime,
        labels: Labels | None = None,
        title: str = "",
    ) -> None:
        """Print a list of records."""
        raise NotImplementedError

    def record(
        self, row: Mapping[str, Any], noun: Noun | None, message: str, *, columns: Sequence[str] | None = None
    ) -> None:
        """Print what a command wrote: the message for people, the record for programs, the id when quiet."""
        raise NotImplementedError

    def document(self, content: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
        """Print an answer that is more than a list (`{"as_of", "items"}`): json as it is, other formats its rows."""
        raise NotImplementedError

    def card(self, row: Mapping[str, Any], noun: Noun, *, now: datetime, labels: Labels | None = None) -> None:
        """Print one record in full: label and value lines, or the record as data."""
        raise NotImplementedError

    def message(self, text: str) -> None:
        """Print one line for people; nothing in data formats and when quiet."""
        raise NotImplementedError

    def note(self, text: str) -> None:
        """Print a remark on standard error; nothing when quiet."""
        raise NotImplementedError

    def screen(self, lines: Iterable[Line]) -> None:
        """Print a screen."""
        raise NotImplementedError

    def error(self, error: CrmError, *, json: bool = False) -> None:
        """Print what went wrong on standard error: one line and what to do about it, as an object with `json`."""
        raise NotImplementedError

    def flush(self) -> None:
        """Hand everything over; a full disk or a closed pipe shows here (OSError, BrokenPipeError) and not at exit."""
        raise NotImplementedError
