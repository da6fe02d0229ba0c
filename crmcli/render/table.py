"""Records as tables and cards."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crmcli.nouns import Noun
from crmcli.render.lines import Line

Row = Mapping[str, Any]
Labels = Mapping[tuple[str, str], str]
"""(vocabulary set, code) → label in the language in use."""


def list_table(
    rows: Iterable[Row],
    noun: Noun | None,
    columns: Sequence[str] | None = None,
    *,
    width: int,
    now: datetime,
    labels: Labels | None = None,
    title: str = "",
) -> list[Line]:
    """Return the rows as an aligned table of at most `width` cells; [] when there are no rows."""
    raise NotImplementedError


def record_card(row: Row, noun: Noun, *, width: int, now: datetime, labels: Labels | None = None) -> list[Line]:
    """Return one record as `label  value` lines, without empty fields."""
    raise NotImplementedError
