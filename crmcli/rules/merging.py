"""What becomes of each field when records that are one are merged: nothing that was entered is lost."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

Row = Mapping[str, Any]

JOINED = frozenset({"phones", "emails", "handles", "tags", "notes", "fields"})
"""Fields of which all records' values are kept."""
_CONTACT = ("name", "company", "title", "class", "source", "region", "address", "birthday", "referred_by", "owner")
_COMPANY = ("name", "industry", "website", "region", "address", "owner")
SINGLE = {"contact": _CONTACT, "company": _COMPANY}
"""Fields of which one record's value is kept."""


class Choice(NamedTuple):
    """One field: each record's value, the survivor's first, and whose is kept."""

    field: str
    values: tuple[Any, ...]
    kept: int

    @property
    def lost(self) -> dict[int, Any]:
        """The values that are given up, by the number of their record; they go into the notes."""
        kept = self.values[self.kept]
        return {at: value for at, value in enumerate(self.values) if value and value != kept}


def choose(name: str, rows: Sequence[Row], take: Collection[str]) -> list[Choice]:
    """Return which value of each single field survives a merge of contacts or companies (`name`).

    The first record's, unless it has none or the field is in `take`: then the first that another one has. Nobody is
    left referred by themselves.
    """
    ids = {row["id"] for row in rows}
    choices = []
    for field in SINGLE[name]:
        own = ids if field == "referred_by" else ()
        values = tuple(None if row.get(f"{field}_id") in own else row[field] for row in rows)
        order = [*range(1, len(rows)), 0] if field in take else range(len(rows))
        choices.append(Choice(field, values, next((at for at in order if values[at]), 0)))
    return choices


def join_fields(rows: Sequence[Row]) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
    """Return all records' custom fields as one object, the first value of each, and what differs, by record."""
    joined: dict[str, Any] = {}
    lost: dict[int, dict[str, Any]] = {}
    for at, row in enumerate(rows):
        for field, value in row["fields"].items():
            if joined.setdefault(field, value) != value:
                lost.setdefault(at, {})[field] = value
    return joined, lost


def join_notes(texts: Sequence[str | None]) -> str | None:
    """Return texts as one, without those that stand before, line by line: a part of a line may say something else."""
    joined = ""
    for text in texts:
        if text and f"\n{text}\n" not in f"\n{joined}\n":
            joined = f"{joined}\n{text}" if joined else text
    return joined or None
