"""Records as data: json, jsonl, csv, tsv, md, ids, plain."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from crmcli.nouns import Noun

FORMATS = ("json", "jsonl", "csv", "tsv", "md", "ids", "plain")


def write(
    rows: Iterable[Mapping[str, Any]] | Mapping[str, Any],
    format: str,  # noqa: A002 - the word that users know
    stream: TextIO,
    noun: Noun | None,
    columns: Sequence[str] | None = None,
) -> None:
    """Write the rows (or the one row) to the stream, one at a time; `columns` selects fields and their order."""
    raise NotImplementedError
