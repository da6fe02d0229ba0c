"""Which fields of a record are printed, in which order."""

from collections.abc import Mapping, Sequence
from typing import Any

from crmcli.nouns import HOLDER, Field, Noun

Row = Mapping[str, Any]
"""One record, ready for JSON: moments are local ISO 8601 texts with offset, dates YYYY-MM-DD, codes, lists, objects."""


def all_fields(noun: Noun | None, row: Row) -> list[Field]:
    """Return the declared fields that are offered, then what else the row has."""
    declared = [field for field in noun.fields if not field.hidden] if noun else []
    names = {field.name for field in declared}
    return declared + [_undeclared(name) for name in row if name not in names]


def chosen_fields(noun: Noun | None, columns: Sequence[str]) -> list[Field]:
    """Return the fields of these names, in this order; the caller has made sure that they exist."""
    return [(noun and noun.field(name)) or _undeclared(name) for name in columns]


def raised(row: Row, noun: Noun | None, columns: Sequence[str] | None = None) -> Row:
    """Return the row as a table has it: each of the database's own fields beside the built-in ones.

    The object that holds their values keeps the others, and is whole where it was itself asked for.
    """
    own = noun.own_fields if noun else ()
    values = row.get(HOLDER)
    if not own or not isinstance(values, Mapping):
        return row
    shown = {field.name for field in own if not field.hidden}
    rest = values if columns else {name: value for name, value in values.items() if name not in shown}
    return {**row, **{field.name: values.get(field.name) for field in own}, HOLDER: rest}


def is_empty(value: Any) -> bool:
    """Return whether there is nothing to show: no value, no text, no items; 0 and false are values."""
    return value is None or value in ("", [], {})


def _undeclared(name: str) -> Field:
    return Field(name, "text", name)
